"""The tables, as SQLAlchemy classes: the one place that names columns and keys."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from cases.states import CASE_STATES, LEAD_STATES
from cases.times import UtcDateTime

# SQLite numbers rows itself only in a column of exactly this type.
RowId = BigInteger().with_variant(Integer, "sqlite")
Boxes = list[list[float]]


class Base(DeclarativeBase):
    """Base of all tables; constraints get names, so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime, dict[str, Any]: JSON, Boxes: JSON}  # noqa: RUF012


def row_id() -> Mapped[int]:
    """A primary key that the database numbers itself."""
    return mapped_column(RowId, primary_key=True, autoincrement=True)


def one_of(column: str, values: Iterable[str]) -> str:
    """SQL of a check that ``column`` holds one of ``values``."""
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"


class UnitRow(Base):
    """Who handles cases."""

    __tablename__ = "unit"
    id: Mapped[int] = row_id()
    key: Mapped[str] = mapped_column(String(64), unique=True)
    name_zh: Mapped[str] = mapped_column(String(128))
    name_en: Mapped[str] = mapped_column(String(128))


class DutyRow(Base):
    """Which unit handles a class by default."""

    __tablename__ = "duty"
    label: Mapped[str] = mapped_column(String(32), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))


class UserRow(Base):
    """A person who may log in."""

    __tablename__ = "user"
    id: Mapped[int] = row_id()
    name: Mapped[str] = mapped_column(String(64), unique=True)
    password_hash: Mapped[str] = mapped_column(String(256))
    role: Mapped[str] = mapped_column(String(16))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    must_change_password: Mapped[bool]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class TokenRow(Base):
    """A bearer token; its secret is kept as SHA-256 only."""

    __tablename__ = "token"
    id: Mapped[int] = row_id()
    name: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(16))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    secret_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class LoginSessionRow(Base):
    """A browser session; the cookie's secret is kept as SHA-256 only."""

    __tablename__ = "login_session"
    id: Mapped[int] = row_id()
    secret_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    csrf_token: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class LoginAttemptRow(Base):
    """A failed login, kept as long as the window in which failures are counted."""

    __tablename__ = "login_attempt"
    id: Mapped[int] = row_id()
    name: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64), index=True)
    at: Mapped[datetime] = mapped_column(index=True)


class PhotoRow(Base):
    """A filed photo; its bytes are unique."""

    __tablename__ = "photo"
    id: Mapped[int] = row_id()
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    media_type: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    object_key: Mapped[str] = mapped_column(String(256))
    width: Mapped[int]
    height: Mapped[int]
    captured_at: Mapped[datetime | None]
    lat: Mapped[float | None] = mapped_column(Float(53))
    lon: Mapped[float | None] = mapped_column(Float(53))
    place_text: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    filename: Mapped[str] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(String(16))
    filed_by: Mapped[str] = mapped_column(String(128))
    created_at: Mapped[datetime]


class LookRow(Base):
    """What a model saw in a photo, filed or not."""

    __tablename__ = "look"
    __table_args__ = (UniqueConstraint("sha256", "model_sha256"),)
    id: Mapped[int] = row_id()
    sha256: Mapped[str] = mapped_column(String(64))
    model: Mapped[str] = mapped_column(String(128))
    model_sha256: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    captured_at: Mapped[datetime | None]
    detections: Mapped[list[Any]] = mapped_column(JSON)
    health: Mapped[list[Any]] = mapped_column(JSON)
    created_at: Mapped[datetime]


class CaseRow(Base):
    """A case 案件."""

    __tablename__ = "case"
    __table_args__ = (
        Index("ix_case_state_due_at", "state", "due_at"),
        CheckConstraint(one_of("state", CASE_STATES), name="state"),
    )
    id: Mapped[int] = row_id()
    number: Mapped[str] = mapped_column(String(64), unique=True)
    state: Mapped[str] = mapped_column(String(24))
    label: Mapped[str] = mapped_column(String(32))
    standard_ref: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(32))
    code_nearest: Mapped[bool]
    code_name_zh: Mapped[str] = mapped_column(String(128))
    code_name_en: Mapped[str] = mapped_column(String(128))
    place_text: Mapped[str | None] = mapped_column(Text)
    lat: Mapped[float | None] = mapped_column(Float(53))
    lon: Mapped[float | None] = mapped_column(Float(53))
    filed_at: Mapped[datetime]
    dispatched_at: Mapped[datetime]
    due_at: Mapped[datetime]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    claimed_by: Mapped[str | None] = mapped_column(String(128))
    claimed_at: Mapped[datetime | None]
    unit: Mapped[UnitRow] = relationship()


