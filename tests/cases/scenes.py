"""Small photos with known contents, so that a test can say what should come of them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import cv2
import numpy as np

from cases.actors import Actor, Role
from cases.database import Database
from cases.filing import FiledPhoto, FilingPolicy, Steps, file_photo, no_step
from cases.store import EvidenceStore
from detector.types import Detection, Look, Photo

ADMIN = Actor(name="ada", role=Role.ADMIN)
REVIEWER = Actor(name="rui", role=Role.REVIEWER)
DISPATCHER = Actor(name="dan", role=Role.DISPATCHER)
VIEWER = Actor(name="vic", role=Role.VIEWER)
ORDER_UNIT = Actor(name="otto", role=Role.UNIT, unit_id=1)
CLEANING_UNIT = Actor(name="cleo", role=Role.UNIT, unit_id=2)

POLICY = FilingPolicy(
    thresholds={
        "spill": 0.4,
        "stacked_goods": 0.4,
        "stall": 0.4,
        "litter": 0.4,
        "overflowing_bin": 0.4,
    }
)
MODEL_SHA256 = "ab" * 32

LITTER = Detection("litter", 0.8, (10, 60, 40, 80))
STALL = Detection("stall", 0.7, (80, 10, 110, 50))
PERSON = Detection("person", 0.9, (50, 10, 70, 80))

# One degree of latitude is about 111 km: steps of 0.01 degree lie far apart.
LAT, LON = 30.60, 120.50


def make_photo(
    seed: int,
    *,
    lat: float | None = None,
    lon: float | None = None,
    size: tuple[int, int] = (128, 96),
) -> tuple[Photo, bytes]:
    """A JPEG of noise, different for every seed, as read by the detector."""
    width, height = size
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    data = cv2.imencode(".jpg", image)[1].tobytes()
    photo = Photo(
        image=image,
        width=width,
        height=height,
        sha256=hashlib.sha256(data).hexdigest(),
        media_type="image/jpeg",
        captured_at=datetime(2026, 6, 30, 1, 2, 3, tzinfo=UTC),
        lat=lat,
        lon=lon,
    )
    return photo, data


def look_at(photo: Photo, detections: Sequence[Detection]) -> Look:
    """A look that saw these detections."""
    return Look(
        source="test",
        captured_at=photo.captured_at,
        width=photo.width,
        height=photo.height,
        detections=tuple(detections),
        model="test-model",
        model_sha256=MODEL_SHA256,
    )


def file_scene(
    db: Database,
    store: EvidenceStore,
    seed: int,
    *detections: Detection,
    lat: float | None = None,
    lon: float | None = None,
    policy: FilingPolicy = POLICY,
    steps: Steps = no_step,
    actor: Actor = REVIEWER,
) -> FiledPhoto:
    """File the photo of ``seed`` with these detections (litter, if none are given)."""
    photo, data = make_photo(seed)
    photo = replace(photo, lat=lat, lon=lon)
    return file_photo(
        db,
        store,
        photo=photo,
        data=data,
        look=look_at(photo, detections or (LITTER,)),
        policy=policy,
        filename=f"{seed}.jpg",
        channel="upload",
        actor=actor,
        steps=steps,
    )
