"""`patrol bench`: what this machine does with this model, beside its peers and its own limit."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import cv2
import numpy as np
import onnxruntime
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from detector.detect import Detector
from detector.letterbox import Letterbox
from detector.network import CPU, OPENVINO, available_providers, open_session
from detector.photo import PhotoError, PhotoLimits, read_photo
from models import CHECKPOINT_FILE, ModelCard, ModelError
from patrol.bench_cameras import cameras_bench
from patrol.bench_clip import clip_bench
from patrol.bench_drain import drain_bench
from patrol.bench_quiet import quiet_bench
from patrol.bench_restart import restart_bench
from patrol.bench_soak import soak_bench
from patrol.bench_variants import compare_variants, report_of, variants_bench, variants_of
from patrol.bench_variants import table as variants_table
from patrol.model import choose_card
from patrol.photo_files import PhotoReader, ReadError, find_photos
from patrol.terminal import settings_or_exit

app = typer.Typer(help="Measure speed and memory.", no_args_is_help=True)

DEMO_PICTURES = Path(__file__).resolve().parent.parent / "datasets" / "demo"
CONFIDENCE = 0.25

OURS, TORCH, ONNX, LIMIT = "ours", "ultralytics_torch", "ultralytics_onnx", "limit"

Round = Callable[[], None]
"""Takes all pictures once from file bytes to boxes."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """One way from bytes to boxes; ``run`` is None where it cannot be had, ``why`` says why."""

    key: str
    title: str
    run: Round | None = None
    why: str = ""


@app.callback()
def bench() -> None:
    """Measure speed and memory."""


@app.command("detector")
def detector_bench(  # noqa: PLR0917 (the options of a command)
    pictures: Annotated[
        Path | None, typer.Option(help="Folder of photos; default: the demo pictures.")
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the figures as JSON.")
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="Interleaved rounds.")] = 5,
    weights: Annotated[
        Path | None,
        typer.Option(
            help="Checkpoint for ultralytics' PyTorch predict; default: the one beside the model."
        ),
    ] = None,
    model: Annotated[str | None, typer.Option(help="Model name or folder.")] = None,
    most: Annotated[int, typer.Option(min=1, help="Pictures used at most.")] = 64,
    variant_rounds: Annotated[
        int, typer.Option(min=0, help="Rounds for the bare networks and variants; 0 for none.")
    ] = 20,
) -> None:
    """Photos per second from JPEG bytes to boxes, beside ultralytics and beside the bare limit.

    The limit is decoding and running the network on inputs prepared beforehand, with the same
    threads. All contestants take the same pictures in turn, in changing order; medians count. Then
    the float32 session beside the variants of the model, one thread and one picture at a time.
    """
    console = Console()
    settings = settings_or_exit(**({"model": model} if model else {}))
    try:
        card = choose_card(settings)
        photos = _read(pictures or DEMO_PICTURES, most)
        beside = card.directory / CHECKPOINT_FILE
        contestants = _contestants(card, photos, weights or (beside if beside.is_file() else None))
        variants = variants_of(card)
    except (ModelError, FileNotFoundError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    seconds, busy = measure(contestants, rounds, console)
    rates = {
        one.key: round(len(photos) / statistics.median(seconds[one.key]), 2)
        if one.key in seconds
        else None
        for one in contestants
    }
    cpu_ms = {
        key: round(1000 * statistics.median(values) / len(photos), 2)
        for key, values in busy.items()
    }
    console.print(_table(contestants, rates, cpu_ms, seconds, len(photos)))
    for one in contestants:
        if one.run is None:
            console.print(f"{one.title}: {one.why}", markup=False)
    cores = os.cpu_count() or 1
    console.print(
        f"{len(photos)} photos, {rounds} rounds, {cores} cores; model {card.name} {card.version}, "
        f"ONNX Runtime {onnxruntime.__version__}",
        markup=False,
    )
    lines = compare_variants(card, variants, rounds=variant_rounds) if variant_rounds else ()
    if lines:
        console.print(variants_table(lines))
    if json_file is not None:
        report = _report(card, rates, cpu_ms, seconds, photos=len(photos), rounds=rounds)
        if lines:
            report["variants"] = report_of(card, variants, lines, rounds=variant_rounds)
        json_file.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def measure(
    contestants: Sequence[Contestant], rounds: int, console: Console
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Seconds by the clock and of processor time, per contestant and round.

    One round each goes before that does not count. Processor time is of all threads together: it
    also tells contestants apart on a machine that is busy with something else.
    """
    running = [one for one in contestants if one.run is not None]
    seconds: dict[str, list[float]] = {one.key: [] for one in running}
    busy: dict[str, list[float]] = {one.key: [] for one in running}
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("warming up", total=len(running) * (rounds + 1))
        for number in range(rounds + 1):
            shift = number % len(running)
            for one in running[shift:] + running[:shift]:
                assert one.run is not None
                start, busy_start = time.perf_counter(), time.process_time()
                one.run()
                if number:
                    seconds[one.key].append(time.perf_counter() - start)
                    busy[one.key].append(time.process_time() - busy_start)
                progress.update(task, advance=1, description=one.title)
    return seconds, busy


