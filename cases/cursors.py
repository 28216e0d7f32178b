"""Cursors of paged listings: the sort key of the last item, opaque to whoever carries it."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime

from cases.errors import InvalidError
from cases.texts import storable
from cases.times import as_utc

_LONGEST = 200


def pack(*parts: str | int) -> str:
    """A cursor of these parts, URL-safe."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def unpack_id(cursor: str) -> int:
    """The id in a cursor; raises InvalidError (``cursor``)."""
    match _parts(cursor):
        case [int(row_id)]:
            return row_id
    raise _bad()


def unpack_instant_id(cursor: str) -> tuple[datetime, int]:
    """The aware instant and id in a cursor; raises InvalidError (``cursor``)."""
    match _parts(cursor):
        case [str(text), int(row_id)]:
            try:
                return as_utc(datetime.fromisoformat(text), "cursor"), row_id
            except (ValueError, OverflowError) as error:
                raise _bad() from error
    raise _bad()


def unpack_instant_text(cursor: str) -> tuple[datetime, str]:
    """The aware instant and text in a cursor; raises InvalidError (``cursor``)."""
    match _parts(cursor):
        case [str(instant), str(text)] if storable(text):
            try:
                return as_utc(datetime.fromisoformat(instant), "cursor"), text
            except (ValueError, OverflowError) as error:
                raise _bad() from error
    raise _bad()


def _parts(cursor: str) -> object:
    if len(cursor) > _LONGEST:
        raise _bad()
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error) as error:
        raise _bad() from error
    if isinstance(parts, list) and any(
        isinstance(part, bool) or (isinstance(part, int) and abs(part) >= 2**63) for part in parts
    ):
        raise _bad()
    return parts


def _bad() -> InvalidError:
    return InvalidError("cursor: expected a next_cursor of this listing", field="cursor")
