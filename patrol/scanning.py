"""Many photos looked at side by side in bounded memory; none is looked at twice."""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import tzinfo

from sqlalchemy import select

from cases.database import Database
from cases.filing import file_photo
from cases.looks import recall_look, remember_look
from cases.policy import FilingPolicy
from cases.store import EvidenceStore
from cases.tables import PhotoRow
from detector.detect import Detector
from detector.findings import group_findings
from detector.inspect import inspect_photo
from detector.photo import PhotoError, PhotoInfo, PhotoLimits, decode_photo, probe_photo
from detector.types import Finding, Look, Photo
from patrol.photo_files import PhotoFile, PhotoReader, Problem, ReadError

Draw = Callable[[Photo, Look, tuple[Finding, ...]], None]
"""Draws a photo for the report."""

_MAX_WAITING_BYTES = 96 * 1024 * 1024
_MAX_DECODED_PIXELS = 40_000_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one photo.

    ``sha256`` is None when its bytes could not be read, ``info`` when it is no readable photo,
    ``look`` is None exactly when there is a ``problem``. ``remembered`` says that the look was made
    by an earlier run; ``leads`` are those its findings made or joined in this run.
    """

    file: PhotoFile
    sha256: str | None = None
    info: PhotoInfo | None = None
    look: Look | None = None
    findings: tuple[Finding, ...] = ()
    remembered: bool = False
    leads: tuple[int, ...] = ()
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """How a scan draws for its report: ``is_drawn`` by SHA-256, ``draw`` makes the picture."""

    is_drawn: Callable[[str], bool]
    draw: Draw


@dataclass(frozen=True)
class Scanner:
    """The rooms a scan works with.

    ``store`` is None when findings are not to be filed. ``again`` looks at photos that were looked
    at before. ``workers`` photos are worked on at the same time.
    """

    detector: Detector
    db: Database
    store: EvidenceStore | None
    policy: FilingPolicy
    limits: PhotoLimits
    timezone: tzinfo
    workers: int
    again: bool = False
    report: Report | None = None
    _turns: _Turns = field(default_factory=lambda: _Turns(_MAX_DECODED_PIXELS))

    def scan(self, files: Iterable[PhotoFile]) -> Generator[Outcome, None, None]:
        """Outcomes in the order of ``files``.

        Files are read ahead in the calling thread and worked on in ``workers`` threads. Closing
        the iterator finishes what was begun and starts nothing more.
        """
        pool = ThreadPoolExecutor(self.workers, thread_name_prefix="scan")
        waiting: deque[tuple[int, Future[Outcome]]] = deque()
        try:
            with PhotoReader(self.limits) as reader:
                for file in files:
                    try:
                        data = reader.read(file)
                    except ReadError as error:
                        waiting.append((0, _done(Outcome(file, problem=error.problem))))
                        continue
                    while waiting and (
                        len(waiting) >= 2 * self.workers
                        or sum(size for size, _ in waiting) + len(data) > _MAX_WAITING_BYTES
                    ):
                        yield waiting.popleft()[1].result()
                    waiting.append((len(data), pool.submit(self._work, file, data)))
                    del data
            while waiting:
                yield waiting.popleft()[1].result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _work(self, file: PhotoFile, data: bytes) -> Outcome:
        try:
            info = probe_photo(data, limits=self.limits, timezone=self.timezone)
        except PhotoError as error:
            sha256 = hashlib.sha256(data).hexdigest()
            return Outcome(file, sha256, problem=Problem(error.code, error.message))
        with self._turns.of_photo(info.sha256):
            return self._look(file, data, info)

    def _look(self, file: PhotoFile, data: bytes, info: PhotoInfo) -> Outcome:
        look = self._recall(file, info)
        remembered = look is not None
        findings = self._findings(look) if look else ()
        to_file = look is None or self._is_unfiled(info, findings)
        to_draw = self.report is not None and not self.report.is_drawn(info.sha256)
        leads: tuple[int, ...] = ()
        if to_file or to_draw:
            with self._turns.of_pixels(info.width * info.height):
                try:
                    photo = decode_photo(data, info)
                except PhotoError as error:
                    problem = Problem(error.code, error.message)
                    return Outcome(file, info.sha256, info, problem=problem)
                if look is None:
                    look = inspect_photo(self.detector, photo, source=file.shown)
                    findings = self._findings(look)
                if to_file:
                    leads = self._keep(file, data, photo, look, findings)
                if self.report is not None and to_draw:
                    self.report.draw(photo, look, findings)
        return Outcome(file, info.sha256, info, look, findings, remembered, leads)

    def _recall(self, file: PhotoFile, info: PhotoInfo) -> Look | None:
        if self.again:
            return None
        model = self.detector.card.look_sha256
        return recall_look(self.db, info.sha256, model, source=file.shown)

    def _findings(self, look: Look) -> tuple[Finding, ...]:
        return group_findings(look.detections, self.policy.thresholds)

    def _is_unfiled(self, info: PhotoInfo, findings: tuple[Finding, ...]) -> bool:
        if self.store is None or not findings:
            return False
        with self.db.session() as session:
            row = session.scalars(select(PhotoRow.id).where(PhotoRow.sha256 == info.sha256))
            return row.one_or_none() is None

    def _keep(
        self,
        file: PhotoFile,
        data: bytes,
        photo: Photo,
        look: Look,
        findings: tuple[Finding, ...],
    ) -> tuple[int, ...]:
        """File the findings, or just remember the look of a photo without any."""
        if self.store is None or not findings:
            remember_look(self.db, photo.sha256, look)
            return ()
        filed = file_photo(
            self.db,
            self.store,
            photo=photo,
            data=data,
            look=look,
            policy=self.policy,
            filename=file.shown,
            channel="scan",
        )
        remember_look(self.db, photo.sha256, look)
        return () if filed.duplicate else filed.lead_ids


class _Turns:
    """Who may go on: one thread per photo, and a bounded number of decoded pixels at a time."""

    def __init__(self, pixels: int) -> None:
        self._changed = threading.Condition()
        self._pixels = pixels
        self._decoded = 0
        self._photos: set[str] = set()

    @contextmanager
    def of_photo(self, sha256: str) -> Iterator[None]:
        """Wait while another thread works on the same bytes under another name."""
        with self._changed:
            self._changed.wait_for(lambda: sha256 not in self._photos)
            self._photos.add(sha256)
        try:
            yield
        finally:
            with self._changed:
                self._photos.discard(sha256)
                self._changed.notify_all()

    @contextmanager
    def of_pixels(self, wanted: int) -> Iterator[None]:
        """Wait until ``wanted`` more pixels fit; a photo larger than all the room goes alone.

        The room is for one photo of 48 megapixels, or three of 12, with the copies that decoding
        and drawing make of them.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self._decoded == 0 or self._decoded + wanted <= self._pixels
            )
            self._decoded += wanted
        try:
            yield
        finally:
            with self._changed:
                self._decoded -= wanted
                self._changed.notify_all()


def _done(outcome: Outcome) -> Future[Outcome]:
    future: Future[Outcome] = Future()
    future.set_result(outcome)
    return future
