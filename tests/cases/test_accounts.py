"""Accounts: secrets kept as hashes, sessions that end, guessing that gets slow."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from cases import accounts
from cases.actors import Role
from cases.database import Database
from cases.errors import (
    ConflictError,
    InvalidError,
    LoginError,
    NotFoundError,
    ThrottledError,
)
from cases.tables import LoginAttemptRow, LoginSessionRow, TokenRow, UserRow
from cases.throttle import MOST_PER_ADDRESS, MOST_PER_NAME_AND_ADDRESS, WINDOW

PASSWORD = "correct horse battery"
NOW = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)


def add_user(db: Database, name: str = "rui", **changes: Any) -> accounts.Account:
    given: dict[str, Any] = {"name": name, "password": PASSWORD, "role": Role.REVIEWER}
    return accounts.create_user(db, **(given | changes))


def log_in(db: Database, **changes: Any) -> accounts.OpenedSession:
    given: dict[str, Any] = {
        "name": "rui",
        "password": PASSWORD,
        "address": "10.0.0.1",
        "now": NOW,
    }
    return accounts.log_in(db, **(given | changes))


def everything_stored(db: Database) -> str:
    """All values of all account tables as one text."""
    found = []
    with db.session() as session:
        for table in (UserRow, TokenRow, LoginSessionRow, LoginAttemptRow):
            for row in session.execute(select(table.__table__)):
                found.append(str(row))
    return "\n".join(found)


def test_logging_in(db: Database) -> None:
    user = add_user(db)
    opened = log_in(db)
    assert opened.account == user
    live = accounts.find_session(db, opened.secret, now=NOW)
    assert live is not None
    assert (live.actor.name, live.actor.role, live.actor.user_id) == ("rui", "reviewer", user.id)
    assert live.csrf_token == opened.csrf_token != opened.secret
    accounts.log_out(db, opened.secret)
    assert accounts.find_session(db, opened.secret, now=NOW) is None
    accounts.log_out(db, opened.secret)


def test_no_secret_is_stored(db: Database) -> None:
    add_user(db)
    opened = log_in(db)
    token = accounts.create_token(db, name="import", role=Role.VIEWER)
    stored = everything_stored(db)
    for secret in (PASSWORD, opened.secret, token.secret, token.secret.removeprefix("vp_")):
        assert secret not in stored
    assert "$argon2id$" in stored


def test_a_session_ends_by_itself(db: Database) -> None:
    add_user(db)
    opened = log_in(db)
    last = opened.expires_at - timedelta(seconds=1)
    assert accounts.find_session(db, opened.secret, now=last) is not None
    assert accounts.find_session(db, opened.secret, now=opened.expires_at) is None


@pytest.mark.parametrize("secret", ["", "x", "' OR 1=1 --", "\x00"])
def test_unknown_secrets(db: Database, secret: str) -> None:
    assert accounts.find_session(db, secret) is None
    assert accounts.find_token(db, secret) is None
    assert accounts.find_token(db, accounts.TOKEN_PREFIX + secret) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"password": "wrong horse battery"},
        {"password": ""},
        {"password": "\ud800"},
        {"name": "nobody"},
        {"name": "RUI"},
        {"name": ""},
        {"name": "rui\x00"},
        {"name": "\ud800"},
    ],
)
def test_wrong_logins_all_sound_the_same(db: Database, changes: dict[str, str]) -> None:
    add_user(db)
    with pytest.raises(LoginError) as caught:
        log_in(db, **changes)
    assert str(caught.value) == "name or password is wrong"
    assert caught.value.field is None


def test_a_disabled_user_is_out_at_once(db: Database) -> None:
    add_user(db)
    opened = log_in(db)
    accounts.disable_user(db, "rui")
    assert accounts.find_session(db, opened.secret, now=NOW) is None
    with pytest.raises(LoginError):
        log_in(db)
    (user,) = accounts.list_users(db)
    assert user.disabled


def fail(db: Database, **changes: Any) -> None:
    with pytest.raises(LoginError):
        log_in(db, password="wrong horse battery", **changes)


def test_guessing_one_password_is_stopped(db: Database) -> None:
    add_user(db)
    for _ in range(MOST_PER_NAME_AND_ADDRESS):
        fail(db)
    with pytest.raises(ThrottledError) as caught:
        log_in(db)  # even the right one now
    assert caught.value.retry_after_s == WINDOW.total_seconds()
    assert log_in(db, address="10.0.0.2").account.name == "rui", "others are not locked out"
    assert log_in(db, now=NOW + WINDOW + timedelta(seconds=1)).account.name == "rui"


def test_guessing_many_names_is_stopped(db: Database) -> None:
    for number in range(MOST_PER_ADDRESS):
        fail(db, name=f"user{number}")
    with pytest.raises(ThrottledError):
        log_in(db, name="another")


def test_the_right_password_clears_the_count(db: Database) -> None:
    add_user(db)
    for _ in range(3):
        for _ in range(MOST_PER_NAME_AND_ADDRESS - 1):
            fail(db)
        log_in(db)


def test_old_attempts_are_forgotten(db: Database) -> None:
    fail(db)
    fail(db, now=NOW + WINDOW + timedelta(seconds=1))
    with db.session() as session:
        assert len(session.scalars(select(LoginAttemptRow.id)).all()) == 1


def test_guesses_sent_at_once_do_not_slip_through(db: Database) -> None:
    add_user(db)
    outcomes: list[str] = []
    gate = threading.Barrier(12)

    def guess() -> None:
        gate.wait()
        try:
            log_in(db, password="wrong horse battery")
        except (LoginError, ThrottledError) as error:
            outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("LoginError") == MOST_PER_NAME_AND_ADDRESS
    assert outcomes.count("ThrottledError") == 12 - MOST_PER_NAME_AND_ADDRESS


def test_changing_the_password(db: Database) -> None:
    user = add_user(db, must_change_password=True)
    here, elsewhere = log_in(db), log_in(db)
    assert here.account.must_change_password
    new = "another horse battery"
    with pytest.raises(LoginError) as caught:
        accounts.change_password(db, user.id, current="nope", new=new, keep=here.secret)
    assert caught.value.field == "current"
    for bad in ("short", PASSWORD, "x" * 257):
        with pytest.raises(InvalidError) as refused:
            accounts.change_password(db, user.id, current=PASSWORD, new=bad, keep=here.secret)
        assert refused.value.field == "new"
    accounts.change_password(db, user.id, current=PASSWORD, new=new, keep=here.secret)
    live = accounts.find_session(db, here.secret, now=NOW)
    assert live is not None
    assert not live.account.must_change_password
    assert accounts.find_session(db, elsewhere.secret, now=NOW) is None
    with pytest.raises(LoginError):
        log_in(db)
    log_in(db, password=new)


def test_an_administrator_sets_a_password(db: Database) -> None:
    add_user(db)
    opened = log_in(db)
    accounts.set_password(db, "rui", "given by admin", must_change=True)
    assert accounts.find_session(db, opened.secret, now=NOW) is None
    assert log_in(db, password="given by admin").account.must_change_password
    with pytest.raises(NotFoundError):
        accounts.set_password(db, "nobody", "given by admin", must_change=True)


def test_the_first_administrator(db: Database) -> None:
    password = accounts.first_admin(db)
    assert password is not None
    assert len(password) >= 16
    opened = log_in(db, name="admin", password=password)
    assert opened.account.role is Role.ADMIN
    assert opened.account.must_change_password
    assert accounts.first_admin(db) is None


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("password", {"password": "short"}),
        ("password", {"password": "x" * 300}),
        ("password", {"password": "long enough \ud800"}),
        ("name", {"name": ""}),
        ("name", {"name": " rui"}),
        ("name", {"name": "a\nb"}),
        ("name", {"name": "x" * 65}),
        ("role", {"role": Role.SYSTEM}),
        ("role", {"role": "king"}),
        ("unit_id", {"role": Role.UNIT}),
        ("unit_id", {"role": Role.UNIT, "unit_id": 99}),
        ("unit_id", {"unit_id": 10**30}),
    ],
)
def test_bad_users_are_refused_by_name(db: Database, field: str, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidError) as caught:
        add_user(db, **changes)
    assert caught.value.field == field
    assert accounts.list_users(db) == ()


def test_a_name_is_taken_once(db: Database) -> None:
    add_user(db)
    with pytest.raises(ConflictError) as caught:
        add_user(db)
    assert caught.value.field == "name"


def test_tokens(db: Database) -> None:
    issued = accounts.create_token(db, name="squad phone", role=Role.UNIT, unit_id=1)
    assert issued.secret.startswith("vp_")
    assert len(issued.secret) >= 43 + 3
    actor = accounts.find_token(db, issued.secret)
    assert actor is not None
    assert (actor.name, actor.role, actor.unit_id) == ("token:squad phone", "unit", 1)
    assert actor.user_id is None
    (info,) = accounts.list_tokens(db)
    assert info.last_used_at is not None
    assert issued.secret not in str(info)
    accounts.revoke_token(db, issued.id)
    assert accounts.find_token(db, issued.secret) is None
    with pytest.raises(NotFoundError):
        accounts.revoke_token(db, 999)


def test_tokens_expire(db: Database) -> None:
    end = NOW + timedelta(days=1)
    issued = accounts.create_token(db, name="t", role=Role.VIEWER, expires_at=end)
    assert accounts.find_token(db, issued.secret, now=end - timedelta(seconds=1)) is not None
    assert accounts.find_token(db, issued.secret, now=end) is None
    naive = datetime(2026, 7, 2)  # noqa: DTZ001
    with pytest.raises(InvalidError) as caught:
        accounts.create_token(db, name="t", role=Role.VIEWER, expires_at=naive)
    assert caught.value.field == "expires_at"


def test_the_use_of_a_token_is_noted_once_a_minute(db: Database) -> None:
    issued = accounts.create_token(db, name="t", role=Role.VIEWER)
    for seconds in (0, 30, 59):
        accounts.find_token(db, issued.secret, now=NOW + timedelta(seconds=seconds))
    assert accounts.list_tokens(db)[0].last_used_at == NOW
    accounts.find_token(db, issued.secret, now=NOW + timedelta(seconds=60))
    assert accounts.list_tokens(db)[0].last_used_at == NOW + timedelta(seconds=60)


def test_a_token_survives_a_tampered_role(db: Database) -> None:
    """A role that is no role is an error, not a right."""
    issued = accounts.create_token(db, name="t", role=Role.VIEWER)
    with db.write() as session:
        session.execute(text("UPDATE token SET role = 'root'"))
    with pytest.raises(ValueError, match="root"):
        accounts.find_token(db, issued.secret)
