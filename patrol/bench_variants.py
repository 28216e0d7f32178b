"""A model's faster variants beside its float32 session, one thread and one picture at a time."""

from __future__ import annotations

import json
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Final

import cv2
import numpy as np
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from detector.detect import Detector
from detector.letterbox import Letterbox
from detector.network import CPU, OPENVINO, Network, available_providers, open_network
from detector.photo import PhotoLimits, read_photo
from detector.types import Image
from models import CHECKPOINT_FILE, InputSpec, ModelCard, ModelError, load_card, verify
from models.registry import Registry
from patrol.model import choose_card
from patrol.photo_files import PhotoReader, find_photos
from patrol.terminal import settings_or_exit

SHAPES: Final = ((640, 640), (640, 384))
"""Width and height of the pictures, pixels: a square photo, and a camera's 16:9 view. Each network
sees them at the size its card is for."""

DEMO_PICTURES = Path(__file__).resolve().parent.parent / "datasets" / "demo"
CONFIDENCE: Final = 0.25
BASE: Final = "float32"
TORCH: Final = "ultralytics_torch"


@dataclass(frozen=True, slots=True)
class Runner:
    """One way of looking: ``session`` runs the network alone, ``whole`` from pixels to boxes.

    ``session`` is None for ultralytics, whose predict is one piece; else it runs on the picture
    letterboxed to what ``spec`` asks for.
    """

    key: str
    whole: Callable[[Image], object]
    session: Network | None = None
    spec: InputSpec | None = None


@dataclass(frozen=True, slots=True)
class Times:
    """Medians in milliseconds, by the clock and of processor time (all threads)."""

    wall_ms: float
    cpu_ms: float


@dataclass(frozen=True, slots=True)
class Line:
    """One runner at one shape; ratios are how many times as fast as float32 or ultralytics.

    ``session`` ratios compare the bare networks, ``whole`` ones the way from pixels to boxes; the
    ``cpu`` figures hold also on a machine that is busy with something else.
    """

    key: str
    width: int
    height: int
    session: Times | None
    whole: Times
    session_over_float32: float | None
    session_over_float32_cpu: float | None
    whole_over_ultralytics: float | None
    whole_over_ultralytics_cpu: float | None


def variants_bench(
    *,
    model: Annotated[
        str | None, typer.Option(help="the float32 model; default: in service")
    ] = None,
    variant: Annotated[
        list[str] | None,
        typer.Option(help="a variant, several times; default: all called after the model"),
    ] = None,
    rounds: Annotated[int, typer.Option(min=3, help="interleaved rounds")] = 30,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="write the figures as JSON")
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="put each variant's speed into its card")
    ] = False,
) -> None:
    """Compare a model's faster variants with its float32 session and with ultralytics.

    One thread, one picture at a time, all in turn in the same run; medians count. Each variant is
    computed by the runtime its card is for.
    """
    console = Console()
    settings = settings_or_exit(**({"model": model} if model else {}))
    try:
        card = choose_card(settings)
        roots = Registry(settings.data_dir).roots
        cards = [load_card(one, roots) for one in variant] if variant else variants_of(card)
        lines = compare_variants(card, cards, rounds=rounds)
    except (ModelError, ValueError) as error:
        typer.echo(f"patrol bench variants: {error}", err=True)
        raise typer.Exit(1) from error
    console.print(table(lines))
    report = report_of(card, cards, lines, rounds=rounds)
    if json_file is not None:
        json_file.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    if write:
        write_speed(cards, lines)


def variants_of(card: ModelCard) -> list[ModelCard]:
    """The models beside this one that are called after it and can be computed here."""
    ready = available_providers()
    folders = sorted(card.directory.parent.glob(f"{card.directory.name}-*/card.yaml"))
    cards = [load_card(folder.parent) for folder in folders]
    return [one for one in cards if one.runtime in ready]


def compare_variants(
    card: ModelCard, variants: Sequence[ModelCard], *, rounds: int
) -> tuple[Line, ...]:
    """Time the float32 session, its variants and ultralytics at each of ``SHAPES``.

    Raises:
        ModelError: a model file is missing or changed.
        ValueError: a variant's runtime is not installed.
    """
    runners = _runners(card, variants)
    picture = _picture()
    lines: list[Line] = []
    for width, height in SHAPES:
        image = np.asarray(cv2.resize(picture, (width, height)), dtype=np.uint8)
        sessions = {
            one.key: _tensor_run(one.session, image, one.spec)
            for one in runners
            if one.session is not None and one.spec is not None
        }
        wholes = {one.key: _image_run(one.whole, image) for one in runners}
        bare, whole = time_in_turn(sessions, rounds), time_in_turn(wholes, rounds)
        base, torch = bare[BASE], whole.get(TORCH)
        for one in runners:
            mine = bare.get(one.key)
            lines.append(
                Line(
                    key=one.key,
                    width=width,
                    height=height,
                    session=mine,
                    whole=whole[one.key],
                    session_over_float32=_ratio(base, mine),
                    session_over_float32_cpu=_cpu_ratio(base, mine),
                    whole_over_ultralytics=_ratio(torch, whole[one.key]),
                    whole_over_ultralytics_cpu=_cpu_ratio(torch, whole[one.key]),
                )
            )
    return tuple(lines)


def time_in_turn(runs: dict[str, Callable[[], object]], rounds: int) -> dict[str, Times]:
    """Median times of each, one after another in changing order; two rounds before do not count."""
    wall: dict[str, list[float]] = {key: [] for key in runs}
    cpu: dict[str, list[float]] = {key: [] for key in runs}
    keys = list(runs)
    for number in range(-2, rounds):
        shift = number % len(keys)
        for key in keys[shift:] + keys[:shift]:
            begun, spent = time.perf_counter(), time.process_time()
            runs[key]()
            if number >= 0:
                wall[key].append(time.perf_counter() - begun)
                cpu[key].append(time.process_time() - spent)
    return {
        key: Times(
            round(1000 * statistics.median(wall[key]), 2),
            round(1000 * statistics.median(cpu[key]), 2),
        )
        for key in keys
    }


