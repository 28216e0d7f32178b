"""What people enter about a camera, checked field by field before it becomes a row."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, TypedDict, get_args
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from cases.camera_views import Legal, Mode, Transport
from cases.codes import ISSUE_LABELS
from cases.errors import InvalidError
from cases.texts import plain_text, storable
from detector.plan import PlanError, plan_from, plan_to
from detector.sources.address import HIDDEN, redact
from detector.zones import UNKNOWN_OBJECT, Rules, RulesError, rules_from, rules_to

SCHEMES = ("rtsp", "rtsps", "http", "https", "file")
SHORTEST_S, LONGEST_S = 1.0, 86_400.0
_LONGEST_NAME = 128
_LONGEST_ID = 64
_LONGEST_TEXT = 500
_LONGEST_URL = 2000
_MOST_NEIGHBOURS = 50


class CameraFields(TypedDict, total=False):
    """The fields of a camera that a person sets; one that is left out stays as it is.

    ``plan``, ``rules`` and ``legal`` are plain data as ``plan_from``, ``rules_from`` and ``Legal``
    read it.
    """

    name: str
    url: str
    mode: Mode
    every_s: float
    transport: Transport
    place_text: str | None
    lat: float | None
    lon: float | None
    preset_of: str | None
    plan: list[Any]
    rules: dict[str, Any]
    neighbours: list[int]
    legal: dict[str, Any]
    paused: bool


def checked(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of the camera table from ``CameraFields``, ``url`` left as it is.

    Raises InvalidError naming the field. Whether neighbours exist is for the caller to see.
    """
    values: dict[str, Any] = {}
    for name, value in fields.items():
        if name not in CameraFields.__annotations__:
            raise InvalidError(f"{name}: cameras have no such field", field=name)
        values[name] = _CHECKS[name](value) if name in _CHECKS else value
    return values


def checked_rules(content: Any) -> dict[str, Any]:
    """Rules as they are stored; raises InvalidError (``rules``) saying what is wrong.

    Suppressions are no part of them: those are made from rejected leads.
    """
    rules = judged_rules(content)
    if rules.suppressions:
        raise InvalidError(
            "rules.suppressions: leave them out, they are made from rejected leads", field="rules"
        )
    return dict(rules_to(rules))


def judged_rules(content: Any) -> Rules:
    """Rules from plain data; raises InvalidError (``rules``), also for unknown classes."""
    _check_plain(content)
    try:
        rules = rules_from(content)
    except RulesError as error:
        raise InvalidError(str(error), field="rules") from None
    known = {*ISSUE_LABELS, UNKNOWN_OBJECT}
    for kind, entries in (
        ("zones", rules.zones),
        ("permits", rules.permits),
        ("masks", rules.masks),
    ):
        for entry in entries:
            if not 0 < len(entry.id) <= _LONGEST_ID:
                raise InvalidError(
                    f"rules: {kind}: id: expected 1 to {_LONGEST_ID} characters", field="rules"
                )
            _check_labels(f"rules: {kind}: {entry.id}: labels", entry.labels, known)
    for zone in rules.zones:
        for name, labels in (
            ("min_confidence", zone.min_confidence),
            ("persistence", zone.persistence),
        ):
            _check_labels(f"rules: zones: {zone.id}: {name}", labels, known)
    return rules


def checked_url(value: str) -> str:
    """A camera's address, complete and well-formed; raises InvalidError (``url``).

    The message never repeats what was given: it may hold a password.
    """
    if len(value) > _LONGEST_URL:
        raise InvalidError(f"url: at most {_LONGEST_URL} characters", field="url")
    if not value or any(ord(char) <= 32 or ord(char) == 127 for char in value):
        raise InvalidError("url: expected an address without blanks", field="url")
    if not storable(value):
        raise InvalidError("url: contains characters that are not text", field="url")
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise InvalidError("url: is not an address", field="url") from None
    scheme = parts.scheme.lower()
    if scheme not in SCHEMES:
        raise InvalidError(f"url: expected one of {', '.join(SCHEMES)}://", field="url")
    if scheme == "file" and (parts.netloc or not parts.path.strip("/")):
        raise InvalidError("url: expected file:///PATH", field="url")
    if scheme != "file" and not parts.hostname:
        raise InvalidError("url: names no host", field="url")
    if HIDDEN in value and HIDDEN in redact(value):
        _refuse_hidden(value)
    return value


