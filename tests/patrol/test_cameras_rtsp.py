"""Running cameras on a real RTSP server: evidence is the coded key frame, outages are recorded."""

from __future__ import annotations

import io
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from sqlalchemy import select

from cases import chain
from cases.camera_tables import CameraNoticeRow
from cases.query import get_leads
from cases.tables import EvidenceRow
from detector.counting import Policy
from detector.persistence import Persistence
from detector.types import Detection, Image
from detector.zones import Rules, Zone, rules_to
from patrol.cameras import Brain
from tests.detector.cameras import require_rtsp, rtsp_server
from tests.patrol.running import House, until

RULES = Rules(zones=(Zone("all", persistence={"litter": Persistence(1.0)}),))
NOWHERE = Rules(zones=(Zone("all", labels=frozenset({"stall"})),))


def white_bar(image: Image) -> tuple[Detection, ...]:
    """A network that takes the white bar of the test picture, on its left, for litter."""
    height, width = image.shape[:2]
    x, y, w, h = cv2.boundingRect(
        (image[: height // 2, : width // 3].min(axis=2) > 150).astype(np.uint8)
    )
    return (Detection("litter", 0.9, (x, y, x + w, y + h)),) if w > 4 else ()


def brain() -> Brain:
    return Brain(white_bar, "bars", "ba" * 32, Policy({"litter": 0.4}))


@pytest.mark.rtsp
def test_a_stream_is_filed_with_its_coded_frame_and_found_again_after_an_outage(
    tmp_path: Path,
) -> None:
    require_rtsp()
    house = House(tmp_path)

    def outages() -> list[CameraNoticeRow]:
        with house.db.session() as session:
            return list(session.scalars(select(CameraNoticeRow)))

    with rtsp_server() as (port, _):
        url = f"rtsp://127.0.0.1:{port}/street"
        watched = house.add(url, rules=rules_to(RULES))
        visited = house.add(url, rules=rules_to(NOWHERE), mode="round", every_s=2.0)
        with house.running(brain=brain):
            until(house.incidents, 60)
            until(lambda: house.looks(visited) >= 2, 60)
    (one,) = house.incidents()
    (lead,) = get_leads(house.db, [one.lead_id or 0])
    with house.db.session() as session:
        row = session.get_one(EvidenceRow, lead.evidence.original)
    assert (row.media_type, row.width, row.height) == ("video/mp4", 320, 240)
    with av.open(io.BytesIO(house.store.read(row.object_key))) as film:
        (frame,) = film.decode(video=0)
        assert white_bar(frame.to_ndarray(format="bgr24"))
    assert lead.photo.filename.endswith(".mp4")
    assert chain.verify(house.db, house.store).intact

    with house.running(brain=brain):
        until(lambda: outages() and all(row.camera_id in (watched, visited) for row in outages()))
        until(lambda: len(outages()) == 2, 60)
        with rtsp_server("--port", str(port)):
            until(lambda: all(row.ended_at is not None for row in outages()), 60)
            assert house.state(watched) == house.state(visited) == "live"
    assert sum(row.what != "stalled" for row in outages()) == 2
    assert len(house.incidents()) == 1, "the thing is still the same one"
