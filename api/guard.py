"""What stands before every request: known host, bounded body, safe headers, one log line."""

from __future__ import annotations

import ipaddress
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.metrics import Metrics
from api.problems import Problem, problem_response

log = structlog.get_logger("api")

CONTENT_SECURITY_POLICY: Final = (
    # the desk needs nothing but its own files: no inline style, no data: or blob: picture
    "default-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
SECURITY_HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()",
}
REQUEST_ID: Final = "X-Request-ID"
_SOUND_ID: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")
_SMALL_BODY: Final = 64 * 1024
_WENT_AWAY: Final = 499
"""Written into log and meters when the client hung up before its request was complete."""


class Guard:
    """ASGI middleware around the whole application.

    Args:
        app: the application.
        hosts: host names people use; ``*`` allows all. IP addresses and localhost always pass:
            a rebinding attack needs a name of its own.
        https: whether people come through https; then browsers are told to stay there.
        large_bodies: paths that limit their bodies themselves; all others may bring 64 KiB.
        metrics: where requests are counted.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        hosts: Iterable[str],
        https: bool,
        large_bodies: frozenset[str],
        metrics: Metrics,
    ) -> None:
        self.app = app
        self.hosts = frozenset(host.lower() for host in hosts) | {"localhost"}
        self.headers = dict(SECURITY_HEADERS)
        if https:
            self.headers["Strict-Transport-Security"] = "max-age=31536000"
        self.large_bodies = large_bodies
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection; what is not HTTP (lifespan) passes through."""
        if scope["type"] == "websocket":
            # none is offered, and one must not appear without the checks below
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = Headers(scope=scope)
        request_id = _request_id(given.get(REQUEST_ID))
        scope.setdefault("state", {})["request_id"] = request_id
        started = time.perf_counter()
        status, endless = 0, False

        async def send_safely(message: Message) -> None:
            nonlocal status, endless
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                endless = headers.get("content-type", "").startswith("text/event-stream")
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
                headers[REQUEST_ID] = request_id
                if str(scope["path"]).startswith("/api/"):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        with structlog.contextvars.bound_contextvars(request=request_id):
            try:
                await self._checked(scope, receive, send_safely, given)
            except ClientDisconnect:
                status = _WENT_AWAY
            except Exception:
                log.exception("request failed", route=_route(scope))
                if status:
                    raise
                answer = problem_response(
                    500,
                    "internal-error",
                    f"the service failed; its log has more under {request_id}",
                )
                await answer(scope, receive, send_safely)
            finally:
                seconds = time.perf_counter() - started
                method, route = _method(scope), _route(scope)
                # how long somebody followed the live list is no answering time
                self.metrics.answered(method, route, status, None if endless else seconds)
                log.info(
                    "answered",
                    method=method,
                    route=route,
                    status=status,
                    ms=round(seconds * 1000, 1),
                    user=scope["state"].get("user_id"),
                )

    async def _checked(self, scope: Scope, receive: Receive, send: Send, given: Headers) -> None:
        if not self._known_host(given.get("host", "")):
            problem = Problem(
                421,
                "unknown-host",
                "this service does not answer to this host name; PATROL_ALLOWED_HOSTS lists"
                " the names it answers to",
            )
            await problem.response()(scope, receive, send)
            return
        if scope["path"] not in self.large_bodies:
            try:
                receive = _small_body(given, receive)
            except Problem as problem:
                await problem.response()(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _known_host(self, host: str) -> bool:
        if "*" in self.hosts:
            return True
        name = host_name(host)
        return name in self.hosts or _is_address(name)


def host_name(host: str) -> str:
    """The name or address in a Host header, without port and brackets, in lower case."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower().rstrip(".")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _request_id(given: str | None) -> str:
    if given is not None and _SOUND_ID.fullmatch(given):
        return given
    return secrets.token_hex(8)


def _small_body(given: Headers, receive: Receive) -> Callable[[], Awaitable[Message]]:
    length = given.get("content-length", "")
    if length.isdecimal() and int(length) > _SMALL_BODY:
        raise _body_too_large()
    total = 0

    async def receive_bounded() -> Message:
        nonlocal total
        message = await receive()
        if message["type"] == "http.request":
            total += len(message.get("body", b""))
            if total > _SMALL_BODY:
                raise _body_too_large()
        return message

    return receive_bounded


def _body_too_large() -> Problem:
    return Problem(
        413, "request-too-large", "expected 64 KiB at most", headers={"Connection": "close"}
    )


def _method(scope: Scope) -> str:
    method = str(scope["method"])
    known = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
    return method if method in known else "other"


def _route(scope: Scope) -> str:
    """The route's pattern, never the path itself: a path can hold anything."""
    route = scope.get("route")
    return str(getattr(route, "path", "unmatched"))
