"""Precision-recall and reliability plots for the model card, as PNG files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from datasets.classes import CLASSES
from training import metrics
from training.evaluate import TOGETHER
from training.figures import CALIBRATION_FLOOR, calibration_figures
from training.metrics import Matches, Sample

_COLUMNS = 3


def draw_plots(samples: Sequence[Sample], folder: Path, *, title: str) -> tuple[Path, ...]:
    """Write ``precision_recall.png`` and ``reliability.png`` into ``folder`` (made if absent).

    One panel for each class with true boxes in the samples; in the first also a line per source.

    Raises:
        ValueError: no sample holds a true box.
    """
    groups = {label: (label,) for label in CLASSES} | TOGETHER
    panels = [
        (name, [CLASSES.index(label) for label in members]) for name, members in groups.items()
    ]
    matched = [metrics.match(samples, classes, name) for name, classes in panels]
    shown = [(one, classes) for one, (_, classes) in zip(matched, panels, strict=True) if one.boxes]
    if not shown:
        raise ValueError("nothing to plot: the samples hold no true box")
    folder.mkdir(parents=True, exist_ok=True)
    curves, axes = _grid(len(shown), f"{title}: precision and recall at overlap 0.50")
    for axis, (one, classes) in zip(axes, shown, strict=False):
        for source in sorted({sample.source for sample in samples}):
            part = metrics.match(
                [sample for sample in samples if sample.source == source], classes, source
            )
            if part.boxes:
                _draw_curve(axis, part, width=0.9)
        _draw_curve(axis, one, width=2.2, colour="black")
        axis.set(title=one.label, xlabel="recall", ylabel="precision", xlim=(0, 1), ylim=(0, 1.02))
        axis.legend(fontsize=7, loc="lower left")
    reliability, axes = _grid(len(shown), f"{title}: confidence and how often it is right")
    for axis, (one, _) in zip(axes, shown, strict=False):
        _draw_reliability(axis, one)
    return (
        _save(curves, folder / "precision_recall.png"),
        _save(reliability, folder / "reliability.png"),
    )


def _draw_curve(axis: Any, one: Matches, *, width: float, colour: str | None = None) -> None:
    _, precision, recall = metrics.precision_recall_curve(one)
    ap = float(metrics.average_precision(one)[0, 0])
    name = "all" if colour else one.label
    first = precision[:1]  # none where nothing of the class was found
    axis.plot(
        np.concatenate([np.zeros_like(first), recall]),
        np.concatenate([first, precision]),
        linewidth=width,
        color=colour,
        label=f"{name} {ap:.2f}",
    )


def _draw_reliability(axis: Any, one: Matches, *, bins: int = 15) -> None:
    kept = one.scores >= CALIBRATION_FLOOR
    scores, right = one.scores[kept], one.right[0, kept]
    where = np.clip(np.ceil(scores * bins).astype(np.int64) - 1, 0, bins - 1)
    count = np.bincount(where, minlength=bins)
    some = count > 0
    share = np.bincount(where, weights=right, minlength=bins)[some] / count[some]
    mean = np.bincount(where, weights=scores, minlength=bins)[some] / count[some]
    error = calibration_figures(one).error
    axis.plot([0, 1], [0, 1], color="grey", linewidth=0.8)
    axis.scatter(mean, share, s=8 + 120 * count[some] / max(int(count.max()), 1), color="tab:blue")
    axis.set(
        title=f"{one.label}: {int(count.sum())} boxes"
        + ("" if error is None else f", error {error:.3f}"),
        xlabel="confidence",
        ylabel="share right",
        xlim=(0, 1),
        ylim=(0, 1.02),
    )


def _grid(count: int, title: str) -> tuple[Any, list[Any]]:
    """A figure without any window system behind it, and its first ``count`` panels."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = -(-count // _COLUMNS)
    figure = Figure(figsize=(4.4 * _COLUMNS, 3.8 * rows), layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(title)
    axes = list(np.ravel(figure.subplots(rows, _COLUMNS, squeeze=False)))
    for axis in axes[count:]:
        axis.set_visible(False)
    return figure, axes


def _save(figure: Any, path: Path) -> Path:
    figure.savefig(path, dpi=90, metadata={"Software": None})
    return path
