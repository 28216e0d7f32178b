"""The rules of a camera: where and when a sighting counts, judged without any picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import TypeAdapter, ValidationError

from detector.geometry import Points, area, check_box, check_points, held, iou, lies_in, stands_in
from detector.observation import Sighting
from detector.permits import STRICT, Permit
from detector.persistence import Persistence
from detector.types import Box, require_aware

WHOLE_VIEW: Points = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
UNKNOWN_OBJECT = "unknown_object"
ENOUGH_INSIDE = 0.5


class Reason(StrEnum):
    """Why a sighting counts or does not."""

    COUNTS = "counts"
    OUTSIDE = "outside"  # stands in no zone for its class
    TOO_SMALL = "too_small"
    MASKED = "masked"
    PERMITTED = "permitted"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True)
class Zone:
    """An area that is watched.

    ``labels``: classes watched here; empty means all issue classes. ``min_size``: smallest box, as
    a share of the view's area. ``min_confidence`` and ``persistence``: other values than the
    usual ones, per class. ``mode``: what becomes of an incident here. ``unknown_objects``: report
    lasting changes no class was found for (review only).
    """

    __pydantic_config__ = STRICT
    id: str
    polygon: Points = WHOLE_VIEW
    labels: frozenset[str] = frozenset()
    min_size: float = 0.0
    min_confidence: dict[str, float] = field(default_factory=dict)
    persistence: dict[str, Persistence] = field(default_factory=dict)
    mode: Literal["review", "auto"] = "review"
    unknown_objects: bool = False
    name: str = ""

    def __post_init__(self) -> None:
        check_points(f"zone {self.id}: polygon", self.polygon)
        if not 0.0 <= self.min_size < 1.0:
            raise ValueError(f"zone {self.id}: min_size: expected 0..1, got {self.min_size}")

    def concerns(self, label: str) -> bool:
        """True when the class is watched here."""
        if label == UNKNOWN_OBJECT:
            return self.unknown_objects
        return not self.labels or label in self.labels


@dataclass(frozen=True, slots=True)
class Mask:
    """An area where nothing counts, such as a shop's screen; ``labels`` empty means all classes."""

    __pydantic_config__ = STRICT
    id: str
    polygon: Points
    labels: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        check_points(f"mask {self.id}: polygon", self.polygon)


@dataclass(frozen=True, slots=True)
class Suppression:
    """A spot where a class was rejected by a reviewer: not reported again until ``expires_at``."""

    __pydantic_config__ = STRICT
    id: str
    label: str
    box: Box
    expires_at: datetime

    def __post_init__(self) -> None:
        check_box(f"suppression {self.id}: box", self.box)
        require_aware(f"suppression {self.id}: expires_at", self.expires_at)

    def stops(self, sighting: Sighting, at: datetime) -> bool:
        """True when the sighting is of this class, at this spot, before the end.

        At the spot: an IoU of 0.3, or 70 % within when it is no larger. A larger thing is news.
        """
        if sighting.label != self.label or at >= self.expires_at:
            return False
        inside = area(sighting.box) <= area(self.box) and held(sighting.box, self.box) >= 0.7
        return inside or iou(sighting.box, self.box) >= 0.3


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules of one camera. Without zones the whole view is one, for review."""

    __pydantic_config__ = STRICT
    zones: tuple[Zone, ...] = (Zone("view"),)
    permits: tuple[Permit, ...] = ()
    masks: tuple[Mask, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    holidays: frozenset[date] = frozenset()
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))

    def __post_init__(self) -> None:
        for kind in ("zones", "permits", "masks", "suppressions"):
            ids = [entry.id for entry in getattr(self, kind)]
            twice = sorted({name for name in ids if ids.count(name) > 1})
            if twice:
                raise ValueError(f"{kind}: every id may stand once, but: {', '.join(twice)}")

    def zone(self, name: str) -> Zone | None:
        """The zone of this id."""
        return next((zone for zone in self.zones if zone.id == name), None)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say of a sighting: the reason, its zone and the rule that spoke."""

    reason: Reason
    zone: str | None = None
    rule: str | None = None

    @property
    def counts(self) -> bool:
        """True when the sighting may make an incident."""
        return self.reason is Reason.COUNTS


def judge(sighting: Sighting, at: datetime, rules: Rules) -> Verdict:
    """Does this sighting count at this place and hour?

    Args:
        sighting: its box in shares of the view.
        at: capture time, aware.
        rules: of the camera.

    >>> from datetime import UTC
    >>> stall = Sighting("stall", 0.8, (0.1, 0.6, 0.2, 0.8))
    >>> judge(stall, datetime(2026, 5, 1, tzinfo=UTC), Rules()).reason.value
    'counts'
    """
    require_aware("at", at)
    for mask in rules.masks:
        concerns = not mask.labels or sighting.label in mask.labels
        if concerns and lies_in(sighting.box, mask.polygon) >= ENOUGH_INSIDE:
            return Verdict(Reason.MASKED, rule=mask.id)
    zones = [
        zone
        for zone in rules.zones
        if zone.concerns(sighting.label) and stands_in(sighting.box, zone.polygon) >= ENOUGH_INSIDE
    ]
    if not zones:
        return Verdict(Reason.OUTSIDE)
    large = [zone for zone in zones if area(sighting.box) >= zone.min_size]
    if not large:
        return Verdict(Reason.TOO_SMALL, zones[0].id)
    for permit in rules.permits:
        if (
            permit.concerns(sighting.label)
            and stands_in(sighting.box, permit.polygon) >= ENOUGH_INSIDE
            and permit.open_at(at, rules.timezone, rules.holidays)
        ):
            return Verdict(Reason.PERMITTED, large[0].id, permit.id)
    for suppression in rules.suppressions:
        if suppression.stops(sighting, at):
            return Verdict(Reason.SUPPRESSED, large[0].id, suppression.id)
    return Verdict(Reason.COUNTS, large[0].id)


_RULES = TypeAdapter(Rules)


class RulesError(ValueError):
    """A rules file is not valid; the message names the file, the field and what was expected."""


def rules_from(content: object, name: str = "rules") -> Rules:
    """Rules from plain data (as from JSON or YAML); RulesError names what is wrong."""
    try:
        return _RULES.validate_python(content)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, item['loc'])) or 'rules'}: {item['msg']}"
            for item in error.errors()
        )
        raise RulesError(f"{name}: {wrong}") from None


def rules_to(rules: Rules) -> dict[str, object]:
    """Plain data that ``rules_from`` reads again."""
    data: dict[str, object] = _RULES.dump_python(rules, mode="json")
    return data


def load_rules(path: Path) -> Rules:
    """Read a YAML or JSON file; RulesError when it is missing or not valid."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RulesError(f"{path}: there is no such file") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise RulesError(f"{path}: expected YAML or JSON: {error}") from None
    return rules_from(content or {}, str(path))
