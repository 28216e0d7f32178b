"""Reviews become a source that the training reads, and nothing undecided slips in."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest

from datasets.manifest import read_manifest, split_sites
from datasets.reviews import ReviewedBox, ReviewedPicture, export_reviews, read_reviewed
from datasets.yolo import DatasetError, read_labels

BOX = (10.0, 20.0, 60.0, 70.0)


def confirmed(label: str = "litter", model: str | None = "litter") -> ReviewedBox:
    return ReviewedBox(BOX, model, label, "confirm", 0.8)


REJECTED = ReviewedBox(BOX, "stall", "stall", "reject", 0.6)
UNDECIDED = ReviewedBox(BOX, "spill", "spill", "undecided", 0.4)


def picture(folder: Path, name: str, *boxes: ReviewedBox, **more: object) -> ReviewedPicture:
    path = folder / f"{name}.png"
    cv2.imwrite(str(path), np.full((100, 200, 3), len(name) * 7 % 255, dtype=np.uint8))
    values: dict[str, object] = {
        "sha256": hashlib.sha256(name.encode()).hexdigest(),
        "image": path,
        "width": 200,
        "height": 100,
        "site": "camera 1",
        "captured_at": datetime(2026, 3, 1, 8, 0, tzinfo=UTC),
        "boxes": boxes,
    }
    return ReviewedPicture(**{**values, **more})  # type: ignore[arg-type]


def test_confirmed_corrected_and_rejected_boxes(tmp_path: Path) -> None:
    exported = export_reviews(
        [
            picture(tmp_path, "a", confirmed()),
            picture(tmp_path, "bb", confirmed("overflowing_bin", "litter"), REJECTED),
            picture(tmp_path, "ccc", REJECTED),
        ],
        tmp_path / "out",
    )
    assert exported.boxes == {"litter": 1, "overflowing_bin": 1}
    assert (exported.corrected, exported.hard_negatives) == (1, 1)
    rows = {row.file: row for row in read_manifest(tmp_path / "out")}
    assert len(rows) == 3
    labels = sorted(tuple(one.class_id for one in read_labels(r.label)) for r in rows.values())
    assert labels == [(), (3,), (4,)]
    box = next(read_labels(r.label)[0] for r in rows.values() if r.boxes)
    assert box.corners() == pytest.approx((0.05, 0.2, 0.3, 0.7))
    lines = (tmp_path / "out" / "rejected.jsonl").read_text().splitlines()
    assert [json.loads(line)["class"] for line in lines] == ["stall", "stall"]


def test_an_undecided_lead_keeps_its_picture_out(tmp_path: Path) -> None:
    exported = export_reviews(
        [picture(tmp_path, "a", confirmed()), picture(tmp_path, "bb", confirmed(), UNDECIDED)],
        tmp_path / "out",
    )
    assert exported.undecided == 1
    assert len(read_manifest(tmp_path / "out")) == 1


def test_samples_join_once_a_person_has_looked_through_them(tmp_path: Path) -> None:
    missed = confirmed("spill", None)
    exported = export_reviews(
        [
            picture(tmp_path, "a", missed, kind="sample", looked_through=True),
            picture(tmp_path, "bb", kind="sample", looked_through=True),
            picture(tmp_path, "ccc", kind="sample"),
        ],
        tmp_path / "out",
    )
    assert exported.to_look_through == 1
    assert (exported.boxes, exported.hard_negatives) == ({"spill": 1}, 1)
    assert exported.corrected == 0, "a missed thing is no corrected class"
    waiting = (tmp_path / "out" / "to_look_through.csv").read_text()
    assert "ccc.png" in waiting
    assert len(read_manifest(tmp_path / "out")) == 2


def test_a_site_stays_on_one_side_from_export_to_export(tmp_path: Path) -> None:
    many = [picture(tmp_path, f"p{n}", confirmed(), site=f"camera {n % 10}") for n in range(40)]
    export_reviews(many, tmp_path / "all")
    export_reviews(many[:20], tmp_path / "half")
    first, second = (read_manifest(tmp_path / name) for name in ("all", "half"))
    assert not split_sites([*first, *second])
    assert {row.split for row in first} == {"train", "val"}


def test_pictures_are_written_small_and_without_metadata(tmp_path: Path) -> None:
    from PIL import Image

    exif = Image.Exif()
    exif[0x010E] = "a private place"
    path = tmp_path / "big.jpg"
    Image.new("RGB", (2000, 1000), (90, 90, 90)).save(path, exif=exif)
    one = picture(tmp_path, "big", confirmed(), image=path, width=2000, height=1000)
    export_reviews([one], tmp_path / "out")
    row = read_manifest(tmp_path / "out")[0]
    assert (row.width, row.height) == (1280, 640)
    assert b"private" not in row.image.read_bytes()


def test_bad_input_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"a\.png: box .* is not within 200x100"):
        picture(tmp_path, "a", ReviewedBox((0, 0, 300, 50), "litter", "litter", "confirm"))
    with pytest.raises(DatasetError, match="'junk' is not a class"):
        picture(tmp_path, "a", confirmed("junk"))
    with pytest.raises(DatasetError, match="time zone"):
        picture(tmp_path, "a", captured_at=datetime(2026, 1, 1))  # noqa: DTZ001
    twice = picture(tmp_path, "a", confirmed())
    with pytest.raises(DatasetError, match="given twice"):
        export_reviews([twice, twice], tmp_path / "out")
    with pytest.raises(DatasetError, match="new or empty folder"):
        export_reviews([twice], tmp_path / "out")
    with pytest.raises(DatasetError, match="is 200x100, its boxes are for 400x200"):
        export_reviews(
            [picture(tmp_path, "dd", confirmed(), width=400, height=200)], tmp_path / "other"
        )


def test_rows_are_read_from_json_lines(tmp_path: Path) -> None:
    one = picture(tmp_path, "a", confirmed("overflowing_bin", "litter"))
    line = {
        "sha256": one.sha256,
        "image": "a.png",
        "width": 200,
        "height": 100,
        "site": "camera 1",
        "captured_at": "2026-03-01T16:00:00+08:00",
        "boxes": [
            {"box": BOX, "model_label": "litter", "label": "overflowing_bin", "verdict": "confirm",
             "confidence": 0.8}
        ],
    }  # fmt: skip
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(line) + "\n\n")
    assert read_reviewed(path) == (one,)
    for change, message in (
        ({"captured_at": "2026-03-01T16:00:00"}, "time zone"),
        ({"kind": "guess"}, "kind must be leads or sample"),
        ({"colour": 1}, r"not known: \['colour'\]"),
        ({"boxes": [{**line["boxes"][0], "verdict": "perhaps"}]}, "verdict must be"),  # type: ignore[index,dict-item]
    ):
        path.write_text(json.dumps(line | change) + "\n")
        with pytest.raises(DatasetError, match=rf"rows\.jsonl:1: .*{message}"):
            read_reviewed(path)


def test_bins_nobody_is_asked_about_are_no_background(tmp_path: Path) -> None:
    bins = (("bin", (100.0, 10.0, 150.0, 90.0)), ("bin", (11.0, 20.0, 60.0, 70.0)))
    seen = picture(tmp_path, "a", confirmed("overflowing_bin", "overflowing_bin"), unasked=bins)
    exported = export_reviews([seen], tmp_path / "out")
    (row,) = read_manifest(tmp_path / "out")
    classes = sorted(one.class_id for one in read_labels(row.label))
    assert classes == [4, 5], "the one bin that was confirmed as overflowing is not labelled twice"
    assert exported.boxes == {"overflowing_bin": 1}
    with pytest.raises(DatasetError, match="cannot be"):
        picture(tmp_path, "bb", unasked=(("bin", (100.0, 10.0, 250.0, 90.0)),))
