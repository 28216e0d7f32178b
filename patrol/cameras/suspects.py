"""The search for the vehicle that lost a load: trucks seen in the minutes before a spill."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog

from cases.camera_views import CameraToRun
from cases.database import Database
from cases.masking import masked
from cases.store import EvidenceStore
from cases.suspecting import (
    SPILL,
    SpillToSearch,
    SuspectFound,
    keep_suspects,
    spills_to_search,
)
from detector.counting import Policy
from detector.geometry import iou
from detector.sources.source import Clock
from detector.types import Box, Detection, Image
from patrol.cameras.brain import Brains
from patrol.cameras.pictures import decoded, jpeg
from patrol.cameras.ring import TRUCK, TRUCK_CONFIDENCE, Passed, passed_between
from patrol.cameras.station import detector_name

log = structlog.get_logger("patrol.cameras")

MOST: Final = 30
_LOOK_FOR_S: Final = 2.0
_GIVE_UP: Final = timedelta(hours=1)
_STANDING_IOU: Final = 0.6
_MARGIN: Final = 0.15


def asked_for_trucks(rows: Sequence[CameraToRun], policy: Policy) -> set[int]:
    """The cameras whose passing trucks may be asked for: where spills are watched, and upstream."""
    if SPILL not in policy.thresholds:
        return set()
    watching = [row for row in rows if any(z.concerns(SPILL) for z in row.rules.zones)]
    return {camera_id for row in watching for camera_id in (row.id, *row.neighbours)}


class Search:
    """Looks for the suspects of each new spill once; killed in between, it looks again.

    The pictures of the rings were mostly spared the network, because traffic alone is no news: it
    sees them now.
    """

    def __init__(
        self,
        db: Database,
        store: EvidenceStore,
        rings: Path,
        *,
        brains: Brains,
        minutes: float,
        clock: Clock,
    ) -> None:
        self._db = db
        self._store = store
        self._rings = rings
        self._brains = brains
        self._before = timedelta(minutes=minutes)
        self._clock = clock

    def run(self, stop: threading.Event) -> None:
        """Search until ``stop`` is set."""
        while not stop.wait(_LOOK_FOR_S):
            try:
                for spill in spills_to_search(self._db, self._clock() - _GIVE_UP):
                    if stop.is_set():
                        return
                    self.search(spill)
            except Exception:
                log.exception("suspects of a spill cannot be looked for, tried again")
                stop.wait(10 * _LOOK_FOR_S)

    def search(self, spill: SpillToSearch) -> None:
        """Find and write the suspects of one spill."""
        found: list[SuspectFound] = []
        for camera_id in spill.cameras:
            folder = self._rings / detector_name(camera_id)
            passed = passed_between(folder, spill.first_seen - self._before, spill.first_seen)
            found += self._trucks(camera_id, passed)
        found.sort(key=lambda one: spill.first_seen - one.at)
        keep_suspects(self._db, spill.incident_id, found[:MOST], self._clock())
        log.info("suspects looked for", incident=spill.incident_id, found=len(found[:MOST]))

    def _trucks(self, camera_id: int, passed: Sequence[Passed]) -> Iterator[SuspectFound]:
        """Each truck once: one that stands is taken where it was seen last."""
        before: list[tuple[Box, SuspectFound]] = []
        for one in passed:
            image = decoded(one.data)
            if image is None:
                continue
            seen = self._brains.detect(image) if one.detections is None else one.detections
            trucks = [d for d in seen if d.label == TRUCK and d.confidence >= TRUCK_CONFIDENCE]
            hidden = masked(image, seen) if trucks else image
            now = [(d.box, self._suspect(camera_id, one, d, hidden)) for d in trucks]
            yield from (
                suspect
                for box, suspect in before
                if not any(iou(box, other) >= _STANDING_IOU for other, _ in now)
            )
            before = now
        yield from (suspect for _, suspect in before)

    def _suspect(
        self, camera_id: int, one: Passed, truck: Detection, hidden: Image
    ) -> SuspectFound:
        height, width = hidden.shape[:2]
        left, top, right, bottom = truck.box
        more_x, more_y = _MARGIN * (right - left), _MARGIN * (bottom - top)
        x1, y1 = max(0, int(left - more_x)), max(0, int(top - more_y))
        x2, y2 = min(width, int(right + more_x) + 1), min(height, int(bottom + more_y) + 1)
        picture = self._store.put(jpeg(hidden[y1:y2, x1:x2]), "image/jpeg")
        return SuspectFound(
            camera_id,
            one.at,
            TRUCK,
            truck.confidence,
            (left / width, top / height, right / width, bottom / height),
            picture,
        )
