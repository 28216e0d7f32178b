"""What training is given: the right pictures, the right views, context that does not contradict."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from datasets.classes import CLASSES
from datasets.manifest import read_manifest
from datasets.yolo import DatasetError, Label, read_labels, write_labels
from tests.datasets.made_up import drawing, row, write_folder
from training.card import card_document, data_rows, licence_counts
from training.config import QUICK, SourceRecipe, TrainConfig

pytestmark = pytest.mark.training

torch = pytest.importorskip("torch")
pytest.importorskip("ultralytics")

from training import prepare as preparing  # noqa: E402
from training.context import without_conflicts  # noqa: E402


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TrainConfig:
    """Six pictures: four to train on, one to measure on, one that is a copy of the measured one."""
    rows = [row("street", name) for name in "abc"]
    rows += [row("yard", "d", licence="none stated"), row("street", "copy")]
    rows += [row("street", "held", split="val", use="measure_only")]
    same = drawing(99)
    write_folder(
        tmp_path / "data",
        rows,
        images={"street/images/copy.jpg": same, "street/images/held.jpg": same},
    )
    (tmp_path / "base.pt").write_bytes(b"stands for a checkpoint")
    person = Label(CLASSES.index("person"), (0.2, 0.5, 0.1, 0.4))
    truck_for_litter = Label(CLASSES.index("truck"), (0.5, 0.5, 0.19, 0.21))

    def found(pictures, *_: object, **__: object):  # type: ignore[no-untyped-def]
        return {one.file: (person, truck_for_litter) for one in pictures}

    monkeypatch.setattr(preparing, "context_labels", found)
    return TrainConfig(
        name="made-up",
        stages=QUICK,
        data=tmp_path / "data",
        base=tmp_path / "base.pt",
        context_base=tmp_path / "base.pt",
        runs=tmp_path / "runs",
    )


def test_measured_pictures_and_their_copies_are_never_trained_on(config: TrainConfig) -> None:
    files = [one.file for one in preparing.training_pictures(config)]
    assert files == [f"street/images/{name}.jpg" for name in "abc"] + ["yard/images/d.jpg"]


def test_pictures_of_doubtful_licence_can_be_left_out(config: TrainConfig) -> None:
    clear = preparing.training_pictures(replace(config, only_clear_licences=True))
    assert {one.source for one in clear} == {"street"}


def test_the_folder_holds_every_view_with_issue_and_context_labels(
    config: TrainConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(preparing.MIXES["even"], "yard", SourceRecipe(full=2, crops=1))
    prepared = preparing.prepare(config)
    data = yaml.safe_load(prepared.data_yaml.read_text())
    assert list(data["names"].values()) == list(CLASSES)
    names = (prepared.data_yaml.parent / "train.txt").read_text().split()
    assert prepared.views == len(names) == 3 + 3
    for name in names:
        image = prepared.data_yaml.parent / name
        assert image.is_file()
        assert image.resolve() != (config.data / "street/images/held.jpg").resolve()
    whole = read_labels(prepared.data_yaml.parent / "labels" / "street__a__0.txt")
    assert {CLASSES[one.class_id] for one in whole} == {"litter", "person"}


def test_the_same_configuration_gives_the_same_files_and_another_seed_does_not(
    config: TrainConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(preparing.MIXES["even"], "street", SourceRecipe(full=1, crops=2))

    def files(one: TrainConfig) -> dict[str, bytes]:
        folder = preparing.prepare(one).data_yaml.parent
        return {
            path.name: path.read_bytes()
            for kind in ("images", "labels")
            for path in (folder / kind).iterdir()
        }

    first = files(config)
    assert files(replace(config, name="again")) == first
    assert files(replace(config, name="other", seed=8)) != first


def test_rendered_pictures_are_added_and_counted(config: TrainConfig, tmp_path: Path) -> None:
    rendered = write_folder(tmp_path / "rendered", [row("scene", "one")]) / "scene"
    prepared = preparing.prepare(replace(config, rendered=rendered))
    assert (prepared.rendered, prepared.views) == (1, 5)
    with pytest.raises(DatasetError, match="rendered pictures"):
        preparing.prepare(replace(config, name="none", rendered=tmp_path / "nothing"))


def test_a_cart_taken_for_a_truck_stays_a_cart_and_a_person_beside_it_stays() -> None:
    cart = Label(CLASSES.index("stall"), (0.5, 0.5, 0.4, 0.4))
    truck = Label(CLASSES.index("truck"), (0.51, 0.5, 0.4, 0.42))
    person = Label(CLASSES.index("person"), (0.6, 0.5, 0.1, 0.4))
    assert without_conflicts([truck, person], [cart], 0.6) == (person,)


def test_the_card_counts_licences_and_names_every_source(config: TrainConfig) -> None:
    pictures = preparing.training_pictures(config)
    assert licence_counts(pictures) == {
        "stated": 3,
        "uploader_claim": 0,
        "doubtful": 0,
        "none_stated": 1,
    }
    rows = data_rows(read_manifest(config.data), "train")
    assert {(one["source"], one["licence"], one["pictures"]) for one in rows} == {
        ("street", "CC BY 4.0", 5),
        ("yard", "none stated", 1),
    }
    assert callable(card_document)


def test_labels_that_leave_the_picture_by_rounding_are_still_readable(tmp_path: Path) -> None:
    write_labels(tmp_path / "a.txt", [Label(3, (0.9999999, 0.5, 0.0000012, 1.0))])
    assert len(read_labels(tmp_path / "a.txt")) == 1
