"""Runs the cameras of the rows, and writes what they see into the database."""

from __future__ import annotations

import fcntl
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import IO, Final

import structlog

from cases.camera_views import CameraToRun
from cases.database import Database
from cases.patrolling import KeptLook
from cases.policy import DEFAULT_CASE_POLICY, CasePolicy
from cases.resuming import prune_observations
from cases.steps import Steps, no_step
from cases.store import EvidenceStore
from detector.sources.source import Clock, FrameSource, utc_now
from detector.sources.states import CameraState, Status
from patrol.cameras.brain import Brain, Brains
from patrol.cameras.config import RunnerConfig
from patrol.cameras.meters import CameraMeters
from patrol.cameras.ring import sweep_rings
from patrol.cameras.roster import Folders, Roster
from patrol.cameras.suspects import Search
from patrol.cameras.writer import Pending, Writer
from patrol.engine import Engine, Report

log = structlog.get_logger("patrol.cameras")

_TIDY_S: Final = 60.0
_PRUNE_EVERY: Final = 60
_LOCK: Final = "cameras.lock"
_ASK_LOCK_S: Final = 2.0


class CameraRunner:
    """All cameras of one service.

    Rows decide what runs: a camera that is added, edited, paused, removed or outside its weekly
    plan is taken up within about a second. Killed at any moment and started again, it goes on with
    the same candidates and incidents. One runner for one database: two would look twice. ``run``
    keeps a second one out of the same folder, not one on another machine.
    """

    def __init__(
        self,
        db: Database,
        store: EvidenceStore,
        folder: Path,
        *,
        rows: Callable[[], Sequence[CameraToRun]],
        brain: Callable[[], Brain],
        open_camera: Callable[[CameraToRun], FrameSource],
        config: RunnerConfig | None = None,
        clock: Clock = utc_now,
        meters: CameraMeters | None = None,
        policy: CasePolicy = DEFAULT_CASE_POLICY,
        steps: Steps = no_step,
    ) -> None:
        """Nothing runs before ``start``.

        Args:
            db: where rows are read and what is seen is written.
            store: where evidence goes.
            folder: of views and kits (``views``, ``kits`` in it).
            rows: the cameras there should be; asked about every second.
            brain: what looks now; asked as often.
            open_camera: connects a camera; what it raises (SourceError) is the camera's state.
            config: how.
            clock: gives capture times, the hours of plans and the times that are written.
            meters: for Prometheus.
            policy: how leads become cases where a zone files without a person.
            steps: called with a name at each boundary of writing.
        """
        self.config = config = config or RunnerConfig()
        self._db = db
        self._rows = rows
        self._open = open_camera
        self._clock = clock
        self._brains = Brains(brain)
        self._folders = Folders(folder)
        self._meters = meters or CameraMeters()
        self._writer = Writer(
            db,
            store,
            clock=clock,
            commit_s=config.commit_s,
            meters=self._meters,
            policy=policy,
            steps=steps,
        )
        self._search = Search(
            db,
            store,
            self._folders.rings,
            brains=self._brains,
            minutes=config.suspect_minutes,
            clock=clock,
        )
        self._stop = threading.Event()
        self._engine: Engine | None = None
        self._roster: Roster | None = None
        self._threads: list[threading.Thread] = []

    def run(self, stop: threading.Event) -> None:
        """Run until ``stop`` is set, and not beside another runner on the same folder.

        While there is one, wait for its end: then this one takes over.
        """
        path = self._folders.root / _LOCK
        with path.open("w") as file:
            told = False
            while not _locked(file):
                if not told:
                    log.warning("another service runs the cameras, this one waits", lock=str(path))
                told = True
                if stop.wait(_ASK_LOCK_S):
                    return
            self.start()
            try:
                stop.wait()
            finally:
                self.close()

    def start(self) -> None:
        """Begin; cameras connect one after the other."""
        engine = self._engine = Engine(
            self._brains.detect, self._hear, workers=self.config.workers, clock=self._clock
        )
        roster = self._roster = Roster(
            self._db,
            engine,
            self._writer,
            self._folders,
            brains=self._brains,
            open_camera=self._open,
            config=self.config,
            clock=self._clock,
        )
        self._writer.start()
        loops: dict[str, Callable[[], None]] = {}
        loops["camera rows"] = partial(self._follow_rows, roster)
        loops["camera tidying"] = self._tidy
        if self.config.suspect_minutes > 0:
            loops["camera suspects"] = partial(self._search.run, self._stop)
        for name, loop in loops.items():
            thread = threading.Thread(target=loop, name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def close(self) -> None:
        """Stop looking, let all cameras go and write what was seen; takes a few seconds."""
        self._stop.set()
        self._writer.hurry()
        for thread in self._threads:
            thread.join()
        try:
            if self._engine is not None:
                self._engine.close()
        finally:
            self._writer.close()
        log.info("cameras stopped", not_written=self._writer.waiting)

    @property
    def trouble(self) -> str:
        """What keeps the writer from writing now; empty when it works."""
        return self._writer.trouble

    def drained(self) -> bool:
        """Whether everything seen so far is written."""
        return self._writer.waiting == 0

    @property
    def running(self) -> tuple[int, ...]:
        """Ids of the cameras that are looked at now."""
        stations = self._roster.stations if self._roster is not None else []
        return tuple(sorted(station.row.id for station in stations))

    def _follow_rows(self, roster: Roster) -> None:
        told = ""
        while not self._stop.is_set():
            try:
                roster.match(self._rows())
                self._tell_meters(roster)
                told = ""
            except Exception as error:
                if repr(error) != told:
                    log.exception("the cameras' rows cannot be followed, tried again")
                told = repr(error)
            self._stop.wait(self.config.rows_s)

    def _hear(self, report: Report) -> None:
        """One due look, on a worker of the engine; no camera's surprise may reach another."""
        station = self._roster.station(report.camera) if self._roster is not None else None
        if station is None:
            return
        if report.looked is not None:
            inspected = report.looked.observation.inspected
            self._meters.look(inspected=inspected, late_s=report.late_s)
        try:
            pending = station.hear(report, self._clock())
        except Exception as error:
            log.exception("a look could not be kept", camera=station.row.name)
            status = Status(CameraState.BAD_DATA, self._clock(), f"unexpected: {error!r}"[:300])
            pending = Pending(KeptLook(station.row.id, status), station.kits, station.zone)
        if pending is not None:
            self._writer.put(self._with_trouble(pending))

    def _with_trouble(self, pending: Pending) -> Pending:
        """While writing fails, each camera's state says so as soon as it can be written."""
        status = pending.look.status
        if not self._writer.trouble or status.detail:
            return pending
        detail = f"what was seen was written late: {self._writer.trouble}"[:300]
        return replace(
            pending, look=replace(pending.look, status=Status(status.state, status.since, detail))
        )

    def _tidy(self) -> None:
        """Pictures and looks do not stay longer than they should, also of cameras that rest."""
        rounds = 0
        while not self._stop.wait(_TIDY_S / self.config.speed):
            rounds += 1
            try:
                minutes = 2 * self.config.suspect_minutes
                sweep_rings(self._folders.rings, self._clock() - timedelta(minutes=minutes))
                if rounds % _PRUNE_EVERY == 1:
                    days = timedelta(days=self.config.keep_days)
                    gone = prune_observations(self._db, self._clock() - days)
                    log.debug("old looks deleted", looks=gone)
            except Exception:
                log.exception("what is old cannot be deleted, tried again later")

    def _tell_meters(self, roster: Roster) -> None:
        stations = roster.stations
        states = Counter(state.value for state in roster.idle)
        for station in stations:
            state = station.status.state if station.status else CameraState.CONNECTING
            states[state.value] += 1
        labels = Counter(i.label for one in stations for i in one.book.open)
        self._meters.stand(states, labels, self._writer.waiting)


def _locked(file: IO[str]) -> bool:
    """Whether the file's lock could be had; it goes with the process."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
