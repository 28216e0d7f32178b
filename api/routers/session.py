"""People log in, out, and change their password."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Final

import anyio
from fastapi import Request, Response

from api.deps import (
    SESSION_COOKIE,
    SessionHolder,
    TheServices,
    check_origin,
    guarded_router,
)
from api.problems import Problem
from api.schemas import LoginIn, PasswordIn, SessionOut, UserOut
from api.services import Services
from cases import accounts
from cases.accounts import Account, OpenedSession
from cases.errors import LoginError, ThrottledError

router = guarded_router("session")

_LOGINS_WAITING: Final = 16


@router.post("/session")
async def post_session(
    login: LoginIn, request: Request, response: Response, services: TheServices
) -> SessionOut:
    """Log in; the answer sets the session cookie and brings the token for changing requests."""
    check_origin(request)
    # each password check takes much memory on purpose, so only a few run at a time
    limiter: anyio.CapacityLimiter = request.app.state.login_limiter
    if limiter.statistics().tasks_waiting >= _LOGINS_WAITING:
        raise Problem(
            429, "too-many-logins", "too many logins at once", headers={"Retry-After": "5"}
        )
    address = "" if request.client is None else request.client.host
    opened = await anyio.to_thread.run_sync(
        partial(_log_in, services, login, address), limiter=limiter
    )
    response.set_cookie(
        SESSION_COOKIE,
        opened.secret,
        max_age=max(0, int((opened.expires_at - datetime.now(UTC)).total_seconds())),
        path="/",
        httponly=True,
        samesite="strict",
        secure=services.options.https,
    )
    return _session(opened.account, opened.csrf_token)


@router.get("/session")
def get_session(caller: SessionHolder) -> SessionOut:
    """Who is logged in."""
    assert caller.session is not None
    return _session(caller.session.account, caller.session.csrf_token)


@router.delete("/session", status_code=204)
def delete_session(caller: SessionHolder, services: TheServices) -> Response:
    """Log out."""
    accounts.log_out(services.db, caller.session_secret)
    response = Response(status_code=204)
    response.delete_cookie(
        SESSION_COOKIE, path="/", httponly=True, samesite="strict", secure=services.options.https
    )
    return response


@router.put("/session/password", status_code=204)
async def put_password(
    change: PasswordIn, request: Request, caller: SessionHolder, services: TheServices
) -> Response:
    """Change one's own password; all other sessions of this person end."""
    await anyio.to_thread.run_sync(
        partial(_change_password, services, caller.session_secret, caller.actor.user_id, change),
        limiter=request.app.state.login_limiter,
    )
    return Response(status_code=204)


def _log_in(services: Services, login: LoginIn, address: str) -> OpenedSession:
    try:
        opened = accounts.log_in(
            services.db, name=login.username, password=login.password, address=address
        )
    except LoginError:
        services.metrics.login("refused")
        raise
    except ThrottledError:
        services.metrics.login("throttled")
        raise
    services.metrics.login("ok")
    return opened


def _change_password(
    services: Services, secret: str, user_id: int | None, change: PasswordIn
) -> None:
    assert user_id is not None
    try:
        accounts.change_password(
            services.db, user_id, current=change.current, new=change.new, keep=secret
        )
    except LoginError as error:
        # 401 would say that the session is gone
        raise Problem(403, "password-wrong", error.message, field="current") from error


def _session(account: Account, csrf_token: str) -> SessionOut:
    user = UserOut(
        name=account.name,
        role=account.role,
        must_change_password=account.must_change_password,
        unit_id=account.unit_id,
    )
    return SessionOut(user=user, csrf_token=csrf_token)
