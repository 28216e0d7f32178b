"""Free text from outside, checked before it is stored: length, and nothing a database refuses."""

from __future__ import annotations

from cases.errors import InvalidError


def storable(value: str) -> bool:
    """Whether both databases take ``value`` (no zero characters, no lone surrogates)."""
    return "\x00" not in value and not any("\ud800" <= c <= "\udfff" for c in value)


def plain_text(field: str, value: str | None, most: int) -> str | None:
    """``value`` without space around it, None when empty; raises InvalidError naming ``field``."""
    if value is None or not value.strip():
        return None
    if len(value) > most:
        raise InvalidError(f"{field}: at most {most} characters, got {len(value)}", field=field)
    if not storable(value):
        raise InvalidError(f"{field}: contains characters that are not text", field=field)
    return value.strip()
