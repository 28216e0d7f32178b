"""The committed demo pictures agree with their labels and their manifest."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from math import cos, hypot, radians
from typing import Any

import pytest
from PIL import Image

from datasets.classes import CLASSES, ISSUE_CLASSES
from tests.conftest import REPO

DEMO = REPO / "datasets" / "demo"


@pytest.fixture(scope="module")
def records() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((DEMO / "manifest.json").read_text(encoding="utf-8"))
    return rows


def test_every_picture_is_listed_and_every_listed_picture_is_there(
    records: list[dict[str, Any]],
) -> None:
    assert sorted(r["file"] for r in records) == sorted(p.name for p in DEMO.glob("*.jpg"))
    assert len(records) >= 20


def test_every_issue_class_is_shown_at_least_four_times(records: list[dict[str, Any]]) -> None:
    pictures = Counter(label for r in records for label in {one["label"] for one in r["labels"]})
    assert {c: pictures[c] for c in ISSUE_CLASSES if pictures[c] < 4} == {}


def test_some_pictures_show_nothing_to_report(records: list[dict[str, Any]]) -> None:
    clean = [r for r in records if not any(one["label"] in ISSUE_CLASSES for one in r["labels"])]
    assert 3 <= len(clean) <= 6


def test_lights_and_cameras_vary(records: list[dict[str, Any]]) -> None:
    assert {r["light"] for r in records} == {"sunny", "overcast", "dusk", "wet"}
    assert {r["camera"] for r in records} == {"phone", "walk", "pole"}


def test_pictures_are_small_and_of_the_stated_size(records: list[dict[str, Any]]) -> None:
    for r in records:
        path = DEMO / r["file"]
        with Image.open(path) as im:
            assert im.format == "JPEG", r["file"]
            assert im.size == (r["width"], r["height"]), r["file"]
        assert path.stat().st_size < 200_000, r["file"]


def test_boxes_lie_inside_the_picture(records: list[dict[str, Any]]) -> None:
    for r in records:
        for one in r["labels"]:
            x1, y1, x2, y2 = one["box"]
            assert 0 <= x1 < x2 <= r["width"], (r["file"], one)
            assert 0 <= y1 < y2 <= r["height"], (r["file"], one)


def test_label_files_hold_the_manifests_boxes(records: list[dict[str, Any]]) -> None:
    for r in records:
        lines = (DEMO / r["file"]).with_suffix(".txt").read_text(encoding="utf-8").splitlines()
        assert len(lines) == len(r["labels"]), r["file"]
        for line, one in zip(lines, r["labels"], strict=True):
            number, cx, cy, w, h = line.split()
            x1, y1, x2, y2 = one["box"]
            assert CLASSES[int(number)] == one["label"], r["file"]
            expected = (
                (x1 + x2) / 2 / r["width"],
                (y1 + y2) / 2 / r["height"],
                (x2 - x1) / r["width"],
                (y2 - y1) / r["height"],
            )
            assert (float(cx), float(cy), float(w), float(h)) == pytest.approx(expected, abs=1e-5)


def _degrees(parts: tuple[float, float, float], sign: str) -> float:
    d, m, s = (float(v) for v in parts)
    return (d + m / 60 + s / 3600) * (-1 if sign in "SW" else 1)


def test_exif_tells_the_manifests_time_and_position(records: list[dict[str, Any]]) -> None:
    for r in records:
        with Image.open(DEMO / r["file"]) as im:
            exif = im.getexif()
        taken, gps = exif.get_ifd(0x8769), exif.get_ifd(0x8825)
        at = datetime.fromisoformat(r["captured_at"])
        assert at.utcoffset() is not None, r["file"]
        stamp = datetime.strptime(taken[0x9003] + taken[0x9011], "%Y:%m:%d %H:%M:%S%z")
        assert stamp == at, r["file"]
        assert _degrees(gps[2], gps[1]) == pytest.approx(r["lat"], abs=1e-5)
        assert _degrees(gps[4], gps[3]) == pytest.approx(r["lon"], abs=1e-5)


def test_places_are_named_and_more_than_a_hundred_metres_apart(
    records: list[dict[str, Any]],
) -> None:
    for k, a in enumerate(records):
        assert a["place"].strip(), a["file"]
        for b in records[:k]:
            north = (a["lat"] - b["lat"]) * 111_320
            east = (a["lon"] - b["lon"]) * 111_320 * cos(radians(a["lat"]))
            assert hypot(north, east) > 100, (a["file"], b["file"])
