"""The masked views of one camera: the one on the wall, and some from before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from patrol.cameras.records import keep_also, replace_file

KEPT: Final = 8
APART: Final = timedelta(seconds=150)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_OLDER: Final = "older.jpg"


class Views:
    """Views of inspected looks alone: only in those can people and vehicles be hidden.

    ``wall`` is replaced at each of them. In ``folder`` stay the one before it (after a kill it may
    be the newest that the database knows of) and one from each ``APART``, for about twenty minutes:
    what lies there is often noticed only minutes after it came. A file's time is its picture's.
    """

    def __init__(self, wall: Path, folder: Path) -> None:
        self._wall = wall
        self._folder = folder
        self._past = sorted(folder.glob("view-*.jpg")) if folder.is_dir() else []

    def keep(self, view: bytes, at: datetime) -> None:
        """Put a new view (JPEG) on the wall; raises OSError when the disk is full or gone."""
        hung = _taken(self._wall)
        if hung is not None:
            keep_also(self._wall, self._folder / _OLDER)
            last = _taken(self._past[-1]) if self._past else None
            if last is None or not last <= hung < last + _nanoseconds(_EPOCH + APART):
                self._keep_past(hung)
        replace_file(self._wall, view, mtime_ns=_nanoseconds(at))

    def before(self, at: datetime, *, until: datetime) -> bytes | None:
        """The newest view taken at or before ``at`` and before ``until``; None without one."""
        latest, end = _nanoseconds(at), _nanoseconds(until)
        found: list[tuple[int, Path]] = []
        for path in (self._wall, self._folder / _OLDER, *self._past):
            taken = _taken(path)
            if taken is not None and taken <= latest and taken < end:
                found.append((taken, path))
        return max(found)[1].read_bytes() if found else None

    def _keep_past(self, taken: int) -> None:
        path = self._folder / f"view-{taken:020}.jpg"
        keep_also(self._wall, path)
        self._past.append(path)
        while len(self._past) > KEPT:
            self._past.pop(0).unlink(missing_ok=True)


def _taken(path: Path) -> int | None:
    """When the picture in a file was taken, in nanoseconds; None without a file."""
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return None


def _nanoseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1) * 1000
