"""Processes that keep looks and are killed: run as `python -m tests.cases.patrol_children ...`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from cases.database import Database
from cases.patrolling import IncidentNow, keep_looks
from cases.steps import Steps, no_step
from cases.store import FolderStore
from cases.suspecting import SuspectFound, keep_suspects
from tests.cases.children import _in_child, _Killer, _was_killed
from tests.cases.patrols import PLACE, add_camera, at, incident, look, proof


def keep_one(
    db: Database,
    store: FolderStore,
    camera_id: int,
    *,
    seed: int,
    label: str = "litter",
    steps: Steps = no_step,
) -> None:
    """A look in which an incident of this camera was opened."""
    one = incident(camera_id, label=label)
    now = IncidentNow(one, proof(store, one, seed, steps))
    keep_looks(db, [look(camera_id, 4), look(camera_id, 5, now)], clock=lambda: at(5), steps=steps)


def search(db: Database, store: FolderStore, camera_id: int, steps: Steps = no_step) -> bool:
    """Write the suspects of the camera's spill."""
    picture = store.put(b"a truck", "image/jpeg")
    found = [SuspectFound(camera_id, at(0), "truck", 0.8, PLACE, picture)]
    one = incident(camera_id, label="spill")
    return keep_suspects(db, one.id, found, at(6), steps)


def _crash_keeping(url: str, root: Path, report: Path) -> list[str]:
    """Kill the keeping of camera n's looks at boundary n, until there is no such boundary."""
    names: list[str] = []
    db = _warm(url, root)

    def keep_and_die(n: int) -> None:
        killer = _Killer(n, report)
        camera_id = add_camera(db, f"camera {n}")
        keep_one(db, FolderStore(root, steps=killer), camera_id, seed=n, steps=killer)

    while _was_killed(_in_child(lambda: keep_and_die(len(names)))):
        names.append(report.read_text())
    return names


def _crash_suspects(url: str, root: Path, report: Path) -> list[str]:
    """The same with the suspects of a spill."""
    names: list[str] = []
    db = _warm(url, root)

    def search_and_die(n: int) -> None:
        camera_id = add_camera(db, f"camera {n}")
        keep_one(db, FolderStore(root), camera_id, seed=n, label="spill")
        search(db, FolderStore(root), camera_id, _Killer(n, report))

    while _was_killed(_in_child(lambda: search_and_die(len(names)))):
        names.append(report.read_text())
    return names


def _warm(url: str, root: Path) -> Database:
    """A database that has been used and has no open connection for a child to inherit."""
    db = Database(url)
    camera_id = add_camera(db, "warm")
    keep_one(db, FolderStore(root), camera_id, seed=90_000, label="spill")
    search(db, FolderStore(root), camera_id)
    db.close()
    return db


COMMANDS = {"crash-keeping": _crash_keeping, "crash-suspects": _crash_suspects}

if __name__ == "__main__":
    command, database_url, evidence_root, report_file = sys.argv[1:]
    answers = COMMANDS[command](database_url, Path(evidence_root), Path(report_file))
    sys.stdout.write(json.dumps(answers))
