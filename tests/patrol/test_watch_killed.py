from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2

from tests.conftest import REPO
from tests.detector import scenes
from tests.detector.cameras import answer, web_server
from tests.detector.test_camera import RED

KILLS = 3


def events(path: Path, kind: str) -> list[dict[str, Any]]:
    """The whole lines of one type; a kill may have cut the last line of a process short."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        try:
            content = json.loads(line)
        except ValueError:
            continue
        if content["type"] == kind:
            found.append(content)
    return found


@contextmanager
def watcher(url: str, state: Path, lines: Path) -> Iterator[None]:
    """A watching process that is killed with -9 at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.patrol.watch_child", url, str(state), str(lines)], cwd=REPO
    )
    try:
        yield
        assert process.poll() is None, "the watcher ended by itself"
    finally:
        process.kill()
        process.wait()


def wait(condition, seconds: float = 60.0) -> None:  # type: ignore[no-untyped-def]
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def test_killed_at_any_moment_a_stall_is_one_incident(tmp_path: Path) -> None:
    rng = random.Random(5)
    street = scenes.street()
    view = {"now": street, "asked": 0}
    state, lines = tmp_path / "state.json", tmp_path / "events.jsonl"

    def handle(handler) -> None:  # type: ignore[no-untyped-def]
        view["asked"] += 1
        picture = scenes.noisy(view["now"], view["asked"], 3)
        answer(handler, cv2.imencode(".png", picture)[1].tobytes())

    with web_server(handle) as where:
        url = f"http://{where}/snap.jpg"
        with watcher(url, state, lines):
            wait(lambda: len(events(lines, "look")) >= 3)
            view["now"] = scenes.with_thing(street, 300, 240, 50, RED)
            wait(lambda: len(events(lines, "look")) >= 5)
        for _ in range(KILLS):
            before = len(events(lines, "look"))
            with watcher(url, state, lines):
                more = rng.randint(1, 6)
                wait(lambda before=before, more=more: len(events(lines, "look")) >= before + more)
                time.sleep(rng.uniform(0, 0.1))
        with watcher(url, state, lines):
            wait(lambda: bool(events(lines, "incident")))
            view["now"] = street
            wait(lambda: events(lines, "incident")[-1]["stage"] == "ended")
            wait(lambda: json.loads(state.read_text())["incidents"] == [])
    incidents = events(lines, "incident")
    assert len({one["id"] for one in incidents}) == 1
    assert [one["stage"] for one in incidents][-1] == "ended"
