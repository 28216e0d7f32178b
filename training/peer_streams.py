"""Ultralytics' own predict over many live streams: the yardstick for cameras held."""

from __future__ import annotations

import logging
import tempfile
import time
from pathlib import Path

from training.torchvision_cpu import ensure_torchvision


def ultralytics_rounds(
    weights: Path, urls: list[str], *, size: int, stride: int, rounds: int
) -> list[float]:
    """Seconds between rounds of results when one predict watches all ``urls``.

    A round is one result of every stream. The first gap counts from the first round.

    Args:
        weights: the checkpoint (``.pt``) or exported model (``.onnx``).
        urls: the live streams.
        size: longest side of the input, pixels.
        stride: every how many-th frame is looked at; all are decoded or grabbed.
        rounds: gaps to measure.

    Raises:
        FileNotFoundError: there is no such file (ultralytics would go and download one).
    """
    if not weights.is_file():
        raise FileNotFoundError(f"{weights}: there is no such file")
    ensure_torchvision()
    from ultralytics import YOLO
    from ultralytics.utils import LOGGER

    LOGGER.setLevel(logging.ERROR)  # it warns ten times a second while it waits for a frame

    model = YOLO(str(weights), task="detect")
    gaps: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        listing = Path(folder) / "cameras.streams"
        listing.write_text("\n".join(urls) + "\n", encoding="utf-8")
        results = model.predict(
            str(listing),
            stream=True,
            imgsz=size,
            vid_stride=stride,
            device="cpu",
            verbose=False,
        )
        seen, last = 0, None
        for _ in results:
            seen += 1
            if seen % len(urls):
                continue
            now = time.monotonic()
            if last is not None:
                gaps.append(now - last)
            last = now
            if len(gaps) >= rounds:
                break
        results.close()
    if not gaps:
        raise RuntimeError("ultralytics gave no results for the streams")
    return gaps
