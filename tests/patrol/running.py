"""A camera runner on a real database, with a network that knows red stalls and blue trucks."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from sqlalchemy import select

from cases.actors import SYSTEM
from cases.camera_tables import CameraStatusRow, IncidentRow
from cases.camera_views import CameraToRun
from cases.cameras import add_camera, change_camera, remove_camera
from cases.database import Database
from cases.running import CameraRows
from cases.sealing import Sealer
from cases.store import FolderStore
from detector.counting import Policy
from detector.persistence import Persistence
from detector.sources import FrameSource, VisitSource, open_source
from detector.sources.source import Clock, utc_now
from detector.types import Detection, Image
from detector.zones import Rules, Zone, rules_to
from patrol.cameras import Brain, CameraRunner, RunnerConfig
from tests.detector import scenes
from tests.detector.cameras import QUICK, answer, web_server

RED, BLUE, PINK = (20, 20, 240), (240, 20, 20), (240, 20, 240)
LABELS = {"stall": RED, "truck": BLUE, "spill": PINK}
SOON = {
    "stall": Persistence(2.0, hits=2, of=3, clear_looks=2, clear_s=1.0),
    "spill": Persistence(0.0, hits=2, of=3, clear_looks=2, clear_s=1.0),
}
RULES = Rules(zones=(Zone("all", persistence=SOON),))
POLICY = Policy({"stall": 0.4, "spill": 0.4})
QUICKLY = RunnerConfig(rows_s=0.1, commit_s=0.1, outage_after_s=1.0, suspect_minutes=2.0)


def coloured(image: Image) -> tuple[Detection, ...]:
    """A network that knows colours."""
    found = []
    wide = image.astype(np.int16)
    for label, colour in LABELS.items():
        near = (np.abs(wide - np.array(colour)) < 60).all(axis=2)
        if near.sum() >= 120:
            x, y, width, height = cv2.boundingRect(near.astype(np.uint8))
            found.append(Detection(label, 0.9, (x, y, x + width, y + height)))
    return tuple(found)


def brain(model: str = "colours 1", policy: Policy = POLICY) -> Brain:
    return Brain(coloured, model, f"{len(model):064x}", policy)


@dataclass
class Street:
    """A snapshot camera whose view a test changes; ``down``: it answers with an error."""

    view: Image = field(default_factory=scenes.street)
    down: bool = False
    asked: int = 0
    url: str = ""

    def handle(self, handler: Any) -> None:
        self.asked += 1
        if self.down:
            answer(handler, b"no", 503)
            return
        picture = scenes.noisy(self.view, self.asked, 3)
        answer(handler, cv2.imencode(".jpg", picture, [1, 95])[1].tobytes())

    def show(self, *things: tuple[str, int, int, int]) -> None:
        """Put things (label, x, y, size) onto the empty street."""
        view = scenes.street()
        for label, x, y, size in things:
            view = scenes.with_thing(view, x, y, size, LABELS[label])
        self.view = view


@contextmanager
def streets(number: int) -> Iterator[list[Street]]:
    """Snapshot cameras over HTTP."""
    made = [Street() for _ in range(number)]

    def handle(handler: Any) -> None:
        made[int(handler.path.strip("/").split(".")[0])].handle(handler)

    with web_server(handle) as where:
        for n, street in enumerate(made):
            street.url = f"http://{where}/{n}.jpg"
        yield made


def connect(camera: CameraToRun, clock: Clock = utc_now) -> FrameSource:
    options = replace(QUICK, grace_s=0.3, transport=camera.transport, clock=clock, loop=True)
    name = f"c{camera.id}"
    if camera.mode == "round":
        return VisitSource(
            lambda: open_source(camera.address(), name, options), patience_s=5.0, clock=clock
        )
    return open_source(camera.address(), name, options)


@dataclass
class House:
    """A data folder with database and evidence, and the cameras' rows."""

    folder: Path
    db: Database = field(init=False)
    store: FolderStore = field(init=False)
    sealer: Sealer = field(default_factory=lambda: Sealer(Sealer.new_key()))
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.db = Database(f"sqlite:///{self.folder / 'patrol.db'}")
        self.db.migrate()
        self.store = FolderStore(self.folder / "evidence")

    def add(self, url: str, **fields: Any) -> int:
        given = {
            "name": f"camera {next(self.numbers)}",
            "url": url,
            "every_s": 1.0,
            "rules": rules_to(RULES),
            **fields,
        }
        return add_camera(self.db, self.sealer, given, actor=SYSTEM)  # type: ignore[arg-type]

    def edit(self, camera_id: int, **fields: Any) -> None:
        revision = next(row.revision for row in self.rows()() if row.id == camera_id)
        change_camera(
            self.db,
            self.sealer,
            camera_id,
            fields,  # type: ignore[arg-type]
            revision=revision,
            actor=SYSTEM,
        )

    def remove(self, camera_id: int) -> None:
        remove_camera(self.db, camera_id, actor=SYSTEM)

    def rows(self) -> CameraRows:
        return CameraRows(self.db, self.sealer)

    @contextmanager
    def running(self, config: RunnerConfig = QUICKLY, **more: Any) -> Iterator[CameraRunner]:
        """A runner that is closed at the end."""
        given: dict[str, Any] = {"brain": brain, "open_camera": connect, **more}
        runner = CameraRunner(
            self.db, self.store, self.folder, rows=self.rows(), config=config, **given
        )
        runner.start()
        try:
            yield runner
        finally:
            runner.close()

    def status(self, camera_id: int) -> CameraStatusRow | None:
        with self.db.session() as session:
            return session.get(CameraStatusRow, camera_id)

    def looks(self, camera_id: int) -> int:
        status = self.status(camera_id)
        return status.looks if status is not None else 0

    def state(self, camera_id: int) -> str:
        status = self.status(camera_id)
        return status.state if status is not None else ""

    def incidents(self) -> list[IncidentRow]:
        with self.db.session() as session:
            return list(session.scalars(select(IncidentRow).order_by(IncidentRow.opened_at)))


def until(condition: Callable[[], object], seconds: float = 90.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


class FakeClock:
    """A clock that goes on by itself, and can be set forward."""

    def __init__(self, start: datetime) -> None:
        self._ahead = (start - datetime.now(UTC)).total_seconds()
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        with self._lock:
            return datetime.fromtimestamp(time.time() + self._ahead, UTC)

    def forward(self, seconds: float) -> None:
        with self._lock:
            self._ahead += seconds
