"""The real service in a process of its own, as a person starts it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from models import ModelError, load_card
from patrol.settings import load_settings
from tests.conftest import REPO, require

PASSWORD = "chosen by a person"


def require_model() -> None:
    """Skip without a model (PATROL_MODEL, or the one in models/default)."""
    try:
        load_card(load_settings().model)
    except ModelError as error:
        require("model", False, str(error))


def environment(data_dir: Path, **more: str) -> dict[str, str]:
    """The environment of a service on its own data folder."""
    return {**os.environ, "PATROL_DATA_DIR": str(data_dir), "PATROL_PORT": "0", **more}


def patrol(
    data_dir: Path, *arguments: str, text: str | None = None, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run one `patrol` command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "patrol", *arguments],
        env=environment(data_dir, **more),
        cwd=REPO,
        input=text,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@dataclass
class Up:
    """A running `patrol up`: what it printed, where it answers."""

    process: subprocess.Popen[str]
    output: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The printed address."""
        found = self.wait_for(r"(http://\S+:\d+)", self.output)
        return found.group(1)

    @property
    def first_password(self) -> str | None:
        """The printed password of the first administrator, if there is one."""
        assert self.url
        found = re.search(r"Password\s+(\S+)", "".join(self.output))
        return found.group(1) if found else None

    def wait_for(self, pattern: str, lines: list[str], seconds: float = 90) -> re.Match[str]:
        """The first match of ``pattern`` in what was printed so far or will be."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = re.search(pattern, "".join(lines))
            if found:
                return found
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(f"no {pattern!r} in:\n{''.join(self.output + self.errors)}")

    @contextmanager
    def admin(self) -> Iterator[httpx.Client]:
        """A client of the administrator, with the first password changed."""
        first = self.first_password
        with httpx.Client(base_url=f"{self.url}/api/v1/", timeout=60) as client:
            login = {"username": "admin", "password": first or PASSWORD}
            answer = client.post("session", json=login)
            if answer.status_code == 401:
                answer = client.post("session", json=login | {"password": PASSWORD})
            assert answer.status_code == 200, answer.text
            client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
            if answer.json()["user"]["must_change_password"]:
                change = {"current": first, "new": PASSWORD}
                assert client.put("session/password", json=change).status_code == 204
            yield client

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End the process; its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(60)


@contextmanager
def up(data_dir: Path, *arguments: str, **more: str) -> Iterator[Up]:
    """Start `patrol up` and end it afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-m", "patrol", "up", *arguments],
        env=environment(data_dir, COLUMNS="100", **more),
        cwd=REPO,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    running = Up(process)
    assert process.stdout is not None
    assert process.stderr is not None
    readers = [
        threading.Thread(target=lines.extend, args=(stream,), daemon=True)
        for lines, stream in ((running.output, process.stdout), (running.errors, process.stderr))
    ]
    for reader in readers:
        reader.start()
    try:
        yield running
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(60)
        for reader in readers:
            reader.join(10)
        process.stdout.close()
        process.stderr.close()
