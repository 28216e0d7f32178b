"""Starts the renderer in its own environment, because Blender's package needs its own NumPy."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Annotated

import typer

from datasets.render.frames import LAYERS, LayersError, load_sets, write_clip

REPO = Path(__file__).resolve().parent.parent


class RenderEnvironmentMissingError(RuntimeError):
    """There is no Python with bpy to render with."""


def render_python() -> Path:
    """The interpreter with bpy: PATROL_RENDER_PYTHON, or .venv-render beside the package.

    Raises RenderEnvironmentMissingError, saying what to do, where there is none.
    """
    named = os.environ.get("PATROL_RENDER_PYTHON")
    path = Path(named) if named else REPO / ".venv-render" / "bin" / "python"
    if not path.is_file():
        hint = "check PATROL_RENDER_PYTHON" if named else "run `make render-env` first"
        raise RenderEnvironmentMissingError(f"{path} does not exist: {hint}")
    return path


def start_renderer(
    arguments: list[str], *, quiet: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run `python -m datasets.render` with these arguments, in its own environment."""
    env = {**os.environ, "PYTHONPATH": str(REPO), "PYTHONUTF8": "1"}
    return subprocess.run(
        [str(render_python()), "-m", "datasets.render", *arguments],
        env=env,
        check=False,
        text=True,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.PIPE if quiet else None,
    )


def render(  # noqa: PLR0917 - every argument is an option of the command
    out: Annotated[Path, typer.Argument(help="folder for images/, labels/ and scenes.jsonl")],
    seed: Annotated[int, typer.Option(help="first seed; picture k uses seed + k")] = 1,
    count: Annotated[int, typer.Option(min=1, help="how many pictures")] = 1,
    assets: Annotated[
        Path | None, typer.Option(help="folder with models/, textures/, hdri/")
    ] = None,
    light: Annotated[str | None, typer.Option(help="sunny, overcast, dusk or wet")] = None,
    camera: Annotated[str | None, typer.Option(help="phone, walk or pole")] = None,
    things: Annotated[
        str | None, typer.Option(help="issue classes or kinds; none: a clean street")
    ] = None,
    width: Annotated[int, typer.Option(min=64, max=4096)] = 960,
    height: Annotated[int, typer.Option(min=64, max=4096)] = 600,
    samples: Annotated[int, typer.Option(min=1, max=4096)] = 16,
    threads: Annotated[int, typer.Option(min=0, help="0: all")] = 0,
) -> None:
    """Draw labelled street scenes; finished pictures are not drawn again."""
    arguments = [
        "--out",
        str(out),
        "--seed",
        str(seed),
        "--count",
        str(count),
        "--width",
        str(width),
        "--height",
        str(height),
        "--samples",
        str(samples),
        "--threads",
        str(threads),
    ]
    for name, value in (
        ("--assets", assets),
        ("--light", light),
        ("--camera", camera),
        ("--things", things),
    ):
        if value is not None:
            arguments += [name, str(value)]
    _run(arguments)


def clip(
    out: Annotated[Path, typer.Argument(help="folder for frames/ and truth.json")],
    layers: Annotated[Path, typer.Option(help="the clip's layers")] = LAYERS,
) -> None:
    """Write the scripted camera clip: key frames two seconds apart, and the truth about them."""
    try:
        truth = write_clip(load_sets(layers), out)
    except LayersError as e:
        typer.echo(str(e), err=True)
        raise typer.Exit(2) from e
    frames = round(truth["length_s"] / truth["step_s"])
    typer.echo(f"{frames} frames and the truth about {len(truth['events'])} events in {out}")


def clip_layers(
    out: Annotated[Path, typer.Argument(help="folder for the layers")],
    assets: Annotated[
        Path | None, typer.Option(help="folder with models/, textures/, hdri/")
    ] = None,
    width: Annotated[int, typer.Option(min=64, max=4096)] = 640,
    height: Annotated[int, typer.Option(min=64, max=4096)] = 400,
    samples: Annotated[int, typer.Option(min=1, max=4096)] = 12,
) -> None:
    """Draw the layers of the scripted camera clip anew."""
    arguments = ["--clip", "--out", str(out), "--width", str(width), "--height", str(height)]
    arguments += ["--samples", str(samples)]
    if assets is not None:
        arguments += ["--assets", str(assets)]
    _run(arguments)


def sprites(  # noqa: PLR0917 - every argument is an option of the command
    out: Annotated[Path, typer.Argument(help="folder for the sprites and sprites.jsonl")],
    count: Annotated[int, typer.Option(min=1, help="how many sprites")] = 400,
    seed: Annotated[int, typer.Option(help="the same seed gives the same sprites")] = 1,
    assets: Annotated[
        Path | None, typer.Option(help="folder with models/, textures/, hdri/")
    ] = None,
    things: Annotated[
        str | None, typer.Option(help="only these classes or groups, comma separated")
    ] = None,
    samples: Annotated[int, typer.Option(min=1, max=4096)] = 4,
    threads: Annotated[int, typer.Option(min=0, help="0: all")] = 1,
) -> None:
    """Draw single things with alpha and shadow, for composites; finished ones are kept."""
    arguments = ["--sprites", "--out", str(out), "--count", str(count), "--seed", str(seed)]
    arguments += ["--samples", str(samples), "--threads", str(threads)]
    for name, value in (("--assets", assets), ("--things", things)):
        if value is not None:
            arguments += [name, str(value)]
    _run(arguments)


def _run(arguments: list[str]) -> None:
    try:
        done = start_renderer(arguments)
    except RenderEnvironmentMissingError as e:
        typer.echo(str(e), err=True)
        raise typer.Exit(2) from e
    raise typer.Exit(done.returncode)
