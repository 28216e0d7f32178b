"""Every choice of a training run in one typed file, so that a run can be repeated."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

REPO: Final = Path(__file__).resolve().parent.parent


def shared_dir() -> Path:
    """The folder with labelled pictures: PATROL_SHARED_DIR, or ``shared`` beside the repository."""
    return Path(os.environ.get("PATROL_SHARED_DIR", REPO.parent / "shared"))


def bfloat16_pays(cpuinfo: Path = Path("/proc/cpuinfo")) -> bool:
    """True where the processor has bfloat16 arithmetic; emulated, it takes ten times as long."""
    try:
        words = set(cpuinfo.read_text(encoding="utf-8").split())
    except OSError:
        return False
    return bool(words & {"avx512_bf16", "amx_bf16", "bf16"})


def coco_base() -> Path:
    """The checkpoint with COCO weights: where training starts, and what labels people, vehicles."""
    return shared_dir() / "data" / "base" / "yolo26n-coco.pt"


@dataclass(frozen=True)
class SourceRecipe:
    """How often one source's pictures are shown in an epoch.

    ``full`` whole views of each picture (below 1: that share of the pictures, drawn by seed),
    ``crops`` further views, cut out around one of its boxes with a side between ``crop_min`` and
    ``crop_max`` of the picture. ``stretch`` lists width factors to draw from, for sources whose
    pictures were squeezed.
    """

    full: float = 1.0
    crops: int = 0
    crop_min: float = 0.45
    crop_max: float = 0.8
    stretch: tuple[float, ...] = (1.0,)


_SQUEEZED: Final = (1.0, 1.0, 0.75, 1.33)

EVEN: Final[dict[str, SourceRecipe]] = {
    "cn_street_case": SourceRecipe(stretch=_SQUEEZED),
    "cn_street_news": SourceRecipe(stretch=_SQUEEZED),
    "cn_street_bins": SourceRecipe(stretch=_SQUEEZED),
    "litter_taco": SourceRecipe(full=1, crops=1),
    "litter_uk": SourceRecipe(full=2, crops=2),
    "litter_riyadh": SourceRecipe(full=2, crops=3, crop_min=0.3, crop_max=0.7),
    "stall_india": SourceRecipe(full=2, crops=2),
    "stall_bogota_aerial": SourceRecipe(full=0.3),
    "stall_lindsay_travelblog": SourceRecipe(full=2, crops=1),
    "stall_malaysia_nightmarket": SourceRecipe(full=2, crops=1),
    "stall_vsh_leftover": SourceRecipe(full=2, crops=2),
    "goods_cn_bins": SourceRecipe(full=3, crops=2, stretch=_SQUEEZED),
    "goods_london_renovation": SourceRecipe(full=1, crops=1),
    "goods_us_housebuilds": SourceRecipe(full=2, crops=1),
    "goods_porch_cartons": SourceRecipe(full=1, crops=1),
    "goods_ngo_sites": SourceRecipe(full=2, crops=2),
    "goods_pallet": SourceRecipe(full=0.5),
    "spill_riyadh": SourceRecipe(full=3, crops=3),
    "spill_indoor_wet_floor": SourceRecipe(full=0.5),
}
"""Some oversampling of the weak classes and of small litter; the rest is shown once."""

WEAK: Final[dict[str, SourceRecipe]] = EVEN | {
    "cn_street_case": SourceRecipe(full=0.6, stretch=_SQUEEZED),
    "cn_street_news": SourceRecipe(full=0.7, stretch=_SQUEEZED),
    "cn_street_bins": SourceRecipe(full=0.6, stretch=_SQUEEZED),
    "litter_taco": SourceRecipe(full=2, crops=2),
    "litter_uk": SourceRecipe(full=3, crops=3),
    "litter_riyadh": SourceRecipe(full=4, crops=3, crop_min=0.3, crop_max=0.7),
    "stall_india": SourceRecipe(full=3, crops=2),
    "goods_cn_bins": SourceRecipe(full=6, crops=4, stretch=_SQUEEZED),
    "goods_london_renovation": SourceRecipe(full=2, crops=1),
    "goods_us_housebuilds": SourceRecipe(full=3, crops=2),
    "goods_porch_cartons": SourceRecipe(full=2, crops=1),
    "goods_ngo_sites": SourceRecipe(full=3, crops=3),
    "goods_nz_timberyard": SourceRecipe(full=1, crops=1),
    "goods_au_tinyhouse": SourceRecipe(full=2, crops=1),
    "spill_indoor_wet_floor": SourceRecipe(full=0.3),
}
"""More of what is still weak after the first stages: goods, stalls, small and far litter."""

GAPS: Final[dict[str, SourceRecipe]] = WEAK | {
    "cn_street_case": SourceRecipe(full=0.25, stretch=_SQUEEZED),
    "cn_street_news": SourceRecipe(full=0.3, stretch=_SQUEEZED),
    "cn_street_bins": SourceRecipe(full=0.5, stretch=_SQUEEZED),
    "litter_taco": SourceRecipe(full=2, crops=1),
    "litter_uk": SourceRecipe(full=3, crops=1),
    "litter_riyadh": SourceRecipe(full=6, crops=2, crop_min=0.4, crop_max=0.8),
    "stall_india": SourceRecipe(full=2, crops=1),
    "stall_bogota_aerial": SourceRecipe(full=0.2),
    "goods_cn_bins": SourceRecipe(full=8, crops=4, stretch=_SQUEEZED),
    "goods_pallet": SourceRecipe(full=0.3),
    "goods_au_tinyhouse": SourceRecipe(full=2, crops=1),
    "spill_riyadh": SourceRecipe(full=3, crops=2),
    "spill_indoor_wet_floor": SourceRecipe(full=0.2),
}
"""For a model that already knows bins and heaps: mostly what it still misses."""

REVIEWS: Final[dict[str, SourceRecipe]] = EVEN | {"reviews": SourceRecipe(full=1, crops=1)}
"""What reviewers decided, among all that the model learnt from before, so that nothing is lost."""

MIXES: Final[dict[str, dict[str, SourceRecipe]]] = {
    "even": EVEN,
    "weak": WEAK,
    "gaps": GAPS,
    "reviews": REVIEWS,
    "plain": {},
}
"""What a stage may be shown; a source that a mix does not name is shown once."""


@dataclass(frozen=True)
class Stage:
    """One stretch of training at one picture size, starting from what the stage before it left.

    ``size`` is the longest side in pixels (a multiple of 32); ``mosaic`` the share of four-picture
    mosaics, none in the last ``close_mosaic`` part of the stage (0..1); after ``warmup`` steps
    ``lr`` falls along a half cosine to ``lr * lr_end``; ``many`` is the weight of the one-to-many
    head, the one that is exported, at the start and the end (the one-to-one head has the rest);
    ``freeze`` leaves that many first layers as they are; ``mix`` names one of ``MIXES``;
    ``rendered`` false leaves out the run's rendered pictures. The length is ``steps`` where given,
    else ``minutes`` of wall clock, else ``epochs``. ``plain`` leaves everything but size and whole
    epochs to ultralytics' own trainer and its defaults: the yardstick.
    """

    epochs: float
    size: int
    lr: float
    lr_end: float = 0.05
    mosaic: float = 1.0
    close_mosaic: float = 0.0
    warmup: int = 0
    many: tuple[float, float] = (0.8, 0.1)
    freeze: int = 0
    minutes: float | None = None
    mix: str = "even"
    rendered: bool = True
    steps: int | None = None
    plain: bool = False


@dataclass(frozen=True)
class TrainConfig:
    """One run, from data to checkpoint.

    ``blend``: share of the trained weights in the result, 0..1; the rest are those of ``base``,
    which must be of the same classes then (averages of a model before and after some fine-tuning
    are often better than both: Wortsman et al., Robust fine-tuning of zero-shot models, 2022).
    """

    name: str
    stages: tuple[Stage, ...]
    base: Path = field(default_factory=coco_base)
    context_base: Path = field(default_factory=coco_base)
    data: Path = field(default_factory=lambda: shared_dir() / "data" / "real")
    rendered: Path | None = None
    runs: Path = Path("runs")
    seed: int = 7
    batch: int = 16
    bf16: bool = field(default_factory=bfloat16_pays)
    threads: int = 2
    prepare_longest: int = 704
    context_confidence: float = 0.35
    context_size: int = 640
    context_overlap: float = 0.6
    weight_decay: float = 0.0005
    scale: float = 0.4
    translate: float = 0.1
    hsv: tuple[float, float, float] = (0.015, 0.6, 0.45)
    only_clear_licences: bool = False
    limit: int | None = None
    reviews: Path | None = None
    recipe: str = ""
    blend: float = 1.0
    watts_per_core: float | None = None

    @property
    def folder(self) -> Path:
        """Where this run keeps its data, checkpoints and record."""
        return self.runs / self.name


QUICK: Final = (Stage(epochs=1, size=448, lr=1e-3, lr_end=1.0, warmup=23, many=(0.5, 0.5)),)
"""About two hundred steps: a provisional model for trying the rest of the product."""

FULL: Final = (
    *QUICK,
    Stage(epochs=3.53, size=448, lr=1e-3, lr_end=0.4, warmup=30, many=(0.7, 0.4), freeze=3),
    Stage(
        epochs=5.32,
        size=640,
        lr=5e-4,
        lr_end=0.04,
        warmup=20,
        mosaic=0.5,
        close_mosaic=0.35,
        many=(0.8, 0.7),
        freeze=3,
        mix="weak",
    ),
)
"""The released model's recipe: small size first for speed, full size and whole pictures last.

