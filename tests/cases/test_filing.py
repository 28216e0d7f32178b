"""Filing a photo: what comes of its findings, and what is refused."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import func, select

from cases.actors import SYSTEM, Actor
from cases.database import Database
from cases.errors import ForbiddenError, InvalidError, StoreError
from cases.filing import FiledPhoto, file_photo
from cases.looks import recall_look, remember_look
from cases.query import get_leads
from cases.store import FolderStore, StoredObject
from cases.tables import Base, EvidenceRow, HistoryRow, PhotoRow
from detector.types import Detection
from tests.cases.checks import check_everything
from tests.cases.scenes import (
    ADMIN,
    CLEANING_UNIT,
    DISPATCHER,
    LITTER,
    MODEL_SHA256,
    PERSON,
    POLICY,
    REVIEWER,
    STALL,
    VIEWER,
    file_scene,
    look_at,
    make_photo,
)


def file_with(db: Database, store: FolderStore, **changes: Any) -> FiledPhoto:
    photo, data = make_photo(1)
    given: dict[str, Any] = {
        "photo": photo,
        "data": data,
        "look": look_at(photo, [LITTER]),
        "policy": POLICY,
        "filename": "a.jpg",
        "channel": "upload",
        "actor": REVIEWER,
    }
    return file_photo(db, store, **(given | changes))


def test_a_finding_becomes_a_lead_in_review(db: Database, store: FolderStore) -> None:
    filed = file_scene(db, store, 1, LITTER, STALL, PERSON, lat=30.5, lon=120.5)
    assert not filed.duplicate
    by_label = {lead.label: lead for lead in get_leads(db, filed.lead_ids)}
    assert set(by_label) == {"litter", "stall"}
    lead = by_label["litter"]
    assert lead.status == "review"
    assert lead.model_label == "litter"
    assert lead.confidence == 0.8
    assert lead.box == (10, 60, 40, 80)
    assert lead.boxes == ((10, 60, 40, 80),)
    assert (lead.photo.width, lead.photo.height) == (128, 96)
    assert lead.photo.captured_at == datetime(2026, 6, 30, 1, 2, 3, tzinfo=UTC)
    assert (lead.place.lat, lead.place.lon) == (30.5, 120.5)
    assert (lead.model.name, lead.model.sha256) == ("test-model", MODEL_SHA256)
    assert (lead.rule.kind, lead.rule.threshold) == ("threshold", 0.4)
    assert lead.decision is None
    assert lead.case_id is None
    check_everything(db, store)


def test_boxes_of_one_heap_are_one_lead(db: Database, store: FolderStore) -> None:
    heap = [Detection("litter", 0.5 + n / 10, (10 + 12 * n, 60, 25 + 12 * n, 80)) for n in range(3)]
    (lead_id,) = file_scene(db, store, 1, *heap).lead_ids
    (lead,) = get_leads(db, [lead_id])
    assert lead.box == (10, 60, 49, 80)
    assert len(lead.boxes) == 3
    assert lead.confidence == pytest.approx(0.7)


def test_a_photo_without_findings_is_kept_without_leads(db: Database, store: FolderStore) -> None:
    filed = file_scene(db, store, 1, PERSON, Detection("litter", 0.39, (1, 1, 9, 9)))
    assert filed.lead_ids == ()
    assert file_scene(db, store, 1, PERSON) == replace(filed, duplicate=True)


def test_the_original_is_kept_byte_for_byte(db: Database, store: FolderStore) -> None:
    file_scene(db, store, 7)
    with db.session() as session:
        row = session.scalars(select(EvidenceRow).where(EvidenceRow.kind == "original")).one()
    assert store.read(row.object_key) == make_photo(7)[1]


def test_filing_twice_changes_nothing(db: Database, store: FolderStore) -> None:
    first = file_scene(db, store, 1, LITTER, STALL)
    before = counts(db)
    # Also under another name, with another look and another place.
    again = file_scene(db, store, 1, STALL, lat=30.0, lon=120.0)
    assert again == replace(first, duplicate=True)
    assert counts(db) == before


def counts(db: Database) -> dict[str, int]:
    with db.session() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


def test_given_time_and_place_replace_those_of_the_file(db: Database, store: FolderStore) -> None:
    noon = datetime(2026, 7, 1, 12, tzinfo=timezone(timedelta(hours=8)))
    filed = file_with(
        db,
        store,
        captured_at=noon,
        lat=30.1,
        lon=120.2,
        place_text=" 濮院镇 ",
        note="by the bridge",
    )
    (lead,) = get_leads(db, filed.lead_ids)
    assert lead.photo.captured_at == noon
    assert (lead.place.text, lead.place.lat, lead.place.lon) == ("濮院镇", 30.1, 120.2)
    assert lead.photo.note == "by the bridge"


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("lon", {"lat": 30.0}),
        ("lat", {"lon": 120.0}),
        ("lat", {"lat": 90.5, "lon": 120.0}),
        ("lon", {"lat": 30.0, "lon": float("nan")}),
        ("captured_at", {"captured_at": datetime(2026, 7, 1)}),  # noqa: DTZ001
        ("note", {"note": "x" * 2001}),
        ("note", {"note": "a\x00b"}),
        ("place_text", {"place_text": "\ud800"}),
        ("channel", {"channel": "pigeon"}),
        ("data", {"data": b"other bytes"}),
        ("look", {"look": look_at(make_photo(1, size=(10, 10))[0], [])}),
    ],
)
def test_bad_input_is_refused_by_name(
    db: Database, store: FolderStore, field: str, changes: dict[str, Any]
) -> None:
    with pytest.raises(InvalidError) as caught:
        file_with(db, store, **changes)
    assert caught.value.field == field
    assert counts(db)["photo"] == 0


@pytest.mark.parametrize("name", ["a\x00b.jpg", "\ud800.jpg", "x" * 5000, "a\nb.jpg", "<b>.jpg"])
def test_any_file_name_can_be_stored(db: Database, store: FolderStore, name: str) -> None:
    (lead,) = get_leads(db, file_with(db, store, filename=name).lead_ids)
    assert lead.photo.filename.isprintable()
    assert 0 < len(lead.photo.filename) <= 500


@pytest.mark.parametrize("actor", [DISPATCHER, VIEWER, CLEANING_UNIT])
def test_who_may_not_file(db: Database, store: FolderStore, actor: Actor) -> None:
    with pytest.raises(ForbiddenError):
        file_scene(db, store, 1, actor=actor)


@pytest.mark.parametrize("actor", [SYSTEM, ADMIN, REVIEWER])
def test_who_files_is_in_the_history(db: Database, store: FolderStore, actor: Actor) -> None:
    file_scene(db, store, 1, actor=actor)
    with db.session() as session:
        names = session.scalars(select(HistoryRow.actor)).all()
        photo = session.scalars(select(PhotoRow)).one()
    assert set(names) == {actor.name}
    assert photo.filed_by == actor.name


class _FullDisk(FolderStore):
    def put(self, data: bytes, media_type: str) -> StoredObject:
        if data[:2] == b"\xff\xd8" and len(data) != len(make_photo(1)[1]):
            raise StoreError("evidence cannot be written: No space left on device")
        return super().put(data, media_type)


def test_without_evidence_there_is_no_lead(db: Database, store: FolderStore) -> None:
    with pytest.raises(StoreError, match="No space"):
        file_scene(db, _FullDisk(store.root), 1)
    assert counts(db)["photo"] == counts(db)["lead"] == 0
    assert not file_scene(db, store, 1).duplicate
    check_everything(db, store)


def test_looks_are_remembered_per_model(db: Database, store: FolderStore) -> None:
    photo, _ = make_photo(1)
    look = look_at(photo, [LITTER, PERSON])
    assert recall_look(db, photo.sha256, MODEL_SHA256, source="test") is None
    remember_look(db, photo.sha256, look)
    remember_look(db, photo.sha256, look)
    assert recall_look(db, photo.sha256, MODEL_SHA256, source="test") == look
    assert recall_look(db, photo.sha256, "cd" * 32, source="test") is None
    # Filing afterwards uses the look that is there.
    file_scene(db, store, 1, LITTER, PERSON)
    assert counts(db)["look"] == 1


def test_evidence_rows_say_what_the_bytes_are(db: Database, store: FolderStore) -> None:
    file_scene(db, store, 1)
    with db.session() as session:
        rows = session.scalars(select(EvidenceRow)).all()
    for row in rows:
        data = store.read(row.object_key)
        assert hashlib.sha256(data).hexdigest() == row.sha256
        assert len(data) == row.size
