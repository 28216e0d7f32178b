"""`patrol bench clip`: the scripted clip from its pictures to incidents, against its own truth."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import av
import cv2
import numpy as np
import typer
from rich.console import Console

from detector.camera import CameraConfig
from detector.counting import Policy
from detector.detect import Detector
from detector.incidents import Incident
from detector.observation import Observation, observation_to
from detector.types import Detection, Image
from detector.zones import rules_from
from models import ModelCard, ModelError
from patrol.bench_play import FilmError, play
from patrol.clip_judge import Judged, Told, judge_clip
from patrol.clip_service import looks_in, prepare, told_by
from patrol.model import choose_card
from patrol.terminal import settings_or_exit


class ClipError(ValueError):
    """The clip cannot be composed or played; the text says why."""


def clip_bench(  # noqa: PLR0917 (the options of a command)
    clip: Annotated[
        Path | None,
        typer.Argument(
            metavar="[CLIP]", help="What `patrol datasets clip` wrote; default: composed now."
        ),
    ] = None,
    kills: Annotated[
        int, typer.Option(min=0, help="Play it in a process killed so many times with -9.")
    ] = 0,
    seed: Annotated[int, typer.Option(help="Decides when it is killed.")] = 1,
    every: Annotated[float, typer.Option(min=2, help="Seconds of the clip between looks.")] = 10.0,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the figures as JSON.")
    ] = None,
    looks_file: Annotated[
        Path | None, typer.Option("--looks", metavar="FILE", help="Keep the looks, as JSON lines.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="Model name or folder.")] = None,
) -> None:
    """Each event of the script must become one incident, and nothing else must.

    The clip (24 minutes, a key frame every 2 s) is played as a film, as fast as the machine goes,
    with the rules its script has for that street; see datasets/render/story.py.
    """
    console = Console(highlight=False)
    settings = settings_or_exit(**({"model": model} if model else {}))
    try:
        card = choose_card(settings)
        with ExitStack() as stack:
            work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="patrol-clip-")))
            folder = ready(clip, work, console)
            truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
            begin = time.monotonic()
            if kills:
                told = play_killed(
                    folder, card, work / "data", every_s=every, kills=kills, seed=seed
                )
            else:
                told = play_clip(folder, card, every_s=every)
            passed = time.monotonic() - begin
    except (ModelError, ClipError, FilmError) as error:
        typer.echo(f"patrol bench clip: {error}", err=True)
        raise typer.Exit(1) from error
    judged, extra = judge_clip(truth, told.incidents, told.looks, card.review_thresholds, every)
    report = report_of(judged, extra, told, truth, card, every_s=every, kills=kills)
    for line in _told_to_people(judged, extra, told, report):
        console.print(line, markup=False, soft_wrap=True)
    console.print(f"{len(told.looks)} looks in {passed:.0f} s", markup=False)
    if looks_file is not None:
        lines = [{"type": "look", **observation_to(look)} for look in told.looks]
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        looks_file.write_text(text, encoding="utf-8")
    if json_file is not None:
        text = json.dumps(report, ensure_ascii=False, indent=2)
        json_file.write_text(text + "\n", encoding="utf-8")


def ready(clip: Path | None, work: Path, console: Console) -> Path:
    """A folder with clip.mp4 and truth.json; raises ClipError."""
    from datasets.render.frames import LayersError, load_sets, write_clip

    folder = clip or work
    if clip is None:
        console.print("composing the clip ...")
        try:
            write_clip(load_sets(), work)
        except LayersError as error:
            raise ClipError(str(error)) from error
    if not (folder / "truth.json").is_file():
        raise ClipError(f"{folder}: expected truth.json, as `patrol datasets clip` writes it")
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    if "rules" not in truth:
        raise ClipError(f"{folder}: an older truth.json without rules; compose the clip anew")
    if not (folder / "clip.mp4").is_file():
        write_film(sorted((folder / "frames").glob("*.jpg")), folder / "clip.mp4", truth["step_s"])
    return folder


def write_film(frames: Sequence[Path], path: Path, step_s: float) -> None:
    """Code pictures as a film of key frames, ``step_s`` apart; raises ClipError."""
    if not frames:
        raise ClipError(f"{path.parent}: there are no frames")
    part = path.with_suffix(".part.mp4")
    with av.open(str(part), "w") as container:
        options = {"g": "1", "crf": "17", "preset": "fast"}
        rate = 1 / Fraction(step_s)
        stream = container.add_stream("libx264", rate=rate, options=options)
        height, width = _picture(frames[0]).shape[:2]
        stream.height, stream.width, stream.pix_fmt = height // 2 * 2, width // 2 * 2, "yuv420p"
        for frame in frames:
            picture = av.VideoFrame.from_ndarray(_picture(frame), format="bgr24")
            container.mux(stream.encode(picture.reformat(stream.width, stream.height, "yuv420p")))
        container.mux(stream.encode())
    part.replace(path)


def _picture(path: Path) -> Image:
    image = cv2.imread(str(path))
    if image is None:
        raise ClipError(f"{path}: expected a picture")
    return np.asarray(image, np.uint8)


def play_clip(folder: Path, card: ModelCard, *, every_s: float) -> Told:
    """Play ``folder``/clip.mp4 with the rules of its truth, look after look; raises FilmError."""
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    detector = Detector(card, threads=0)

    def detect(image: Image) -> tuple[Detection, ...]:
        return detector.detect([image])[0]

    config = CameraConfig(Policy(card.review_thresholds), rules_from(truth["rules"]))
    looks: list[Observation] = []
    incidents: dict[str, Incident] = {}
    faults: list[str] = []
    realigned = 0
    for one in play(
        folder / "clip.mp4",
        "clip",
        config,
        detect,
        began=datetime.fromisoformat(truth["start"]),
        seconds=truth["length_s"],
        every_s=every_s,
    ):
        looks.append(one.looked.observation)
        incidents.update({i.id: i for i in one.looked.incidents})
        faults += [notice.fault.value for notice in one.looked.notices if notice.began]
        realigned += one.memory.sentry.shift != (0.0, 0.0)
    incidents.update({i.id: i for i in one.memory.book.open})
    found = sorted(incidents.values(), key=lambda one: one.first_seen)
    return Told(tuple(looks), tuple(found), tuple(faults), realigned)


def play_killed(
    folder: Path, card: ModelCard, data: Path, *, every_s: float, kills: int, seed: int
) -> Told:
    """Run the clip as a service does, in a process that is killed at random moments.

    Raises:
        ClipError: the process ended by itself with an error.
    """
    rng = random.Random(seed)  # noqa: S311  (chooses moments, guards nothing)
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    # A restart costs looks: the last kill comes well before the end of the clip.
    total = max(kills, int(0.75 * truth["length_s"] / every_s))
    moments: list[int | None] = [*sorted(rng.sample(range(total), kills)), None]
    prepare(data, folder, every_s)
    command = [sys.executable, "-m", "patrol.clip_service", str(data), str(folder)]
    for moment in moments:
        with subprocess.Popen([*command, str(card.directory)], stderr=subprocess.PIPE) as child:
            while child.poll() is None and (moment is None or looks_in(data) < moment):
                time.sleep(0.02)
            if moment is not None and child.poll() is None:
                time.sleep(rng.uniform(0.0, 0.5))
                child.kill()
                continue
            _, wrong = child.communicate()
            if child.returncode != 0:
                raise ClipError(wrong.decode(errors="replace").strip()[-2000:])
            if moment is not None:
                raise ClipError("the clip was over before it was killed as often as was asked for")
    return told_by(data)


def report_of(
    judged: Sequence[Judged],
    extra: Sequence[Incident],
    told: Told,
    truth: dict[str, Any],
    card: ModelCard,
    *,
    every_s: float,
    kills: int,
) -> dict[str, Any]:
    """The figures for ``--json``."""
    wanted = [one for one in judged if one.event.incident]
    quiet = [one for one in judged if not one.event.incident]
    doubled = sum(max(0, len(one.incidents) - 1) for one in wanted)
    wrong = sum(len(one.incidents) for one in quiet)
    starts = [one.start_error_looks for one in wanted if one.start_error_looks is not None]
    ends = [one.end_error_looks for one in wanted if one.end_error_looks is not None]
    return {
        "events": len(wanted),
        "found": sum(one.right for one in wanted),
        "extra": len(extra) + doubled + wrong,
        "start_error_looks_max": max(starts, default=None),
        "end_error_looks_max": max(ends, default=None),
        "kills": kills,
        "every_s": every_s,
        "looks": len(told.looks),
        "looks_inspected": sum(look.inspected for look in told.looks),
        "notices": list(told.faults),
        "looks_realigned": told.realigned,
        "leads": told.leads,
        "one_lead_each": told.one_lead_each,
        "per_event": [_plain_event(one) for one in judged],
        "extra_incidents": [_plain_incident(one) for one in extra],
        "clip": {"seconds": truth["length_s"], "step_s": truth["step_s"]},
        "model": {"name": card.name, "version": card.version, "sha256": card.sha256},
    }


def _plain_event(one: Judged) -> dict[str, Any]:
    content = asdict(one.event)
    content["right"] = one.right
    content["seen_looks"], content["looks"] = one.seen_looks, one.looks
    content["start_error_looks"] = one.start_error_looks
    content["end_error_looks"] = one.end_error_looks
    content["incidents"] = [_plain_incident(incident) for incident in one.incidents]
    return content


def _plain_incident(one: Incident) -> dict[str, Any]:
    def time_of(at: Any) -> str | None:
        return None if at is None else f"{at:%H:%M:%S}"

    return {
        "id": one.id,
        "label": one.label,
        "first_seen": time_of(one.first_seen),
        "opened_at": time_of(one.opened_at),
        "last_seen": time_of(one.last_seen),
        "ended_at": time_of(one.ended_at),
        "confidence": one.confidence,
        "box": [round(value, 3) for value in one.box],
    }


def _told_to_people(
    judged: Sequence[Judged], extra: Sequence[Incident], told: Told, report: dict[str, Any]
) -> list[str]:
    lines = []
    for one in judged:
        event = one.event
        wanted = "one incident" if event.incident else f"none ({event.why})"
        word = "right" if one.right else "WRONG"
        lines.append(f"{word}: {event.label}, {event.name}: expected {wanted}")
        lines.append(f"    the network saw it in {one.seen_looks} of {one.looks} looks")
        lines += [f"    {_sentence(incident)}" for incident in one.incidents]
        if one.start_error_looks is not None:
            start, end = one.start_error_looks, one.end_error_looks
            lines.append(f"    start {start} looks off, end {end} looks off")
    lines += [f"extra: {_sentence(incident)}" for incident in extra]
    faults = ", ".join(told.faults) or "none"
    lines.append(f"notices: {faults}" + _also(told, report["kills"]))
    lines.append(
        f"found {report['found']} of {report['events']} events, {report['extra']} extra incidents"
    )
    return lines


def _also(told: Told, kills: int) -> str:
    if told.leads is None:
        return f"; {told.realigned} looks re-aligned"
    each = "each incident has one" if told.one_lead_each else "NOT one for each incident"
    return f"; killed {kills} times; {told.leads} leads, {each}"


def _sentence(one: Incident) -> str:
    plain = _plain_incident(one)
    return (
        f"{one.label} first seen {plain['first_seen']}, opened {plain['opened_at']}, "
        f"last seen {plain['last_seen']}, ended {plain['ended_at'] or 'not'}, "
        f"confidence {one.confidence:.2f}"
    )
