"""Makes the running cameras match the rows of the database, and the rows what they see."""

from __future__ import annotations

import shutil
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from cases.camera_views import CameraToRun
from cases.database import Database
from cases.patrolling import KeptLook
from cases.policy import DEFAULT_CASE_POLICY, CasePolicy
from cases.resuming import (
    Resumed,
    end_incidents,
    left_behind,
    load_books,
    prune_observations,
)
from cases.steps import Steps, no_step
from cases.store import EvidenceStore
from detector.background import LastingConfig
from detector.camera import CameraConfig
from detector.gate import GateConfig
from detector.plan import in_plan
from detector.sentry import SentryConfig
from detector.sources.source import Clock, FrameSource, utc_now
from detector.sources.states import CameraState, SourceError, Status
from patrol.cameras.brain import Brain, Brains
from patrol.cameras.kit import Kit, drop_others
from patrol.cameras.meters import CameraMeters
from patrol.cameras.ring import Ring
from patrol.cameras.station import (
    Outages,
    Station,
    candidates_of,
    detector_name,
    memory_of,
)
from patrol.cameras.suspects import Search, asked_for_trucks
from patrol.cameras.writer import Leaving, Pending, Writer
from patrol.engine import Engine, Report

log = structlog.get_logger("patrol.cameras")

PAUSED_DETAIL: Final = "paused by a person"
PLAN_DETAIL: Final = "outside its plan"
_STARTS_AT_ONCE: Final = 40
_OPEN_AGAIN_S: Final = 60.0
_PRUNE_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class RunnerConfig:
    """How cameras are run. Seconds are of the clock unless said otherwise.

    ``workers``: threads that look. ``speed``: seconds of the clock per real second (1 but in a
    simulation); beats and pauses are divided by it. ``rows_s``/``commit_s``: real seconds between
    two looks at the rows, and between two transactions. ``outage_after_s``: without a picture for
    this long is an outage. ``suspect_minutes``: how far back trucks are looked for when something
    was spilt; 0 turns the search off. ``keep_days``: how long looks are kept to be judged again.
    """

    workers: int = 2
    speed: float = 1.0
    rows_s: float = 1.0
    commit_s: float = 1.0
    outage_after_s: float = 30.0
    suspect_minutes: float = 10.0
    keep_days: float = 30.0
    gate: GateConfig = field(default_factory=GateConfig)
    sentry: SentryConfig = field(default_factory=SentryConfig)
    lasting: LastingConfig = field(default_factory=LastingConfig)


