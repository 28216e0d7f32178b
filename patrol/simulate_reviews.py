"""`patrol train simulate-reviews`: does the wheel turn? A weak class before and after reviews."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from cases.database import Database
from cases.store import FolderStore
from datasets.classes import ISSUE_CLASSES
from datasets.manifest import Picture, read_manifest
from datasets.reviews import export_reviews
from datasets.yolo import DatasetError
from detector.detect import Detector
from models import ModelCard, ModelError, load_card
from patrol.reviews import decisions, reviewed_pictures
from patrol.simulated_street import (
    Reviewed,
    look_through,
    part,
    patrol_street,
    review_leads,
    write_data,
)
from training.config import Stage, TrainConfig, coco_base, shared_dir
from training.ledger import precision_ledger


@dataclass(frozen=True)
class Plan:
    """A simulation: how much of what, and how long each training is.

    ``weak`` is the class the first model has only ``keep`` pictures of; it gets ``share`` of the
    other training pictures, the rest is the street. ``reviews`` are decided leads and ``sampled``
    pictures looked through, taken together. Leads are shown from ``faint`` on for the weak class,
    from ``clear`` on for the others (raw confidences). ``size`` pixels for training, ``look`` for
    looking and measuring.
    """

    folder: Path
    weak: str
    reviews: int
    sampled: int
    error: float
    keep: int
    share: float
    faint: float
    clear: float
    start_steps: int
    steps: int
    size: int
    look: int
    seed: int
    threads: int
    data: Path
    base: Path


def simulate_command(
    folder: Annotated[Path, typer.Argument(help="work folder; a stopped simulation goes on there")],
    *,
    weak: Annotated[str, typer.Option(help="the class that is weak at first")] = "stall",
    reviews: Annotated[int, typer.Option(min=1, help="reviews in all")] = 2000,
    sampled: Annotated[
        int, typer.Option(min=0, help="of them pictures drawn at random and looked through")
    ] = 300,
    error: Annotated[float, typer.Option(min=0, max=1, help="share decided wrongly")] = 0.03,
    keep: Annotated[int, typer.Option(min=0, help="pictures of the weak class at first")] = 30,
    share: Annotated[
        float, typer.Option(min=0.01, max=0.99, help="share of other pictures at first")
    ] = 0.35,
    faint: Annotated[float, typer.Option(min=0, max=1, help="leads of the weak class from")] = 0.03,
    clear: Annotated[float, typer.Option(min=0, max=1, help="leads of the others from")] = 0.2,
    start_steps: Annotated[int, typer.Option(min=1, help="steps of the first training")] = 240,
    steps: Annotated[int, typer.Option(min=1, help="steps with (and without) reviews")] = 240,
    size: Annotated[int, typer.Option(min=32, help="pixels for training")] = 384,
    look: Annotated[int, typer.Option(min=32, help="pixels for looking and measuring")] = 448,
    control: Annotated[
        bool, typer.Option("--control/--no-control", help="also train on without the reviews")
    ] = True,
    seed: int = 7,
    threads: Annotated[int, typer.Option(min=1)] = 2,
    data: Annotated[Path | None, typer.Option(help="labelled pictures; default: shared")] = None,
    base: Annotated[Path | None, typer.Option(help="COCO checkpoint; default: shared")] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="write the result here")] = None,
) -> None:
    """Train a model weak in one class, review what it finds, train on, and measure both.

    Part of the training pictures is kept back as the street: the model finds leads there in the
    product's own way, in a database of its own; a simulated reviewer decides them by the hidden
    labels; the export trains the model on. Measured on the validation pictures, which nothing here
    is trained on. The control trains as long without the reviews.
    """
    plan = Plan(
        folder=folder,
        weak=weak,
        reviews=reviews,
        sampled=min(sampled, reviews),
        error=error,
        keep=keep,
        share=share,
        faint=faint,
        clear=clear,
        start_steps=start_steps,
        steps=steps,
        size=size,
        look=look,
        seed=seed,
        threads=threads,
        data=data or shared_dir() / "data" / "real",
        base=base or coco_base(),
    )
    console = Console(stderr=True)
    try:
        if weak not in ISSUE_CLASSES:
            raise DatasetError(f"--weak: {weak!r} is not one of {', '.join(ISSUE_CLASSES)}")
        if not plan.base.is_file():
            raise DatasetError(f"{plan.base}: no such checkpoint; give --base")
        result = simulate(plan, console, control=control)
    except (DatasetError, ModelError) as problem:
        console.print(f"patrol train simulate-reviews: {problem}", highlight=False, soft_wrap=True)
        raise typer.Exit(2) from problem
    document = json.dumps(result, ensure_ascii=False, indent=1) + "\n"
    (folder / "result.json").write_text(document, encoding="utf-8")
    if json_file is not None:
        json_file.write_text(document, encoding="utf-8")
    typer.echo(report(result))


def simulate(plan: Plan, console: Console, *, control: bool) -> dict[str, Any]:
    """Run what of the plan has not been run yet; the result as plain data."""
    plan.folder.mkdir(parents=True, exist_ok=True)
    listed = read_manifest(plan.data)
    shares = part(
        [one for one in listed if one.trainable],
        plan.weak,
        keep=plan.keep,
        share=plan.share,
        seed=plan.seed,
    )
    held = [one for one in listed if not one.trainable]
    data = write_data(plan.folder / "data", plan.data, [*shares.start, *held])
    console.print(f"{len(shares.start)} pictures to start from, {len(shares.street)} on the street")
    before = _trained(plan, "before", data, plan.base, _start(plan))
    export, facts = _reviewed(plan, before, shares.street, console)
    checkpoint = before.directory / "checkpoint.pt"
    after = _trained(plan, "after", data, checkpoint, _further(plan), reviews=export)
    models = [before, after]
    if control:
        models.append(_trained(plan, "control", data, checkpoint, _further(plan)))
    return {
        "plan": {key: _plain(value) for key, value in asdict(plan).items()},
        "pictures": {
            "start": len(shares.start),
            "street": len(shares.street),
            "measured_on": len(held),
        },
        "reviews": facts,
        "seconds": {one.name: _seconds(plan, one.name) for one in models},
        "figures": _measured(plan, models, console),
    }


def report(result: dict[str, Any]) -> str:
    """The result as Markdown: what was done, and AP50 before and after with intervals."""
    reviews, figures = result["reviews"], result["figures"]
    lines = [
        f"{reviews['decided']} decided leads ({reviews['confirmed']} confirmed,"
        f" {reviews['corrected']} corrected, {reviews['rejected']} rejected;"
        f" {reviews['wrong']} of them wrongly) and {reviews['looked_through']} pictures looked"
        f" through, from {reviews['pictures_looked_at']} pictures.",
        "",
        "| AP50 | before | " + " | ".join(f"{name} | change" for name in figures) + " |",
        "|---|---|" + "---|---|" * len(figures),
    ]
    first = next(iter(figures.values()))
    for label in ("mean", *first["classes"]):
        row = [label]
        for number, one in enumerate(figures.values()):
            figure = one["overall"] if label == "mean" else one["classes"][label]
            if not number:
                row.append(_figure(figure["incumbent"]))
            change = figure["change"]
            row.append(_figure(figure["candidate"]))
            row.append(f"{change['low']:+.3f} to {change['high']:+.3f}")
        lines.append("| " + " | ".join(row) + " |")
    return "\n".join(lines)


def _start(plan: Plan) -> Stage:
    return Stage(
        epochs=0,
        steps=plan.start_steps,
        size=plan.size,
        lr=1e-3,
        warmup=20,
        mosaic=0.5,
        close_mosaic=0.4,
        many=(0.7, 0.7),
        freeze=3,
        mix="even",
    )


def _further(plan: Plan) -> Stage:
    return Stage(
        epochs=0,
        steps=plan.steps,
        size=plan.size,
        lr=5e-4,
        warmup=20,
        mosaic=0.5,
        close_mosaic=0.4,
        many=(0.8, 0.8),
        freeze=3,
        mix="reviews",
    )


def _trained(
    plan: Plan, name: str, data: Path, base: Path, stage: Stage, *, reviews: Path | None = None
) -> ModelCard:
    """Train and export one model, or take it as it is; its card has the leads' thresholds."""
    from training.judge import update_card
    from training.release import release
    from training.train import train

    models = plan.folder / "models"
    if (models / name / "card.yaml").is_file():
        return load_card(models / name)
    config = TrainConfig(
        name=name,
        stages=(stage,),
        base=base,
        context_base=plan.base,
        data=data,
        reviews=reviews,
        runs=plan.folder / "runs",
        context_size=plan.size,
        seed=plan.seed,
        threads=plan.threads,
    )
    trained = train(config)
    draft = release(config, trained.checkpoint, plan.folder / "drafts")
    thresholds = {
        label: {"review": plan.faint if label == plan.weak else plan.clear}
        for label in ISSUE_CLASSES
    }
    spec = {"size": plan.look, "stride": 32, "colour": "RGB", "scale": 255.0, "layout": "NCHW"}
    update_card(draft.directory, {"thresholds": thresholds, "input": spec})
    models.mkdir(exist_ok=True)
    draft.directory.replace(models / name)
    return load_card(models / name)


