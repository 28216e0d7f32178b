"""The script of the camera clip: what comes, stays and goes before one street camera, and when."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any, Final

STEP_S: Final = 2.0
"""Seconds of scene time from one key frame to the next."""
LENGTH_S: Final = 1440.0
BUMP: Final = (1260.0, 1320.0, 0.022, -0.013)
"""The camera is knocked: from, until (seconds), shift right and down as shares of the width."""
RAIN: Final = (880.0, 1020.0)
"""From, until (seconds): the street is wet."""


@dataclass(frozen=True)
class Part:
    """One thing of the story in the scene: a kind, its place (metres) and turn (degrees)."""

    name: str
    kind: str
    x: float
    y: float
    rz: float
    seed: int


@dataclass(frozen=True)
class Act:
    """A part is there from ``start_s`` until ``end_s`` of the clip's time."""

    part: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Event:
    """What a patrol must (or must not) make of the clip.

    ``parts``: what belongs to it; its time runs from the first act's start to the last one's end.
    ``incident``: one incident is expected; otherwise ``why`` says what must keep it quiet.
    """

    name: str
    label: str
    parts: tuple[str, ...]
    incident: bool
    why: str = ""


PARTS: Final = (
    Part("stall", "cart_umbrella", -1.5, 6.1, 4.0, 71),
    Part("permitted_stall", "food_cart", 5.4, 5.9, -3.0, 72),
    Part("soil", "soil_heap", 2.2, 1.2, 8.0, 73),
    Part("lorry", "truck", 5.2, -1.6, 0.0, 74),
    Part("van", "box_lorry", -2.3, 2.8, 180.0, 77),
    Part("cartons_1", "carton_few", 1.7, 7.5, 2.0, 75),
    Part("cartons_2", "cartons", 2.9, 7.4, -3.0, 76),
    Part("rubbish", "mixed_heap", -3.9, 4.8, 10.0, 78),
)
ACTS: Final = (
    Act("stall", 200, 640),
    Act("van", 380, 440),
    Act("lorry", 480, 484),
    Act("soil", 482, 1240),
    Act("cartons_1", 540, 1160),
    Act("cartons_2", 680, 1160),
    Act("rubbish", 740, 1100),
    Act("permitted_stall", 1050, 1410),
)
EVENTS: Final = (
    Event("a barrow comes, stays and goes; a van hides it for a minute", "stall", ("stall",), True),
    Event("a lorry loses soil, swept up later", "spill", ("soil",), True),
    Event("cartons, then more of them", "stacked_goods", ("cartons_1", "cartons_2"), True),
    Event("rubbish appears and is swept", "litter", ("rubbish",), True),
    Event(
        "a food cart in its permitted place and hours",
        "stall",
        ("permitted_stall",),
        False,
        "permit",
    ),
)

STALL_PLACE: Final = ((0.52, 0.2), (0.78, 0.2), (0.78, 0.5), (0.52, 0.5))
"""Where the food cart may stand, in shares of the frame."""
RULES: Final[dict[str, Any]] = {
    "timezone": "Asia/Shanghai",
    "zones": [
        {
            "id": "street",
            "persistence": {"stacked_goods": {"dwell_s": 300.0}, "litter": {"dwell_s": 180.0}},
        }
    ],
    "permits": [
        {
            "id": "food-cart",
            "polygon": [list(corner) for corner in STALL_PLACE],
            "labels": ["stall", "stacked_goods"],
            "weekly": [{"days": [2], "spans": [{"start": "09:10", "end": "10:00"}]}],
        }
    ],
}
"""The clip's rules: goods count after five minutes, rubbish after three; the cart has a permit."""


def present(at_s: float) -> tuple[str, ...]:
    """The parts that are in the scene at a time, far ones first."""
    there = {a.part for a in ACTS if a.start_s <= at_s < a.end_s}
    return tuple(p.name for p in sorted(PARTS, key=lambda p: -p.y) if p.name in there)


def times_of(event: Event) -> tuple[float, float]:
    """When an event begins and ends, in seconds of the clip."""
    acts = [a for a in ACTS if a.part in event.parts]
    return min(a.start_s for a in acts), max(a.end_s for a in acts)


def passers(seed: int, how_many: int, frames: int) -> list[int | None]:
    """Which set of passers-by is in each frame; about half of the frames have none."""
    rng = Random(seed)
    return [
        rng.randrange(how_many) if how_many and rng.random() < 0.5 else None for _ in range(frames)
    ]
