from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

from detector.camera import CameraConfig, CameraMemory
from detector.counting import Policy
from detector.persistence import Persistence
from detector.sources import open_source
from detector.types import Detection, Image
from detector.zones import Rules, Zone
from patrol.cli import app
from patrol.engine import Report
from patrol.evidence_kit import EvidenceKit
from patrol.watch import StateError, Teller, opened, patrol_one, read_state
from tests.detector import scenes
from tests.detector.cameras import QUICK, require_rtsp, rtsp_server
from tests.detector.test_camera import RED, RedThings

SPEED = 12.0
RULES = Rules(zones=(Zone("all", persistence={"stall": Persistence(20.0, clear_s=10.0)}),))
CONFIG = CameraConfig(Policy({"stall": 0.4, "litter": 0.4}), RULES)
Detect = Callable[[Image], tuple[Detection, ...]]


@pytest.fixture(scope="module")
def street_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """120 s at one picture a second, each a key frame; a red stall stands from 20 s to 80 s."""
    path = tmp_path_factory.mktemp("films") / "street.mp4"
    view = scenes.street()
    view[60:100, 300:460:4] = 0
    view[60:100, 302:460:4] = 250
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=1, options={"g": "1", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = scenes.WIDTH, scenes.HEIGHT, "yuv420p"
        for second in range(120):
            stands = 20 <= second < 80
            image = scenes.with_thing(view, 300, 240, 50, RED) if stands else view
            image = scenes.noisy(image, second, 3)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(stream.encode())
    return path


def run(
    path: Path,
    detect: Detect,
    state: Path | None = None,
    minutes: float | None = None,
    memory: CameraMemory | None = None,
    kit: Path | None = None,
) -> tuple[str, list[dict[str, Any]]]:
    shown, lines = io.StringIO(), io.StringIO()
    from dataclasses import replace

    source = open_source(str(path), "cam", replace(QUICK, speed=SPEED))
    teller = Teller(Console(file=shown, width=200), lines, state, once=True)
    teller.kit = EvidenceKit(kit) if kit else None
    teller.begin(str(path), "red things", 2.0)
    patrol_one(source, "cam", CONFIG, detect, teller, 2.0 / SPEED, minutes, memory)
    teller.end()
    return shown.getvalue(), [json.loads(line) for line in lines.getvalue().splitlines()]


def test_a_film_becomes_looks_and_one_incident(street_film: Path, tmp_path: Path) -> None:
    detect = RedThings()
    shown, events = run(street_film, detect, tmp_path / "state.json")
    incidents = [e for e in events if e["type"] == "incident"]
    assert [e["stage"] for e in incidents] == ["open", "ended"]
    assert len({e["id"] for e in incidents}) == 1
    looks = [e for e in events if e["type"] == "look"]
    assert len(looks) > 20
    assert detect.calls < len(looks) / 3
    assert [e["state"] for e in events if e["type"] == "state"] == ["live", "ended"]
    assert "INCIDENT" in shown
    assert "incidents: 1 stall" in shown
    assert read_state(tmp_path / "state.json").book.open == ()


def test_a_restart_goes_on_with_the_same_incident(street_film: Path, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    _, first = run(street_film, RedThings(), state, minutes=5.0 / 60)  # 60 s of the film
    opened = [e for e in first if e["type"] == "incident"]
    assert [e["stage"] for e in opened] == ["open"]
    kept = read_state(state)
    assert [i.id for i in kept.book.open] == [opened[0]["id"]]
    _, second = run(street_film, RedThings(), state, minutes=5.0 / 60, memory=kept)
    again = [e for e in second if e["type"] == "incident"]
    assert all(e["id"] == opened[0]["id"] and e["stage"] == "ended" for e in again)


def test_a_broken_state_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text('{"incidents": 7}')
    with pytest.raises(StateError, match=r"state\.json"):
        read_state(path)


def test_the_pictures_of_an_incident_show_before_and_best(
    street_film: Path, tmp_path: Path
) -> None:
    def red_and_person(image: Image) -> tuple[Detection, ...]:
        return (*RedThings()(image), Detection("person", 0.9, (300, 60, 360, 190)))

    run(street_film, red_and_person, kit=tmp_path, minutes=5.0 / 60)
    (folder,) = tmp_path.iterdir()
    pictures = {path.name: cv2.imread(str(path)) for path in folder.iterdir()}
    assert set(pictures) == {"before.jpg", "best.jpg", "closeup.jpg"}
    assert not RedThings()(pictures["before.jpg"])
    assert RedThings()(pictures["best.jpg"])
    assert pictures["best.jpg"].shape == (scenes.HEIGHT, scenes.WIDTH, 3)
    assert 60 <= pictures["closeup.jpg"].shape[0] <= 110
    head, beside = (pictures["best.jpg"][64:84, x : x + 40].std() for x in (310, 410))
    assert head < beside / 2  # there are fine stripes at both places: the head is hidden


@pytest.mark.rtsp
def test_a_live_stream_is_watched(tmp_path: Path) -> None:
    require_rtsp()
    shown, lines = io.StringIO(), io.StringIO()

    def white_bar(image: Image) -> tuple[Detection, ...]:
        x, y, w, h = cv2.boundingRect((image.min(axis=2) > 150).astype(np.uint8))
        return (Detection("litter", 0.9, (x, y, x + w, y + h)),)

    with rtsp_server() as (port, _):
        source = open_source(f"rtsp://127.0.0.1:{port}/street", "cam", QUICK)
        teller = Teller(Console(file=shown, width=200), lines, None, once=False)
        patrol_one(source, "cam", CONFIG, white_bar, teller, 0.6, minutes=5 / 60)
    looks = [e for e in map(json.loads, lines.getvalue().splitlines()) if e["type"] == "look"]
    assert len(looks) >= 3
    assert all(look["latency_s"] < 2 for look in looks)
    assert looks[0]["sightings"][0]["label"] == "litter"


class Twice(Teller):
    """Has heard enough after two looks."""

    def hear(self, report: Report) -> None:
        super().hear(report)
        if self.looks == 2:
            self.over.set()


@pytest.mark.rtsp
def test_a_visited_camera_is_left_between_the_looks() -> None:
    require_rtsp()
    lines = io.StringIO()
    with rtsp_server() as (port, _):
        source = opened(f"rtsp://127.0.0.1:{port}/street", "cam", QUICK, visit=True)
        teller = Twice(Console(file=io.StringIO()), lines, None, once=False)
        patrol_one(source, "cam", CONFIG, RedThings(), teller, 1.0, minutes=40 / 60)
    events = [json.loads(line) for line in lines.getvalue().splitlines()]
    states = [e["state"] for e in events if e["type"] == "state"]
    assert states == ["connecting", "live"]
    assert teller.looks == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["gopher://x"], "rtsp, http, https"),
        (["a.mp4", "--rules", "nothing.yaml"], "no such file"),
        (["a.mp4", "--model", "nothing"], "nothing"),
    ],
)
def test_wrong_arguments_are_named(arguments: list[str], message: str) -> None:
    result = CliRunner().invoke(app, ["watch", *arguments])
    assert result.exit_code != 0
    assert message in result.output
