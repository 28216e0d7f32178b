"""The tables of cameras: what is to be watched, how it goes, and what was seen."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cases.tables import Base, RowId, one_of, row_id

CAMERA_MODES = ("watch", "round")
INCIDENT_STAGES = ("open", "ended")
NOTICE_KINDS = ("fault", "outage")
SUSPECT_VERDICTS = ("confirmed", "dismissed")
LIVE_KINDS = ("look", "state", "incident", "notice", "camera")

Boxed = list[Any]  # x1, y1, x2, y2 in shares of the view


class CameraRow(Base):
    """A camera, or one preset of one. ``url_sealed`` is encrypted, ``url_shown`` has no secrets.

    ``revision`` is raised by every change, also of its suppressions: the runner takes it up.
    """

    __tablename__ = "camera"
    __table_args__ = (
        Index(
            "uq_camera_name_standing",
            "name",
            unique=True,
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
        CheckConstraint(one_of("mode", CAMERA_MODES), name="mode"),
    )
    id: Mapped[int] = row_id()
    name: Mapped[str] = mapped_column(String(128))
    mode: Mapped[str] = mapped_column(String(8))
    every_s: Mapped[float] = mapped_column(Float(53))
    url_sealed: Mapped[str] = mapped_column(Text)
    url_shown: Mapped[str] = mapped_column(Text)
    transport: Mapped[str] = mapped_column(String(8))
    place_text: Mapped[str | None] = mapped_column(Text)
    lat: Mapped[float | None] = mapped_column(Float(53))
    lon: Mapped[float | None] = mapped_column(Float(53))
    preset_of: Mapped[str | None] = mapped_column(String(128))
    plan: Mapped[list[Any]] = mapped_column(JSON)
    rules: Mapped[dict[str, Any]]
    neighbours: Mapped[list[Any]] = mapped_column(JSON)
    legal: Mapped[dict[str, Any]]
    paused: Mapped[bool]
    revision: Mapped[int]
    removed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    updated_by: Mapped[str] = mapped_column(String(128))


class CameraStatusRow(Base):
    """How a camera does, as of its last look; written by the runner alone."""

    __tablename__ = "camera_status"
    camera_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("camera.id"), primary_key=True, autoincrement=False
    )
    state: Mapped[str] = mapped_column(String(24))
    detail: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime]
    last_look_at: Mapped[datetime | None]
    faults: Mapped[list[Any]] = mapped_column(JSON)
    inspected: Mapped[bool | None]
    change: Mapped[float | None] = mapped_column(Float(53))
    latency_s: Mapped[float | None] = mapped_column(Float(53))
    width: Mapped[int | None]
    height: Mapped[int | None]
    sightings: Mapped[list[Any]] = mapped_column(JSON)
    view_at: Mapped[datetime | None]
    view_sha256: Mapped[str | None] = mapped_column(String(64))
    looks: Mapped[int]
    looks_inspected: Mapped[int]
    updated_at: Mapped[datetime]


class CameraBookRow(Base):
    """What is going on at a camera, so that a restart goes on where it was."""

    __tablename__ = "camera_book"
    camera_id: Mapped[int] = mapped_column(
        RowId, ForeignKey("camera.id"), primary_key=True, autoincrement=False
    )
    book: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class ObservationRow(Base):
    """What one look saw, without the picture: kept for weeks, to be judged again."""

    __tablename__ = "observation"
    __table_args__ = (Index("ix_observation_camera_id_at", "camera_id", "at"),)
    id: Mapped[int] = row_id()
    camera_id: Mapped[int] = mapped_column(ForeignKey("camera.id"))
    at: Mapped[datetime]
    content: Mapped[dict[str, Any]]


class IncidentRow(Base):
    """One thing on the street over time. ``latency_s``: from the frame that opened it to its lead.

    ``suspects_at``: when the search for suspect vehicles was done, None before that.
    ``id`` is the detector's own and unique for good: the same incident is never filed twice.
    """

    __tablename__ = "incident"
    __table_args__ = (
        CheckConstraint(one_of("stage", INCIDENT_STAGES), name="stage"),
        Index("ix_incident_camera_id_opened_at", "camera_id", "opened_at"),
        Index("ix_incident_stage_opened_at", "stage", "opened_at"),
        Index("ix_incident_opened_at_id", "opened_at", "id"),
    )
    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    camera_id: Mapped[int] = mapped_column(ForeignKey("camera.id"))
    label: Mapped[str] = mapped_column(String(32))
    zone: Mapped[str] = mapped_column(String(128))
    stage: Mapped[str] = mapped_column(String(8))
    box: Mapped[Boxed] = mapped_column(JSON)
    first_seen: Mapped[datetime]
    opened_at: Mapped[datetime]
    last_seen: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    confidence: Mapped[float] = mapped_column(Float(53))
    quality: Mapped[float] = mapped_column(Float(53))
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id"), index=True)
    latency_s: Mapped[float | None] = mapped_column(Float(53))
    suspects_at: Mapped[datetime | None]
    camera: Mapped[CameraRow] = relationship()


class SuspectRow(Base):
    """A truck seen in the minutes before a spill, for a person to confirm or dismiss."""

    __tablename__ = "suspect"
    __table_args__ = (CheckConstraint(one_of("verdict", SUSPECT_VERDICTS), name="verdict"),)
    id: Mapped[int] = row_id()
    incident_id: Mapped[str] = mapped_column(ForeignKey("incident.id"), index=True)
    camera_id: Mapped[int] = mapped_column(ForeignKey("camera.id"))
    at: Mapped[datetime]
    seconds_before: Mapped[float] = mapped_column(Float(53))
    label: Mapped[str] = mapped_column(String(32))
    confidence: Mapped[float] = mapped_column(Float(53))
    box: Mapped[Boxed] = mapped_column(JSON)
    object_key: Mapped[str] = mapped_column(String(256))
    sha256: Mapped[str] = mapped_column(String(64))
    media_type: Mapped[str] = mapped_column(String(64))
    verdict: Mapped[str | None] = mapped_column(String(16))
    decided_by: Mapped[str | None] = mapped_column(String(128))
    decided_at: Mapped[datetime | None]
    camera: Mapped[CameraRow] = relationship()


class CameraNoticeRow(Base):
    """One maintenance notice: a fault of the view or an outage, from its beginning to its end."""

    __tablename__ = "camera_notice"
    __table_args__ = (
        CheckConstraint(one_of("kind", NOTICE_KINDS), name="kind"),
        Index("ix_camera_notice_camera_id_id", "camera_id", "id"),
        Index("ix_camera_notice_ended_at", "ended_at"),
    )
    id: Mapped[int] = row_id()
    camera_id: Mapped[int] = mapped_column(ForeignKey("camera.id"))
    kind: Mapped[str] = mapped_column(String(8))
    what: Mapped[str] = mapped_column(String(24))
    detail: Mapped[str] = mapped_column(Text)
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    camera: Mapped[CameraRow] = relationship()


class SuppressionRow(Base):
    """A spot where a class was rejected: not reported again until it expires or is lifted."""

    __tablename__ = "suppression"
    id: Mapped[int] = row_id()
    camera_id: Mapped[int] = mapped_column(ForeignKey("camera.id"), index=True)
    label: Mapped[str] = mapped_column(String(32))
    box: Mapped[Boxed] = mapped_column(JSON)
    expires_at: Mapped[datetime]
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("lead.id"))
    note: Mapped[str | None] = mapped_column(Text)
    created_by: Mapped[str] = mapped_column(String(128))
    created_at: Mapped[datetime]
    lifted_by: Mapped[str | None] = mapped_column(String(128))
    lifted_at: Mapped[datetime | None]
    camera: Mapped[CameraRow] = relationship()


class LiveEventRow(Base):
    """One line of the live list; only the newest few thousand are kept. Ids are never used again.

    Written through ``cases.live.tell`` alone, which keeps ids in the order of commits.
    """

    __tablename__ = "live_event"
    __table_args__ = (
        CheckConstraint(one_of("kind", LIVE_KINDS), name="kind"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = row_id()
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(8))
    camera_id: Mapped[int] = mapped_column(ForeignKey("camera.id"))
    payload: Mapped[dict[str, Any]]
