"""The demo: filed once, with the place and time of its list, and stopped when the service stops."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.intake import Workers
from api.services import Eyes, Services
from cases import query
from cases.actors import Actor, Role
from cases.database import Database
from cases.policy import CasePolicy, FilingPolicy
from cases.sealing import Sealer
from cases.store import FolderStore
from detector.types import Look, Photo
from patrol.demo import DEMO_DIR, DemoError, file_demo, load_demo
from tests.api.conftest import MODEL, known_look, picture
from tests.conftest import require

VIEWER = Actor(name="viewer", role=Role.VIEWER)


def row(index: int, **other: Any) -> dict[str, Any]:
    return {
        "file": f"{index}.jpg",
        "captured_at": "2026-07-01T08:30:00+08:00",
        "lat": 30.0 + index / 10,
        "lon": 120.0,
        "place": f"{index} Market Street",
        "labels": f"{index}.txt",
        **other,
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three demo pictures with their list."""
    place = tmp_path / "demo"
    place.mkdir()
    for index in range(3):
        (place / f"{index}.jpg").write_bytes(picture(seed=index))
    (place / "manifest.json").write_text(json.dumps([row(index) for index in range(3)]))
    return place


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    db = Database(f"sqlite:///{tmp_path / 'patrol.db'}")
    db.migrate()
    yield _services(db, tmp_path)
    db.close()


def _services(db: Database, folder: Path, stop: threading.Event | None = None) -> Services:
    def inspect(photo: Photo) -> Look:
        if stop is not None:
            stop.set()
        return known_look(photo)

    eyes = Eyes(MODEL, inspect, FilingPolicy({"litter": 0.5}))
    sealer = Sealer(Sealer.new_key())
    return Services(db, FolderStore(folder / "evidence"), lambda: eyes, CasePolicy(), sealer)


def leads(services: Services) -> list[str | None]:
    page = query.list_leads(services.db, actor=VIEWER)
    return sorted(str(lead.place.text) for lead in page.items)


def test_every_picture_is_filed_once_with_its_place(services: Services, folder: Path) -> None:
    for _ in range(2):
        with Workers(1) as workers:
            file_demo(services, workers, threading.Event(), folder)
    assert leads(services) == ["0 Market Street", "1 Market Street", "2 Market Street"]
    lead = query.list_leads(services.db, actor=VIEWER).items[0]
    assert lead.photo.channel == "demo"
    assert lead.photo.captured_at is not None
    assert lead.photo.captured_at.isoformat() == "2026-07-01T00:30:00+00:00"
    assert lead.place.lat in (30.0, 30.1, 30.2)


def test_it_ends_when_the_service_stops_and_goes_on_at_the_next_start(
    services: Services, folder: Path, tmp_path: Path
) -> None:
    stop = threading.Event()
    with Workers(1) as workers:
        file_demo(_services(services.db, tmp_path, stop), workers, stop, folder)
    assert len(leads(services)) == 1
    with Workers(1) as closed:
        pass
    file_demo(services, closed, threading.Event(), folder)
    assert len(leads(services)) == 1
    with Workers(1) as workers:
        file_demo(services, workers, threading.Event(), folder)
    assert len(leads(services)) == 3


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("{", "JSON"),
        ('{"pictures": 3}', "list"),
        (json.dumps([row(0), row(1, captured_at="2026-07-01T08:30:00")]), "picture 1"),
        (json.dumps([row(0, file="none.jpg")]), "none.jpg"),
        (json.dumps([{"file": "0.jpg"}]), "captured_at"),
    ],
)
def test_a_wrong_list_is_told(folder: Path, content: str, named: str) -> None:
    (folder / "manifest.json").write_text(content)
    with pytest.raises(DemoError, match=named):
        load_demo(folder)


def test_a_missing_list_leaves_the_service_alone(services: Services, tmp_path: Path) -> None:
    with Workers(1) as workers:
        file_demo(services, workers, threading.Event(), tmp_path / "nowhere")
    assert leads(services) == []


def test_the_demo_that_is_delivered_is_complete() -> None:
    require("demo", (DEMO_DIR / "manifest.json").is_file(), "datasets/demo has no pictures")
    pictures = load_demo()
    assert len(pictures) >= 20
    assert len({picture.path for picture in pictures}) == len(pictures)
    assert all(picture.place for picture in pictures)
