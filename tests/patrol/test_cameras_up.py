"""Cameras in the real service: added over HTTP, seen on the wall, gone when it stops."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from tests.patrol.running import streets, until
from tests.patrol.service import require_model, up

LOCAL = {"PATROL_CAMERA_NETWORKS": "127.0.0.0/8"}


def test_a_camera_added_over_http_is_looked_at_and_stops_with_the_service(tmp_path: Path) -> None:
    require_model()
    with streets(1) as (street,), up(tmp_path / "data", **LOCAL) as service:
        with service.admin() as client:
            added = client.post(
                "cameras", json={"name": "north gate", "url": street.url, "every_s": 1.0}
            )
            assert added.status_code == 201, added.text
            camera = added.json()["id"]

            def status() -> dict[str, Any]:
                found = client.get(f"cameras/{camera}").json()["status"]
                return found or {"state": "", "looks": 0, "view_at": None}

            until(lambda: status()["looks"] >= 2, 90)
            assert status()["state"] == "live"
            view = client.get(f"cameras/{camera}/view")
            assert view.status_code == 200
            image = cv2.imdecode(np.frombuffer(view.content, np.uint8), cv2.IMREAD_COLOR)
            assert image.shape == street.view.shape
            meters = client.get(f"{service.url}/metrics").text
            assert 'patrol_cameras{state="live"} 1.0' in meters
            assert "patrol_looks_total" in meters
            street.down = True
            until(lambda: status()["state"] == "server_error")
        asked = time.monotonic()
        assert service.stop(signal.SIGTERM) in (0, -signal.SIGTERM)
        assert time.monotonic() - asked < 60
    errors = "".join(service.errors)
    assert "Traceback" not in errors, errors
    assert "cameras stopped" in errors


def test_private_addresses_are_refused_unless_the_settings_allow_them(tmp_path: Path) -> None:
    require_model()
    with (
        streets(1) as (street,),
        up(tmp_path / "data") as service,
        service.admin() as client,
    ):
        added = client.post("cameras", json={"name": "a", "url": street.url, "every_s": 1.0})
        camera = added.json()["id"]
        until(lambda: client.get(f"cameras/{camera}").json()["status"], 60)
        until(
            lambda: client.get(f"cameras/{camera}").json()["status"]["state"] == "not_allowed", 60
        )
        assert street.asked == 0
