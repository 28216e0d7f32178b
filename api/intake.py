"""The way of one photo from bytes to leads, in worker threads so that the event loop stays free."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self, TypeVar

from api.services import Services
from cases import filing, looks
from cases.actors import Actor
from cases.errors import InvalidError
from cases.filing import FiledPhoto
from cases.views import Channel
from detector.photo import PhotoError, read_photo

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What is known about a photo beside its bytes; None leaves what the photo itself says.

    ``captured_at`` is aware; ``lat``/``lon`` are WGS-84 degrees, both or none.
    """

    filename: str
    channel: Channel
    actor: Actor
    captured_at: datetime | None = None
    lat: float | None = None
    lon: float | None = None
    note: str | None = None
    place_text: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that is no photo we can take: ``code`` for programs, ``message`` for people."""

    code: str
    message: str


def take_photo(services: Services, data: bytes, about: Circumstances) -> FiledPhoto | Refused:
    """Read, inspect and file one photo; a look of the same photo by the same model is reused.

    Raises StoreError and database errors: those are the service's fault, not the photo's.
    """
    started = time.perf_counter()
    result = _take(services, data, about)
    if isinstance(result, Refused):
        outcome = result.code
    else:
        outcome = "duplicate" if result.duplicate else "filed"
    services.metrics.photo(outcome, time.perf_counter() - started)
    return result


def _take(services: Services, data: bytes, about: Circumstances) -> FiledPhoto | Refused:
    options, eyes = services.options, services.eyes()
    try:
        photo = read_photo(data, limits=options.photo_limits, timezone=options.timezone)
    except PhotoError as error:
        return Refused(error.code, error.message)
    look = looks.recall_look(services.db, photo.sha256, eyes.model.sha256, source=about.filename)
    if look is None:
        look = eyes.inspect(photo)
        looks.remember_look(services.db, photo.sha256, look)
    try:
        return filing.file_photo(
            services.db,
            services.store,
            photo=photo,
            data=data,
            look=look,
            policy=eyes.policy,
            filename=about.filename,
            channel=about.channel,
            note=about.note,
            captured_at=about.captured_at,
            lat=about.lat,
            lon=about.lon,
            place_text=about.place_text,
            actor=about.actor,
        )
    except InvalidError as error:
        return Refused("invalid", error.message)


class Workers:
    """The threads that inspect photos: as many photos at a time as there are threads."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="inspect")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Finish the photos begun; those still waiting are dropped."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def submit(self, piece: Callable[[], T]) -> Future[T] | None:
        """Have one piece done in the threads; None when they are closed."""
        try:
            return self._pool.submit(piece)
        except RuntimeError:
            return None

    async def map(self, work: list[Callable[[], T]]) -> list[T]:
        """Do all of ``work`` in the threads; results in the same order.

        One caller has at most as many pieces waiting as there are threads, so that callers take
        turns.
        """
        loop = asyncio.get_running_loop()
        turn = asyncio.Semaphore(self.count)

        async def one(piece: Callable[[], T]) -> T:
            async with turn:
                return await loop.run_in_executor(self._pool, piece)

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(piece)) for piece in work]
        return [task.result() for task in tasks]
