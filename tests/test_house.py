"""The house rules that no linter knows: names, sizes and what must never be committed."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

from tests.conftest import REPO

ROOMS = ("api", "cases", "datasets", "detector", "models", "patrol", "training")
LONGEST_FILE = 400


def tracked() -> list[Path]:
    """Every file git knows, as absolute paths."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPO,
        check=True,
        capture_output=True,
        text=True,
    )
    return [REPO / name for name in listing.stdout.split("\0") if name and (REPO / name).is_file()]


def text_files() -> list[tuple[Path, str]]:
    found = []
    for path in tracked():
        data = path.read_bytes()
        if b"\0" not in data:
            found.append((path, data.decode("utf-8")))
    return found


def test_no_dependency_brings_a_package_with_the_name_of_a_room() -> None:
    providers = packages_distributions()
    for room in ROOMS:
        strangers = set(providers.get(room, [])) - {"video-patrol", "video_patrol"}
        assert not strangers, f"{room} is also brought by {sorted(strangers)}"


def test_every_room_is_installed_and_under_the_import_contracts() -> None:
    config = tomllib.loads((REPO / "pyproject.toml").read_text("utf-8"))
    assert sorted(config["tool"]["importlinter"]["root_packages"]) == sorted(ROOMS)
    include = config["tool"]["setuptools"]["packages"]["find"]["include"]
    assert sorted(include) == sorted(f"{room}*" for room in ROOMS)


def test_source_files_stay_small() -> None:
    too_long = {
        str(path.relative_to(REPO)): lines
        for path, text in text_files()
        if path.suffix in {".py", ".ts", ".tsx"}
        and (lines := text.count("\n")) > LONGEST_FILE + LONGEST_FILE // 10
    }
    assert not too_long


def test_no_registry_host_and_no_machine_path_is_committed() -> None:
    hosts = "|".join(
        ("py" + r"pi\.org", "python" + "hosted", r"registry\.npm" + "js", "npm" + r"js\.org")
    )
    paths = "|".join(("/work" + "/main", "/work" + "/shared", "/work" + "/scratch", "/root" + "/"))
    pattern = re.compile(f"{hosts}|{paths}".encode())
    hits = [str(path.relative_to(REPO)) for path in tracked() if pattern.search(path.read_bytes())]
    assert not hits


def test_browser_tests_name_what_they_mean_exactly() -> None:
    """Half a name finds a second element as soon as a page has more on it."""
    loose = []
    for path in sorted((REPO / "tests" / "browser").glob("*.py")):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
                continue
            given = {keyword.arg: keyword.value for keyword in call.keywords}
            name = given.get("name")
            if call.func.attr == "get_by_label":
                name = call.args[0]
            pattern = isinstance(name, ast.Call) and ast.unparse(name.func) == "re.compile"
            if name is not None and not pattern and "exact" not in given:
                loose.append(f"{path.name}:{call.lineno}: {ast.unparse(call)}")
    assert not loose


def test_readmes_begin_with_the_two_commands_and_show_every_room() -> None:
    for name in ("README.md", "README.zh-CN.md"):
        text = (REPO / name).read_text("utf-8")
        head = "\n".join(text.splitlines()[:30])
        assert "make run" in head, f"{name} does not begin with `make run`"
        assert "make test" in head, f"{name} does not begin with `make test`"
        for room in (*ROOMS, "web", "tests"):
            assert f"{room}/" in text, f"{name}: the folder picture misses {room}/"
        assert "AGPL-3.0-or-later" in text
