"""The command `patrol train`: from labelled pictures to a model folder, in one go or in steps."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from typer.core import TyperGroup

from datasets.yolo import DatasetError
from detector.network import CPU
from models import MODELS_DIR, ModelCard, ModelError, View, load_card, photo_card
from models.registry import Registry
from training.config import (
    BLENDS,
    FROM_REVIEWS,
    FULL,
    FURTHER,
    LONGER,
    MIXES,
    PLAIN,
    PLAIN_SHORT,
    QUICK,
    SHORT,
    Stage,
    TrainConfig,
    coco_base,
    shared_dir,
)
from training.table_cli import table_command


class ReviewsFirst(TyperGroup):
    """`patrol train --from-reviews X ...` means `patrol train run --from-reviews X ...`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the command in front where only its option was given."""
        if args and args[0].partition("=")[0] == "--from-reviews":
            args = ["run", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(help="Train a model (extra `train`).", no_args_is_help=True, cls=ReviewsFirst)

RECIPES: Final[dict[str, tuple[Stage, ...]]] = {
    "quick": QUICK,
    "full": FULL,
    "further": FURTHER,
    "longer": LONGER,
    "short": SHORT,
    "plain": PLAIN,
    "plain-short": PLAIN_SHORT,
    "reviews": FROM_REVIEWS,
}

app.command("table")(table_command)

Reviews = Callable[[Path, Path], Path]
"""Exports the reviews of a data folder (first) into a new folder (second) and returns that."""

Name = Annotated[str, typer.Option(help="the run and the model are called this")]
Data = Annotated[Path | None, typer.Option(help="folder with manifest.csv; default: shared")]
Base = Annotated[Path | None, typer.Option(help="checkpoint to start from; default: shared")]
Runs = Annotated[Path, typer.Option(help="work folder for data, checkpoints and records")]
Rendered = Annotated[Path | None, typer.Option(help="rendered pictures to add (YOLO folder)")]
Clear = Annotated[
    bool, typer.Option("--only-clear-licences", help="leave out doubtful and unstated licences")
]


@app.command()
def run(
    ctx: typer.Context,
    *,
    name: Name = "street-n-new",
    recipe: Annotated[
        str | None,
        typer.Option(help=f"one of {', '.join(RECIPES)}; default: full, or reviews with reviews"),
    ] = None,
    from_reviews: Annotated[
        Path | None,
        typer.Option(
            help="what `patrol reviews export` wrote, or a data folder: train the model in service"
            " on with what reviewers decided"
        ),
    ] = None,
    data: Data = None,
    base: Base = None,
    runs: Runs = Path("runs"),
    rendered: Rendered = None,
    only_clear_licences: Clear = False,
    seed: Annotated[int, typer.Option(help="of views and order")] = 7,
    threads: Annotated[int, typer.Option(min=1, help="cores to train on")] = 2,
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="only so many pictures, each stage once through: to try the way"),
    ] = None,
    steps: Annotated[
        int | None, typer.Option(min=1, help="steps of each stage instead of the recipe's length")
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(min=1, help="times through its pictures for each stage, instead of steps"),
    ] = None,
    size: Annotated[
        int | None, typer.Option(min=64, help="longest side in pixels instead of the recipe's")
    ] = None,
    watts_per_core: Annotated[
        float | None,
        typer.Option(min=0, help="watts of a busy core, for an estimate of the energy"),
    ] = None,
    models_dir: Annotated[
        Path | None, typer.Option(help="where the model folder goes; default: models")
    ] = None,
    data_dir: Annotated[
        Path | None,
        typer.Option(help="data folder of the service; default: PATROL_DATA_DIR or ./data"),
    ] = None,
    release: Annotated[
        bool, typer.Option("--release/--no-release", help="export and measure afterwards")
    ] = True,
) -> None:
    """Prepare, train, export, measure and write the card; a stopped run is taken up again.

    With ``--from-reviews`` it starts from the model in service, and the new model is compared with
    it at the end; `patrol models promote` takes that comparison.
    """
    chosen = recipe or ("reviews" if from_reviews else "full")
    if chosen not in RECIPES:
        raise _refused(f"--recipe: {chosen!r} is not one of {', '.join(RECIPES)}")
    console = Console(stderr=True)
    try:
        wheel = _wheel(ctx, from_reviews, data_dir, runs / name) if from_reviews else None
        config = TrainConfig(
            name=name,
            recipe=chosen,
            blend=BLENDS.get(chosen, 1.0),
            stages=_stages(RECIPES[chosen], limit=limit, steps=steps, epochs=epochs, size=size),
            data=data or shared_dir() / "data" / "real",
            base=base or (wheel.base if wheel else coco_base()),
            reviews=wheel.reviews if wheel else None,
            runs=runs,
            rendered=rendered,
            only_clear_licences=only_clear_licences,
            seed=seed,
            threads=threads,
            limit=limit,
            watts_per_core=watts_per_core,
        )
        _check_base(config.base)
        from training.train import train

        trained = train(config, progress_on(console))
        console.print(f"trained: {trained.checkpoint}")
        if not release:
            return
        folder = models_dir or (wheel.registry.folder if wheel else MODELS_DIR)
        card = _release(config, trained.checkpoint, folder, console)
        if wheel:
            from training.wheel import compare_with_service

            _photos_as_before(card, wheel.registry.active(), config, console)
            compare_with_service(config, card, wheel.registry, console)
    except (DatasetError, ModelError) as error:
        raise _refused(str(error)) from error


@dataclass(frozen=True)
class _Wheel:
    """Reviews to train on, the checkpoint to start from, and where models are in service."""

    reviews: Path
    base: Path
    registry: Registry


def _wheel(ctx: typer.Context, given: Path, data_dir: Path | None, folder: Path) -> _Wheel:
    """Find or export the reviews, and the weights of the model in service."""
    from training.wheel import service_checkpoint

    is_export = (given / "manifest.csv").is_file()
    where = data_dir or (Path(os.environ.get("PATROL_DATA_DIR") or "data") if is_export else given)
    registry = Registry(where)
    reviews = given
    if not is_export:
        export: Reviews | None = ctx.obj
        if export is None:
            raise DatasetError(
                f"{given}: expected what `patrol reviews export` writes; to read a data folder"
                " itself use `patrol train`"
            )
        reviews = folder / "reviews"
        if not (reviews / "manifest.csv").is_file():
            reviews = export(given, reviews)
    return _Wheel(reviews, service_checkpoint(registry), registry)


def _stages(
    stages: tuple[Stage, ...],
    *,
    limit: int | None,
    steps: int | None,
    epochs: int | None,
    size: int | None,
) -> tuple[Stage, ...]:
    """The recipe's stages at the length asked for; plain stages only take whole epochs."""
    batch = TrainConfig.batch
    length = steps or (max(1, limit // batch) if limit else None)
    changed = []
    for stage in stages:
        one = replace(stage, size=size) if size else stage
        if epochs:
            one = replace(one, epochs=epochs, steps=None, minutes=None)
        elif length is not None and not stage.plain:
            one = replace(one, steps=length)
        changed.append(one)
    return tuple(changed)


@app.command()
def prepare(
    *,
    name: Name = "street-n-new",
    data: Data = None,
    base: Base = None,
    runs: Runs = Path("runs"),
    rendered: Rendered = None,
    only_clear_licences: Clear = False,
    mix: Annotated[str, typer.Option(help=f"one of {', '.join(MIXES)}")] = "even",
) -> None:
    """Only write the training folder, to look at it."""
    from training.prepare import prepare as prepare_data

    config = TrainConfig(
        name=name,
        stages=FULL,
        data=data or shared_dir() / "data" / "real",
        base=base or coco_base(),
        runs=runs,
        rendered=rendered,
        only_clear_licences=only_clear_licences,
    )
    _check_base(config.base)
    if mix not in MIXES:
        raise _refused(f"--mix: {mix!r} is not one of {', '.join(MIXES)}")
    try:
        prepared = prepare_data(config, progress_on(Console(stderr=True)), mix=mix)
    except DatasetError as error:
        raise _refused(str(error)) from error
    Console().print(
        f"{len(prepared.pictures)} pictures, {prepared.views} views: {prepared.data_yaml}"
    )


@app.command()
def export(
    checkpoint: Annotated[Path, typer.Argument(help="a .pt file of a run")],
    out: Annotated[Path, typer.Argument(help="the .onnx file to write")],
) -> None:
    """Write a checkpoint as ONNX (float32, any batch, any picture size)."""
    if not checkpoint.is_file():
        raise _refused(f"{checkpoint}: no such checkpoint")
    from training.export import export_onnx

    Console().print(f"{out} sha256 {export_onnx(checkpoint, out)}")


@app.command()
def int8(
    model: Annotated[str, typer.Argument(help="name or folder of a float32 model")],
    *,
    data: Data = None,
    count: Annotated[int, typer.Option(min=8, help="training pictures for the ranges")] = 64,
    runtime: Annotated[
        str, typer.Option(help="what will compute it: CPUExecutionProvider or OpenVINO")
    ] = CPU,
    size: Annotated[
        int | None,
        typer.Option(min=64, help="longest side in pixels it looks at; default: the model's"),
    ] = None,
    models_dir: Annotated[Path, typer.Option(help="where the model folder goes")] = MODELS_DIR,
) -> None:
    """Write the faster 8-bit variant of a model; measure it with `patrol calibrate --write`."""
    from random import Random

    from datasets.manifest import read_manifest
    from training.release import release_int8

    try:
        pictures = [
            one.image
            for one in read_manifest(data or shared_dir() / "data" / "real")
            if one.trainable
        ]
        Random(7).shuffle(pictures)  # noqa: S311 - repeatable, not secret
        card = release_int8(
            load_card(model, (models_dir, MODELS_DIR)),
            models_dir,
            pictures[:count],
            size=size,
            runtime=runtime,
        )
    except (DatasetError, ModelError, ValueError) as error:
        raise _refused(str(error)) from error
    Console().print(f"{card.path} sha256 {card.sha256}")


@app.command()
def views(
    model: Annotated[str, typer.Argument(help="name or folder of a model")],
    *,
    view: Annotated[
        list[str], typer.Option(help="pixels of the longest side, m behind it for mirrored; again")
    ],
    data: Data = None,
    runs: Runs = Path("runs"),
    models_dir: Annotated[Path, typer.Option(help="where the model folder is")] = MODELS_DIR,
) -> None:
    """Have the model look at a photo several times: measured, calibrated, put in its card.

    The new card, MODEL-photo, lies beside the model and shares its file.
    """
    chosen = []
    for one in view:
        digits = one.removesuffix("m")
        if not digits.isdecimal() or digits == "0":
            raise _refused(f"--view: {one!r}: expected pixels such as 896, or 896m for mirrored")
        chosen.append(View(size=int(digits), mirrored=one != digits))
    try:
        card = load_card(model, (models_dir, MODELS_DIR))
        held = data or shared_dir() / "data" / "real"
        _release_photos(card, chosen, held, runs, Console(stderr=True))
    except (DatasetError, ModelError) as error:
        raise _refused(str(error)) from error


def _release(
    config: TrainConfig, checkpoint: Path, models_dir: Path, console: Console
) -> ModelCard:
    from training.release import release as write_release

    card = write_release(config, checkpoint, models_dir)
    return _judged(card, config.data, config.folder / "evaluation.json", console)


def _photos_as_before(
    card: ModelCard, service: ModelCard, config: TrainConfig, console: Console
) -> None:
    """Photos are looked at as often as by the model in service, or still by another network."""
    from training.judge import update_card

    photos = photo_card(service)
    if photos.sha256 != service.sha256:
        update_card(card.directory, {"photos": service.photos})
    elif photos.views:
        _release_photos(card, photos.views, config.data, config.runs, console)


def _release_photos(
    card: ModelCard, views: Sequence[View], data: Path, runs: Path, console: Console
) -> None:
    """Give a model its card for photos; only a measured one is named in the model's own card."""
    from training.judge import update_card
    from training.release import release_views

    photos = release_views(card, views)
    name = photos.directory.name
    _judged(photos, data, runs / name / "evaluation.json", console)
    update_card(card.directory, {"photos": name})


def _judged(card: ModelCard, data: Path, report: Path, console: Console) -> ModelCard:
    from training.eval_cli import look_with
    from training.release import judge_release

    judged = judge_release(
        card, data, lambda one, held: look_with(one, held, raw=True, console=console), report
    )
    console.print(f"model: {judged.directory}")
    return judged


def progress_on(console: Console) -> Callable[[str, int, int], None]:
    """A progress report of one line for every hundred pictures."""

    def report(what: str, done: int, total: int) -> None:
        if done % 100 == 0 or done == total:
            console.print(f"{what}: {done} of {total}", highlight=False)

    return report


def _check_base(base: Path) -> None:
    if not base.is_file():
        raise _refused(f"{base}: no such checkpoint; give --base or set PATROL_SHARED_DIR")


def _refused(message: str) -> typer.Exit:
    Console(stderr=True).print(message, highlight=False, markup=False, soft_wrap=True)
    return typer.Exit(2)
