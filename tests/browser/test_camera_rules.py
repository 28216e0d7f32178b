"""The rules of a camera, drawn and tried in a real browser."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

import pytest
from playwright.sync_api import expect

from detector.persistence import PERSISTENCE
from tests.browser.conftest import OpenPage, Service
from tests.browser.streets import (
    EAGER_ZONE,
    SLOW,
    Standing,
    at,
    box_of,
    open_editor,
    read,
    reset_rules,
    rules_of,
    save,
    send,
)

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_a_zone_is_drawn_and_changed_with_the_mouse(
    open_page: OpenPage, service: Service, signed_in: dict[str, Any], camera: Standing
) -> None:
    page = open_editor(open_page, service, signed_in, camera)
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_disabled()
    page.get_by_role("button", name="Draw zone", exact=True).click()
    box = box_of(page)
    drawn = [(0.2, 0.5), (0.6, 0.5), (0.6, 0.8), (0.2, 0.8)]
    for x, y in drawn:
        page.mouse.click(*at(box, x, y))
    page.mouse.click(*at(box, *drawn[0]))  # the first corner closes it
    expect(page.get_by_text("Unsaved changes")).to_be_visible()

    page.mouse.move(*at(box, 0.6, 0.8))
    page.mouse.down()
    page.mouse.move(*at(box, 0.7, 0.85), steps=4)
    page.mouse.move(*at(box, 0.8, 0.9), steps=4)
    page.mouse.up()
    page.mouse.move(*at(box, 0.4, 0.5))  # the middle of an edge gives a new corner
    page.mouse.down()
    page.mouse.move(*at(box, 0.4, 0.4), steps=4)
    page.mouse.up()
    page.mouse.move(*at(box, 0.4, 0.65))
    page.mouse.down()
    page.mouse.move(*at(box, 0.45, 0.65), steps=4)
    page.mouse.up()
    page.get_by_role("textbox", name="Name", exact=True).fill("Pavement")
    page.get_by_role("button", name="Stall", exact=True).click()
    page.get_by_label("Stall: Minutes", exact=True).fill("1.5")
    page.get_by_label("Stall: From %", exact=True).fill("40")
    page.get_by_label("Smallest size", exact=True).fill("0.2")
    page.get_by_label(re.compile("^Report unknown objects")).check()
    save(page)

    zones = rules_of(page, service, camera)["zones"]
    assert [zone["id"] for zone in zones] == ["view", "zone-1"]
    zone = zones[1]
    wanted = [(0.25, 0.5), (0.45, 0.4), (0.65, 0.5), (0.85, 0.9), (0.25, 0.8)]
    assert len(zone["polygon"]) == len(wanted)
    for point, corner in zip(zone["polygon"], wanted, strict=True):
        assert point == pytest.approx(corner, abs=0.01)
    assert zone["name"] == "Pavement"
    assert zone["labels"] == ["stall"]
    assert zone["min_confidence"] == {"stall": 0.4}
    assert zone["persistence"]["stall"] == asdict(PERSISTENCE["stall"]) | {"dwell_s": 90}
    assert zone["min_size"] == pytest.approx(0.002)
    assert zone["unknown_objects"] is True


def test_a_mask_is_drawn_and_changed_with_the_keyboard_alone(
    open_page: OpenPage, service: Service, signed_in: dict[str, Any], camera: Standing
) -> None:
    page = open_editor(open_page, service, signed_in, camera)
    page.get_by_role("button", name="Draw mask", exact=True).focus()
    keys = page.keyboard
    keys.press("Enter")
    expect(page.get_by_text("click the corners")).to_be_visible()
    keys.press("Enter")  # the middle of the view
    for key, times in (("ArrowRight", 5), ("ArrowDown", 5), ("ArrowLeft", 5)):
        for _ in range(times):
            keys.press(f"Shift+{key}")
        keys.press("Enter")
    keys.press("Enter")  # once more at the same place closes it
    expect(page.get_by_text("Unsaved changes")).to_be_visible()
    mask = page.get_by_role("button", name="Mask mask-1", exact=True)
    expect(mask).to_be_focused()

    keys.press("Tab")
    corner = page.get_by_role("button", name=re.compile("^Corner 1 of 4"))
    expect(corner).to_be_focused()
    keys.press("Shift+ArrowUp")
    keys.press("ArrowUp")
    keys.press("n")  # a new corner after this one
    expect(page.get_by_role("button", name=re.compile("^Corner 2 of 5"))).to_be_focused()
    keys.press("Delete")
    expect(page.get_by_role("button", name=re.compile("^Corner 2 of 4"))).to_be_focused()
    keys.press("Control+z")
    expect(page.get_by_role("button", name=re.compile("^Corner 5 of 5"))).to_have_count(1)
    keys.press("Control+Shift+z")
    expect(page.get_by_role("button", name=re.compile("^Corner 4 of 4"))).to_have_count(1)
    save(page)

    polygon = rules_of(page, service, camera)["masks"][0]["polygon"]
    box = box_of(page)
    down = 0.02 * box["width"] / box["height"]
    assert len(polygon) == 4
    assert polygon[0] == pytest.approx((0.5, 0.5 - 1.1 * down), abs=0.002)
    assert polygon[1] == pytest.approx((0.6, 0.5), abs=0.002)
    assert polygon[2] == pytest.approx((0.6, 0.5 + 5 * down), abs=0.003)

    page.get_by_test_id("canvas").locator('[data-shape="masks-0"]').focus()
    keys.press("Delete")
    expect(mask).to_have_count(0)
    save(page)
    assert rules_of(page, service, camera)["masks"] == []


def test_a_permit_has_hours_and_days_of_its_own(
    open_page: OpenPage, service: Service, signed_in: dict[str, Any], camera: Standing
) -> None:
    page = open_editor(open_page, service, signed_in, camera)
    page.get_by_role("button", name="Draw permit", exact=True).click()
    box = box_of(page)
    for x, y in ((0.1, 0.6), (0.4, 0.6), (0.3, 0.9)):
        page.mouse.click(*at(box, x, y))
    page.get_by_role("button", name="Close polygon", exact=True).click()
    page.get_by_role("textbox", name="Name", exact=True).fill("Night market")
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("would never hold")
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_disabled()
    page.get_by_role("button", name="Fri: add hours", exact=True).click()
    page.get_by_label("Fri: from", exact=True).fill("1930")
    page.get_by_label("Fri: until", exact=True).fill("2")
    page.get_by_label("Fri: until", exact=True).press("Enter")
    page.get_by_label("Valid from", exact=True).fill("2026-05-01")
    page.get_by_role("button", name="Add a day", exact=True).click()
    page.get_by_label("Date", exact=True).fill("2026-12-31")
    page.locator("summary").filter(has_text="Holidays").click()
    page.get_by_label("Add holidays", exact=True).first.fill("2026-10-01, 2026年10月2日")
    page.get_by_role("button", name="Add 2 days", exact=True).click()
    save(page)

    rules = rules_of(page, service, camera)
    permit = rules["permits"][0]
    assert permit["weekly"] == [{"days": [4], "spans": [{"start": "19:30:00", "end": "02:00:00"}]}]
    assert permit["dates"] == {"2026-12-31": []}
    assert permit["valid_from"] == "2026-05-01"
    assert permit["name"] == "Night market"
    assert sorted(rules["holidays"]) == ["2026-10-01", "2026-10-02"]


def test_unsaved_rules_are_not_left_behind_by_mistake(
    open_page: OpenPage, service: Service, signed_in: dict[str, Any], camera: Standing
) -> None:
    page = open_editor(open_page, service, signed_in, camera)
    page.get_by_role("button", name="Whole view All classes", exact=True).click()
    page.get_by_role("radio", name=re.compile("^Filed at once")).check()
    page.get_by_role("link", name=re.compile("^Cases")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("not saved")
    dialog.get_by_role("button", name="Stay here", exact=True).click()
    expect(page.get_by_role("radio", name=re.compile("^Filed at once"))).to_be_checked()
    page.get_by_role("link", name=re.compile("^Cases")).click()
    dialog.get_by_role("button", name="Leave", exact=True).click()
    expect(page).to_have_url(f"{service.url}/cases")
    assert rules_of(page, service, camera)["zones"][0]["mode"] == "review"


def test_rules_changed_by_two_people_are_asked_about(
    open_page: OpenPage, service: Service, signed_in: dict[str, Any], camera: Standing
) -> None:
    page = open_editor(open_page, service, signed_in, camera)
    page.get_by_role("button", name="Whole view All classes", exact=True).click()
    page.get_by_role("textbox", name="Name", exact=True).fill("mine")
    now = read(page.context, service, camera.path)
    send(page, service, "PATCH", camera.path, {"every_s": 2, "revision": now["revision"]})
    save(page)  # another setting is no conflict
    assert rules_of(page, service, camera)["zones"][0]["name"] == "mine"

    page.get_by_role("textbox", name="Name", exact=True).fill("mine again")
    triangle = [[0.1, 0.1], [0.4, 0.1], [0.4, 0.4]]
    reset_rules(page, service, camera, masks=[{"id": "theirs", "polygon": triangle}])
    page.get_by_role("button", name="Save", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("admin changed the rules")
    dialog.get_by_role("button", name="Load theirs", exact=True).click()
    expect(page.get_by_role("button", name="theirs All classes", exact=True)).to_be_visible()
    expect(page.get_by_text("All saved")).to_be_visible()
    assert rules_of(page, service, camera)["masks"][0]["id"] == "theirs"


def test_a_replay_answers_before_saving(
    open_page: OpenPage, service: Service, signed_in: dict[str, Any], camera: Standing
) -> None:
    page = open_page("/cases", state=signed_in)
    reset_rules(page, service, camera, zones=[EAGER_ZONE])
    page.goto(f"{service.url}{camera.path}/rules")
    page.get_by_role("tab", name="Replay", exact=True).click()
    told = page.get_by_test_id("replayed")
    for _ in range(20):
        page.get_by_role("button", name="Replay", exact=True).click()
        expect(told).to_contain_text("The last 7 days under these settings", timeout=SLOW)
        if page.locator("[data-fate]").count():
            break
        page.wait_for_timeout(1500)
    line = page.locator("[data-fate]").first
    line.hover()
    expect(page.get_by_test_id("seen")).to_have_count(1)
    before = told.inner_text()

    page.get_by_role("tab", name="Rules", exact=True).click()
    page.get_by_role("button", name="Whole view All classes", exact=True).click()
    page.get_by_role("button", name="Delete zone", exact=True).click()
    page.get_by_role("tab", name="Replay", exact=True).click()
    expect(page.get_by_text("replay again")).to_be_visible()
    page.get_by_role("button", name="Replay", exact=True).click()
    expect(told).to_contain_text("0 incidents instead of", timeout=SLOW)
    assert told.inner_text() != before
    assert page.locator('[data-fate="removed"]').count() > 0
    assert rules_of(page, service, camera)["zones"] != []
