"""Decisions on leads of cameras count at their camera and become pictures of one place."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest

from cases.database import Database
from cases.patrolling import IncidentNow, keep_looks
from cases.review import decide
from cases.store import FolderStore
from datasets.manifest import read_manifest
from datasets.reviews import export_reviews
from datasets.yolo import read_labels
from detector.photo import PhotoError
from patrol.reviews import decisions, picture_of, reviewed_pictures
from tests.cases.patrols import add_camera, incident, look, proof
from tests.cases.scenes import REVIEWER
from training.ledger import precision_ledger


@pytest.fixture
def place(tmp_path: Path) -> tuple[Database, FolderStore]:
    """A migrated database and an empty evidence store."""
    db = Database(f"sqlite:///{tmp_path / 'patrol.db'}")
    db.migrate()
    return db, FolderStore(tmp_path / "evidence")


def lead_of(db: Database, store: FolderStore, camera: int, number: int, label: str) -> int:
    """A lead filed from a camera's incident, each at a place of its own; its id."""
    left = 0.1 * number
    one = incident(camera, number, label=label, box=(left, 0.5, left + 0.08, 0.7))
    kept = keep_looks(db, (look(camera, 5, IncidentNow(one, proof(store, one, number))),))
    return kept.filed[0].lead.lead_id


def test_leads_of_cameras_count_at_their_camera_and_share_its_place(
    place: tuple[Database, FolderStore], tmp_path: Path
) -> None:
    db, store = place
    gate, square = add_camera(db, "north gate"), add_camera(db, "square")
    right, wrong = (lead_of(db, store, gate, n, "litter") for n in (1, 2))
    other = lead_of(db, store, square, 3, "litter")
    decide(db, right, verdict="confirm", actor=REVIEWER)
    decide(db, wrong, verdict="reject", actor=REVIEWER)
    decide(db, other, verdict="confirm", actor=REVIEWER)
    sums = {
        one.camera: (one.right, one.total)
        for one in precision_ledger(decisions(db))
        if one.week == "*"
    }
    assert sums == {"*": (2, 3), "north gate": (1, 2), "square": (1, 1)}
    export_reviews(reviewed_pictures(db, store, tmp_path), tmp_path / "out")
    sites = [row.site for row in read_manifest(tmp_path / "out")]
    assert sorted(sites) == [f"camera {gate}", f"camera {gate}", f"camera {square}"]
    db.close()


def test_a_thing_of_unknown_kind_teaches_the_class_a_reviewer_gave_it(
    place: tuple[Database, FolderStore], tmp_path: Path
) -> None:
    db, store = place
    camera = add_camera(db, "north gate")
    named, nothing = (lead_of(db, store, camera, n, "unknown_object") for n in (1, 2))
    decide(db, named, verdict="confirm", label="stacked_goods", actor=REVIEWER)
    decide(db, nothing, verdict="reject", actor=REVIEWER)
    assert sorted(one.right for one in decisions(db)) == [False, True]
    exported = export_reviews(reviewed_pictures(db, store, tmp_path), tmp_path / "out")
    assert exported.boxes == {"stacked_goods": 1}
    assert exported.hard_negatives == 1
    assert sorted(len(read_labels(row.label)) for row in read_manifest(tmp_path / "out")) == [0, 1]
    db.close()


def test_the_coded_frame_of_a_stream_is_decoded(tmp_path: Path) -> None:
    buffer = BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        grey = np.full((48, 64, 3), 90, dtype=np.uint8)
        container.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="bgr24")))
        container.mux(stream.encode())
    image = picture_of(buffer.getvalue(), "video/mp4")
    assert image.shape == (48, 64, 3)
    assert abs(float(image.mean()) - 90) < 8
    with pytest.raises(PhotoError):
        picture_of(b"no film at all", "video/mp4")
