"""Suspect vehicles of a spill in a real browser: a person says which truck it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect

from cases.camera_tables import IncidentRow, SuspectRow
from cases.database import Database
from cases.store import FolderStore
from tests.browser.conftest import OpenPage, Service
from tests.browser.streets import SLOW, Standing, read

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SPILL = "c1-spill-of-the-browser-test"
MINUTES_BEFORE = (1, 3)


@pytest.fixture
def spill(service: Service, camera: Standing) -> str:
    """A spill that is over, and two trucks that passed before it."""
    now = datetime.now(UTC)
    picture = np.full((80, 120, 3), (40, 60, 160), np.uint8)
    data = cv2.imencode(".jpg", picture)[1].tobytes()
    stored = FolderStore(service.data / "evidence").put(data, "image/jpeg")
    db = Database(f"sqlite:///{service.data / 'patrol.db'}")
    with db.write() as session:
        session.add(
            IncidentRow(
                id=SPILL,
                camera_id=camera.id,
                label="spill",
                zone="view",
                stage="ended",
                box=[0.4, 0.6, 0.6, 0.8],
                first_seen=now - timedelta(minutes=9),
                opened_at=now - timedelta(minutes=8),
                last_seen=now - timedelta(minutes=2),
                ended_at=now - timedelta(minutes=1),
                confidence=0.8,
                quality=0.8,
                suspects_at=now,
            )
        )
        session.flush()
        for minutes in MINUTES_BEFORE:
            session.add(
                SuspectRow(
                    incident_id=SPILL,
                    camera_id=camera.id,
                    at=now - timedelta(minutes=9 + minutes),
                    seconds_before=60.0 * minutes,
                    label="truck",
                    confidence=0.7,
                    box=[0.1, 0.4, 0.4, 0.8],
                    object_key=stored.key,
                    sha256=stored.sha256,
                    media_type="image/jpeg",
                )
            )
    db.close()
    return SPILL


def test_a_person_says_which_truck_it_was(
    open_page: OpenPage, service: Service, signed_in: dict[str, Any], spill: str
) -> None:
    page = open_page(f"/cameras/incidents/{spill}", state=signed_in)
    suspects = page.get_by_role("region", name="Suspect vehicles", exact=True).get_by_role(
        "listitem"
    )
    expect(suspects).to_have_count(len(MINUTES_BEFORE))
    nearest, other = suspects.nth(0), suspects.nth(1)
    expect(nearest).to_contain_text("1 min 0 s before")
    image = nearest.get_by_role("img")
    page.wait_for_function("image => image.naturalWidth > 0", arg=image.element_handle())

    nearest.get_by_role("button", name="Confirm", exact=True).click()
    expect(nearest).to_contain_text("Confirmed by admin", timeout=SLOW)
    other.get_by_role("button", name="Dismiss", exact=True).click()
    expect(other).to_contain_text("Dismissed by admin", timeout=SLOW)
    page.reload()
    expect(nearest.get_by_role("button", name="Confirm", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    told = read(page.context, service, f"/incidents/{spill}")["suspects"]
    assert [one["verdict"] for one in told] == ["confirmed", "dismissed"]

    with page.expect_response("**/suspects/*/verdict") as answered:
        nearest.get_by_role("button", name="Confirm", exact=True).click()  # taken back
    assert answered.value.ok
    expect(nearest).not_to_contain_text("by admin")
    told = read(page.context, service, f"/incidents/{spill}")["suspects"]
    assert [one["verdict"] for one in told] == [None, "dismissed"]
