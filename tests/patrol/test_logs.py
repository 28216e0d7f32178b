"""Logs: whatever is logged, by us or by a library, secrets do not get through."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from patrol import logs


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("rtsp://admin:hunter2@10.0.0.5/stream failed", "hunter2"),
        ("rtsp://:hunter2@10.0.0.5/stream", "hunter2"),
        ("postgresql+psycopg://patrol:hunter2@db/patrol", "hunter2"),
        ("Authorization: Bearer vp_abcdefghijk", "abcdefghijk"),
        ("token vp_abcdefghijk was used", "abcdefghijk"),
        ("password=hunter2&user=wang", "hunter2"),
        ('{"password": "hunter2"}', "hunter2"),
        ("patrol_session=hunter2; Path=/", "hunter2"),
        ("GET https://example/x?key=hunter2", "hunter2"),
        ("Basic aHVudGVyMg==", "aHVudGVyMg=="),
    ],
)
def test_secrets_in_text_are_removed(text: str, hidden: str) -> None:
    clean = logs.redact(text)
    assert hidden not in clean
    assert logs.REMOVED in clean


def test_ordinary_text_stays_as_it_is() -> None:
    for text in ("case AJ2026070100001 filed", "user 12 looked", "a@b.example", "12:30:00Z"):
        assert logs.redact(text) == text
    assert logs.redact({"ms": 1.5, "ok": True, "n": None}) == {"ms": 1.5, "ok": True, "n": None}


def test_fields_that_are_named_like_secrets_are_removed_at_any_depth() -> None:
    clean = logs.redact({"a": [{"csrf_token": "x1"}], "Cookie": "x2", "user": {"passwd": "x3"}})
    assert clean == {
        "a": [{"csrf_token": logs.REMOVED}],
        "Cookie": logs.REMOVED,
        "user": {"passwd": logs.REMOVED},
    }


@pytest.mark.parametrize("style", ["json", "console"])
def test_our_lines_library_lines_and_tracebacks_are_all_redacted(style: str) -> None:
    stream = io.StringIO()
    logs.configure(style=style, stream=stream)  # type: ignore[arg-type]
    structlog.get_logger("test").info("opened", address="rtsp://admin:hunter2@cam", password="p4ss")
    logging.getLogger("library").warning("cannot open %s", "rtsp://admin:hunter2@cam")
    try:
        raise ValueError("bad address rtsp://admin:hunter2@cam")
    except ValueError:
        structlog.get_logger("test").exception("failed")
        logging.getLogger("library").exception("failed")
    written = stream.getvalue()
    assert "hunter2" not in written
    assert "p4ss" not in written
    assert written.count("ValueError") >= 2
    if style == "json":
        assert json.loads(written.splitlines()[0])["event"] == "opened"


def test_quieter_levels_are_left_out() -> None:
    stream = io.StringIO()
    logs.configure(level="warning", stream=stream)
    structlog.get_logger("test").info("not this")
    structlog.get_logger("test").warning("but this")
    assert "not this" not in stream.getvalue()
    assert "but this" in stream.getvalue()
