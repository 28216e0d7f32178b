"""Killed anywhere, nothing is lost and nothing doubled: real processes, SIGKILL, both databases."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import select

from cases.database import Database
from cases.query import get_leads
from cases.states import State
from cases.store import FolderStore
from cases.tables import LeadRow, PhotoRow
from tests.cases.checks import check_everything
from tests.cases.children import BASE, place
from tests.cases.scenes import LITTER, LON, STALL, file_scene, make_photo
from tests.conftest import REPO


def run_children(command: str, url: str, store: FolderStore, folder: Path) -> list[str]:
    """Run the children's program to its end; its answers."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.cases.children"),
            *(command, url, str(store.root), str(folder / "report")),
        ],
        cwd=REPO,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=300,
    )
    answers: list[str] = json.loads(done.stdout)
    return answers


def test_filing_killed_at_every_step_and_repeated(
    url: str, db: Database, store: FolderStore, tmp_path: Path
) -> None:
    steps = run_children("crash-filing", url, store, tmp_path)
    assert len(set(steps)) >= 14, "the boundaries have gone missing"
    assert steps[-1] == "committed"
    with db.session() as session:
        there = set(session.scalars(select(PhotoRow.sha256)))
    for n, step in enumerate(steps):
        # Killed before the commit: no trace in the database. Killed after: all of it.
        was_there = make_photo(n)[0].sha256 in there
        assert was_there == (step == "committed"), step
    check_everything(db, store)

    for n, step in enumerate(steps):
        again = file_scene(db, store, n, LITTER, STALL, lat=place(n), lon=LON)
        assert again.duplicate == (step == "committed"), step
        once_more = file_scene(db, store, n, LITTER, STALL, lat=place(n), lon=LON)
        assert once_more.duplicate
        assert once_more.lead_ids == again.lead_ids
        before = file_scene(db, store, BASE + n, LITTER, lat=place(n), lon=LON)
        litter, stall = again.lead_ids
        assert before.lead_ids == (litter,), "the litter seen twice is one lead"
        assert litter != stall
        assert [lead.sightings for lead in get_leads(db, [litter, stall])] == [2, 1]
    check_everything(db, store)
    with db.session() as session:
        leads = session.scalars(select(LeadRow)).all()
    # The last photo was filed without a kill, and one lead by the warming up.
    assert len(leads) == 2 * (len(steps) + 1) + 1


def test_decisions_killed_at_every_statement(
    url: str, db: Database, store: FolderStore, tmp_path: Path
) -> None:
    points = run_children("crash-statements", url, store, tmp_path)
    assert {point.split(":")[0] for point in points} == {"confirm", "undo", "claim"}
    assert sum(point.endswith("done") for point in points) == 3
    check_everything(db, store)
    expected = {
        "confirm": (State.REVIEW, State.FILED),
        "undo": (State.FILED, State.REVIEW),
        "claim": (State.FILED, State.FILED),
    }
    with db.session() as session:
        _warm, *states = session.scalars(select(LeadRow.state).order_by(LeadRow.id)).all()
    for point, state in zip(points, states, strict=True):
        stage, _, name = point.partition(": ")
        before, after = expected[stage]
        assert state == (after if name == "done" else before), point


def test_processes_that_file_the_same_photo_make_it_once(
    url: str, db: Database, store: FolderStore, tmp_path: Path
) -> None:
    answers = [json.loads(answer) for answer in run_children("race-filing", url, store, tmp_path)]
    assert sorted(duplicate for duplicate, _, _ in answers) == [False] + [True] * 7
    assert len({(photo, tuple(leads)) for _, photo, leads in answers}) == 1
    check_everything(db, store)


def test_a_temporary_file_left_by_a_crash_is_swept_after_a_day(store: FolderStore) -> None:

    kept = store.put(b"kept", "image/jpeg")
    for name, age_s in ((".part-old", 25 * 3600), (".part-new", 60)):
        path = store.root / kept.key[:2] / name
        path.write_bytes(b"half")
        then = time.time() - age_s
        os.utime(path, (then, then))
    assert store.sweep() == 1
    assert (store.root / kept.key[:2] / ".part-new").exists()
    assert store.read(kept.key) == b"kept"
