"""The `patrol` command: quick, honest about what is not installed, and passing options on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from patrol.cli import LAZY_COMMANDS, app
from patrol.lazy import LazyCommand, mount
from tests.conftest import REPO


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from typer.testing import CliRunner\n"
        "from patrol.cli import app\n"
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0\n"
        "heavy = {'torch', 'ultralytics', 'cv2', 'onnxruntime', 'fastapi', 'sqlalchemy', 'numpy'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPO, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_every_named_tool_is_there_and_explains_itself() -> None:
    for command in LAZY_COMMANDS:
        assert command.exists(), command
    names = [command.name for command in LAZY_COMMANDS]
    assert len(names) == len(set(names))
    listed = CliRunner().invoke(app, ["--help"]).output
    for command in LAZY_COMMANDS:
        assert command.name in listed


def test_the_version_is_the_distributions() -> None:
    from importlib.metadata import version

    assert CliRunner().invoke(app, ["version"]).output.strip() == version("video-patrol")


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LazyCommand:
    """A tool of another room that says what it was called with."""
    (tmp_path / "faraway.py").write_text(
        "import typer\n"
        "def measure(path: list[str], json: str = '', fast: bool = False) -> None:\n"
        "    print(path, json, fast)\n"
        "    raise typer.Exit(3)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    return LazyCommand("measure", "faraway", "measure", "Measure.", "Tools")


def test_a_mounted_tool_gets_its_options_and_keeps_its_exit_code(tool: LazyCommand) -> None:
    import typer

    host = typer.Typer()
    mount(host, tool)
    host.command("other")(lambda: None)
    result = CliRunner().invoke(host, ["measure", "--json", "out.json", "a", "--fast", "b"])
    assert result.output.strip() == "['a', 'b'] out.json True"
    assert result.exit_code == 3
    assert "Usage: patrol measure" in CliRunner().invoke(host, ["measure", "--help"]).output


@pytest.mark.parametrize(
    ("module", "advice"),
    [("torch", "EXTRAS=dev,postgres,train"), ("bpy", "make render-env"), ("left_pad", "left_pad")],
)
def test_a_missing_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, advice: str
) -> None:
    name = f"needs_{module}"
    (tmp_path / f"{name}.py").write_text(
        f"raise ModuleNotFoundError('No module named {module}', name='{module}')\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    import typer

    host = typer.Typer()
    mount(host, LazyCommand("tool", name, "app", "A tool.", "Tools"))
    host.command("other")(lambda: None)
    result = CliRunner().invoke(host, ["tool"])
    assert result.exit_code == 2
    assert advice in result.stderr
