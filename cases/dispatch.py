"""The dispatch queue: cases by deadline, claimed by who handles them."""

from __future__ import annotations

from cases.actors import Actor
from cases.database import Database
from cases.views import CaseView


def claim(db: Database, case_id: int, *, actor: Actor, unit_id: int | None = None) -> CaseView:
    """Take a case from the queue: PENDING_DISPATCH -> HANDLING.

    ``unit_id`` names the handling unit when it is another than the case's own (roles admin and
    dispatcher). A ``unit`` account claims only its own unit's cases, others look absent to it.
    Raises NotFoundError, InvalidError (``unit_id``), ForbiddenError, ConflictError.
    """
    raise NotImplementedError


def queue(
    db: Database, *, actor: Actor, unit_id: int | None = None, limit: int = 50
) -> tuple[CaseView, ...]:
    """The cases waiting for dispatch, the earliest deadline first."""
    raise NotImplementedError
