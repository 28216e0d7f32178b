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
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import av
import cv2
import numpy as np
import typer
from pydantic import TypeAdapter
from rich.console import Console

from detector.incidents import Incident
from detector.observation import Observation, observation_from
from detector.types import Image
from models import ModelCard, ModelError
from patrol.clip_child import play_clip
from patrol.clip_judge import Judged, judge_clip
from patrol.model import choose_card
from patrol.terminal import settings_or_exit

_INCIDENT = TypeAdapter(Incident)


class ClipError(ValueError):
    """The clip cannot be composed or played; the text says why."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a run wrote: looks and incidents (each once, latest state), notices, realigned looks."""

    looks: tuple[Observation, ...]
    incidents: tuple[Incident, ...]
    faults: tuple[str, ...]
    realigned: int


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
    lines_file: Annotated[
        Path | None, typer.Option("--lines", metavar="FILE", help="Keep the looks, as JSON lines.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="Model name or folder.")] = None,
) -> None:
    """Each event of the script must become one incident, and nothing else must.

    The clip (22 minutes, a key frame every 2 s) is played as a film, as fast as the machine goes,
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
            lines = lines_file or work / "looks.jsonl"
            lines.unlink(missing_ok=True)
            begin = time.monotonic()
            if kills:
                killed = play_killed(folder, card, lines, work, every, kills, seed)
            else:
                killed = 0
                with lines.open("w", encoding="utf-8") as file:
                    play_clip(folder, card.directory, file, every_s=every, threads=0)
            told = read_told(lines)
            passed = time.monotonic() - begin
    except (ModelError, ClipError) as error:
        typer.echo(f"patrol bench clip: {error}", err=True)
        raise typer.Exit(1) from error
    judged, extra = judge_clip(truth, told.incidents, told.looks, card.review_thresholds, every)
    report = report_of(judged, extra, told, truth, card, every_s=every, kills=killed)
    for line in _told_to_people(judged, extra, told, report):
        console.print(line, markup=False, soft_wrap=True)
    console.print(f"{len(told.looks)} looks in {passed:.0f} s", markup=False)
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


def play_killed(  # noqa: PLR0917 (all of what such a run is)
    folder: Path, card: ModelCard, lines: Path, work: Path, every_s: float, kills: int, seed: int
) -> int:
    """Play the clip in a process that is killed at random moments; the number of kills done.

    Raises:
        ClipError: the process ended by itself with an error.
    """
    rng = random.Random(seed)  # noqa: S311  (chooses moments, guards nothing)
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    total = int(truth["length_s"] / every_s)
    moments = sorted(rng.sample(range(1, total - 1), kills))
    state = work / "state.json"
    arguments = [folder, card.directory, state, lines, every_s]
    command = [sys.executable, "-m", "patrol.clip_child", *map(str, arguments)]
    for number, moment in enumerate([*moments, None]):
        with subprocess.Popen(command, stderr=subprocess.PIPE) as child:
            while child.poll() is None and (moment is None or _looks_in(lines) < moment):
                time.sleep(0.02)
            if moment is not None and child.poll() is None:
                time.sleep(rng.uniform(0.0, 0.2))
                child.kill()
                continue
            _, wrong = child.communicate()
            if child.returncode != 0:
                raise ClipError(wrong.decode(errors="replace").strip()[-2000:])
            return number
    return kills


def _looks_in(lines: Path) -> int:
    if not lines.exists():
        return 0
    return lines.read_bytes().count(b'{"type": "look"')


def read_told(lines: Path) -> Told:
    """What the lines of one run say; a look that was taken again after a kill counts once."""
    looks: dict[str, Observation] = {}
    incidents: dict[str, Incident] = {}
    faults, realigned = [], 0
    for line in lines.read_text(encoding="utf-8").splitlines():
        try:
            content = json.loads(line)
        except ValueError:
            continue  # a line cut short by a kill; its look was not kept and is taken again
        kind = content.pop("type")
        if kind == "look":
            realigned += content.pop("shift") != [0.0, 0.0]
            looks[content["at"]] = observation_from(content)
        elif kind == "incident":
            incidents[content["id"]] = _INCIDENT.validate_python(content)
        elif kind == "notice" and content["began"]:
            faults.append(str(content["fault"]))
    ordered = sorted(looks.values(), key=lambda look: look.at)
    found = sorted(incidents.values(), key=lambda one: one.first_seen)
    return Told(tuple(ordered), tuple(found), tuple(faults), realigned)


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
    lines.append(f"notices: {faults}; {told.realigned} looks re-aligned; kills {report['kills']}")
    lines.append(
        f"found {report['found']} of {report['events']} events, {report['extra']} extra incidents"
    )
    return lines


def _sentence(one: Incident) -> str:
    plain = _plain_incident(one)
    return (
        f"{one.label} first seen {plain['first_seen']}, opened {plain['opened_at']}, "
        f"last seen {plain['last_seen']}, ended {plain['ended_at'] or 'not'}, "
        f"confidence {one.confidence:.2f}"
    )
