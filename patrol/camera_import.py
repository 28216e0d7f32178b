"""A centre's list of cameras as a CSV file: what is wrong is named by line and field."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cases.camera_inputs import CameraFields

COLUMNS: Final = (
    "name",
    "url",
    "mode",
    "every_s",
    "transport",
    "place",
    "lat",
    "lon",
    "preset_of",
    "plan",
    "neighbours",
    "paused",
)
_NEEDED: Final = ("name", "url")
_YES: Final = frozenset({"1", "yes", "true", "y", "是"})
_NO: Final = frozenset({"0", "no", "false", "n", "否"})
_LARGEST: Final = 16 * 1024 * 1024


class ListError(ValueError):
    """The file as a whole cannot be read; the message names it and what was expected."""


@dataclass(frozen=True, slots=True)
class Line:
    """One camera of the file: its fields, or what is wrong (``field`` and the ``problem``).

    ``number`` counts lines of the file from 1; ``neighbours`` are names of cameras.
    """

    number: int
    fields: CameraFields
    neighbours: tuple[str, ...] = ()
    field: str = ""
    problem: str = ""


def read_cameras(path: Path) -> Iterator[Line]:
    """The cameras of a CSV file with a heading line; UTF-8, or GB 18030 as Excel writes it here.

    Needed columns: name, url. Others: mode, every_s, transport, place, lat, lon, preset_of, plan
    (JSON), neighbours (names, separated by ``;``), paused.

    Raises:
        ListError: the file cannot be read, or its heading is wrong.
    """
    text = _text(path)
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey="", strict=True)
    try:
        heading = [name.strip().lower() for name in reader.fieldnames or ()]
        _check_heading(path, heading)
        reader.fieldnames = heading
        for row in reader:
            if any(str(value or "").strip() for value in row.values()):
                yield _line(reader.line_num, row)
    except csv.Error as error:
        raise ListError(f"{path}:{reader.line_num}: no CSV: {error}") from error


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST:
            raise ListError(f"{path}: larger than {_LARGEST // 1024**2} MiB")
        data = path.read_bytes()
    except OSError as error:
        raise ListError(f"{path}: cannot be read: {error.strerror}") from error
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ListError(f"{path}: expected text in UTF-8 or GB 18030")


def _check_heading(path: Path, heading: list[str]) -> None:
    unknown = [name for name in heading if name not in COLUMNS]
    missing = [name for name in _NEEDED if name not in heading]
    twice = sorted({name for name in heading if heading.count(name) > 1})
    for what, names in (("unknown", unknown), ("missing", missing), ("repeated", twice)):
        if names:
            raise ListError(
                f"{path}:1: {what} column {', '.join(names)}; known: {', '.join(COLUMNS)}"
            )


def _line(number: int, row: dict[str, Any]) -> Line:
    if "" in row:
        return Line(number, {}, field="line", problem="more values than the heading has columns")
    fields: dict[str, Any] = {}
    neighbours: tuple[str, ...] = ()
    for column, raw in row.items():
        value = (raw or "").strip()
        if not value:
            continue
        try:
            if column == "neighbours":
                neighbours = tuple(n for part in value.split(";") if (n := part.strip()))
            else:
                fields["place_text" if column == "place" else column] = _read(column, value)
        except ValueError as error:
            return Line(number, {}, field=column, problem=str(error))
    return Line(number, fields, neighbours)  # type: ignore[arg-type]


def _read(column: str, value: str) -> Any:
    if column in ("every_s", "lat", "lon"):
        try:
            return float(value)
        except ValueError:
            raise ValueError(f"expected a number, got {value[:40]!r}") from None
    if column == "paused":
        if value.lower() in _YES | _NO:
            return value.lower() in _YES
        raise ValueError(f"expected yes or no, got {value[:40]!r}")
    if column == "plan":
        try:
            return json.loads(value)
        except ValueError:
            raise ValueError("expected JSON: a list of {days, spans}") from None
    return value
