"""A real service with its built review desk, and a real browser in front of it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from models import ModelError, load_card
from tests.conftest import REPO, require
from tests.patrol.photos import eager_model

if TYPE_CHECKING:
    from tests.browser.streets import Standing, Street

DEMO = REPO / "datasets" / "demo"
FIRST_LOGIN_PASSWORD = "a password of our own"
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
KEPT_FOR_UPLOADS = 6
"""Demo pictures that the tests send through the page; the others are filed beforehand."""

_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_START_SECONDS = 120
expect.set_options(timeout=30_000)
"""Pages wait for a busy machine; only what is wrong waits so long."""
EAGER = 0.15
"""Review threshold of all classes in these tests."""


@dataclass(frozen=True)
class Service:
    """A running service: its address, its data folder, and its first administrator's password."""

    url: str
    data: Path
    first_password: str


@dataclass
class Watch:
    """What a page did that it must not do."""

    faults: list[str] = field(default_factory=list)


def chromium() -> str | None:
    return os.environ.get("PATROL_TEST_CHROMIUM") or shutil.which("chromium")


def demo_pictures() -> list[Path]:
    return sorted(DEMO.glob("*.jpg"))


def a_model_is_there() -> bool:
    try:
        load_card(os.environ.get("PATROL_MODEL"))
    except ModelError:
        return False
    return True


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    require("browser", path is not None, "there is no chromium")
    built = (REPO / "web" / "dist" / "index.html").is_file()
    require("browser", built, "the review desk is not built (make web)")
    require("browser", a_model_is_there(), "there is no model")
    enough = len(demo_pictures()) > 2 * KEPT_FOR_UPLOADS
    require("browser", enough, f"{DEMO} has too few pictures")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def service(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """`patrol up` with an empty data folder, on a port of its own."""
    folder = tmp_path_factory.mktemp("service")
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("PATROL_")
    } | {
        "PATROL_DATA_DIR": str(folder / "data"),
        "PATROL_MODEL": str(eager_model(folder / "eager", EAGER)),
        "PATROL_PORT": "0",
        "PATROL_CAMERA_NETWORKS": "127.0.0.0/8",  # the cameras of these tests stand here
        "COLUMNS": "120",
    }
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "patrol", "up"],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            url, password = _read_welcome(process, folder / "log.txt")
            yield Service(url, folder / "data", password)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout is not None:
                process.stdout.close()


def _read_welcome(process: subprocess.Popen[str], log: Path) -> tuple[str, str]:
    """Address and first password from what the service prints."""
    lines: Queue[str | None] = Queue()
    assert process.stdout is not None
    stream = process.stdout

    def read() -> None:
        for line in stream:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    printed = ""
    while True:
        url = re.search(r"http://[\w.:\[\]]+", printed)
        password = re.search(r"Password\s+(\S+)", printed)
        if url is not None and password is not None:
            return url.group(), password.group(1)
        try:
            line = lines.get(timeout=_START_SECONDS)
        except Empty:
            line = None
        if line is None:
            pytest.fail(f"the service did not start: {printed}{log.read_text()[-2000:]}")
        printed += line


@pytest.fixture(scope="session")
def signed_in(browser: Browser, service: Service) -> dict[str, Any]:
    """The cookies of the administrator, who chose a password at the first login."""
    context = browser.new_context(locale="en-GB", viewport=DESKTOP)
    page = context.new_page()
    page.goto(service.url)
    page.get_by_label("User name", exact=True).fill("admin")
    page.get_by_label("Password", exact=True).fill(service.first_password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("heading", name="Choose a new password", exact=True).wait_for()
    page.get_by_label("Current password", exact=True).fill(service.first_password)
    page.get_by_label("New password", exact=True).fill(FIRST_LOGIN_PASSWORD)
    page.get_by_label("New password again", exact=True).fill(FIRST_LOGIN_PASSWORD)
    page.get_by_role("button", name="Save password", exact=True).click()
    page.get_by_role("link", name=re.compile("^Review")).wait_for()
    state: dict[str, Any] = dict(context.storage_state())
    context.close()
    return state


@pytest.fixture(scope="session")
def leads(browser: Browser, service: Service, signed_in: dict[str, Any]) -> int:
    """Files most demo pictures; how many leads they made."""
    context = browser.new_context(storage_state=signed_in)
    token = context.request.get(f"{service.url}/api/v1/session").json()["csrf_token"]
    made = 0
    for path in demo_pictures()[:-KEPT_FOR_UPLOADS]:
        answer = context.request.post(
            f"{service.url}/api/v1/photos",
            headers={"X-CSRF-Token": token},
            multipart={
                "files": {
                    "name": path.name,
                    "mimeType": "image/jpeg",
                    "buffer": path.read_bytes(),
                },
                "note": f"Market Street, {path.stem}",
            },
        )
        assert answer.ok, answer.text()
        made += len(answer.json()["photos"][0]["leads"])
    context.close()
    assert made >= 8, f"the demo pictures made {made} leads only"
    return made


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, service: Service) -> Iterator[OpenPage]:
    """Opens pages; afterwards none may have failed, or asked another host for anything."""
    contexts: list[BrowserContext] = []
    watch = Watch()

    def begin(
        path: str = "/",
        *,
        state: dict[str, Any] | None = None,
        locale: str = "en-GB",
        size: dict[str, int] = DESKTOP,
        touch: bool = False,
        dark: bool = False,
    ) -> Page:
        context = browser.new_context(
            storage_state=state,  # type: ignore[arg-type]
            locale=locale,
            viewport=size,  # type: ignore[arg-type]
            has_touch=touch,
            is_mobile=touch,
            color_scheme="dark" if dark else "light",
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: watch.faults.append(f"error: {error}"))
        page.on("console", lambda message: _note(watch, message))
        page.on("request", lambda request: _note_request(watch, service.url, request.url))
        page.goto(service.url + path)
        return page

    yield begin
    for context in contexts:
        context.close()
    assert watch.faults == []


def _note(watch: Watch, message: ConsoleMessage) -> None:
    # the browser itself reports every refused request; the tests look at those themselves
    if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
        watch.faults.append(f"console: {message.text}")


def _note_request(watch: Watch, home: str, url: str) -> None:
    if not url.startswith((home, "data:", "blob:")):
        watch.faults.append(f"asked another host: {url}")


@pytest.fixture
def desk(open_page: OpenPage, signed_in: dict[str, Any], leads: int) -> Page:
    """The review desk with leads on it."""
    page = open_page("/review", state=signed_in)
    page.get_by_test_id("lead").wait_for()
    return page


def on_table(page: Page) -> int:
    """The number of the lead that is shown."""
    shown = page.get_by_test_id("lead").get_attribute("data-lead")
    assert shown is not None
    return int(shown)


def csrf_token(page: Page, service: Service) -> str:
    """What requests that change something send, where a test asks the service directly."""
    token = page.request.get(f"{service.url}/api/v1/session").json()["csrf_token"]
    assert isinstance(token, str)
    return token


def number(page: Page, name: str) -> int:
    """One of the desk's counters."""
    return int(page.get_by_test_id(name).inner_text())


def picture_is_shown(page: Page) -> bool:
    """Whether the large picture has arrived."""
    return bool(
        page.get_by_test_id("lead")
        .locator("img")
        .first.evaluate("image => image.complete && image.naturalWidth > 0")
    )


@pytest.fixture(scope="session")
def street() -> Iterator[Street]:
    from tests.browser.streets import served_street

    with served_street() as standing:
        yield standing


@pytest.fixture(scope="session")
def camera(
    browser: Any, service: Service, signed_in: dict[str, Any], street: Street
) -> Iterator[Standing]:
    """The camera on the street, added over the API; it watches and has given a picture."""
    from tests.browser.streets import NAME, SLOW, Standing, read, send

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
