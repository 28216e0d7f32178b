"""The table of what can stand in a scene: its label, size and usual place."""

from __future__ import annotations

from dataclasses import dataclass

from datasets.classes import ISSUE_CLASSES


@dataclass(frozen=True)
class Kind:
    """One sort of thing: label, half its footprint (x, y; metres), height, where it stands."""

    label: str | None
    half: tuple[float, float]
    height: float
    zone: str


KINDS: dict[str, Kind] = {
    "sand_heap": Kind("spill", (1.7, 1.3), 0.4, "lane"),
    "soil_heap": Kind("spill", (1.7, 1.3), 0.3, "lane"),
    "gravel_spill": Kind("spill", (1.7, 1.2), 0.1, "lane"),
    "mud_smear": Kind("spill", (2.4, 1.0), 0.05, "lane"),
    "oil_pool": Kind("spill", (1.4, 1.0), 0.01, "lane"),
    "milky_pool": Kind("spill", (1.3, 0.9), 0.01, "lane"),
    "cartons": Kind("stacked_goods", (1.0, 0.7), 1.5, "goods"),
    "carton_few": Kind("stacked_goods", (0.6, 0.5), 0.8, "goods"),
    "crates": Kind("stacked_goods", (0.9, 0.6), 1.4, "goods"),
    "sacks": Kind("stacked_goods", (1.0, 0.6), 0.8, "goods"),
    "timber": Kind("stacked_goods", (1.5, 0.6), 0.7, "goods"),
    "bricks": Kind("stacked_goods", (0.7, 0.6), 0.8, "goods"),
    "furniture": Kind("stacked_goods", (1.2, 0.7), 1.6, "goods"),
    "mixed_goods": Kind("stacked_goods", (1.4, 0.8), 1.4, "goods"),
    "cart_umbrella": Kind("stall", (1.4, 1.2), 2.4, "stall"),
    "food_cart": Kind("stall", (1.2, 0.9), 2.3, "stall"),
    "ground_cloth": Kind("stall", (1.3, 0.9), 0.4, "stall"),
    "tent": Kind("stall", (1.5, 1.3), 2.6, "stall"),
    "tricycle": Kind("stall", (1.6, 0.9), 2.1, "stall_road"),
    "bag_heap": Kind("litter", (0.9, 0.6), 0.6, "litter"),
    "scatter": Kind("litter", (1.1, 0.7), 0.2, "litter"),
    "mixed_heap": Kind("litter", (1.0, 0.7), 0.5, "litter"),
    "bin240_full": Kind("overflowing_bin", (0.6, 0.6), 1.4, "bin"),
    "street_bin_full": Kind("overflowing_bin", (0.6, 0.5), 1.2, "bin"),
    "container_full": Kind("overflowing_bin", (1.0, 0.7), 1.6, "bin"),
    "bin240": Kind("bin", (0.32, 0.4), 1.1, "bin"),
    "street_bin": Kind("bin", (0.5, 0.3), 1.1, "bin"),
    "container": Kind("bin", (0.75, 0.5), 1.3, "bin"),
    "person": Kind("person", (0.35, 0.35), 1.75, "walk"),
    "moped": Kind("two_wheeler", (0.9, 0.38), 1.1, "kerb"),
    "bicycle": Kind("two_wheeler", (0.9, 0.3), 1.05, "kerb"),
    "car": Kind("car", (2.35, 1.0), 1.5, "parking"),
    "truck": Kind("truck", (2.9, 1.15), 2.6, "parking"),
    "box_lorry": Kind("truck", (2.9, 1.15), 2.6, "parking"),
    "tree": Kind(None, (0.45, 0.45), 6.0, "strip"),
    "lamp": Kind(None, (0.2, 0.2), 7.0, "strip"),
    "pole": Kind(None, (0.2, 0.2), 7.5, "strip"),
    "bollard": Kind(None, (0.12, 0.12), 0.8, "strip"),
    "planter": Kind(None, (0.6, 0.25), 0.7, "front"),
    "shop_things": Kind(None, (0.5, 0.3), 0.9, "front"),
    "board": Kind(None, (0.35, 0.25), 0.9, "front"),
    "manhole": Kind(None, (0.4, 0.4), 0.0, "flat"),
    "patch": Kind(None, (1.2, 0.8), 0.0, "flat"),
    "stain": Kind(None, (0.8, 0.6), 0.0, "flat"),
    "leaves": Kind(None, (1.5, 0.5), 0.0, "gutter"),
}
OF_CLASS = {c: tuple(k for k, v in KINDS.items() if v.label == c) for c in ISSUE_CLASSES}
