"""Decisions made at the desk come out as training data and as the ledger."""

from __future__ import annotations

from pathlib import Path

import pytest

from cases.database import Database
from cases.review import decide
from cases.store import FolderStore
from datasets.manifest import read_manifest
from datasets.reviews import export_reviews
from datasets.yolo import read_labels
from detector.types import Detection
from patrol.reviews import decisions, reviewed_pictures
from tests.cases.scenes import LITTER, PERSON, REVIEWER, STALL, file_scene
from training.ledger import precision_ledger


@pytest.fixture
def place(tmp_path: Path) -> tuple[Database, FolderStore]:
    """A migrated database and an empty evidence store."""
    db = Database(f"sqlite:///{tmp_path / 'patrol.db'}")
    db.migrate()
    return db, FolderStore(tmp_path / "evidence")


def test_decisions_become_labels_hard_negatives_and_a_ledger(
    place: tuple[Database, FolderStore], tmp_path: Path
) -> None:
    db, store = place
    right = file_scene(db, store, 1, LITTER, PERSON)
    corrected = file_scene(db, store, 2, Detection("litter", 0.9, (0, 0, 40, 30)))
    wrong = file_scene(db, store, 3, STALL)
    half = file_scene(db, store, 4, LITTER, STALL)
    file_scene(db, store, 5)
    decide(db, right.lead_ids[0], verdict="confirm", actor=REVIEWER)
    decide(db, corrected.lead_ids[0], verdict="confirm", label="overflowing_bin", actor=REVIEWER)
    decide(db, wrong.lead_ids[0], verdict="reject", actor=REVIEWER)
    decide(db, half.lead_ids[0], verdict="confirm", actor=REVIEWER)

    exported = export_reviews(reviewed_pictures(db, store, tmp_path), tmp_path / "out")
    assert exported.boxes == {"litter": 1, "overflowing_bin": 1}
    assert (exported.corrected, exported.hard_negatives, exported.undecided) == (1, 1, 1)
    rows = read_manifest(tmp_path / "out")
    found = sorted(tuple(one.class_id for one in read_labels(row.label)) for row in rows)
    assert found == [(), (3,), (4,)]
    assert not list(tmp_path.glob("*.png")), "nothing is left behind"

    sums = {
        one.label: (one.right, one.total)
        for one in precision_ledger(decisions(db))
        if (one.camera, one.week) == ("*", "*")
    }
    assert sums == {"litter": (2, 3), "stall": (0, 1)}
    db.close()
