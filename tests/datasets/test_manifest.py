"""The list of pictures: read strictly, splits by place, no picture without source and licence."""

from __future__ import annotations

from pathlib import Path

import pytest

from datasets.manifest import (
    assign_split,
    data_hash,
    licence_state,
    read_manifest,
    repeated_rows,
    split_sites,
)
from datasets.yolo import DatasetError, read_labels
from tests.datasets.made_up import row, write_folder


def test_reads_pictures_with_source_licence_site_and_split(tmp_path: Path) -> None:
    write_folder(
        tmp_path,
        [
            row("street", "a", site="north", licence="none stated"),
            row("street", "b", site="south", split="val", use="measure_only"),
        ],
        labels={"street/images/a.jpg": "3 0.5 0.5 0.2 0.2\n0 0.1 0.1 0.1 0.1\n"},
    )
    first, second = read_manifest(tmp_path)
    assert (first.source, first.site, first.boxes, first.trainable) == ("street", "north", 2, True)
    assert first.licence_state == "none_stated"
    assert first.image.is_file()
    assert first.label.is_file()
    assert not second.trainable


def test_measure_only_is_never_trainable_whatever_its_split(tmp_path: Path) -> None:
    write_folder(tmp_path, [row("street", "a", use="measure_only")])
    assert [one.trainable for one in read_manifest(tmp_path)] == [False]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"split": "test"}, "split must be train or val"),
        ({"use": "anything"}, "use must be train, val or measure_only"),
        ({"source": ""}, "source is empty"),
        ({"width": "wide"}, "whole numbers"),
        ({"file": "../outside/images/a.jpg"}, "leads outside"),
        ({"file": "street/images/missing.jpg"}, "does not exist"),
    ],
)
def test_a_bad_row_is_named_with_file_and_line(
    tmp_path: Path, change: dict[str, str], named: str
) -> None:
    write_folder(tmp_path / "data", [row("street", "a")])
    listing = tmp_path / "data" / "manifest.csv"
    header = listing.read_text().splitlines()[0]
    bad = row("street", "a", **change)
    listing.write_text(header + "\n" + ",".join(bad[name] for name in header.split(",")) + "\n")
    with pytest.raises(DatasetError, match=named) as caught:
        read_manifest(tmp_path / "data")
    assert "manifest.csv:2" in str(caught.value)


def test_missing_list_and_missing_column_are_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"manifest\.csv"):
        read_manifest(tmp_path)
    (tmp_path / "manifest.csv").write_text("source,file\n")
    with pytest.raises(DatasetError, match="columns missing: split"):
        read_manifest(tmp_path)


def test_one_place_in_two_splits_is_refused(tmp_path: Path) -> None:
    rows = [
        row("street", "a", site="corner"),
        row("street", "b", site="corner", split="val", use="val"),
    ]
    write_folder(tmp_path, rows)
    with pytest.raises(DatasetError, match="street/corner"):
        read_manifest(tmp_path)


def test_a_file_listed_twice_counts_once(tmp_path: Path) -> None:
    write_folder(tmp_path, [row("street", "a"), row("street", "a", boxes="4"), row("street", "b")])
    assert [one.file for one in read_manifest(tmp_path)] == [
        "street/images/a.jpg",
        "street/images/b.jpg",
    ]
    assert repeated_rows(tmp_path) == {"street/images/a.jpg": 2}


def test_rows_of_one_file_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    write_folder(tmp_path, [row("street", "a"), row("street", "a", licence="none stated")])
    with pytest.raises(DatasetError, match="disagree"):
        read_manifest(tmp_path)


@pytest.mark.parametrize(
    ("licence", "state"),
    [
        ("CC BY 4.0", "stated"),
        ("CC BY 4.0 (as stated)", "uploader_claim"),
        ("MIT as stated by the repository (many are street panoramas: doubtful)", "doubtful"),
        ("none stated", "none_stated"),
        ("", "none_stated"),
    ],
)
def test_licences_are_sorted_by_how_far_they_hold(licence: str, state: str) -> None:
    assert licence_state(licence) == state


def test_a_new_site_always_gets_the_same_split_in_about_the_wanted_share() -> None:
    first = {str(n): assign_split("street", str(n), val_share=0.25) for n in range(2000)}
    again = {str(n): assign_split("street", str(n), val_share=0.25) for n in range(2000)}
    assert first == again
    assert 0.2 < sum(one == "val" for one in first.values()) / 2000 < 0.3


def test_the_data_hash_changes_with_a_label(tmp_path: Path) -> None:
    write_folder(tmp_path, [row("street", "a"), row("street", "b")])
    before = data_hash(read_manifest(tmp_path))
    assert data_hash(read_manifest(tmp_path)) == before
    (tmp_path / "street" / "labels" / "a.txt").write_text("3 0.5 0.5 0.3 0.2\n")
    assert data_hash(read_manifest(tmp_path)) != before


@pytest.mark.shared
def test_the_shared_pictures_are_all_readable_labelled_and_split_by_place(shared: Path) -> None:
    pictures = read_manifest(shared / "data" / "real")
    assert len(pictures) > 3000
    assert split_sites(pictures) == []
    for picture in pictures:
        assert all(one.class_id <= 5 for one in read_labels(picture.label, classes=6))
        assert picture.use != "measure_only" or not picture.trainable
    sources = {one.source for one in pictures if one.trainable}
    assert sources.isdisjoint({"clean_cctv", "clean_riyadh", "spill_shop_floor"})