def _read(folder: Path, most: int) -> list[bytes]:
    """The bytes of up to ``most`` readable photos, evenly taken from the folder."""
    settings = settings_or_exit()
    limit = settings.max_file_mib * 1024 * 1024
    files = [file for file in find_photos([str(folder)]) if file.problem is None]
    step = max(1, len(files) // most)
    photos = []
    with PhotoReader(PhotoLimits(max_bytes=limit)) as reader:
        for file in files[::step][:most]:
            try:
                data = reader.read(file)
                read_photo(data)
            except (ReadError, PhotoError):
                continue  # the bench is about speed; `patrol scan` tells about bad files
            photos.append(data)
    if not photos:
        raise FileNotFoundError(f"{folder}: there are no readable photos")
    return photos


def _contestants(
    card: ModelCard, photos: Sequence[bytes], weights: Path | None
) -> list[Contestant]:
    cores = os.cpu_count() or 1
    contestants = [Contestant(OURS, f"ours, {cores} x 1 thread", _ours(card, photos, cores, 1))]
    if cores > 1:
        title = f"ours, 1 x {cores} threads"
        contestants.append(Contestant("ours_one_worker", title, _ours(card, photos, 1, cores)))
    if OPENVINO in available_providers():
        title = f"ours, OpenVINO, {cores} x 1 thread"
        run = _ours(card, photos, cores, 1, OPENVINO)
        contestants.append(Contestant("ours_openvino", title, run))
    missing = "needs the extra `train`" if find_spec("ultralytics") is None else ""
    for key, title, file in (
        (TORCH, "ultralytics, PyTorch", weights),
        (ONNX, "ultralytics, ONNX", card.path),
    ):
        if missing or file is None:
            why = missing or "name the model's checkpoint with --weights FILE.pt"
            contestants.append(Contestant(key, title, why=why))
        else:
            contestants.append(Contestant(key, title, _ultralytics(file, card, photos)))
    title = f"limit: decode + session, {cores} x 1"
    contestants.append(Contestant(LIMIT, title, _limit(card, photos, cores)))
    return contestants


def _ours(
    card: ModelCard, photos: Sequence[bytes], workers: int, threads: int, provider: str = CPU
) -> Round:
    detector = Detector(card, (provider,), threads=threads, min_confidence=CONFIDENCE)
    pool = ThreadPoolExecutor(workers)

    def one(data: bytes) -> None:
        detector.detect([read_photo(data).image])

    return lambda: _exhaust(pool, one, photos)


def _limit(card: ModelCard, photos: Sequence[bytes], workers: int) -> Round:
    session = open_session(card.path, (CPU,), 1)
    name = session.get_inputs()[0].name
    pool = ThreadPoolExecutor(workers)
    prepared = [(data, _input_like(card, data)) for data in photos]

    def one(item: tuple[bytes, NDArray[np.float32]]) -> None:
        data, tensor = item
        cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        session.run(None, {name: tensor})

    return lambda: _exhaust(pool, one, prepared)


def _ultralytics(file: Path, card: ModelCard, photos: Sequence[bytes]) -> Round:
    from training.peers import ultralytics_predict

    predict = ultralytics_predict(file, size=card.input.size, confidence=CONFIDENCE)

    def run() -> None:
        for data in photos:
            image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
            predict(image)  # type: ignore[arg-type]

    return run


def _exhaust(pool: ThreadPoolExecutor, work: Callable[[Any], None], items: Sequence[Any]) -> None:
    for _ in pool.map(work, items):
        pass


def _input_like(card: ModelCard, data: bytes) -> NDArray[np.float32]:
    """The network's input for a photo, float32 (1, 3, height, width)."""
    image = read_photo(data).image
    fit = Letterbox.fit(image.shape[1], image.shape[0], card.input.size, card.input.stride)
    canvas = np.empty((fit.input_height, fit.input_width, 3), np.uint8)
    fit.place(image, canvas)
    planes = canvas[:, :, ::-1].transpose(2, 0, 1)[None].astype(np.float32)
    return np.ascontiguousarray(planes) / np.float32(card.input.scale)


def _table(
    contestants: Sequence[Contestant],
    rates: dict[str, float | None],
    cpu_ms: dict[str, float],
    seconds: dict[str, list[float]],
    photos: int,
) -> Table:
    table = Table(title="From JPEG bytes to boxes")
    table.add_column("", no_wrap=True)
    for heading in ("photos/s", "range", "ours / this", "CPU ms"):
        table.add_column(heading, justify="right")
    ours = rates[OURS] or 0.0
    for one in contestants:
        rate = rates[one.key]
        if rate is None:
            table.add_row(one.title, "-", "-", "-", "-")
            continue
        rounds = seconds[one.key]
        span = f"{photos / max(rounds):.1f}-{photos / min(rounds):.1f}"
        used = f"{cpu_ms[one.key]:.1f}"
        table.add_row(one.title, f"{rate:.1f}", span, f"{ours / rate:.2f}", used)
    return table


def _report(
    card: ModelCard,
    rates: dict[str, float | None],
    cpu_ms: dict[str, float],
    seconds: dict[str, list[float]],
    *,
    photos: int,
    rounds: int,
) -> dict[str, Any]:
    def ratio(over: str, of: str = OURS) -> float | None:
        ours, other = rates.get(of), rates[over]
        return round(ours / other, 3) if ours and other else None

    limit_over_ours = ratio(LIMIT)
    return {
        "photos_per_s": {key: rates[key] for key in (OURS, TORCH, ONNX, LIMIT)},
        "ours_over_ultralytics_torch": ratio(TORCH),
        "ours_over_ultralytics_onnx": ratio(ONNX),
        "overhead_over_limit": round(1 / limit_over_ours - 1, 4) if limit_over_ours else None,
        "ours_one_worker_photos_per_s": rates.get("ours_one_worker"),
        "ours_openvino_photos_per_s": rates.get("ours_openvino"),
        "ours_openvino_over_ultralytics_torch": ratio(TORCH, "ours_openvino"),
        "cpu_ms_per_photo": cpu_ms,
        "round_seconds": seconds,
        "photos": photos,
        "rounds": rounds,
        "workers": os.cpu_count() or 1,
        "threads_per_worker": 1,
        "model": {"name": card.name, "version": card.version, "sha256": card.sha256},
        "machine": {"cores": os.cpu_count(), "processor": platform.machine()},
        "onnxruntime": onnxruntime.__version__,
    }


app.command("cameras")(cameras_bench)
app.command("quiet")(quiet_bench)
app.command("variants")(variants_bench)
app.command("clip")(clip_bench)
app.command("soak")(soak_bench)
app.command("draining")(drain_bench)
app.command("rtsp-restart")(restart_bench)
