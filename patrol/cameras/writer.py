"""One thread that writes what the cameras saw: many looks in one transaction, and never less."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy.exc import OperationalError

from cases.database import Database
from cases.errors import StoreError
from cases.patrolling import IncidentNow, Kept, KeptLook, keep_looks
from cases.policy import DEFAULT_CASE_POLICY, CasePolicy
from cases.resuming import leave_camera
from cases.steps import Steps, no_step
from cases.store import EvidenceStore
from detector.incidents import Incident, Stage
from detector.observation import Observation
from detector.sources.source import Clock
from patrol.cameras.kit import drop_kit
from patrol.cameras.meters import CameraMeters
from patrol.cameras.proofs import proved

log = structlog.get_logger("patrol.cameras")

MOST_WAITING: Final = 4000
_AT_ONCE: Final = 500
_TRIES: Final = 3
_LONGEST_PAUSE_S: Final = 30.0
_LAST_TRY_S: Final = 4.0
_TOLD_EVERY: Final = 20


@dataclass(frozen=True, slots=True)
class Pending:
    """A look on its way to the database.

    ``kits``: folder of the camera's kits; ``zone`` of the times in its pictures. ``changed``:
    incidents that the look opened or ended; ``gone``: candidates that are none any more.
    ``auto``: for incidents that may become cases without a person, from which confidence.
    """

    look: KeptLook
    kits: Path
    zone: tzinfo
    changed: tuple[Incident, ...] = ()
    gone: tuple[str, ...] = ()
    auto: Mapping[str, float] = field(default_factory=dict)

    @property
    def opened(self) -> tuple[Incident, ...]:
        """The incidents this look opened."""
        return tuple(one for one in self.changed if one.stage is Stage.OPEN)


@dataclass(frozen=True, slots=True)
class Leaving:
    """A camera that is no longer patrolled; ``for_good`` when it was removed."""

    camera_id: int
    for_good: bool
    tidy: Callable[[], None] = field(default=lambda: None)


class _TimeOverError(Exception):
    """The service ends, and what failed cannot be tried again."""


class Writer:
    """Takes looks from any thread and writes them in order, about once every ``commit_s``.

    While the database or the disk fails it tries again with growing pauses; when too many looks
    wait, ``put`` waits, so that cameras are looked at less often instead of looks being lost.
    """

    def __init__(
        self,
        db: Database,
        store: EvidenceStore,
        *,
        clock: Clock,
        commit_s: float,
        meters: CameraMeters,
        policy: CasePolicy = DEFAULT_CASE_POLICY,
        steps: Steps = no_step,
    ) -> None:
        self._db = db
        self._policy = policy
        self._store = store
        self._clock = clock
        self._commit_s = commit_s
        self._meters = meters
        self._steps = steps
        self._ready = threading.Condition()
        self._waiting: deque[Pending | Leaving] = deque()
        self._busy = False
        self._left = 0
        self._closing = False
        self._last: dict[int, Observation] = {}
        self._until: float | None = None  # near the end: the last moment to try again
        self.trouble = ""
        self._thread = threading.Thread(target=self._run, name="camera writer", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def put(self, item: Pending | Leaving) -> None:
        """Hand over a look; waits while the database is far behind."""
        with self._ready:
            while len(self._waiting) >= MOST_WAITING and self._until is None:
                self._ready.wait(1.0)
            self._waiting.append(item)
            self._ready.notify_all()

    @property
    def waiting(self) -> int:
        """How many looks are not written yet."""
        with self._ready:
            return len(self._waiting) + self._busy + self._left

    def hurry(self) -> None:
        """The end is near: nobody waits for a failing database any longer than a few seconds."""
        with self._ready:
            self._until = time.monotonic() + _LAST_TRY_S
            self._ready.notify_all()

    def close(self) -> None:
        """Write what waits, and end; what a failing database does not take is told in the log."""
        self.hurry()
        with self._ready:
            self._closing = True
            self._ready.notify_all()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        while True:
            with self._ready:
                while not self._waiting and not self._closing:
                    self._ready.wait()
                if not self._waiting:
                    return
                if not self._closing:
                    self._ready.wait_for(lambda: self._closing, self._commit_s)
                items = [self._waiting.popleft() for _ in range(min(_AT_ONCE, len(self._waiting)))]
                self._busy = True
                self._ready.notify_all()
            parts = _parts(items)
            try:
                while parts:
                    self._take(parts[0])
                    parts.pop(0)
            except _TimeOverError:
                # Nothing later may be written either: a book must never be ahead of its incidents.
                left = sum(len(part) if isinstance(part, list) else 1 for part in parts)
                self._give_up(left)
                return
            with self._ready:
                self._busy = False
                self._ready.notify_all()

    def _give_up(self, left: int) -> None:
        """Closing, and it cannot be written: the next start goes on from the last batch."""
        with self._ready:
            self._left = left
            self._busy = False
        log.error("not written at the end, the next start takes it up again",
                  looks=left, reason=self.trouble)  # fmt: skip

    def _take(self, part: list[Pending] | Leaving) -> None:
        if isinstance(part, Leaving):
            self._persist(lambda: self._leave(part), what="a camera that left")
        elif not self._persist(lambda: self._keep(part), what=f"{len(part)} looks"):
            for one in part:  # what one camera's look breaks is that camera's alone
                self._keep_alone(one)

    def _leave(self, left: Leaving) -> None:
        leave_camera(self._db, left.camera_id, self._clock(), for_good=left.for_good)
        if left.for_good:
            self._last.pop(left.camera_id, None)
        left.tidy()

    def _keep_alone(self, one: Pending) -> None:
        if self._persist(lambda: self._keep([one]), what="one look"):
            return
        reason = f"the evidence could not be written: {self.trouble}"
        if one.changed and self._persist(
            lambda: self._keep([one], unproved=reason), what="one look without evidence"
        ):
            return
        reason = f"what was seen could not be written: {self.trouble}"
        log.error("a look is lost", camera=one.look.camera_id, reason=self.trouble)
        status = replace(one.look.status, detail=reason)
        bare = replace(one, look=KeptLook(one.look.camera_id, status), changed=(), gone=())
        self._persist(lambda: self._keep([bare]), what="a camera's state")

    def _keep(self, part: Sequence[Pending], *, unproved: str = "") -> None:
        looks = [self._proved(one, unproved) for one in part]
        kept = keep_looks(self._db, looks, last=self._last, clock=self._clock, steps=self._steps)
        self._last.update(kept.last)
        self._told(part, kept)

    def _proved(self, one: Pending, unproved: str) -> KeptLook:
        if one.look.seen is None or not one.changed:
            return one.look
        incidents = []
        for incident in one.changed:
            if incident.stage is not Stage.OPEN:
                incidents.append(IncidentNow(incident))
            elif unproved:
                incidents.append(IncidentNow(incident, None, unproved))
            else:
                folder = one.kits / incident.id
                now = proved(incident, folder, self._store, zone=one.zone, steps=self._steps)
                incidents.append(replace(now, auto_from=one.auto.get(incident.id)))
        return replace(one.look, seen=replace(one.look.seen, incidents=tuple(incidents)))

    def _told(self, part: Sequence[Pending], kept: Kept) -> None:
        for filed in kept.filed:
            self._meters.filed(filed.latency_s)
            log.info(
                "incident filed",
                incident=filed.incident.id,
                label=filed.incident.label,
                lead=filed.lead.lead_id,
                joined=filed.lead.joined,
                seconds=round(filed.latency_s, 1),
            )
        for one in part:
            for incident in one.opened:
                self._meters.opened(incident.label)
            for notice in one.look.notices:
                if notice.kind == "outage" and notice.began:
                    self._meters.outage()
            drop_kit(one.kits, [*one.gone, *(incident.id for incident in one.opened)])

    def _persist(self, action: Callable[[], None], *, what: str) -> bool:
        """Do it, again and again if waiting may mend it; False when it cannot be done.

        Raises _TimeOverError near the end of the service.
        """
        tries, pause = 0, 0.5
        while True:
            try:
                action()
            except (OperationalError, StoreError, OSError) as error:
                reason, mends = _reason(error), True
            except Exception as error:  # noqa: BLE001  (told; the thread must live)
                reason, mends = _reason(error), False
            else:
                if tries:
                    log.info("writing works again", what=what)
                self.trouble = ""
                return True
            tries += 1
            self.trouble = reason
            self._meters.not_written()
            if tries % _TOLD_EVERY == 1:
                log.error("cannot be written, tried again", what=what, reason=reason)
            if not mends and tries >= _TRIES:
                return False
            with self._ready:
                if self._until is not None and time.monotonic() + pause > self._until:
                    raise _TimeOverError
                self._ready.wait(pause)
            pause = min(_LONGEST_PAUSE_S, 2 * pause)


def _reason(error: Exception) -> str:
    """The database's own words, without the statement and its values."""
    return f"{type(error).__name__}: {getattr(error, 'orig', None) or error}"


def _parts(items: Sequence[Pending | Leaving]) -> list[list[Pending] | Leaving]:
    """The items in order, neighbouring looks taken together."""
    parts: list[list[Pending] | Leaving] = []
    for item in items:
        if isinstance(item, Leaving):
            parts.append(item)
        elif parts and isinstance(parts[-1], list):
            parts[-1].append(item)
        else:
            parts.append([item])
    return parts
