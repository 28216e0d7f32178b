"""From boxes to findings: the boxes of one heap are one thing to report, not ten."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from detector.types import Box, Detection, Finding

__all__ = ["Finding", "GroupingConfig", "group_findings"]


@dataclass(frozen=True, slots=True)
class GroupingConfig:
    """How close two boxes of one class must be to count as one place.

    ``reach``: gap between two boxes, as a share of the mean of their longer sides, up to which they
    belong together; larger joins more, 0 joins only boxes that touch.
    """

    reach: float = 0.5

    def __post_init__(self) -> None:
        if self.reach < 0:
            raise ValueError(f"reach: expected 0 or more, got {self.reach}")


def group_findings(
    detections: Iterable[Detection],
    thresholds: Mapping[str, float],
    config: GroupingConfig | None = None,
) -> tuple[Finding, ...]:
    """One finding per issue class and place, highest confidence first.

    A detection takes part when its class has an entry in ``thresholds`` and its confidence reaches
    it; classes without an entry (the context classes) make no finding. Boxes of one class whose gap
    is small beside their size (``GroupingConfig.reach``) are one place, also through others
    between them. The order of ``detections`` does not matter.

    Returns:
        Findings with the union box in the pixels of the detections.
    """
    config = config or GroupingConfig()
    kept = sorted(
        (d for d in detections if d.label in thresholds and d.confidence >= thresholds[d.label]),
        key=_rank,
    )
    groups: list[list[Detection]] = []
    for detection in kept:
        near = [
            group
            for group in groups
            if any(
                other.label == detection.label and _near(other.box, detection.box, config.reach)
                for other in group
            )
        ]
        joined = [member for group in near for member in group]
        groups = [group for group in groups if not any(group is found for found in near)]
        groups.append([*joined, detection])
    findings = (_finding(sorted(group, key=_rank)) for group in groups)
    return tuple(sorted(findings, key=lambda f: (-f.confidence, f.label, f.box)))


def _rank(detection: Detection) -> tuple[float, str, Box]:
    return (-detection.confidence, detection.label, detection.box)


def _finding(members: list[Detection]) -> Finding:
    lefts, tops, rights, bottoms = zip(*(member.box for member in members), strict=True)
    union = (min(lefts), min(tops), max(rights), max(bottoms))
    return Finding(members[0].label, members[0].confidence, union, tuple(members))


def _near(a: Box, b: Box, reach: float) -> bool:
    gap_x = max(a[0], b[0]) - min(a[2], b[2])
    gap_y = max(a[1], b[1]) - min(a[3], b[3])
    gap = max(gap_x, gap_y, 0.0)
    size = (max(a[2] - a[0], a[3] - a[1]) + max(b[2] - b[0], b[3] - b[1])) / 2
    return gap <= reach * size