def _refuse_hidden(value: str) -> None:
    """An address that was shown and is sent back with its secrets missing must not be stored."""
    parts = urlsplit(value)
    user = parts.netloc.rpartition("@")[0]
    if HIDDEN in user or f"={HIDDEN}" in value:
        raise InvalidError(
            f"url: holds {HIDDEN} where secrets stood; enter the whole address, or leave url out"
            " to keep the stored one",
            field="url",
        )


def _name(value: Any) -> str:
    name = plain_text("name", value, _LONGEST_NAME)
    if name is None:
        raise InvalidError("name: expected a name", field="name")
    return name


def _every(value: Any) -> float:
    if not math.isfinite(value) or not SHORTEST_S <= value <= LONGEST_S:
        raise InvalidError(
            f"every_s: expected {SHORTEST_S:g} to {LONGEST_S:g} seconds, got {value:g}",
            field="every_s",
        )
    return float(value)


def _one_of(field: str, value: Any, known: tuple[str, ...]) -> str:
    if value not in known:
        raise InvalidError(f"{field}: expected one of {', '.join(known)}", field=field)
    return str(value)


def _plan(value: Any) -> list[dict[str, object]]:
    try:
        return plan_to(plan_from(value))
    except PlanError as error:
        raise InvalidError(f"plan: {error}", field="plan") from None


_LEGAL = TypeAdapter(Legal)


def _legal(value: Any) -> dict[str, Any]:
    try:
        legal = _LEGAL.validate_python(value)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(("legal", *map(str, first["loc"])))
        raise InvalidError(f"{name}: {first['msg']}", field="legal") from None
    return {
        "legal_review_no": plain_text("legal", legal.legal_review_no, _LONGEST_NAME),
        "tech_review_no": plain_text("legal", legal.tech_review_no, _LONGEST_NAME),
        "sign_installed": legal.sign_installed,
        "location_published": legal.location_published,
    }


def _neighbours(value: Any) -> list[int]:
    if len(value) > _MOST_NEIGHBOURS:
        raise InvalidError(f"neighbours: at most {_MOST_NEIGHBOURS}", field="neighbours")
    return list(dict.fromkeys(int(one) for one in value))


_CHECKS: Mapping[str, Any] = {
    "name": _name,
    "url": checked_url,
    "every_s": _every,
    "mode": lambda value: _one_of("mode", value, get_args(Mode)),
    "transport": lambda value: _one_of("transport", value, get_args(Transport)),
    "place_text": lambda value: plain_text("place_text", value, _LONGEST_TEXT),
    "preset_of": lambda value: plain_text("preset_of", value, _LONGEST_NAME),
    "plan": _plan,
    "rules": checked_rules,
    "neighbours": _neighbours,
    "legal": _legal,
}


def _check_labels(where: str, labels: Iterable[str], known: set[str]) -> None:
    unknown = sorted(set(labels) - known)
    if unknown:
        raise InvalidError(
            f"{where}: unknown class {', '.join(unknown)}; known: {', '.join(sorted(known))}",
            field="rules",
        )


def _check_plain(content: Any) -> None:
    """Refuse what JSON of a database cannot hold: odd characters, and numbers without a value."""
    if isinstance(content, str) and not storable(content):
        raise InvalidError("rules: contain characters that are not text", field="rules")
    if isinstance(content, float) and not math.isfinite(content):
        raise InvalidError(f"rules: expected a number, got {content}", field="rules")
    if isinstance(content, Mapping):
        for key, value in content.items():
            _check_plain(key)
            _check_plain(value)
    elif isinstance(content, list):
        for value in content:
            _check_plain(value)
