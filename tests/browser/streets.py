"""A street camera for the browser tests, and what they do with the service about it."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import BrowserContext, FloatRect, Page, expect

from datasets.classes import ISSUE_CLASSES
from detector.detect import Detector
from models import load_card
from tests.browser.conftest import OpenPage, Service, csrf_token, demo_pictures

NAME = "Market Street, east gate"
SECRET = "open-sesame"
SLOW = 60_000
"""Milliseconds until what a running camera does must have been seen."""
MOVED_EVERY_S = 4
"""Longer than two looks: only what lies still is looked at again."""
EAGER_ZONE = {
    "id": "view",
    "polygon": [[0, 0], [1, 0], [1, 1], [0, 1]],
    "persistence": {label: {"dwell_s": 0, "hits": 1, "of": 1} for label in ISSUE_CLASSES},
}
"""Everything is an incident at once."""


@dataclass(frozen=True)
class Street:
    """A camera that gives single pictures over HTTP: a street where a box is moved now and then."""

    url: str


@dataclass(frozen=True)
class Standing:
    """A camera of the service."""

    id: int
    path: str


def _surest_scene() -> tuple[NDArray[np.uint8], float]:
    """The demo picture in which the model is surest of an issue, and the issue's upper edge."""
    detector = Detector(load_card(os.environ.get("PATROL_MODEL")))
    best: tuple[float, NDArray[np.uint8], float] | None = None
    for path in demo_pictures():
        picture = np.asarray(cv2.imread(str(path)), np.uint8)
        for found in detector.detect([picture])[0]:
            if found.label in ISSUE_CLASSES and (best is None or found.confidence > best[0]):
                best = (found.confidence, picture, found.box[1])
    assert best is not None, "the model sees nothing in the demo pictures"
    return best[1], best[2]


def _snapshots(scene: NDArray[np.uint8], top: float) -> Callable[[], bytes]:
    """Pictures of the scene: the noise of a sensor, and above the issue a box that is moved."""
    noise = np.random.default_rng(1)
    began = time.monotonic()
    height, width = scene.shape[:2]
    side = max(8, int(min(top, height / 4)) - 4)

    def take() -> bytes:
        place = int((time.monotonic() - began) / MOVED_EVERY_S) % 4
        view = scene.astype(np.int16) + noise.integers(-3, 4, scene.shape)
        left = int(width * (0.1 + 0.22 * place))
        view[2 : 2 + side, left : left + side] = (30, 200, 240) if place % 2 else (200, 40, 40)
        coded, data = cv2.imencode(".jpg", np.clip(view, 0, 255).astype(np.uint8))
        assert coded
        return data.tobytes()

    return take


@contextmanager
def served_street() -> Iterator[Street]:
    """A street camera on this machine, as long as the context lasts."""
    take = _snapshots(*_surest_scene())
    lock = threading.Lock()

    class Snapshot(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with lock:
                data = take()
            self.send_response(200)
            self.send_header("Content-Type", "image/jpeg")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (as above)
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Snapshot)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Street(f"http://viewer:{SECRET}@127.0.0.1:{server.server_port}/snap.jpg?channel=1")
    server.shutdown()
    server.server_close()


def read(context: BrowserContext, service: Service, path: str) -> Any:
    answer = context.request.get(f"{service.url}/api/v1{path}")
    assert answer.ok, answer.text()
    return answer.json()


def send(page: Page, service: Service, method: str, path: str, body: object) -> Any:
    answer = page.request.fetch(
        f"{service.url}/api/v1{path}",
        method=method,
        data=json.dumps(body),
        headers={
            "X-CSRF-Token": csrf_token(page, service),
            "Content-Type": "application/json",
        },
    )
    assert answer.ok, answer.text()
    return answer.json()


def rules_of(page: Page, service: Service, camera: Standing) -> Any:
    return read(page.context, service, camera.path)["rules"]


def reset_rules(page: Page, service: Service, camera: Standing, **changes: object) -> None:
    """The whole view is one zone again, as for a new camera."""
    now = read(page.context, service, camera.path)
    whole = [[0, 0], [1, 0], [1, 1], [0, 1]]
    rules = {"zones": [{"id": "view", "polygon": whole}], **changes}
    send(
        page, service, "PUT", f"{camera.path}/rules", {"rules": rules, "revision": now["revision"]}
    )


def open_editor(
    open_page: OpenPage,
    service: Service,
    signed_in: dict[str, Any],
    camera: Standing,
    **options: Any,
) -> Page:
    page = open_page("/cases", state=signed_in, **options)
    reset_rules(page, service, camera)
    page.goto(f"{service.url}{camera.path}/rules")
    page.get_by_test_id("canvas").wait_for()
    return page


def box_of(page: Page) -> FloatRect:
    box = page.get_by_test_id("canvas").bounding_box()
    assert box is not None
    return box


def at(box: FloatRect, x: float, y: float) -> tuple[float, float]:
    """A place in the view, in pixels of the window."""
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("All saved")).to_be_visible()
