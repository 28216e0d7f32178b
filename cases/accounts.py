"""Users, API tokens and browser sessions: secrets are handed out once and kept as hashes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cases.actors import Actor, Role
from cases.database import Database

TOKEN_PREFIX = "vp_"  # noqa: S105 (a prefix, not a secret)


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
    raise NotImplementedError


def first_admin(db: Database, name: str = "admin") -> str | None:
    """Create the first administrator if there is no user; its one-time password, else None."""
    raise NotImplementedError


def list_users(db: Database) -> tuple[Account, ...]:
    """All users, by id."""
    raise NotImplementedError


def set_password(db: Database, name: str, password: str, *, must_change: bool) -> None:
    """Give a user a new password (an administrator's act) and end the user's sessions."""
    raise NotImplementedError


def change_password(db: Database, user_id: int, *, current: str, new: str, keep: str) -> None:
    """Change one's own password; ends all sessions but the one with secret ``keep``.

    Raises LoginError when ``current`` is wrong, InvalidError (``new``).
    """
    raise NotImplementedError


def disable_user(db: Database, name: str) -> None:
    """Lock a user out and end the sessions."""
    raise NotImplementedError


def log_in(db: Database, *, name: str, password: str, address: str) -> OpenedSession:
    """Check name and password and open a session. Raises LoginError, ThrottledError."""
    raise NotImplementedError


def find_session(db: Database, secret: str) -> LiveSession | None:
    """The live session of a cookie, or None when unknown, expired or its user disabled."""
    raise NotImplementedError


def log_out(db: Database, secret: str) -> None:
    """End a session; unknown ones are ignored."""
    raise NotImplementedError


def create_token(
    db: Database,
    *,
    name: str,
    role: Role,
    unit_id: int | None = None,
    expires_at: datetime | None = None,
) -> IssuedToken:
    """A new bearer token. Raises InvalidError."""
    raise NotImplementedError


def find_token(db: Database, secret: str) -> Actor | None:
    """Who a bearer token stands for, or None when unknown, expired or revoked."""
    raise NotImplementedError


def revoke_token(db: Database, token_id: int) -> None:
    """End a token; raises NotFoundError."""
    raise NotImplementedError


def list_tokens(db: Database) -> tuple[TokenInfo, ...]:
    """All tokens, by id, without secrets."""
    raise NotImplementedError
