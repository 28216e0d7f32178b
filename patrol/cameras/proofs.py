"""From the kit of an incident to its evidence in the store."""

from __future__ import annotations

from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any

from cases.evidence import Picture
from cases.incident_filing import Proof, prove
from cases.patrolling import IncidentNow
from cases.steps import Steps, no_step
from cases.store import EvidenceStore
from detector.incidents import Incident
from detector.sources.originals import image_of
from detector.sources.states import SourceError
from detector.types import Detection, Finding, Look, OriginalBytes
from patrol.cameras.kit import BEFORE, BEST, STRIP_GLOB
from patrol.cameras.pictures import decoded, jpeg, strip
from patrol.cameras.records import read_record


def proved(
    incident: Incident,
    folder: Path,
    store: EvidenceStore,
    *,
    zone: tzinfo,
    steps: Steps = no_step,
) -> IncidentNow:
    """An opened incident with its evidence; without usable pictures, with the reason.

    Args:
        incident: just opened.
        folder: the incident's own in the kit.
        store: where evidence goes.
        zone: of the times written into the strip.
        steps: called with a name at each boundary.

    Raises:
        StoreError: the store cannot be written; trying again later may help.
    """
    record = read_record(folder / BEST)
    if record is None:
        return IncidentNow(incident, None, f"{incident.id}: no picture of it was kept")
    original = OriginalBytes(record.head["media_type"], record.data)
    try:
        image = image_of(original)
    except SourceError as error:
        return IncidentNow(incident, None, f"{incident.id}: {error.detail}")
    more = [p for p in (_before(folder), _strip(folder, zone)) if p is not None]
    proof: Proof = prove(
        store,
        original=original,
        image=image,
        look=_look(incident, record.head),
        finding=_finding(record.head),
        captured_at=datetime.fromisoformat(record.head["at"]),
        threshold=record.head["threshold"],
        more=tuple(more),
        steps=steps,
    )
    return IncidentNow(incident, proof)


def _look(incident: Incident, head: dict[str, Any]) -> Look:
    return Look(
        source=incident.camera,
        captured_at=datetime.fromisoformat(head["at"]),
        width=head["width"],
        height=head["height"],
        detections=tuple(_detection(row) for row in head["detections"]),
        model=head["model"],
        model_sha256=head["model_sha256"],
    )


def _finding(head: dict[str, Any]) -> Finding:
    left, top, right, bottom = head["box"]
    members = tuple(_detection(row) for row in head["members"])
    box = (left, top, right, bottom)
    found = members or (Detection(head["label"], head["confidence"], box),)
    return Finding(head["label"], head["confidence"], box, found)


def _detection(row: list[Any]) -> Detection:
    label, confidence, left, top, right, bottom = row
    return Detection(label, confidence, (left, top, right, bottom))


def _before(folder: Path) -> Picture | None:
    path = folder / BEFORE
    data = path.read_bytes() if path.is_file() else b""
    image = decoded(data) if data else None
    if image is None:
        return None
    return Picture("before", data, "image/jpeg", image.shape[1], image.shape[0])


def _strip(folder: Path, zone: tzinfo) -> Picture | None:
    pieces = []
    for path in sorted(folder.glob(STRIP_GLOB)):
        record = read_record(path)
        image = decoded(record.data) if record else None
        if record is not None and image is not None:
            pieces.append((datetime.fromisoformat(record.head["at"]), image))
    if len(pieces) < 2:
        return None
    sheet = strip(pieces, zone)
    return Picture("strip", jpeg(sheet), "image/jpeg", sheet.shape[1], sheet.shape[0])
