from __future__ import annotations

import io
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from sqlalchemy import select

from cases import chain
from cases.camera_tables import CameraNoticeRow, IncidentRow, SuspectRow
from cases.query import get_leads
from cases.tables import EvidenceRow, LookRow
from cases.times import utc_now
from detector.background_file import from_bytes
from detector.counting import Policy
from detector.permits import Span, Weekly
from detector.plan import plan_to
from detector.zones import Rules, Zone, rules_to
from tests.detector import scenes
from tests.patrol.running import (
    POLICY,
    QUICKLY,
    SOON,
    FakeClock,
    House,
    brain,
    coloured,
    connect,
    streets,
    until,
)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


STALL = ("stall", 300, 240, 50)


def picture(house: House, lead_id: int, kind: str) -> np.ndarray:
    with house.db.session() as session:
        evidence = get_leads(house.db, [lead_id])[0].evidence
        row = session.get_one(EvidenceRow, getattr(evidence, kind))
        data = house.store.read(row.object_key)
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)


def test_a_stall_becomes_one_lead_with_all_its_pictures(house: House) -> None:
    with streets(1) as (street,):
        camera = house.add(street.url, name="north gate", place_text="越秀路12号")
        with house.running() as runner:
            until(lambda: house.state(camera) == "live")
            until(lambda: house.looks(camera) >= 3)
            street.show(STALL)
            until(house.incidents)
            (one,) = house.incidents()
            assert one.lead_id is not None
            assert one.latency_s is not None
            street.show()
            until(lambda: house.incidents()[0].stage == "ended")
            until(runner.drained)
        assert not list((house.folder / "kits" / f"c{camera}").glob("*/*")), "the kit is gone"
    (lead,) = get_leads(house.db, [one.lead_id])
    assert (lead.label, lead.status, lead.photo.channel) == ("stall", "review", "camera")
    assert lead.model.name == "colours 1"
    assert lead.place.text == "越秀路12号"
    assert coloured(picture(house, lead.id, "original"))[0].label == "stall"
    assert not coloured(picture(house, lead.id, "before")), "the view before is clean"
    assert coloured(picture(house, lead.id, "closeup"))[0].label == "stall"
    strip = picture(house, lead.id, "strip")
    assert strip.shape[1] in (960, 1440)
    assert coloured(strip)
    view = cv2.imread(str(house.folder / "views" / f"{camera}.jpg"))
    assert view is not None
    assert view.shape == scenes.street().shape
    assert chain.verify(house.db, house.store).intact


def test_cameras_are_added_edited_paused_and_removed_while_it_runs(house: House) -> None:
    with streets(2) as (first, second), house.running() as runner:
        one = house.add(first.url)
        until(lambda: house.state(one) == "live")
        two = house.add(second.url, every_s=1.0)
        until(lambda: house.state(two) == "live")
        house.edit(two, paused=True)
        until(lambda: house.state(two) == "paused")
        asked = second.asked
        looks = house.looks(one)
        until(lambda: house.looks(one) >= looks + 2)
        assert second.asked <= asked + 1, "a paused camera is not asked"
        house.edit(two, paused=False, url=first.url.replace("0.jpg", "1.jpg?again"))
        until(lambda: house.state(two) == "live")
        first.down = True
        until(lambda: house.state(one) == "server_error")
        house.edit(one, url=second.url)
        until(lambda: house.state(one) == "live")
        house.remove(two)
        until(lambda: runner.running == (one,))
        until(lambda: not (house.folder / "views" / f"{two}.jpg").exists())


def test_new_rules_hold_from_the_next_look_on_and_the_camera_stays_connected(
    house: House,
) -> None:
    opened = []
    with streets(1) as (street,):
        street.show(STALL)
        nowhere = Rules(zones=(Zone("all", labels=frozenset({"litter"})),))
        camera = house.add(street.url, rules=rules_to(nowhere))

        def counted(row):  # type: ignore[no-untyped-def]
            opened.append(row.revision)
            return connect(row)

        with house.running(open_camera=counted):
            until(lambda: house.looks(camera) >= 4)
            assert house.incidents() == []
            house.edit(camera, rules=rules_to(Rules(zones=(Zone("all", persistence=SOON),))))
            until(house.incidents)
    assert len(opened) == 1


