"""Pictures of what may become an incident, on disk, so that a killed service still has them."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import structlog

from detector.camera import CameraConfig, Looked
from detector.geometry import held, shifted
from detector.incidents import Incident, Stage
from detector.sources.originals import original_of_image
from detector.sources.states import SourceError
from detector.types import Box, Detection, Frame, Image, OriginalBytes
from patrol.cameras.brain import Brain, Brains
from patrol.cameras.pictures import around, jpeg, masked_view, piece
from patrol.cameras.records import read_head, replace_file, write_record
from patrol.cameras.views import Views

log = structlog.get_logger("patrol.cameras")

BEST: Final = "best.record"
BEFORE: Final = "before.jpg"
STRIP_GLOB: Final = "strip-*.record"
STRIP_MOST: Final = 6
_STRIP_SHARE: Final = 0.2  # a further picture after this share of the time since the first
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class _Kept:
    """What lies on disk of one candidate; ``strip``: the times of its strip's pictures."""

    folder: Path
    best: bool = False
    part: Box | None = None
    strip: list[datetime] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Sight:
    """One look as the kit needs it: ``shift`` of the view, and what it is judged by."""

    frame: Frame
    looked: Looked
    shift: tuple[float, float]
    config: CameraConfig


class Kit:
    """The kit of one camera; all calls come from one thread at a time.

    ``<folder>/<incident>/best.record``: the source's own bytes of the best look, with what was
    seen in it. ``before.jpg``: the last clean view, masked. ``strip-N.record``: small masked views.
    ``view`` is the masked picture on the wall, replaced at each inspected look.
    """

    def __init__(
        self, folder: Path, view: Path, brains: Brains, candidates: Collection[str] = ()
    ) -> None:
        """Args: as above; ``candidates``: those of the book, whose pictures may be there."""
        self._folder = folder
        self._views = Views(view, folder)
        self._brains = brains
        self._kept = {p.name: _found(p) for p in _folders(folder) if p.name in candidates}

    def see(self, sight: Sight, incidents: Iterable[Incident]) -> tuple[bytes | None, list[str]]:
        """Take in a look after it was judged.

        Args:
            sight: the look.
            incidents: the book's after it.

        Returns:
            The masked view if this look gave a new one, and the candidates that are none any more
            (their pictures may go once the book is kept).

        Raises:
            OSError: the disk is full or gone.
        """
        pictures = _Pictures(sight, self._brains)
        followed = set()
        for incident in incidents:
            opened_now = incident.opened_at == pictures.at
            if incident.stage is Stage.CANDIDATE or (
                incident.stage is Stage.OPEN and (opened_now or incident.id in self._kept)
            ):
                followed.add(incident.id)
                self._follow(incident, pictures, last=opened_now)
        gone = [name for name in self._kept if name not in followed]
        for name in gone:
            del self._kept[name]
        if not sight.looked.observation.inspected:
            return None, gone
        view = jpeg(pictures.hidden)
        self._views.keep(view, pictures.at)
        return view, gone

    def let_go(self, incident_id: str) -> None:
        """An incident was opened and its pictures are on their way to the evidence."""
        self._kept.pop(incident_id, None)

    def _follow(self, incident: Incident, pictures: _Pictures, *, last: bool) -> None:
        kept = self._kept.get(incident.id)
        if kept is None:
            kept = self._kept[incident.id] = _Kept(self._folder / incident.id)
            self._keep_before(incident, kept)
        if incident.last_seen != pictures.at:
            return
        best_now = incident.evidence.at == pictures.at
        if best_now or not kept.best:
            box = incident.evidence.box if best_now else incident.box
            head = pictures.describe(incident, box)
            original = pictures.original()
            head["media_type"] = original.media_type
            write_record(kept.folder / BEST, head, original.data)
            kept.best = True
        if last or self._strip_due(incident, kept, pictures):
            self._keep_piece(incident, kept, pictures)

    def _keep_before(self, incident: Incident, kept: _Kept) -> None:
        """The last view before it came that the network found it missing in."""
        inspected = incident.evidence.before_at
        kept.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        view = inspected and self._views.before(inspected, until=incident.first_seen)
        if view:
            replace_file(kept.folder / BEFORE, view)

    @staticmethod
    def _strip_due(incident: Incident, kept: _Kept, pictures: _Pictures) -> bool:
        if not kept.strip:
            return True
        since = (pictures.at - kept.strip[-1]).total_seconds()
        life = (pictures.at - incident.first_seen).total_seconds()
        return pictures.inspected and since >= _STRIP_SHARE * life

    def _keep_piece(self, incident: Incident, kept: _Kept, pictures: _Pictures) -> None:
        kept.part = kept.part or around(incident.box)
        part = shifted(kept.part, *pictures.shift)
        path = _strip_path(kept.folder, pictures.at)
        head = {"at": pictures.at.isoformat(), "part": list(kept.part)}
        write_record(path, head, jpeg(piece(pictures.hidden, part)))
        kept.strip.append(pictures.at)
        while len(kept.strip) > STRIP_MOST:
            _strip_path(kept.folder, kept.strip.pop(_crowded(kept.strip))).unlink(missing_ok=True)


