"""Several models in one table: the same pictures, intervals, and an arrow where one is better."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.training.test_eval_commands import model, pictures, tiny_model
from training.cli import app

__all__ = ["model", "pictures"]

pytestmark = pytest.mark.training


def table(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["table", *map(str, arguments)])
    return done.exit_code, done.output


def test_the_better_model_gets_an_arrow_and_looks_are_kept(
    pictures: Path, model: Path, tmp_path: Path
) -> None:
    blind = tiny_model(tmp_path / "blind", [[0, 0, 9, 9, 0.2, 3]])
    place = ("--data", pictures, "--keep", tmp_path / "kept", "--resamples", 50)
    code, text = table(blind, model, *place, "--json", tmp_path / "t.json")
    assert code == 0, text
    lines = {line.split("|")[1].strip(): line for line in text.splitlines() if "|" in line}
    assert "1.000 up" in lines["mean AP50 of the issue classes"]
    assert lines["litter, all sources"].rstrip(" |").endswith("up")
    assert "200.0 up" in lines["false alarms per 100 quiet looks"], "more alarms are marked, too"
    first, second = json.loads((tmp_path / "t.json").read_text())
    assert first["against"] is None
    assert second["against"]["incumbent"]["name"] == "blind"

    kept = sorted((tmp_path / "kept").iterdir())
    stamps = [one.stat().st_mtime_ns for one in kept]
    assert len(kept) == 2
    assert table(blind, model, *place)[0] == 0
    assert [one.stat().st_mtime_ns for one in kept] == stamps, "nothing is looked at again"


def test_a_model_that_is_not_there_is_named(pictures: Path, tmp_path: Path) -> None:
    code, text = table("nobody", "--data", pictures, "--keep", tmp_path / "kept")
    assert code == 2
    assert "nobody" in text
