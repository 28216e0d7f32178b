"""Video files and folders of pictures as cameras: the same seam, with a clock of their own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import av

from detector.photo import PhotoError, PhotoLimits, read_photo
from detector.sources.originals import original_of_image
from detector.sources.source import Reading, SourceOptions
from detector.sources.states import CameraState, SourceError, Status
from detector.types import Frame, Image, OriginalBytes

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".heic"})
KEY_IS_NEAR_S = 2.0


class FileSource:
    """A video file played at the pace of the clock, from ``began`` or the first ``read`` on.

    Each read decodes the key frame before the present position when it is at most
    ``KEY_IS_NEAR_S`` old, else the very frame. With ``loop`` the file begins again at its end.
    """

    def __init__(self, path: Path, name: str, options: SourceOptions) -> None:
        self._path = path
        self._name = name
        self._options = options
        self._began = options.began
        self._container: Any = None
        self._status = Status(CameraState.CONNECTING, options.clock())

    def read(self) -> Reading:
        """The frame at the present position."""
        now = self._options.clock()
        self._began = self._began or now
        position = (now - self._began).total_seconds() * self._options.speed
        try:
            image = self._frame_at(position)
        except SourceError as error:
            return self._reading(error.state, error.detail)
        except FileNotFoundError:
            return self._reading(CameraState.NOT_FOUND, f"{self._path.name}: there is no such file")
        except av.FFmpegError as error:
            detail = f"{self._path.name}: no video ({type(error).__name__})"
            return self._reading(CameraState.BAD_DATA, detail)
        at = self._began + timedelta(seconds=position)
        original = partial(original_of_image, image)
        return self._reading(CameraState.LIVE, "", Frame(image, self._name, at, original))

    def close(self) -> None:
        """Close the file."""
        if self._container is not None:
            self._container.close()
            self._container = None

    def _frame_at(self, position: float) -> Image:
        stream = self._stream()
        duration = self._duration(stream)
        if position >= duration:
            if not self._options.loop or duration <= 0:
                raise SourceError(CameraState.ENDED, f"{self._path.name} is over")
            position %= duration
        start = float((stream.start_time or 0) * stream.time_base)
        target = start + position
        self._container.seek(int(target / stream.time_base), stream=stream)
        best: Any = None
        for frame in self._container.decode(stream):
            if frame.time is not None and frame.time > target and best is not None:
                break
            best = frame
            if frame.time is None or target - frame.time <= 0:
                break
            if frame.key_frame and target - frame.time <= KEY_IS_NEAR_S:
                break
        if best is None:
            raise SourceError(CameraState.BAD_DATA, f"{self._path.name}: no frame at {position} s")
        image: Image = best.to_ndarray(format="bgr24")
        return image

    def _stream(self) -> Any:
        if self._container is None:
            if not self._path.is_file():
                raise FileNotFoundError(self._path)
            self._container = av.open(str(self._path), options={"protocol_whitelist": "file"})
            for stream in self._container.streams.video:
                stream.codec_context.thread_count = 1
        if not self._container.streams.video:
            raise SourceError(CameraState.NO_VIDEO, f"{self._path.name} has no video track")
        return self._container.streams.video[0]

    def _duration(self, stream: Any) -> float:
        if stream.duration is not None:
            return float(stream.duration * stream.time_base)
        return float(self._container.duration or 0) / float(av.time_base)

    def _reading(self, state: CameraState, detail: str, frame: Frame | None = None) -> Reading:
        since = self._status.since if self._status.state == state else self._options.clock()
        self._status = Status(state, since, detail)
        return Reading(self._status, frame)


class FolderSource:
    """Pictures dropped into a folder, in order of name, each read once; new ones may arrive.

    A picture's time is its EXIF time, else the file's time. With ``loop`` it begins again, and the
    time is the clock's.
    """

    def __init__(self, folder: Path, name: str, options: SourceOptions) -> None:
        self._folder = folder
        self._name = name
        self._options = options
        self._last = ""
        self._status = Status(CameraState.CONNECTING, options.clock())

    def read(self) -> Reading:
        """The next picture."""
        if not self._folder.is_dir():
            return self._reading(CameraState.NOT_FOUND, f"{self._folder.name}: no such folder")
        paths = sorted(p for p in self._folder.iterdir() if p.suffix.lower() in PICTURES)
        following = [path for path in paths if path.name > self._last]
        if not following and self._options.loop:
            following = paths
        if not following:
            return self._reading(CameraState.STALLED, "no new picture in the folder")
        path = following[0]
        self._last = path.name
        data = path.read_bytes()
        try:
            photo = read_photo(
                data,
                limits=PhotoLimits(self._options.max_bytes),
                timezone=self._options.timezone,
            )
        except PhotoError as error:
            return self._reading(CameraState.BAD_DATA, f"{path.name}: {error.message}")
        at = photo.captured_at or datetime.fromtimestamp(path.stat().st_mtime, UTC)
        if self._options.loop:
            at = self._options.clock()
        original = partial(OriginalBytes, photo.media_type, data)
        frame = Frame(photo.image, self._name, at, original)
        return self._reading(CameraState.LIVE, path.name, frame)

    def close(self) -> None:
        """Nothing is held open."""

    def _reading(self, state: CameraState, detail: str, frame: Frame | None = None) -> Reading:
        since = self._status.since if self._status.state == state else self._options.clock()
        self._status = Status(state, since, detail)
        return Reading(self._status, frame)
