from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from detector.camera import CameraConfig
from detector.counting import Policy
from detector.geometry import Points
from detector.sources import open_source
from detector.types import Detection, Image
from detector.zones import Rules, Zone
from patrol.bench_quiet import play_quiet
from patrol.replay import LooksError, incidents_under, read_looks
from patrol.watch import Teller, patrol_one
from tests.detector.cameras import QUICK, film

CONFIG = CameraConfig(Policy({"stall": 0.4}))


def always_a_stall(image: Image) -> tuple[Detection, ...]:
    height, width = image.shape[:2]
    return (Detection("stall", 0.9, (0.1 * width, 0.5 * height, 0.3 * width, 0.8 * height)),)


def nothing(_: Image) -> tuple[Detection, ...]:
    return ()


def test_what_watch_writes_replay_reads(tmp_path: Path) -> None:
    lines = io.StringIO()
    source = open_source(str(film(tmp_path / "film.mp4", 3)), "cam", QUICK)
    teller = Teller(Console(file=io.StringIO()), lines, None, once=True)
    patrol_one(source, "cam", CONFIG, always_a_stall, teller, 0.3)
    path = tmp_path / "looks.jsonl"
    path.write_text(lines.getvalue())
    looks = read_looks(path)
    assert len(looks) == teller.looks >= 5
    assert all(look.camera == "cam" for look in looks)
    assert looks[0].sightings[0].label == "stall"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("no json", "line 1"),
        ('{"type": "look", "camera": "c"}', "line 1"),
        ('{"type": "state"}\n{"camera": 1}', "line 2"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "looks.jsonl"
    path.write_text(content)
    with pytest.raises(LooksError, match=message):
        read_looks(path)
    with pytest.raises(LooksError, match="no such file"):
        read_looks(tmp_path / "nothing.jsonl")


def test_other_rules_give_another_answer(tmp_path: Path) -> None:
    start = datetime(2026, 5, 1, 4, tzinfo=UTC)
    box = [0.1, 0.5, 0.3, 0.8]
    path = tmp_path / "looks.jsonl"
    with path.open("w") as file:
        for number in range(60):
            look = {
                "type": "look",
                "camera": f"cam{number % 2}",
                "at": (start + timedelta(seconds=10 * number)).isoformat(),
                "sightings": [{"label": "stall", "confidence": 0.9, "box": box}],
            }
            file.write(json.dumps(look) + "\n")
    looks = read_looks(path)
    policy = Policy({"stall": 0.4})
    right_half: Points = ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))
    found = incidents_under(looks, Rules(), policy)
    assert [one.camera for one in found] == ["cam0", "cam1"]
    assert incidents_under(looks, Rules(zones=(Zone("right", right_half),)), policy) == []


def test_a_quiet_clip_counts_hours_and_false_incidents(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mp4", 4)
    silent = play_quiet(path, CONFIG, nothing, minutes=10, every_s=20)
    assert silent.incidents == ()
    assert silent.hours == pytest.approx(31 * 20 / 3600, abs=0.01)
    (tmp_path / "broken.mp4").write_bytes(b"no video")
    assert play_quiet(tmp_path / "broken.mp4", CONFIG, nothing, minutes=1, every_s=10).ended_with
