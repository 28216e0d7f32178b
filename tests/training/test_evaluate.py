"""A small made-up set of pictures and a detector with known faults give the figures one expects."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import cv2
import numpy as np
import pytest

from datasets.yolo import DatasetError
from detector.types import Detection, Image
from training.evaluate import card_metrics, evaluate, measure, write_json
from training.held_out import look_at, read_found, read_held_out, write_found

HEADER = "source,file,split,use,licence,site,view,width,height,boxes\n"


def add(root: Path, name: str, lines: Sequence[str], *, shade: int, split: str, site: str) -> str:
    """Write one 100x80 picture of one grey, its labels, and return its row of the manifest."""
    source = name.split("/", maxsplit=1)[0]
    image = root / source / "images" / f"{name.split('/')[1]}.png"
    label = root / source / "labels" / f"{image.stem}.txt"
    image.parent.mkdir(parents=True, exist_ok=True)
    label.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(image), np.full((80, 100, 3), shade, dtype=np.uint8))
    label.write_text("".join(f"{line}\n" for line in lines))
    file = f"{source}/images/{image.name}"
    return f"{source},{file},{split},{split},mine,{site},street,100,80,{len(lines)}\n"


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Source `kerb` labels litter and bins; `market` labels stalls; `quiet` shows nothing."""
    rows = [
        add(tmp_path, "kerb/a", ["3 0.2 0.25 0.2 0.25"], shade=1, split="val", site="a"),
        add(tmp_path, "kerb/b", ["4 0.2 0.25 0.2 0.25"], shade=2, split="val", site="b"),
        add(tmp_path, "kerb/c", ["5 0.5 0.5 0.1 0.1"], shade=9, split="train", site="c"),
        add(tmp_path, "market/a", ["2 0.5 0.5 0.5 0.5"], shade=3, split="val", site="a"),
        *(
            add(tmp_path, f"quiet/{site}{n}", [], shade=shade, split="val", site=site)
            for n, (site, shade) in enumerate([("x", 4), ("x", 4), ("x", 4), ("y", 5)])
        ),
    ]
    (tmp_path / "manifest.csv").write_text(HEADER + "".join(rows))
    return tmp_path


def predict(images: Sequence[Image]) -> list[tuple[Detection, ...]]:
    """Sees the litter, takes the full bin for litter, finds the stall and one ghost at view x."""
    litter = Detection("litter", 0.9, (10.0, 10.0, 30.0, 30.0))
    answers = {
        1: (litter, Detection("stall", 0.99, (0.0, 0.0, 50.0, 50.0))),
        2: (litter,),
        3: (Detection("stall", 0.8, (25.0, 20.0, 75.0, 60.0)),),
        4: (litter, Detection("person", 0.9, (0.0, 0.0, 9.0, 9.0))),
        5: (Detection("litter", 0.2, (10.0, 10.0, 30.0, 30.0)),),
    }
    return [answers[int(image[0, 0, 0])] for image in images]


def test_figures_of_the_made_up_detector(pictures: Path) -> None:
    report = evaluate(predict, read_held_out(pictures), model="made-up", resamples=50, batch=3)
    kerb = report.per_source["kerb"]
    assert kerb["litter"].ap50.value == pytest.approx(1.0)
    assert kerb["litter"].precision is not None
    assert kerb["litter"].precision.value == pytest.approx(0.5)
    assert kerb["overflowing_bin"].ap50.value == 0.0
    assert kerb["litter+overflowing_bin"].ap50.value == pytest.approx(1.0)
    assert report.per_source["market"]["stall"].ap50_95.value == pytest.approx(1.0)
    assert "stall" not in kerb, "kerb does not label stalls: the stall seen there is no mistake"
    assert "bin" in kerb, "bins are labelled in another split of the source"
    assert kerb["bin"].ap50.value is None
    assert report.per_class["stall"].pictures == 1
    assert report.map50 == pytest.approx((1.0 + 0.0 + 1.0) / 3)
    assert report.means["all"].map50.value == pytest.approx(report.map50)
    assert report.means["all"].map50_95.value == pytest.approx(report.map50_95)
    assert report.means["all"].classes == ("stall", "litter", "overflowing_bin")
    assert report.means["kerb"].map50.value == pytest.approx(0.5), "its two issue classes alone"
    low, high = report.means["all"].map50.low, report.means["all"].map50.high
    assert low is not None
    assert high is not None
    assert low <= report.map50 <= high
    assert report.clean["quiet"].loud_views == {"quiet/x": 3}


