"""The seam between cameras and the rest: one method that gives the newest picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import urlsplit

from detector.photo import DEFAULT_TIMEZONE
from detector.sources.address import AllowList, redact
from detector.sources.backoff import Backoff
from detector.sources.states import CameraState, SourceError, Status
from detector.types import Frame, require_aware

Clock = Callable[[], datetime]
Kind = Literal["auto", "rtsp", "hls", "flv", "ts", "snapshot", "file", "folder"]

_BY_SUFFIX: dict[str, Kind] = {
    ".m3u8": "hls",
    ".m3u": "hls",
    ".flv": "flv",
    ".ts": "ts",
}


def utc_now() -> datetime:
    """The time now, aware, UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a source says when asked: its status, and a frame when it has one not read before."""

    status: Status
    frame: Frame | None = None


class FrameSource(Protocol):
    """Anything that has a newest picture. ``read`` never waits for the network of a live stream."""

    def read(self) -> Reading:
        """The newest picture not read before, if any, and the state of the camera."""
        ...

    def close(self) -> None:
        """Let go of threads, sockets and files; a closed source is not read again."""
        ...


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """How a camera is reached. Times in seconds; larger values are more patient.

    ``connect_s``: to open a connection. ``stall_s``: without any data until the connection counts
    as dead. ``key_wait_s``: with data but no key frame until the state is ENDLESS_GOP. ``speed``:
    stream seconds of a file per second of the clock. ``loop``: files and folders begin again at
    their end. ``began``: when a file's first picture was taken (None: at the first read), so that a
    restarted service goes on where the file would be by now. ``grace_s``: a look waits this long
    for a snapshot before it is asked for again. ``max_bytes``: the largest snapshot or picture
    file taken.
    """

    kind: Kind = "auto"
    transport: Literal["tcp", "udp"] = "tcp"
    allow: AllowList = field(default_factory=AllowList)
    allow_files: bool = False
    connect_s: float = 5.0
    grace_s: float = 0.3
    stall_s: float = 10.0
    key_wait_s: float = 30.0
    backoff: Backoff = field(default_factory=Backoff)
    speed: float = 1.0
    loop: bool = False
    began: datetime | None = None
    max_bytes: int = 32 * 1024 * 1024
    timezone: tzinfo = DEFAULT_TIMEZONE
    clock: Clock = utc_now

    def __post_init__(self) -> None:
        require_aware("began", self.began)
        for name in ("connect_s", "stall_s", "key_wait_s", "grace_s", "speed", "max_bytes"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name}: expected more than 0, got {getattr(self, name)}")


def open_source(url: str, name: str, options: SourceOptions | None = None) -> FrameSource:
    """The source for a URL, a video file or a folder of pictures; live streams begin to connect.

    Args:
        url: ``rtsp://``, ``http(s)://`` (HLS, HTTP-FLV, MPEG-TS, else a JPEG snapshot), or a path.
        name: what the frames carry as ``source``.
        options: how to reach it.

    Raises:
        SourceError: the URL is of no known kind, or files are not allowed.
    """
    from detector.sources.files import FileSource, FolderSource
    from detector.sources.snapshot import SnapshotSource
    from detector.sources.stream import StreamSource

    options = options or SourceOptions()
    kind = options.kind if options.kind != "auto" else kind_of(url)
    if kind in ("file", "folder"):
        if not options.allow_files:
            raise SourceError(CameraState.NOT_ALLOWED, "files and folders are not allowed here")
        path = Path(url.removeprefix("file://"))
        if kind == "folder":
            return FolderSource(path, name, options)
        return FileSource(path, name, options)
    if kind == "snapshot":
        return SnapshotSource(url, name, options)
    return StreamSource(url, name, kind, options)


def kind_of(url: str) -> Kind:
    """What a URL is, judged by its scheme and the end of its path.

    Raises:
        SourceError: UNSUPPORTED for other schemes.
    """
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    if scheme in ("rtsp", "rtsps"):
        return "rtsp"
    if scheme in ("http", "https"):
        return _BY_SUFFIX.get(Path(parts.path).suffix.lower(), "snapshot")
    if scheme in ("", "file"):
        return "folder" if Path(url.removeprefix("file://")).is_dir() else "file"
    raise SourceError(
        CameraState.UNSUPPORTED, f"{redact(url)}: expected rtsp, http, https or a path"
    )
