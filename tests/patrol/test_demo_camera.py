"""The demo camera: composed once, added once, and not again after a person removed it."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import cv2
import pytest

from detector.observation import Sighting
from detector.sources import open_source
from detector.zones import Reason, judge
from patrol import demo_camera
from patrol.camera_access import allowed_url, source_options
from patrol.demo import with_demo
from patrol.settings import Settings
from tests.detector import scenes
from tests.patrol.running import House

TRUTH = {
    "width": 640,
    "height": 360,
    "events": [
        {"label": "stall", "box": [300, 180, 380, 300], "why": "permit"},
        {"label": "litter", "box": [60, 200, 120, 240], "why": ""},
    ],
}


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path)


def composed(settings: Settings) -> Path:
    """A clip of three pictures, as if it had been composed before."""
    folder = demo_camera.demo_folder(settings)
    (folder / "frames").mkdir(parents=True)
    for n in range(3):
        picture = scenes.noisy(scenes.street(), n, 3)
        cv2.imwrite(str(folder / "frames" / f"{n:06d}.jpg"), picture)
    (folder / "truth.json").write_text(json.dumps(TRUTH))
    return folder


def test_it_is_added_once_plays_as_a_folder_and_stays_away_once_removed(
    house: House, settings: Settings
) -> None:
    composed(settings)
    for _ in range(2):
        demo_camera.show_demo_camera(house, settings, threading.Event())  # type: ignore[arg-type]
    (row,) = house.rows()()
    assert "rendered" in row.name
    assert "rendered" in (row.place.text or "")
    allowed, _ = with_demo(settings)
    source = open_source(
        allowed_url(allowed, row.address()), "c1", source_options(allowed, row.transport)
    )
    pictures = [source.read().frame for _ in range(4)]
    assert all(picture is not None for picture in pictures), "it begins again at its end"
    stall = Sighting("stall", 0.5, (300 / 640, 180 / 360, 380 / 640, 300 / 360))
    at = pictures[0].captured_at  # type: ignore[union-attr]
    assert at is not None
    assert judge(stall, at, row.rules).reason is Reason.PERMITTED
    house.remove(row.id)
    demo_camera.show_demo_camera(house, settings, threading.Event())  # type: ignore[arg-type]
    assert house.rows()() == ()


def test_a_clip_that_cannot_be_composed_leaves_the_service_without_it(
    house: House, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = demo_camera.demo_folder(settings)
    folder.with_name(f"{folder.name}.part").write_text("a file where the folder should be")
    monkeypatch.setattr(demo_camera.sys, "executable", "/bin/false")
    demo_camera.show_demo_camera(house, settings, threading.Event())  # type: ignore[arg-type]
    assert house.rows()() == ()
    assert not folder.exists()


def test_a_service_that_stops_does_not_wait_for_the_clip(house: House, settings: Settings) -> None:
    stop = threading.Event()
    stop.set()
    demo_camera.show_demo_camera(house, settings, stop)  # type: ignore[arg-type]
    assert house.rows()() == ()
    assert not demo_camera.demo_folder(settings).exists()
