"""Which sightings of a look count at all, before anyone asks whether they persist."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from detector.geometry import area, held, iou, overlap
from detector.observation import Observation, Sighting
from detector.persistence import PERSISTENCE, Persistence
from detector.types import Box
from detector.zones import UNKNOWN_OBJECT, Reason, Rules, Verdict, Zone, judge

ON_A_REGION = 0.3
SAME_THING = 0.5


@dataclass(frozen=True, slots=True)
class MatchConfig:
    """When a sighting is at the place of an incident. Larger shares match less.

    ``same_iou``: overlap that suffices; ``same_held``: so does the smaller box lying this far in
    the larger; ``near``: distance of the centres, per axis, in mean box sizes (larger matches
    more). ``occluded``: share of a place under context boxes from which it is not in view.
    ``follow``: share by which the place moves towards each new box. ``other_name``: overlap from
    which a thing of another class at an open incident's place is the same thing.
    """

    same_iou: float = 0.2
    same_held: float = 0.6
    near: float = 0.6
    occluded: float = 0.5
    follow: float = 0.25
    other_name: float = 0.6


@dataclass(frozen=True, slots=True)
class Policy:
    """What counts for all cameras.

    ``thresholds``: confidence per issue class from which a sighting counts. ``weak``: share of it
    that suffices at the place of what has been seen before (hysteresis). ``faint``: share of it
    that suffices on a lasting change, and at the place of an open incident; larger reports less,
    and ends sooner what is seen badly.
    ``hides_from``: confidence from which people and vehicles (``context``) hide what is behind
    them; larger believes in fewer.
    ``largest``: share of the view above which a box is no thing on a street but the view itself,
    such as a wet road at night taken for a spill; larger lets more through.
    """

    thresholds: dict[str, float]
    context: frozenset[str] = frozenset({"person", "two_wheeler", "car", "truck"})
    weak: float = 0.6
    faint: float = 0.25
    hides_from: float = 0.4
    largest: float = 0.5
    persistence: dict[str, Persistence] = field(default_factory=lambda: dict(PERSISTENCE))
    match: MatchConfig = field(default_factory=MatchConfig)

    def needed(self, label: str, zone: Zone | None) -> float:
        """The confidence from which an issue class counts in a zone."""
        usual = self.thresholds.get(label, 0.0)
        return usual if zone is None else zone.min_confidence.get(label, usual)

    def hiding(self, sightings: Iterable[Sighting]) -> tuple[Box, ...]:
        """The boxes of people and vehicles that are surely there."""
        return tuple(
            one.box
            for one in sightings
            if one.label in self.context and one.confidence >= self.hides_from
        )

    @property
    def least(self) -> float:
        """Share of a threshold below which a sighting counts nowhere."""
        return min(self.weak, self.faint)


@dataclass(frozen=True, slots=True)
class Counted:
    """A sighting with the verdict of the rules; ``strong`` ones may begin an incident.

    ``since``: from when on the view differs there, where it is a lasting change. ``faint`` ones
    count for open incidents only.
    """

    sighting: Sighting
    verdict: Verdict
    strong: bool
    since: datetime | None = None
    faint: bool = False


def count(observation: Observation, rules: Rules, policy: Policy) -> tuple[Counted, ...]:
    """The sightings of issue classes that reach a threshold, each with its verdict."""
    seen = []
    for sighting in observation.sightings:
        if sighting.label not in policy.thresholds or area(sighting.box) > policy.largest:
            continue
        verdict = judge(sighting, observation.at, rules)
        needed = policy.needed(sighting.label, rules.zone(verdict.zone) if verdict.zone else None)
        share = sighting.confidence / needed if needed > 0 else 1.0
        if share >= policy.least:
            seen.append(_Seen(sighting, verdict, share))
    counted = []
    for one in seen:
        lasting, since = _on_a_region(one.sighting.box, observation)
        strong = one.share >= 1.0 or (lasting and not any(one.less_likely_than(o) for o in seen))
        faint = not lasting and one.share < policy.weak
        counted.append(Counted(one.sighting, one.verdict, strong, since, faint))
    return tuple(counted) + _unknown(observation, rules, counted)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A sighting, its verdict, and its confidence as a share of what its class needs."""

    sighting: Sighting
    verdict: Verdict
    share: float

    def less_likely_than(self, other: _Seen) -> bool:
        """Whether the same thing is another class more clearly."""
        mine, theirs = self.sighting, other.sighting
        more = other.share > self.share and theirs.label != mine.label
        return more and iou(mine.box, theirs.box) >= SAME_THING


def _on_a_region(box: Box, observation: Observation) -> tuple[bool, datetime | None]:
    """Whether a box lies on a lasting change, and since when that is there, if it is known."""
    regions = enumerate(observation.lasting)
    on = [(overlap(box, region), n) for n, region in regions if held(box, region) >= ON_A_REGION]
    if not on or not observation.lasting_since:
        return bool(on), None
    _, most = max(on)
    return True, observation.lasting_since[most]


def _unknown(observation: Observation, rules: Rules, counted: list[Counted]) -> tuple[Counted, ...]:
    known = [c.sighting.box for c in counted]
    others = [s.box for s in observation.sightings]
    found = []
    for number, region in enumerate(observation.lasting):
        if any(held(region, box) >= ON_A_REGION for box in (*known, *others)):
            continue
        sighting = Sighting(UNKNOWN_OBJECT, 0.0, region)
        verdict = judge(sighting, observation.at, rules)
        if verdict.reason is not Reason.OUTSIDE:
            since = observation.lasting_since[number] if observation.lasting_since else None
            found.append(Counted(sighting, verdict, True, since))
    return tuple(found)
