"""A scan that is killed, interrupted or pressed for memory: nothing lost, nothing done twice."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import cv2
import pytest

from tests.conftest import REPO
from tests.patrol.photos import demo_photos, eager_model, many_photos

NUMBER = 40
COMMAND = (sys.executable, "-m", "patrol", "scan")


class Bench:
    """A folder with photos, a data folder, and scans as processes of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.environment = {
            **os.environ,
            "PATROL_DATA_DIR": str(folder / "data"),
            "PATROL_MODEL": str(eager_model(folder / "eager")),
            "PYTHONPATH": str(REPO),
        }
        self.environment.pop("PATROL_DATABASE_URL", None)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def finish(self, *arguments: str) -> str:
        with self.start(*arguments) as process:
            output, _ = process.communicate(timeout=300)
        assert process.returncode == 0, output
        return output

    def rows(self, table: str) -> int:
        path = self.folder / "data" / "patrol.db"
        if not path.exists():
            return 0
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)) as connection:
            try:
                return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
            except sqlite3.OperationalError:
                return 0

    def wait_for_looks(self, process: subprocess.Popen[str], number: int) -> None:
        until = time.monotonic() + 120
        while self.rows("look") < number:
            assert process.poll() is None, "the scan ended before it could be stopped"
            assert time.monotonic() < until
            time.sleep(0.02)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def remembered(output: str) -> int:
    match = re.search(r"\((\d+) of them by an earlier scan\)", output)
    return int(match[1]) if match else 0


def paths_of(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return sorted(json.loads(line)["path"] for line in lines)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_stopped_scan_goes_on_where_it_ended(bench: Bench, how: signal.Signals) -> None:
    photos = many_photos(bench.folder / "in", NUMBER)
    arguments = ("in", "--json", "out.jsonl", "--report", "report")
    with bench.start(*arguments) as process:
        bench.wait_for_looks(process, 6)
        process.send_signal(how)
        output, _ = process.communicate(timeout=60)
    done = bench.rows("look")
    assert 6 <= done < NUMBER
    assert not (bench.folder / "out.jsonl").exists(), "the file appears only when it is whole"
    if how == signal.SIGINT:
        assert process.returncode == 130
        assert "Stopped" in output

    output = bench.finish(*arguments)

    assert remembered(output) >= done
    assert bench.rows("look") == NUMBER
    assert paths_of(bench.folder / "out.jsonl") == sorted(f"in/{path.name}" for path in photos)
    assert len(list((bench.folder / "report" / "thumbs").glob("*.jpg"))) == NUMBER
    straight = Bench(bench.folder / "straight")
    (straight.folder / "in").symlink_to(bench.folder / "in")
    straight.finish("in/*.jpg")
    assert bench.rows("lead") == straight.rows("lead") > 0
    assert bench.rows("photo") == straight.rows("photo")


def test_large_photos_stay_within_600_megabytes(bench: Bench) -> None:
    folder = bench.folder / "in"
    folder.mkdir()
    for index, source in enumerate(demo_photos()[:3]):
        image = cv2.imread(str(source))
        assert image is not None
        cv2.imwrite(str(folder / f"{index}.jpg"), cv2.resize(image, (8000, 6000)))
    code = (
        "import re, sys; from pathlib import Path; from typer.testing import CliRunner;"
        "from patrol.lazy import as_app; from patrol.scan import scan;"
        "result = CliRunner().invoke(as_app(scan), ['in', '--report', 'report']);"
        # the peak of this program alone: getrusage would count the process it was forked from
        "status = Path('/proc/self/status').read_text();"
        "print(result.output, re.search(r'VmHWM:\\s+(\\d+)', status)[1]);"
        "sys.exit(result.exit_code)"
    )
    process = subprocess.run(
        [sys.executable, "-c", code],
        cwd=bench.folder,
        env=bench.environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert process.returncode == 0, process.stdout + process.stderr
    peak_kilobytes = int(process.stdout.split()[-1])
    assert peak_kilobytes < 600 * 1024
