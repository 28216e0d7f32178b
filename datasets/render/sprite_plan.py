"""Decides from a seed which things stand together in a sprite, how they are seen and lit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import atan2, degrees
from random import Random

from datasets.render.plan import LIGHTS

VIEWS = ("phone", "car", "pole")


@dataclass(frozen=True)
class Part:
    """One thing of a sprite: a kind of the table or a model of the assets folder.

    Place and turn in metres and degrees; the front looks towards -y. ``stand_in`` is the kind that
    is built where there is no assets folder.
    """

    kind: str
    x: float = 0.0
    y: float = 0.0
    z: float = 0.0
    rz: float = 0.0
    seed: int = 0
    label: str | None = None
    model: str | None = None
    scale: float = 1.0


@dataclass(frozen=True)
class SpritePlan:
    """Everything needed to draw one sprite.

    The camera stands at (0, -``distance``, ``height``) metres and looks at the things around the
    origin. The sun travels towards ``sun`` degrees about z (0: straight away from the camera) and
    stands ``elevation`` degrees high.
    """

    name: str
    seed: int
    group: str
    parts: tuple[Part, ...]
    light: str
    view: str
    height: float
    distance: float
    sun: float
    elevation: float

    @property
    def depression(self) -> float:
        """Degrees below the horizon at which the camera sees the middle of the things."""
        return degrees(atan2(self.height - 0.35, self.distance))


Group = Callable[[Random], list[Part]]


def _seed(r: Random) -> int:
    return r.randrange(1 << 30)


def _one(kind: str, label: str | None) -> Group:
    def group(r: Random) -> list[Part]:
        turn = r.choice((0.0, 0.0, 90.0, -90.0, 180.0)) + r.uniform(-25, 25)
        return [Part(kind, rz=turn, seed=_seed(r), label=label, scale=r.uniform(0.92, 1.1))]

    return group


def _scaled(kind: str, label: str, low: float, high: float) -> Group:
    def group(r: Random) -> list[Part]:
        turn = r.uniform(0, 360)
        return [Part(kind, rz=turn, seed=_seed(r), label=label, scale=r.uniform(low, high))]

    return group


STALLS: dict[str, tuple[tuple[str, float], ...]] = {
    "cart_umbrella": (("own_pushcart_1", 0.0), ("own_pushcart_2", 0.0)),
    "food_cart": (("own_foodcart_1", 0.0), ("own_foodcart_2", 0.0), ("own_foodcart_3", 0.0)),
    "tent": (("own_tent_stall_1", 0.0), ("own_tent_stall_2", 0.0), ("own_tent_stall_3", 0.0)),
    "ground_cloth": (("own_ground_stall_1", 0.0), ("own_ground_stall_2", 0.0)),
}
"""Models that may stand for a stall, with their turn."""


def _stall(kind: str) -> Group:
    def group(r: Random) -> list[Part]:
        turn = r.choice((0.0, 0.0, 0.0, 180.0, 90.0, -90.0)) + r.uniform(-30, 30)
        model = None
        if kind in STALLS and r.random() < 0.35:
            model = r.choice(STALLS[kind])[0]
        parts = [Part(kind, rz=turn, seed=_seed(r), label="stall", model=model)]
        back = 1.0 if abs(turn) < 100 else -1.0
        if r.random() < 0.6:
            parts.append(_person(r, r.uniform(-0.5, 0.5), back * r.uniform(1.0, 1.3)))
        for _ in range(r.choice((0, 0, 0, 1, 1, 2))):
            parts.append(_person(r, r.uniform(-1.2, 1.2), -back * r.uniform(1.15, 1.6)))
        return parts

    return group


def _person(r: Random, x: float, y: float) -> Part:
    return Part("person", x, y, rz=r.uniform(0, 360), seed=_seed(r), label="person")


def _row(r: Random) -> list[Part]:
    """Two stalls side by side."""
    first, second = (
        r.choice(("cart_umbrella", "tent", "food_cart", "ground_cloth")),
        "cart_umbrella",
    )
    turn = r.choice((0.0, 0.0, 180.0)) + r.uniform(-10, 10)
    gap = r.uniform(1.4, 1.9)
    return [
        Part(first, -gap, 0, rz=turn, seed=_seed(r), label="stall"),
        Part(second, gap, r.uniform(-0.3, 0.3), rz=turn, seed=_seed(r), label="stall"),
        _person(r, r.uniform(-0.4, 0.4), r.uniform(-1.2, 0.8)),
    ]


FURNITURE = (
    ("aws_Wardrobe_01", 0.9),
    ("aws_SofaB_01", 0.9),
    ("sofa_03", 0.8),
    ("aws_ChairA_01", 1.0),
    ("aws_ChairD_01", 1.0),
    ("painted_wooden_cabinet", 1.0),
    ("painted_wooden_cabinet_02", 1.0),
    ("painted_wooden_stool", 1.0),
    ("wooden_bookshelf_worn", 1.0),
    ("wooden_table_02", 1.0),
    ("aws_Refrigerator_01", 0.9),
    ("aws_NightStand_01", 1.0),
    ("aws_ShoeRack_01", 1.0),
    ("ph_old_tyre", 1.0),
    ("own_flat_carton_1", 1.2),
    ("own_flat_carton_2", 1.2),
    ("own_sack_standing_white", 1.0),
    ("own_sack_standing_green", 1.0),
    ("own_sack_standing_burlap", 1.0),
    ("cardboard_box", 1.0),
    ("euro_pallet", 1.0),
)


def _discards(r: Random) -> list[Part]:
    """Things put out by households and shops: furniture, cartons, boards, sacks in a row."""
    parts, x = [], 0.0
    for _ in range(r.randint(2, 4)):
        if r.random() < 0.55:
            model, scale = r.choice(FURNITURE)
            wide = 0.75
            parts.append(
                Part(
                    "carton_few",
                    x,
                    r.uniform(-0.2, 0.2),
                    rz=r.choice((0, 0, 90, 180)) + r.uniform(-20, 20),
                    seed=_seed(r),
                    label="stacked_goods",
                    model=model,
                    scale=scale,
                )
            )
        else:
            kind, wide = r.choice(
                (("carton_few", 0.9), ("boards", 0.8), ("sacks", 1.1), ("boards", 0.8))
            )
            parts.append(
                Part(
                    kind,
                    x,
                    r.uniform(-0.2, 0.2),
                    rz=r.uniform(-20, 20),
                    seed=_seed(r),
                    label="stacked_goods",
                    scale=r.uniform(0.7, 1.0),
                )
            )
        x += wide * r.uniform(0.8, 1.1)
    return _centred(parts)


def _by_bin(r: Random) -> list[Part]:
    """A clean bin with goods put out beside it."""
    goods = _discards(r)
    right = max(p.x for p in goods) + r.uniform(1.0, 1.3)
    kind = r.choice(("bin240", "street_bin", "bin240"))
    bins = [
        Part(
            kind,
            right + 0.7 * k,
            r.uniform(-0.1, 0.1),
            rz=r.uniform(-10, 10),
            seed=_seed(r),
            label="bin",
        )
        for k in range(r.randint(1, 2))
    ]
    return _centred(goods + bins)


def _pair(first: tuple[str, ...], label: str, gap: float) -> Group:
    def group(r: Random) -> list[Part]:
        turn = r.choice((0.0, 90.0, 180.0)) + r.uniform(-15, 15)
        return [
            Part(
                r.choice(first), -gap * r.uniform(0.85, 1.1), 0, rz=turn, seed=_seed(r), label=label
            ),
            Part(
                r.choice(first),
                gap,
                r.uniform(-0.3, 0.3),
                rz=turn + r.uniform(-12, 12),
                seed=_seed(r),
                label=label,
            ),
        ]

    return group


def _centred(parts: list[Part]) -> list[Part]:
    middle = (min(p.x for p in parts) + max(p.x for p in parts)) / 2
    return [
        Part(p.kind, p.x - middle, p.y, p.z, p.rz, p.seed, p.label, p.model, p.scale) for p in parts
    ]


GROUPS: dict[str, tuple[float, Group]] = {
    "cart_umbrella": (5, _stall("cart_umbrella")),
    "food_cart": (3, _stall("food_cart")),
    "ground_cloth": (3, _stall("ground_cloth")),
    "tent": (2, _stall("tent")),
    "tricycle": (4, _stall("tricycle")),
    "stall_row": (2, _row),
    "cartons": (2, _one("cartons", "stacked_goods")),
    "carton_few": (1.5, _one("carton_few", "stacked_goods")),
    "crates": (1.5, _one("crates", "stacked_goods")),
    "sacks": (2, _one("sacks", "stacked_goods")),
    "timber": (1.5, _one("timber", "stacked_goods")),
    "bricks": (1.5, _one("bricks", "stacked_goods")),
    "furniture": (1.5, _one("furniture", "stacked_goods")),
    "mixed_goods": (1.5, _one("mixed_goods", "stacked_goods")),
    "discards": (5, _discards),
    "by_bin": (3, _by_bin),
    "two_piles": (1.5, _pair(("cartons", "sacks", "crates", "bricks"), "stacked_goods", 0.95)),
    "sand_heap": (2, _scaled("sand_heap", "spill", 0.7, 1.8)),
    "soil_heap": (4, _scaled("soil_heap", "spill", 0.7, 2.0)),
    "rubble": (4, _scaled("rubble", "spill", 0.8, 1.7)),
    "gravel_spill": (2, _scaled("gravel_spill", "spill", 0.8, 1.5)),
    "mud_smear": (1.5, _scaled("mud_smear", "spill", 0.8, 1.5)),
    "oil_pool": (1, _scaled("oil_pool", "spill", 0.7, 1.4)),
    "milky_pool": (1, _scaled("milky_pool", "spill", 0.7, 1.4)),
    "bag_heap": (1.5, _one("bag_heap", "litter")),
    "scatter": (2, _one("scatter", "litter")),
    "mixed_heap": (1.5, _one("mixed_heap", "litter")),
    "piece": (3, _one("piece", "litter")),
    "bin240_full": (1, _one("bin240_full", "overflowing_bin")),
    "container_full": (0.5, _one("container_full", "overflowing_bin")),
    "bin240": (1, _one("bin240", "bin")),
    "street_bin": (0.7, _one("street_bin", "bin")),
    "container": (0.5, _one("container", "bin")),
    "planter": (1, _one("planter", None)),
    "board": (0.7, _one("board", None)),
    "moped": (1, _one("moped", "two_wheeler")),
    "bicycle": (0.5, _one("bicycle", "two_wheeler")),
    "person": (0.7, _one("person", "person")),
    "manhole": (0.7, _one("manhole", None)),
    "patch": (0.7, _one("patch", None)),
    "leaves": (0.7, _one("leaves", None)),
}


def chosen_groups(things: Sequence[str] | None) -> tuple[str, ...]:
    """The groups named, or those whose first thing is of a class named; all for None.

    Raises ValueError where nothing fits.
    """
    if things is None:
        return tuple(GROUPS)
    found = tuple(
        name
        for name, (_, make) in GROUPS.items()
        if name in things or make(Random(0))[0].label in things
    )
    if not found:
        raise ValueError(f"things: no sprite shows any of {', '.join(things)}")
    return found


def plan_sprite(number: int, seed: int, groups: Sequence[str] | None = None) -> SpritePlan:
    """The plan of sprite ``number`` of a batch with this seed; the same on every machine."""
    s = seed * 1_000_003 + number
    r = Random(s)
    names = list(groups or GROUPS)
    group = r.choices(names, [GROUPS[n][0] for n in names])[0]
    light = r.choices(LIGHTS, (5, 5, 2, 1))[0]
    view = r.choices(VIEWS, (4, 3, 4))[0]
    if view == "phone":
        height, distance = r.uniform(1.4, 1.7), r.uniform(3.2, 8.0)
    elif view == "car":
        height, distance = r.uniform(1.3, 2.2), r.uniform(7.0, 20.0)
    else:
        height, distance = r.uniform(3.5, 7.5), r.uniform(6.0, 20.0)
    if group in ("piece", "scatter"):
        distance *= 0.6
    if group == "piece" and view == "phone":
        distance = r.uniform(0.9, 3.5)
    return SpritePlan(
        f"{group}_{seed}_{number:05d}",
        s,
        group,
        tuple(GROUPS[group][1](r)),
        light,
        view,
        round(height, 2),
        round(distance, 2),
        round(r.uniform(-180, 180), 1),
        round(r.uniform(28, 62), 1),
    )
