"""From the manifest to a folder the trainer can read: views drawn by seed, context labelled."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
import yaml

from datasets.classes import CLASSES
from datasets.hashes import twins
from datasets.manifest import Picture, read_manifest
from datasets.views import crop_image, crop_labels, crop_window, resized, stretched
from datasets.yolo import DatasetError, Label, read_labels, write_labels
from training.config import MIXES, SourceRecipe, TrainConfig
from training.context import context_labels, without_conflicts


@dataclass(frozen=True)
class Prepared:
    """A written training folder: ``data_yaml`` for the trainer and what it was made of."""

    data_yaml: Path
    pictures: tuple[Picture, ...]
    views: int
    rendered: int
    boxes: dict[str, int]
    data_hash: str


def training_pictures(config: TrainConfig) -> tuple[Picture, ...]:
    """The pictures a released model may learn from, in manifest order.

    A picture that also stands among those it is measured on (under another name, re-encoded or
    mirrored) is left out. Reviewed pictures, where the run has any, come last.
    """
    listed = read_manifest(config.data)
    chosen = [one for one in listed if one.trainable]
    if config.only_clear_licences:
        chosen = [one for one in chosen if one.licence_state in ("stated", "uploader_claim")]
    if config.limit is not None:
        chosen = chosen[: config.limit]
    if not chosen:
        raise DatasetError(f"{config.data}: no picture may be trained on")
    if config.reviews is not None:
        reviewed = read_manifest(config.reviews)
        chosen += [one for one in reviewed if one.trainable]
        listed += reviewed
    held = {one.file: one.image for one in listed if not one.trainable}
    leaked = {twin.first for twin in twins({one.file: one.image for one in chosen}, held)}
    return tuple(one for one in chosen if one.file not in leaked)


def prepare(
    config: TrainConfig,
    progress: Callable[[str, int, int], None] = lambda what, done, total: None,
    *,
    mix: str = "even",
    with_rendered: bool = True,
) -> Prepared:
    """Write ``config.folder/data-<mix>`` with pictures, labels, ``train.txt`` and ``data.yaml``.

    ``mix`` names the entry of ``MIXES`` that says how often each source is shown;
    ``with_rendered`` adds the run's rendered pictures, where it has any, and ``-rendered`` to the
    folder's name. An existing folder made from the same configuration and data is kept as it is.
    """
    pictures = training_pictures(config)
    source = config.rendered if with_rendered else None
    folder = config.folder / (f"data-{mix}-rendered" if source else f"data-{mix}")
    stamp = _stamp(config, pictures, mix, source)
    summary = folder / "prepared.json"
    if summary.is_file() and json.loads(summary.read_text(encoding="utf-8"))["stamp"] == stamp:
        facts = json.loads(summary.read_text(encoding="utf-8"))
        return Prepared(
            folder / "data.yaml",
            pictures,
            facts["views"],
            facts["rendered"],
            facts["boxes"],
            facts["stamp"],
        )
    shown = [one for one in pictures if sum(_how_often(one, config, mix))]
    context = context_labels(
        shown,
        config.context_base,
        config.runs / "context",
        confidence=config.context_confidence,
        size=config.context_size,
        bf16=config.bf16,
        progress=lambda done, total: progress("context", done, total),
    )
    if folder.exists():
        shutil.rmtree(folder)
    (folder / "images").mkdir(parents=True)
    (folder / "labels").mkdir()
    written: list[Path] = []
    boxes: Counter[str] = Counter()
    for number, picture in enumerate(shown, 1):
        issues = read_labels(picture.label)
        labels = issues + without_conflicts(context[picture.file], issues, config.context_overlap)
        for path, view_labels in _views(picture, labels, issues, folder, config=config, mix=mix):
            written.append(path)
            boxes.update(CLASSES[one.class_id] for one in view_labels)
        progress("views", number, len(shown))
    rendered = _rendered(source, folder, written, boxes)
    listing = "".join(f"./images/{path.name}\n" for path in written)
    (folder / "train.txt").write_text(listing, encoding="utf-8")
    (folder / "val.txt").write_text("".join(listing.splitlines(keepends=True)[:4]), "utf-8")
    _write_yaml(folder)
    facts = {
        "stamp": stamp,
        "views": len(written),
        "rendered": rendered,
        "boxes": {name: boxes[name] for name in CLASSES},
    }
    summary.write_text(json.dumps(facts, indent=1), encoding="utf-8")
    return Prepared(
        folder / "data.yaml", pictures, len(written), rendered, dict(facts["boxes"]), stamp
    )


def _how_often(picture: Picture, config: TrainConfig, mix: str) -> tuple[int, int]:
    """How many whole views and crops of a picture an epoch of ``mix`` shows."""
    recipe = MIXES[mix].get(picture.source, SourceRecipe())
    rng = random.Random(f"{config.seed}/{picture.file}")  # noqa: S311 - repeatable, not secret
    return int(recipe.full) + (rng.random() < recipe.full - int(recipe.full)), recipe.crops


def _views(
    picture: Picture,
    labels: Sequence[Label],
    issues: Sequence[Label],
    folder: Path,
    *,
    config: TrainConfig,
    mix: str,
) -> list[tuple[Path, tuple[Label, ...]]]:
    recipe = MIXES[mix].get(picture.source, SourceRecipe())
    whole, crops = _how_often(picture, config, mix)
    rng = random.Random(f"{config.seed}/{picture.file}/views")  # noqa: S311 - repeatable, not secret
    image = cv2.imread(str(picture.image), cv2.IMREAD_COLOR)
    if image is None:
        raise DatasetError(f"{picture.image}: not a picture that can be read")
    pixels = np.asarray(image, dtype=np.uint8)
    stem = picture.file.replace("/images/", "__").rsplit(".", 1)[0]
    views = []
    for number in range(whole + crops):
        window = (0.0, 0.0, 1.0, 1.0)
        if number >= whole:
            window = crop_window(issues, rng, smallest=recipe.crop_min, largest=recipe.crop_max)
        view = stretched(crop_image(pixels, window), rng.choice(recipe.stretch))
        seen = crop_labels(labels, window)
        path = folder / "images" / f"{stem}__{number}.jpg"
        small = resized(view, config.prepare_longest)
        if not cv2.imwrite(str(path), small, [cv2.IMWRITE_JPEG_QUALITY, 92]):
            raise OSError(f"{path}: picture could not be written")
        write_labels(folder / "labels" / f"{path.stem}.txt", seen)
        views.append((path, seen))
    return views


def _rendered(source: Path | None, folder: Path, written: list[Path], boxes: Counter[str]) -> int:
    """Copy a folder of rendered pictures (``images/``, ``labels/``) in; returns how many."""
    if source is None:
        return 0
    images = sorted((source / "images").glob("*.jpg"))
    if not images:
        raise DatasetError(f"{source}: expected rendered pictures in {source / 'images'}")
    for image in images:
        labels = read_labels(source / "labels" / f"{image.stem}.txt")
        target = folder / "images" / f"rendered__{image.name}"
        shutil.copyfile(image, target)
        write_labels(folder / "labels" / f"{target.stem}.txt", labels)
        boxes.update(CLASSES[one.class_id] for one in labels)
        written.append(target)
    return len(images)


def _write_yaml(folder: Path) -> None:
    document = {
        "path": str(folder.resolve()),
        "train": "train.txt",
        "val": "val.txt",
        "names": dict(enumerate(CLASSES)),
    }
    (folder / "data.yaml").write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")


def _stamp(
    config: TrainConfig, pictures: Sequence[Picture], mix: str, rendered: Path | None
) -> str:
    """sha256 over everything that decides what is written."""
    total = hashlib.sha256()
    facts = (
        config.seed,
        config.prepare_longest,
        config.context_confidence,
        config.context_size,
        config.context_overlap,
        {name: asdict(recipe) for name, recipe in MIXES[mix].items()},
    )
    total.update(repr(facts).encode())
    total.update(config.context_base.read_bytes())
    for picture in pictures:
        total.update(picture.file.encode())
        total.update(picture.label.read_bytes())
        total.update(picture.image.read_bytes())
    if rendered is not None:
        for path in sorted(rendered.rglob("*")):
            if path.is_file():
                total.update(path.name.encode() + path.read_bytes())
    return total.hexdigest()
