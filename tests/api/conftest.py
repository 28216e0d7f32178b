"""A running server on real storage for every test, with a detector whose findings are known."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
import uvicorn
from PIL import Image

from api import Eyes, ModelInfo, Options, Services, create_app
from api.routers.live import LiveLists
from api.services import TestLook, no_test_look
from api.uploads import UploadLimits
from cases import accounts
from cases.actors import Role
from cases.database import Database
from cases.policy import CasePolicy, FilingPolicy
from cases.sealing import Sealer
from cases.store import FolderStore
from detector.photo import PhotoLimits
from detector.types import Detection, Look, Photo
from tests.cases.servers import private_server, server_programs
from tests.conftest import require

MODEL = ModelInfo("known-colours", "1", "ab" * 32)
PASSWORD = "correct horse battery"
THRESHOLD = 0.5

RED, GREEN, BLUE = (200, 30, 30), (30, 200, 30), (30, 30, 200)


def known_look(photo: Photo) -> Look:
    """Red pictures show litter and a person, blue ones a stall, green ones nothing."""
    blue, green, red = photo.image.reshape(-1, 3).mean(axis=0)
    seen: tuple[Detection, ...] = ()
    if red > max(green, blue):
        seen = (
            Detection("litter", 0.9, (40.0, 60.0, 120.0, 110.0)),
            Detection("person", 0.8, (10.0, 10.0, 40.0, 110.0)),
        )
    elif blue > max(green, red):
        seen = (Detection("stall", 0.7, (20.0, 20.0, 150.0, 110.0)),)
    return Look(
        source="photo",
        captured_at=photo.captured_at,
        width=photo.width,
        height=photo.height,
        detections=seen,
        model=MODEL.name,
        model_sha256=MODEL.sha256,
    )


def picture(
    colour: tuple[int, int, int] = RED, *, seed: int = 0, form: str = "JPEG", size: Any = (160, 120)
) -> bytes:
    """A picture file; another ``seed`` is another file that looks the same."""
    image = Image.new("RGB", size, colour)
    # written into the corner, in shades too close to change what is found
    image.putpixel((0, 0), (seed % 256, seed // 256 % 256, 0))
    data = BytesIO()
    image.save(data, form, **({"quality": 95, "comment": str(seed)} if form == "JPEG" else {}))
    return data.getvalue()


@dataclass
class Running:
    """A server that answers at ``url``."""

    url: str
    services: Services
    live: LiveLists
    inspected: list[str] = field(default_factory=list)
    clients: list[httpx.Client] = field(default_factory=list)

    def client(self, secret: str | None = None, **headers: str) -> httpx.Client:
        """A client, with a token when ``secret`` is given."""
        if secret is not None:
            headers["Authorization"] = f"Bearer {secret}"
        client = httpx.Client(base_url=f"{self.url}/api/v1/", headers=headers, timeout=30)
        self.clients.append(client)
        return client

    def token(self, role: Role, unit_id: int | None = None) -> str:
        """A new token of this role."""
        issued = accounts.create_token(
            self.services.db, name=f"test-{role}-{time.monotonic_ns()}", role=role, unit_id=unit_id
        )
        return issued.secret

    def user(self, name: str, role: Role, unit_id: int | None = None, **more: bool) -> None:
        """A new user with ``PASSWORD``."""
        accounts.create_user(
            self.services.db, name=name, password=PASSWORD, role=role, unit_id=unit_id, **more
        )

    @contextmanager
    def log_in(self, name: str, password: str = PASSWORD) -> Iterator[httpx.Client]:
        """A client with a session that sends the CSRF token."""
        client = self.client()
        answer = client.post("session", json={"username": name, "password": password})
        assert answer.status_code == 200, answer.text
        client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        yield client


Start = Callable[..., Running]


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """No log lines among the results of the tests."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with its tables, made once."""
    path = tmp_path_factory.mktemp("empty") / "patrol.db"
    db = Database(f"sqlite:///{path}")
    db.migrate()
    db.close()
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of a PostgreSQL server on which databases may be made."""
    given = os.environ.get("PATROL_TEST_POSTGRES_URL")
    if given:
        yield given
        return
    programs = server_programs()
    require("postgres", programs is not None, "there is no PostgreSQL server")
    assert programs is not None
    with private_server(programs) as url:
        yield url


@pytest.fixture
def start(tmp_path: Path, empty_database: Path) -> Iterator[Start]:
    """Starts servers, on SQLite unless given another database; other arguments are ``Options``."""
    stops: list[Callable[[], None]] = []
    running: list[Running] = []

    def begin(
        database_url: str | None = None, *, test_look: TestLook = no_test_look, **options: Any
    ) -> Running:
        folder = tmp_path / f"data{len(stops)}"
        folder.mkdir()
        shutil.copy(empty_database, folder / "patrol.db")
        db = Database(database_url or f"sqlite:///{folder / 'patrol.db'}")
        seen: list[str] = []

        def inspect(photo: Photo) -> Look:
            seen.append(photo.sha256)
            return known_look(photo)

        policy = FilingPolicy(thresholds={"litter": THRESHOLD, "stall": THRESHOLD})
        eyes = Eyes(model=MODEL, inspect=inspect, policy=policy)
        given = {
            "uploads": UploadLimits(
                max_file_bytes=1024 * 1024, max_request_bytes=4 * 1024 * 1024, max_files=5
            ),
            "photo_limits": PhotoLimits(max_pixels=10_000_000),
            "views_dir": folder / "views",
        }
        services = Services(
            db=db,
            store=FolderStore(folder / "evidence"),
            eyes=lambda: eyes,
            case_policy=CasePolicy(),
            sealer=Sealer(Sealer.new_key()),
            test_look=test_look,
            options=Options(**(given | options)),
        )
        app = create_app(services)
        config = uvicorn.Config(app, port=0, log_config=None, access_log=False, ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()

        def stop() -> None:
            services.stopping.set()  # as `patrol up` does, so that open live lists end
            server.should_exit = True
            thread.join(30)
            db.close()

        stops.append(stop)
        deadline = time.monotonic() + 30
        while not server.started:
            assert thread.is_alive(), "the server ended while it started"
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        running.append(Running(f"http://127.0.0.1:{port}", services, app.state.live, seen))
        return running[-1]

    yield begin
    for client in (client for one in running for client in one.clients):
        client.close()
    for stop in stops:
        stop()


@pytest.fixture
def server(start: Start) -> Running:
    """One server with the limits of the tests."""
    return start()


@pytest.fixture
def reviewer(server: Running) -> Iterator[httpx.Client]:
    """A client with a reviewer's token."""
    with server.client(server.token(Role.REVIEWER)) as client:
        yield client


def upload(client: httpx.Client, *files: tuple[str, bytes], **fields: str) -> list[dict[str, Any]]:
    """Send photos; what became of each."""
    answer = client.post(
        "photos", files=[("files", (name, data)) for name, data in files], data=fields
    )
    assert answer.status_code == 200, answer.text
    photos: list[dict[str, Any]] = answer.json()["photos"]
    return photos


def assert_problem(answer: httpx.Response, status: int, field: str | None = None) -> dict[str, Any]:
    """The answer is a problem+json of this status that names ``field``."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert body["type"].startswith("urn:video-patrol:problem:")
    if field is not None:
        assert body["field"] == field
    return body