class CameraRunner:
    """All cameras of one service.

    Rows decide what runs: a camera that is added, edited, paused, removed or outside its weekly
    plan is taken up within about a second. Killed at any moment and started again, it goes on with
    the same candidates and incidents.
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
        self.config = config or RunnerConfig()
        self._db = db
        self._rows = rows
        self._open = open_camera
        self._clock = clock
        self._brains = Brains(brain)
        self._views = folder / "views"
        self._kits = folder / "kits"
        self._rings = folder / "kits" / "passed"
        self._meters = meters or CameraMeters()
        self._writer = Writer(
            db,
            store,
            clock=clock,
            commit_s=self.config.commit_s,
            meters=self._meters,
            policy=policy,
            steps=steps,
        )
        self._search = Search(
            db,
            store,
            self._rings,
            brains=self._brains,
            minutes=self.config.suspect_minutes,
            clock=clock,
        )
        self._lock = threading.Lock()
        self._stations: dict[str, Station] = {}
        self._resting: dict[int, tuple[int, str]] = {}
        self._resumed: dict[int, Resumed] = {}
        self._known: set[int] = set()
        self._failed: dict[int, tuple[int, float]] = {}
        self._stop = threading.Event()
        self._engine: Engine | None = None
        self._threads: list[threading.Thread] = []

    def run(self, stop: threading.Event) -> None:
        """Run until ``stop`` is set."""
        self.start()
        try:
            stop.wait()
        finally:
            self.close()

    def start(self) -> None:
        """Begin; cameras connect one after the other."""
        self._engine = Engine(
            self._brains.detect, self._hear, workers=self.config.workers, clock=self._clock
        )
        self._writer.start()
        self._known = set(left_behind(self._db))
        loops = {"camera rows": self._follow_rows, "camera looks pruned": self._prune}
        if self.config.suspect_minutes > 0:
            loops["camera suspects"] = partial(self._search.run, self._stop)
        for name, loop in loops.items():
            thread = threading.Thread(target=loop, name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def close(self) -> None:
        """Stop looking, let all cameras go and write what was seen; takes a few seconds."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        if self._engine is not None:
            try:
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
        with self._lock:
            return tuple(sorted(station.row.id for station in self._stations.values()))

    def _follow_rows(self) -> None:
        told = ""
        while not self._stop.is_set():
            try:
                self._match(self._rows())
                told = ""
            except Exception as error:
                if repr(error) != told:
                    log.exception("the cameras' rows cannot be followed, tried again")
                told = repr(error)
            self._stop.wait(self.config.rows_s)

    def _match(self, rows: Sequence[CameraToRun]) -> None:
        """One step from what runs to what should run."""
        if self._brains.refresh():
            self._take_up_brain()
        standing = {row.id: row for row in rows}
        for camera_id in self._known - set(standing):
            self._remove(camera_id)
        self._recall([camera_id for camera_id in standing if camera_id not in self._known])
        trucks = asked_for_trucks(rows, self._brains.now.policy)
        now, begun = self._clock(), 0
        for row in rows:
            station = self._stations.get(detector_name(row.id))
            rest = PAUSED_DETAIL if row.paused else ""
            if not rest and not in_plan(row.plan, now, row.rules.timezone):
                rest = PLAN_DETAIL
            if rest:
                self._rest(row, rest)
            elif station is None:
                begun += begun < _STARTS_AT_ONCE and self._begin(row)
            elif station.row.revision != row.revision:
                self._change(station, row)
            self._set_ring(row.id, wanted=row.id in trucks)
        self._tell_meters()

    def _recall(self, camera_ids: Sequence[int]) -> None:
        """What is known from before of cameras that this process has not met yet."""
        if not camera_ids:
            return
        found = load_books(self._db, camera_ids)
        for camera_id in camera_ids:
            resumed = found.get(camera_id, Resumed())
            drop_others(self._kits / detector_name(camera_id), candidates_of(resumed.book))
            if resumed.forgotten:
                end_incidents(self._db, resumed.forgotten, self._clock())
        self._resumed.update(found)
        self._known.update(camera_ids)

    def _begin(self, row: CameraToRun) -> bool:
        """Connect a camera; False when it was tried a moment ago and could not be."""
        now = self._clock()
        revision, again_at = self._failed.get(row.id, (-1, 0.0))
        if revision == row.revision and now.timestamp() < again_at:
            return False
        self._resting.pop(row.id, None)
        try:
            source = self._open(row)
        except SourceError as error:
            self._failed[row.id] = (row.revision, now.timestamp() + _OPEN_AGAIN_S)
            self._say(row, Status(error.state, now, error.detail))
            return False
        self._failed.pop(row.id, None)
        resumed = self._resumed.pop(row.id, Resumed())
        name = detector_name(row.id)
        kits = self._kits / name
        station = Station(
            row=row,
            config=self._judged_by(row),
            kit=Kit(kits, self._view(row.id), self._brains, candidates_of(resumed.book)),
            kits=kits,
            outages=Outages(self.config.outage_after_s, now, standing=resumed.outage),
            auto=self._brains.now.auto,
            book=resumed.book,
        )
        with self._lock:
            self._stations[name] = station
        self._running_engine.add(
            name,
            source,
            station.config,
            every_s=row.every_s / self.config.speed,
            memory=memory_of(resumed, now),
        )
        return True

    def _change(self, station: Station, row: CameraToRun) -> None:
        """An edited row: the connection stays unless the address itself was edited."""
        before = station.row
        if (before.url, before.mode, before.transport) != (row.url, row.mode, row.transport):
            self._halt(station)
            self._begin(row)
            return
        station.row, station.config = row, self._judged_by(row)
        name = detector_name(row.id)
        self._running_engine.change(name, station.config, every_s=row.every_s / self.config.speed)

    def _halt(self, station: Station) -> None:
        """Let a camera go; a look that is going on ends first."""
        name = detector_name(station.row.id)
        self._running_engine.remove(name)
        with self._lock:
            del self._stations[name]
        self._resumed[station.row.id] = Resumed(book=station.book, outage=station.outages.standing)

    def _rest(self, row: CameraToRun, detail: str) -> None:
        station = self._stations.get(detector_name(row.id))
        if station is not None:
            self._halt(station)
        self._failed.pop(row.id, None)
        before = self._resting.get(row.id)
        if before == (row.revision, detail):
            return
        if before is None:
            self._writer.put(Leaving(row.id, for_good=False))
            old = self._resumed.get(row.id, Resumed())
            self._resumed[row.id] = Resumed(book=old.book)
        if before is None or before[1] != detail:
            self._say(row, Status(CameraState.PAUSED, self._clock(), detail))
        self._resting[row.id] = (row.revision, detail)

    def _remove(self, camera_id: int) -> None:
        name = detector_name(camera_id)
        station = self._stations.get(name)
        if station is not None:
            self._halt(station)
        self._known.discard(camera_id)
        for known in (self._resumed, self._resting, self._failed):
            known.pop(camera_id, None)

        def tidy() -> None:
            self._view(camera_id).unlink(missing_ok=True)
            for folder in (self._kits / name, self._rings / name):
                shutil.rmtree(folder, ignore_errors=True)

        self._writer.put(Leaving(camera_id, for_good=True, tidy=tidy))

    def _take_up_brain(self) -> None:
        for station in list(self._stations.values()):
            station.config = self._judged_by(station.row)
            station.auto = self._brains.now.auto
            self._running_engine.change(
                detector_name(station.row.id),
                station.config,
                every_s=station.row.every_s / self.config.speed,
            )

    def _set_ring(self, camera_id: int, *, wanted: bool) -> None:
        station = self._stations.get(detector_name(camera_id))
        wanted = wanted and self.config.suspect_minutes > 0
        if station is None or (station.ring is not None) == wanted:
            return
        folder = self._rings / detector_name(camera_id)
        station.ring = Ring(folder, 2 * self.config.suspect_minutes) if wanted else None

    def _judged_by(self, row: CameraToRun) -> CameraConfig:
        return CameraConfig(
            policy=self._brains.now.policy,
            rules=row.rules,
            gate=self.config.gate,
            sentry=self.config.sentry,
            lasting=self.config.lasting,
        )

    def _say(self, row: CameraToRun, status: Status) -> None:
        """The state of a camera that is not looked at."""
        kits = self._kits / detector_name(row.id)
        look = KeptLook(row.id, status)
        self._writer.put(Pending(look, kits, row.rules.timezone))

    def _view(self, camera_id: int) -> Path:
        return self._views / f"{camera_id}.jpg"

    @property
    def _running_engine(self) -> Engine:
        if self._engine is None:
            raise RuntimeError("the runner was not started")
        return self._engine

    def _hear(self, report: Report) -> None:
        """One due look, on a worker of the engine; no camera's surprise may reach another."""
        with self._lock:
            station = self._stations.get(report.camera)
        if station is None:
            return
        if report.looked is not None:
            inspected = report.looked.observation.inspected
            self._meters.look(inspected=inspected, late_s=report.late_s)
        try:
            memory = self._running_engine.memory_of(report.camera)
            pending = station.hear(report, memory, self._clock())
        except Exception as error:
            log.exception("a look could not be kept", camera=station.row.name)
            status = Status(CameraState.BAD_DATA, self._clock(), f"unexpected: {error!r}"[:300])
            pending = Pending(KeptLook(station.row.id, status), station.kits, station.zone)
        if pending is not None:
            self._writer.put(pending)

    def _prune(self) -> None:
        while not self._stop.wait(_PRUNE_S / self.config.speed):
            try:
                gone = prune_observations(
                    self._db, self._clock() - timedelta(days=self.config.keep_days)
                )
            except Exception:
                log.exception("old looks cannot be deleted, tried again later")
                continue
            if gone:
                log.info("old looks deleted", looks=gone)

    def _tell_meters(self) -> None:
        with self._lock:
            stations = list(self._stations.values())
        states = Counter(
            (one.status.state if one.status else CameraState.CONNECTING).value for one in stations
        )
        states["paused"] += len(self._resting)
        labels = Counter(i.label for one in stations for i in one.book.open)
        self._meters.stand(states, labels, self._writer.waiting)
