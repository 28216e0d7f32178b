"""Cameras in a real browser: tried, added, watched live, their rules drawn, replayed and saved."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest
from playwright.sync_api import expect

from detector.persistence import PERSISTENCE
from tests.browser.conftest import PHONE, OpenPage, Service, csrf_token
from tests.browser.streets import (
    EAGER_ZONE,
    NAME,
    SECRET,
    SLOW,
    Standing,
    Street,
    at,
    box_of,
    open_editor,
    reset_rules,
    rules_of,
)
from tests.conftest import REPO

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

MANY = 120


def test_usual_values_are_those_of_the_detector() -> None:
    shown = json.loads((REPO / "web/src/rules/usual.json").read_text("utf-8"))
    assert shown == {label: asdict(usual) for label, usual in PERSISTENCE.items()}


def test_a_camera_is_tried_before_it_is_added_and_stands_on_the_wall(
    open_page: OpenPage, service: Service, signed_in: dict[str, Any], street: Street
) -> None:
    page = open_page("/cameras", state=signed_in)
    page.get_by_role("button", name="Add camera", exact=True).first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("Tried first")
    address = dialog.get_by_role("textbox", name="Address", exact=True)
    address.fill("127.0.0.1/snap.jpg")
    dialog.get_by_role("button", name="Add camera", exact=True).click()
    expect(dialog.get_by_text("An address begins with")).to_be_visible()
    expect(dialog.get_by_role("button", name="Test look", exact=True)).to_be_disabled()

    address.fill(street.url)
    dialog.get_by_role("button", name="Test look", exact=True).click()
    picture = dialog.get_by_role("img", name="Picture of the test look", exact=True)
    expect(picture).to_be_visible(timeout=SLOW)
    expect(dialog.get_by_text("Live", exact=True)).to_be_visible()
    assert picture.evaluate("canvas => canvas.width") > 300
    dialog.get_by_label("Look every (s)", exact=True).fill("2")
    dialog.get_by_role("button", name="Add camera", exact=True).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Tried first")
    page.get_by_role("tab", name="Facts", exact=True).click()
    expect(page.get_by_text("***@127.0.0.1")).to_be_visible()
    assert SECRET not in page.content()
    page.get_by_role("button", name="Settings", exact=True).click()
    expect(
        page.get_by_role("dialog").get_by_role("textbox", name="Address", exact=True)
    ).to_have_value("")
    page.get_by_role("button", name="Cancel", exact=True).click()

    page.get_by_role("link", name="All cameras", exact=True).click()
    tile = page.locator("a[data-camera]").filter(has_text="Tried first")
    expect(tile).to_contain_text("Live", timeout=SLOW)
    expect(tile).to_contain_text("s ago", timeout=SLOW)
    image = tile.locator("img")
    expect(image).to_be_visible(timeout=SLOW)
    page.wait_for_function("image => image.naturalWidth > 0", arg=image.element_handle())

    tile.click()
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.get_by_role("button", name="Resume", exact=True)).to_be_visible()
    page.get_by_role("button", name="Remove camera", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("evidence stay")
    dialog.get_by_role("button", name="Remove camera", exact=True).click()
    expect(page).to_have_url(f"{service.url}/cameras")
    expect(page.locator("a[data-camera]").filter(has_text="Tried first")).to_have_count(0)


def test_an_address_that_is_not_allowed_is_named(
    open_page: OpenPage, signed_in: dict[str, Any], camera: Standing
) -> None:
    page = open_page("/cameras", state=signed_in)
    page.get_by_role("button", name="Add camera", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Address", exact=True).fill("http://10.1.2.3/snap.jpg")
    dialog.get_by_role("button", name="Test look", exact=True).click()
    expect(dialog.get_by_text("The address is not allowed")).to_be_visible(timeout=SLOW)
    expect(dialog.get_by_role("img", name="Picture of the test look", exact=True)).to_have_count(0)


def test_looks_arrive_live(
    open_page: OpenPage, signed_in: dict[str, Any], camera: Standing
) -> None:
    page = open_page("/cameras", state=signed_in)
    live = page.get_by_test_id("live")
    line = live.get_by_role("listitem").filter(has_text=NAME).filter(has_text="Looked")
    expect(line.first).to_be_visible(timeout=SLOW)
    image = page.locator(f'a[data-camera="{camera.id}"] img')
    shown = str(image.get_attribute("src"))
    expect(image).not_to_have_attribute("src", shown, timeout=SLOW)
    page.get_by_role("link", name="Live", exact=True).click()
    expect(line.first).to_be_visible()
    live.get_by_role("button", name="Looks", exact=True).click()
    expect(line).to_have_count(0)


def test_an_incident_of_a_camera_is_reviewed_and_its_spot_muted(
    open_page: OpenPage, service: Service, signed_in: dict[str, Any], camera: Standing
) -> None:
    page = open_page("/cameras/incidents?show=all", state=signed_in)
    reset_rules(page, service, camera, zones=[EAGER_ZONE])
    row = page.get_by_role("main").get_by_role("listitem").filter(has_text=NAME).first
    expect(row).to_be_visible(timeout=SLOW)
    row.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(NAME)
    expect(page.get_by_text("Whole view")).to_be_visible()
    evidence = page.get_by_role("region", name="Evidence", exact=True)
    expect(evidence.get_by_role("img")).to_be_visible(timeout=SLOW)

    page.goto(f"{service.url}/review")
    page.get_by_test_id("lead").wait_for()
    for _ in range(60):
        if page.get_by_role("complementary").get_by_role("link", name=NAME, exact=True).count():
            break
        page.keyboard.press(" ")
    panel = page.get_by_role("complementary")
    expect(panel.get_by_role("link", name=NAME, exact=True)).to_be_visible()
    expect(panel.get_by_text("Incident", exact=True)).to_be_visible()
    page.keyboard.press("x")
    page.keyboard.press("2")
    offer = page.get_by_test_id("mute")
    expect(offer).to_contain_text("for 30 days?", timeout=SLOW)
    with page.expect_response("**/suppressions") as made:
        page.keyboard.press("s")
    assert made.value.ok
    expect(offer).to_contain_text("not reported for 30 days")

    page.goto(f"{service.url}{camera.path}?tab=suppressions")
    page.get_by_role("button", name="Report again", exact=True).first.click()
    expect(page.get_by_text("lifted by admin")).to_be_visible()


@pytest.fixture(scope="session")
def many(browser: Any, service: Service, signed_in: dict[str, Any]) -> Iterator[int]:
    """Far more cameras than a window shows, all paused."""
    context = browser.new_context(storage_state=signed_in)
    page = context.new_page()
    token = csrf_token(page, service)
    for number in range(MANY):
        answer = page.request.post(
            f"{service.url}/api/v1/cameras",
            data={"name": f"Crossing {number}", "url": "http://127.0.0.1:9/", "paused": True},
            headers={"X-CSRF-Token": token},
        )
        assert answer.ok, answer.text()
    yield MANY
    context.close()


def test_the_wall_holds_far_more_cameras_than_it_shows(
    open_page: OpenPage, signed_in: dict[str, Any], camera: Standing, many: int
) -> None:
    page = open_page("/cameras", state=signed_in)
    tiles = page.locator("a[data-camera]")
    expect(tiles.first).to_be_visible()
    assert 0 < tiles.count() < MANY / 2
    expect(page.get_by_role("button", name=f"Off {many}", exact=True)).to_be_visible()
    page.keyboard.press("End")
    expect(page.get_by_text(NAME, exact=True).first).to_be_visible()
    page.get_by_label("Search name or place", exact=True).fill("crossing 119")
    expect(tiles).to_have_count(1)
    page.get_by_label("Search name or place", exact=True).fill("")
    page.get_by_role("button", name=f"Off {many}", exact=True).click()
    expect(page).to_have_url(re.compile(r"\?show=off$"))
    expect(page.locator(f'a[data-camera="{camera.id}"]')).to_have_count(0)
    page.get_by_label("Search name or place", exact=True).fill("nowhere")
    page.get_by_role("button", name="Show all", exact=True).click()
    expect(tiles.first).to_be_visible()


PAGES = ["", "/live", "/incidents", "/notices", "/{id}", "/{id}/rules"]


@pytest.mark.parametrize("path", PAGES)
def test_pages_fit_a_phone_and_speak_chinese(
    open_page: OpenPage, signed_in: dict[str, Any], camera: Standing, path: str
) -> None:
    page = open_page(
        "/cameras" + path.format(id=camera.id),
        state=signed_in,
        locale="zh-CN",
        size=PHONE,
        touch=True,
    )
    page.get_by_role("heading", level=1).wait_for(state="attached")
    page.wait_for_timeout(700)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    expect(page.get_by_role("link", name="摄像头", exact=True)).to_be_visible()
    nav = page.get_by_role("navigation").first.bounding_box()
    assert nav is not None
    assert nav["x"] + nav["width"] <= PHONE["width"]


@pytest.mark.parametrize("path", PAGES)
def test_everything_has_a_name(
    open_page: OpenPage, signed_in: dict[str, Any], camera: Standing, path: str
) -> None:
    page = open_page("/cameras" + path.format(id=camera.id), state=signed_in)
    page.get_by_role("heading", level=1).wait_for(state="attached")
    page.wait_for_timeout(800)
    nameless = page.evaluate(
        """() => {
            const named = element => (element.innerText || '').trim() !== ''
                || element.getAttribute('aria-label') || element.labels?.length
                || element.getAttribute('title');
            const controls = document.querySelectorAll(
                'a, button, select, textarea, input:not([hidden]), [role="button"]');
            return [...[...controls].filter(one => one.checkVisibility() && !named(one)),
                    ...document.querySelectorAll('img:not([alt])')].map(one => one.outerHTML);
        }"""
    )
    assert nameless == []
    assert page.get_by_role("heading", level=1).count() == 1


def test_a_phone_draws_with_the_finger(
    open_page: OpenPage, service: Service, signed_in: dict[str, Any], camera: Standing
) -> None:
    page = open_editor(
        open_page, service, signed_in, camera, locale="zh-CN", size=PHONE, touch=True
    )
    page.get_by_role("button", name="画屏蔽区", exact=True).tap()
    box = box_of(page)
    for x, y in ((0.2, 0.2), (0.7, 0.2), (0.7, 0.7)):
        page.touchscreen.tap(*at(box, x, y))
    page.get_by_role("button", name="闭合", exact=True).tap()
    expect(page.get_by_text("有未保存的修改")).to_be_visible()
    page.get_by_role("button", name="保存", exact=True).tap()
    expect(page.get_by_text("已全部保存")).to_be_visible()
    polygon = rules_of(page, service, camera)["masks"][0]["polygon"]
    assert polygon[2] == pytest.approx((0.7, 0.7), abs=0.02)


def test_a_viewer_looks_but_changes_nothing(
    open_page: OpenPage, service: Service, signed_in: dict[str, Any], camera: Standing
) -> None:
    page = open_page(camera.path, state=signed_in)
    page.route(
        "**/api/v1/session",
        lambda route: route.fulfill(
            json={
                "user": {"name": "guest", "role": "viewer", "must_change_password": False},
                "csrf_token": "none",
            }
        ),
    )
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(NAME)
    expect(page.get_by_role("button", name="Edit rules", exact=True)).to_have_count(0)
    expect(page.get_by_role("button", name="Settings", exact=True)).to_have_count(0)
    page.goto(f"{service.url}/cameras")
    expect(page.get_by_role("button", name="Add camera", exact=True)).to_have_count(0)
