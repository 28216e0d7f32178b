"""Cameras in a real browser: tried, added, watched live, their rules drawn, replayed and saved."""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import BrowserContext, FloatRect, Page, expect

from datasets.classes import ISSUE_CLASSES
from detector.detect import Detector
from detector.persistence import PERSISTENCE
from models import load_card
from tests.browser.conftest import (
    PHONE,
    OpenPage,
    Service,
    csrf_token,
    demo_pictures,
)
from tests.conftest import REPO

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NAME = "Market Street, east gate"
SECRET = "open-sesame"
SLOW = 60_000
"""Milliseconds until what a running camera does must have been seen."""
MANY = 120
MOVED_EVERY_S = 4
"""Longer than two looks: only what lies still is looked at again."""
EAGER_ZONE = {
    "id": "view",
    "polygon": [[0, 0], [1, 0], [1, 1], [0, 1]],
    "persistence": {label: {"dwell_s": 0, "hits": 1, "of": 1} for label in ISSUE_CLASSES},
}
"""Everything is an incident at once."""


@dataclass(frozen=True)
class Street:
    """A camera that gives single pictures over HTTP: a street where a box is moved now and then."""

    url: str


@dataclass(frozen=True)
class Standing:
    """A camera of the service."""

    id: int
    path: str


def _surest_scene() -> tuple[NDArray[np.uint8], float]:
    """The demo picture in which the model is surest of an issue, and the issue's upper edge."""
    detector = Detector(load_card(os.environ.get("PATROL_MODEL")))
    best: tuple[float, NDArray[np.uint8], float] | None = None
    for path in demo_pictures():
        picture = np.asarray(cv2.imread(str(path)), np.uint8)
        for found in detector.detect([picture])[0]:
            if found.label in ISSUE_CLASSES and (best is None or found.confidence > best[0]):
                best = (found.confidence, picture, found.box[1])
    assert best is not None, "the model sees nothing in the demo pictures"
    return best[1], best[2]


def _snapshots(scene: NDArray[np.uint8], top: float) -> Callable[[], bytes]:
    """Pictures of the scene: the noise of a sensor, and above the issue a box that is moved."""
    noise = np.random.default_rng(1)
    began = time.monotonic()
    height, width = scene.shape[:2]
    side = max(8, int(min(top, height / 4)) - 4)

    def take() -> bytes:
        place = int((time.monotonic() - began) / MOVED_EVERY_S) % 4
        view = scene.astype(np.int16) + noise.integers(-3, 4, scene.shape)
        left = int(width * (0.1 + 0.22 * place))
        view[2 : 2 + side, left : left + side] = (30, 200, 240) if place % 2 else (200, 40, 40)
        coded, data = cv2.imencode(".jpg", np.clip(view, 0, 255).astype(np.uint8))
        assert coded
        return data.tobytes()

    return take


