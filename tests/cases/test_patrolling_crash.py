"""Looks and incidents killed at every boundary: nothing lost, nothing doubled, both databases."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from sqlalchemy import func, select

from cases import chain
from cases.camera_tables import CameraBookRow, CameraRow, IncidentRow, ObservationRow, SuspectRow
from cases.database import Database
from cases.store import FolderStore
from cases.tables import HistoryRow, LeadRow, OutboxRow, SightingRow
from tests.cases.patrol_children import keep_one, search
from tests.conftest import REPO


def run_children(command: str, url: str, store: FolderStore, folder: Path) -> list[str]:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.cases.patrol_children"),
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


def per_camera(db: Database, table: type) -> dict[int, int]:
    with db.session() as session:
        rows = session.execute(
            select(table.camera_id, func.count()).group_by(table.camera_id)  # type: ignore[attr-defined]
        )
        return {camera_id: count for camera_id, count in rows.all()}  # noqa: C416


def cameras(db: Database) -> list[int]:
    with db.session() as session:
        ids = session.scalars(
            select(CameraRow.id).where(CameraRow.name != "warm").order_by(CameraRow.id)
        ).all()
        return list(ids)


def test_looks_killed_at_every_step_and_kept_again(
    url: str, db: Database, store: FolderStore, tmp_path: Path
) -> None:
    steps = run_children("crash-keeping", url, store, tmp_path)
    assert len(set(steps)) >= 14, "the boundaries have gone missing"
    assert steps[-1] == "committed"
    ids = cameras(db)
    # Killed before the commit: no trace of the look. Killed after: all of it.
    for table, of_one in ((ObservationRow, 2), (IncidentRow, 1), (CameraBookRow, 1)):
        found = per_camera(db, table)
        for camera_id, step in zip(ids, steps, strict=False):
            assert found.get(camera_id, 0) == (of_one if step == "committed" else 0), step
    for n, camera_id in enumerate(ids):
        for _ in range(2):
            keep_one(db, store, camera_id, seed=n)
    with db.session() as session:
        incidents = session.scalars(select(IncidentRow)).all()
        assert len(incidents) == len(ids) + 1
        assert len({one.lead_id for one in incidents}) == len(incidents)
        for table in (LeadRow, SightingRow):
            assert session.scalar(select(func.count()).select_from(table)) == len(incidents)
        lines = session.scalar(
            select(func.count()).where(HistoryRow.action.in_(("lead.found", "lead.offered")))
        )
        assert lines == 2 * len(incidents)
        messages = session.scalar(
            select(func.count()).where(OutboxRow.topic.in_(("lead.found", "lead.offered")))
        )
        assert messages == lines
    assert chain.verify(db, store).problems == ()


def test_suspects_killed_at_every_step_and_searched_again(
    url: str, db: Database, store: FolderStore, tmp_path: Path
) -> None:
    steps = run_children("crash-suspects", url, store, tmp_path)
    assert steps == ["before commit", "committed"]
    ids = cameras(db)
    found = per_camera(db, SuspectRow)
    for camera_id, step in zip(ids, steps, strict=False):
        assert found.get(camera_id, 0) == (1 if step == "committed" else 0)
    for camera_id in ids:
        assert search(db, store, camera_id) == (found.get(camera_id, 0) == 0)
    assert set(per_camera(db, SuspectRow).values()) == {1}
