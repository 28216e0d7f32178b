"""Pictures drawn at random tell what was missed, once a person has looked them through."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from datasets.manifest import read_manifest
from datasets.yolo import DatasetError, Label, read_labels, write_labels
from detector.detect import Detector
from models import load_card
from patrol.cli import app
from patrol.photo_files import find_photos
from patrol.review_samples import DONE, draw_sample, read_sample, sampled_issues
from tests.training.test_eval_commands import tiny_model
from training.ledger import recall_ledger

pytestmark = pytest.mark.training

STALL = Label.from_corners(2, (0.6, 0.1, 0.9, 0.4))


@pytest.fixture
def street(tmp_path: Path) -> Path:
    """Twelve photos of 128x128, all different."""
    folder = tmp_path / "street"
    folder.mkdir()
    for number in range(12):
        image = np.full((128, 128, 3), 20 * number, dtype=np.uint8)
        cv2.imwrite(str(folder / f"{number:02}.jpg"), image)
    return folder


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Finds litter in the middle of everything, and a full bin too faint to report."""
    return tiny_model(tmp_path / "tiny", [[32, 32, 96, 96, 0.9, 3], [0, 0, 30, 30, 0.1, 4]])


def drawn(street: Path, model: Path, folder: Path, count: int = 6) -> Path:
    detector = Detector(load_card(model))
    done = draw_sample(list(find_photos([str(street)])), folder, detector, count=count, seed=3)
    assert (done.pictures, done.of, done.unreadable) == (count, 12, 0)
    return folder


def test_the_draw_does_not_depend_on_the_model_and_is_laid_out_to_be_corrected(
    street: Path, model: Path, tmp_path: Path
) -> None:
    sample = drawn(street, model, tmp_path / "sample")
    blind = drawn(street, tiny_model(tmp_path / "blind", [[0, 0, 9, 9, 0.0, 3]]), tmp_path / "b")
    assert [one.sha256 for one in read_sample(sample)] == [one.sha256 for one in read_sample(blind)]
    for file in (sample / "labels").iterdir():
        assert [one.class_id for one in read_labels(file)] == [3]
    with pytest.raises(DatasetError, match="empty"):
        drawn(street, model, sample)


def test_recall_counts_what_a_person_added_and_only_in_pictures_looked_through(
    street: Path, model: Path, tmp_path: Path
) -> None:
    sample = drawn(street, model, tmp_path / "sample")
    assert sampled_issues(sample) == ()
    names = sorted(one.stem for one in (sample / "labels").iterdir())
    first, second, third = names[:3]
    litter = read_labels(sample / f"labels/{first}.txt")
    write_labels(sample / f"labels/{first}.txt", [*litter, STALL])  # the model missed a stall
    write_labels(sample / f"labels/{second}.txt", [])  # and what it called litter is none
    (sample / DONE).write_text(f"{first}\n{second}.jpg\n{third}\n")
    recall = {
        one.label: (one.right, one.total)
        for one in recall_ledger(sampled_issues(sample))
        if (one.camera, one.week) == ("*", "*")
    }
    assert recall == {"litter": (2, 2), "stall": (0, 1)}
    boxes = {one.image.stem: one.boxes for one in read_sample(sample)}
    assert [(one.model_label, one.verdict) for one in boxes[second]] == [("litter", "reject")]
    (sample / DONE).write_text("all\n")
    assert all(one.looked_through for one in read_sample(sample))
    (sample / DONE).write_text("another\n")
    with pytest.raises(DatasetError, match="another"):
        read_sample(sample)


def run(*words: object) -> str:
    done = CliRunner().invoke(app, ["reviews", *map(str, words)])
    assert done.exit_code == 0, done.output
    return done.output


def test_photos_and_views_are_looked_at_as_in_the_service(
    street: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny_model(tmp_path / "careful", [[32, 32, 96, 96, 0.9, 3], [0, 0, 30, 30, 0.8, 3]])
    with (model / "card.yaml").open("a") as card:
        card.write("photos: careful\n")
    monkeypatch.setenv("PATROL_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PATROL_MODEL", str(model))
    run("sample", tmp_path / "photos", street)
    run("sample", tmp_path / "views", street, "--cameras")
    for folder, name, boxes in (("photos", "careful", 2), ("views", "tiny", 1)):
        about = json.loads((tmp_path / folder / "sample.json").read_text())
        assert about["model"] == name
        for file in (tmp_path / folder / "labels").iterdir():
            assert len(read_labels(file)) == boxes


def test_the_commands_draw_export_and_keep_the_ledger(
    street: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATROL_DATA_DIR", str(tmp_path / "data"))
    sample, out = tmp_path / "sample", tmp_path / "out"
    said = run("sample", sample, street, "--count", 4, "--model", model)
    assert "4 of 12 pictures drawn" in said
    names = sorted(one.stem for one in (sample / "labels").iterdir())
    (sample / DONE).write_text("\n".join(names[:3]))
    exported = json.loads(run("export", out, "--samples", sample))
    assert sum(exported["pictures"].values()) == 3
    assert exported["to_look_through"] == 1
    assert {row.view for row in read_manifest(out)} == {"sample"}
    run("ledger", "--samples", sample, "--json", tmp_path / "ledger.json")
    ledger = json.loads((tmp_path / "ledger.json").read_text())
    assert ledger["entries"] == []
    total = [one for one in ledger["recall"] if (one["camera"], one["week"]) == ("*", "*")]
    assert [(one["label"], one["right"], one["total"]) for one in total] == [("litter", 3, 3)]