def test_a_dead_camera_is_one_outage_and_disturbs_no_other(house: House) -> None:
    with streets(2) as (dead, alive):
        dead.down = True
        one, two = house.add(dead.url), house.add(alive.url)
        with house.running():
            until(lambda: house.state(two) == "live")
            until(lambda: house.state(one) == "server_error")

            def outages() -> list[CameraNoticeRow]:
                with house.db.session() as session:
                    query = select(CameraNoticeRow).where(CameraNoticeRow.what != "stalled")
                    return list(session.scalars(query))

            until(outages)
            looks = house.looks(two)
            until(lambda: house.looks(two) >= looks + 3)
            dead.down = False
            until(lambda: outages()[0].ended_at is not None)
            until(lambda: house.state(one) == "live")
    (outage,) = outages()
    assert (outage.camera_id, outage.kind, outage.what) == (one, "outage", "server_error")
    assert outage.ended_at is not None
    assert outage.ended_at > outage.began_at


def test_an_outage_over_a_restart_stays_one(house: House) -> None:
    with streets(1) as (street,):
        street.down = True
        camera = house.add(street.url)

        def outages() -> list[CameraNoticeRow]:
            with house.db.session() as session:
                # a busy machine may let a camera stall as well
                query = select(CameraNoticeRow).where(CameraNoticeRow.what != "stalled")
                return list(session.scalars(query))

        with house.running():
            until(outages)
        with house.running():
            asked = street.asked
            until(lambda: street.asked >= asked + 4)
            street.down = False
            until(lambda: house.state(camera) == "live")
            until(lambda: outages()[0].ended_at is not None)
    assert len(outages()) == 1


def test_outside_its_plan_a_camera_is_left_alone(house: House) -> None:
    # Friday, 20:00 in Shanghai is 12:00 UTC
    clock = FakeClock(datetime(2026, 5, 1, 11, 0, tzinfo=UTC))
    evenings = (Weekly(frozenset({4}), (Span.of(20, 22),)),)
    with streets(1) as (street,):
        camera = house.add(street.url, plan=plan_to(evenings))
        with house.running(clock=clock, open_camera=lambda row: connect(row, clock)) as runner:
            until(lambda: house.state(camera) == "paused")
            status = house.status(camera)
            assert status is not None
            assert status.detail == "outside its plan"
            assert street.asked == 0
            clock.forward(3600)
            until(lambda: house.state(camera) == "live")
            clock.forward(2 * 3600)
            until(lambda: house.state(camera) == "paused")
            assert runner.running == ()
    status = house.status(camera)
    assert status is not None
    assert status.last_look_at is not None
    assert timedelta(0) <= status.last_look_at - datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_a_new_model_is_taken_up_and_every_lead_names_the_one_that_found_it(
    house: House,
) -> None:
    now = {"brain": brain("colours 1", Policy({"litter": 0.4}))}
    with streets(1) as (street,):
        street.show(STALL)
        camera = house.add(street.url)
        with house.running(brain=lambda: now["brain"]):
            until(lambda: house.looks(camera) >= 3)
            assert house.incidents() == []
            now["brain"] = brain("colours 22", POLICY)
            street.show(STALL, ("truck", 100, 260, 30))
            until(house.incidents)
    with house.db.session() as session:
        assert set(session.scalars(select(LookRow.model))) == {"colours 22"}


def test_trucks_before_a_spill_are_suspects_from_this_camera_and_its_neighbour(
    house: House,
) -> None:
    with streets(3) as (here, upstream, elsewhere):
        up, other = house.add(upstream.url), house.add(elsewhere.url)
        camera = house.add(here.url, neighbours=[up])
        with house.running():
            for one in (camera, up, other):
                until(lambda one=one: house.looks(one) >= 3)  # type: ignore[misc]
            for street in (here, upstream, elsewhere):
                street.show(("truck", 80, 150, 90))
            for one in (camera, up, other):
                looks = house.looks(one)
                until(lambda one=one, looks=looks: house.looks(one) >= looks + 2)  # type: ignore[misc]
            for street in (here, upstream, elsewhere):
                street.show()
            here.show(("spill", 300, 260, 40))

            def searched() -> list[IncidentRow]:
                return [one for one in house.incidents() if one.suspects_at is not None]

            until(searched)
    (spill,) = [one for one in house.incidents() if one.label == "spill"]
    with house.db.session() as session:
        suspects = session.scalars(select(SuspectRow).order_by(SuspectRow.seconds_before)).all()
    assert {one.camera_id for one in suspects} == {camera, up}
    assert all(0 <= one.seconds_before < 60 for one in suspects)
    assert all(one.at <= spill.first_seen for one in suspects)
    for one in suspects:
        crop = cv2.imdecode(
            np.frombuffer(house.store.read(one.object_key), np.uint8), cv2.IMREAD_COLOR
        )
        assert coloured(crop)[0].label == "truck"


