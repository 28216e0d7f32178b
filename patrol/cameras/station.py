"""One running camera between the engine and the writer: what of a look is kept, and as what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import structlog

from cases.camera_views import CameraToRun
from cases.notices import NoticeNow
from cases.patrolling import KeptLook, KeptView, Seen
from cases.resuming import Resumed
from detector.camera import CameraConfig, CameraMemory
from detector.incidents import Book, Incident, Stage
from detector.sentry import FAULT_TEXTS, Fault, Notice, SentryState
from detector.sources.states import CameraState, Status
from patrol.cameras.keeper import Keeper
from patrol.cameras.kit import Kit, Sight
from patrol.cameras.records import digest
from patrol.cameras.ring import Ring
from patrol.cameras.writer import Pending
from patrol.engine import Report

log = structlog.get_logger("patrol.cameras")


def detector_name(camera_id: int) -> str:
    """What the detector calls a camera: unlike its name it is never given to another one."""
    return f"c{camera_id}"


def memory_of(resumed: Resumed, now: datetime) -> CameraMemory:
    """What a camera begins with: its book, and the faults that have an open notice."""
    known = {fault.value for fault in Fault}
    noticed = {Fault(name): now for name in resumed.faults if name in known}
    return CameraMemory(book=resumed.book, sentry=SentryState(noticed=noticed))


def candidates_of(book: Book) -> set[str]:
    """The ids of what may become an incident."""
    return {one.id for one in book.incidents if one.stage is Stage.CANDIDATE}


@dataclass(slots=True)
class Outages:
    """When a camera gives no picture for ``after_s``, that is one outage, from its true beginning.

    ``last``: when it gave the last picture, or began to be patrolled.
    """

    after_s: float
    last: datetime
    standing: bool = False
    failing_since: datetime | None = None

    def failed(self, status: Status, now: datetime, every_s: float) -> tuple[NoticeNow, ...]:
        """A due look found no picture."""
        quiet = status.state.delivers or status.state is CameraState.CONNECTING
        if quiet:
            what, since, patience = CameraState.STALLED, self.last, max(self.after_s, 3 * every_s)
        else:
            self.failing_since = self.failing_since or min(status.since, now)
            what, since, patience = status.state, self.failing_since, self.after_s
        if self.standing or now - since < timedelta(seconds=patience):
            return ()
        self.standing = True
        return (NoticeNow("outage", what.value, status.detail, True, since),)

    def delivered(self, now: datetime) -> tuple[NoticeNow, ...]:
        """There is a picture again."""
        standing, self.standing, self.failing_since = self.standing, False, None
        self.last = now
        return (NoticeNow("outage", "", "", False, now),) if standing else ()


@dataclass(slots=True, eq=False)
class Station:
    """One running camera. ``hear`` is called by one worker of the engine at a time.

    ``ring`` is None for a camera no spill asks about. ``auto``: confidence per class from which a
    zone may file cases without a person.
    """

    row: CameraToRun
    config: CameraConfig
    kit: Kit
    kits: Path
    outages: Outages
    background: Keeper
    auto: Mapping[str, float] = field(default_factory=dict)
    ring: Ring | None = None
    status: Status | None = None
    trouble: str = ""
    book: Book = field(default_factory=Book)

    def hear(self, report: Report, now: datetime) -> Pending | None:
        """What of a look goes to the database; None when nothing is new."""
        status = self._status(report.status, seen=report.looked is not None)
        notices = _fault_notices(report.notices)
        looked, frame, memory = report.looked, report.frame, report.memory
        if looked is None or frame is None or memory is None:
            notices += self.outages.failed(report.status, now, self.row.every_s)
            changed = status != self.status
            self.status = status
            if not changed and not notices:
                return None
            return Pending(KeptLook(self.row.id, status, None, notices), self.kits, self.zone)
        notices += self.outages.delivered(looked.observation.at)
        sight = Sight(frame, looked, memory.sentry.shift, self.config)
        view, gone = self._pictures(sight, memory)
        if self.trouble:
            status = Status(status.state, status.since, self.trouble)
        self.status, self.book = status, memory.book
        opened = [one for one in looked.incidents if one.stage is Stage.OPEN]
        for incident in opened:
            self.kit.let_go(incident.id)
        height, width = frame.image.shape[:2]
        seen = Seen(
            observation=looked.observation,
            book=memory.book,
            faults=tuple(sorted(memory.sentry.active)),
            change=looked.change,
            width=width,
            height=height,
            view=KeptView(looked.observation.at, digest(view)) if view else None,
        )
        look = KeptLook(self.row.id, status, seen, notices)
        still = {one.id for one in opened}
        gone = [name for name in gone if name not in still]
        return Pending(
            look, self.kits, self.zone, looked.incidents, tuple(gone), self._may_file(opened)
        )

    def _may_file(self, opened: Sequence[Incident]) -> dict[str, float]:
        """The incidents whose zone files without a person, and from which confidence."""
        found = {}
        for incident in opened:
            zone = self.config.rules.zone(incident.zone)
            if zone is not None and zone.mode == "auto" and incident.label in self.auto:
                found[incident.id] = self.auto[incident.label]
        return found

    @property
    def zone(self) -> tzinfo:
        """The time zone of its place."""
        return self.config.rules.timezone

    def _pictures(self, sight: Sight, memory: CameraMemory) -> tuple[bytes | None, list[str]]:
        """Pictures on disk; what goes wrong is named in the camera's state and stops nothing."""
        try:
            ring = self.ring  # the rows may take it away meanwhile
            if ring is not None:
                ring.see(sight.frame, sight.looked)
            result = self.kit.see(sight, memory.book.incidents)
            self.background.see(memory.background)
        except Exception as error:  # noqa: BLE001  (an incident counts also without its pictures)
            if not self.trouble:
                log.error("pictures cannot be kept", camera=self.row.name, reason=repr(error))
            reason = getattr(error, "strerror", None) or type(error).__name__
            self.trouble = f"pictures cannot be kept: {reason}"
            return None, []
        self.trouble = ""
        return result

    def _status(self, status: Status, *, seen: bool) -> Status:
        """The state to show: one since its beginning; connecting again is no news."""
        before = self.status
        if before is None:
            return status
        if status.state is CameraState.CONNECTING and not seen:
            return before
        since = before.since if before.state is status.state else status.since
        return Status(status.state, since, status.detail)


def _fault_notices(notices: tuple[Notice, ...]) -> tuple[NoticeNow, ...]:
    """The sentry's notices; no signal is an outage, which is told elsewhere."""
    return tuple(
        NoticeNow("fault", n.fault.value, FAULT_TEXTS[n.fault][0], n.began, n.at)
        for n in notices
        if n.fault is not Fault.NO_SIGNAL
    )