Its lengths are what 22 and 35 minutes gave on two shared cores."""

FURTHER: Final = (
    Stage(
        epochs=0,
        steps=230,
        size=640,
        lr=5e-4,
        lr_end=0.5,
        warmup=30,
        mosaic=0.6,
        many=(0.7, 0.7),
        freeze=3,
        mix="gaps",
    ),
    Stage(
        epochs=0,
        steps=90,
        size=704,
        lr=2.5e-4,
        lr_end=0.05,
        warmup=15,
        mosaic=0.2,
        close_mosaic=0.5,
        many=(0.8, 0.8),
        freeze=10,
        mix="gaps",
    ),
    Stage(
        epochs=0,
        steps=110,
        size=704,
        lr=2.5e-4,
        lr_end=0.05,
        warmup=15,
        mosaic=0.3,
        close_mosaic=0.5,
        many=(0.8, 0.8),
        freeze=3,
        mix="weak",
        rendered=False,
    ),
    Stage(
        epochs=0,
        steps=230,
        size=640,
        lr=3.5e-4,
        lr_end=0.05,
        warmup=20,
        mosaic=0.5,
        close_mosaic=0.3,
        many=(0.8, 0.8),
        freeze=3,
        mix="weak",
    ),
)
"""From a released checkpoint on: real and rendered pictures, but for a stage of real ones alone."""

LONGER: Final = (
    Stage(
        epochs=0,
        steps=540,
        size=640,
        lr=6e-4,
        lr_end=0.4,
        warmup=30,
        mosaic=0.6,
        many=(0.7, 0.7),
        mix="weak",
    ),
)
"""From a released checkpoint on, all layers; a cool end after it lost what it had gained."""

BLENDS: Final = {"further": 0.5, "longer": 0.75}
"""Share of what these recipes lead to; the rest is the checkpoint they began with."""

SHORT: Final = (
    Stage(
        epochs=0,
        steps=100,
        size=320,
        lr=1e-3,
        lr_end=0.5,
        warmup=30,
        mosaic=0.7,
        many=(0.7, 0.7),
        freeze=3,
    ),
    Stage(
        epochs=0,
        steps=70,
        size=320,
        lr=5e-4,
        lr_end=0.05,
        warmup=10,
        mosaic=0.0,
        many=(0.8, 0.8),
        freeze=3,
        rendered=False,
    ),
)
"""Five minutes on two idle cores, to compare ways of training: 170 steps, real pictures last."""

PLAIN: Final = (Stage(epochs=10, size=640, lr=0.0, plain=True, mix="plain"),)
"""Ultralytics' defaults on each real picture once an epoch, as many epochs as the full recipe."""

PLAIN_SHORT: Final = (Stage(epochs=1, size=320, lr=0.0, plain=True, mix="plain"),)
"""The same at the length and size of ``SHORT``: 170 steps, once through all pictures."""

FROM_REVIEWS: Final = (
    Stage(
        epochs=0,
        steps=300,
        size=640,
        lr=4e-4,
        lr_end=0.05,
        warmup=20,
        mosaic=0.5,
        close_mosaic=0.4,
        many=(0.8, 0.8),
        freeze=3,
        mix="reviews",
    ),
)
"""From the model in service on, with what reviewers decided: some 25 minutes on two cores."""
