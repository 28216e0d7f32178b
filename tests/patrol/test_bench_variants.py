"""Variants are timed in turn with the float32 session, each on the runtime its card is for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from models import load_card
from patrol import bench_variants
from patrol.bench_variants import compare_variants, time_in_turn, variants_of
from patrol.cli import app
from tests.training.test_eval_commands import tiny_model

pytestmark = pytest.mark.training

BOXES = [[32, 38.4, 96, 89.6, 0.9, 3.0]]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model with a variant beside it, and one for a runtime that is nowhere installed."""
    home = tmp_path / "models"
    for name in ("street", "street-int8", "street-tpu"):
        tiny_model(home / name, BOXES)
    path = home / "street-tpu" / "card.yaml"
    path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | {"runtime": "TPU"}))
    return home / "street"


def test_each_shape_gives_a_line_with_both_ratios(model: Path) -> None:
    card = load_card(model)
    variants = variants_of(card)
    assert [one.name for one in variants] == ["street-int8"], "TPU cannot be computed here"
    lines = compare_variants(card, variants, rounds=3)
    assert {(one.width, one.height) for one in lines} == set(bench_variants.SHAPES)
    base = next(one for one in lines if one.key == "float32")
    assert (base.session_over_float32, base.session_over_float32_cpu) == (1.0, 1.0)
    variant = next(one for one in lines if one.key == "street-int8")
    assert variant.session is not None
    assert variant.session_over_float32 == pytest.approx(
        base.session.wall_ms / variant.session.wall_ms,
        abs=0.001,  # type: ignore[union-attr]
    )
    assert variant.whole_over_ultralytics is None, "there is no checkpoint to compare with"


def test_what_is_timed_takes_turns() -> None:
    order: list[str] = []
    runs = {key: (lambda key=key: order.append(key)) for key in "abc"}
    times = time_in_turn(runs, 4)
    assert sorted(times) == ["a", "b", "c"]
    rounds = [order[start : start + 3] for start in range(0, len(order), 3)]
    assert len(rounds) == 6, "two of them only to warm up"
    assert len({tuple(one) for one in rounds}) == 3
    assert all(sorted(one) == ["a", "b", "c"] for one in rounds)


def test_the_speed_goes_into_the_variants_card(model: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(
        app,
        ["bench", "variants", "--model", str(model), "--rounds", "3", "--write",
         "--json", str(tmp_path / "v.json")],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    speed = load_card(model.parent / "street-int8").speed
    assert speed["runtime"] == "CPUExecutionProvider"
    assert set(speed["shapes"]) == {"640x640", "640x384"}
    report = json.loads((tmp_path / "v.json").read_text())
    assert report["variants"]["street-int8"]["runtime"] == "CPUExecutionProvider"
    assert load_card(model).speed == {}
