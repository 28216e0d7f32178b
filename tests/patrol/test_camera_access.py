"""The key of camera addresses, and which addresses this service connects to."""

from __future__ import annotations

import http.server
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest
from structlog.testing import capture_logs

from api.services import TestLook
from cases.camera_inputs import CameraFields
from cases.cameras import add_camera
from cases.database import Database
from cases.masking import hidden_area
from cases.running import cameras_to_run
from cases.sealing import Sealer
from detector.sources.states import CameraState, SourceError
from detector.sources.visit import VisitSource
from detector.types import Detection, Image
from patrol.camera_access import allowed_url, camera_opener
from patrol.settings import Settings, SettingsError, load_settings
from patrol.test_look import make_test_look
from patrol.wiring import StartError, open_sealer
from tests.cases.scenes import ADMIN
from tests.detector.cameras import answer, film, talker, wait_for, web_server
from tests.patrol.service import PASSWORD, require_model, up


def test_the_key_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'patrol.db'}")
    db.migrate()
    settings = Settings(data_dir=tmp_path)
    keys: list[Sealer] = []
    threads = [
        threading.Thread(target=lambda: keys.append(open_sealer(settings, db))) for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sealed = keys[0].seal("x")
    assert [key.open(sealed) for key in keys] == ["x"] * 5
    assert (tmp_path / "camera.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.glob(".camera.key*")] == []
    (tmp_path / "camera.key").write_text("nonsense")
    with pytest.raises(StartError, match="camera\\.key"):
        open_sealer(settings, db)
    db.close()


def test_a_lost_key_is_told_with_the_names_of_the_cameras(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'patrol.db'}")
    db.migrate()
    settings = Settings(data_dir=tmp_path)
    fields: CameraFields = {"name": "north gate", "url": "rtsp://u:geheim77@10.0.0.9/"}
    add_camera(db, open_sealer(settings, db), fields, actor=ADMIN)
    with capture_logs() as quiet:
        open_sealer(settings, db)
    (tmp_path / "camera.key").unlink()
    with capture_logs() as told:
        open_sealer(settings, db)
    db.close()
    assert quiet == []
    (line,) = told
    assert line["cameras"] == ["north gate"]
    assert "another key" in line["event"]
    assert "geheim77" not in str(line)


def test_a_key_of_the_settings_goes_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = Database(f"sqlite:///{tmp_path / 'patrol.db'}")
    db.migrate()
    key = Sealer.new_key().decode()
    monkeypatch.setenv("PATROL_CAMERA_KEY", key)
    settings = load_settings(data_dir=tmp_path)
    assert open_sealer(settings, db).open(Sealer(key.encode()).seal("x")) == "x"
    assert not (tmp_path / "camera.key").exists()
    assert key not in repr(settings)
    monkeypatch.setenv("PATROL_CAMERA_KEY", "too short")
    with pytest.raises(StartError, match="PATROL_CAMERA_KEY") as caught:
        open_sealer(load_settings(data_dir=tmp_path), db)
    assert "too short" not in str(caught.value)
    db.close()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PATROL_CAMERA_PORTS", "554,99999"),
        ("PATROL_CAMERA_PORTS", "rtsp"),
        ("PATROL_CAMERA_NETWORKS", "10.0.0.1/8"),
        ("PATROL_CAMERA_NETWORKS", "the cellar"),
    ],
)
def test_settings_that_make_no_sense_are_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        load_settings()


def test_files_are_played_from_the_allowed_folder_alone(tmp_path: Path) -> None:
    films, other = tmp_path / "films", tmp_path / "other"
    films.mkdir()
    other.mkdir()
    film(films / "gate 1.mp4", 1.0)
    (other / "secret.mp4").write_bytes(b"x")
    (films / "link.mp4").symlink_to(other / "secret.mp4")
    settings = Settings(data_dir=tmp_path, camera_files=films)
    assert allowed_url(settings, f"file://{films}/gate%201.mp4") == str(films / "gate 1.mp4")
    assert allowed_url(settings, "rtsp://10.0.0.9/1") == "rtsp://10.0.0.9/1"
    for refused in (
        f"file://{other}/secret.mp4",
        f"file://{films}/../other/secret.mp4",
        f"file://{films}/%2e%2e/other/secret.mp4",
        f"file://{films}/link.mp4",
        f"FILE://{other}/secret.mp4",
        str(films / "gate 1.mp4"),
        "concat:a|b",
    ):
        with pytest.raises(SourceError) as caught:
            allowed_url(settings, refused)
        assert caught.value.state is CameraState.NOT_ALLOWED
    with pytest.raises(SourceError, match="PATROL_CAMERA_FILES"):
        allowed_url(Settings(data_dir=tmp_path), f"file://{films}/gate%201.mp4")


