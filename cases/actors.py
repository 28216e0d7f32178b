"""Who does something: every step and every history line names an actor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from cases.errors import ForbiddenError


class Role(StrEnum):
    """What an account may do; ``SYSTEM`` is the service itself and is never given to an account."""

    ADMIN = "admin"
    REVIEWER = "reviewer"
    DISPATCHER = "dispatcher"
    UNIT = "unit"
    VIEWER = "viewer"
    SYSTEM = "system"


ASSIGNABLE_ROLES = (Role.ADMIN, Role.REVIEWER, Role.DISPATCHER, Role.UNIT, Role.VIEWER)


@dataclass(frozen=True, kw_only=True)
class Actor:
    """One acting person, token or service.

    ``name`` is the account's name, written into history. ``user_id`` is None for tokens and the
    service. ``unit_id`` is the unit a ``unit`` account works for.
    """

    name: str
    role: Role
    user_id: int | None = None
    unit_id: int | None = None

    def must_be(self, roles: Iterable[Role], doing: str) -> None:
        """Raise ForbiddenError unless the actor has one of ``roles``."""
        allowed = tuple(roles)
        if self.role not in allowed:
            names = ", ".join(sorted(role.value for role in allowed))
            raise ForbiddenError(f"{doing} needs one of the roles {names}; yours is {self.role}")


SYSTEM = Actor(name="system", role=Role.SYSTEM)
