"""`patrol bench detector` measures what it says and leaves out what it cannot have."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from patrol.bench import Contestant, app, measure
from tests.patrol.photos import many_photos


def test_the_figures_are_written_as_json(tmp_path: Path) -> None:
    many_photos(tmp_path / "in", 3)
    out = tmp_path / "out.json"
    arguments = ["detector", "--pictures", str(tmp_path / "in"), "--rounds", "1"]
    result = CliRunner().invoke(app, [*arguments, "--json", str(out)])
    assert result.exit_code == 0, result.output
    report = json.loads(out.read_text())
    rates = report["photos_per_s"]
    assert list(rates) == ["ours", "ultralytics_torch", "ultralytics_onnx", "limit"]
    assert rates["ours"] > 0
    assert rates["limit"] > 0
    for peer in ("ultralytics_torch", "ultralytics_onnx"):
        assert (rates[peer] is None) == (find_spec("ultralytics") is None)
    assert report["photos"] == 3
    assert find_spec("ultralytics") is not None or "train" in result.output


def test_rounds_are_interleaved_in_changing_order_and_the_first_does_not_count() -> None:
    calls: list[str] = []
    contestants = [
        Contestant(key, key, run=lambda key=key: calls.append(key))  # type: ignore[misc]
        for key in "abc"
    ]
    seconds, busy = measure(
        [*contestants, Contestant("d", "d", why="absent")], 2, Console(quiet=True)
    )
    assert calls == list("abc" + "bca" + "cab")
    for figures in (seconds, busy):
        assert {key: len(values) for key, values in figures.items()} == {"a": 2, "b": 2, "c": 2}


@pytest.mark.parametrize("missing", ["--pictures", "--weights", "--model"])
def test_what_is_not_there_is_named(tmp_path: Path, missing: str) -> None:
    if missing == "--weights" and find_spec("ultralytics") is None:
        pytest.skip("without ultralytics the checkpoint is not looked at")
    many_photos(tmp_path / "in", 1)
    arguments = ["detector", "--pictures", str(tmp_path / "in"), "--rounds", "1"]
    result = CliRunner().invoke(app, [*arguments, missing, str(tmp_path / "nonesuch")])
    assert result.exit_code == 1
    assert "nonesuch" in result.output