def test_false_alarms_count_per_view_and_only_issues_above_the_threshold(pictures: Path) -> None:
    report = evaluate(predict, read_held_out(pictures), model="made-up", resamples=50)
    quiet = report.clean["quiet"]
    assert (quiet.looks, quiet.views, quiet.alarms) == (4, 2, 3)
    assert quiet.per_100_looks.value == pytest.approx(50.0), "one alarm a look in one of two views"
    assert quiet.pooled_per_100_looks == pytest.approx(75.0)
    assert quiet.by_class == {"litter": 3}
    lower = evaluate(
        predict,
        read_held_out(pictures),
        model="made-up",
        resamples=50,
        thresholds={"litter": 0.1},
    )
    assert lower.clean["quiet"].alarms == 4


def test_the_report_is_json_and_the_card_gets_it_short(pictures: Path, tmp_path: Path) -> None:
    report = evaluate(predict, read_held_out(pictures), model="made-up", resamples=20)
    write_json(tmp_path / "report.json", report)
    read = json.loads((tmp_path / "report.json").read_text())
    assert read["per_source"]["kerb"]["litter"]["ap50"]["value"] == pytest.approx(1.0)
    assert read["dataset_sha256"] == report.dataset_sha256
    card = card_metrics(report)
    assert card["per_class"]["stall"]["ap50"] == 1.0
    assert "bin" not in card["per_class"], "no bin was there to find"
    assert card["clean"]["quiet"]["per_100_looks"] == 50.0


def test_found_boxes_are_kept_and_read_back(pictures: Path, tmp_path: Path) -> None:
    held = read_held_out(pictures)
    samples = look_at(predict, held)
    write_found(tmp_path / "found.jsonl", samples, {"model": "made-up"})
    again, about = read_found(tmp_path / "found.jsonl", held)
    assert about == {"model": "made-up"}
    first, second = (
        asdict(measure(one, held, model="m", resamples=20)) for one in (samples, again)
    )
    first.pop("created")
    second.pop("created")
    assert first == second
    (pictures / "kerb/labels/a.txt").write_text("")
    with pytest.raises(DatasetError, match=r"kerb/images/a\.png has other labels now"):
        read_found(tmp_path / "found.jsonl", read_held_out(pictures))


def test_labelled_classes_can_be_overruled_and_sources_chosen(pictures: Path) -> None:
    held = read_held_out(pictures, sources=["kerb"], labelled={"kerb": ["litter", "stall"]})
    report = evaluate(predict, held, model="made-up", resamples=20)
    assert set(report.per_source) == {"kerb"}
    assert set(report.per_source["kerb"]) == {"litter", "stall"}
    with pytest.raises(DatasetError, match="no source 'curb'; there are kerb, market, quiet"):
        read_held_out(pictures, sources=["curb"])
    with pytest.raises(DatasetError, match="'junk' is not a class"):
        read_held_out(pictures, labelled={"kerb": ["junk"]})


def test_a_yolo_folder_is_read_whole(pictures: Path) -> None:
    report = evaluate(predict, read_held_out(pictures / "market"), model="made-up", resamples=20)
    assert report.pictures == 1
    assert report.per_source["market"]["stall"].ap50.value == pytest.approx(1.0)


def test_a_yolo_folder_may_order_its_classes_differently(pictures: Path) -> None:
    yolo = pictures / "market"
    (yolo / "data.yaml").write_text("names: {0: bin, 1: stall}\n")
    (yolo / "labels" / "a.txt").write_text("1 0.5 0.5 0.5 0.5\n")
    report = evaluate(predict, read_held_out(yolo), model="made-up", resamples=20)
    assert report.per_source["market"]["stall"].ap50.value == pytest.approx(1.0)
    (yolo / "data.yaml").write_text("names: [bin, junk]\n")
    with pytest.raises(DatasetError, match=r"data\.yaml: 'junk' is not a class"):
        read_held_out(yolo)


def test_a_manifest_need_not_say_more_than_source_and_file(pictures: Path) -> None:
    files = ["kerb/images/a.png", "kerb/images/b.png", "kerb/images/a.png"]
    rows = "".join(f"kerb,{file}\n" for file in files)
    (pictures / "manifest.csv").write_text("source,file\n" + rows)
    held = read_held_out(pictures)
    assert [one.file for one in held.pictures] == files[:2], "a repeated row counts once"
    (pictures / "manifest.csv").write_text("source,picture\nkerb,a.png\n")
    with pytest.raises(DatasetError, match="column 'file' is missing"):
        read_held_out(pictures)
    (pictures / "manifest.csv").write_text("source,file\nkerb,../a.png\n")
    with pytest.raises(DatasetError, match="leads outside"):
        read_held_out(pictures)


def test_bad_folders_are_named(pictures: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatasetError, match=r"empty: expected manifest\.csv, or folders images/"):
        read_held_out(tmp_path / "empty")
    with pytest.raises(DatasetError, match="no picture in split 'test'; there are train, val"):
        read_held_out(pictures, split="test")
    (pictures / "kerb/images/a.png").write_bytes(b"no picture")
    with pytest.raises(DatasetError, match=r"a\.png: not a picture that can be decoded"):
        look_at(predict, read_held_out(pictures))
