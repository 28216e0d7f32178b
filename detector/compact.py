"""Looks in as few bytes as they need: what an unchanged look saw is not written again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from detector.observation import Observation, Sighting

SIGHTINGS = "s"
"""The key that is missing where the sightings are those of the look before."""


def pack(observation: Observation, before: Observation | None) -> dict[str, Any]:
    """Plain data for JSON, without camera and time, which stand beside it.

    Args:
        observation: what is to be kept.
        before: the last one kept of this camera; None when it is not known.
    """
    content: dict[str, Any] = {}
    if before is None or before.sightings != observation.sightings:
        content[SIGHTINGS] = [[s.label, s.confidence, *s.box] for s in observation.sightings]
    if observation.inspected:
        content["i"] = 1
    if not observation.fit:
        content["u"] = 1
    if observation.sharpness != 1.0:
        content["q"] = observation.sharpness
    if observation.lasting:
        content["l"] = [[round(value, 4) for value in box] for box in observation.lasting]
    if observation.lasting_since:
        content["t"] = [round(since.timestamp()) for since in observation.lasting_since]
    return content


def unpack(
    camera: str, rows: Iterable[tuple[datetime, Mapping[str, Any]]]
) -> Iterator[Observation]:
    """The observations that ``pack`` made, in the same order.

    Args:
        camera: the detector's name of the camera.
        rows: time (aware) and content, oldest first. Leading ones whose sightings are those of a
            row that is not among them are left out.
    """
    sightings: tuple[Sighting, ...] | None = None
    for at, content in rows:
        if SIGHTINGS in content:
            sightings = tuple(
                Sighting(label, confidence, (left, top, right, bottom))
                for label, confidence, left, top, right, bottom in content[SIGHTINGS]
            )
        if sightings is None:
            continue
        yield Observation(
            camera=camera,
            at=at,
            sightings=sightings,
            fit="u" not in content,
            inspected="i" in content,
            sharpness=content.get("q", 1.0),
            lasting=tuple(
                (left, top, right, bottom) for left, top, right, bottom in content.get("l", ())
            ),
            lasting_since=tuple(
                datetime.fromtimestamp(since, at.tzinfo) for since in content.get("t", ())
            ),
        )
