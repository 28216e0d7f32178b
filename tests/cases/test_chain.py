"""The chain: any changed byte, missing file or edited row is found."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

import pytest
from sqlalchemy import select, text

from cases import chain
from cases.database import Database
from cases.store import FolderStore
from cases.tables import ChainRow, EvidenceRow
from tests.cases.scenes import LAT, LITTER, LON, STALL, file_scene


@pytest.fixture
def filed(db: Database, store: FolderStore) -> Database:
    """Two photos with three leads: twelve links."""
    file_scene(db, store, 1, LITTER, STALL, lat=LAT, lon=LON)
    file_scene(db, store, 2, LITTER)
    return db


def links(db: Database) -> list[ChainRow]:
    with db.session() as session:
        return list(session.scalars(select(ChainRow).order_by(ChainRow.seq)))


def force(db: Database, *statements: str) -> None:
    """Do what the triggers forbid, as someone with the database's own password could."""
    if db.is_postgres:
        statements = ("SET session_replication_role = replica", *statements)
    else:
        triggers = [f"DROP TRIGGER chain_no_{verb}" for verb in ("update", "delete")]
        statements = ("PRAGMA defer_foreign_keys = ON", *triggers, *statements)
    with db.write() as session:
        for statement in statements:
            session.execute(text(statement))


def test_an_untouched_chain_is_intact(filed: Database, store: FolderStore) -> None:
    report = chain.verify(filed, store)
    assert report.intact
    assert report.entries == 12
    assert report.head is not None
    assert report.head.seq == 12


def test_an_empty_chain_is_intact(db: Database, store: FolderStore) -> None:
    assert chain.verify(db, store) == chain.Report(0, None, ())


def test_anyone_can_check_the_links_with_sha256_alone(filed: Database) -> None:
    previous = "0" * 64
    for number, link in enumerate(links(filed), start=1):
        assert link.seq == number
        assert link.previous_hash == previous
        text_sealed = f"{link.seq}\n{link.previous_hash}\n{link.entry}"
        assert link.entry_hash == hashlib.sha256(text_sealed.encode()).hexdigest()
        previous = link.entry_hash
        facts = json.loads(link.entry)
        assert facts["model"]["name"] == "test-model"
        assert facts["sighting"]["threshold"] == 0.4
        assert facts["photo"]["captured_at"] == "2026-06-30T01:02:03+00:00"


@pytest.mark.parametrize("kind", ["original", "annotated", "closeup", "masked"])
def test_one_flipped_bit_is_found(filed: Database, store: FolderStore, kind: str) -> None:
    with filed.session() as session:
        row = session.scalars(select(EvidenceRow).where(EvidenceRow.kind == kind)).first()
    assert row is not None
    path = store.root / row.object_key
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    report = chain.verify(filed, store)
    assert row.id in {problem.evidence_id for problem in report.problems}
    assert all("damaged" in problem.what for problem in report.problems)


def test_a_missing_file_is_found(filed: Database, store: FolderStore) -> None:
    with filed.session() as session:
        row = session.scalars(select(EvidenceRow).where(EvidenceRow.kind == "closeup")).first()
    assert row is not None
    (store.root / row.object_key).unlink()
    (problem,) = chain.verify(filed, store).problems
    assert problem.evidence_id == row.id
    assert "missing" in problem.what