def test_what_breaks_one_camera_is_named_and_the_others_go_on(house: House) -> None:
    def choosy(image):  # type: ignore[no-untyped-def]
        if image[:20].mean() > 250:
            raise ValueError("too bright")
        return coloured(image)

    with streets(2) as (bright, usual):
        bright.view = np.full_like(bright.view, 255)
        one, two = house.add(bright.url), house.add(usual.url)
        with house.running(brain=lambda: replace(brain(), detect=choosy)):
            until(lambda: house.looks(two) >= 3)
            until(lambda: house.state(one) == "bad_data")
            status = house.status(one)
            assert status is not None
            assert "too bright" in status.detail


def test_cameras_are_visited_in_turn(house: House) -> None:
    with streets(3) as made:
        ids = [house.add(street.url, mode="round", every_s=1.0) for street in made]
        made[1].down = True
        with house.running():
            until(lambda: all(house.looks(i) >= 3 for i in (ids[0], ids[2])))
            until(lambda: house.state(ids[1]) == "server_error")
        names = [thread.name for thread in threading.enumerate()]
    assert not [name for name in names if name.startswith(("look ", "camera "))]


def test_a_film_is_a_camera_whose_original_is_its_frame(house: House) -> None:
    film = house.folder / "street.mp4"
    with av.open(str(film), "w") as container:
        stream = container.add_stream("libx264", rate=2, options={"g": "2", "crf": "12"})
        stream.width, stream.height, stream.pix_fmt = scenes.WIDTH, scenes.HEIGHT, "yuv420p"
        for n in range(60):
            image = scenes.with_thing(scenes.street(), *STALL[1:], (20, 20, 240))
            image = scenes.noisy(image if n > 6 else scenes.street(), n, 3)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(stream.encode())
    house.add(f"file://{film}")
    with house.running():
        until(house.incidents)
    (one,) = house.incidents()
    (lead,) = get_leads(house.db, [one.lead_id])  # type: ignore[list-item]
    with house.db.session() as session:
        row = session.get_one(EvidenceRow, lead.evidence.original)
    assert row.media_type == "image/png"
    assert io.BytesIO(house.store.read(row.object_key)).getbuffer().nbytes == row.size
    assert abs((lead.photo.captured_at or utc_now()) - utc_now()) < timedelta(minutes=2)
    assert QUICKLY.commit_s < 1


def test_a_camera_that_cannot_be_opened_is_named_and_the_others_run(house: House) -> None:
    def odd(row):  # type: ignore[no-untyped-def]
        if row.name == "odd":
            raise RuntimeError("no such port at rtsp://me:geheim77@10.0.0.1/a")
        return connect(row)

    with streets(1) as (street,):
        one, two = house.add("rtsp://10.0.0.1/a", name="odd"), house.add(street.url)
        with house.running(open_camera=odd):
            until(lambda: house.state(two) == "live")
            until(lambda: house.state(one) == "bad_data")
    status = house.status(one)
    assert status is not None
    assert "no such port" in status.detail
    assert "geheim77" not in status.detail


def test_what_was_going_on_at_a_camera_that_was_removed_meanwhile_is_ended(house: House) -> None:
    with streets(1) as (street,):
        street.show(STALL)
        camera = house.add(street.url)
        with house.running():
            until(house.incidents)
        assert house.incidents()[0].stage == "open"
        house.remove(camera)
        with house.running():
            until(lambda: house.incidents()[0].stage == "ended")
            until(lambda: not (house.folder / "kits" / f"c{camera}").exists())


def test_what_a_camera_learnt_of_its_view_outlives_a_restart(house: House) -> None:
    often = replace(QUICKLY, background_s=1.0)
    with streets(1) as (street,):
        camera = house.add(street.url)
        file = house.folder / "views" / f"{camera}.background"
        with house.running(often):
            until(file.exists)
        before = from_bytes(file.read_bytes())
        with house.running(often):
            until(lambda: from_bytes(file.read_bytes()).at > before.at)
        after = from_bytes(file.read_bytes())
        assert after.looks > before.looks
        file.write_bytes(file.read_bytes()[:1000])  # as after a power cut
        with house.running(often):
            until(lambda: file.stat().st_size > 1000)
            assert house.state(camera) == "live"
            house.remove(camera)
            until(lambda: not file.exists())
