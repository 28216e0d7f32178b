"""Every refusal has one shape: problem+json that says what was wrong, and in which field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

MEDIA_TYPE: Final = "application/problem+json"
TYPE_PREFIX: Final = "urn:video-patrol:problem:"


class Problem(Exception):  # noqa: N818 (the word of RFC 9457)
    """A request cannot be served; ``code`` is for programs, ``detail`` for people.

    ``field`` names the input that was wrong (``lat``, ``files``, ``cursor``), None when it was
    not a matter of one input.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        field: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.field = field
        self.headers = dict(headers or {})

    def response(self) -> JSONResponse:
        """The answer as it goes over the wire (RFC 9457, with ``field`` added)."""
        return problem_response(
            self.status, self.code, self.detail, field=self.field, headers=self.headers
        )


def problem_response(
    status: int,
    code: str,
    detail: str,
    *,
    field: str | None = None,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """An RFC 9457 answer; ``errors`` lists every wrong field where there are several."""
    body: dict[str, Any] = {
        "type": TYPE_PREFIX + code,
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if field is not None:
        body["field"] = field
    if errors:
        body["errors"] = [dict(error) for error in errors]
    return JSONResponse(
        body, status_code=status, headers=dict(headers or {}), media_type=MEDIA_TYPE
    )


def not_found(what: str) -> Problem:
    """404 for a thing that is not there, and equally for one the caller may not know of."""
    return Problem(404, "not-found", f"{what}: there is none with this number that you can see")


def install(app: FastAPI) -> None:
    """Make every error of ``app`` a problem: ours, a wrong input, an unknown path."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)


async def _on_problem(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)
    return error.response()


async def _on_invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    errors = [
        {"field": _field(item["loc"]), "detail": _sentence(item["msg"])} for item in error.errors()
    ]
    first = errors[0]
    return problem_response(
        422,
        "invalid-input",
        f"{first['field']}: {first['detail']}",
        field=first["field"],
        errors=errors if len(errors) > 1 else (),
    )


async def _on_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    status = error.status_code
    code = HTTPStatus(status).phrase.lower().replace(" ", "-")
    if status == 404:
        detail = "there is nothing at this address"
    elif status == 405:
        detail = f"{request.method} is not offered at this address"
    else:
        detail = error.detail
    return problem_response(status, code, detail, headers=error.headers)


def _field(location: Sequence[object]) -> str:
    """The name of the input: where it came from (body, query, ...) is left out."""
    parts = [str(part) for part in location]
    if len(parts) > 1 and parts[0] in ("body", "query", "path", "header", "cookie"):
        parts = parts[1:]
    return ".".join(parts)


def _sentence(message: str) -> str:
    return message[:1].lower() + message[1:]