class CaseLeadRow(Base):
    """Which leads a case was filed from; stays when the case is made void."""

    __tablename__ = "case_lead"
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id"), primary_key=True, index=True)


class LeadRow(Base):
    """A lead 疑似线索. ``case_id`` is the standing case of a confirmed lead."""

    __tablename__ = "lead"
    __table_args__ = (
        Index("ix_lead_state_id", "state", "id"),
        CheckConstraint(one_of("state", LEAD_STATES), name="state"),
    )
    id: Mapped[int] = row_id()
    state: Mapped[str] = mapped_column(String(24))
    label: Mapped[str] = mapped_column(String(32), index=True)
    model_label: Mapped[str] = mapped_column(String(32))
    lat: Mapped[float | None] = mapped_column(Float(53))
    lon: Mapped[float | None] = mapped_column(Float(53))
    place_text: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    decision: Mapped[str | None] = mapped_column(String(16))
    decision_label: Mapped[str | None] = mapped_column(String(32))
    decision_reason: Mapped[str | None] = mapped_column(Text)
    decided_by: Mapped[str | None] = mapped_column(String(128))
    decided_at: Mapped[datetime | None] = mapped_column(index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"), index=True)


class SightingRow(Base):
    """One finding of one photo: the first of a lead, or a later one that joined it."""

    __tablename__ = "sighting"
    __table_args__ = (UniqueConstraint("photo_id", "finding"),)
    id: Mapped[int] = row_id()
    lead_id: Mapped[int] = mapped_column(ForeignKey("lead.id"), index=True)
    photo_id: Mapped[int] = mapped_column(ForeignKey("photo.id"))
    look_id: Mapped[int] = mapped_column(ForeignKey("look.id"))
    finding: Mapped[int] = mapped_column(Integer)
    label: Mapped[str] = mapped_column(String(32))
    confidence: Mapped[float] = mapped_column(Float(53))
    threshold: Mapped[float] = mapped_column(Float(53))
    box: Mapped[list[Any]] = mapped_column(JSON)
    boxes: Mapped[Boxes]
    created_at: Mapped[datetime]
    lead: Mapped[LeadRow] = relationship()
    photo: Mapped[PhotoRow] = relationship()
    look: Mapped[LookRow] = relationship()
    evidence: Mapped[list[EvidenceRow]] = relationship(
        back_populates="sighting", order_by="EvidenceRow.id"
    )


class EvidenceRow(Base):
    """One evidence object of a sighting."""

    __tablename__ = "evidence"
    __table_args__ = (UniqueConstraint("sighting_id", "kind"),)
    id: Mapped[int] = row_id()
    sighting_id: Mapped[int] = mapped_column(ForeignKey("sighting.id"))
    kind: Mapped[str] = mapped_column(String(16))
    object_key: Mapped[str] = mapped_column(String(256))
    sha256: Mapped[str] = mapped_column(String(64))
    media_type: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    size: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
    sighting: Mapped[SightingRow] = relationship(back_populates="evidence")


class ChainRow(Base):
    """One link of the evidence chain; the database refuses to change or delete it."""

    __tablename__ = "chain"
    seq: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id"), unique=True)
    entry: Mapped[str] = mapped_column(Text)
    previous_hash: Mapped[str] = mapped_column(String(64))
    entry_hash: Mapped[str] = mapped_column(String(64), unique=True)


class HistoryRow(Base):
    """One line of history; the database refuses to change or delete it."""

    __tablename__ = "history"
    __table_args__ = (
        Index("ix_history_case_id_id", "case_id", "id"),
        Index("ix_history_lead_id_id", "lead_id", "id"),
    )
    id: Mapped[int] = row_id()
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(128))
    role: Mapped[str] = mapped_column(String(16))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    action: Mapped[str] = mapped_column(String(64))
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    from_state: Mapped[str | None] = mapped_column(String(24))
    to_state: Mapped[str | None] = mapped_column(String(24))
    detail: Mapped[dict[str, Any]]


class OutboxRow(Base):
    """A message to the outside, written with what it tells of; sent later, at least once."""

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("attempts >= 0", name="attempts"),
        Index("ix_outbox_sent_at_id", "sent_at", "id"),
    )
    id: Mapped[int] = row_id()
    event_id: Mapped[str] = mapped_column(String(36), unique=True)
    history_id: Mapped[int] = mapped_column(ForeignKey("history.id"), unique=True)
    topic: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    attempts: Mapped[int]
    sent_at: Mapped[datetime | None]


class CaseSequenceRow(Base):
    """The last case number given on a local day."""

    __tablename__ = "case_sequence"
    day: Mapped[str] = mapped_column(String(8), primary_key=True)
    last: Mapped[int]