EDITS = {
    "evidence of another file": "UPDATE evidence SET sha256 = '00', object_key = 'x' WHERE id = 6",
    "evidence of another kind": "UPDATE evidence SET kind = 'near' WHERE id = 6",
    "evidence of another size": "UPDATE evidence SET size = size + 1 WHERE id = 6",
    "a later time": "UPDATE photo SET captured_at = '2026-07-30 01:02:03' WHERE id = 1",
    "another place": "UPDATE photo SET lat = lat + 0.001 WHERE id = 1",
    "a better confidence": "UPDATE sighting SET confidence = 0.99 WHERE id = 2",
    "another box": "UPDATE sighting SET box = '[0, 0, 1, 1]' WHERE id = 2",
    "another lead": "UPDATE sighting SET lead_id = 3 WHERE id = 2",
    "another model": "UPDATE look SET model_sha256 = '00' WHERE id = 1",
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_row_is_found(filed: Database, store: FolderStore, edit: str) -> None:
    with filed.write() as session:
        session.execute(text(EDITS[edit]))
    problems = chain.verify(filed, store).problems
    assert problems
    assert all("was edited" in problem.what for problem in problems)


Tamper = Callable[[list[ChainRow]], tuple[str, ...]]


def _edit_entry(rows: list[ChainRow]) -> tuple[str, ...]:
    return ("UPDATE chain SET entry = replace(entry, 'test-model', 'best-model') WHERE seq = 5",)


def _rehash_entry(rows: list[ChainRow]) -> tuple[str, ...]:
    row = rows[4]
    entry = row.entry.replace("test-model", "best-model")
    new = chain.entry_hash(row.seq, row.previous_hash, entry)
    return (
        "UPDATE chain SET entry = replace(entry, 'test-model', 'best-model'), "
        f"entry_hash = '{new}' WHERE seq = 5",
    )


def _drop_link(rows: list[ChainRow]) -> tuple[str, ...]:
    return ("DELETE FROM chain WHERE seq = 5",)


def _drop_link_and_row(rows: list[ChainRow]) -> tuple[str, ...]:
    evidence_id = rows[4].evidence_id
    return ("DELETE FROM chain WHERE seq = 5", f"DELETE FROM evidence WHERE id = {evidence_id}")


def _drop_row(rows: list[ChainRow]) -> tuple[str, ...]:
    return (f"DELETE FROM evidence WHERE id = {rows[11].evidence_id}",)


@pytest.mark.parametrize("tamper", [_edit_entry, _rehash_entry, _drop_link, _drop_link_and_row])
def test_a_changed_or_missing_link_is_found(
    filed: Database, store: FolderStore, tamper: Tamper
) -> None:
    force(filed, *tamper(links(filed)))
    report = chain.verify(filed, store)
    assert not report.intact
    assert {problem.seq for problem in report.problems} & {5, 6}


def test_a_missing_row_is_found(filed: Database, store: FolderStore) -> None:
    if not filed.is_postgres:
        # SQLite keeps the foreign key even then, so it has to be switched off outside.
        with filed.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            connection.exec_driver_sql(_drop_row(links(filed))[0])
            connection.commit()
    else:
        force(filed, *_drop_row(links(filed)))
    (problem,) = chain.verify(filed, store).problems
    assert problem.what == "evidence row is missing"


def test_links_cut_from_the_end_are_found_by_an_earlier_head(
    filed: Database, store: FolderStore
) -> None:
    head = chain.verify(filed, store).head
    file_scene(filed, store, 3)
    assert chain.verify(filed, store, expected=head).intact, "growing is no damage"
    ids = [link.evidence_id for link in links(filed)][11:]
    names = ", ".join(str(number) for number in ids)
    force(
        filed,
        f"DELETE FROM chain WHERE evidence_id IN ({names})",
        f"DELETE FROM evidence WHERE id IN ({names})",
    )
    assert chain.verify(filed, store).intact, "inside the database nothing shows"
    report = chain.verify(filed, store, expected=head)
    assert [problem.what for problem in report.problems] == [
        "the expected head is not in the chain"
    ]


def test_unsealed_evidence_is_found(filed: Database, store: FolderStore) -> None:
    columns = "sighting_id, object_key, sha256, media_type, width, height, size, created_at"
    with filed.write() as session:
        session.execute(text("UPDATE evidence SET kind = 'spare' WHERE id = 1"))
        session.execute(
            text(
                f"INSERT INTO evidence (id, kind, {columns}) "
                f"SELECT 999, 'original', {columns} FROM evidence WHERE id = 1"
            )
        )
    problems = chain.verify(filed, store).problems
    assert (None, 999) in {(problem.seq, problem.evidence_id) for problem in problems}
