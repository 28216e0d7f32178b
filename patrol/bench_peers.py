"""The usual ways of watching many streams, measured the same way: every frame decoded."""

from __future__ import annotations

import http.server
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np

from detector.camera import Detect
from patrol.bench_streams import RATE, Clip

KEEPS_UP = 0.97
LATE_S = 2.0


@contextmanager
def served(clip: Clip) -> Iterator[str]:
    """The clip as an endless transport stream over HTTP, sent in real time to each who asks."""
    data, seconds = clip.transport, clip.seconds

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response_only(200)
            self.send_header("Content-Type", "video/mp2t")
            self.end_headers()
            size = int(len(data) / seconds / RATE / 188 + 1) * 188
            begin, number = time.monotonic(), 0
            try:
                while True:
                    where = number * size % len(data)
                    self.wfile.write(data[where : where + size])
                    number += 1
                    sent = number * size / len(data) * seconds
                    time.sleep(max(0.0, begin + sent - time.monotonic()))
            except OSError:
                return  # the viewer has left

        def log_message(self, *_: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def full_decode_held(clip: Clip, detect: Detect, *, every_s: float, seconds: float) -> int:
    """Cameras held when OpenCV decodes every frame of a stream and the same network looks.

    One thread per camera, as such programs do it; looks go to as many workers as cores. Held means
    that 97 % of the frames are decoded in time and every look within 2 s.
    """

    def held(count: int) -> bool:
        with served(clip) as address:
            return _decode_all(address, count, detect, every_s, seconds)

    return largest(held, start=8)


def largest(held: Callable[[int], bool], start: int) -> int:
    """The largest number that is held, found by doubling and halving, to within a tenth."""
    low, high, count = 0, None, start
    while high is None or high - low > max(1, low // 10):
        if held(count):
            low = count
        else:
            high = count
        count = low * 2 if high is None else (low + high) // 2
        if count == 0:
            return 0
    return low


def _decode_all(address: str, count: int, detect: Detect, every_s: float, seconds: float) -> bool:
    stop, going = threading.Event(), threading.Barrier(count + 1)
    busy = threading.Semaphore(os.cpu_count() or 1)
    frames, lates = [0] * count, [0.0] * count

    def watch(number: int) -> None:
        capture = cv2.VideoCapture(f"{address}/{number}.ts", cv2.CAP_FFMPEG)
        going.wait()
        begin = time.monotonic()
        due = begin + every_s * number / count
        while not stop.is_set() and capture.isOpened():
            good, image = capture.read()
            if not good:
                break
            frames[number] += 1
            if time.monotonic() >= due:
                with busy:
                    detect(np.asarray(image, np.uint8))
                lates[number] = max(lates[number], time.monotonic() - due)
                due += every_s
        capture.release()

    threads = [threading.Thread(target=watch, args=(n,), daemon=True) for n in range(count)]
    for thread in threads:
        thread.start()
    going.wait()
    time.sleep(2.0)
    counted, begin = sum(frames), time.monotonic()
    time.sleep(seconds)
    share = (sum(frames) - counted) / ((time.monotonic() - begin) * RATE * count)
    stop.set()
    for thread in threads:
        thread.join(10)
    return share >= KEEPS_UP and max(lates) < LATE_S


def ultralytics_held(clip: Clip, weights: Path, *, every_s: float, size: int) -> int:
    """Cameras held by one ``predict`` of ultralytics over all streams, a result every ``every_s``.

    Held means that rounds of results come no more than 2 s late.
    """
    from training.peer_streams import ultralytics_rounds

    def held(count: int) -> bool:
        with served(clip) as address:
            urls = [f"{address}/{number}.ts" for number in range(count)]
            stride = round(every_s * RATE)
            gaps = ultralytics_rounds(weights, urls, size=size, stride=stride, rounds=3)
        return max(gaps) < every_s + LATE_S

    return largest(held, start=8)