def test_cameras_are_opened_as_their_rows_say(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'patrol.db'}")
    db.migrate()
    sealer = Sealer(Sealer.new_key())
    picture = jpeg(np.full((48, 64, 3), 90, np.uint8))
    with web_server(lambda handler: answer(handler, picture)) as where:
        for name, mode in (("always", "watch"), ("in turn", "round")):
            fields: CameraFields = {"name": name, "url": f"http://{where}/snap.jpg"}
            fields["mode"] = mode  # type: ignore[typeddict-item]
            add_camera(db, sealer, fields, actor=ADMIN)
        always, in_turn = cameras_to_run(db, sealer)
        opener = camera_opener(Settings(data_dir=tmp_path, camera_networks=("127.0.0.0/8",)))
        watched, visited = opener(always), opener(in_turn)
        assert isinstance(visited, VisitSource)
        assert not isinstance(watched, VisitSource)
        for source in (watched, visited):
            frame = wait_for(source, CameraState.LIVE).frame
            assert frame is not None
            assert frame.source in ("c1", "c2")
            source.close()
        refused = camera_opener(Settings(data_dir=tmp_path))(always)
        assert wait_for(refused, CameraState.NOT_ALLOWED).frame is None
        refused.close()
    (lost, _) = cameras_to_run(db, Sealer(Sealer.new_key()))
    with pytest.raises(SourceError, match="another camera key"):
        opener(lost)
    db.close()


PERSON = Detection("person", 0.9, (100.0, 40.0, 140.0, 180.0))
UNSURE = Detection("litter", 0.1, (10.0, 10.0, 20.0, 20.0))


def jpeg(image: Image) -> bytes:
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 95])
    assert done
    return data.tobytes()


def looker(tmp_path: Path, *networks: str, limit_s: float = 10.0) -> TestLook:
    settings = Settings(data_dir=tmp_path, camera_networks=networks)
    return make_test_look(settings, lambda _: (PERSON, UNSURE), limit_s=limit_s)


def test_a_test_look_shows_the_picture_with_heads_hidden(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (200, 320, 3), dtype=np.uint8)
    with web_server(lambda handler: answer(handler, jpeg(noise))) as where:
        tried = looker(tmp_path, "127.0.0.0/8")(f"http://u:pw@{where}/snap.jpg", "tcp")
    assert (tried.state, tried.width, tried.height) == (CameraState.LIVE, 320, 200)
    assert [one.label for one in tried.sightings] == ["person"], "what is unsure is not shown"
    assert tried.sightings[0].box == (0.3125, 0.2, 0.4375, 0.9)
    assert tried.picture is not None
    shown = cv2.imdecode(np.frombuffer(tried.picture, np.uint8), cv2.IMREAD_GRAYSCALE)
    assert shown is not None
    area = hidden_area(PERSON)
    assert area is not None
    left, top, right, bottom = (round(value) for value in area)
    hidden, rest = shown[top:bottom, left:right], shown[100:200, 200:320]
    assert hidden.std() < rest.std() / 2


@pytest.mark.parametrize(
    ("url", "state"),
    [
        ("rtsp://u:geheim77@127.0.0.1:{port}/live", CameraState.BAD_DATA),
        ("http://u:geheim77@127.0.0.1:{port}/snap.jpg?token=geheim77", CameraState.BAD_DATA),
        ("rtsp://u:geheim77@127.0.0.1:1/live", CameraState.REFUSED),
        ("rtsp://u:geheim77@no-such-host.invalid/live", CameraState.UNREACHABLE),
        ("rtsp://u:geheim77@192.168.7.7/live", CameraState.NOT_ALLOWED),
        ("file:///etc/geheim77", CameraState.NOT_ALLOWED),
    ],
)
def test_what_does_not_work_is_named_without_secrets(
    tmp_path: Path, url: str, state: CameraState
) -> None:
    with talker(lambda _: b"neither the one nor the other\r\n\r\n") as (port, _):
        tried = looker(tmp_path, "127.0.0.0/8")(url.format(port=port), "tcp")
    assert tried.state is state
    assert tried.picture is None
    assert "geheim77" not in tried.detail


@contextmanager
def silent_server() -> Iterator[int]:
    """A server that takes every connection and never says a word; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.mark.parametrize("scheme", ["rtsp", "http"])
def test_a_camera_that_never_answers_ends_the_test_all_the_same(
    tmp_path: Path, scheme: str
) -> None:
    with silent_server() as port:
        tried = looker(tmp_path, "127.0.0.0/8", limit_s=1.0)(
            f"{scheme}://127.0.0.1:{port}/x", "tcp"
        )
    assert tried.picture is None
    assert not tried.state.delivers


def test_a_defect_on_the_way_is_a_state_and_no_crash(tmp_path: Path) -> None:
    def endless(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response_only(302)
        handler.send_header("Location", "http://169.254.169.254/latest?token=geheim77")
        handler.end_headers()

    with web_server(endless) as where:
        tried = looker(tmp_path, "127.0.0.0/8")(f"http://{where}/snap.jpg", "tcp")
    assert tried.state in (CameraState.REDIRECTED, CameraState.NOT_ALLOWED)
    assert "geheim77" not in tried.detail


def test_the_service_stops_at_once_while_somebody_follows_the_live_list(tmp_path: Path) -> None:
    require_model()
    with up(tmp_path) as running, running.admin() as client:
        login = {"username": "admin", "password": PASSWORD}
        assert client.post("session", json=login).status_code == 200
        with client.stream("GET", "live", timeout=60) as live:
            lines = live.iter_lines()
            while not next(lines).startswith("id: "):
                pass
            running.stop()
            assert [line for line in lines if line.startswith("data: ")] == []  # ended in order
        said = "".join(running.errors)
    assert "timeout graceful shutdown exceeded" not in said
    assert "Traceback" not in said
