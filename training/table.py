"""Several models on the same held-out pictures, as one table with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from datasets.classes import ISSUE_CLASSES
from training import bootstrap
from training.bootstrap import Interval
from training.evaluate import Evaluation
from training.promote import Comparison, Contender, Difference, compare

SHOWN: Final[tuple[tuple[str, str], ...]] = (
    ("cn_street_phone", "litter+overflowing_bin"),
    ("cn_street_phone", "bin"),
    ("litter_taco", "litter"),
    ("litter_uk", "litter"),
    ("litter_riyadh", "litter"),
    ("stall_india", "stall"),
    ("goods_cn_discards", "stacked_goods"),
    ("spill_riyadh", "spill"),
)
"""Figures that are asked for by source, where the pictures hold that source."""


@dataclass(frozen=True)
class Column:
    """One model of the table: its figures, and how each class compares with the first model.

    ``against`` is None for the first model itself.
    """

    name: str
    sha256: str
    steps: int | None
    evaluation: Evaluation
    against: Comparison | None


def columns(
    contenders: Sequence[Contender],
    evaluations: Sequence[Evaluation],
    steps: Sequence[int | None],
    *,
    clean: frozenset[str],
    dataset_sha256: str,
    resamples: int = bootstrap.RESAMPLES,
) -> tuple[Column, ...]:
    """Compare every model with the first, pictures and resamples the same for all."""
    first = contenders[0]
    return tuple(
        Column(
            one.name,
            one.sha256,
            trained,
            evaluation,
            None
            if one is first
            else compare(
                one, first, clean=clean, dataset_sha256=dataset_sha256, resamples=resamples
            ),
        )
        for one, evaluation, trained in zip(contenders, evaluations, steps, strict=True)
    )


def rows(table: Sequence[Column]) -> list[tuple[str, list[str]]]:
    """The lines of the table: what is measured, and a cell for each model.

    A cell is ``0.59 (0.41-0.76)``; an arrow says that the figure differs from the first model's by
    more than the 95 % interval of the paired difference.
    """
    lines = [("steps", [str(one.steps) if one.steps else "-" for one in table])]
    lines.append(
        (
            "mean AP50 of the issue classes",
            [
                _number(one.evaluation.map50)
                + _mark(one.against.overall if one.against is not None else None)
                for one in table
            ],
        )
    )
    for label in (*ISSUE_CLASSES, "bin"):
        lines.append(
            (
                f"{label}, all sources",
                [
                    _interval(_ap50(one.evaluation.per_class, label))
                    + _mark(one.against.classes.get(label) if one.against is not None else None)
                    for one in table
                ],
            )
        )
    for source, label in SHOWN:
        cells = [
            _interval(_ap50(one.evaluation.per_source.get(source, {}), label)) for one in table
        ]
        if any(cell != "-" for cell in cells):
            lines.append((f"{label} on {source}", cells))
    if any(one.evaluation.clean for one in table):
        lines.append(("false alarms per 100 quiet looks", [_alarms(one) for one in table]))
    return lines


def markdown(table: Sequence[Column], *, title: str) -> str:
    """The table as Markdown, with a line that says how to read it."""
    names = [one.name for one in table]
    text = [
        f"AP50 on {title}, 95 % bootstrap intervals. Up or down: better or worse than {names[0]} by"
        " more than the interval of the paired difference.",
        "",
        "| figure | " + " | ".join(names) + " |",
        "|---|" + "---|" * len(names),
    ]
    text += [f"| {name} | " + " | ".join(cells) + " |" for name, cells in rows(table)]
    return "\n".join(text) + "\n"


def document(table: Sequence[Column]) -> list[dict[str, Any]]:
    """The table as plain data: all figures of each model, and its comparison with the first."""
    return [asdict(one) for one in table]


def _ap50(figures: Mapping[str, Any], label: str) -> Interval | None:
    one = figures.get(label)
    return one.ap50 if one is not None and one.boxes else None


def _interval(one: Interval | None) -> str:
    if one is None or one.value is None:
        return "-"
    if one.low is None or one.high is None:
        return f"{one.value:.3f}"
    return f"{one.value:.3f} ({one.low:.2f}-{one.high:.2f})"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _mark(difference: Difference | None) -> str:
    if difference is None:
        return ""
    return " up" if difference.rises else " down" if difference.falls else ""


def _alarms(one: Column) -> str:
    clean = one.evaluation.clean
    figures = clean.get("all") or next(iter(clean.values()), None)
    if figures is None or figures.per_100_looks.value is None:
        return "-"
    arrow = ""
    if one.against is not None and one.against.alarms is not None:
        arrow = _mark(one.against.alarms)
    return f"{figures.per_100_looks.value:.1f}{arrow}"
