"""Where pictures come from: live streams, snapshots, files and folders, behind one method."""

from detector.sources.address import Address, AllowList, redact
from detector.sources.backoff import Backoff
from detector.sources.source import FrameSource, SourceOptions, open_source
from detector.sources.states import TEXTS, CameraState, SourceError, StateText, Status
from detector.sources.visit import VisitSource

__all__ = [
    "TEXTS",
    "Address",
    "AllowList",
    "Backoff",
    "CameraState",
    "FrameSource",
    "SourceError",
    "SourceOptions",
    "StateText",
    "Status",
    "VisitSource",
    "open_source",
    "redact",
]