class _Pictures:
    """What is made of one look's picture, each once and only if asked for."""

    def __init__(self, sight: Sight, brains: Brains) -> None:
        self._sight = sight
        self._brains = brains
        self._detections: tuple[Detection, ...] | None = None
        self._brain: Brain | None = None
        self._hidden: Image | None = None
        self._original: OriginalBytes | None = None
        self.at = sight.looked.observation.at
        self.inspected = sight.looked.observation.inspected
        self.shift = sight.shift

    @property
    def detections(self) -> tuple[Detection, ...]:
        """What is in this very picture; of a look that was spared the network, it looks now."""
        if self._detections is None:
            looked, image = self._sight.looked, self._sight.frame.image
            self._detections = looked.detections if self.inspected else self._brains.detect(image)
            self._brain = self._brains.used
        return self._detections

    @property
    def hidden(self) -> Image:
        """The masked view."""
        if self._hidden is None:
            self._hidden = masked_view(self._sight.frame.image, self.detections)
        return self._hidden

    def original(self) -> OriginalBytes:
        """The source's own bytes, else the decoded picture without loss."""
        if self._original is None:
            frame = self._sight.frame
            try:
                self._original = frame.original() if frame.original is not None else None
            except SourceError as error:
                log.warning("a frame's own bytes cannot be kept", camera=frame.source,
                            reason=error.detail)  # fmt: skip
            self._original = self._original or original_of_image(frame.image)
        return self._original

    def describe(self, incident: Incident, box: Box) -> dict[str, Any]:
        """What was seen of the incident in this picture, boxes in its pixels."""
        height, width = self._sight.frame.image.shape[:2]
        left, top, right, bottom = shifted(box, *self.shift)
        place = (left * width, top * height, right * width, bottom * height)
        detections = self.detections
        brain = self._brain or self._brains.used
        members = [d for d in detections if d.label == incident.label and held(d.box, place) >= 0.5]
        zone = self._sight.config.rules.zone(incident.zone)
        usual = self._sight.config.policy.thresholds.get(incident.label, 0.0)
        needed = zone.min_confidence.get(incident.label, usual) if zone else usual
        return {
            "at": self.at.isoformat(),
            "label": incident.label,
            "box": [round(value, 1) for value in place],
            "confidence": max((d.confidence for d in members), default=incident.confidence),
            "threshold": needed,
            "members": [_plain(d) for d in members],
            "detections": [_plain(d) for d in detections],
            "model": brain.model,
            "model_sha256": brain.model_sha256,
            "width": width,
            "height": height,
        }


def drop_kit(folder: Path, incident_ids: Iterable[str]) -> None:
    """Delete the pictures of incidents that are filed, or are none any more."""
    for incident_id in incident_ids:
        shutil.rmtree(folder / incident_id, ignore_errors=True)


def drop_others(folder: Path, candidates: Collection[str]) -> None:
    """Delete what an earlier process left of incidents that are no candidates any more."""
    drop_kit(folder, [path.name for path in _folders(folder) if path.name not in candidates])


def _plain(detection: Detection) -> list[Any]:
    box = [round(float(value), 1) for value in detection.box]
    return [detection.label, round(float(detection.confidence), 4), *box]


def _nanoseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(microseconds=1) * 1000


def _strip_path(folder: Path, at: datetime) -> Path:
    return folder / f"strip-{_nanoseconds(at):020}.record"


def _crowded(times: list[datetime]) -> int:
    """The one in the middle whose neighbours are nearest to each other."""
    return min(range(1, len(times) - 1), key=lambda n: times[n + 1] - times[n - 1])


def _folders(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_dir()] if folder.is_dir() else []


def _found(folder: Path) -> _Kept:
    """What an earlier run left."""
    heads = [head for path in sorted(folder.glob(STRIP_GLOB)) if (head := read_head(path))]
    return _Kept(
        folder,
        best=read_head(folder / BEST) is not None,
        part=tuple(heads[0]["part"]) if heads else None,
        strip=[datetime.fromisoformat(head["at"]) for head in heads],
    )
