"""The one key frame of a stream in a real browser: the source's own bytes, a film of one frame."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import av
import pytest
from playwright.sync_api import expect

from cases.database import Database
from cases.incident_filing import prove
from cases.patrolling import IncidentNow, KeptLook, Seen, keep_looks
from cases.store import FolderStore
from detector.incidents import Book, Evidence, Incident, Stage
from detector.observation import Observation, Sighting
from detector.sources.keyframe import KeyPacket, decode_key
from detector.sources.originals import original_of_key
from detector.sources.states import CameraState, Status
from detector.types import Box, Detection, Finding, Look
from tests.browser.conftest import OpenPage, Service, csrf_token
from tests.browser.streets import SLOW, Standing
from tests.detector.cameras import film

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PLACE: Box = (0.2, 0.2, 0.6, 0.6)
SIZE = (320, 192)


@pytest.fixture
def lead(service: Service, camera: Standing, tmp_path: Path) -> int:
    """A lead of an incident whose original is a key frame as it came, H.264."""
    now = datetime.now(UTC)
    with av.open(str(film(tmp_path / "film.mp4", 1, size=SIZE))) as container:
        extradata = bytes(container.streams.video[0].codec_context.extradata or b"")
        data = next(bytes(packet) for packet in container.demux(video=0) if packet.is_keyframe)
    packet = KeyPacket("h264", data, extradata, now)
    image = decode_key(packet)
    left, top, right, bottom = PLACE
    box = (left * SIZE[0], top * SIZE[1], right * SIZE[0], bottom * SIZE[1])
    name = f"c{camera.id}"
    seen = Detection("litter", 0.8, box)
    proof = prove(
        FolderStore(service.data / "evidence"),
        original=original_of_key(packet, image),
        image=image,
        look=Look(name, now, *SIZE, (seen,), "test-model", "ab" * 32),
        finding=Finding("litter", 0.8, box, (seen,)),
        captured_at=now,
        threshold=0.4,
    )
    incident = Incident(
        id=f"{name}-of-the-test-of-originals",
        camera=name,
        label="litter",
        zone="view",
        box=PLACE,
        first_seen=now - timedelta(minutes=6),
        last_seen=now,
        confidence=0.8,
        evidence=Evidence(now, PLACE, 0.7),
        stage=Stage.OPEN,
        opened_at=now,
    )
    observation = Observation(name, now, (Sighting("litter", 0.8, PLACE),))
    book = Book((incident,), 1, now, now)
    opened = IncidentNow(incident, proof)
    saw = Seen(observation, book, (), 0.25, *SIZE, incidents=(opened,))
    db = Database(f"sqlite:///{service.data / 'patrol.db'}")
    (filed,) = keep_looks(db, [KeptLook(camera.id, Status(CameraState.LIVE, now), saw)]).filed
    db.close()
    return filed.lead.lead_id


def test_a_key_frame_as_it_came_is_shown(
    open_page: OpenPage, service: Service, signed_in: dict[str, Any], lead: int
) -> None:
    page = open_page("/cases", state=signed_in)
    decided = page.request.post(
        f"{service.url}/api/v1/leads/{lead}/decision",
        data={"verdict": "confirm"},
        headers={"X-CSRF-Token": csrf_token(page, service)},
    )
    assert decided.ok, decided.text()
    page.goto(f"{service.url}/cases/{decided.json()['case_id']}")
    evidence = page.get_by_role("region", name="Evidence", exact=True)
    evidence.get_by_role("tab", name="Original", exact=True).click()
    evidence.get_by_role("button").filter(has_text="Open original").click()
    shown = evidence.locator("video")
    expect(shown).to_be_visible(timeout=SLOW)
    page.wait_for_function("film => film.readyState >= 2", arg=shown.element_handle())
    assert shown.evaluate("film => [film.videoWidth, film.videoHeight]") == list(SIZE)
    assert evidence.get_by_role("alert").count() == 0
