"""Small files of one JSON line and bytes, written whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Record:
    """A file's line and bytes."""

    head: dict[str, Any]
    data: bytes


def write_record(path: Path, head: dict[str, Any], data: bytes) -> None:
    """Replace the file as a whole: killed at any moment, the old or the new one is there.

    It is not synced: after a power cut it may be broken, which ``read_record`` finds out.
    """
    line = json.dumps({**head, "sha256": digest(data)}, ensure_ascii=False)
    replace_file(path, line.encode() + b"\n" + data)


def replace_file(path: Path, data: bytes, *, mtime_ns: int | None = None) -> None:
    """Replace a file as a whole; ``mtime_ns`` becomes its time of change."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(data)
    if mtime_ns is not None:
        os.utime(beside, ns=(mtime_ns, mtime_ns))
    beside.replace(path)


def keep_also(path: Path, older: Path) -> None:
    """Let ``older`` be what ``path`` is now, which then may be replaced; nothing when it is not."""
    older.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = older.with_name(f".{older.name}.new")
    beside.unlink(missing_ok=True)
    try:
        os.link(path, beside)
    except FileNotFoundError:
        return
    beside.replace(older)


def read_record(path: Path) -> Record | None:
    """The file, or None when it is missing or broken."""
    head = read_head(path)
    if head is None:
        return None
    try:
        data = path.read_bytes().partition(b"\n")[2]
    except FileNotFoundError:
        return None
    return Record(head, data) if digest(data) == head.get("sha256") else None


def read_head(path: Path) -> dict[str, Any] | None:
    """The line of the file alone, or None when it is missing or no JSON object."""
    try:
        with path.open("rb") as file:
            head = json.loads(file.readline())
    except (FileNotFoundError, ValueError):
        return None
    return head if isinstance(head, dict) else None


def digest(data: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()
