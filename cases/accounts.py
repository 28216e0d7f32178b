"""Users, API tokens and browser sessions: secrets are handed out once and kept as hashes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cases.actors import ASSIGNABLE_ROLES, Actor, Role
from cases.database import Database, login_lock, possible_id
from cases.errors import ConflictError, InvalidError, LoginError, NotFoundError
from cases.passwords import (
    check_password,
    fingerprint,
    hash_password,
    new_secret,
    one_time_password,
    password_matches,
)
from cases.tables import LoginSessionRow, TokenRow, UnitRow, UserRow
from cases.texts import storable
from cases.throttle import count_attempt, forgive
from cases.times import as_utc, utc_now

TOKEN_PREFIX = "vp_"  # noqa: S105 (a prefix, not a secret)
SESSION_LASTS = timedelta(hours=12)
_USED_NOTED_EVERY = timedelta(minutes=1)
_NAME_LIMIT = 64


@dataclass(frozen=True)
class Account:
    """A user as others may see it."""

    id: int
    name: str
    role: Role
    unit_id: int | None
    must_change_password: bool
    disabled: bool
    created_at: datetime


@dataclass(frozen=True)
class IssuedToken:
    """A new token; ``secret`` is shown this once."""

    id: int
    name: str
    role: Role
    secret: str
    expires_at: datetime | None


@dataclass(frozen=True)
class TokenInfo:
    """A token as a list shows it, without its secret."""

    id: int
    name: str
    role: Role
    unit_id: int | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True)
class OpenedSession:
    """A new browser session; ``secret`` goes into the cookie, ``csrf_token`` to the page."""

    account: Account
    secret: str
    csrf_token: str
    expires_at: datetime


@dataclass(frozen=True)
class LiveSession:
    """A session found by its cookie."""

    account: Account
    actor: Actor
    csrf_token: str
    expires_at: datetime


def create_user(
    db: Database,
    *,
    name: str,
    password: str,
    role: Role,
    unit_id: int | None = None,
    must_change_password: bool = False,
) -> Account:
    """A new user; role ``unit`` needs ``unit_id``. Raises InvalidError, ConflictError (name)."""
    check_password(password)
    password_hash = hash_password(password)
    try:
        with db.write() as session:
            row = _new_user(
                session,
                name=name,
                password_hash=password_hash,
                role=role,
                unit_id=unit_id,
                must_change_password=must_change_password,
            )
            return _account(row)
    except IntegrityError as error:
        raise ConflictError(f"name: there is a user {name!r} already", field="name") from error


def first_admin(db: Database, name: str = "admin") -> str | None:
    """Create the first administrator if there is no user; its one-time password, else None."""
    password = one_time_password()
    password_hash = hash_password(password)
    with db.write() as session:
        login_lock(session)  # two services starting together make one administrator
        if session.scalar(select(func.count()).select_from(UserRow)):
            return None
        _new_user(
            session,
            name=name,
            password_hash=password_hash,
            role=Role.ADMIN,
            unit_id=None,
            must_change_password=True,
        )
    return password


def list_users(db: Database) -> tuple[Account, ...]:
    """All users, by id."""
    with db.session() as session:
        return tuple(_account(row) for row in session.scalars(select(UserRow).order_by(UserRow.id)))


def set_password(db: Database, name: str, password: str, *, must_change: bool) -> None:
    """Give a user a new password (an administrator's act) and end the user's sessions."""
    check_password(password)
    password_hash = hash_password(password)
    with db.write() as session:
        row = _user_named(session, name)
        row.password_hash = password_hash
        row.must_change_password = must_change
        _end_sessions(session, row.id)


def change_password(db: Database, user_id: int, *, current: str, new: str, keep: str) -> None:
    """Change one's own password; ends all sessions but the one with secret ``keep``.

    Raises LoginError when ``current`` is wrong, InvalidError (``new``).
    """
    check_password(new, "new")
    with db.session() as session:
        row = session.get(UserRow, user_id)
        old_hash = row.password_hash if row and row.disabled_at is None else None
    if not password_matches(old_hash, current):
        raise LoginError("the current password is wrong", field="current")
    if new == current:
        raise InvalidError("new: must differ from the current password", field="new")
    new_hash = hash_password(new)
    with db.write() as session:
        done = session.execute(
            update(UserRow)
            .where(UserRow.id == user_id, UserRow.password_hash == old_hash)
            .values(password_hash=new_hash, must_change_password=False)
            .returning(UserRow.id)
        ).first()
        if done is None:
            raise ConflictError("the password was changed meanwhile", field="current")
        _end_sessions(session, user_id, keep=keep)


def disable_user(db: Database, name: str) -> None:
    """Lock a user out and end the sessions."""
    with db.write() as session:
        row = _user_named(session, name)
        row.disabled_at = row.disabled_at or utc_now()
        _end_sessions(session, row.id)


def log_in(
    db: Database, *, name: str, password: str, address: str, now: datetime | None = None
) -> OpenedSession:
    """Check name and password and open a session. Raises LoginError, ThrottledError."""
    now = now or utc_now()
    if not storable(name):
        raise LoginError("name or password is wrong")
    count_attempt(db, name=name, address=address, now=now)
    with db.session() as session:
        user = session.scalars(select(UserRow).where(UserRow.name == name)).one_or_none()
        stored = user.password_hash if user and user.disabled_at is None else None
    if not password_matches(stored, password) or user is None:
        raise LoginError("name or password is wrong")
    forgive(db, name=name, address=address)
    secret, csrf_token = new_secret(), new_secret()
    expires_at = now + SESSION_LASTS
    with db.write() as session:
        session.execute(delete(LoginSessionRow).where(LoginSessionRow.expires_at < now))
        session.add(
            LoginSessionRow(
                secret_sha256=fingerprint(secret),
                user_id=user.id,
                csrf_token=csrf_token,
                created_at=now,
                expires_at=expires_at,
            )
        )
    return OpenedSession(_account(user), secret, csrf_token, expires_at)


def find_session(db: Database, secret: str, *, now: datetime | None = None) -> LiveSession | None:
    """The live session of a cookie, or None when unknown, expired or its user disabled."""
    now = now or utc_now()
    with db.session() as session:
        found = session.execute(
            select(LoginSessionRow, UserRow)
            .join(UserRow, UserRow.id == LoginSessionRow.user_id)
            .where(
                LoginSessionRow.secret_sha256 == fingerprint(secret),
                LoginSessionRow.expires_at > now,
                UserRow.disabled_at.is_(None),
            )
        ).one_or_none()
        if found is None:
            return None
        live, user = found
        actor = Actor(name=user.name, role=Role(user.role), user_id=user.id, unit_id=user.unit_id)
        return LiveSession(_account(user), actor, live.csrf_token, live.expires_at)


def log_out(db: Database, secret: str) -> None:
    """End a session; unknown ones are ignored."""
    with db.write() as session:
        session.execute(
            delete(LoginSessionRow).where(LoginSessionRow.secret_sha256 == fingerprint(secret))
        )


def create_token(
    db: Database,
    *,
    name: str,
    role: Role,
    unit_id: int | None = None,
    expires_at: datetime | None = None,
) -> IssuedToken:
    """A new bearer token. Raises InvalidError."""
    secret = TOKEN_PREFIX + new_secret()
    expires_at = as_utc(expires_at, "expires_at") if expires_at else None
    with db.write() as session:
        _check_holder(session, name, role, unit_id)
        row = TokenRow(
            name=name,
            role=role.value,
            unit_id=unit_id,
            secret_sha256=fingerprint(secret),
            created_at=utc_now(),
            expires_at=expires_at,
        )
        session.add(row)
        session.flush()
        return IssuedToken(row.id, name, role, secret, expires_at)


def find_token(db: Database, secret: str, *, now: datetime | None = None) -> Actor | None:
    """Who a bearer token stands for, or None when unknown, expired or revoked."""
    now = now or utc_now()
    if not secret.startswith(TOKEN_PREFIX):
        return None
    with db.session() as session:
        row = session.scalars(
            select(TokenRow).where(
                TokenRow.secret_sha256 == fingerprint(secret), TokenRow.revoked_at.is_(None)
            )
        ).one_or_none()
    if row is None or (row.expires_at is not None and row.expires_at <= now):
        return None
    if row.last_used_at is None or now - row.last_used_at >= _USED_NOTED_EVERY:
        with db.write() as session:
            session.execute(update(TokenRow).where(TokenRow.id == row.id).values(last_used_at=now))
    return Actor(name=f"token:{row.name}", role=Role(row.role), unit_id=row.unit_id)


def revoke_token(db: Database, token_id: int) -> None:
    """End a token; raises NotFoundError."""
    with db.write() as session:
        row = session.get(TokenRow, token_id) if possible_id(token_id) else None
        if row is None:
            raise NotFoundError(f"there is no token {token_id}")
        row.revoked_at = row.revoked_at or utc_now()


def list_tokens(db: Database) -> tuple[TokenInfo, ...]:
    """All tokens, by id, without secrets."""
    with db.session() as session:
        return tuple(
            TokenInfo(
                id=row.id,
                name=row.name,
                role=Role(row.role),
                unit_id=row.unit_id,
                created_at=row.created_at,
                expires_at=row.expires_at,
                revoked_at=row.revoked_at,
                last_used_at=row.last_used_at,
            )
            for row in session.scalars(select(TokenRow).order_by(TokenRow.id))
        )


def _new_user(
    session: Session,
    *,
    name: str,
    password_hash: str,
    role: Role,
    unit_id: int | None,
    must_change_password: bool,
) -> UserRow:
    _check_holder(session, name, role, unit_id)
    row = UserRow(
        name=name,
        password_hash=password_hash,
        role=role.value,
        unit_id=unit_id,
        must_change_password=must_change_password,
        created_at=utc_now(),
    )
    session.add(row)
    session.flush()
    return row


def _check_holder(session: Session, name: str, role: Role, unit_id: int | None) -> None:
    if (
        not name.strip()
        or name != name.strip()
        or len(name) > _NAME_LIMIT
        or not name.isprintable()
    ):
        raise InvalidError(
            f"name: expected 1 to {_NAME_LIMIT} printable characters without space around them",
            field="name",
        )
    if role not in ASSIGNABLE_ROLES:
        raise InvalidError(
            f"role: expected one of {', '.join(ASSIGNABLE_ROLES)}, got {role!r}", field="role"
        )
    if role is Role.UNIT and unit_id is None:
        raise InvalidError("unit_id: the role unit needs the unit it works for", field="unit_id")
    if unit_id is not None and (not possible_id(unit_id) or session.get(UnitRow, unit_id) is None):
        raise InvalidError(f"unit_id: there is no unit {unit_id}", field="unit_id")


def _user_named(session: Session, name: str) -> UserRow:
    row = session.scalars(
        select(UserRow).where(UserRow.name == name).with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no user {name!r}", field="name")
    return row


def _end_sessions(session: Session, user_id: int, *, keep: str | None = None) -> None:
    query = delete(LoginSessionRow).where(LoginSessionRow.user_id == user_id)
    if keep is not None:
        query = query.where(LoginSessionRow.secret_sha256 != fingerprint(keep))
    session.execute(query)


def _account(row: UserRow) -> Account:
    return Account(
        id=row.id,
        name=row.name,
        role=Role(row.role),
        unit_id=row.unit_id,
        must_change_password=row.must_change_password,
        disabled=row.disabled_at is not None,
        created_at=row.created_at,
    )
