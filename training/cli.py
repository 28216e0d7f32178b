"""The command `patrol train`: from labelled pictures to a model folder, in one go or in steps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from datasets.yolo import DatasetError
from models import MODELS_DIR, ModelError, load_card
from training.config import FULL, FURTHER, MIXES, QUICK, Stage, TrainConfig, coco_base, shared_dir

app = typer.Typer(help="Train a model (extra `train`).", no_args_is_help=True)

RECIPES: Final[dict[str, tuple[Stage, ...]]] = {
    "quick": QUICK,
    "full": FULL,
    "further": FURTHER,
}

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
    *,
    name: Name = "street-n-new",
    recipe: Annotated[str, typer.Option(help=f"one of {', '.join(RECIPES)}")] = "full",
    data: Data = None,
    base: Base = None,
    runs: Runs = Path("runs"),
    rendered: Rendered = None,
    only_clear_licences: Clear = False,
    seed: Annotated[int, typer.Option(help="of views and order")] = 7,
    threads: Annotated[int, typer.Option(min=1, help="cores to train on")] = 2,
    models_dir: Annotated[Path, typer.Option(help="where the model folder goes")] = MODELS_DIR,
    release: Annotated[
        bool, typer.Option("--release/--no-release", help="export and measure afterwards")
    ] = True,
) -> None:
    """Prepare, train, export, measure and write the card; a stopped run is taken up again."""
    if recipe not in RECIPES:
        raise _refused(f"--recipe: {recipe!r} is not one of {', '.join(RECIPES)}")
    config = TrainConfig(
        name=name,
        stages=RECIPES[recipe],
        data=data or shared_dir() / "data" / "real",
        base=base or coco_base(),
        runs=runs,
        rendered=rendered,
        only_clear_licences=only_clear_licences,
        seed=seed,
        threads=threads,
    )
    _check_base(config.base)
    from training.train import train

    console = Console(stderr=True)
    try:
        trained = train(config, progress_on(console))
        console.print(f"trained: {trained.checkpoint}")
        if release:
            _release(config, trained.checkpoint, models_dir, console)
    except (DatasetError, ModelError) as error:
        raise _refused(str(error)) from error


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
        card = release_int8(load_card(model), models_dir, pictures[:count])
    except (DatasetError, ModelError) as error:
        raise _refused(str(error)) from error
    Console().print(f"{card.path} sha256 {card.sha256}")


def _release(config: TrainConfig, checkpoint: Path, models_dir: Path, console: Console) -> None:
    from training.eval_cli import look_with
    from training.release import judge_release
    from training.release import release as write_release

    card = write_release(config, checkpoint, models_dir)
    judge_release(
        card,
        config.data,
        lambda one, held: look_with(one, held, raw=True, console=console),
        config.folder / "evaluation.json",
    )
    console.print(f"model: {load_card(card.directory).directory}")


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
