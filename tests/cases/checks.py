"""What must hold in every database at any time, whatever was killed or raced before."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cases import chain
from cases.database import Database
from cases.states import BY_ACTION, State
from cases.store import EvidenceStore
from cases.tables import (
    CaseLeadRow,
    CaseRow,
    EvidenceRow,
    HistoryRow,
    LeadRow,
    OutboxRow,
    SightingRow,
)

KINDS = {"original", "annotated", "closeup", "masked"}


def check_everything(db: Database, store: EvidenceStore) -> None:
    """Fail unless chain, evidence, histories, messages and cases agree with each other."""
    assert chain.verify(db, store).problems == ()
    with db.session() as session:
        _check_evidence(session)
        _check_histories(session)
        _check_cases(session)


def _check_evidence(session: Session) -> None:
    kinds: dict[int, set[str]] = {row: set() for row in session.scalars(select(SightingRow.id))}
    for sighting_id, kind in session.execute(select(EvidenceRow.sighting_id, EvidenceRow.kind)):
        kinds[sighting_id].add(kind)
    assert all(found == KINDS for found in kinds.values())
    seen = set(session.scalars(select(SightingRow.lead_id)))
    assert seen == set(session.scalars(select(LeadRow.id)))


def _check_histories(session: Session) -> None:
    """Each row stands where its history leads; each transition has one line and one message."""
    stands: dict[tuple[str, int], str] = {}
    messages = Counter(session.scalars(select(OutboxRow.history_id)))
    for line in session.scalars(select(HistoryRow).order_by(HistoryRow.id)):
        step = BY_ACTION.get(line.action)
        if step is None:
            continue
        row_id = line.lead_id if step.subject == "lead" else line.case_id
        assert row_id is not None
        key = (step.subject, row_id)
        assert (line.from_state, line.to_state) == (step.start, step.end)
        assert stands.get(key) == step.start
        assert line.role in step.roles
        assert messages[line.id] == 1
        stands[key] = step.end
    rows = {("lead", row.id): row.state for row in session.scalars(select(LeadRow))}
    rows |= {("case", row.id): row.state for row in session.scalars(select(CaseRow))}
    assert rows == stands


def _check_cases(session: Session) -> None:
    """A lead has a standing case exactly while it is confirmed."""
    leads = session.scalars(select(LeadRow)).all()
    for lead in leads:
        assert (lead.case_id is not None) == (lead.state == State.FILED)
        assert (lead.decision is None) == (lead.state == State.REVIEW)
    standing = session.scalars(select(CaseRow.id).where(CaseRow.state != State.VOID)).all()
    assert sorted(standing) == sorted(lead.case_id for lead in leads if lead.case_id is not None)
    assert session.scalar(select(func.count()).select_from(CaseLeadRow)) == session.scalar(
        select(func.count()).select_from(CaseRow)
    )
    numbers = session.scalars(select(CaseRow.number)).all()
    assert len(numbers) == len(set(numbers))
