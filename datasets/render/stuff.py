"""The table of what surfaces a street is made of."""

from __future__ import annotations

from dataclasses import dataclass

Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Stuff:
    """How one kind of surface looks: texture folders with tile size, and the noise stand-in.

    ``gain`` darkens the photographed colour where the ground shows too pale in the sun.
    """

    folders: tuple[tuple[str, float], ...]
    dark: Colour
    light: Colour
    grain: float
    rough: float
    bump: float
    tiles: tuple[float, float] | None = None
    tint: float = 0.0
    gain: float = 1.0


STUFF: dict[str, Stuff] = {
    "asphalt": Stuff(
        (("asphalt_04", 4.04), ("asphalt_04", 5.2), ("asphalt_02", 3.5), ("asphalt_pit_lane", 2.0)),
        (0.05, 0.05, 0.052),
        (0.13, 0.13, 0.13),
        55,
        0.85,
        0.25,
        gain=0.6,
    ),
    "asphalt_patch": Stuff(
        (("asphalt_pit_lane", 2.0), ("asphalt_04", 3.0)),
        (0.04, 0.04, 0.04),
        (0.08, 0.08, 0.08),
        60,
        0.85,
        0.3,
        gain=0.4,
    ),
    "paving": Stuff(
        (
            ("brick_floor_003", 2.0),
            ("brick_floor", 2.0),
            ("brick_floor_02", 2.2),
            ("brown_floor_tiles", 2.4),
            ("brick_floor_003", 1.5),
        ),
        (0.22, 0.2, 0.19),
        (0.36, 0.33, 0.3),
        18,
        0.8,
        0.3,
        tiles=(0.3, 0.3),
    ),
    "kerb": Stuff(
        (("brushed_concrete", 2.0), ("concrete_floor_02", 2.0)),
        (0.3, 0.3, 0.29),
        (0.45, 0.44, 0.42),
        20,
        0.85,
        0.2,
    ),
    "concrete": Stuff(
        (("concrete_floor_02", 2.0), ("brushed_concrete", 2.0)),
        (0.28, 0.27, 0.26),
        (0.42, 0.41, 0.39),
        8,
        0.85,
        0.15,
    ),
    "plaster": Stuff(
        (("beige_wall_001", 2.0), ("brushed_concrete", 3.0), ("asphalt_06", 3.0)),
        (0.5, 0.47, 0.42),
        (0.64, 0.61, 0.55),
        3,
        0.9,
        0.08,
        tint=0.25,
    ),
    "wall_tile": Stuff(
        (("brick_wall_13", 2.2), ("brick_wall_003", 2.0), ("brick_wall_08", 2.0)),
        (0.55, 0.53, 0.5),
        (0.68, 0.66, 0.62),
        6,
        0.45,
        0.1,
        tiles=(0.2, 0.08),
        tint=0.2,
    ),
    "brick": Stuff(
        (("brick_wall_001", 2.0), ("brick_wall_005", 2.0), ("brick_wall_10", 2.0)),
        (0.25, 0.09, 0.06),
        (0.4, 0.17, 0.12),
        14,
        0.9,
        0.3,
        tiles=(0.24, 0.07),
    ),
    "shutter": Stuff(
        (("painted_metal_shutter", 2.0),),
        (0.4, 0.42, 0.44),
        (0.5, 0.52, 0.53),
        9,
        0.5,
        0.1,
        tint=0.3,
    ),
    "sand": Stuff(
        (("gravelly_sand", 1.6), ("Sand_002", 1.2), ("hterrain_sand", 1.5)),
        (0.36, 0.25, 0.14),
        (0.55, 0.4, 0.24),
        40,
        0.95,
        0.5,
    ),
    "soil": Stuff(
        (("brown_mud_dry", 1.3), ("Ground_Dirt_007", 1.5), ("brown_mud_rocks_01", 1.6)),
        (0.09, 0.055, 0.03),
        (0.22, 0.14, 0.08),
        30,
        0.95,
        0.6,
        gain=0.5,
    ),
    "gravel": Stuff(
        (("Pebbles_025", 1.0), ("ambientcg:Gravel", 0.8)),
        (0.22, 0.21, 0.2),
        (0.45, 0.43, 0.4),
        45,
        0.9,
        0.8,
    ),
    "mud": Stuff(
        (("brown_mud_dry", 1.3), ("asphalt_05", 1.2)),
        (0.12, 0.08, 0.045),
        (0.2, 0.14, 0.08),
        14,
        0.55,
        0.4,
    ),
    "wood": Stuff(
        (("Wood_027", 1.0), ("ambientcg:Planks", 0.6), ("ambientcg:WoodSiding", 0.6)),
        (0.25, 0.15, 0.08),
        (0.45, 0.3, 0.17),
        10,
        0.75,
        0.2,
        tint=0.3,
    ),
    "new_wood": Stuff(
        (("ambientcg:Planks", 0.6),), (0.5, 0.34, 0.18), (0.68, 0.5, 0.3), 10, 0.75, 0.15, tint=0.3
    ),
    "cardboard": Stuff(
        (("ambientcg:Cardboard", 0.6),),
        (0.36, 0.24, 0.13),
        (0.48, 0.34, 0.2),
        7,
        0.85,
        0.06,
        tint=0.25,
    ),
    "cloth": Stuff(
        (("ambientcg:Fabric", 0.25),), (0.3, 0.3, 0.32), (0.45, 0.45, 0.47), 60, 0.9, 0.2
    ),
    "bark": Stuff(
        (("brown_mud_rocks_01", 0.8),), (0.1, 0.075, 0.05), (0.22, 0.17, 0.12), 25, 0.95, 0.9
    ),
    "earth": Stuff(
        (("Ground_Dirt_007", 1.5), ("leafy_grass", 2.0)),
        (0.1, 0.07, 0.045),
        (0.18, 0.13, 0.08),
        20,
        0.95,
        0.6,
    ),
    "corrugated": Stuff(
        (("box_profile_metal_sheet", 1.6), ("ambientcg:CorrugatedSteel", 1.0)),
        (0.25, 0.3, 0.36),
        (0.32, 0.38, 0.45),
        5,
        0.5,
        0.15,
        tint=0.5,
    ),
}
