"""First tables: accounts, photos, leads, cases, evidence and its chain, history, outbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0001"
down_revision = None
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)

UNITS = (
    ("order", "市容秩序中队", "City order squad", ("stall", "stacked_goods")),
    ("cleaning", "环卫保洁公司", "Cleaning company", ("litter", "overflowing_bin", "spill")),
)
APPEND_ONLY = ("history", "chain")


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "case_sequence",
        sa.Column("day", sa.String(length=8), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_case_sequence"),
    )
    op.create_table(
        "login_attempt",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_login_attempt"),
    )
    op.create_index("ix_login_attempt_address", "login_attempt", ["address"], unique=False)
    op.create_index("ix_login_attempt_at", "login_attempt", ["at"], unique=False)
    op.create_table(
        "look",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("model", sa.String(length=128), nullable=False),
        sa.Column("model_sha256", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("captured_at", INSTANT, nullable=True),
        sa.Column("detections", sa.JSON(), nullable=False),
        sa.Column("health", sa.JSON(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_look"),
        sa.UniqueConstraint("sha256", "model_sha256", name="uq_look_sha256_model_sha256"),
    )
    op.create_table(
        "photo",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("object_key", sa.String(length=256), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("captured_at", INSTANT, nullable=True),
        sa.Column("lat", sa.Float(precision=53), nullable=True),
        sa.Column("lon", sa.Float(precision=53), nullable=True),
        sa.Column("place_text", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("filed_by", sa.String(length=128), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_photo"),
        sa.UniqueConstraint("sha256", name="uq_photo_sha256"),
    )
    op.create_table(
        "unit",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("name_zh", sa.String(length=128), nullable=False),
        sa.Column("name_en", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_unit"),
        sa.UniqueConstraint("key", name="uq_unit_key"),
    )
    op.create_table(
        "case",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("label", sa.String(length=32), nullable=False),
        sa.Column("standard_ref", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("code_nearest", sa.Boolean(), nullable=False),
        sa.Column("code_name_zh", sa.String(length=128), nullable=False),
        sa.Column("code_name_en", sa.String(length=128), nullable=False),
        sa.Column("place_text", sa.Text(), nullable=True),
        sa.Column("lat", sa.Float(precision=53), nullable=True),
        sa.Column("lon", sa.Float(precision=53), nullable=True),
        sa.Column("filed_at", INSTANT, nullable=False),
        sa.Column("dispatched_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("unit_id", ROW_ID, nullable=False),
        sa.Column("claimed_by", sa.String(length=128), nullable=True),
        sa.Column("claimed_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "state IN ('FILED', 'PENDING_DISPATCH', 'HANDLING', 'FEEDBACK', 'CHECKING', "
            "'CLOSED', 'VOID')",
            name="ck_case_state",
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_case_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_case"),
        sa.UniqueConstraint("number", name="uq_case_number"),
    )
    op.create_index("ix_case_state_due_at", "case", ["state", "due_at"], unique=False)
    op.create_index("ix_case_unit_id", "case", ["unit_id"], unique=False)
    op.create_table(
        "duty",
        sa.Column("label", sa.String(length=32), nullable=False),
        sa.Column("unit_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_duty_unit_id"),
        sa.PrimaryKeyConstraint("label", name="pk_duty"),
    )
    op.create_table(
        "token",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("unit_id", ROW_ID, nullable=True),
        sa.Column("secret_sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.Column("last_used_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_token_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_token"),
        sa.UniqueConstraint("secret_sha256", name="uq_token_secret_sha256"),
    )
    op.create_table(
        "user",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("password_hash", sa.String(length=256), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("unit_id", ROW_ID, nullable=True),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("disabled_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name="fk_user_unit_id"),
        sa.PrimaryKeyConstraint("id", name="pk_user"),
        sa.UniqueConstraint("name", name="uq_user_name"),
    )
    op.create_table(
        "lead",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("label", sa.String(length=32), nullable=False),
        sa.Column("model_label", sa.String(length=32), nullable=False),
        sa.Column("lat", sa.Float(precision=53), nullable=True),
        sa.Column("lon", sa.Float(precision=53), nullable=True),
        sa.Column("place_text", sa.Text(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=True),
        sa.Column("decision_label", sa.String(length=32), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.String(length=128), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("case_id", ROW_ID, nullable=True),
        sa.CheckConstraint(
            "state IN ('LEAD', 'REVIEW', 'FILED', 'REJECTED', 'MERGED')", name="ck_lead_state"
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_lead_case_id"),
        sa.PrimaryKeyConstraint("id", name="pk_lead"),
    )
    op.create_index("ix_lead_case_id", "lead", ["case_id"], unique=False)
    op.create_index("ix_lead_decided_at", "lead", ["decided_at"], unique=False)
    op.create_index("ix_lead_label", "lead", ["label"], unique=False)
    op.create_index("ix_lead_state_id", "lead", ["state", "id"], unique=False)
    op.create_table(
        "login_session",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("secret_sha256", sa.String(length=64), nullable=False),
        sa.Column("user_id", ROW_ID, nullable=False),
        sa.Column("csrf_token", sa.String(length=64), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_login_session_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_login_session"),
        sa.UniqueConstraint("secret_sha256", name="uq_login_session_secret_sha256"),
    )
    op.create_index("ix_login_session_user_id", "login_session", ["user_id"], unique=False)
    op.create_table(
        "case_lead",
        sa.Column("case_id", ROW_ID, nullable=False),
        sa.Column("lead_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_case_lead_case_id"),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name="fk_case_lead_lead_id"),
        sa.PrimaryKeyConstraint("case_id", "lead_id", name="pk_case_lead"),
    )
    op.create_index("ix_case_lead_lead_id", "case_lead", ["lead_id"], unique=False)
    op.create_table(
        "history",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor", sa.String(length=128), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("user_id", ROW_ID, nullable=True),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("lead_id", ROW_ID, nullable=True),
        sa.Column("case_id", ROW_ID, nullable=True),
        sa.Column("from_state", sa.String(length=24), nullable=True),
        sa.Column("to_state", sa.String(length=24), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_history_case_id"),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name="fk_history_lead_id"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name="fk_history_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_history"),
    )
    op.create_index("ix_history_case_id_id", "history", ["case_id", "id"], unique=False)
    op.create_index("ix_history_lead_id_id", "history", ["lead_id", "id"], unique=False)
    op.create_table(
        "sighting",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("lead_id", ROW_ID, nullable=False),
        sa.Column("photo_id", ROW_ID, nullable=False),
        sa.Column("look_id", ROW_ID, nullable=False),
        sa.Column("finding", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=32), nullable=False),
        sa.Column("confidence", sa.Float(precision=53), nullable=False),
        sa.Column("threshold", sa.Float(precision=53), nullable=False),
        sa.Column("box", sa.JSON(), nullable=False),
        sa.Column("boxes", sa.JSON(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["lead.id"], name="fk_sighting_lead_id"),
        sa.ForeignKeyConstraint(["look_id"], ["look.id"], name="fk_sighting_look_id"),
        sa.ForeignKeyConstraint(["photo_id"], ["photo.id"], name="fk_sighting_photo_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sighting"),
        sa.UniqueConstraint("photo_id", "finding", name="uq_sighting_photo_id_finding"),
    )
    op.create_index("ix_sighting_lead_id", "sighting", ["lead_id"], unique=False)
    op.create_table(
        "evidence",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("sighting_id", ROW_ID, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("object_key", sa.String(length=256), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["sighting_id"], ["sighting.id"], name="fk_evidence_sighting_id"),
        sa.PrimaryKeyConstraint("id", name="pk_evidence"),
        sa.UniqueConstraint("sighting_id", "kind", name="uq_evidence_sighting_id_kind"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", ROW_ID, autoincrement=True, nullable=False),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("history_id", ROW_ID, nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.CheckConstraint("attempts >= 0", name="ck_outbox_attempts"),
        sa.ForeignKeyConstraint(["history_id"], ["history.id"], name="fk_outbox_history_id"),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("event_id", name="uq_outbox_event_id"),
        sa.UniqueConstraint("history_id", name="uq_outbox_history_id"),
    )
    op.create_index("ix_outbox_sent_at_id", "outbox", ["sent_at", "id"], unique=False)
    op.create_table(
        "chain",
        sa.Column("seq", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("evidence_id", ROW_ID, nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("entry_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name="fk_chain_evidence_id"),
        sa.PrimaryKeyConstraint("seq", name="pk_chain"),
        sa.UniqueConstraint("entry_hash", name="uq_chain_entry_hash"),
        sa.UniqueConstraint("evidence_id", name="uq_chain_evidence_id"),
    )
    _seed_units()
    for table in APPEND_ONLY:
        _refuse_changes(table)


def _seed_units() -> None:
    unit = sa.table("unit", sa.column("key"), sa.column("name_zh"), sa.column("name_en"))
    duty = sa.table("duty", sa.column("label"), sa.column("unit_id"))
    ids = sa.table("unit", sa.column("id"), sa.column("key"))
    for key, name_zh, name_en, labels in UNITS:
        op.execute(unit.insert().values(key=key, name_zh=name_zh, name_en=name_en))
        unit_id = sa.select(ids.c.id).where(ids.c.key == key).scalar_subquery()
        for label in labels:
            op.execute(duty.insert().values(label=label, unit_id=unit_id))


def _refuse_changes(table: str) -> None:
    if op.get_context().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()"
    )


def downgrade() -> None:
    """Back."""
    op.drop_table("chain")
    op.drop_index("ix_outbox_sent_at_id", table_name="outbox")
    op.drop_table("outbox")
    op.drop_table("evidence")
    op.drop_index("ix_sighting_lead_id", table_name="sighting")
    op.drop_table("sighting")
    op.drop_index("ix_history_lead_id_id", table_name="history")
    op.drop_index("ix_history_case_id_id", table_name="history")
    op.drop_table("history")
    op.drop_index("ix_case_lead_lead_id", table_name="case_lead")
    op.drop_table("case_lead")
    op.drop_index("ix_login_session_user_id", table_name="login_session")
    op.drop_table("login_session")
    op.drop_index("ix_lead_state_id", table_name="lead")
    op.drop_index("ix_lead_label", table_name="lead")
    op.drop_index("ix_lead_decided_at", table_name="lead")
    op.drop_index("ix_lead_case_id", table_name="lead")
    op.drop_table("lead")
    op.drop_table("user")
    op.drop_table("token")
    op.drop_table("duty")
    op.drop_index("ix_case_unit_id", table_name="case")
    op.drop_index("ix_case_state_due_at", table_name="case")
    op.drop_table("case")
    op.drop_table("unit")
    op.drop_table("photo")
    op.drop_table("look")
    op.drop_index("ix_login_attempt_at", table_name="login_attempt")
    op.drop_index("ix_login_attempt_address", table_name="login_attempt")
    op.drop_table("login_attempt")
    op.drop_table("case_sequence")
    if op.get_context().dialect.name == "postgresql":
        for table in APPEND_ONLY:
            op.execute(f"DROP FUNCTION {table}_append_only()")
