"""Pictures of the last minutes in which something large passed, for the search for suspects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from detector.camera import Looked
from detector.types import Detection, Frame
from patrol.cameras.pictures import jpeg, smaller
from patrol.cameras.records import read_record, write_record

TRUCK: Final = "truck"
TRUCK_CONFIDENCE: Final = 0.3
_PASSING: Final = 0.008  # of the view's tiles: a lorry at middle distance covers 0.02 and more
_MOST: Final = 120
_LONG_SIDE: Final = 960  # the network looks at less; a person needs no more to know a lorry
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Passed:
    """A kept picture (JPEG, not masked: it is looked at by the network alone).

    ``detections`` is None when the network has not seen it yet.
    """

    at: datetime
    data: bytes
    detections: tuple[Detection, ...] | None


class Ring:
    """The ring of one camera on disk; pictures older than ``minutes`` are deleted.

    Kept are looks in which the network saw a truck, and looks it was spared in which much moved.
    A vehicle that passes between two looks is in neither.
    """

    def __init__(self, folder: Path, minutes: float) -> None:
        self._folder = folder
        self._keep = timedelta(minutes=minutes)
        self._paths = sorted(folder.glob("*.record")) if folder.is_dir() else []

    def see(self, frame: Frame, looked: Looked) -> None:
        """Take in a look; raises OSError when the disk is full or gone."""
        at = looked.observation.at
        self._forget(at)
        if not looked.observation.fit or not _interesting(looked):
            return
        image, scale = smaller(frame.image, _LONG_SIDE)
        detections = None
        if looked.observation.inspected:
            detections = [
                [d.label, round(d.confidence, 4), *(round(v * scale, 1) for v in d.box)]
                for d in looked.detections
            ]
        path = self._folder / f"{(at - _EPOCH) // timedelta(microseconds=1):018}.record"
        head: dict[str, Any] = {"at": at.isoformat(), "detections": detections}
        write_record(path, head, jpeg(image))
        self._paths.append(path)

    def _forget(self, now: datetime) -> None:
        oldest = (now - self._keep - _EPOCH) // timedelta(microseconds=1)
        while self._paths and (
            int(self._paths[0].name.partition(".")[0]) < oldest or len(self._paths) >= _MOST
        ):
            self._paths.pop(0).unlink(missing_ok=True)


def sweep_rings(rings: Path, before: datetime) -> int:
    """Delete what is older in the rings of all cameras, also of those that rest; how many."""
    oldest = (before - _EPOCH) // timedelta(microseconds=1)
    gone = 0
    for path in rings.glob("*/*.record"):
        if int(path.name.partition(".")[0]) < oldest:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _interesting(looked: Looked) -> bool:
    if looked.observation.inspected:
        return any(d.label == TRUCK and d.confidence >= TRUCK_CONFIDENCE for d in looked.detections)
    return looked.passing >= _PASSING


def passed_between(folder: Path, since: datetime, until: datetime) -> list[Passed]:
    """What a ring's folder holds of this time, oldest first."""
    found = []
    low = (since - _EPOCH) // timedelta(microseconds=1)
    high = (until - _EPOCH) // timedelta(microseconds=1)
    for path in sorted(folder.glob("*.record")) if folder.is_dir() else []:
        if not low <= int(path.name.partition(".")[0]) <= high:
            continue
        record = read_record(path)
        if record is None:
            continue
        rows = record.head["detections"]
        detections = None
        if rows is not None:
            detections = tuple(Detection(row[0], row[1], tuple(row[2:])) for row in rows)
        found.append(Passed(datetime.fromisoformat(record.head["at"]), record.data, detections))
    return found
