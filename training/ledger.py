"""The accuracy ledger: what reviewers' decisions say about the model in service, week by week."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from training.bootstrap import Interval, wilson

RECENT_WEEKS: Final = 2
MIN_RECENT: Final = 30
MIN_BASELINE: Final = 60
MIN_DROP: Final = 0.05
CERTAINTY: Final = 2.576
"""Standard errors (two-sided 99 %) by which precision must have fallen to warn: many classes and
cameras are watched each week, and a warning that is often wrong is not read."""


@dataclass(frozen=True)
class Decision:
    """One reviewed lead: what the model said and whether it was right.

    ``label`` is the model's class; ``right`` is True where the reviewer confirmed that very class
    (a corrected class counts as wrong: the model named another thing). ``found_at`` is an aware
    time, when the model saw it.
    """

    label: str
    camera: str
    found_at: datetime
    right: bool
    model_sha256: str = ""


@dataclass(frozen=True)
class SampledIssue:
    """One true issue in a randomly drawn picture that a person looked through.

    ``label`` is what it is, ``found`` whether the model had made a lead of it (of that class).
    """

    label: str
    camera: str
    seen_at: datetime
    found: bool


@dataclass(frozen=True)
class Entry:
    """One line of the ledger: a share with its 95 % Wilson interval.

    ``camera`` "*" and ``week`` "*" stand for all; weeks are ISO weeks like ``2026-W07`` in the time
    zone of the ledger.
    """

    label: str
    camera: str
    week: str
    right: int
    total: int
    share: Interval


@dataclass(frozen=True)
class Drift:
    """A warning: precision of a class (at a camera, or "*") fell in the last weeks.

    ``z`` is the fall in standard errors of a difference of two shares (pooled).
    """

    label: str
    camera: str
    before: Entry
    recent: Entry
    z: float

    @property
    def text(self) -> str:
        """One sentence for people."""
        where = "all cameras" if self.camera == "*" else f"camera {self.camera}"
        return (
            f"{self.label}, {where}: {self.recent.right} of {self.recent.total} leads were right in"
            f" {self.recent.week}, before that {self.before.right} of {self.before.total}"
        )


def iso_week(at: datetime, zone: tzinfo = UTC) -> str:
    """The ISO 8601 week of an aware time in a zone, like ``2026-W07``."""
    if at.utcoffset() is None:
        raise ValueError(f"expected a time with a time zone, got {at.isoformat()}")
    year, week, _ = at.astimezone(zone).isocalendar()
    return f"{year}-W{week:02}"


def precision_ledger(decisions: Iterable[Decision], *, zone: tzinfo = UTC) -> tuple[Entry, ...]:
    """Precision per class, camera and week, and their sums (camera or week ``*``), sorted."""
    return _ledger(
        (one.label, one.camera, iso_week(one.found_at, zone), one.right) for one in decisions
    )


def recall_ledger(samples: Iterable[SampledIssue], *, zone: tzinfo = UTC) -> tuple[Entry, ...]:
    """Recall per class, camera and week from randomly drawn pictures, and their sums, sorted.

    Only pictures drawn at random whatever the model said of them may be used; leads alone can
    never tell what was missed.
    """
    return _ledger(
        (one.label, one.camera, iso_week(one.seen_at, zone), one.found) for one in samples
    )


def drift_warnings(
    decisions: Sequence[Decision],
    *,
    now: datetime,
    recent_weeks: int = RECENT_WEEKS,
    zone: tzinfo = UTC,
) -> tuple[Drift, ...]:
    """Classes, and classes at single cameras, whose precision has fallen in the last weeks.

    The decisions of the ``recent_weeks`` up to ``now`` (aware) are compared with all earlier ones
    of the same model files. A warning needs ``MIN_RECENT`` and ``MIN_BASELINE`` decisions, a fall
    of at least ``MIN_DROP``, and one larger than ``CERTAINTY`` standard errors. Sorted by z.
    """
    if now.utcoffset() is None:
        raise ValueError(f"now: expected a time with a time zone, got {now.isoformat()}")
    since = now - timedelta(weeks=recent_weeks)
    label_of_recent = f"{iso_week(since, zone)} to {iso_week(now, zone)}"
    serving = {one.model_sha256 for one in decisions if since < one.found_at <= now}
    counts: dict[tuple[str, str], list[Counter[bool]]] = {}
    for one in decisions:
        if one.found_at > now or one.model_sha256 not in serving:
            continue
        for camera in (one.camera, "*"):
            pair = counts.setdefault((one.label, camera), [Counter(), Counter()])
            pair[one.found_at > since][one.right] += 1
    warnings = []
    for (label, camera), (before, recent) in counts.items():
        earlier = _entry(label, camera, "earlier", before[True], before.total())
        latest = _entry(label, camera, label_of_recent, recent[True], recent.total())
        if latest.total < MIN_RECENT or earlier.total < MIN_BASELINE:
            continue
        fall = earlier.right / earlier.total - latest.right / latest.total
        z = _fall_in_errors(earlier, latest)
        if fall >= MIN_DROP and z >= CERTAINTY:
            warnings.append(Drift(label, camera, earlier, latest, z))
    return tuple(sorted(warnings, key=lambda one: (-one.z, one.label, one.camera)))


def _fall_in_errors(before: Entry, recent: Entry) -> float:
    """The two-proportion z statistic with pooled variance; 0 where nothing varies."""
    pooled = (before.right + recent.right) / (before.total + recent.total)
    variance = pooled * (1 - pooled) * (1 / before.total + 1 / recent.total)
    if variance <= 0:
        return 0.0
    return (before.right / before.total - recent.right / recent.total) / math.sqrt(variance)


def _ledger(rows: Iterable[tuple[str, str, str, bool]]) -> tuple[Entry, ...]:
    counts: dict[tuple[str, str, str], Counter[bool]] = {}
    for label, camera, week, right in rows:
        if "*" in (camera, week):
            raise ValueError("a camera may not be called '*': that stands for all of them")
        for where in {(camera, week), ("*", week), (camera, "*"), ("*", "*")}:
            counts.setdefault((label, *where), Counter())[right] += 1
    return tuple(_entry(*key, count[True], count.total()) for key, count in sorted(counts.items()))


def _entry(label: str, camera: str, week: str, right: int, total: int) -> Entry:
    return Entry(label, camera, week, right, total, wilson(right, total))
