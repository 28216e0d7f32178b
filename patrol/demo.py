"""The demo: pictures filed through the real model, and a rendered camera, to look at first."""

from __future__ import annotations

import json
import threading
from concurrent.futures import CancelledError
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import structlog

import datasets
from api.intake import Circumstances, Refused, Workers, take_photo
from api.services import Services
from cases.actors import SYSTEM
from patrol.app import Background
from patrol.demo_camera import demo_folder, show_demo_camera
from patrol.settings import Settings

log = structlog.get_logger("patrol.demo")

DEMO_DIR: Final = Path(datasets.__file__).resolve().parent / "demo"


class DemoError(Exception):
    """The demo's manifest is missing or wrong; the message names file and field."""


@dataclass(frozen=True, slots=True)
class DemoPicture:
    """One picture with the place and time it pretends to be from (aware; WGS-84 degrees)."""

    path: Path
    captured_at: datetime
    lat: float
    lon: float
    place: str


def with_demo(settings: Settings) -> tuple[Settings, Background]:
    """Settings under which the demo camera may play, and what shows the demo."""
    if settings.camera_files is None:
        settings = settings.model_copy(update={"camera_files": demo_folder(settings)})

    def show(services: Services, workers: Workers, stop: threading.Event) -> None:
        file_demo(services, workers, stop)
        if not stop.is_set():
            show_demo_camera(services, settings, stop)

    return settings, show


def load_demo(folder: Path = DEMO_DIR) -> list[DemoPicture]:
    """The pictures that ``manifest.json`` of ``folder`` lists; raises DemoError."""
    manifest = folder / "manifest.json"
    try:
        content = json.loads(manifest.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DemoError(f"{manifest}: expected the list of demo pictures, there is none") from None
    except ValueError as error:
        raise DemoError(f"{manifest}: expected JSON: {error}") from error
    rows = content.get("pictures") if isinstance(content, dict) else content
    if not isinstance(rows, list):
        raise DemoError(f"{manifest}: expected a list of pictures")
    return [_picture(folder, manifest, index, row) for index, row in enumerate(rows)]


def _picture(folder: Path, manifest: Path, index: int, row: Any) -> DemoPicture:
    try:
        captured_at = datetime.fromisoformat(row["captured_at"])
        picture = DemoPicture(
            folder / row["file"], captured_at, float(row["lat"]), float(row["lon"]), row["place"]
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DemoError(f"{manifest}: picture {index}: {error!r}") from error
    if captured_at.utcoffset() is None:
        raise DemoError(f"{manifest}: picture {index}: captured_at needs a time zone")
    if not picture.path.is_file():
        raise DemoError(f"{manifest}: picture {index}: {picture.path} does not exist")
    return picture


def file_demo(
    services: Services, workers: Workers, stop: threading.Event, folder: Path = DEMO_DIR
) -> None:
    """File every demo picture that is not filed yet; ends early once ``stop`` is set.

    One after the other through the service's own photo threads, so that uploads get their turn.
    Filing a picture twice makes nothing new, so an interrupted start goes on at the next one.
    """
    try:
        pictures = load_demo(folder)
    except DemoError as error:
        log.error("no demo pictures", reason=str(error))
        return
    new, leads = 0, 0
    for number, picture in enumerate(pictures, start=1):
        work = partial(take_photo, services, picture.path.read_bytes(), _about(picture))
        future = None if stop.is_set() else workers.submit(work)
        if future is None:
            log.info("demo interrupted", done=number - 1, of=len(pictures))
            return
        try:
            result = future.result()
        except CancelledError:
            log.info("demo interrupted", done=number - 1, of=len(pictures))
            return
        except Exception:
            # the service goes on without its demo
            log.exception("demo picture failed", file=picture.path.name)
            return
        if isinstance(result, Refused):
            log.error("demo picture refused", file=picture.path.name, reason=result.message)
        elif not result.duplicate:
            new += 1
            leads += len(result.lead_ids)
            log.info(
                "demo picture filed",
                file=picture.path.name,
                number=number,
                of=len(pictures),
                leads=len(result.lead_ids),
            )
    log.info("demo ready", pictures=len(pictures), new=new, leads=leads)


def _about(picture: DemoPicture) -> Circumstances:
    return Circumstances(
        filename=picture.path.name,
        channel="demo",
        actor=SYSTEM,
        captured_at=picture.captured_at,
        lat=picture.lat,
        lon=picture.lon,
        place_text=picture.place,
    )