@pytest.fixture(scope="session")
def street() -> Iterator[Street]:
    take = _snapshots(*_surest_scene())
    lock = threading.Lock()

    class Snapshot(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with lock:
                data = take()
            self.send_response(200)
            self.send_header("Content-Type", "image/jpeg")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (as above)
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Snapshot)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Street(f"http://viewer:{SECRET}@127.0.0.1:{server.server_port}/snap.jpg?channel=1")
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def camera(
    browser: Any, service: Service, signed_in: dict[str, Any], street: Street
) -> Iterator[Standing]:
    """The camera on the street, added over the API; it watches and has given a picture."""
    context = browser.new_context(storage_state=signed_in)
    page = context.new_page()
    body = {"name": NAME, "url": street.url, "every_s": 1, "place_text": "Market Street"}
    made = send(page, service, "POST", "/cameras", body)
    camera_id = int(made["id"])
    for _ in range(SLOW // 500):
        if read(context, service, f"/cameras/{camera_id}")["view_url"] is not None:
            break
        page.wait_for_timeout(500)
    else:
        pytest.fail("the camera gave no picture")
    yield Standing(camera_id, f"/cameras/{camera_id}")
    context.close()


def read(context: BrowserContext, service: Service, path: str) -> Any:
    answer = context.request.get(f"{service.url}/api/v1{path}")
    assert answer.ok, answer.text()
    return answer.json()


def send(page: Page, service: Service, method: str, path: str, body: object) -> Any:
    answer = page.request.fetch(
        f"{service.url}/api/v1{path}",
        method=method,
        data=json.dumps(body),
        headers={
            "X-CSRF-Token": csrf_token(page, service),
            "Content-Type": "application/json",
        },
    )
    assert answer.ok, answer.text()
    return answer.json()


def rules_of(page: Page, service: Service, camera: Standing) -> Any:
    return read(page.context, service, camera.path)["rules"]


def reset_rules(page: Page, service: Service, camera: Standing, **changes: object) -> None:
    """The whole view is one zone again, as for a new camera."""
    now = read(page.context, service, camera.path)
    whole = [[0, 0], [1, 0], [1, 1], [0, 1]]
    rules = {"zones": [{"id": "view", "polygon": whole}], **changes}
    send(
        page, service, "PUT", f"{camera.path}/rules", {"rules": rules, "revision": now["revision"]}
    )


def open_editor(
    open_page: OpenPage,
    service: Service,
    signed_in: dict[str, Any],
    camera: Standing,
    **options: Any,
) -> Page:
    page = open_page("/cases", state=signed_in, **options)
    reset_rules(page, service, camera)
    page.goto(f"{service.url}{camera.path}/rules")
    page.get_by_test_id("canvas").wait_for()
    return page


def box_of(page: Page) -> FloatRect:
    box = page.get_by_test_id("canvas").bounding_box()
    assert box is not None
    return box


def at(box: FloatRect, x: float, y: float) -> tuple[float, float]:
    """A place in the view, in pixels of the window."""
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("All saved")).to_be_visible()


def test_usual_values_are_those_of_the_detector() -> None:
    shown = json.loads((REPO / "web/src/rules/usual.json").read_text("utf-8"))
    assert shown == {label: asdict(usual) for label, usual in PERSISTENCE.items()}


def test_a_camera_is_tried_before_it_is_added_and_stands_on_the_wall(
    open_page: OpenPage, service: Service, signed_in: dict[str, Any], street: Street
) -> None:
    page = open_page("/cameras", state=signed_in)
    page.get_by_role("button", name="Add camera").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Tried first")
    address = dialog.get_by_role("textbox", name="Address")
    address.fill("127.0.0.1/snap.jpg")
    dialog.get_by_role("button", name="Add camera").click()
    expect(dialog.get_by_text("An address begins with")).to_be_visible()
    expect(dialog.get_by_role("button", name="Test look")).to_be_disabled()

    address.fill(street.url)
    dialog.get_by_role("button", name="Test look").click()
    picture = dialog.get_by_role("img", name="Picture of the test look")
    expect(picture).to_be_visible(timeout=SLOW)
    expect(dialog.get_by_text("Live", exact=True)).to_be_visible()
    assert picture.evaluate("canvas => canvas.width") > 300
    dialog.get_by_label("Look every (s)").fill("2")
    dialog.get_by_role("button", name="Add camera").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Tried first")
    page.get_by_role("tab", name="Facts").click()
    expect(page.get_by_text("***@127.0.0.1")).to_be_visible()
    assert SECRET not in page.content()
    page.get_by_role("button", name="Settings").click()
    expect(page.get_by_role("dialog").get_by_role("textbox", name="Address")).to_have_value("")
    page.get_by_role("button", name="Cancel").click()

    page.get_by_role("link", name="All cameras").click()
    tile = page.locator("a[data-camera]").filter(has_text="Tried first")
    expect(tile).to_contain_text("Live", timeout=SLOW)
    expect(tile).to_contain_text("s ago", timeout=SLOW)
    image = tile.locator("img")
    expect(image).to_be_visible(timeout=SLOW)
    page.wait_for_function("image => image.naturalWidth > 0", arg=image.element_handle())

    tile.click()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    page.get_by_role("button", name="Remove camera").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("evidence stay")
    dialog.get_by_role("button", name="Remove camera").click()
    expect(page).to_have_url(f"{service.url}/cameras")
    expect(page.locator("a[data-camera]").filter(has_text="Tried first")).to_have_count(0)


