"""The Grafana dashboard asks for metrics that the service has, by names and labels."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from prometheus_client import generate_latest

from api.metrics import Metrics
from patrol.cameras.meters import CameraMeters
from tests.conftest import REPO

DASHBOARD: dict[str, Any] = json.loads(
    (REPO / "docs" / "grafana" / "video-patrol.json").read_text(encoding="utf-8")
)
EXPRESSIONS = [t["expr"] for panel in DASHBOARD["panels"] for t in panel["targets"]]


@pytest.fixture(scope="module")
def shown() -> dict[str, set[str]]:
    """What /metrics shows of a service in use: sample names with their labels."""
    metrics = Metrics()
    meters = CameraMeters(metrics.registry)
    metrics.answered("GET", "/x", 200, 0.1)
    metrics.photo("filed", 0.2)
    metrics.login("ok")
    meters.look(inspected=True, late_s=0.1)
    meters.opened("stall")
    meters.filed(3.0)
    meters.outage()
    meters.not_written()
    meters.stand({"live": 2}, {"stall": 1}, 0)
    found: dict[str, set[str]] = {}
    for line in generate_latest(metrics.registry).decode().splitlines():
        sample = re.match(r"(patrol_\w+)(?:\{(.*)\})? ", line)
        if sample:
            labels = set(re.findall(r"(\w+)=", sample[2] or ""))
            found.setdefault(sample[1], set()).update(labels)
    return found


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_expression_asks_for_what_the_service_shows(
    expression: str, shown: dict[str, set[str]]
) -> None:
    asked = re.findall(r"(patrol_\w+)\{([^}]*)\}", expression)
    assert asked
    for name, selectors in asked:
        assert name in shown, name
        labels = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", selectors)) - {"job"}
        assert labels <= shown[name], (name, labels)
    grouped = re.findall(r"by \((\w+)\)", expression)
    known = set().union(*(shown[name] for name, _ in asked))
    assert set(grouped) <= known


def test_every_camera_metric_is_on_the_dashboard(shown: dict[str, set[str]]) -> None:
    everything = " ".join(EXPRESSIONS)
    bases = {re.sub(r"_(bucket|count|sum|created)$", "", name) for name in shown}
    cameras = {name for name in bases if not re.search("http|photo|login", name)}
    assert {name for name in cameras if name not in everything} == set()


def test_panels_have_titles_units_and_their_own_place() -> None:
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        assert panel["title"]
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells
