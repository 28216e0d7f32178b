"""Running cameras killed with -9 at random moments: every event is one incident and one lead."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import func, select

from cases import chain
from cases.camera_tables import IncidentRow
from cases.query import get_leads
from cases.sealing import Sealer
from cases.tables import LeadRow, SightingRow
from tests.conftest import REPO
from tests.patrol.running import House, Street, streets, until

KILLS = int(os.environ.get("PATROL_TEST_KILLS", "3"))


@contextmanager
def killed_at_the_end(folder: Path, key: bytes) -> Iterator[None]:
    """A runner in a process that is killed with -9."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.patrol.runner_child", str(folder), key.decode()], cwd=REPO
    )
    try:
        yield
        assert process.poll() is None, "the runner ended by itself"
    finally:
        process.kill()
        process.wait()


def test_killed_at_any_moment_each_thing_is_one_incident_and_one_lead(tmp_path: Path) -> None:
    rng = random.Random(7)
    key = Sealer.new_key()
    house = House(tmp_path, sealer=Sealer(key))
    with streets(2) as made:
        cameras = [house.add(street.url) for street in made]

        def looked(more: int) -> None:
            before = [house.looks(camera) for camera in cameras]
            until(
                lambda: all(
                    house.looks(camera) >= n + more
                    for camera, n in zip(cameras, before, strict=True)
                )
            )

        with killed_at_the_end(tmp_path, key):
            looked(3)
            for n, street in enumerate(made):
                street.show(("stall", 300 - 60 * n, 240, 50))
        for _ in range(KILLS):
            with killed_at_the_end(tmp_path, key):
                asked = [street.asked for street in made]
                more = rng.randint(0, 3)
                until(lambda asked=asked, more=more: _asked(made, asked, more))  # type: ignore[misc]
                time.sleep(rng.uniform(0, 0.5))
        with killed_at_the_end(tmp_path, key):
            until(lambda: len(house.incidents()) == 2)
            looked(3)
            for street in made:
                street.show()
            until(lambda: all(one.stage == "ended" for one in house.incidents()))
    incidents = house.incidents()
    assert sorted(one.camera_id for one in incidents) == cameras
    assert all(one.lead_id is not None for one in incidents)
    assert len({one.lead_id for one in incidents}) == 2
    with house.db.session() as session:
        for table in (LeadRow, SightingRow, IncidentRow):
            assert session.scalar(select(func.count()).select_from(table)) == 2
    for lead in get_leads(house.db, [one.lead_id for one in incidents if one.lead_id]):
        assert lead.evidence.before is not None, "the kit was on disk"
    assert chain.verify(house.db, house.store).intact


def _asked(made: list[Street], before: list[int], more: int) -> bool:
    return all(street.asked > n + more for street, n in zip(made, before, strict=True))