def test_an_address_that_is_not_allowed_is_named(
    open_page: OpenPage, signed_in: dict[str, Any], camera: Standing
) -> None:
    page = open_page("/cameras", state=signed_in)
    page.get_by_role("button", name="Add camera").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Address").fill("http://10.1.2.3/snap.jpg")
    dialog.get_by_role("button", name="Test look").click()
    expect(dialog.get_by_text("The address is not allowed")).to_be_visible(timeout=SLOW)
    expect(dialog.get_by_role("img", name="Picture of the test look")).to_have_count(0)


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
    live.get_by_role("button", name="Looks").click()
    expect(line).to_have_count(0)


def test_a_zone_is_drawn_and_changed_with_the_mouse(
    open_page: OpenPage, service: Service, signed_in: dict[str, Any], camera: Standing
) -> None:
    page = open_editor(open_page, service, signed_in, camera)
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_disabled()
    page.get_by_role("button", name="Draw zone").click()
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
    page.get_by_role("textbox", name="Name").fill("Pavement")
    page.get_by_role("button", name="Stall").click()
    page.get_by_label("Stall: Minutes").fill("1.5")
    page.get_by_label("Stall: From %").fill("40")
    page.get_by_label("Smallest size").fill("0.2")
    page.get_by_label("Report unknown objects").check()
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
    page.get_by_role("button", name="Draw mask").focus()
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
    mask = page.get_by_role("button", name="Mask mask-1")
    expect(mask).to_be_focused()

    keys.press("Tab")
    corner = page.get_by_role("button", name="Corner 1 of 4")
    expect(corner).to_be_focused()
    keys.press("Shift+ArrowUp")
    keys.press("ArrowUp")
    keys.press("n")  # a new corner after this one
    expect(page.get_by_role("button", name="Corner 2 of 5")).to_be_focused()
    keys.press("Delete")
    expect(page.get_by_role("button", name="Corner 2 of 4")).to_be_focused()
    keys.press("Control+z")
    expect(page.get_by_role("button", name="Corner 5 of 5")).to_have_count(1)
    keys.press("Control+Shift+z")
    expect(page.get_by_role("button", name="Corner 4 of 4")).to_have_count(1)
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
    page.get_by_role("button", name="Draw permit").click()
    box = box_of(page)
    for x, y in ((0.1, 0.6), (0.4, 0.6), (0.3, 0.9)):
        page.mouse.click(*at(box, x, y))
    page.get_by_role("button", name="Close polygon").click()
    page.get_by_role("textbox", name="Name").fill("Night market")
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("would never hold")
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_disabled()
    page.get_by_role("button", name="Fri: add hours").click()
    page.get_by_label("Fri: from").fill("1930")
    page.get_by_label("Fri: until").fill("2")
    page.get_by_label("Fri: until").press("Enter")
    page.get_by_label("Valid from").fill("2026-05-01")
    page.get_by_role("button", name="Add a day").click()
    page.get_by_label("Date", exact=True).fill("2026-12-31")
    page.locator("summary").filter(has_text="Holidays").click()
    page.get_by_label("Add holidays").first.fill("2026-10-01, 2026年10月2日")
    page.get_by_role("button", name="Add 2 days").click()
    save(page)

    rules = rules_of(page, service, camera)
    permit = rules["permits"][0]
    assert permit["weekly"] == [{"days": [4], "spans": [{"start": "19:30:00", "end": "02:00:00"}]}]
    assert permit["dates"] == {"2026-12-31": []}
    assert permit["valid_from"] == "2026-05-01"
    assert permit["name"] == "Night market"
    assert rules["holidays"] == ["2026-10-01", "2026-10-02"]


def test_unsaved_rules_are_not_left_behind_by_mistake(
    open_page: OpenPage, service: Service, signed_in: dict[str, Any], camera: Standing
) -> None:
    page = open_editor(open_page, service, signed_in, camera)
    page.get_by_role("button", name="Whole view All classes").click()
    page.get_by_role("radio", name="Filed at once").check()
    page.get_by_role("link", name="Cases").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("not saved")
    dialog.get_by_role("button", name="Stay here").click()
    expect(page.get_by_role("radio", name="Filed at once")).to_be_checked()
    page.get_by_role("link", name="Cases").click()
    dialog.get_by_role("button", name="Leave", exact=True).click()
    expect(page).to_have_url(f"{service.url}/cases")
    assert rules_of(page, service, camera)["zones"][0]["mode"] == "review"


