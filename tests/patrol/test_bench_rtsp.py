"""The benches over a real RTSP server: a few cameras, and a server that dies."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from detector.camera import CameraConfig
from detector.counting import Policy
from detector.types import Detection, Image
from patrol import bench_rtsp
from patrol.bench_drain import READERS, draining
from patrol.bench_restart import restart_server
from patrol.bench_rtsp import held_over_rtsp
from patrol.bench_streams import coded_clip, long_film
from tests.detector.cameras import require_rtsp

pytestmark = pytest.mark.rtsp


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    clip = coded_clip(1, cars=2, scale=0.125)
    return long_film(clip, tmp_path_factory.mktemp("films") / "film.mp4", 120.0)


def test_all_cameras_come_back_after_the_server_was_killed(film: Path) -> None:
    require_rtsp()
    films = {f"/c{number}": film for number in range(3)}
    result = restart_server(films, 16, down_s=5.0, patience_s=60.0)
    assert result.noticed_s is not None
    assert result.back_s is not None
    assert result.lost == ()
    assert result.doubled == 0


def test_both_readers_are_drained_and_told_apart(film: Path) -> None:
    require_rtsp()
    films = {f"/main{number}": film for number in range(bench_rtsp.MOUNTS)}
    with bench_rtsp.serving(films) as (port, server):
        for reader in READERS:
            found = draining(port, server, "main", reader, 4, 6.0)
            assert found.reader == reader
            assert found.keys_per_s == pytest.approx(0.5, abs=0.3)  # one every two seconds
            assert found.ms > 0


def test_cameras_are_watched_and_visited_over_rtsp(
    film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_rtsp()

    def nothing(_: Image) -> tuple[Detection, ...]:
        return ()

    def films_in(_: Path) -> dict[str, Path]:
        return {f"/{kind}{n}": film for kind in ("main", "sub") for n in range(bench_rtsp.MOUNTS)}

    monkeypatch.setattr(bench_rtsp, "films_in", films_in)
    found = held_over_rtsp(
        nothing,
        CameraConfig(Policy({})),
        Console(quiet=True),
        seconds=6.0,
        every_s=3.0,
        round_s=6.0,
        only=2,
    )
    assert [(one["stream"], one["mode"]) for one in found] == list(bench_rtsp.STARTS)
    for one in found:
        assert one["held"]["done_share"] > 0.5
        assert (one["visit_p50_s"] is not None) == (one["mode"] == "round")
