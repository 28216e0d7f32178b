"""Whoever follows the live list misses nothing, whatever is written at the same time."""

from __future__ import annotations

import random
import threading
import time

from sqlalchemy import func, select

from cases import live
from cases.camera_tables import LiveEventRow
from cases.database import Database
from cases.live import event_range, events_after, tell
from cases.times import utc_now
from tests.cases.patrols import add_camera


def test_a_follower_sees_every_event_once_while_many_write(db: Database) -> None:
    camera_id = add_camera(db, "gate")
    writers, each = 4, 8
    done = threading.Event()

    def write(seed: int) -> None:
        wait = random.Random(seed)
        for number in range(each):
            with db.write() as session:
                time.sleep(wait.random() * 0.004)
                tell(session, "look", camera_id, utc_now(), {"by": seed, "number": number})
                time.sleep(wait.random() * 0.004)

    seen: list[tuple[int, int]] = []
    last = 0

    def follow() -> None:
        nonlocal last
        while True:
            over = done.is_set()
            found = events_after(db, last)
            seen.extend((event.payload["by"], event.payload["number"]) for event in found)
            last = found[-1].id if found else last
            if over and not found:
                return

    threads = [threading.Thread(target=write, args=(seed,)) for seed in range(writers)]
    follower = threading.Thread(target=follow)
    follower.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    follower.join()
    assert sorted(seen) == [(seed, number) for seed in range(writers) for number in range(each)]


def test_only_the_newest_events_are_kept(db: Database) -> None:
    camera_id = add_camera(db, "gate")
    assert event_range(db) == (1, 0)
    with db.write() as session:
        for number in range(live.KEPT + 1000):
            session.add(
                LiveEventRow(
                    at=utc_now(), kind="look", camera_id=camera_id, payload={"number": number}
                )
            )
    with db.write() as session:
        for number in range(500):
            tell(session, "look", camera_id, utc_now(), {"number": number})
    oldest, newest = event_range(db)
    assert newest == live.KEPT + 1500
    assert newest - live.KEPT < oldest + 500
    assert oldest > 1
    with db.session() as session:
        kept = session.scalar(select(func.count()).select_from(LiveEventRow)) or 0
    assert live.KEPT <= kept < live.KEPT + 500
    (first, *_) = events_after(db, newest - 1)
    assert (first.id, first.kind, first.camera_id) == (newest, "look", camera_id)
