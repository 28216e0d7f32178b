"""`patrol bench cameras`: how many 1080p25 streams this machine holds, beside full decoding."""

from __future__ import annotations

import json
import os
import platform
import threading
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import onnxruntime
import psutil
import typer
from rich.console import Console

from detector.camera import CameraConfig, Detect
from detector.counting import Policy
from detector.detect import Detector
from detector.permits import Permit, Span, Weekly
from detector.sources import FrameSource, SourceOptions
from detector.sources.stream import StreamSource
from detector.types import Detection, Image
from detector.zones import Mask, Rules, Zone
from models import ModelCard, ModelError
from patrol.bench_load import Held, Load, Opened
from patrol.bench_peers import full_decode_held, ultralytics_held
from patrol.bench_rtsp import STARTS, RtspServerMissingError, held_over_rtsp
from patrol.bench_streams import Clip, coded_clip, replayed
from patrol.memory import keep_memory_small
from patrol.model import choose_card
from patrol.terminal import settings_or_exit

SETTLING = 3
"""Looks of each camera that do not count: the network sees all views when they are new."""

Stream = tuple[Clip, bool]
"""A clip, and whether the gate may spare its looks."""


def from_memory(streams: list[Stream], stop: threading.Event) -> Opened:
    """Cameras that replay the streams in turn, each from a place of its own, until ``stop``."""
    rng = np.random.default_rng(7)

    def opened(number: int) -> tuple[FrameSource, bool]:
        clip, gated = streams[number % len(streams)]
        connect = replayed(clip, int(rng.integers(0, len(clip.packets))), stop)
        options = SourceOptions()
        name = f"c{number}"
        return StreamSource("rtsp://bench", name, "rtsp", options, connect=connect), gated

    return opened


def camera_config(card: ModelCard) -> CameraConfig:
    """Rules as a city has them: two zones, a night market, a mask."""
    half = ((0.0, 0.5), (1.0, 0.5), (1.0, 1.0), (0.0, 1.0))
    corner = ((0.0, 0.0), (0.2, 0.0), (0.2, 0.2), (0.0, 0.2))
    nightly = Weekly(frozenset(range(7)), (Span.of(20, 2),))
    rules = Rules(
        zones=(Zone("road", half), Zone("view", unknown_objects=True)),
        permits=(Permit("market", half, frozenset({"stall"}), (nightly,)),),
        masks=(Mask("clock", corner),),
    )
    return CameraConfig(Policy(card.review_thresholds), rules)