def table(lines: Sequence[Line]) -> Table:
    """The figures for the screen, narrow enough for 80 columns."""
    shown = Table(
        title="One thread, one picture at a time",
        caption="ms: medians; x: times as fast as the float32 session and as ultralytics' predict,"
        " by the clock and by processor time",
        box=SIMPLE_HEAD,
        padding=0,
        pad_edge=False,
        show_edge=False,
    )
    shown.add_column("", no_wrap=True)
    for heading in ("input", "net ms", "x", "x CPU", "whole ms", "x ultra", "x CPU"):
        shown.add_column(heading, justify="right", no_wrap=True)
    for one in lines:
        shown.add_row(
            one.key,
            f"{one.width}x{one.height}",
            f"{one.session.wall_ms:.1f}" if one.session else "-",
            _times(one.session_over_float32),
            _times(one.session_over_float32_cpu),
            f"{one.whole.wall_ms:.1f}",
            _times(one.whole_over_ultralytics),
            _times(one.whole_over_ultralytics_cpu),
        )
    return shown


def report_of(
    card: ModelCard, variants: Sequence[ModelCard], lines: Sequence[Line], *, rounds: int
) -> dict[str, Any]:
    """The figures as plain data."""
    return {
        "model": {"name": card.name, "sha256": card.sha256},
        "variants": {one.name: {"sha256": one.sha256, "runtime": one.runtime} for one in variants},
        "lines": [asdict(one) for one in lines],
        "threads": 1,
        "batch": 1,
        "rounds": rounds,
        "processor": processor(),
        "processor_has": instructions(),
    }


def write_speed(variants: Sequence[ModelCard], lines: Sequence[Line]) -> None:
    """Put what was measured of each variant into its card, with the processor it holds for."""
    from training.judge import update_card

    for card in variants:
        mine = [one for one in lines if one.key == card.name]
        speed = {
            "runtime": card.runtime,
            "processor": processor(),
            "processor_has": list(instructions()),
            "threads": 1,
            "shapes": {
                f"{one.width}x{one.height}": {
                    "session_ms": one.session.wall_ms if one.session else None,
                    "session_cpu_ms": one.session.cpu_ms if one.session else None,
                    "times_as_fast_as_float32": one.session_over_float32,
                    "times_as_fast_as_float32_by_cpu_time": one.session_over_float32_cpu,
                    "times_as_fast_as_ultralytics": one.whole_over_ultralytics,
                    "times_as_fast_as_ultralytics_by_cpu_time": one.whole_over_ultralytics_cpu,
                }
                for one in mine
            },
        }
        update_card(card.directory, {"speed": speed})


def processor() -> str:
    """The processor's name, as the system tells it."""
    for line in _cpuinfo():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()


def instructions() -> tuple[str, ...]:
    """Which arithmetic that matters here the processor has: 8-bit products, bfloat16, AVX."""
    wanted = {"avx2", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16", "amx_int8", "amx_bf16"}
    for line in _cpuinfo():
        name, _, value = line.partition(":")
        if name.strip() in ("flags", "Features"):
            return tuple(sorted(wanted & set(value.split())))
    return ()


def _runners(card: ModelCard, variants: Sequence[ModelCard]) -> list[Runner]:
    runners = [_runner(BASE, card, CPU)]
    runners += [_runner(one.name, one, one.runtime) for one in variants]
    if OPENVINO in available_providers():
        runners.append(_runner("float32 on OpenVINO", card, OPENVINO))
    weights = card.directory / CHECKPOINT_FILE
    if find_spec("ultralytics") is not None and weights.is_file():
        from training.peers import ultralytics_predict

        predict = ultralytics_predict(
            weights, size=card.input.size, confidence=CONFIDENCE, threads=1
        )
        runners.append(Runner(TORCH, predict))
    return runners


def _runner(key: str, card: ModelCard, provider: str) -> Runner:
    verify(card)
    detector = Detector(card, (provider,), threads=1, min_confidence=CONFIDENCE)
    return Runner(
        key,
        lambda image: detector.detect([image]),
        open_network(card.path, (provider,), 1),
        card.input,
    )


def _tensor_run(session: Network, image: Image, spec: InputSpec) -> Callable[[], object]:
    height, width = image.shape[:2]
    fit = Letterbox.fit(width, height, spec.size, spec.stride)
    canvas = np.empty((fit.input_height, fit.input_width, 3), np.uint8)
    fit.place(image, canvas)
    planes = canvas[:, :, ::-1].transpose(2, 0, 1)[None].astype(np.float32) / np.float32(255)
    tensor = np.ascontiguousarray(planes)
    return lambda: session.run(tensor)


def _image_run(whole: Callable[[Image], object], image: Image) -> Callable[[], object]:
    return lambda: whole(image)


def _picture() -> Image:
    file = next(one for one in find_photos([str(DEMO_PICTURES)]) if one.problem is None)
    with PhotoReader(PhotoLimits()) as reader:
        return read_photo(reader.read(file)).image


def _ratio(other: Times | None, mine: Times | None) -> float | None:
    return round(other.wall_ms / mine.wall_ms, 3) if other and mine else None


def _cpu_ratio(other: Times | None, mine: Times | None) -> float | None:
    return round(other.cpu_ms / mine.cpu_ms, 3) if other and mine and mine.cpu_ms else None


def _times(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _cpuinfo() -> list[str]:
    try:
        return Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
