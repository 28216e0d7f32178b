"""The simulated reviewer sees the hidden labels, the model never; mistakes come as asked for."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from pathlib import Path

import pytest

from cases.database import Database
from cases.store import FolderStore
from datasets.manifest import read_manifest
from datasets.reviews import export_reviews
from datasets.yolo import read_labels
from detector.detect import Detector
from models import load_card
from patrol.reviews import decisions, reviewed_pictures
from patrol.simulated_street import (
    WEEKS,
    Reviewed,
    look_through,
    part,
    patrol_street,
    review_leads,
    write_data,
)
from tests.datasets.made_up import row, write_folder
from tests.training.test_eval_commands import tiny_model
from training.ledger import precision_ledger

pytestmark = pytest.mark.training

THERE = "0.5 0.5 0.5 0.5\n"


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Thirty pictures: litter in the middle of ten, a full bin there in ten, nothing in ten."""
    rows = [row("street", f"{n:02}", boxes="0" if n >= 20 else "1") for n in range(30)]
    labels = {
        one["file"]: f"3 {THERE}" if n < 10 else f"4 {THERE}" if n < 20 else ""
        for n, one in enumerate(rows)
    }
    return write_folder(tmp_path / "real", rows, labels=labels)


@pytest.fixture
def place(tmp_path: Path) -> tuple[Database, FolderStore]:
    db = Database(f"sqlite:///{tmp_path / 'patrol.db'}")
    db.migrate()
    return db, FolderStore(tmp_path / "evidence")


@pytest.fixture
def detector(tmp_path: Path) -> Detector:
    """Says that there is litter in the middle of every picture of 160x120."""
    return Detector(load_card(tiny_model(tmp_path / "tiny", [[32, 40, 96, 88, 0.9, 3]])))


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (0.0, Reviewed(confirmed=10, corrected=10, rejected=10, wrong=0)),
        (1.0, Reviewed(confirmed=20, corrected=0, rejected=10, wrong=30)),
    ],
)
def test_leads_are_decided_by_the_hidden_labels(
    pictures: Path, place: tuple[Database, FolderStore], detector: Detector, error: float,
    expected: Reviewed,
) -> None:  # fmt: skip
    db, store = place
    street = read_manifest(pictures)
    looked = patrol_street(db, store, detector, street, leads=30)
    assert len(looked) == 30
    assert review_leads(db, looked, most=30, error=error, seed=1) == expected
    weeks = {one.week for one in precision_ledger(decisions(db))} - {"*"}
    assert WEEKS <= len(weeks) <= WEEKS + 1, "the looks are spread over the weeks"
    db.close()


def test_the_export_holds_what_was_decided_and_what_was_looked_through(
    pictures: Path, place: tuple[Database, FolderStore], detector: Detector, tmp_path: Path
) -> None:
    db, store = place
    street = read_manifest(pictures)
    looked = patrol_street(db, store, detector, street, leads=12)
    assert len(looked) < 30, "the patrol ends when there are enough leads"
    done = review_leads(db, looked, most=12, error=0.0, seed=1)
    assert done.confirmed + done.corrected + done.rejected == 12
    sample = look_through(list(looked.values()), count=4, error=0.0, seed=2)
    seen = {one.sha256 for one in sample}
    leads = reviewed_pictures(db, store, tmp_path, without=seen)
    export_reviews(chain(sample, leads), tmp_path / "out", val_share=0.0)
    rows = read_manifest(tmp_path / "out")
    assert all(one.trainable for one in rows)
    assert Counter(one.view for one in rows)["sample"] == 4
    by_site = {f"street/{one.site}": one.label for one in street}
    for one in rows:
        truth = [label.class_id for label in read_labels(by_site[one.site])]
        assert [label.class_id for label in read_labels(one.label)] == truth
    db.close()


def test_some_things_are_overlooked_in_the_pictures_looked_through(pictures: Path) -> None:
    street = read_manifest(pictures)
    assert not any(one.boxes for one in look_through(street, count=30, error=1.0, seed=2))
    assert sum(len(one.boxes) for one in look_through(street, count=30, error=0.0, seed=2)) == 20


def test_start_and_street_share_no_picture_and_only_few_of_the_weak_class(
    pictures: Path, tmp_path: Path
) -> None:
    listed = read_manifest(pictures)
    shares = part(listed, "overflowing_bin", keep=2, share=0.5, seed=3)
    assert {one.file for one in shares.start}.isdisjoint(one.file for one in shares.street)
    assert len(shares.start) + len(shares.street) == 30
    weak = [one for one in shares.start if read_labels(one.label)[:1] and
            read_labels(one.label)[0].class_id == 4]  # fmt: skip
    assert (len(weak), len(shares.start)) == (2, 12)
    assert part(listed, "overflowing_bin", keep=2, share=0.5, seed=3) == shares
    copied = read_manifest(write_data(tmp_path / "start", pictures, shares.start))
    assert [one.file for one in copied] == [one.file for one in shares.start]
