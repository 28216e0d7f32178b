"""A live stream: one thread drains packets, keeps the newest key frame, and always comes back."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

import av
import httpx

from detector.sources.address import Address, redact
from detector.sources.keyframe import Coded, KeyPacket, decode_key
from detector.sources.originals import original_of_key
from detector.sources.pace import Pace
from detector.sources.rtp import CODECS
from detector.sources.rtsp import described
from detector.sources.rtsp_stream import played
from detector.sources.source import Kind, Reading, SourceOptions
from detector.sources.states import CameraState, SourceError, Status
from detector.sources.web import Web, named
from detector.types import Frame

_FORMATS = {"rtsp": "rtsp", "hls": "hls", "flv": "flv", "ts": "mpegts"}
_PROBE = {"analyzeduration": "500000", "probesize": "1000000", "fflags": "nobuffer"}
_SHAPE_SHOWN_S = 60.0
_STEADY_S = 30.0
_PACED_S = 0.5  # the stream's clock is asked this often, not at every packet


Connect = Callable[[], Iterator[Coded]]
"""Opens a stream and yields its packets; raises SourceError when it ends or breaks."""


class StreamSource:
    """A live camera that decodes nothing but the key frames that are looked at."""

    def __init__(
        self,
        url: str,
        name: str,
        kind: Kind,
        options: SourceOptions,
        connect: Connect | None = None,
    ) -> None:
        self._name = name
        self._options = options
        self._connect = connect or (lambda: packets_of(url, kind, options))
        self._check_clock = kind != "hls"  # segments come in bursts: their pace says nothing
        self._lock = threading.Lock()
        self._newest: KeyPacket | None = None
        self._status = Status(CameraState.CONNECTING, options.clock())
        self._shape: tuple[int, int] | None = None
        self._changed: Status | None = None
        self._changed_at = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"source {name}", daemon=True)
        self._thread.start()

    def read(self) -> Reading:
        """Decode the newest key frame if it was not read before (on the caller's thread)."""
        with self._lock:
            packet, self._newest = self._newest, None
            status = self._status
        if packet is None:
            return Reading(self._with_shape(status))
        try:
            image = decode_key(packet)
        except SourceError as error:
            return Reading(Status(error.state, packet.arrived_at, error.detail))
        height, width, _ = image.shape
        if self._shape not in (None, (width, height)):
            self._changed = Status(
                CameraState.SHAPE_CHANGED,
                packet.arrived_at,
                f"the picture is {width}x{height} now",
            )
            self._changed_at = time.monotonic()
        self._shape = width, height
        original = partial(original_of_key, packet, image)
        frame = Frame(image, self._name, packet.arrived_at, original)
        return Reading(self._with_shape(status), frame)

    def _with_shape(self, status: Status) -> Status:
        """For a while after the picture changed its size, that, as long as pictures come."""
        recent = time.monotonic() - self._changed_at < _SHAPE_SHOWN_S
        if self._changed is not None and recent and status.state.delivers:
            return self._changed
        return status

    def close(self) -> None:
        """Stop draining; the thread leaves with the next packet or time-out."""
        self._stop.set()

    def join(self, timeout: float) -> bool:
        """Wait for the thread of a closed source; True when it has gone."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        rng = random.Random()  # noqa: S311  (spreads reconnects, guards nothing)
        failures = 0
        while not self._stop.is_set():
            began = time.monotonic()
            try:
                self._drain()
            except SourceError as error:
                failed = error
            except Exception as error:  # noqa: BLE001  (shown as the state; the thread must live)
                failed = SourceError(CameraState.BAD_DATA, f"unexpected: {type(error).__name__}")
            else:
                failed = SourceError(CameraState.ENDED, "the sender closed the stream")
            if self._stop.is_set():
                return
            self._set(failed.state, failed.detail)
            failures = 1 if time.monotonic() - began > _STEADY_S else failures + 1
            self._stop.wait(self._options.backoff.delay(failures, failed.state, rng))

    def _drain(self) -> None:
        """Take packets until the stream ends; keep the newest key frame of them."""
        pace = Pace()
        last_key = time.monotonic()
        paced = 0.0
        self._shape = self._changed = None
        for coded in self._connect():
            if self._stop.is_set():
                return
            now = time.monotonic()
            if self._check_clock and coded.seconds is not None and now - paced >= _PACED_S:
                pace, paced = pace.step(coded.seconds, now), now
            if not coded.key:
                if now - last_key > self._options.key_wait_s:
                    waited = f"no key frame in {self._options.key_wait_s:.0f} s"
                    self._set(CameraState.ENDLESS_GOP, waited)
                continue
            last_key = now
            packet = KeyPacket(coded.codec, coded.data(), coded.extradata, self._options.clock())
            with self._lock:
                self._newest = packet
            if pace.wrong:
                self._set(CameraState.CLOCK_WRONG, pace.wrong)
            else:
                self._set(CameraState.LIVE, "")

    def _set(self, state: CameraState, detail: str) -> None:
        with self._lock:
            since = self._status.since if self._status.state == state else self._options.clock()
            self._status = Status(state, since, redact(detail))


def packets_of(url: str, kind: Kind, options: SourceOptions) -> Iterator[Coded]:
    """Connect and yield the packets of the first video track.

    HTTP goes through ``Web`` and RTSP through ``described``, so no host but the checked one is ever
    reached. FFmpeg takes the packets out of HTTP streams, and of RTSP where it comes over UDP or
    TLS or holds another codec than H.264 and H.265.

    Raises:
        SourceError: with the state that names why the stream cannot be opened or broke.
    """
    with ExitStack() as opened:
        try:
            if kind != "rtsp":
                yield from _demux(_open_web(url, kind, options, opened))
                return
            address = options.allow.check(url)
            if address.scheme == "rtsp":
                stream = opened.enter_context(described(address, options.connect_s))
                address = stream.address
                if options.transport == "tcp" and stream.track.codec in CODECS:
                    yield from played(stream, options)
                    return
            yield from _demux(_open_rtsp(address, options))
        except av.FFmpegError as error:
            raise SourceError(_state_of(error), _plain(error)) from None
        except httpx.HTTPError as error:
            raise named("the host", error) from None


class Body:
    """An HTTP response as the file-like object FFmpeg reads from."""

    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        self._chunks = response.iter_bytes()
        self._rest = b""

    def read(self, size: int) -> bytes:
        """Up to ``size`` bytes, at least one unless the body has ended."""
        while not self._rest:
            try:
                self._rest = next(self._chunks)
            except StopIteration:
                return b""
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken

    def close(self) -> None:
        """Close the response."""
        self._response.close()


def _open_rtsp(address: Address, options: SourceOptions) -> Any:
    rtsp = {"rtsp_transport": options.transport, "allowed_media_types": "video"}
    rtsp["timeout"] = str(int(options.stall_s * 1e6))
    where = address.pinned_url_with_user
    return av.open(where, format="rtsp", options={**_PROBE, **rtsp}, timeout=_timeout(options))


def _open_web(url: str, kind: Kind, options: SourceOptions, opened: ExitStack) -> Any:
    web = Web(options.allow, options.connect_s, options.stall_s)
    opened.callback(web.close)

    def fetch(where: str, _flags: int = 0, _options: object = None) -> Body:
        body = Body(web.open(where))
        opened.callback(body.close)
        return body

    if kind == "hls":
        return av.open(
            options.allow.check(url).url,
            format="hls",
            options={**_PROBE, "http_persistent": "0", "live_start_index": "-1"},
            timeout=_timeout(options),
            io_open=fetch,
        )
    return av.open(fetch(url), format=_FORMATS[kind], options=dict(_PROBE), buffer_size=65536)


def _timeout(options: SourceOptions) -> tuple[float, float]:
    """Seconds for opening and for each read, as FFmpeg is told."""
    return options.connect_s + 2, options.stall_s


def _demux(container: Any) -> Iterator[Coded]:
    with container:
        if not container.streams.video:
            raise SourceError(CameraState.NO_VIDEO, "the stream has no video track")
        stream = container.streams.video[0]
        context = stream.codec_context
        codec, base = context.codec.name, float(stream.time_base)
        extradata = bytes(context.extradata) if context.extradata else None
        for packet in container.demux(stream):
            if packet.size == 0:
                continue
            if packet.has_sidedata("new_extradata"):
                extradata = bytes(packet.get_sidedata("new_extradata"))
            yield Coded(
                partial(bytes, packet),
                packet.is_keyframe,
                None if packet.pts is None else packet.pts * base,
                codec,
                extradata,
            )


def _state_of(error: av.FFmpegError) -> CameraState:
    for kind, state in _STATES:
        if isinstance(error, kind):
            return state
    return CameraState.SERVER_ERROR


def _plain(error: av.FFmpegError) -> str:
    """The error's own words without the file name FFmpeg adds, which is the URL."""
    return redact(str(error.strerror or type(error).__name__))


_STATES: tuple[tuple[type[Exception], CameraState], ...] = (
    (av.HTTPUnauthorizedError, CameraState.AUTH_FAILED),
    (av.HTTPForbiddenError, CameraState.AUTH_FAILED),
    (av.HTTPNotFoundError, CameraState.NOT_FOUND),
    (av.ConnectionRefusedError, CameraState.REFUSED),
    (av.InvalidDataError, CameraState.BAD_DATA),
    (av.DecoderNotFoundError, CameraState.UNSUPPORTED),
    (av.ProtocolNotFoundError, CameraState.UNSUPPORTED),
    (av.DemuxerNotFoundError, CameraState.UNSUPPORTED),
    (av.PatchWelcomeError, CameraState.UNSUPPORTED),
    (av.TimeoutError, CameraState.STALLED),
    (av.ExitError, CameraState.STALLED),
    (av.EOFError, CameraState.ENDED),
    (av.OSError, CameraState.UNREACHABLE),
)
