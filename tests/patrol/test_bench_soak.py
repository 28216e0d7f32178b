"""The soak's script and record, and a short soak."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from patrol.bench import app
from patrol.bench_soak import Kept, Sample, recorded, slope
from patrol.soak_cameras import KINDS, NOTICE_OF, Outage, script

OUT = Kept(1, "outage", "refused", 160.0, 510.0)


def test_the_script_has_every_kind_and_leaves_time_between() -> None:
    outages = script(50, 8 * 3600.0, 1)
    assert {o.kind for o in outages} == set(KINDS)
    assert len(outages) > 150
    assert outages == script(50, 8 * 3600.0, 1) != script(50, 8 * 3600.0, 2)
    for camera in range(50):
        mine = [o for o in outages if o.camera == camera]
        assert all(b.start_s - a.end_s >= 600 for a, b in itertools.pairwise(mine))
        assert all(o.end_s < 8 * 3600 - 600 for o in mine)


@pytest.mark.parametrize(
    ("notices", "found", "others"),
    [
        ([OUT], 1, 0),
        ([OUT, replace(OUT, began_s=300.0)], 0, 0),  # twice is wrong
        ([replace(OUT, ended_s=None)], 0, 0),  # never closed
        ([replace(OUT, kind="fault", what="frozen")], 0, 1),
        ([replace(OUT, camera=2)], 0, 1),
        ([replace(OUT, began_s=900.0, ended_s=950.0)], 0, 1),
    ],
)
def test_an_outage_is_in_the_record_once_or_missed(
    notices: list[Kept], found: int, others: int
) -> None:
    outage = Outage(1, "drop", 100.0, 500.0)
    good, missed, left = recorded([outage], notices, 90.0)
    assert (len(good), len(missed), len(left)) == (found, 1 - found, others)


def test_the_slope_is_of_memory_over_hours() -> None:
    growing = [Sample(n / 10, 300 + n, 20, 9) for n in range(80)]
    assert slope(growing) == pytest.approx(10.0)
    assert slope([Sample(n / 10, 300.0, 20, 9) for n in range(80)]) == pytest.approx(0.0)


def test_a_short_soak_has_every_outage_in_the_record_and_nothing_piles_up(tmp_path: Path) -> None:
    file = tmp_path / "soak.json"
    arguments = ["soak", "--hours", "1.5", "--cameras", "6", "--speed", "90", "--json", str(file)]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    report = json.loads(file.read_text(encoding="utf-8"))
    assert report["outages_scripted"] >= 3
    assert report["outages_missed"] == []
    assert report["other_notices"] == 0
    assert report["threads_end"] <= report["threads_start"] + 4
    assert report["handles_end"] <= report["handles_start"] + 4
    assert set(NOTICE_OF) == set(KINDS)
