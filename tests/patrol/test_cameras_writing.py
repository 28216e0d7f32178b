"""When writing fails, when a service ends, and when two would run: nothing lost, nothing twice."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from cases.errors import StoreError
from cases.query import get_leads
from cases.tables import LeadRow
from cases.times import utc_now
from patrol.cameras import CameraRunner
from patrol.cameras.ring import passed_between, sweep_rings
from tests.patrol.running import (
    QUICKLY,
    House,
    brain,
    connect,
    streets,
    until,
)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


STALL = ("stall", 300, 240, 50)


def test_evidence_that_cannot_be_written_for_a_while_is_filed_later(house: House) -> None:
    real = house.store

    class Moody:
        full = True

        def put(self, data: bytes, media_type: str):  # type: ignore[no-untyped-def]
            if self.full:
                raise StoreError("the disk is full")
            return real.put(data, media_type)

        def read(self, key: str) -> bytes:
            return real.read(key)

    moody = Moody()
    with streets(1) as (street,):
        house.store = moody  # type: ignore[assignment]
        camera = house.add(street.url)
        with house.running() as runner:
            until(lambda: house.looks(camera) >= 2)
            street.show(STALL)
            until(lambda: runner.trouble != "")
            assert house.incidents() == []
            moody.full = False
            until(house.incidents)
        house.store = real
    assert house.incidents()[0].lead_id is not None
    with house.db.session() as session:
        assert session.scalar(select(func.count()).select_from(LeadRow)) == 1


def test_a_second_runner_waits_until_the_first_has_ended(house: House) -> None:
    def runner() -> CameraRunner:
        return CameraRunner(
            house.db,
            house.store,
            house.folder,
            rows=house.rows(),
            brain=brain,
            open_camera=connect,
            config=QUICKLY,
        )

    with streets(1) as (street,):
        camera = house.add(street.url)
        runners, stops, threads = [runner(), runner()], [], []
        for one in runners:
            stop = threading.Event()
            thread = threading.Thread(target=one.run, args=(stop,), daemon=True)
            thread.start()
            stops.append(stop)
            threads.append(thread)
            until(lambda: any(other.running for other in runners))
        until(lambda: house.looks(camera) >= 3)
        first = 0 if runners[0].running else 1
        assert not runners[1 - first].running
        stops[first].set()
        until(lambda: runners[1 - first].running == (camera,))
        stops[1 - first].set()
        for thread in threads:
            thread.join(20)
            assert not thread.is_alive()


def test_pictures_of_passers_by_go_after_their_time_also_while_a_camera_rests(
    house: House,
) -> None:
    rings = house.folder / "kits" / "passed"
    with streets(1) as (street,):
        street.show(("truck", 80, 150, 90))
        camera = house.add(street.url)
        with house.running():
            until(lambda: list(rings.glob("*/*.record")))
        assert sweep_rings(rings, utc_now() - timedelta(minutes=5)) == 0
        kept = list(passed_between(rings / f"c{camera}", utc_now() - timedelta(1), utc_now()))
        assert kept
        assert any(one.detections for one in kept)
        assert sweep_rings(rings, utc_now() + timedelta(minutes=1)) == len(kept)
        assert not list(rings.glob("*/*.record"))


def test_what_could_not_be_written_at_the_end_is_taken_up_by_the_next_start(house: House) -> None:
    real = house.store

    class Full:
        def put(self, data: bytes, media_type: str):  # type: ignore[no-untyped-def]
            raise StoreError("the disk is full")

        def read(self, key: str) -> bytes:
            return real.read(key)

    with streets(1) as (street,):
        house.store = Full()  # type: ignore[assignment]
        camera = house.add(street.url)
        with house.running() as runner:
            until(lambda: house.looks(camera) >= 2)
            street.show(STALL)
            until(lambda: runner.trouble != "")
        assert not runner.drained()
        assert house.incidents() == []
        house.store = real
        with house.running():
            until(house.incidents)
    (one,) = house.incidents()
    assert one.lead_id is not None
    (lead,) = get_leads(house.db, [one.lead_id])
    assert lead.evidence.before is not None
