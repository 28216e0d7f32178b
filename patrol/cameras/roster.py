"""Which cameras run now, and the step from there to what the rows ask for."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from cases.camera_views import CameraToRun
from cases.database import Database
from cases.patrolling import KeptLook
from cases.resuming import Resumed, end_incidents, left_behind, load_books
from detector.camera import CameraConfig
from detector.plan import in_plan
from detector.sources.address import redact
from detector.sources.source import Clock, FrameSource
from detector.sources.states import CameraState, SourceError, Status
from patrol.cameras.brain import Brains
from patrol.cameras.config import RunnerConfig
from patrol.cameras.keeper import Keeper
from patrol.cameras.kit import Kit, drop_others
from patrol.cameras.ring import Ring
from patrol.cameras.station import (
    Outages,
    Station,
    candidates_of,
    detector_name,
    memory_of,
)
from patrol.cameras.suspects import asked_for_trucks
from patrol.cameras.writer import Leaving, Pending, Writer
from patrol.engine import Engine

log = structlog.get_logger("patrol.cameras")

PAUSED_DETAIL: Final = "paused by a person"
PLAN_DETAIL: Final = "outside its plan"
_STARTS_AT_ONCE: Final = 40
_OPEN_AGAIN: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Folders:
    """Where the pictures of cameras lie below one folder."""

    root: Path

    def view(self, camera_id: int) -> Path:
        """The masked picture on the wall."""
        return self.root / "views" / f"{camera_id}.jpg"

    def background(self, camera_id: int) -> Path:
        """What the camera has learnt of its view."""
        return self.root / "views" / f"{camera_id}.background"

    def kits(self, camera_id: int) -> Path:
        """The pictures of candidates, a folder for each."""
        return self.root / "kits" / detector_name(camera_id)

    @property
    def rings(self) -> Path:
        """What passed, a folder for each camera by the detector's name."""
        return self.root / "kits" / "passed"

    def forget(self, camera_id: int) -> None:
        """Delete all of a camera that was removed."""
        self.view(camera_id).unlink(missing_ok=True)
        self.background(camera_id).unlink(missing_ok=True)
        for folder in (self.kits(camera_id), self.rings / detector_name(camera_id)):
            shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class _Refused:
    """A camera that could not even be opened, in this revision of its row."""

    revision: int
    again_at: datetime
    status: Status


