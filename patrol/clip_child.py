"""Plays the scripted clip from where its state file stands; made to be killed at any moment."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TextIO

from detector.camera import CameraConfig
from detector.counting import Policy
from detector.detect import Detector
from detector.incidents import incident_to
from detector.observation import observation_to
from detector.types import Detection, Image
from detector.zones import rules_from
from models import load_card
from patrol.bench_play import play
from patrol.watch import read_state, write_state

CAMERA = "clip"


def play_clip(
    folder: Path,
    model: Path,
    lines: TextIO,
    *,
    every_s: float,
    threads: int,
    state: Path | None = None,
) -> None:
    """Play ``folder``/clip.mp4 with the rules of its truth; every look becomes lines of JSON.

    With a state file it is written after each look, and a later call goes on from there.
    """
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    card = load_card(model)
    detector = Detector(card, threads=threads)

    def detect(image: Image) -> tuple[Detection, ...]:
        return detector.detect([image])[0]

    config = CameraConfig(Policy(card.review_thresholds), rules_from(truth["rules"]))
    looks = play(
        folder / "clip.mp4",
        CAMERA,
        config,
        detect,
        began=datetime.fromisoformat(truth["start"]),
        seconds=truth["length_s"],
        every_s=every_s,
        memory=read_state(state),
    )
    for one in looks:
        looked = one.looked
        content = observation_to(looked.observation)
        _write(lines, "look", shift=list(one.memory.sentry.shift), **content)
        for notice in looked.notices:
            at = notice.at.isoformat()
            _write(lines, "notice", at=at, fault=notice.fault.value, began=notice.began)
        for incident in looked.incidents:
            _write(lines, "incident", **incident_to(incident))
        if state is not None:
            write_state(state, one.memory)


def _write(lines: TextIO, kind: str, **content: object) -> None:
    lines.write(json.dumps({"type": kind, **content}, ensure_ascii=False) + "\n")
    lines.flush()


if __name__ == "__main__":
    clip, chosen, kept, written, interval = sys.argv[1:]
    with Path(written).open("a", encoding="utf-8") as file:
        state_file = Path(kept)
        play_clip(
            Path(clip), Path(chosen), file, every_s=float(interval), threads=1, state=state_file
        )
