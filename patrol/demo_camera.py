"""A camera for the demo without any network: the rendered clip of a street, played in a loop."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Final

import structlog

from api.services import Services
from cases.actors import SYSTEM
from cases.cameras import add_camera, camera_name_known
from detector.permits import Permit, Span, Weekly
from detector.persistence import Persistence
from detector.zones import Rules, Zone, rules_to
from patrol.settings import Settings

log = structlog.get_logger("patrol.demo")

NAME: Final = "演示摄像机 (rendered demo camera)"
PLACE: Final = "渲染的演示街道,不是真实地点 (rendered street, no real place)"
FOLDER: Final = "demo-camera"
_REPOSITORY: Final = Path(__file__).resolve().parent.parent
_TRUTH: Final = "truth.json"
_FRAMES: Final = "frames"
_POLL_S: Final = 0.5
_SOON: Final = {
    "stall": Persistence(40.0, hits=3, of=5, clear_looks=4, clear_s=30.0),
    "stacked_goods": Persistence(90.0, hits=3, of=5, clear_looks=4, clear_s=30.0),
    "litter": Persistence(40.0),
}
"""A demo should not take a quarter of an hour: shorter dwell than a street deserves."""
_EASILY: Final = {"stall": 0.25, "stacked_goods": 0.35, "litter": 0.3, "spill": 0.3}
"""And what is rendered is seen less surely than what is real."""


class DemoCameraError(Exception):
    """The demo camera cannot be shown; the message says why."""


def demo_folder(settings: Settings) -> Path:
    """Where the clip's pictures lie."""
    return settings.data_dir.absolute() / FOLDER


def show_demo_camera(services: Services, settings: Settings, stop: threading.Event) -> None:
    """Compose the clip once, at low priority, then add its camera once; ends early on ``stop``.

    A demo camera that a person removed does not come back.
    """
    if camera_name_known(services.db, NAME):
        return
    folder = demo_folder(settings)
    try:
        if not (folder / _TRUTH).is_file() and not _compose(folder, stop):
            return
        add_camera(
            services.db,
            services.sealer,
            {
                "name": NAME,
                "url": (folder / _FRAMES).as_uri(),
                "every_s": 2.0,
                "place_text": PLACE,
                "rules": rules_to(_rules(folder, settings)),
            },
            actor=SYSTEM,
        )
    except Exception as error:  # noqa: BLE001  (the service goes on without its demo)
        log.error("no demo camera", reason=f"{type(error).__name__}: {error}")
        return
    log.info("demo camera added", name=NAME)


def _compose(folder: Path, stop: threading.Event) -> bool:
    """Compose the clip in a process of its own, so that the service stays quick; False if stopped.

    The folder appears as a whole or not at all.
    """
    beside = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(beside, ignore_errors=True)
    command = [sys.executable, "-m", "patrol", "datasets", "clip", str(beside)]
    gently = shutil.which("nice")
    if gently:
        command = [gently, "-n", "15", *command]
    log.info("demo camera: composing its pictures, this takes a minute or two")
    with subprocess.Popen(
        command, cwd=_REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        while process.poll() is None:
            if stop.wait(_POLL_S):
                process.terminate()
                return False
        said = process.stderr.read() if process.stderr else ""
    if process.returncode != 0:
        raise DemoCameraError(said.strip()[-500:] or f"exit code {process.returncode}")
    shutil.rmtree(folder, ignore_errors=True)
    beside.rename(folder)
    return True


def _rules(folder: Path, settings: Settings) -> Rules:
    """The whole view, and a permit where the clip's truth has a permitted stall."""
    truth = json.loads((folder / _TRUTH).read_text(encoding="utf-8"))
    width, height = truth["width"], truth["height"]
    always = (Weekly(frozenset(range(7)), (Span.of(0, 0),)),)
    permits = tuple(
        Permit(
            id=f"permit-{number}",
            polygon=_around(event["box"], width, height),
            labels=frozenset({event["label"]}),
            weekly=always,
            name="演示许可 (demo permit)",
        )
        for number, event in enumerate(truth["events"])
        if event["why"] == "permit"
    )
    zone = Zone(
        "street",
        min_confidence=_EASILY,
        persistence=_SOON,
        name="街道, 演示用阈值 (street, thresholds for the demo)",
    )
    return Rules(zones=(zone,), permits=permits, timezone=settings.zone)


def _around(box: list[float], width: int, height: int) -> Any:
    """A rectangle a little larger than a box in pixels, in shares of the view."""
    more_x, more_y = 0.15 * (box[2] - box[0]), 0.15 * (box[3] - box[1])
    left, right = max(0.0, (box[0] - more_x) / width), min(1.0, (box[2] + more_x) / width)
    top, bottom = max(0.0, (box[1] - more_y) / height), min(1.0, (box[3] + more_y) / height)
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    return tuple((round(x, 4), round(y, 4)) for x, y in corners)
