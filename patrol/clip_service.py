"""The scripted clip as the camera of a service with a database; made to be killed at any moment."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from cases.actors import SYSTEM
from cases.camera_tables import CameraBookRow, CameraNoticeRow, CameraRow, IncidentRow
from cases.camera_tables import ObservationRow as LookRow
from cases.camera_views import CameraToRun
from cases.cameras import add_camera
from cases.database import Database
from cases.replaying import observations
from cases.running import CameraRows
from cases.sealing import Sealer
from cases.store import FolderStore
from cases.tables import LeadRow
from detector.counting import Policy
from detector.detect import Detector
from detector.incidents import Evidence, Incident, Stage
from detector.sources import FrameSource, SourceOptions, open_source
from detector.types import Detection, Image
from models import load_card
from patrol.cameras import Brain, CameraRunner, RunnerConfig
from patrol.clip_judge import Told

SPEED = 8.0
"""Seconds of the clip in one second."""
_KEY = "camera.key"


def prepare(data: Path, clip: Path, every_s: float) -> None:
    """A data folder whose one camera is the clip, with the rules of its truth."""
    truth = json.loads((clip / "truth.json").read_text(encoding="utf-8"))
    data.mkdir(parents=True, exist_ok=True)
    key = Sealer.new_key()
    (data / _KEY).write_bytes(key)
    db = _database(data)
    db.migrate()
    fields: Any = {
        "name": "clip",
        "url": f"file://{(clip / 'clip.mp4').resolve()}",
        "every_s": every_s,
        "rules": truth["rules"],
    }
    add_camera(db, Sealer(key), fields, actor=SYSTEM)
    db.close()


def serve(data: Path, clip: Path, model: Path) -> None:
    """Run the camera from where its book stands until the clip is over."""
    truth = json.loads((clip / "truth.json").read_text(encoding="utf-8"))
    began = datetime.fromisoformat(truth["start"])
    until = began + timedelta(seconds=truth["length_s"] - truth["step_s"])
    card = load_card(model)
    detector = Detector(card, threads=1)

    def detect(image: Image) -> tuple[Detection, ...]:
        return detector.detect([image])[0]

    brain = Brain(detect, card.name, card.look_sha256, Policy(card.review_thresholds))
    db = _database(data)
    clock = _clock(_stands_at(db) or began)

    def connect(row: CameraToRun) -> FrameSource:
        path = row.address().removeprefix("file://")
        options = SourceOptions(allow_files=True, began=began, clock=clock)
        return open_source(path, f"c{row.id}", options)

    runner = CameraRunner(
        db,
        FolderStore(data / "evidence"),
        data,
        rows=CameraRows(db, Sealer((data / _KEY).read_bytes())),
        brain=lambda: brain,
        open_camera=connect,
        config=RunnerConfig(workers=1, speed=SPEED, rows_s=0.2, commit_s=0.1, background_s=20.0),
        clock=clock,
    )
    runner.start()
    try:
        while clock() < until:
            time.sleep(0.05)
    finally:
        runner.close()
        db.close()


def looks_in(data: Path) -> int:
    """How many looks the database holds."""
    db = _database(data)
    try:
        with db.session() as session:
            return session.scalar(select(func.count()).select_from(LookRow)) or 0
    finally:
        db.close()


def told_by(data: Path) -> Told:
    """What the database holds in the end."""
    db = _database(data)
    try:
        with db.session() as session:
            camera = session.scalars(select(CameraRow)).one()
            rows = session.scalars(select(IncidentRow).order_by(IncidentRow.first_seen)).all()
            zone = ZoneInfo(camera.rules["timezone"])
            incidents = tuple(_incident(row, zone) for row in rows)
            filed = [row.lead_id for row in rows if row.lead_id is not None]
            leads = session.scalar(select(func.count()).select_from(LeadRow)) or 0
            notices = session.scalars(select(CameraNoticeRow).order_by(CameraNoticeRow.id)).all()
            faults = tuple(row.what for row in notices if row.kind == "fault")
            looks = tuple(
                observations(
                    db,
                    camera.id,
                    datetime(2000, 1, 1, tzinfo=UTC),
                    datetime(2100, 1, 1, tzinfo=UTC),
                )
            )
    finally:
        db.close()
    once = len(set(filed)) == len(filed) == len(incidents) == leads
    return Told(looks, incidents, faults, None, leads, once)


def _incident(row: IncidentRow, zone: ZoneInfo) -> Incident:
    left, top, right, bottom = row.box
    box = (left, top, right, bottom)
    return Incident(
        id=row.id,
        camera=f"c{row.camera_id}",
        label=row.label,
        zone=row.zone,
        box=box,
        first_seen=row.first_seen.astimezone(zone),
        last_seen=row.last_seen.astimezone(zone),
        confidence=row.confidence,
        evidence=Evidence(row.opened_at, box, row.quality, None),
        stage=Stage(row.stage),
        opened_at=row.opened_at.astimezone(zone),
        ended_at=row.ended_at.astimezone(zone) if row.ended_at else None,
    )


def _stands_at(db: Database) -> datetime | None:
    """The time of the last look in the camera's book."""
    with db.session() as session:
        book = session.scalars(select(CameraBookRow)).one_or_none()
        return None if book is None else book.at


def _clock(begin: datetime) -> Callable[[], datetime]:
    """A clock that goes on from ``begin`` at ``SPEED``: the time between two runs is left out."""
    start = time.monotonic()
    return lambda: begin + timedelta(seconds=(time.monotonic() - start) * SPEED + 1.0)


def _database(data: Path) -> Database:
    return Database(f"sqlite:///{data / 'patrol.db'}")


if __name__ == "__main__":
    serve(*(Path(argument) for argument in sys.argv[1:]))
