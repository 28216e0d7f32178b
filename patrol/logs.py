"""What the service says about itself: structured lines that never hold a secret."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from typing import Any, Final, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

REMOVED: Final = "[removed]"

_SECRET_KEYS: Final = re.compile(
    r"password|passwd|secret|token|cookie|authorization|credential|csrf|api_?key", re.IGNORECASE
)
_REPLACEMENTS: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    # scheme://user:password@host, also with an empty user name
    (re.compile(r"\b([a-z][a-z0-9+.-]*://)[^\s/@]*@", re.IGNORECASE), rf"\1{REMOVED}@"),
    (re.compile(r"\bvp_[A-Za-z0-9_-]{6,}"), REMOVED),
    (re.compile(r"\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]+", re.IGNORECASE), rf"\1 {REMOVED}"),
    (
        re.compile(
            r"\b(password|passwd|pwd|token|secret|patrol_session|csrf_token)(['\"]?\s*[=:]\s*)"
            r"(['\"]?)[^\s&;,'\"]+",
            re.IGNORECASE,
        ),
        rf"\1\2\3{REMOVED}",
    ),
    # a query string may hold anything
    (re.compile(r"((?:https?|rtsps?)://[^\s?]+)\?\S+", re.IGNORECASE), rf"\1?{REMOVED}"),
)


def redact(value: Any) -> Any:
    """``value`` without passwords, tokens and query strings; containers are gone through."""
    if isinstance(value, str):
        for pattern, replacement in _REPLACEMENTS:
            value = pattern.sub(replacement, value)
        return value
    if isinstance(value, Mapping):
        return {
            key: REMOVED if _SECRET_KEYS.search(str(key)) else redact(item)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [redact(item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return redact(str(value))


def _redact_event(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    event.pop("color_message", None)  # uvicorn's second copy of its message
    clean: EventDict = redact(event)
    return clean


def configure(
    *,
    style: Literal["console", "json"] = "console",
    level: str = "info",
    stream: TextIO | None = None,
) -> None:
    """Send our lines and those of all libraries through one place, redacted.

    Args:
        style: ``console`` is for people, ``json`` has one object per line.
        level: ``debug``, ``info``, ``warning`` or ``error``.
        stream: where lines go; default standard error.
    """
    stream = sys.stderr if stream is None else stream
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.format_exc_info,
    ]
    renderer: Processor
    if style == "json":
        renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    else:
        renderer = structlog.dev.ConsoleRenderer(colors=stream.isatty())
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _redact_event,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "alembic"):
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
    # our own access line replaces this one, which would show query strings
    logging.getLogger("uvicorn.access").disabled = True
    logging.getLogger("alembic").setLevel("WARNING")
    logging.getLogger("httpx").setLevel("WARNING")
