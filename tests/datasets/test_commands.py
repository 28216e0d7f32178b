"""`patrol datasets`: figures and pages that can be read, and refusals that name the fault."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
from typer.testing import CliRunner

from datasets.cli import app
from datasets.manifest import read_manifest
from datasets.yolo import read_labels
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


def test_mosaics_keep_sources_apart_and_boxes_on_their_things(tmp_path: Path) -> None:
    held = {"split": "val", "use": "val"}
    red = np.full((120, 160, 3), (0, 0, 255), np.uint8)
    rows = [row("street", str(n), **held) for n in range(5)]
    rows += [row("yard", str(n), **held) for n in range(3)] + [row("street", "other")]
    images = {one["file"]: np.zeros((120, 160, 3), np.uint8) for one in rows}
    images["street/images/3.jpg"] = red
    labels = dict.fromkeys(images, "") | {"street/images/3.jpg": "3 0.5 0.5 1 1\n"}
    folder = write_folder(tmp_path / "small", rows, images=images, labels=labels)
    out = tmp_path / "large"
    words = ["mosaics", str(folder), str(out), "--side", "2", "--cell", "80"]
    done = RUN.invoke(app, words)
    assert done.exit_code == 0, done.output
    (large,) = read_manifest(out)
    assert (large.source, large.split, large.use, large.boxes) == (
        "street",
        "val",
        "measure_only",
        1,
    )
    (box,) = read_labels(large.label)
    left, top, right, bottom = (round(v * 160) for v in box.corners())
    picture = cv2.imread(str(large.image))
    assert picture.shape == (160, 160, 3)
    inside = picture[top:bottom, left:right, 2]
    assert inside.size == 80 * 60
    assert inside.mean() > 200
    assert (picture[..., 2] > 200).sum() <= inside.size + 400, "nothing red is left out"
    few = RUN.invoke(app, ["mosaics", str(folder), str(out), "--side", "3"])
    assert (few.exit_code, "there is none" in few.output) == (2, True)


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
