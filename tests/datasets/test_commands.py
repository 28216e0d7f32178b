"""`patrol datasets`: figures and pages that can be read, and refusals that name the fault."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
from typer.testing import CliRunner

from datasets.cli import app
from tests.datasets.made_up import drawing, row, write_folder

RUN = CliRunner()


def test_stats_counts_pictures_boxes_and_licences(tmp_path: Path) -> None:
    write_folder(
        tmp_path,
        [
            row("street", "a"),
            row("street", "b", licence="none stated"),
            row("yard", "c", split="val", use="val"),
        ],
        labels={"street/images/b.jpg": "", "yard/images/c.jpg": "0 0.5 0.5 0.1 0.1\n"},
    )
    result = RUN.invoke(app, ["stats", str(tmp_path), "--json", str(tmp_path / "out.json")])
    assert result.exit_code == 0, result.output
    document = json.loads((tmp_path / "out.json").read_text())
    street, yard = document["sources"]
    assert (street["pictures"], street["empty"], street["boxes"]) == (2, 1, {"litter": 1})
    assert yard["boxes"] == {"spill": 1}
    assert yard["median_side"] == 0.1
    assert document["training_licences"] == {"stated": 1, "none_stated": 1}


def test_sheet_draws_the_chosen_pictures_and_their_boxes(tmp_path: Path) -> None:
    write_folder(tmp_path, [row("street", str(n)) for n in range(8)])
    out = tmp_path / "sheet.jpg"
    result = RUN.invoke(app, ["sheet", str(tmp_path), str(out), "--count", "7"])
    assert result.exit_code == 0, result.output
    assert cv2.imread(str(out)).shape == (640, 1920, 3)


def test_sheet_refuses_an_unknown_class_and_an_empty_choice(tmp_path: Path) -> None:
    write_folder(tmp_path, [row("street", "a")])
    out = str(tmp_path / "sheet.jpg")
    unknown = RUN.invoke(app, ["sheet", str(tmp_path), out, "--label", "graffiti"])
    assert (unknown.exit_code, "graffiti" in unknown.output) == (2, True)
    nothing = RUN.invoke(app, ["sheet", str(tmp_path), out, "--label", "stall"])
    assert (nothing.exit_code, "no picture fits" in nothing.output) == (2, True)


def test_leaks_fails_when_a_picture_stands_on_both_sides(tmp_path: Path) -> None:
    rows = [row("street", "a"), row("yard", "b", split="val", use="val")]
    apart = RUN.invoke(app, ["leaks", str(write_folder(tmp_path / "apart", rows))])
    assert apart.exit_code == 0, apart.output
    same = {one["file"]: drawing(7) for one in rows}
    torn = RUN.invoke(app, ["leaks", str(write_folder(tmp_path / "torn", rows, images=same))])
    assert torn.exit_code == 1
    assert "street/images/a.jpg" in torn.output


def test_a_folder_without_a_list_is_refused_by_name(tmp_path: Path) -> None:
    result = RUN.invoke(app, ["stats", str(tmp_path / "nothing")])
    assert result.exit_code == 2
    assert "manifest.csv" in result.output
