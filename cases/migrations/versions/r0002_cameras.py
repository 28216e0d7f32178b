"""Cameras: what is to be watched, how it goes, what was seen, suppressions, the live list."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0002"
down_revision = "r0001"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
STANDING = sa.text("removed_at IS NULL")


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "camera",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("every_s", sa.Float(precision=53), nullable=False),
        sa.Column("url_sealed", sa.Text(), nullable=False),
        sa.Column("url_shown", sa.Text(), nullable=False),
        sa.Column("transport", sa.String(length=8), nullable=False),
        sa.Column("place_text", sa.Text(), nullable=True),
        sa.Column("lat", sa.Float(precision=53), nullable=True),
        sa.Column("lon", sa.Float(precision=53), nullable=True),
        sa.Column("preset_of", sa.String(length=128), nullable=True),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("neighbours", sa.JSON(), nullable=False),
        sa.Column("legal", sa.JSON(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("removed_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("updated_by", sa.String(length=128), nullable=False),
        sa.CheckConstraint("mode IN ('watch', 'round')", name="ck_camera_mode"),
        sa.PrimaryKeyConstraint("id", name="pk_camera"),
    )
    op.create_index(
        "uq_camera_name_standing",
        "camera",
        ["name"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )
    op.create_table(
        "camera_book",
        sa.Column("camera_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("book", sa.JSON(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["camera_id"], ["camera.id"], name="fk_camera_book_camera_id"),
        sa.PrimaryKeyConstraint("camera_id", name="pk_camera_book"),
    )
    op.create_table(
        "camera_notice",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("camera_id", ROW_ID, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("what", sa.String(length=24), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("began_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.CheckConstraint("kind IN ('fault', 'outage')", name="ck_camera_notice_kind"),
        sa.ForeignKeyConstraint(["camera_id"], ["camera.id"], name="fk_camera_notice_camera_id"),
        sa.PrimaryKeyConstraint("id", name="pk_camera_notice"),
    )
    op.create_index(
        "ix_camera_notice_camera_id_id", "camera_notice", ["camera_id", "id"], unique=False
    )
    op.create_index("ix_camera_notice_ended_at", "camera_notice", ["ended_at"], unique=False)
    op.create_table(
        "camera_status",
        sa.Column("camera_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("last_look_at", INSTANT, nullable=True),
        sa.Column("faults", sa.JSON(), nullable=False),
        sa.Column("inspected", sa.Boolean(), nullable=True),
        sa.Column("change", sa.Float(precision=53), nullable=True),
        sa.Column("latency_s", sa.Float(precision=53), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("sightings", sa.JSON(), nullable=False),
        sa.Column("view_at", INSTANT, nullable=True),
        sa.Column("view_sha256", sa.String(length=64), nullable=True),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("looks_inspected", sa.Integer(), nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["camera_id"], ["camera.id"], name="fk_camera_status_camera_id"),
        sa.PrimaryKeyConstraint("camera_id", name="pk_camera_status"),
    )
    op.create_table(
        "live_event",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("camera_id", ROW_ID, nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('look', 'state', 'incident', 'notice', 'camera')", name="ck_live_event_kind"
        ),
        sa.ForeignKeyConstraint(["camera_id"], ["camera.id"], name="fk_live_event_camera_id"),
        sa.PrimaryKeyConstraint("id", name="pk_live_event"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "observation",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("camera_id", ROW_ID, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["camera_id"], ["camera.id"], name="fk_observation_camera_id"),
        sa.PrimaryKeyConstraint("id", name="pk_observation"),
    )
    op.create_index("ix_observation_camera_id_at", "observation", ["camera_id", "at"], unique=False)
    op.create_table(
        "incident",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("camera_id", ROW_ID, nullable=False),
        sa.Column("label", sa.String(length=32), nullable=False),
        sa.Column("zone", sa.String(length=128), nullable=False),
        sa.Column("stage", sa.String(length=8), nullable=False),
        sa.Column("box", sa.JSON(), nullable=False),
        sa.Column("first_seen", INSTANT, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("last_seen", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("confidence", sa.Float(precision=53), nullable=False),
        sa.Column("quality", sa.Float(precision=53), nullable=False),
        sa.Column("lead_id", ROW_ID, nullable=True),
        sa.Column("latency_s", sa.Float(precision=53), nullable=True),
        sa.Column("suspects_at", INSTANT, nullable=True),
        sa.CheckConstraint("stage IN ('open', 'ended')", name="ck_incident_stage"),
        sa.ForeignKeyConstraint(["camera_id"], ["camera.id"], name="fk_incident_camera_id"),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name="fk_incident_lead_id"),
        sa.PrimaryKeyConstraint("id", name="pk_incident"),
    )
    op.create_index(
        "ix_incident_camera_id_opened_at", "incident", ["camera_id", "opened_at"], unique=False
    )
    op.create_index("ix_incident_lead_id", "incident", ["lead_id"], unique=False)
    op.create_index("ix_incident_opened_at_id", "incident", ["opened_at", "id"], unique=False)
    op.create_index("ix_incident_stage_opened_at", "incident", ["stage", "opened_at"], unique=False)
    op.create_table(
        "suppression",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("camera_id", ROW_ID, nullable=False),
        sa.Column("label", sa.String(length=32), nullable=False),
        sa.Column("box", sa.JSON(), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("lead_id", ROW_ID, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_by", sa.String(length=128), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("lifted_by", sa.String(length=128), nullable=True),
        sa.Column("lifted_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["camera_id"], ["camera.id"], name="fk_suppression_camera_id"),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name="fk_suppression_lead_id"),
        sa.PrimaryKeyConstraint("id", name="pk_suppression"),
    )
    op.create_index("ix_suppression_camera_id", "suppression", ["camera_id"], unique=False)
    op.create_table(
        "suspect",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("incident_id", sa.String(length=200), nullable=False),
        sa.Column("camera_id", ROW_ID, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("seconds_before", sa.Float(precision=53), nullable=False),
        sa.Column("label", sa.String(length=32), nullable=False),
        sa.Column("confidence", sa.Float(precision=53), nullable=False),
        sa.Column("box", sa.JSON(), nullable=False),
        sa.Column("object_key", sa.String(length=256), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=64), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=True),
        sa.Column("decided_by", sa.String(length=128), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.CheckConstraint("verdict IN ('confirmed', 'dismissed')", name="ck_suspect_verdict"),
        sa.ForeignKeyConstraint(["camera_id"], ["camera.id"], name="fk_suspect_camera_id"),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name="fk_suspect_incident_id"),
        sa.PrimaryKeyConstraint("id", name="pk_suspect"),
    )
    op.create_index("ix_suspect_incident_id", "suspect", ["incident_id"], unique=False)


def downgrade() -> None:
    """Back."""
    op.drop_index("ix_suspect_incident_id", table_name="suspect")
    op.drop_table("suspect")
    op.drop_index("ix_suppression_camera_id", table_name="suppression")
    op.drop_table("suppression")
    op.drop_index("ix_incident_stage_opened_at", table_name="incident")
    op.drop_index("ix_incident_opened_at_id", table_name="incident")
    op.drop_index("ix_incident_lead_id", table_name="incident")
    op.drop_index("ix_incident_camera_id_opened_at", table_name="incident")
    op.drop_table("incident")
    op.drop_index("ix_observation_camera_id_at", table_name="observation")
    op.drop_table("observation")
    op.drop_table("live_event")
    op.drop_table("camera_status")
    op.drop_index("ix_camera_notice_ended_at", table_name="camera_notice")
    op.drop_index("ix_camera_notice_camera_id_id", table_name="camera_notice")
    op.drop_table("camera_notice")
    op.drop_table("camera_book")
    op.drop_index(
        "uq_camera_name_standing",
        table_name="camera",
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )
    op.drop_table("camera")
