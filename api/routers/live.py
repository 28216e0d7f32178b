"""The live list: what cameras do, as server-sent events that go on where a client left off."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Annotated, Any, Final

import anyio
from fastapi import Header, Request
from fastapi.responses import StreamingResponse

from api.deps import LEAD_READERS, LeadReader, TheServices, guarded_router
from api.problems import Problem
from api.services import Services
from cases import live as events
from cases.live import LiveEvent

router = guarded_router("live")

MEDIA_TYPE: Final = "text/event-stream"
BEAT_S: Final = 15.0
_ASK_S: Final = 1.0
_STOP_S: Final = 0.2
_MOST_LISTS: Final = 200
_THREADS: Final = 4
_BATCH: Final = 200
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # proxies hold nothing back
}


class LiveLists:
    """The open live lists of one application: how many, and who asks the database for them."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._limiter = anyio.CapacityLimiter(_THREADS)
        self.open = 0

    async def ask(self, work: Callable[[], Any]) -> Any:
        """Run ``work`` in one of few threads, so that many lists hold up no other request."""
        return await anyio.to_thread.run_sync(work, limiter=self._limiter)

    async def follow(self, request: Request, after: int | None) -> AsyncIterator[bytes]:
        """The list for one client, until it leaves, loses its rights, or the service stops."""
        self.open += 1
        try:
            async for part in self._parts(request, after):
                yield part
        finally:
            self.open -= 1

    async def _parts(self, request: Request, after: int | None) -> AsyncIterator[bytes]:
        db, options = self._services.db, self._services.options
        oldest, newest = await self.ask(partial(events.event_range, db))
        yield b"retry: 3000\n\n"
        if after is not None and not oldest - 1 <= after <= newest:
            yield b"event: reset\ndata: {}\n\n"
            after = None
        if after is None:
            after = newest
        # an id without data: a client that loses the line before the first event comes back here
        yield f"id: {after}\n\n".encode()
        checked = told = time.monotonic()
        while not self._services.stopping.is_set():
            found: tuple[LiveEvent, ...] = await self.ask(
                partial(events.events_after, db, after, _BATCH)
            )
            now = time.monotonic()
            if found:
                after, told = found[-1].id, now
                yield b"".join(_line(event) for event in found)
            elif now - told >= BEAT_S:
                told = now
                yield b": beat\n\n"
            if now - checked >= options.live_check_s:
                checked = now
                if not await self.ask(partial(_still_allowed, request, self._services)):
                    return
            if len(found) < _BATCH:
                await self._pause()

    async def _pause(self) -> None:
        """Wait until it is time to ask again, or the service stops."""
        until = time.monotonic() + _ASK_S
        while time.monotonic() < until and not self._services.stopping.is_set():
            await asyncio.sleep(_STOP_S)


@router.get(
    "/live",
    response_class=StreamingResponse,
    responses={200: {"content": {MEDIA_TYPE: {}}, "description": "Server-sent events"}},
)
async def get_live(
    request: Request,
    caller: LeadReader,
    services: TheServices,
    last_event_id: Annotated[str | None, Header(max_length=32)] = None,
) -> StreamingResponse:
    """Looks, states, incidents, notices and changes of cameras as they come.

    `Last-Event-ID` goes on after that event; where events in between are gone, `event: reset` says
    that listings must be read again.
    """
    lists: LiveLists = request.app.state.live
    if lists.open >= _MOST_LISTS:
        raise Problem(503, "busy", "too many live lists are open", headers={"Retry-After": "30"})
    return StreamingResponse(
        lists.follow(request, _event_id(last_event_id)), media_type=MEDIA_TYPE, headers=_HEADERS
    )


def _event_id(given: str | None) -> int | None:
    if given is None or not given.strip():
        return None
    number = given.strip()
    if not (number.isascii() and number.isdecimal() and int(number) < 2**63):
        raise Problem(
            422,
            "invalid-input",
            "Last-Event-ID: expected the id of an event of this list",
            field="Last-Event-ID",
        )
    return int(number)


def _still_allowed(request: Request, services: Services) -> bool:
    try:
        LEAD_READERS(request, services)
    except Problem:
        return False
    return True


def _line(event: LiveEvent) -> bytes:
    data = {"camera_id": event.camera_id, "at": event.at.isoformat(), **event.payload}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"id: {event.id}\nevent: {event.kind}\ndata: {text}\n\n".encode()