def _reviewed(
    plan: Plan, model: ModelCard, street: Sequence[Picture], console: Console
) -> tuple[Path, dict[str, Any]]:
    """Patrol, review and export, once; the export and what was decided."""
    export, notes = plan.folder / "reviews", plan.folder / "reviews.json"
    if notes.is_file():
        facts: dict[str, Any] = json.loads(notes.read_text(encoding="utf-8"))
        return export, facts
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        db = Database(f"sqlite:///{(place / 'patrol.db').absolute()}")
        try:
            db.migrate()
            store = FolderStore(place / "evidence")
            wanted = plan.reviews - plan.sampled
            detector = Detector(model, threads=1, min_confidence=min(plan.faint, plan.clear))
            looked = patrol_street(db, store, detector, street, leads=wanted, threads=plan.threads)
            console.print(f"{len(looked)} pictures of the street looked at")
            decided = review_leads(db, looked, most=wanted, error=plan.error, seed=plan.seed)
            sample = look_through(
                list(looked.values()), count=plan.sampled, error=plan.error, seed=plan.seed
            )
            seen = {one.sha256 for one in sample}
            draft = place / "reviews"
            pictures = place / "pictures"
            pictures.mkdir()
            exported = export_reviews(
                chain(sample, reviewed_pictures(db, store, pictures, without=seen)),
                draft,
                val_share=0.0,
            )
            facts = _facts(decided, db, exported=asdict(exported))
            facts |= {"looked_through": len(sample), "pictures_looked_at": len(looked)}
        finally:
            db.close()
        shutil.move(draft, export)
    notes.write_text(json.dumps(facts, indent=1), encoding="utf-8")
    return export, facts


