"""The figures of an evaluation as tables for the screen."""

from __future__ import annotations

from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.table import Table

from training.bootstrap import Interval
from training.evaluate import Evaluation
from training.figures import ClassFigures

NARROW: Final[dict[str, Any]] = {
    "box": SIMPLE_HEAD,
    "padding": 0,
    "pad_edge": False,
    "show_edge": False,
}
"""How tables are drawn so that they fit a terminal of 80 columns."""


def class_table(report: Evaluation) -> Table:
    """One row for each class and source, the pooled figures of all sources first.

    Narrow enough for a terminal of 80 columns; the JSON report holds all intervals.
    """
    mean = interval_text(report.means["all"].map50, digits=3) if report.means else "-"
    table = Table(
        title=f"{report.model} on {report.dataset}: {report.pictures} pictures;"
        f" mean AP50 of the issue classes {mean}",
        caption="AP by COCO with its 95 % interval. P, R: boxes at the review threshold, overlap"
        " 0.50; ph.: is the class in the photo at all; R@90: highest recall at precision 0.90; ECE:"
        " calibration error",
        **NARROW,
    )
    table.add_column("class", no_wrap=True)
    for name in ("boxes", "AP50", "95 %", "50-95", "P", "R", "ph.P", "ph.R", "R@90", "ECE"):
        table.add_column(name, justify="right", no_wrap=True)
    for source, figures in {"all sources": report.per_class, **report.per_source}.items():
        shown = [one for one in figures.values() if one.boxes]
        if shown:
            table.add_row(f"[bold]{source}[/bold]")
        for index, one in enumerate(shown):
            table.add_row(*_class_row(one), end_section=index == len(shown) - 1)
    return table


def clean_table(report: Evaluation) -> Table:
    """One row for each source of quiet views."""
    table = Table(
        title="False alarms at the review thresholds on views with nothing to report",
        caption="per 100 looks: mean over camera views, and plainly alarms / looks",
        **NARROW,
    )
    table.add_column("source", no_wrap=True)
    for name in ("looks", "views", "alarms", "per 100 looks", "plainly"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("by class")
    for source, one in report.clean.items():
        table.add_row(
            source,
            str(one.looks),
            str(one.views),
            str(one.alarms),
            interval_text(one.per_100_looks, digits=1),
            f"{one.pooled_per_100_looks:.1f}",
            ", ".join(f"{label} {count}" for label, count in one.by_class.items()),
        )
    return table


def interval_text(one: Interval | None, *, digits: int = 2) -> str:
    """``0.81 (0.76-0.85)``; a dash where there is no figure."""
    if one is None or one.value is None:
        return "-"
    if one.low is None or one.high is None:
        return f"{one.value:.{digits}f}"
    return f"{one.value:.{digits}f} ({one.low:.{digits}f}-{one.high:.{digits}f})"


def _class_row(one: ClassFigures) -> list[str]:
    ap50 = one.ap50
    error = one.calibration.error
    return [
        one.label,
        str(one.boxes),
        _plain(ap50),
        "-" if ap50.low is None or ap50.high is None else f"{_bare(ap50.low)}-{_bare(ap50.high)}",
        _plain(one.ap50_95),
        _plain(one.precision),
        _plain(one.recall),
        _plain(one.picture_precision),
        _plain(one.picture_recall),
        _plain(one.recall_at_precision_90),
        "-" if error is None else _bare(error, digits=3),
    ]


def _plain(one: Interval | None) -> str:
    return "-" if one is None or one.value is None else f"{one.value:.2f}"


def _bare(value: float, *, digits: int = 2) -> str:
    """``.28`` for 0.28, as there is no room for zeros."""
    text = f"{value:.{digits}f}"
    return text.removeprefix("0")
