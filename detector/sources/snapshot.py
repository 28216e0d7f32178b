"""A camera that gives one JPEG for each GET: ZLMediaKit's getSnap, or a camera's own page."""

from __future__ import annotations

import threading
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import partial

import httpx

from detector.photo import PhotoError, PhotoLimits, read_photo
from detector.sources.source import Reading, SourceOptions
from detector.sources.states import CameraState, SourceError, Status
from detector.sources.web import Web
from detector.types import Frame, OriginalBytes

CLOCK_TOLERANCE_S = 120.0


class SnapshotSource:
    """Fetches when asked, on a thread of its own: a slow camera holds up nobody.

    ``read`` waits ``grace_s`` for the picture, then answers CONNECTING; asked again, it gives the
    picture of that fetch or waits on.
    """

    def __init__(self, url: str, name: str, options: SourceOptions) -> None:
        self._url = url
        self._name = name
        self._options = options
        self._web = Web(options.allow, options.connect_s, options.stall_s)
        self._status = Status(CameraState.CONNECTING, options.clock())
        self._fetching: threading.Thread | None = None
        self._fetched = Reading(self._status)

    def read(self) -> Reading:
        """A fresh picture, or the state that says why there is none."""
        if self._fetching is None:
            name = f"source {self._name}"
            self._fetching = threading.Thread(target=self._keep, name=name, daemon=True)
            self._fetching.start()
        self._fetching.join(self._options.grace_s)
        if self._fetching.is_alive():
            return Reading(Status(CameraState.CONNECTING, self._options.clock()))
        self._fetching = None
        return self._fetched

    def _keep(self) -> None:
        try:
            self._fetched = self._fetch()
        except Exception as error:  # noqa: BLE001  (shown as the state; a thread has no caller)
            detail = f"unexpected: {type(error).__name__}"
            self._fetched = self._reading(CameraState.BAD_DATA, detail)

    def _fetch(self) -> Reading:
        try:
            body, headers = self._web.get(self._url, self._options.max_bytes)
            now = self._options.clock()
            photo = read_photo(body, limits=PhotoLimits(self._options.max_bytes))
            original = partial(OriginalBytes, photo.media_type, body)
            frame = Frame(photo.image, self._name, now, original)
            state, detail = _clock_state(headers, now.timestamp())
        except SourceError as error:
            return self._reading(error.state, error.detail)
        except PhotoError as error:
            return self._reading(CameraState.BAD_DATA, f"no picture: {error.message}")
        return self._reading(state, detail, frame)

    def close(self) -> None:
        """Close the connection."""
        self._web.close()

    def _reading(self, state: CameraState, detail: str, frame: Frame | None = None) -> Reading:
        since = self._status.since if self._status.state == state else self._options.clock()
        self._status = Status(state, since, detail)
        return Reading(self._status, frame)


def _clock_state(headers: httpx.Headers, now: float) -> tuple[CameraState, str]:
    try:
        stated = parsedate_to_datetime(headers["date"])
    except (KeyError, ValueError):
        return CameraState.LIVE, ""
    aware = stated if stated.tzinfo else stated.replace(tzinfo=UTC)
    off = aware.timestamp() - now
    if abs(off) > CLOCK_TOLERANCE_S:
        return CameraState.CLOCK_WRONG, f"the camera's clock is off by {off:+.0f} s"
    return CameraState.LIVE, ""
