"""The reviewer's decision: a lead becomes a case or is rejected, and may be taken back."""

from __future__ import annotations

from cases.actors import Actor
from cases.database import Database
from cases.policy import DEFAULT_CASE_POLICY, CasePolicy
from cases.views import LeadView, Verdict


def decide(
    db: Database,
    lead_id: int,
    *,
    verdict: Verdict,
    label: str | None = None,
    reason: str | None = None,
    actor: Actor,
    policy: CasePolicy = DEFAULT_CASE_POLICY,
) -> LeadView:
    """Confirm or reject a lead in review; ``label`` corrects its class (``model_label`` stays).

    Confirming files a case and puts it into the dispatch queue in the same transaction. Raises
    NotFoundError, InvalidError, ForbiddenError (roles admin, reviewer), ConflictError when the
    lead is decided already.
    """
    raise NotImplementedError


def undo(db: Database, lead_id: int, *, actor: Actor) -> LeadView:
    """Take the decision back: the lead is in review again, its case VOID.

    Raises ConflictError when there is no decision or the case is already claimed.
    """
    raise NotImplementedError
