"""The life of leads and cases as one table: what may follow what, and who may do it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

from cases.actors import Role


class State(StrEnum):
    """States of the case life; a lead lives in the first row, a case in the others.

    Chinese names after the seven stages of the national workflow.
    """

    LEAD = "LEAD"  # 疑似线索, found and not yet offered
    REVIEW = "REVIEW"  # 待审核
    FILED = "FILED"  # 立案; a lead in this state was confirmed
    PENDING_DISPATCH = "PENDING_DISPATCH"  # 待派遣
    HANDLING = "HANDLING"  # 处理中
    FEEDBACK = "FEEDBACK"  # 已反馈
    CHECKING = "CHECKING"  # 核查
    CLOSED = "CLOSED"  # 销号
    REJECTED = "REJECTED"  # 不予立案
    MERGED = "MERGED"  # 并案
    VOID = "VOID"  # 作废


LEAD_STATES = (State.LEAD, State.REVIEW, State.FILED, State.REJECTED, State.MERGED)
CASE_STATES = (
    State.FILED,
    State.PENDING_DISPATCH,
    State.HANDLING,
    State.FEEDBACK,
    State.CHECKING,
    State.CLOSED,
    State.VOID,
)
OPEN_LEAD_STATES = (State.LEAD, State.REVIEW)
OPEN_CASE_STATES = (
    State.FILED,
    State.PENDING_DISPATCH,
    State.HANDLING,
    State.FEEDBACK,
    State.CHECKING,
)

Subject = Literal["lead", "case"]
LeadStatus = Literal["review", "confirmed", "rejected", "merged"]

LEAD_STATUS: MappingProxyType[State, LeadStatus] = MappingProxyType(
    {
        State.LEAD: "review",
        State.REVIEW: "review",
        State.FILED: "confirmed",
        State.REJECTED: "rejected",
        State.MERGED: "merged",
    }
)


@dataclass(frozen=True)
class Transition:
    """One allowed step of one subject. ``start`` None means that the step creates the row.

    ``action`` is the name of the history line and the topic of the outbox message.
    """

    subject: Subject
    action: str
    start: State | None
    end: State
    roles: tuple[Role, ...]


_FILERS = (Role.SYSTEM, Role.ADMIN, Role.REVIEWER)
_REVIEWERS = (Role.ADMIN, Role.REVIEWER)
# The service itself files where a zone says so and the class may (``confirm_automatically``).
_CONFIRMERS = (*_REVIEWERS, Role.SYSTEM)

# A new road (feedback, return, rework, extension, suspension, dispute) is one more row here and
# the function that walks it.
TRANSITIONS = (
    Transition("lead", "lead.found", None, State.LEAD, _FILERS),
    Transition("lead", "lead.offered", State.LEAD, State.REVIEW, _FILERS),
    Transition("lead", "lead.confirmed", State.REVIEW, State.FILED, _CONFIRMERS),
    Transition("lead", "lead.rejected", State.REVIEW, State.REJECTED, _REVIEWERS),
    Transition("lead", "lead.confirm_undone", State.FILED, State.REVIEW, _REVIEWERS),
    Transition("lead", "lead.reject_undone", State.REJECTED, State.REVIEW, _REVIEWERS),
    Transition("case", "case.filed", None, State.FILED, _CONFIRMERS),
    Transition("case", "case.queued", State.FILED, State.PENDING_DISPATCH, _CONFIRMERS),
    Transition(
        "case",
        "case.claimed",
        State.PENDING_DISPATCH,
        State.HANDLING,
        (Role.ADMIN, Role.DISPATCHER, Role.UNIT),
    ),
    Transition("case", "case.voided", State.PENDING_DISPATCH, State.VOID, _REVIEWERS),
)

BY_ACTION: MappingProxyType[str, Transition] = MappingProxyType(
    {transition.action: transition for transition in TRANSITIONS}
)
