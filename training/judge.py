"""From a trained network to an honest card: calibrate, choose thresholds, measure, say it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from datasets.classes import ISSUE_CLASSES
from models import ModelCard, ModelError, load_card
from training import bootstrap
from training.calibrate import Calibrated, apply, calibrate, card_calibration, tables_of
from training.evaluate import Evaluation, card_metrics, measure
from training.held_out import HeldOut
from training.metrics import Sample
from training.thresholds import (
    ALARM_LIMIT,
    Choice,
    card_thresholds,
    choose_thresholds,
    crossed_alarms,
    needed_margin,
)


@dataclass(frozen=True)
class Requirement:
    """What a class must reach to be called validated: AP50 of ``figure`` on ``source``."""

    source: str
    figure: str
    ap50: float


REQUIREMENTS: Final[dict[str, tuple[Requirement, ...]]] = {
    "spill": (Requirement("spill_riyadh", "spill", 0.45),),
    "stacked_goods": (Requirement("goods_cn_discards", "stacked_goods", 0.48),),
    "stall": (Requirement("stall_india", "stall", 0.55),),
    "litter": (
        Requirement("cn_street_phone", "litter+overflowing_bin", 0.80),
        Requirement("litter_taco", "litter", 0.45),
        Requirement("litter_uk", "litter", 0.45),
        Requirement("litter_riyadh", "litter", 0.20),
    ),
    "overflowing_bin": (Requirement("cn_street_phone", "litter+overflowing_bin", 0.80),),
}
"""Fixed before training. A class that falls short is marked `not validated`; no auto filing."""


@dataclass(frozen=True)
class Judgement:
    """All that measuring adds to a model's card.

    ``samples`` are on the calibrated scale. ``crossed_alarms`` are the false alarms per 100 looks
    to expect on quiet views other than those the thresholds were chosen on (None without such
    views), ``margin`` how far thresholds were raised for them (see ``needed_margin``).
    ``shortfalls`` says for each class that is not validated what was missing.
    """

    evaluation: Evaluation
    calibrated: dict[str, Calibrated]
    choices: dict[str, Choice]
    crossed_alarms: float | None
    margin: float
    validated: dict[str, bool]
    shortfalls: dict[str, str]
    samples: Sequence[Sample] = field(repr=False)


def judge(
    raw: Sequence[Sample],
    held: HeldOut,
    *,
    model: str,
    model_sha256: str = "",
    limit: float = ALARM_LIMIT,
    requirements: Mapping[str, Sequence[Requirement]] = REQUIREMENTS,
    resamples: int = bootstrap.RESAMPLES,
) -> Judgement:
    """Calibrate, choose thresholds and measure, from ``raw`` (uncalibrated) findings in ``held``.

    Curves are fitted on labelled pictures that are not ``measure_only``. Thresholds are chosen on
    those too, and on the quiet views of ``held``, whose alarms are also counted crosswise. An auto
    threshold is given to validated classes alone.
    """
    restricted = {one.file for one in held.pictures if one.measure_only}
    fitting = [one for one in raw if one.source not in held.clean and one.key not in restricted]
    calibrated = calibrate(fitting)
    tables = tables_of(calibrated)
    samples = apply(raw, tables)
    shown = apply(fitting, tables)
    quiet = [one for one in samples if one.source in held.clean]
    draft = measure(samples, held, model=model, resamples=2)
    shortfalls = {}
    for label in ISSUE_CLASSES:
        missing = [text for one in requirements.get(label, ()) if (text := _shortfall(draft, one))]
        if label not in requirements:
            missing = ["no requirement is set for it"]
        if missing:
            shortfalls[label] = "; ".join(missing)
    validated = {label: label not in shortfalls for label in ISSUE_CLASSES}
    margin = needed_margin(shown, quiet, limit=limit)
    choices = choose_thresholds(
        shown,
        quiet,
        limit=limit,
        margin=margin,
        auto_classes=[label for label, good in validated.items() if good],
    )
    evaluation = measure(
        samples,
        held,
        model=model,
        model_sha256=model_sha256,
        thresholds={label: one.review for label, one in choices.items()},
        resamples=resamples,
        settings={"calibrated": True, "alarm_limit": limit, "margin": margin},
    )
    return Judgement(
        evaluation=evaluation,
        calibrated=calibrated,
        choices=choices,
        crossed_alarms=crossed_alarms(shown, quiet, limit=limit, margin=margin)
        if len(quiet) > 1
        else None,
        margin=margin,
        validated=validated,
        shortfalls=shortfalls,
        samples=samples,
    )


def card_fields(judgement: Judgement) -> dict[str, Any]:
    """The fields ``thresholds``, ``calibration``, ``validated`` and ``metrics`` of a card."""
    crossed = judgement.crossed_alarms
    return {
        "thresholds": card_thresholds(judgement.choices),
        "calibration": card_calibration(judgement.calibrated),
        "validated": dict(judgement.validated),
        "metrics": card_metrics(judgement.evaluation)
        | {
            "not_validated": dict(judgement.shortfalls),
            "calibration_error_on_other_sites": {
                label: round(one.error, 3) for label, one in judgement.calibrated.items()
            },
            "false_alarms_per_100_looks_on_other_views": (
                None if crossed is None else round(crossed, 2)
            ),
            "threshold_margin": judgement.margin,
            "test_pictures": judgement.evaluation.pictures,
            "test_sha256": judgement.evaluation.dataset_sha256,
        },
    }


def runtime_fields(provider: str) -> dict[str, Any]:
    """The field ``runtime`` of a card: what computed its figures; speed is measured for it anew."""
    return {"runtime": provider, "speed": {}}


def update_card(folder: Path, fields: Mapping[str, Any]) -> ModelCard:
    """Put ``fields`` into ``folder/card.yaml``, keeping all else, and read the card back.

    The card keeps its old content if the new one is not valid.

    Raises:
        models.ModelError: the card, before or after, is not valid.
    """
    load_card(folder)
    path = folder / "card.yaml"
    before = path.read_text(encoding="utf-8")
    content = yaml.safe_load(before) | dict(fields)
    path.write_text(
        yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100), encoding="utf-8"
    )
    try:
        return load_card(folder)
    except ModelError:
        path.write_text(before, encoding="utf-8")
        raise


def _shortfall(draft: Evaluation, need: Requirement) -> str:
    figures = draft.per_source.get(need.source, {}).get(need.figure)
    if figures is None or figures.ap50.value is None:
        return f"not measured: no {need.figure} in {need.source}"
    if figures.ap50.value < need.ap50:
        return (
            f"AP50 of {need.figure} on {need.source} is {figures.ap50.value:.3f}, "
            f"required {need.ap50:.2f}"
        )
    return ""
