"""From a finished run to a model folder the service can load: export, card, honest figures."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from datasets.classes import ISSUE_CLASSES
from datasets.manifest import Picture, read_manifest
from detector.network import CPU
from models import CHECKPOINT_FILE, ModelCard, View, load_card
from training.card import CardFacts, write_card
from training.checkpoint import write_checkpoint
from training.config import TrainConfig, coco_base
from training.evaluate import DEFAULT_THRESHOLD, write_json
from training.export import export_onnx
from training.held_out import HeldOut, read_held_out, write_found
from training.judge import card_fields, judge, update_card
from training.metrics import Sample
from training.prepare import training_pictures

_STAGE_FACTS: Final = (
    "size",
    "lr",
    "mix",
    "steps",
    "seconds",
    "cpu_seconds",
    "wall_s",
    "cpu_s",
    "freeze",
    "mosaic",
    "minutes",
    "plain",
)

Look = Callable[[ModelCard, HeldOut], Sequence[Sample]]
"""Finds the uncalibrated boxes of a model on held-out pictures."""


def release(
    config: TrainConfig,
    checkpoint: Path,
    models_dir: Path,
    *,
    version: str = "1",
    notes: str = "",
    base_note: str = "",
) -> ModelCard:
    """Write ``models_dir/<config.name>`` from a checkpoint; the card claims no figure yet."""
    folder = models_dir / config.name
    sha256 = export_onnx(checkpoint, folder / "model.onnx")
    write_checkpoint(checkpoint, folder / CHECKPOINT_FILE)
    record = json.loads((config.folder / "record.json").read_text(encoding="utf-8"))
    facts = CardFacts(
        name=config.name,
        version=version,
        created=datetime.now(UTC).date(),
        base=base_note or describe_base(config),
        sha256=sha256,
        thresholds=dict.fromkeys(ISSUE_CLASSES, DEFAULT_THRESHOLD),
        validated={},
        trained_on=training_pictures(config),
        measured_on=_held(config),
        views=record["views"],
        rendered=record["rendered"],
        training=training_facts(config, record),
        notes=notes,
    )
    write_card(folder, facts)
    return load_card(folder)


def release_int8(
    card: ModelCard,
    models_dir: Path,
    pictures: Sequence[Path],
    *,
    size: int | None = None,
    runtime: str = CPU,
) -> ModelCard:
    """Write the 8-bit variant of a float32 model for one runtime, not yet measured.

    It is called ``<name>-int8``, for OpenVINO ``<name>-openvino``. ``pictures`` are training
    pictures for the ranges of the activations. ``size``: longest side in pixels that the variant
    looks at; None for the model's own.
    """
    from training.quantize import quantize_onnx

    size = size or card.input.size
    folder = models_dir / f"{card.name}-{'int8' if runtime == CPU else runtime.lower()}"
    sha256 = quantize_onnx(card.path, folder / "model.onnx", pictures, size=size, runtime=runtime)
    return _variant(
        card,
        folder,
        {
            "file": "model.onnx",
            "sha256": sha256,
            "input": card.input.model_dump() | {"size": size},
            "runtime": runtime,
        },
        f"8-bit variant of {card.name} ({card.sha256[:12]}) for {runtime}, ranges from"
        f" {len(pictures)} training pictures.",
    )


def release_views(card: ModelCard, views: Sequence[View]) -> ModelCard:
    """Write a card for the same network that looks at each picture in several ways, not measured.

    It is called ``<name>-photo``, lies beside ``card`` and shares its model file.

    Raises:
        ModelError: a view is of no size the network takes.
    """
    looks = ", ".join(f"{one.size} px" + " mirrored" * one.mirrored for one in views)
    return _variant(
        card,
        card.directory.with_name(f"{card.directory.name}-photo"),
        {
            "file": f"../{card.directory.name}/{card.file}",
            "views": [one.model_dump() for one in views],
        },
        f"{card.name}, looking at each picture {len(views)} times ({looks}).",
    )


def _variant(card: ModelCard, folder: Path, changes: dict[str, Any], note: str) -> ModelCard:
    """Another card made of a model's own; what was measured of that does not hold for it."""
    import yaml

    document = yaml.safe_load((card.directory / "card.yaml").read_text(encoding="utf-8"))
    document |= {
        "name": folder.name,
        "metrics": {},
        "speed": {},
        "validated": dict.fromkeys(ISSUE_CLASSES, False),
        "notes": f"{note}\n{card.notes}",
        **changes,
    }
    document.pop("calibration", None)
    document.pop("photos", None)
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "card.yaml").write_text(text, encoding="utf-8")
    return load_card(folder)


def judge_release(card: ModelCard, data: Path, look: Look, report: Path) -> ModelCard:
    """Measure, calibrate and choose thresholds on the validation pictures; put all in the card.

    The full report goes to ``report`` (JSON), the raw boxes beside it, the plots beside the model.
    """
    from training.plots import draw_plots

    held = read_held_out(data)
    raw = look(card, held)
    report.parent.mkdir(parents=True, exist_ok=True)
    write_found(
        report.with_suffix(".jsonl"),
        raw,
        {"model": card.name, "model_sha256": card.look_sha256, "raw": True},
    )
    judgement = judge(raw, held, model=card.name, model_sha256=card.look_sha256)
    write_json(report, judgement.evaluation)
    draw_plots(judgement.samples, card.directory, title=card.name)
    return update_card(card.directory, card_fields(judgement))


def training_facts(config: TrainConfig, record: dict[str, Any]) -> dict[str, Any]:
    """What a card says about how the model was made, enough to make it again."""
    stages = [
        {key: stage[key] for key in _STAGE_FACTS if key in stage}
        for stage in record["stages"].values()
    ]
    return {
        "command": command_of(config),
        "revision": record["revision"],
        "started": record["started"],
        "data_hash": record["data_hash"],
        "seed": config.seed,
        "batch": config.batch,
        "blend": config.blend,
        "precision": "bfloat16" if config.bf16 else "float32",
        "stages": stages,
        "steps": sum(int(stage.get("steps", 0)) for stage in stages),
        "machine": record["machine"],
        **({"energy": record["energy"]} if "energy" in record else {}),
    }


def describe_base(config: TrainConfig) -> str:
    """The weights a run started from, for the card: COCO's, or a file by name and hash."""
    if config.base == coco_base():
        return "yolo26n-coco.pt (AGPL-3.0; COCO weights rebuilt from an 8-bit export)"
    sha256 = hashlib.sha256(config.base.read_bytes()).hexdigest()
    return f"{config.base.parent.name}/{config.base.name} (sha256 {sha256[:12]})"


def command_of(config: TrainConfig) -> str:
    """The command that makes the same model again, without paths of this machine."""
    parts = [f"python -m training run --recipe {config.recipe or 'full'} --name {config.name}"]
    if config.base != coco_base():
        parts.append(f"--base {config.base.parent.name}/{config.base.name}")
    if config.rendered is not None:
        parts.append(f"--rendered {config.rendered.name}")
    if config.reviews is not None:
        parts.append(f"--from-reviews {config.reviews.name}")
    if config.only_clear_licences:
        parts.append("--only-clear-licences")
    if config.limit is not None:
        parts.append(f"--limit {config.limit}")
    return " ".join(parts)


def _held(config: TrainConfig) -> tuple[Picture, ...]:
    return tuple(
        replace(one, use="val") if one.use == "train" else one
        for one in read_manifest(config.data)
        if one.split == "val"
    )