def search(
    load: Load, seconds: float, start: int, console: Console, settling_s: float
) -> tuple[Held, list[Held]]:
    """The largest number of cameras that is held, to within a tenth, and all that was tried."""
    tried: list[Held] = []
    good: Held | None = None
    bad: int | None = None
    count = start
    while True:
        load.grow_to(count)
        load.shrink_to(count)
        load.measure(settling_s)
        held = load.measure(seconds)
        tried.append(held)
        console.print(_line(held), markup=False)
        if held.held:
            good = held if good is None or held.cameras > good.cameras else good
        else:
            bad = held.cameras if bad is None else min(bad, held.cameras)
        if bad is None:
            count = int(count * 1.5)
        else:
            low = good.cameras if good is not None else 0
            if bad - low <= max(5, bad // 10):
                return good or held, tried
            count = (low + bad) // 2


def cameras_bench(  # noqa: PLR0917 (the options of a command)
    seconds: Annotated[float, typer.Option(min=5, help="Measuring time for each number.")] = 60.0,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the figures as JSON.")
    ] = None,
    every: Annotated[float, typer.Option(min=0.5, help="Seconds between looks.")] = 10.0,
    cameras: Annotated[
        int, typer.Option(min=0, help="Only this number (also over RTSP); 0 searches.")
    ] = 0,
    start: Annotated[int, typer.Option(min=1, help="Number the search begins with.")] = 100,
    busy: Annotated[
        float,
        typer.Option(min=0, max=1, help="Share of streams that are inspected at every look."),
    ] = 0.5,
    peers: Annotated[bool, typer.Option("--peers/--no-peers", help="Measure the peers.")] = True,
    weights: Annotated[
        Path | None, typer.Option(help="Checkpoint (.pt) for ultralytics; default: the ONNX model.")
    ] = None,
    provider: Annotated[
        str | None, typer.Option(help="What computes the network; default: PATROL_PROVIDERS.")
    ] = None,
    memory: Annotated[
        bool, typer.Option("--memory/--no-memory", help="Measure streams replayed from memory.")
    ] = True,
    rtsp: Annotated[
        bool, typer.Option("--rtsp", help="Measure over GStreamer's RTSP server here, too.")
    ] = False,
    rtsp_ways: Annotated[
        str, typer.Option(help="Streams (main, sub) and modes (watch, round) to measure.")
    ] = "main-watch,sub-watch,main-round,sub-round",
    rtsp_seconds: Annotated[
        float, typer.Option(min=5, help="Measuring time for each number over RTSP.")
    ] = 20.0,
    model: Annotated[str | None, typer.Option(help="Model name or folder.")] = None,
) -> None:
    """Cameras held: p95 of the looks done within 2 s of when they were due, under 2 GB.

    The streams are 1080p25 H.264 at 4 Mbit/s, made by the bench, replayed in real time from memory;
    a share of them (`--busy`) has traffic and no gate, so that the network takes every look, as on
    a busy junction; the others have only noise, and the gate. Rules and incidents run.
    """
    console = Console()
    settings = settings_or_exit(**({"model": model} if model else {}))
    keep_memory_small()
    providers = (provider,) if provider else settings.providers
    try:
        card = choose_card(settings)
        detector = Detector(card, providers, threads=1)
    except (ModelError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error

    def detect(image: Image) -> tuple[Detection, ...]:
        return detector.detect([image])[0]

    idle = 1.0 - psutil.cpu_percent(1.0) / 100
    config = camera_config(card)
    report: dict[str, Any] = {}
    if memory:
        report |= _held_from_memory(
            detect,
            config,
            console,
            busy,
            every_s=every,
            seconds=seconds,
            count=cameras,
            start=start,
        )
    if peers:
        peer_seconds = min(seconds, 15.0)
        report |= _peers(detect, card, weights, console, every_s=every, seconds=peer_seconds)
    if memory and peers:
        for peer in ("full_decode", "ultralytics"):
            theirs = report[f"{peer}_cameras"]
            ratio = round(report["cameras_held"] / theirs, 1) if theirs else None
            report[f"held_over_{peer}"] = ratio
    if rtsp:
        try:
            report["rtsp"] = held_over_rtsp(
                detect,
                config,
                console,
                seconds=rtsp_seconds,
                every_s=every,
                only=cameras,
                ways=_ways(rtsp_ways),
            )
        except RtspServerMissingError as error:
            typer.echo(f"patrol bench cameras: {error}", err=True)
            raise typer.Exit(1) from error
    report |= {
        "every_s": every,
        "busy_share": busy,
        "machine": {
            "cores": os.cpu_count(),
            "processor": platform.machine(),
            "idle_share_before": round(idle, 2),
        },
        "model": {"name": card.name, "version": card.version, "sha256": card.sha256},
        "providers": list(providers),
        "onnxruntime": onnxruntime.__version__,
    }
    if idle < 0.8:
        console.print(f"other work kept {1 - idle:.0%} of this machine busy: figures are low")
    if json_file is not None:
        json_file.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def _ways(text: str) -> tuple[tuple[str, str], ...]:
    """Streams and modes from `main-watch,sub-round`; BadParameter naming what is not known."""
    ways = []
    for word in text.split(","):
        stream, _, mode = word.strip().partition("-")
        if (stream, mode) not in STARTS:
            known = ", ".join("-".join(way) for way in STARTS)
            raise typer.BadParameter(f"--rtsp-ways: {word!r}: expected some of {known}")
        ways.append((stream, mode))
    return tuple(ways)


def _held_from_memory(
    detect: Detect,
    config: CameraConfig,
    console: Console,
    busy: float,
    *,
    every_s: float,
    seconds: float,
    count: int,
    start: int,
) -> dict[str, Any]:
    """Cameras held with streams replayed from memory: ``count`` of them, or searched for (0)."""
    console.print("coding the clips ...")
    streams = _mixed(coded_clip(1, cars=0), coded_clip(2, cars=6), busy)
    stop = threading.Event()
    load = Load(detect, config, from_memory(streams, stop), every_s=every_s)
    settling_s = max(12.0, SETTLING * every_s)
    try:
        if count:
            load.grow_to(count)
            load.measure(settling_s)
            best = load.measure(seconds)
            tried = [best]
            console.print(_line(best), markup=False)
        else:
            best, tried = search(load, seconds, start, console, settling_s)
    finally:
        stop.set()
        load.close()
    held = best.cameras if best.held else 0
    console.print(f"held: {held} cameras")
    return {
        "cameras_held": held,
        "lateness_p95_s": best.lateness_p95_s,
        "rss_mb": best.rss_mb,
        "looks_inferred_share": best.inferred_share,
        "tried": [asdict(one) for one in tried],
    }


def _peers(
    detect: Detect,
    card: ModelCard,
    weights: Path | None,
    console: Console,
    *,
    every_s: float,
    seconds: float,
) -> dict[str, Any]:
    """Cameras held by OpenCV decoding everything, and by ultralytics (None: not installed)."""
    clip = coded_clip(2, cars=6)
    full = full_decode_held(clip, detect, every_s=every_s, seconds=seconds)
    console.print(f"full decoding with OpenCV: {full} cameras", markup=False)
    ultra = None
    if find_spec("ultralytics") is None:
        console.print("ultralytics: needs the extra `train`", markup=False)
    else:
        file = weights or card.path
        ultra = ultralytics_held(clip, file, every_s=every_s, size=card.input.size)
        console.print(f"ultralytics, all streams in one predict: {ultra} cameras", markup=False)
    return {"full_decode_cameras": full, "ultralytics_cameras": ultra}


def _mixed(quiet: Clip, busy: Clip, share: float) -> list[Stream]:
    """Ten entries, ``share`` of them busy, to be dealt out in turn."""
    count = round(share * 10)
    return [(busy, False) if (n * 7) % 10 < count else (quiet, True) for n in range(10)]


def _line(held: Held) -> str:
    word = "held" if held.held else "NOT held"
    return (
        f"{held.cameras} cameras: lateness p50 {held.lateness_p50_s:.2f} s, "
        f"p95 {held.lateness_p95_s:.2f} s, {held.done_share:.0%} of the looks done, "
        f"{held.inferred_share:.0%} inspected by the network, {held.rss_mb:.0f} MB, "
        f"{held.cpu:.2f} cores: {word}"
    )
