"""Writes a model's card: every source with its licence, every figure with where it was measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

import yaml

from datasets.classes import CLASSES, ISSUE_CLASSES
from datasets.manifest import Picture
from models import load_card

NOT_VALIDATED_FOR: Final = (
    "night, rain, snow and fog",
    "fixed street cameras looking down from 4-8 m (hardly any such pictures with issues exist)",
    "spills of liquids and cargo on carriageways (measured on roadside heaps of one city)",
    "stalls outside Indian streets",
    "deciding whether a stall is illegal: that is a matter of place and hour, not of appearance",
    "acting without a person's review",
)
"""What no measurement here supports; every card says so."""

LICENCE_NOTES: Final = {
    "stated": "",
    "uploader_claim": "licence as stated by the uploader, not verified",
    "doubtful": "licence doubtful",
    "none_stated": "no licence stated",
}


@dataclass(frozen=True)
class CardFacts:
    """What a card needs beside the model file; thresholds are confidences 0..1 per issue class."""

    name: str
    version: str
    created: date
    base: str
    sha256: str
    thresholds: Mapping[str, float]
    validated: Mapping[str, bool]
    trained_on: Sequence[Picture]
    measured_on: Sequence[Picture] = ()
    views: Mapping[str, int] = field(default_factory=dict)
    rendered: int = 0
    metrics: Mapping[str, Any] = field(default_factory=dict)
    calibration: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    notes: str = ""
    size: int = 640
    file: str = "model.onnx"


def write_card(folder: Path, facts: CardFacts) -> Path:
    """Write ``folder/card.yaml`` and read it back; returns its path.

    Raises:
        models.ModelError: the written card does not satisfy the service.
    """
    path = folder / "card.yaml"
    text = yaml.safe_dump(card_document(facts), sort_keys=False, allow_unicode=True, width=100)
    path.write_text(text, encoding="utf-8")
    load_card(folder)
    return path


def card_document(facts: CardFacts) -> dict[str, Any]:
    """The card as plain data, in the order people read it."""
    doubt = licence_counts(facts.trained_on)
    return {
        "name": facts.name,
        "version": facts.version,
        "created": facts.created,
        "licence": "AGPL-3.0-or-later",
        "file": facts.file,
        "sha256": facts.sha256,
        "classes": list(CLASSES),
        "input": {
            "size": facts.size,
            "stride": 32,
            "colour": "RGB",
            "scale": 255.0,
            "layout": "NCHW",
        },
        "base": facts.base,
        "thresholds": {
            name: {"review": round(float(facts.thresholds[name]), 3)} for name in ISSUE_CLASSES
        },
        **({"calibration": dict(facts.calibration)} if facts.calibration else {}),
        "validated": {name: bool(facts.validated.get(name, False)) for name in ISSUE_CLASSES},
        "metrics": dict(facts.metrics),
        "data": data_rows(facts.trained_on, "train") + data_rows(facts.measured_on, "measure"),
        "rendered_pictures": facts.rendered,
        "not_validated_for": list(NOT_VALIDATED_FOR),
        "training": {
            **facts.training,
            "pictures": len(facts.trained_on),
            "views": dict(facts.views),
            "pictures_by_licence": doubt,
        },
        "notes": facts.notes,
    }


def data_rows(pictures: Sequence[Picture], use: str) -> list[dict[str, Any]]:
    """One row for each source and licence, in the order met."""
    counts = Counter((one.source, one.licence) for one in pictures)
    state = {one.licence: one.licence_state for one in pictures}
    return [
        {
            "source": source,
            "pictures": count,
            "use": use,
            "licence": licence,
            "note": LICENCE_NOTES[state[licence]],
        }
        for (source, licence), count in counts.items()
    ]


def licence_counts(pictures: Sequence[Picture]) -> dict[str, int]:
    """How many pictures have a stated, an uploader-claimed, a doubtful, and no licence."""
    counts = Counter(str(one.licence_state) for one in pictures)
    return {name: counts[name] for name in LICENCE_NOTES}
