"""Reading leads, cases and evidence, as the asking actor may see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from cases.actors import Actor
from cases.database import Database
from cases.states import LeadStatus, State
from cases.store import EvidenceStore
from cases.views import (
    CaseDetail,
    CaseView,
    EvidenceKind,
    EvidenceView,
    LeadView,
    Page,
    Summary,
    UnitView,
)


def list_leads(
    db: Database,
    *,
    actor: Actor,
    status: LeadStatus | None = None,
    label: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
    newest_first: bool = False,
) -> Page[LeadView]:
    """Leads by age. Roles admin, reviewer, dispatcher, viewer; ``limit`` 1..200.

    Raises ForbiddenError, InvalidError (``status``, ``limit``, ``cursor``).
    """
    raise NotImplementedError


def get_leads(db: Database, lead_ids: Sequence[int]) -> tuple[LeadView, ...]:
    """The leads of these ids, in this order, without a check of rights (for the filer's answer)."""
    raise NotImplementedError


def get_lead(db: Database, lead_id: int, *, actor: Actor) -> LeadView:
    """One lead; raises NotFoundError, ForbiddenError."""
    raise NotImplementedError


def list_cases(
    db: Database,
    *,
    actor: Actor,
    states: Sequence[State] = (),
    label: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[CaseView]:
    """Cases by ``due_at``, then id; empty ``states`` means all. A unit sees its own only."""
    raise NotImplementedError


def get_case(db: Database, case_id: int, *, actor: Actor) -> CaseDetail:
    """One case with evidence, history and leads; NotFoundError also for another unit's case."""
    raise NotImplementedError


@dataclass(frozen=True)
class EvidenceBytes:
    """One evidence object with its bytes, checked against its SHA-256."""

    evidence: EvidenceView
    data: bytes


def read_evidence(
    db: Database, store: EvidenceStore, evidence_id: int, kind: EvidenceKind, *, actor: Actor
) -> EvidenceBytes:
    """The ``kind`` sibling of evidence ``evidence_id`` (of the same sighting) with its bytes.

    ``original`` needs admin or reviewer and writes a history line before the bytes are handed
    out; a unit sees only the evidence of its own cases. Raises NotFoundError, ForbiddenError,
    StoreError.
    """
    raise NotImplementedError


def summary(db: Database, *, actor: Actor, timezone: tzinfo, now: datetime) -> Summary:
    """Counts for the desk; "today" is the local day of ``now`` in ``timezone``."""
    raise NotImplementedError


def list_units(db: Database) -> tuple[UnitView, ...]:
    """All units, by id."""
    raise NotImplementedError
