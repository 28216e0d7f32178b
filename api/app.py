"""The application: routes, errors, guard and pages put together, from services opened elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Final

import anyio
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from api import docs, problems, web
from api.deps import API_PREFIX
from api.guard import Guard
from api.intake import Workers
from api.problems import problem_response
from api.routers import (
    cameras,
    cases,
    evidence,
    incidents,
    leads,
    live,
    misc,
    photos,
    root,
    session,
)
from api.services import Services
from cases.errors import (
    CasesError,
    ConflictError,
    ForbiddenError,
    InvalidError,
    LoginError,
    NotFoundError,
    SealError,
    ThrottledError,
)

ROUTERS: Final = (
    photos.router,
    leads.router,
    cases.router,
    evidence.router,
    cameras.router,
    incidents.router,
    live.router,
    session.router,
    misc.router,
    root.router,
)
_LOGINS_AT_ONCE: Final = 2
_TESTS_AT_ONCE: Final = 3
_DESCRIPTION: Final = (
    "Photos and cameras go in, leads are reviewed, confirmed ones become cases in the dispatch "
    "queue.\n\n"
    "Programs send a token: `Authorization: Bearer vp_...` (made with `patrol token create`). "
    "Browsers log in with POST /api/v1/session and send the token from its answer as "
    "X-CSRF-Token with every changing request. The roles that may call a route stand beside it.\n\n"
    "Listings come in pages: `next_cursor` of one page is the `cursor` of the next. Errors are "
    "application/problem+json with `type`, `title`, `status`, `detail` and, where one input was "
    "wrong, `field`. Times are ISO 8601 in UTC; boxes are [left, top, right, bottom] in pixels of "
    "the upright photo, those of cameras and incidents in shares of the view (0 to 1); positions "
    "are WGS-84 degrees. GET /api/v1/live tells what cameras do as it happens (server-sent events)."
)
_STATUS: Final[dict[type[CasesError], tuple[int, str]]] = {
    NotFoundError: (404, "not-found"),
    InvalidError: (422, "invalid-input"),
    ForbiddenError: (403, "role-not-allowed"),
    ConflictError: (409, "conflict"),
    SealError: (409, "address-unreadable"),
    LoginError: (401, "login-failed"),
    ThrottledError: (429, "too-many-logins"),
}
"""What the errors of ``cases`` are over HTTP; all others are the service's own fault (500)."""


def create_app(services: Services) -> FastAPI:
    """The application on these services; it neither opens nor closes them."""
    workers = Workers(services.options.workers)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with workers:
            yield

    app = FastAPI(
        title="Video patrol",
        version=version("video-patrol"),
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        lifespan=lifespan,
    )
    app.state.services = services
    app.state.workers = workers
    app.state.upload_slots = asyncio.Semaphore(services.options.uploads_at_once)
    app.state.test_limiter = anyio.CapacityLimiter(_TESTS_AT_ONCE)
    app.state.replay_limiter = anyio.CapacityLimiter(1)
    app.state.live = live.LiveLists(services)
    app.state.login_limiter = anyio.CapacityLimiter(_LOGINS_AT_ONCE)
    problems.install(app)
    app.add_exception_handler(CasesError, _on_cases_error)
    for router in ROUTERS:
        app.include_router(router)
    docs.install(app)
    web.install(app, services.options.web_dir)
    app.add_middleware(
        Guard,
        hosts=services.options.hosts,
        https=services.options.https,
        large_bodies=frozenset({f"{API_PREFIX}/photos"}),
        metrics=services.metrics,
    )
    return app


async def _on_cases_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, CasesError)
    for kind, (status, code) in _STATUS.items():
        if isinstance(error, kind):
            headers = {}
            if isinstance(error, ThrottledError):
                headers["Retry-After"] = str(error.retry_after_s)
            return problem_response(status, code, error.message, field=error.field, headers=headers)
    raise error
