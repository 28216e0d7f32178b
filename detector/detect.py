"""Pictures to detections: letterbox, batch, run the network, boxes back in the pictures' pixels."""

from __future__ import annotations

from collections.abc import Sequence

from detector.types import Detection, Image
from models import ModelCard


class Detector:
    """A loaded model; one ONNX Runtime session per worker thread."""

    def __init__(
        self,
        card: ModelCard,
        providers: Sequence[str] = ("CPUExecutionProvider",),
        *,
        threads: int = 0,
        batch: int = 8,
    ) -> None:
        self.card = card

    def detect(self, images: Sequence[Image]) -> list[tuple[Detection, ...]]:
        """Detections per picture, highest confidence first, boxes in the picture's pixels."""
        raise NotImplementedError
