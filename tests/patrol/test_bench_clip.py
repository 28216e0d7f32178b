"""The scripted clip's bench: what counts as found, doubled or extra, and a run that is killed."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import pytest

from detector.incidents import Evidence, Incident, Stage
from detector.observation import Observation, Sighting
from detector.zones import judge, rules_from
from models import load_card
from patrol.bench_clip import play_killed, report_of, write_film
from patrol.clip_judge import Told, judge_clip
from tests.detector import scenes

EVERY = 10.0
START = datetime.fromisoformat("2026-11-18T09:00:00+08:00")
BOX = (0.25, 0.25, 0.5, 0.5)
CART = (0.6, 0.25, 0.7, 0.45)


def row(label: str, box: tuple[float, ...], start: float, end: float, incident: bool) -> Any:
    return {
        "name": label,
        "label": label,
        "start_s": start,
        "end_s": end,
        "seen_s": [start + 4, end - 2],
        "box": [100 * value for value in box],
        "incident": incident,
        "why": "" if incident else "permit",
    }


TRUTH: dict[str, Any] = {
    "start": START.isoformat(),
    "width": 100,
    "height": 100,
    "length_s": 600,
    "step_s": 2.0,
    "rules": {},
    "events": [row("spill", BOX, 96, 400, True), row("stall", CART, 200, 500, False)],
}


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def looks() -> list[Observation]:
    seen = Sighting("spill", 0.8, BOX)
    return [Observation("clip", at(10.0 * n), (seen,) if 10 <= n < 30 else ()) for n in range(60)]


def incident(name: str, label: str = "spill", first: float = 110, box: Any = BOX) -> Incident:
    return Incident(
        id=name,
        camera="clip",
        label=label,
        zone="view",
        box=box,
        first_seen=at(first),
        last_seen=at(390),
        confidence=0.8,
        evidence=Evidence(at(first), box, 0.5, None),
        stage=Stage.ENDED,
        opened_at=at(120),
        ended_at=at(430),
    )


def report(incidents: list[Incident]) -> dict[str, Any]:
    told_looks = looks()
    thresholds = {"spill": 0.5, "stall": 0.5}
    judged, extra = judge_clip(TRUTH, incidents, told_looks, thresholds, EVERY)
    told = Told(tuple(told_looks), tuple(incidents), (), 0)
    card = load_card("street-n-1")
    return report_of(judged, extra, told, TRUTH, card, every_s=EVERY, kills=0)


def test_one_incident_at_the_right_place_and_time_is_found() -> None:
    result = report([incident("a")])
    assert (result["events"], result["found"], result["extra"]) == (1, 1, 0)
    assert result["start_error_looks_max"] == 1  # it could be seen at 100 s
    assert result["end_error_looks_max"] == 0
    assert result["per_event"][0]["seen_looks"] == 20


@pytest.mark.parametrize(
    "second",
    [
        incident("b", first=200),  # the same once more
        incident("b", label="litter"),
        incident("b", first=550),
        incident("b", box=(0.8, 0.8, 0.9, 0.9)),
        incident("b", label="stall", first=210, box=CART),  # has a permit
    ],
)
def test_whatever_else_is_opened_is_extra(second: Incident) -> None:
    assert report([incident("a"), second])["extra"] == 1


def test_nothing_found_is_nothing_found() -> None:
    result = report([])
    assert (result["found"], result["extra"], result["start_error_looks_max"]) == (0, 0, None)


def test_the_clips_rules_permit_the_food_cart_in_its_hours_only() -> None:
    from datasets.render.frames import load_sets, truth_of

    truth = truth_of(load_sets())
    event = next(e for e in truth["events"] if not e["incident"])
    width, height = truth["width"], truth["height"]
    left, top, right, bottom = event["box"]
    box = (left / width, top / height, right / width, bottom / height)
    cart, rules = Sighting("stall", 0.9, box), rules_from(truth["rules"])
    for seconds in (event["start_s"], event["end_s"]):
        assert not judge(cart, at(seconds), rules).counts
    assert judge(cart, at(event["start_s"] - 600), rules).counts
    for other in truth["events"]:
        assert other["start_s"] <= other["seen_s"][0] < other["seen_s"][1] < other["end_s"]


def test_a_service_that_is_killed_goes_on_with_the_clip(tmp_path: Path) -> None:
    frames = []
    for number in range(60):
        path = tmp_path / f"{number:03d}.jpg"
        cv2.imwrite(str(path), scenes.noisy(scenes.street(), number, 3))
        frames.append(path)
    write_film(frames, tmp_path / "clip.mp4", 2.0)
    truth = {**TRUTH, "length_s": 120}
    (tmp_path / "truth.json").write_text(json.dumps(truth), encoding="utf-8")
    card, data = load_card("street-n-1"), tmp_path / "data"
    told = play_killed(tmp_path, card, data, every_s=EVERY, kills=2, seed=3)
    times = [look.at for look in told.looks]
    assert times == sorted(times)
    assert times[0] - START < timedelta(seconds=2 * EVERY)
    assert times[-1] - START > timedelta(seconds=120 - 2 * EVERY)
    assert max(b - a for a, b in pairwise(times)) <= timedelta(seconds=3 * EVERY)
    assert told.incidents == ()
    assert told.one_lead_each
