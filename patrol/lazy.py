"""Commands of other rooms are imported only when they are called, so that `patrol` answers fast."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import typer

_EXTRA_OF: Final = {
    "torch": "train",
    "torchvision": "train",
    "ultralytics": "train",
    "onnx": "train",
    "matplotlib": "train",
    "pycocotools": "train",
    "openvino": "openvino",
    "psycopg": "postgres",
    "bpy": "render",
}
"""Which extra of the distribution brings a module."""


@dataclass(frozen=True, slots=True)
class LazyCommand:
    """A command line of its own under one name.

    ``module`` holds it as ``attribute``: a Typer application or one function.
    """

    name: str
    module: str
    attribute: str
    help: str
    panel: str

    def exists(self) -> bool:
        """Whether this installation has the module (nothing of it is run)."""
        package = self.module.partition(".")[0]
        return (
            importlib.util.find_spec(package) is not None
            and importlib.util.find_spec(self.module) is not None
        )

    def run(self, arguments: Sequence[str]) -> None:
        """Import the command and run it; a missing extra is named instead of a traceback."""
        try:
            target = getattr(importlib.import_module(self.module), self.attribute)
        except ModuleNotFoundError as error:
            typer.echo(missing(self.name, error), err=True)
            raise typer.Exit(2) from error
        try:
            as_app(target)(args=list(arguments), prog_name=f"patrol {self.name}")
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] not in _EXTRA_OF:
                raise
            typer.echo(missing(self.name, error), err=True)
            raise typer.Exit(2) from error


def as_app(target: Any) -> typer.Typer:
    """``target`` as an application: itself, or with the function as its only command."""
    if isinstance(target, typer.Typer):
        return target
    single = typer.Typer(add_completion=False, pretty_exceptions_show_locals=False)
    single.command()(target)
    return single


def missing(command: str, error: ModuleNotFoundError) -> str:
    """What to install so that ``command`` works."""
    module = (error.name or "").partition(".")[0]
    extra = _EXTRA_OF.get(module)
    if extra is None:
        return f"patrol {command}: the module {error.name} is not installed"
    if extra == "render":
        return f"patrol {command}: needs Blender as a package (bpy); `make render-env` installs it"
    return (
        f"patrol {command}: needs {module}, which the extra `{extra}` brings; "
        f"install it with: make dev EXTRAS=dev,postgres,{extra}"
    )


def mount(app: typer.Typer, command: LazyCommand) -> None:
    """Put ``command`` among the commands of ``app``."""
    app.command(
        command.name,
        help=command.help,
        rich_help_panel=command.panel,
        add_help_option=False,
        context_settings={
            "allow_extra_args": True,
            "ignore_unknown_options": True,
            "allow_interspersed_args": False,
        },
    )(_forwarder(command))


def _forwarder(command: LazyCommand) -> Callable[[typer.Context], None]:
    def forward(ctx: typer.Context) -> None:
        command.run(ctx.args)

    return forward
