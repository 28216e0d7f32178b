from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from detector.geometry import check_points, covered, held, iou, lies_in, stands_in
from detector.observation import Sighting, sightings_of
from detector.permits import Permit, Span, Weekly
from detector.persistence import Persistence
from detector.types import Box, Detection
from detector.zones import (
    Mask,
    Reason,
    Rules,
    RulesError,
    Suppression,
    Zone,
    judge,
    load_rules,
    rules_from,
    rules_to,
)
from tests.conftest import REPO

NOON = datetime(2026, 5, 1, 4, tzinfo=UTC)  # twelve o'clock in Shanghai
LEFT = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
STALL = Sighting("stall", 0.8, (0.1, 0.5, 0.3, 0.8))
RIGHT_STALL = Sighting("stall", 0.8, (0.6, 0.5, 0.8, 0.8))

coordinate = st.floats(0.0, 1.0, allow_nan=False)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    left, right = sorted((draw(coordinate), draw(coordinate)))
    top, bottom = sorted((draw(coordinate), draw(coordinate)))
    assume(right - left > 0.01)
    assume(bottom - top > 0.01)
    return (left, top, right, bottom)


@given(boxes(), boxes())
def test_overlap_measures_agree(a: Box, b: Box) -> None:
    assert iou(a, b) == iou(b, a)
    assert 0.0 <= iou(a, b) <= held(a, b) <= 1.0 + 1e-9
    assert iou(a, a) == pytest.approx(1.0)
    assert covered(a, (a,)) == 1.0
    if held(a, b) == 0:
        assert covered(a, (b,)) == 0.0


@given(boxes(), boxes())
def test_a_polygon_that_is_a_box_holds_what_the_box_holds(thing: Box, area: Box) -> None:
    left, top, right, bottom = area
    points = ((left, top), (right, top), (right, bottom), (left, bottom))
    width = max(0.0, min(thing[2], right) - max(thing[0], left))
    height = max(0.0, min(thing[3], bottom) - max(thing[1], top))
    whole = (thing[2] - thing[0]) * (thing[3] - thing[1])
    assert lies_in(thing, points) == pytest.approx(width * height / whole, abs=1e-6)
    assert covered(thing, (area,)) == pytest.approx(lies_in(thing, points), abs=0.3)


def test_a_thing_stands_where_its_foot_is() -> None:
    lower_half = ((0.0, 0.5), (1.0, 0.5), (1.0, 1.0), (0.0, 1.0))
    tall = (0.2, 0.1, 0.3, 0.6)
    assert stands_in(tall, lower_half) == pytest.approx(2 / 3)
    assert lies_in(tall, lower_half) == pytest.approx(0.2)


@pytest.mark.parametrize(
    "points",
    [
        ((0, 0), (1, 1)),
        ((0, 0), (1, 1), (1, 0), (0, 1)),
        ((0, 0), (0.5, 0), (1, 0)),
        ((0, 0), (2, 0), (1, 1)),
    ],
)
def test_bad_polygons_are_refused_by_name(points: tuple[tuple[float, float], ...]) -> None:
    with pytest.raises(ValueError, match="pavement"):
        check_points("pavement", points)


def test_zones_choose_class_place_and_size() -> None:
    rules = Rules(zones=(Zone("left", LEFT, frozenset({"stall"}), min_size=0.03),))
    small = Sighting("stall", 0.9, (0.1, 0.5, 0.2, 0.6))
    litter = Sighting("litter", 0.9, STALL.box)
    assert judge(STALL, NOON, rules).counts
    assert judge(STALL, NOON, rules).zone == "left"
    assert judge(RIGHT_STALL, NOON, rules).reason is Reason.OUTSIDE
    assert judge(litter, NOON, rules).reason is Reason.OUTSIDE
    assert judge(small, NOON, rules).reason is Reason.TOO_SMALL


def test_a_permit_holds_at_its_hours_only() -> None:
    market = Permit(
        "m",
        LEFT,
        frozenset({"stall"}),
        (Weekly(frozenset(range(7)), (Span(time(11), time(13)),)),),
    )
    rules = Rules(permits=(market,))
    verdict = judge(STALL, NOON, rules)
    assert (verdict.reason, verdict.rule) == (Reason.PERMITTED, "m")
    assert judge(STALL, NOON + timedelta(hours=1), rules).counts
    assert judge(RIGHT_STALL, NOON, rules).counts
    assert judge(Sighting("litter", 0.9, STALL.box), NOON, rules).counts


def test_masks_and_suppressions_stop_their_class_at_their_spot() -> None:
    rules = Rules(
        masks=(Mask("screen", LEFT, frozenset({"litter"})),),
        suppressions=(Suppression("r1", "stall", STALL.box, NOON + timedelta(days=1)),),
    )
    assert judge(Sighting("litter", 0.9, STALL.box), NOON, rules).reason is Reason.MASKED
    assert judge(STALL, NOON, rules).reason is Reason.SUPPRESSED
    assert judge(STALL, NOON + timedelta(days=1), rules).counts
    assert judge(RIGHT_STALL, NOON, rules).counts
    larger = Sighting("stall", 0.8, (0.0, 0.1, 0.5, 1.0))
    assert judge(larger, NOON, rules).counts


def test_rules_survive_being_written_down() -> None:
    rules = Rules(
        zones=(Zone("left", LEFT, persistence={"stall": Persistence(60.0)}, mode="auto"),),
        permits=(
            Permit(
                "m",
                LEFT,
                frozenset({"stall"}),
                (Weekly(frozenset({4}), (Span(time(20), time(2)),)),),
                dates={date(2026, 10, 1): ()},
            ),
        ),
        suppressions=(Suppression("r1", "stall", STALL.box, NOON),),
        holidays=frozenset({date(2026, 10, 1)}),
    )
    assert rules_from(rules_to(rules)) == rules


def test_a_rules_file_is_read_and_its_mistakes_are_named(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(
        "zones:\n- {id: kerb, polygon: [[0, 0.5], [1, 0.5], [1, 1], [0, 1]], labels: [stall]}\n"
        "timezone: Asia/Shanghai\n"
    )
    assert load_rules(path).zones[0].labels == {"stall"}
    path.write_text("zones:\n- {id: kerb, polygon: [[0, 0], [1, 1]]}\n")
    with pytest.raises(RulesError, match=r"rules\.yaml.*zones.*3 or more points"):
        load_rules(path)
    path.write_text("zonen: []\n")
    with pytest.raises(RulesError, match="zonen"):
        load_rules(path)
    path.write_text("zones: [{id: a}, {id: a}]\n")
    with pytest.raises(RulesError, match="once"):
        load_rules(path)
    with pytest.raises(RulesError, match="no such file"):
        load_rules(tmp_path / "nothing.yaml")


def test_detections_become_shares_and_a_small_shift_is_taken_back() -> None:
    found = sightings_of([Detection("stall", 0.51234, (64, 36, 128, 72))], 640, 360, (0.01, -0.02))
    assert found == (Sighting("stall", 0.512, (0.09, 0.12, 0.19, 0.22)),)


def test_the_example_of_the_documentation_is_valid() -> None:
    text = (REPO / "docs" / "cameras.md").read_text(encoding="utf-8")
    example = text.split("```yaml\n")[1].split("```")[0]
    rules = rules_from(yaml.safe_load(example))
    assert rules.zones[0].id == "kerb"
    assert rules.permits[0].open_at(datetime(2026, 5, 2, 1, tzinfo=rules.timezone), rules.timezone)
