"""Which sightings of a look count at all, before anyone asks whether they persist."""

from __future__ import annotations

from dataclasses import dataclass, field

from detector.geometry import area, held
from detector.observation import Observation, Sighting
from detector.persistence import PERSISTENCE, Persistence
from detector.zones import UNKNOWN_OBJECT, Reason, Rules, Verdict, judge

ON_A_REGION = 0.3


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
    that suffices on a lasting change and at the place of a known incident (hysteresis).
    ``largest``: share of the view above which a box is no thing on a street but the view itself,
    such as a wet road at night taken for a spill; larger lets more through.
    """

    thresholds: dict[str, float]
    context: frozenset[str] = frozenset({"person", "two_wheeler", "car", "truck"})
    weak: float = 0.6
    largest: float = 0.5
    persistence: dict[str, Persistence] = field(default_factory=lambda: dict(PERSISTENCE))
    match: MatchConfig = field(default_factory=MatchConfig)


@dataclass(frozen=True, slots=True)
class Counted:
    """A sighting with the verdict of the rules; ``strong`` ones may begin an incident."""

    sighting: Sighting
    verdict: Verdict
    strong: bool


def count(observation: Observation, rules: Rules, policy: Policy) -> tuple[Counted, ...]:
    """The sightings of issue classes that reach a threshold, each with its verdict."""
    counted = []
    for sighting in observation.sightings:
        if sighting.label not in policy.thresholds or area(sighting.box) > policy.largest:
            continue
        verdict = judge(sighting, observation.at, rules)
        zone = rules.zone(verdict.zone) if verdict.zone else None
        needed = policy.thresholds[sighting.label]
        if zone is not None:
            needed = zone.min_confidence.get(sighting.label, needed)
        if sighting.confidence < needed * policy.weak:
            continue
        lasting = any(held(sighting.box, region) >= ON_A_REGION for region in observation.lasting)
        counted.append(Counted(sighting, verdict, sighting.confidence >= needed or lasting))
    return tuple(counted) + _unknown(observation, rules, counted)


def _unknown(observation: Observation, rules: Rules, counted: list[Counted]) -> tuple[Counted, ...]:
    known = [c.sighting.box for c in counted]
    others = [s.box for s in observation.sightings]
    found = []
    for region in observation.lasting:
        if any(held(region, box) >= ON_A_REGION for box in (*known, *others)):
            continue
        sighting = Sighting(UNKNOWN_OBJECT, 0.0, region)
        verdict = judge(sighting, observation.at, rules)
        if verdict.reason is not Reason.OUTSIDE:
            found.append(Counted(sighting, verdict, True))
    return tuple(found)
