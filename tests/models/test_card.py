"""A card is read strictly, and a model file is only used when it is the one described."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
import yaml

from models import ModelError, available, default_name, load_card, photo_card, verify

CONTENT = b"not a network, but a file with a hash"


def card(**changes: Any) -> dict[str, Any]:
    return {
        "name": "sample",
        "version": "1",
        "created": "2026-11-20",
        "licence": "AGPL-3.0-or-later",
        "file": "model.onnx",
        "sha256": hashlib.sha256(CONTENT).hexdigest(),
        "classes": ["litter", "person"],
        "input": {"size": 640, "stride": 32},
        "base": "some checkpoint",
        "thresholds": {"litter": {"review": 0.4}},
        **changes,
    }


def write(folder: Path, **changes: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(CONTENT)
    (folder / "card.yaml").write_text(yaml.safe_dump(card(**changes)), encoding="utf-8")
    return folder


def test_a_card_is_found_by_folder_by_name_and_by_default(tmp_path: Path) -> None:
    folder = write(tmp_path / "sample")
    (tmp_path / "default").write_text("sample\n")
    for loaded in (
        load_card(folder),
        load_card(str(folder)),
        load_card("sample", (tmp_path,)),
        load_card(None, (tmp_path,)),
    ):
        assert loaded.name == "sample"
        assert loaded.path == folder / "model.onnx"
        assert loaded.review_thresholds == {"litter": 0.4}
        verify(loaded)


def test_a_card_may_name_the_model_for_photos_beside_it(tmp_path: Path) -> None:
    write(tmp_path / "careful")
    plain = load_card(write(tmp_path / "plain"))
    assert photo_card(plain) == plain
    naming = load_card(write(tmp_path / "naming", photos="careful"))
    assert photo_card(naming) == load_card(tmp_path / "careful")
    missing = load_card(write(tmp_path / "missing", photos="nonesuch"))
    with pytest.raises(ModelError, match="nonesuch"):
        photo_card(missing)


def test_a_card_may_share_the_file_of_another_model(tmp_path: Path) -> None:
    write(tmp_path / "sample")
    views = [{"size": 640}, {"size": 896, "mirrored": True}]
    folder = write(tmp_path / "careful", file="../sample/model.onnx", views=views)
    (folder / "model.onnx").unlink()
    loaded = load_card(folder)
    verify(loaded)
    assert [(one.size, one.mirrored) for one in loaded.views] == [(640, False), (896, True)]
    sample = load_card(tmp_path / "sample")
    assert sample.look_sha256 == sample.sha256 == loaded.sha256
    assert loaded.look_sha256 != loaded.sha256
    turned = load_card(write(tmp_path / "turned", views=views[::-1]))
    assert len({one.look_sha256 for one in (sample, loaded, turned)}) == 3


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("file", "../../sample/model.onnx"),
        ("file", "/etc/passwd"),
        ("photos", "../careful"),
        ("file", "../model.onnx/.."),
        ("file", "../../model.onnx"),
        ("file", ".."),
        ("views", [{"size": 650}]),
        ("views", [{"size": 0}]),
    ],
)
def test_other_paths_and_odd_views_are_refused(tmp_path: Path, field: str, value: object) -> None:
    with pytest.raises(ModelError, match=field):
        load_card(write(tmp_path / "sample", **{field: value}))


def test_an_unknown_name_lists_the_known_ones(tmp_path: Path) -> None:
    write(tmp_path / "sample")
    with pytest.raises(ModelError, match=r"nonesuch.*sample"):
        load_card("nonesuch", (tmp_path,))


@pytest.mark.parametrize("name", ["../sample", "/etc/passwd", ""])
def test_a_name_is_no_way_out_of_the_models_folder(tmp_path: Path, name: str) -> None:
    write(tmp_path / "sample")
    (tmp_path / "root").mkdir()
    with pytest.raises(ModelError):
        load_card(name, (tmp_path / "root",))


def test_a_missing_default_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="default"):
        default_name(tmp_path)
    (tmp_path / "default").write_text(" \n")
    with pytest.raises(ModelError, match="empty"):
        load_card(None, (tmp_path,))


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "sample")
    (folder / "model.onnx").write_bytes(CONTENT + b"!")
    with pytest.raises(ModelError, match="sha256"):
        verify(load_card(folder))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "sample")
    (folder / "model.onnx").unlink()
    with pytest.raises(ModelError, match="missing"):
        verify(load_card(folder))


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"sha256": "abc"}, "sha256"),
        ({"classes": []}, "classes"),
        ({"classes": ["litter", "litter"]}, "classes"),
        ({"thresholds": {"litter": {"review": 1.4}}}, "thresholds.litter.review"),
        ({"thresholds": {"stall": {"review": 0.4}}}, "stall"),
        ({"file": "../model.onnx"}, "file"),
        ({"input": {"size": 640, "stride": 32, "colour": "grey"}}, "input.colour"),
        ({"surprise": 1}, "surprise"),
        ({"calibration": {"litter": {"raw": [0, 0.5], "calibrated": [0.4, 0.2]}}}, "calibration"),
        ({"calibration": {"litter": {"raw": [0.5, 0.5], "calibrated": [0, 1]}}}, "calibration"),
    ],
)
def test_a_wrong_field_is_named(tmp_path: Path, changes: dict[str, Any], named: str) -> None:
    folder = write(tmp_path / "sample", **changes)
    with pytest.raises(ModelError, match=named) as caught:
        load_card(folder)
    assert str(folder / "card.yaml") in str(caught.value)


@pytest.mark.parametrize("text", ["- a list", "{ no yaml", "", "just text"])
def test_what_is_no_card_is_refused(tmp_path: Path, text: str) -> None:
    folder = write(tmp_path / "sample")
    (folder / "card.yaml").write_text(text)
    with pytest.raises(ModelError, match=r"card\.yaml"):
        load_card(folder)


def test_available_models_are_listed_by_name(tmp_path: Path) -> None:
    write(tmp_path / "b", name="second")
    write(tmp_path / "a", name="third")
    (tmp_path / "no-model").mkdir()
    assert [one.name for one in available((tmp_path,))] == ["second", "third"]


def test_the_committed_default_is_the_file_its_card_describes() -> None:
    loaded = load_card()
    verify(loaded)
    assert loaded.classes[:5] == ("spill", "stacked_goods", "stall", "litter", "overflowing_bin")
    assert set(loaded.review_thresholds) == set(loaded.classes[:5])
    assert loaded.data
    assert loaded.not_validated_for
