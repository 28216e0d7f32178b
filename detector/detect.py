"""Pictures to detections: letterbox, batch, run the network, boxes back in the pictures' pixels."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from detector.letterbox import Letterbox
from detector.network import CPU, Network, open_network
from detector.types import Detection, Image
from detector.views import Rows, fuse, mirrored_back
from models import Calibration, ModelCard, View, verify

_KEPT_BUFFERS = 4


class Detector:
    """A verified model, ready to look at pictures from any number of threads.

    All threads share one network, whose runs go on side by side: as fast as a session for each
    thread, in half the memory. Buffers belong to the calling thread. On a CPU, as many
    calling threads as cores with ``threads=1`` give the highest rate (``patrol bench detector``);
    for one caller at a time, raise ``threads``.

    Example:
        >>> detector = Detector(load_card())            # doctest: +SKIP
        >>> detector.detect([image])                    # doctest: +SKIP
        [(Detection(label='litter', confidence=0.83, box=(12.0, 40.1, 96.5, 88.0)),)]
    """

    def __init__(
        self,
        card: ModelCard,
        providers: Sequence[str] = (CPU,),
        *,
        threads: int = 1,
        batch: int = 1,
        min_confidence: float = 0.05,
    ) -> None:
        """Verify the model file and load it.

        Args:
            card: the model's card.
            providers: what computes, the preferred first (see ``detector.network``).
            threads: cores one call may use; 0 for all of them.
            batch: pictures of equal shape run together at most; more than 1 pays on a GPU only.
            min_confidence: detections below it are dropped (0..1, after calibration).

        Raises:
            ModelError: the file is missing, changed, or not a detector of the card's classes.
            ValueError: a provider that is not installed, or a number out of range.
        """
        if threads < 0:
            raise ValueError(f"threads: expected 0 or more, got {threads}")
        if batch < 1:
            raise ValueError(f"batch: expected 1 or more, got {batch}")
        if not 0.0 <= min_confidence <= 1.0:
            raise ValueError(f"min_confidence: expected 0 to 1, got {min_confidence}")
        self.card = card
        self.threads = threads
        self.batch = batch
        self.min_confidence = min_confidence
        verify(card)
        self._local = threading.local()
        self._tables = {
            card.classes.index(label): _table(value) for label, value in card.calibration.items()
        }
        self._network = open_network(card.path, providers, threads)

    def detect(self, images: Sequence[Image]) -> list[tuple[Detection, ...]]:
        """Detections per picture, highest confidence first, boxes in the picture's pixels.

        Args:
            images: uint8 HxWx3 BGR each, of any shapes; equal shapes are run together.

        Raises:
            ValueError: something that is not such a picture.
        """
        for index, image in enumerate(images):
            if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
                raise ValueError(
                    f"images[{index}]: expected uint8 HxWx3, got {image.dtype} {image.shape}"
                )
        if not self.card.views:
            return [self._detections(rows) for rows in self._look(images, self.card.input.size)]
        looks = [self._seen_in(view, images) for view in self.card.views]
        return [self._detections(fuse(one)) for one in zip(*looks, strict=True)]

    def _seen_in(self, view: View, images: Sequence[Image]) -> list[Rows]:
        if not view.mirrored:
            return self._look(images, view.size)
        flipped = self._look([np.ascontiguousarray(one[:, ::-1]) for one in images], view.size)
        pairs = zip(flipped, images, strict=True)
        return [mirrored_back(rows, image.shape[1]) for rows, image in pairs]

    def _look(self, images: Sequence[Image], size: int) -> list[Rows]:
        """What the network gives for each picture, raw confidences, in the picture's pixels."""
        stride = self.card.input.stride
        boxes_of: list[Letterbox] = []
        by_shape: dict[tuple[int, int], list[int]] = {}
        for index, image in enumerate(images):
            fit = Letterbox.fit(image.shape[1], image.shape[0], size, stride)
            boxes_of.append(fit)
            by_shape.setdefault((fit.input_height, fit.input_width), []).append(index)
        worker = self._worker()
        found: list[Rows] = [np.zeros((0, 6), np.float32)] * len(images)
        for indices in by_shape.values():
            for start in range(0, len(indices), self.batch):
                part = indices[start : start + self.batch]
                output = worker.run([images[i] for i in part], [boxes_of[i] for i in part])
                for index, rows in zip(part, output, strict=True):
                    seen = rows[rows[:, 4] > 0]
                    seen[:, :4] = boxes_of[index].boxes_back(seen[:, :4])
                    found[index] = seen
        return found

    def _worker(self) -> _Worker:
        worker: _Worker | None = getattr(self._local, "worker", None)
        if worker is None:
            worker = self._local.worker = _Worker(self._network, self.card)
        return worker

    def _detections(self, rows: Rows) -> tuple[Detection, ...]:
        scores, classes = rows[:, 4], rows[:, 5].astype(np.intp)
        if self._tables:
            scores = scores.copy()
            for index, (raw, calibrated) in self._tables.items():
                mine = classes == index
                scores[mine] = np.interp(scores[mine], raw, calibrated)
        keep = scores >= max(self.min_confidence, 1e-9)
        boxes = rows[keep, :4]
        names = self.card.classes
        found = [
            Detection(names[label], confidence, (left, top, right, bottom))
            for label, confidence, (left, top, right, bottom) in zip(
                classes[keep].tolist(), scores[keep].tolist(), boxes.tolist(), strict=True
            )
            if right > left and bottom > top
        ]
        return tuple(sorted(found, key=lambda one: -one.confidence))


class _Worker:
    """One thread's way through the network, with input buffers reused from picture to picture."""

    def __init__(self, network: Network, card: ModelCard) -> None:
        self._network = network
        self._rgb = card.input.colour == "RGB"
        self._factor = 1.0 / card.input.scale
        self._buffers: OrderedDict[tuple[int, int, int], tuple[Image, NDArray[np.float32]]] = (
            OrderedDict()
        )

    def run(self, images: Sequence[Image], fits: Sequence[Letterbox]) -> NDArray[np.float32]:
        """Rows (picture, K, 6): xyxy in pixels of the input, confidence, class index."""
        canvas, tensor = self._buffer(len(images), fits[0].input_height, fits[0].input_width)
        for image, fit, planes in zip(images, fits, tensor, strict=True):
            fit.place(image, canvas)
            order = (2, 1, 0) if self._rgb else (0, 1, 2)
            for plane, channel in zip(planes, order, strict=True):
                np.multiply(canvas[:, :, channel], self._factor, out=plane, dtype=np.float32)
        return self._network.run(tensor)

    def _buffer(self, count: int, height: int, width: int) -> tuple[Image, NDArray[np.float32]]:
        key = (count, height, width)
        if key in self._buffers:
            self._buffers.move_to_end(key)
        else:
            if len(self._buffers) >= _KEPT_BUFFERS:
                self._buffers.popitem(last=False)
            self._buffers[key] = (
                np.empty((height, width, 3), np.uint8),
                np.empty((count, 3, height, width), np.float32),
            )
        return self._buffers[key]


def _table(calibration: Calibration) -> tuple[tuple[float, ...], tuple[float, ...]]:
    raw, calibrated = calibration.raw, calibration.calibrated
    if raw[0] > 0.0:
        raw, calibrated = (0.0, *raw), (0.0, *calibrated)
    if raw[-1] < 1.0:
        raw, calibrated = (*raw, 1.0), (*calibrated, 1.0)
    return raw, calibrated
