"""Who is asking and what they may do: dependencies named so that a route reads as a sentence."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from api.problems import MEDIA_TYPE, Problem
from api.schemas import ProblemOut
from api.services import Services
from cases import accounts
from cases.accounts import LiveSession
from cases.actors import Actor, Role

SESSION_COOKIE: Final = "patrol_session"
CSRF_HEADER: Final = "X-CSRF-Token"
_SAFE_METHODS: Final = frozenset({"GET", "HEAD"})

API_PREFIX: Final = "/api/v1"
PUBLIC: Final = frozenset(
    {
        ("GET", "/healthz"),
        ("GET", f"{API_PREFIX}/healthz"),
        ("POST", f"{API_PREFIX}/session"),
    }
)
"""Routes that anybody may call; every other one has a role check."""


def get_services(request: Request) -> Services:
    """The services of the running application."""
    services: Services = request.app.state.services
    return services


TheServices = Annotated[Services, Depends(get_services)]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a request: a person with a session, or a token (``session`` None).

    ``session_secret`` is the cookie's value, for ending the session.
    """

    actor: Actor
    session: LiveSession | None = None
    session_secret: str = ""


class Allow:
    """A dependency that lets only some roles through; refuses with 401 or 403.

    Args:
        roles: who may.
        before_password_change: also people who still have their first password to change.
        sessions_only: tokens are refused, for what only makes sense in a browser.
    """

    def __init__(
        self,
        *roles: Role,
        before_password_change: bool = False,
        sessions_only: bool = False,
    ) -> None:
        self.roles = frozenset(roles)
        self.before_password_change = before_password_change
        self.sessions_only = sessions_only

    def __call__(self, request: Request, services: TheServices) -> Caller:
        """The caller of ``request``; raises Problem."""
        caller = identify(request, services)
        request.state.user_id = caller.actor.user_id
        session = caller.session
        if session is None and self.sessions_only:
            raise Problem(403, "session-needed", "this is for login sessions, not for tokens")
        if (
            session is not None
            and session.account.must_change_password
            and not self.before_password_change
        ):
            raise Problem(
                403, "password-change-needed", "change the first password before anything else"
            )
        if caller.actor.role not in self.roles:
            names = ", ".join(sorted(self.roles))
            raise Problem(
                403,
                "role-not-allowed",
                f"this needs one of the roles {names}; yours is {caller.actor.role}",
            )
        return caller


_EVERYBODY: Final = (Role.ADMIN, Role.REVIEWER, Role.DISPATCHER, Role.UNIT, Role.VIEWER)

AnyCaller = Annotated[Caller, Depends(Allow(*_EVERYBODY))]
LEAD_READERS: Final = Allow(Role.ADMIN, Role.REVIEWER, Role.VIEWER, Role.DISPATCHER)
LeadReader = Annotated[Caller, Depends(LEAD_READERS)]
Admin = Annotated[Caller, Depends(Allow(Role.ADMIN))]
Reviewer = Annotated[Caller, Depends(Allow(Role.ADMIN, Role.REVIEWER))]
Claimer = Annotated[Caller, Depends(Allow(Role.ADMIN, Role.DISPATCHER, Role.UNIT))]
MetricsReader = Annotated[Caller, Depends(Allow(Role.ADMIN, Role.VIEWER))]
SessionHolder = Annotated[
    Caller, Depends(Allow(*_EVERYBODY, before_password_change=True, sessions_only=True))
]


def identify(request: Request, services: Services) -> Caller:
    """The sender by bearer token or else by session cookie; raises Problem 401 or 403."""
    authorization = request.headers.get("authorization")
    if authorization is not None:
        return Caller(_token_actor(authorization, services))
    secret = request.cookies.get(SESSION_COOKIE, "")
    session = accounts.find_session(services.db, secret) if secret else None
    if session is None:
        raise Problem(
            401,
            "login-needed",
            "log in, or send a token as `Authorization: Bearer ...`",
            headers={"WWW-Authenticate": "Bearer"},
        )
    if request.method not in _SAFE_METHODS:
        check_origin(request)
        given = request.headers.get(CSRF_HEADER, "")
        if not hmac.compare_digest(given.encode(), session.csrf_token.encode()):
            raise Problem(
                403, "csrf", f"the header {CSRF_HEADER} is missing or wrong", field=CSRF_HEADER
            )
    return Caller(session.actor, session, secret)


def _token_actor(authorization: str, services: Services) -> Actor:
    scheme, _, secret = authorization.partition(" ")
    actor = None
    if scheme.lower() == "bearer":
        actor = accounts.find_token(services.db, secret.strip())
    if actor is None:
        raise Problem(
            401,
            "token-unknown",
            "the token is unknown, expired or revoked",
            headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
        )
    return actor


def check_origin(request: Request) -> None:
    """Refuse (403) a changing request that a page of another site sent."""
    origin = request.headers.get("origin")
    if (
        origin is not None
        and urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower()
    ):
        raise Problem(403, "other-origin", "the request comes from a page of another site")
    if request.headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        raise Problem(403, "other-origin", "the request comes from a page of another site")


_PROBLEM: Final[dict[str, Any]] = {
    "description": "Why the request was not served",
    "content": {MEDIA_TYPE: {"schema": ProblemOut.model_json_schema()}},
}


class GuardedRoute(APIRoute):
    """A route that cannot be made without a role check, unless it stands in ``PUBLIC``."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        roles = sorted({role.value for check in _checks(self.dependant) for role in check.roles})
        public = all((method, path) in PUBLIC for method in self.methods or ())
        if not roles and not public:
            raise RuntimeError(f"{path}: {endpoint.__name__} has no role check and is not PUBLIC")
        if roles and public:
            raise RuntimeError(f"{path}: {endpoint.__name__} is PUBLIC and has a role check")
        self.openapi_extra = {**(self.openapi_extra or {}), "x-roles": roles or ["anybody"]}


def _checks(dependant: Dependant) -> Iterator[Allow]:
    for dependency in dependant.dependencies:
        if isinstance(dependency.call, Allow):
            yield dependency.call
        yield from _checks(dependency)


def guarded_router(tag: str, prefix: str = API_PREFIX) -> APIRouter:
    """A router for one subject, on which only guarded routes can stand."""
    return APIRouter(
        prefix=prefix, tags=[tag], route_class=GuardedRoute, responses={"default": _PROBLEM}
    )
