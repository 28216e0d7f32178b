"""One thing, one lead: the same class at the same place joins, anything else does not."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from sqlalchemy import select

from cases import dispatch, review
from cases.database import Database
from cases.places import distance_m, trustworthy
from cases.query import get_case, get_leads
from cases.store import FolderStore
from cases.tables import CaseRow, HistoryRow, OutboxRow
from detector.types import Detection
from tests.cases.checks import check_everything
from tests.cases.scenes import (
    ADMIN,
    DISPATCHER,
    LAT,
    LITTER,
    LON,
    POLICY,
    REVIEWER,
    STALL,
    file_scene,
)

NEAR = 0.0002  # degrees of latitude, about 22 m
FAR = 0.0004  # about 44 m


def test_the_same_thing_seen_again_joins_its_lead(db: Database, store: FolderStore) -> None:
    first = file_scene(db, store, 1, LITTER, lat=LAT, lon=LON)
    again = file_scene(db, store, 2, LITTER, lat=LAT + NEAR, lon=LON)
    assert again.lead_ids == first.lead_ids
    (lead,) = get_leads(db, first.lead_ids)
    assert lead.sightings == 2
    assert lead.photo.id == first.photo_id, "the first sighting stays the lead's face"
    with db.session() as session:
        line = session.scalars(
            select(HistoryRow).where(HistoryRow.action == "lead.seen_again")
        ).one()
        assert session.scalars(select(OutboxRow).where(OutboxRow.history_id == line.id)).one()
    assert line.lead_id == lead.id
    check_everything(db, store)


@pytest.mark.parametrize(
    ("detection", "lat", "lon"),
    [
        (LITTER, LAT + FAR, LON),
        (LITTER, LAT, LON + FAR),
        (STALL, LAT, LON),
        (LITTER, None, None),
        (LITTER, -LAT, LON),
    ],
)
def test_other_things_become_leads_of_their_own(
    db: Database,
    store: FolderStore,
    detection: Detection,
    lat: float | None,
    lon: float | None,
) -> None:
    first = file_scene(db, store, 1, LITTER, lat=LAT, lon=LON)
    other = file_scene(db, store, 2, detection, lat=lat, lon=lon)
    assert set(other.lead_ids).isdisjoint(first.lead_ids)


@pytest.mark.parametrize(("lat", "lon"), [(0.0, 0.0), (0.001, -0.001), (None, None)])
def test_without_a_trustworthy_position_nothing_joins(
    db: Database, store: FolderStore, lat: float | None, lon: float | None
) -> None:
    first = file_scene(db, store, 1, LITTER, lat=lat, lon=lon)
    other = file_scene(db, store, 2, LITTER, lat=lat, lon=lon)
    assert first.lead_ids != other.lead_ids


def test_joining_can_be_turned_off(db: Database, store: FolderStore) -> None:
    alone = replace(POLICY, join_radius_m=0)
    first = file_scene(db, store, 1, LITTER, lat=LAT, lon=LON, policy=alone)
    other = file_scene(db, store, 2, LITTER, lat=LAT, lon=LON, policy=alone)
    assert first.lead_ids != other.lead_ids


def test_two_heaps_in_one_photo_stay_two(db: Database, store: FolderStore) -> None:
    left, right = (
        Detection("litter", 0.8, (2, 2, 10, 10)),
        Detection("litter", 0.7, (90, 70, 99, 80)),
    )
    first = file_scene(db, store, 1, left, right, lat=LAT, lon=LON)
    assert len(set(first.lead_ids)) == 2
    again = file_scene(db, store, 2, left, right, lat=LAT, lon=LON)
    assert set(again.lead_ids) == set(first.lead_ids)


def test_of_several_the_nearest_is_joined(db: Database, store: FolderStore) -> None:
    file_scene(db, store, 1, LITTER, lat=LAT, lon=LON)
    nearer = file_scene(db, store, 2, LITTER, lat=LAT + FAR, lon=LON)
    assert (
        file_scene(db, store, 3, LITTER, lat=LAT + 0.6 * FAR, lon=LON).lead_ids == nearer.lead_ids
    )


def test_new_evidence_joins_an_open_case(db: Database, store: FolderStore) -> None:
    (lead_id,) = file_scene(db, store, 1, LITTER, lat=LAT, lon=LON).lead_ids
    case_id = review.decide(db, lead_id, verdict="confirm", actor=REVIEWER).case_id
    assert case_id is not None
    dispatch.claim(db, case_id, actor=DISPATCHER)
    assert file_scene(db, store, 2, LITTER, lat=LAT, lon=LON).lead_ids == (lead_id,)
    case = get_case(db, case_id, actor=ADMIN)
    assert len(case.evidence) == 8
    assert case.history[-1].action == "lead.seen_again"
    check_everything(db, store)


def test_a_corrected_class_is_still_the_same_thing(db: Database, store: FolderStore) -> None:
    (lead_id,) = file_scene(db, store, 1, LITTER, lat=LAT, lon=LON).lead_ids
    review.decide(db, lead_id, verdict="confirm", label="spill", actor=REVIEWER)
    spill = replace(LITTER, label="spill")
    assert file_scene(db, store, 2, LITTER, lat=LAT, lon=LON).lead_ids == (lead_id,)
    assert file_scene(db, store, 3, spill, lat=LAT, lon=LON).lead_ids == (lead_id,)


def test_rejected_leads_and_closed_cases_are_not_joined(db: Database, store: FolderStore) -> None:
    (rejected,) = file_scene(db, store, 1, LITTER, lat=LAT, lon=LON).lead_ids
    review.decide(db, rejected, verdict="reject", actor=REVIEWER)
    (second,) = file_scene(db, store, 2, LITTER, lat=LAT, lon=LON).lead_ids
    assert second != rejected
    case_id = review.decide(db, second, verdict="confirm", actor=REVIEWER).case_id
    with db.write() as session:  # there is no way to close a case yet
        session.get_one(CaseRow, case_id).state = "CLOSED"
    assert file_scene(db, store, 3, LITTER, lat=LAT, lon=LON).lead_ids not in [
        (second,),
        (rejected,),
    ]


def test_photos_of_one_thing_filed_at_once_make_one_lead(db: Database, store: FolderStore) -> None:
    answers: list[tuple[int, ...]] = []
    gate = threading.Barrier(6)

    def file(seed: int) -> None:
        gate.wait()
        answers.append(file_scene(db, store, seed, LITTER, lat=LAT, lon=LON).lead_ids)

    threads = [threading.Thread(target=file, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 6
    assert len(set(answers)) == 1
    check_everything(db, store)


def test_distances() -> None:
    # A degree of a great circle of the mean earth is 111.195 km.
    assert distance_m(30, 120, 31, 120) == pytest.approx(111_195, rel=1e-4)
    assert distance_m(60, 120, 60, 121) == pytest.approx(111_195 / 2, rel=1e-3)
    assert distance_m(0, 179.9999, 0, -179.9999) == pytest.approx(22.2, rel=1e-2)
    assert distance_m(30, 120, 30, 120) == 0


@pytest.mark.parametrize(
    ("lat", "lon", "trusted"),
    [
        (30.0, 120.0, True),
        (0.0, 120.0, True),
        (0.0, 0.0, False),
        (None, 120.0, False),
        (91.0, 0.0, False),
        (float("nan"), 1.0, False),
    ],
)
def test_trust(lat: float | None, lon: float | None, trusted: bool) -> None:
    assert trustworthy(lat, lon) is trusted