class Roster:
    """The running cameras. ``match`` is called by one thread; readers may be any."""

    def __init__(
        self,
        db: Database,
        engine: Engine,
        writer: Writer,
        folders: Folders,
        *,
        brains: Brains,
        open_camera: Callable[[CameraToRun], FrameSource],
        config: RunnerConfig,
        clock: Clock,
    ) -> None:
        self._db = db
        self._engine = engine
        self._writer = writer
        self._folders = folders
        self._brains = brains
        self._open = open_camera
        self._config = config
        self._clock = clock
        self._lock = threading.Lock()
        self._stations: dict[str, Station] = {}
        self._resting: dict[int, tuple[int, str]] = {}
        self._resumed: dict[int, Resumed] = {}
        self._refused: dict[int, _Refused] = {}
        self._known = set(left_behind(db))

    def station(self, name: str) -> Station | None:
        """The running camera that the detector calls so."""
        with self._lock:
            return self._stations.get(name)

    @property
    def stations(self) -> list[Station]:
        """The cameras that run now."""
        with self._lock:
            return list(self._stations.values())

    @property
    def idle(self) -> list[CameraState]:
        """The states of the cameras that do not run: paused ones, and those that cannot."""
        with self._lock:
            refused = [one.status.state for one in self._refused.values()]
            return [*refused, *(CameraState.PAUSED for _ in self._resting)]

    def match(self, rows: Sequence[CameraToRun]) -> None:
        """One step from what runs to what should run; one camera's trouble is its state alone."""
        if self._brains.refresh():
            for station in self.stations:
                self._judge(station, station.row)
        standing = {row.id: row for row in rows}
        for camera_id in self._known - set(standing):
            self._remove(camera_id)
        self._recall([camera_id for camera_id in standing if camera_id not in self._known])
        trucks = asked_for_trucks(rows, self._brains.now.policy)
        now, begun = self._clock(), 0
        for row in rows:
            try:
                begun += self._match_one(row, now, may_begin=begun < _STARTS_AT_ONCE)
            except SourceError as error:
                self._refuse(row, error.state, error.detail)
            except Exception as error:
                log.exception("a camera cannot be taken up", camera=row.name)
                detail = redact(f"unexpected: {type(error).__name__}: {error}")
                self._refuse(row, CameraState.BAD_DATA, detail)
            self._set_ring(row.id, wanted=row.id in trucks)

    def _recall(self, camera_ids: Sequence[int]) -> None:
        """What is known from before of cameras that this process has not met yet."""
        if not camera_ids:
            return
        found = load_books(self._db, camera_ids)
        for camera_id in camera_ids:
            resumed = found.get(camera_id, Resumed())
            drop_others(self._folders.kits(camera_id), candidates_of(resumed.book))
            if resumed.forgotten:
                end_incidents(self._db, resumed.forgotten, self._clock())
        self._resumed.update(found)
        self._known.update(camera_ids)

    def _match_one(self, row: CameraToRun, now: datetime, *, may_begin: bool) -> bool:
        """True when a camera was begun."""
        station = self.station(detector_name(row.id))
        if row.paused or not in_plan(row.plan, now, row.rules.timezone):
            self._rest(row, station, PAUSED_DETAIL if row.paused else PLAN_DETAIL)
        elif station is None:
            refused = self._refused.get(row.id)
            tried = refused and refused.revision == row.revision and now < refused.again_at
            if may_begin and not tried:
                self._begin(row, now)
                return True
        elif station.row.revision != row.revision:
            before = station.row
            if (before.url, before.mode, before.transport) == (row.url, row.mode, row.transport):
                self._judge(station, row)
            else:
                self._halt(station)
                self._begin(row, now)
        return False

    def _begin(self, row: CameraToRun, now: datetime) -> None:
        """Connect a camera; it goes on with the book it had."""
        with self._lock:
            self._resting.pop(row.id, None)
        source = self._open(row)
        resumed = self._resumed.pop(row.id, Resumed())
        name, kits = detector_name(row.id), self._folders.kits(row.id)
        view, candidates = self._folders.view(row.id), candidates_of(resumed.book)
        station = Station(
            row=row,
            config=self._judged_by(row),
            kit=Kit(kits, view, self._brains, candidates),
            kits=kits,
            background=Keeper(self._folders.background(row.id), self._config.background_s),
            outages=Outages(self._config.outage_after_s, now, standing=resumed.outage),
            auto=self._brains.now.auto,
            book=resumed.book,
        )
        with self._lock:
            self._refused.pop(row.id, None)
            self._stations[name] = station
        beat = row.every_s / self._config.speed
        memory = replace(memory_of(resumed, now), background=station.background.read())
        self._engine.add(name, source, station.config, every_s=beat, memory=memory)

    def _refuse(self, row: CameraToRun, state: CameraState, detail: str) -> None:
        """A camera could not be opened: said once, tried again in a minute."""
        now, before = self._clock(), self._refused.get(row.id)
        same = before is not None and before.status.state is state
        status = Status(state, before.status.since if before and same else now, detail)
        with self._lock:
            self._refused[row.id] = _Refused(row.revision, now + _OPEN_AGAIN, status)
        if before is None or before.status != status:
            self._say(row, status)

    def _judge(self, station: Station, row: CameraToRun) -> None:
        """Other rules, beat or model; the connection stays."""
        station.row, station.config = row, self._judged_by(row)
        station.auto = self._brains.now.auto
        beat = row.every_s / self._config.speed
        self._engine.change(detector_name(row.id), station.config, every_s=beat)

    def _halt(self, station: Station) -> None:
        """Let a camera go; a look that is going on ends first."""
        name = detector_name(station.row.id)
        noticed = self._engine.memory_of(name).sentry.noticed
        self._engine.remove(name)
        with self._lock:
            del self._stations[name]
        faults = {fault.value: at for fault, at in noticed.items()}
        standing = station.outages.standing
        self._resumed[station.row.id] = Resumed(station.book, faults, standing)

    def _rest(self, row: CameraToRun, station: Station | None, detail: str) -> None:
        """A camera that is not patrolled now; its notices end, its incidents wait."""
        if station is not None:
            self._halt(station)
        before = self._resting.get(row.id)
        if before is None:
            self._writer.put(Leaving(row.id, for_good=False))
            self._resumed[row.id] = Resumed(self._resumed.get(row.id, Resumed()).book)
        if before is None or before[1] != detail:
            self._say(row, Status(CameraState.PAUSED, self._clock(), detail))
        with self._lock:
            self._refused.pop(row.id, None)
            self._resting[row.id] = (row.revision, detail)

    def _remove(self, camera_id: int) -> None:
        station = self.station(detector_name(camera_id))
        if station is not None:
            self._halt(station)
        with self._lock:
            self._resting.pop(camera_id, None)
            self._refused.pop(camera_id, None)
        self._resumed.pop(camera_id, None)
        self._known.discard(camera_id)
        tidy = partial(self._folders.forget, camera_id)
        self._writer.put(Leaving(camera_id, for_good=True, tidy=tidy))

    def _set_ring(self, camera_id: int, *, wanted: bool) -> None:
        name = detector_name(camera_id)
        station = self.station(name)
        wanted = wanted and self._config.suspect_minutes > 0
        if station is None or (station.ring is not None) == wanted:
            return
        minutes = 2 * self._config.suspect_minutes
        station.ring = Ring(self._folders.rings / name, minutes) if wanted else None

    def _judged_by(self, row: CameraToRun) -> CameraConfig:
        return CameraConfig(
            policy=self._brains.now.policy,
            rules=row.rules,
            gate=self._config.gate,
            sentry=self._config.sentry,
            lasting=self._config.lasting,
        )

    def _say(self, row: CameraToRun, status: Status) -> None:
        """The state of a camera that is not looked at."""
        look = KeptLook(row.id, status)
        self._writer.put(Pending(look, self._folders.kits(row.id), row.rules.timezone))
