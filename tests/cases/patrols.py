"""Looks of made-up cameras with known incidents, for the tests of what patrols keep."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import cv2
import numpy as np

from cases.camera_tables import CameraRow
from cases.database import Database
from cases.evidence import Picture
from cases.incident_filing import Proof, prove
from cases.patrolling import IncidentNow, KeptLook, KeptView, Seen
from cases.steps import Steps, no_step
from cases.store import EvidenceStore
from detector.incidents import Book, Evidence, Incident, Stage
from detector.observation import Observation, Sighting
from detector.sources.states import CameraState, Status
from detector.types import Box, Detection, Finding, Look, OriginalBytes
from tests.cases.scenes import MODEL_SHA256

START = datetime(2026, 6, 30, 8, tzinfo=UTC)
PLACE: Box = (0.1, 0.5, 0.3, 0.7)
SIZE = (128, 96)


def add_camera(db: Database, name: str) -> int:
    """A camera as a row; its id."""
    with db.write() as session:
        row = CameraRow(
            name=name,
            mode="watch",
            every_s=10.0,
            url_sealed="sealed",
            url_shown="rtsp://10.0.0.1/1",
            transport="tcp",
            place_text="越秀路12号",
            lat=None,
            lon=None,
            preset_of=None,
            plan=[],
            rules={},
            neighbours=[],
            legal={},
            paused=False,
            revision=1,
            removed_at=None,
            created_at=START,
            updated_at=START,
            updated_by="ada",
        )
        session.add(row)
        session.flush()
        return row.id


def at(look: int) -> datetime:
    """When the look of this number was taken."""
    return START + timedelta(seconds=10 * look)


def incident(
    camera_id: int, number: int = 1, *, label: str = "litter", box: Box = PLACE, opened: int = 5
) -> Incident:
    """An incident that this look opened, seen since five looks."""
    first = at(opened - 5)
    return Incident(
        id=f"c{camera_id}-{first:%Y%m%dT%H%M%S}-{number}",
        camera=f"c{camera_id}",
        label=label,
        zone="view",
        box=box,
        first_seen=first,
        last_seen=at(opened),
        confidence=0.8,
        evidence=Evidence(at(opened), box, 0.7),
        stage=Stage.OPEN,
        opened_at=at(opened),
    )


def ended(one: Incident, look: int) -> Incident:
    """The incident after it ended."""
    return replace(one, stage=Stage.ENDED, ended_at=at(look))


def jpeg(seed: int) -> bytes:
    """A picture of noise, different for every seed."""
    image = np.random.default_rng(seed).integers(0, 256, (SIZE[1], SIZE[0], 3), dtype=np.uint8)
    return cv2.imencode(".jpg", image)[1].tobytes()


def proof(store: EvidenceStore, one: Incident, seed: int, steps: Steps = no_step) -> Proof:
    """The stored evidence of an incident, with a view from before and a strip."""
    data = jpeg(seed)
    left, top, right, bottom = one.evidence.box
    box = (left * SIZE[0], top * SIZE[1], right * SIZE[0], bottom * SIZE[1])
    seen = Detection(one.label, one.confidence, box)
    look = Look("camera", one.evidence.at, *SIZE, (seen,), "test-model", MODEL_SHA256)
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    return prove(
        store,
        original=OriginalBytes("image/jpeg", data),
        image=image,  # type: ignore[arg-type]
        look=look,
        finding=Finding(one.label, one.confidence, box, (seen,)),
        captured_at=one.evidence.at,
        threshold=0.4,
        more=(
            Picture("before", jpeg(seed + 1_000_000), "image/jpeg", *SIZE),
            Picture("strip", jpeg(seed + 2_000_000), "image/jpeg", *SIZE),
        ),
        steps=steps,
    )


def look(camera_id: int, number: int, *now: IncidentNow, inspected: bool = True) -> KeptLook:
    """A look that saw the litter, with these incidents opened or ended by it."""
    going_on = tuple(n.incident for n in now if n.incident.stage is Stage.OPEN)
    return KeptLook(
        camera_id,
        Status(CameraState.LIVE, START),
        Seen(
            Observation(
                f"c{camera_id}",
                at(number),
                (Sighting("litter", 0.8, PLACE), Sighting("truck", 0.1, (0.5, 0.1, 0.6, 0.2))),
                inspected=inspected,
            ),
            Book(going_on, 1, at(number), at(number)),
            (),
            0.25,
            *SIZE,
            view=KeptView(at(number), "ab" * 32) if inspected else None,
            incidents=now,
        ),
    )
