"""Real cameras for the tests: RTSP and HTTP servers, video files, and ways to wait for a state."""

from __future__ import annotations

import functools
import http.server
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import numpy as np

from detector.sources import AllowList, Backoff, CameraState, FrameSource, SourceOptions
from detector.sources.source import Reading
from tests.conftest import require

SYSTEM_PYTHON = "/usr/bin/python3"
SERVER = Path(__file__).with_name("rtsp_server.py")
QUICK = SourceOptions(
    allow=AllowList.lan(),
    allow_files=True,
    connect_s=2.0,
    stall_s=2.0,
    grace_s=10.0,
    backoff=Backoff(first=0.2, most=0.5, patient=0.5),
)


@functools.cache
def _has_rtsp_server() -> bool:
    code = "import gi; gi.require_version('GstRtspServer', '1.0')"
    try:
        done = subprocess.run([SYSTEM_PYTHON, "-c", code], capture_output=True, check=False)
    except FileNotFoundError:
        return False
    return done.returncode == 0


def require_rtsp() -> None:
    require("rtsp", _has_rtsp_server(), f"{SYSTEM_PYTHON} cannot import GstRtspServer")


@contextmanager
def rtsp_server(*arguments: str) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """A running RTSP server: its port and its process."""
    process = subprocess.Popen(
        [SYSTEM_PYTHON, str(SERVER), *arguments], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline()), process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """A TCP server that gives every connection to ``serve``, in a thread of its own: its port."""
    listener = socket.create_server(("127.0.0.1", 0))
    threads: list[threading.Thread] = []

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threads.append(threading.Thread(target=serve, args=(connection,), daemon=True))
            threads[-1].start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for thread in (accepting, *threads):
            thread.join(5)


@contextmanager
def talker(reply: Callable[[bytes], bytes]) -> Iterator[tuple[int, list[bytes]]]:
    """A TCP server that answers every connection once: its port and what it was sent."""
    heard: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        with connection:
            heard.append(connection.recv(4096))
            connection.sendall(reply(heard[-1]))

    with listening(serve) as port:
        yield port, heard


Handle = Callable[[http.server.BaseHTTPRequestHandler], None]


@contextmanager
def web_server(handle: Handle) -> Iterator[str]:
    """An HTTP server whose GET is ``handle``: its address without a scheme."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            handle(self)

        def log_message(self, *_: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(2)


def answer(
    handler: http.server.BaseHTTPRequestHandler,
    body: bytes,
    status: int = 200,
    **headers: str,
) -> None:
    handler.send_response_only(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def film(
    path: Path,
    seconds: float = 4.0,
    *,
    size: tuple[int, int] = (160, 96),
    gop: int = 10,
    coder: str = "libx264",
) -> Path:
    """A 10 fps H.264 film whose frame n has the grey level 20 + 4 n in its middle."""
    options = {"g": str(gop), "bf": "0"}
    if coder == "libx265":
        options = {"x265-params": f"keyint={gop}:min-keyint={gop}:bframes=0:log-level=none"}
    with av.open(str(path), "w") as container:
        stream = container.add_stream(coder, rate=10, options=options)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        for number in range(int(seconds * 10)):
            image = np.full((size[1], size[0], 3), 20 + 4 * number, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(stream.encode())
    return path


def wait_for(source: FrameSource, *states: CameraState, seconds: float = 10.0) -> Reading:
    """Read until one of the states is reached (LIVE only with a frame)."""
    until = time.monotonic() + seconds
    seen: list[str] = []
    while time.monotonic() < until:
        reading = source.read()
        state = reading.status.state
        seen.append(state.value)
        if state in states and (reading.frame is not None or not state.delivers):
            return reading
        time.sleep(0.05)
    raise AssertionError(f"expected {[s.value for s in states]}, saw {sorted(set(seen))}")
