"""The evidence chain: every evidence row is sealed by a hash over itself and all before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from cases.database import Database
from cases.errors import StoreError
from cases.store import EvidenceStore
from cases.tables import ChainRow, EvidenceRow, SightingRow

GENESIS = "0" * 64
_BATCH = 200


@dataclass(frozen=True)
class Head:
    """The newest link. Kept outside (printed, mailed), it proves later that none is missing."""

    seq: int
    entry_hash: str


@dataclass(frozen=True)
class Problem:
    """One thing found wrong by ``verify``."""

    seq: int | None
    evidence_id: int | None
    what: str


@dataclass(frozen=True)
class Report:
    """What ``verify`` saw: how many links, the newest one, and everything that is wrong."""

    entries: int
    head: Head | None
    problems: tuple[Problem, ...]

    @property
    def intact(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.problems


def entry_hash(seq: int, previous_hash: str, entry: str) -> str:
    """SHA-256 (hex) over ``seq``, newline, ``previous_hash``, newline, ``entry`` as UTF-8."""
    return hashlib.sha256(f"{seq}\n{previous_hash}\n{entry}".encode()).hexdigest()


def seal(session: Session, rows: list[EvidenceRow]) -> None:
    """Append one link per evidence row; the caller holds the filing lock and has flushed them."""
    last = session.scalars(select(ChainRow).order_by(ChainRow.seq.desc()).limit(1)).first()
    seq, previous = (last.seq, last.entry_hash) if last else (0, GENESIS)
    for row in rows:
        seq += 1
        entry = _entry(row)
        link = ChainRow(
            seq=seq,
            evidence_id=row.id,
            entry=entry,
            previous_hash=previous,
            entry_hash=entry_hash(seq, previous, entry),
        )
        session.add(link)
        previous = link.entry_hash
    session.flush()


def verify(db: Database, store: EvidenceStore, *, expected: Head | None = None) -> Report:
    """Check every link, row and file; finds any changed byte, missing file or edited row.

    Links removed from the end together with their rows leave no trace inside the database: give
    an earlier head as ``expected`` to find that too.
    """
    problems: list[Problem] = []
    seq, previous, head = 0, GENESIS, None
    known = expected is None
    with db.session() as session:
        for link in _links(session):
            seq += 1
            problems += _link_problems(link, seq, previous)
            problems += _row_problems(session, store, link)
            seq, previous = link.seq, link.entry_hash
            head = Head(link.seq, link.entry_hash)
            known = known or head == expected
            session.expunge_all()
        unsealed = session.scalars(
            select(EvidenceRow.id).where(
                ~select(ChainRow.seq).where(ChainRow.evidence_id == EvidenceRow.id).exists()
            )
        )
        problems += [Problem(None, row_id, "evidence is not in the chain") for row_id in unsealed]
        entries = session.scalar(select(func.count()).select_from(ChainRow)) or 0
    if expected is not None and not known:
        problems.append(Problem(expected.seq, None, "the expected head is not in the chain"))
    return Report(entries, head, tuple(problems))


def _links(session: Session) -> Iterator[ChainRow]:
    after = None
    while True:
        query = select(ChainRow).order_by(ChainRow.seq).limit(_BATCH)
        if after is not None:
            query = query.where(ChainRow.seq > after)
        batch = session.scalars(query).all()
        if not batch:
            return
        after = batch[-1].seq
        yield from batch


def _link_problems(link: ChainRow, seq: int, previous: str) -> list[Problem]:
    found = []
    if link.seq != seq:
        found.append(f"link {seq} is missing")
    if link.previous_hash != previous:
        found.append("does not continue the link before it")
    if link.entry_hash != entry_hash(link.seq, link.previous_hash, link.entry):
        found.append("entry was changed after it was sealed")
    return [Problem(link.seq, link.evidence_id, what) for what in found]


def _row_problems(session: Session, store: EvidenceStore, link: ChainRow) -> list[Problem]:
    row = session.scalars(
        select(EvidenceRow)
        .where(EvidenceRow.id == link.evidence_id)
        .options(
            joinedload(EvidenceRow.sighting).options(
                joinedload(SightingRow.photo), joinedload(SightingRow.look)
            )
        )
    ).one_or_none()
    if row is None:
        return [Problem(link.seq, link.evidence_id, "evidence row is missing")]
    found = []
    if _entry(row) != link.entry:
        found.append("evidence row, its sighting, photo or look was edited")
    try:
        sealed = json.loads(link.entry)["evidence"]
        data = store.read(sealed["object_key"])
    except (ValueError, KeyError, TypeError):
        found.append("entry is not readable")
    except StoreError as error:
        found.append(error.message)
    else:
        if hashlib.sha256(data).hexdigest() != sealed["sha256"] or len(data) != sealed["size"]:
            found.append(f"evidence {row.object_key} is damaged: its bytes are not those sealed")
    return [Problem(link.seq, link.evidence_id, what) for what in found]


def _entry(row: EvidenceRow) -> str:
    """What is sealed: canonical JSON (sorted keys, no spaces) of the evidence and its origin."""
    sighting, photo, look = row.sighting, row.sighting.photo, row.sighting.look
    facts: dict[str, Any] = {
        "evidence": {
            "id": row.id,
            "kind": row.kind,
            "object_key": row.object_key,
            "sha256": row.sha256,
            "size": row.size,
            "media_type": row.media_type,
            "width": row.width,
            "height": row.height,
            "created_at": row.created_at.isoformat(),
        },
        "sighting": {
            "id": sighting.id,
            "lead_id": sighting.lead_id,
            "finding": sighting.finding,
            "label": sighting.label,
            "confidence": sighting.confidence,
            "threshold": sighting.threshold,
            "box": sighting.box,
            "boxes": sighting.boxes,
        },
        "photo": {
            "id": photo.id,
            "sha256": photo.sha256,
            "captured_at": photo.captured_at.isoformat() if photo.captured_at else None,
            "lat": photo.lat,
            "lon": photo.lon,
            "channel": photo.channel,
            "filename": photo.filename,
            "filed_by": photo.filed_by,
        },
        "model": {"name": look.model, "sha256": look.model_sha256},
    }
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