def test_rules_changed_by_two_people_are_asked_about(
    open_page: OpenPage, service: Service, signed_in: dict[str, Any], camera: Standing
) -> None:
    page = open_editor(open_page, service, signed_in, camera)
    page.get_by_role("button", name="Whole view All classes").click()
    page.get_by_role("textbox", name="Name").fill("mine")
    now = read(page.context, service, camera.path)
    send(page, service, "PATCH", camera.path, {"every_s": 2, "revision": now["revision"]})
    save(page)  # another setting is no conflict
    assert rules_of(page, service, camera)["zones"][0]["name"] == "mine"

    page.get_by_role("textbox", name="Name").fill("mine again")
    triangle = [[0.1, 0.1], [0.4, 0.1], [0.4, 0.4]]
    reset_rules(page, service, camera, masks=[{"id": "theirs", "polygon": triangle}])
    page.get_by_role("button", name="Save", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("admin changed the rules")
    dialog.get_by_role("button", name="Load theirs").click()
    expect(page.get_by_role("button", name="theirs All classes")).to_be_visible()
    expect(page.get_by_text("All saved")).to_be_visible()
    assert rules_of(page, service, camera)["masks"][0]["id"] == "theirs"


def test_a_replay_answers_before_saving(
    open_page: OpenPage, service: Service, signed_in: dict[str, Any], camera: Standing
) -> None:
    page = open_page("/cases", state=signed_in)
    reset_rules(page, service, camera, zones=[EAGER_ZONE])
    page.goto(f"{service.url}{camera.path}/rules")
    page.get_by_role("tab", name="Replay").click()
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

    page.get_by_role("tab", name="Rules").click()
    page.get_by_role("button", name="Whole view All classes").click()
    page.get_by_role("button", name="Delete zone").click()
    page.get_by_role("tab", name="Replay").click()
    expect(page.get_by_text("replay again")).to_be_visible()
    page.get_by_role("button", name="Replay", exact=True).click()
    expect(told).to_contain_text("0 incidents instead of", timeout=SLOW)
    assert told.inner_text() != before
    assert page.locator('[data-fate="removed"]').count() > 0
    assert rules_of(page, service, camera)["zones"] != []


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
    evidence = page.get_by_role("region", name="Evidence")
    expect(evidence.get_by_role("img")).to_be_visible(timeout=SLOW)

    page.goto(f"{service.url}/review")
    page.get_by_test_id("lead").wait_for()
    for _ in range(60):
        if page.get_by_role("complementary").get_by_role("link", name=NAME).count():
            break
        page.keyboard.press(" ")
    panel = page.get_by_role("complementary")
    expect(panel.get_by_role("link", name=NAME)).to_be_visible()
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
    page.get_by_role("button", name="Report again").first.click()
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
    expect(page.get_by_role("button", name=f"Off {many}")).to_be_visible()
    page.keyboard.press("End")
    expect(page.get_by_text(NAME, exact=True).first).to_be_visible()
    page.get_by_label("Search name or place").fill("crossing 119")
    expect(tiles).to_have_count(1)
    page.get_by_label("Search name or place").fill("")
    page.get_by_role("button", name="Off").click()
    expect(page).to_have_url(re.compile(r"\?show=off$"))
    expect(page.locator(f'a[data-camera="{camera.id}"]')).to_have_count(0)
    page.get_by_label("Search name or place").fill("nowhere")
    page.get_by_role("button", name="Show all").click()
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
    page.get_by_role("button", name="画屏蔽区").tap()
    box = box_of(page)
    for x, y in ((0.2, 0.2), (0.7, 0.2), (0.7, 0.7)):
        page.touchscreen.tap(*at(box, x, y))
    page.get_by_role("button", name="闭合").tap()
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
    expect(page.get_by_role("button", name="Edit rules")).to_have_count(0)
    expect(page.get_by_role("button", name="Settings")).to_have_count(0)
    page.goto(f"{service.url}/cameras")
    expect(page.get_by_role("button", name="Add camera")).to_have_count(0)