def _facts(decided: Reviewed, db: Database, *, exported: dict[str, Any]) -> dict[str, Any]:
    ledger = precision_ledger(decisions(db), zone=UTC)
    return asdict(decided) | {
        "decided": decided.confirmed + decided.corrected + decided.rejected,
        "exported": exported,
        "precision": {
            one.label: {"right": one.right, "total": one.total, **asdict(one.share)}
            for one in ledger
            if (one.camera, one.week) == ("*", "*")
        },
        "weeks": len({one.week for one in ledger} - {"*"}),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _measured(plan: Plan, models: Sequence[ModelCard], console: Console) -> dict[str, Any]:
    """Each later model against the first on the validation pictures, paired."""
    from training.eval_cli import look_with
    from training.held_out import read_held_out
    from training.promote import Contender, compare

    held = read_held_out(plan.data)
    contenders = [
        Contender(
            one.name,
            one.sha256,
            look_with(one, held, threads=plan.threads, console=console),
            one.review_thresholds,
        )
        for one in models
    ]
    first = contenders[0]
    return {
        one.name: asdict(compare(one, first, clean=held.clean, dataset_sha256=held.sha256()))
        for one in contenders[1:]
    }


def _seconds(plan: Plan, name: str) -> dict[str, Any]:
    record = json.loads((plan.folder / "runs" / name / "record.json").read_text(encoding="utf-8"))
    stage = record["stages"]["stage-1"]
    return {key: stage.get(key) for key in ("steps", "seconds", "cpu_seconds")}


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Path) else value
