"""A card gets what was measured, and a class that falls short is marked and never files alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml

from datasets.yolo import Label
from models import ModelError, load_card
from tests.models.test_registry import add_model
from tests.training.test_calibrate import boastful
from training.held_out import HeldOut, HeldPicture
from training.judge import Judgement, Requirement, card_fields, judge, update_card
from training.metrics import Sample


def held_for(samples: list[Sample], *, clean: frozenset[str], restricted: str = "") -> HeldOut:
    """The pictures those samples would come from."""
    return HeldOut(
        root=Path("made-up"),
        pictures=tuple(
            HeldPicture(
                file=one.key,
                source=one.source,
                group=one.group,
                image=Path(one.key),
                labels=tuple(Label(int(kind), (0.5, 0.5, 0.1, 0.1)) for kind in one.truth_classes),
                measure_only=one.source == restricted,
            )
            for one in samples
        ),
        labelled={one.source: one.labelled for one in samples},
        clean=clean,
    )


def quiet_views(rng: np.random.Generator) -> list[Sample]:
    return [
        Sample(
            key=f"q{index}",
            source="quiet",
            group=f"q{index}",
            truth_boxes=np.zeros((0, 4)),
            truth_classes=np.zeros(0, dtype=np.int64),
            found_boxes=np.array([[0, 0, 9, 9.0]]),
            found_scores=rng.uniform(0.05, 0.9, 1),
            found_classes=np.array([3]),
            labelled=frozenset(range(5)),
        )
        for index in range(40)
    ]


@pytest.fixture(scope="module")
def judged() -> Judgement:
    rng = np.random.default_rng(8)
    samples = [*boastful(rng, 150), *quiet_views(rng)]
    return judge(
        samples,
        held_for(samples, clean=frozenset({"quiet"})),
        model="made-up",
        requirements={
            "litter": [Requirement("s", "litter", 0.2)],
            "stall": [Requirement("india", "stall", 0.5)],
        },
        resamples=20,
    )


def test_classes_are_validated_by_what_was_required_of_them(judged: Judgement) -> None:
    assert judged.validated == {
        "spill": False,
        "stacked_goods": False,
        "stall": False,
        "litter": True,
        "overflowing_bin": False,
    }
    assert judged.shortfalls["stall"] == "not measured: no stall in india"
    assert judged.shortfalls["spill"] == "no requirement is set for it"


def test_thresholds_keep_the_limit_and_the_crossed_figure_is_reported(judged: Judgement) -> None:
    rate = judged.evaluation.clean["quiet"].per_100_looks.value
    assert rate is not None
    assert rate <= 2.0
    assert judged.crossed_alarms is not None
    assert judged.crossed_alarms >= 0
    assert judged.evaluation.thresholds["litter"] == judged.choices["litter"].review


def test_only_validated_classes_may_get_an_auto_threshold(judged: Judgement) -> None:
    assert all(
        one.auto is None for label, one in judged.choices.items() if not judged.validated[label]
    )


def test_restricted_pictures_are_measured_but_not_fitted_on() -> None:
    rng = np.random.default_rng(9)
    samples = boastful(rng, 100)
    result = judge(
        samples,
        held_for(samples, clean=frozenset(), restricted="s"),
        model="made-up",
        resamples=5,
    )
    assert result.calibrated == {}
    assert result.evaluation.per_source["s"]["litter"].boxes > 0


def test_the_card_takes_the_fields_and_keeps_the_rest(judged: Judgement, tmp_path: Path) -> None:
    folder = add_model(tmp_path, "one")
    card = yaml.safe_load((folder / "card.yaml").read_text())
    names = ["spill", "stacked_goods", "stall", "litter", "overflowing_bin", "bin"]
    (folder / "card.yaml").write_text(yaml.safe_dump(card | {"classes": names}))
    update_card(folder, card_fields(judged))
    read = load_card(folder)
    assert read.base == "none"
    assert read.validated == judged.validated
    assert read.review_thresholds["litter"] == judged.choices["litter"].review
    assert "litter" in read.calibration
    assert read.metrics["not_validated"]["stall"].startswith("not measured")


def test_a_card_that_would_not_be_valid_is_left_alone(tmp_path: Path) -> None:
    folder = add_model(tmp_path, "one")
    before = (folder / "card.yaml").read_text()
    with pytest.raises(ModelError, match="thresholds"):
        update_card(folder, {"thresholds": {"dragon": {"review": 0.5}}})
    assert (folder / "card.yaml").read_text() == before
