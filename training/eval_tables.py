"""The figures of an evaluation as tables for the screen."""

from __future__ import annotations

from rich.table import Table

from training.bootstrap import Interval
from training.evaluate import Evaluation
from training.figures import ClassFigures


def class_table(report: Evaluation) -> Table:
    """One row for each class and source, the pooled figures of all sources first."""
    table = Table(
        title=f"{report.model} on {report.dataset}: {report.pictures} pictures, 95 % intervals",
        caption="AP by COCO; precision and recall of boxes at the review threshold, overlap 0.50;"
        " R@P90: highest recall at precision 0.90; ECE: calibration error",
    )
    for name in ("source", "class"):
        table.add_column(name, no_wrap=True)
    for name in ("boxes", "AP50", "AP50-95", "precision", "recall", "R@P90", "photo P", "photo R"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("ECE", justify="right", no_wrap=True)
    for source, figures in {"all": report.per_class, **report.per_source}.items():
        shown = [one for one in figures.values() if one.boxes]
        for index, one in enumerate(shown):
            table.add_row(
                source if index == 0 else "",
                *_class_row(one),
                end_section=index == len(shown) - 1,
            )
    return table


def clean_table(report: Evaluation) -> Table:
    """One row for each source of quiet views."""
    table = Table(title="False alarms at the review thresholds on views with nothing to report")
    table.add_column("source", no_wrap=True)
    for name in ("looks", "views", "alarms", "per 100 looks, by view", "plain", "views with any"):
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
            str(one.views_with_alarm),
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
    error = one.calibration.error
    return [
        one.label,
        str(one.boxes),
        interval_text(one.ap50),
        interval_text(one.ap50_95),
        interval_text(one.precision),
        interval_text(one.recall),
        interval_text(one.recall_at_precision_90),
        _plain(one.picture_precision),
        _plain(one.picture_recall),
        "-" if error is None else f"{error:.3f}",
    ]


def _plain(one: Interval | None) -> str:
    return "-" if one is None or one.value is None else f"{one.value:.2f}"
