"""One heap is one finding, whatever the order of its boxes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.findings import GroupingConfig, group_findings
from detector.types import Detection

THRESHOLDS = {"litter": 0.3, "stall": 0.5}


def litter(x: float, y: float = 0.0, size: float = 40.0, confidence: float = 0.8) -> Detection:
    return Detection("litter", confidence, (x, y, x + size, y + size))


def test_boxes_close_together_are_one_finding() -> None:
    boxes = [litter(0), litter(45, confidence=0.6), litter(20, 30, confidence=0.9)]
    (finding,) = group_findings(boxes, THRESHOLDS)
    assert finding.confidence == 0.9
    assert finding.box == (0, 0, 85, 70)
    assert [member.confidence for member in finding.members] == [0.9, 0.8, 0.6]


def test_a_chain_of_boxes_is_one_place() -> None:
    findings = group_findings([litter(x) for x in (0, 100, 50, 150)], THRESHOLDS)
    assert [finding.box for finding in findings] == [(0, 0, 190, 40)]


def test_boxes_far_apart_are_two_findings() -> None:
    findings = group_findings([litter(0), litter(400, confidence=0.5)], THRESHOLDS)
    assert [finding.confidence for finding in findings] == [0.8, 0.5]


def test_classes_are_kept_apart_even_in_one_place() -> None:
    stall = Detection("stall", 0.7, (0, 0, 50, 50))
    findings = group_findings([litter(0), stall], THRESHOLDS)
    assert {finding.label for finding in findings} == {"litter", "stall"}


def test_only_what_reaches_its_own_threshold_counts() -> None:
    weak_stall = Detection("stall", 0.49, (0, 0, 50, 50))
    person = Detection("person", 0.99, (0, 0, 50, 50))
    at_threshold = litter(300, confidence=0.3)
    findings = group_findings([weak_stall, person, at_threshold], THRESHOLDS)
    assert [finding.label for finding in findings] == ["litter"]


def test_a_weak_box_does_not_join_two_strong_ones() -> None:
    bridge = Detection("litter", 0.1, (40, 0, 360, 40))
    assert len(group_findings([litter(0), bridge, litter(360)], THRESHOLDS)) == 2


def test_a_negative_reach_is_refused() -> None:
    with pytest.raises(ValueError, match="reach"):
        GroupingConfig(reach=-0.1)


@st.composite
def detections(draw: st.DrawFn) -> list[Detection]:
    number = st.integers(0, 1000).map(float)
    side = st.integers(1, 200).map(float)
    found = []
    for _ in range(draw(st.integers(0, 12))):
        left, top = draw(number), draw(number)
        box = (left, top, left + draw(side), top + draw(side))
        label = draw(st.sampled_from(["litter", "stall", "person"]))
        found.append(Detection(label, draw(st.integers(0, 100)) / 100, box))
    return found


@given(detections(), st.randoms(use_true_random=False))
def test_the_order_of_the_boxes_does_not_matter(found: list[Detection], random: object) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert group_findings(found, THRESHOLDS) == group_findings(shuffled, THRESHOLDS)


@given(detections())
def test_every_box_above_its_threshold_is_in_exactly_one_finding(found: list[Detection]) -> None:
    findings = group_findings(found, THRESHOLDS)
    wanted = [d for d in found if d.confidence >= THRESHOLDS.get(d.label, 2.0)]
    members = [member for finding in findings for member in finding.members]
    assert sorted(map(repr, members)) == sorted(map(repr, wanted))


@given(detections())
def test_a_finding_covers_its_members_and_carries_the_best_of_them(found: list[Detection]) -> None:
    for finding in group_findings(found, THRESHOLDS):
        assert finding.confidence == max(member.confidence for member in finding.members)
        assert {member.label for member in finding.members} == {finding.label}
        lefts, tops, rights, bottoms = zip(*(m.box for m in finding.members), strict=True)
        assert finding.box == (min(lefts), min(tops), max(rights), max(bottoms))


@given(detections())
def test_with_no_reach_members_of_different_findings_do_not_touch(found: list[Detection]) -> None:
    findings = group_findings(found, THRESHOLDS, GroupingConfig(reach=0.0))
    for index, finding in enumerate(findings):
        for other in findings[index + 1 :]:
            if finding.label != other.label:
                continue
            for a in finding.members:
                for b in other.members:
                    apart_x = a.box[2] < b.box[0] or b.box[2] < a.box[0]
                    apart_y = a.box[3] < b.box[1] or b.box[3] < a.box[1]
                    assert apart_x or apart_y
