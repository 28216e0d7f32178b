from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from patrol.cameras_cli import app

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("PATROL_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")
    runner = CliRunner()
    return lambda *arguments, text=None: runner.invoke(app, list(arguments), input=text)


def listed(run: Run, tmp_path: Path) -> dict[str, dict[str, object]]:
    path = tmp_path / "list.json"
    result = run("list", "--json", str(path))
    assert result.exit_code == 0, result.output
    return {camera["name"]: camera for camera in json.loads(path.read_text("utf-8"))}


def test_a_camera_is_added_shown_paused_and_removed(run: Run, tmp_path: Path) -> None:
    added = run(
        "add", "north gate", "-", "--place", "越秀路", text="rtsp://me:geheim77@10.0.0.9/1\n"
    )
    assert (added.exit_code, added.output) == (0, "camera 1 added\n")
    shown = run("show", "north gate")
    assert shown.exit_code == 0
    assert "geheim77" not in shown.output
    assert json.loads(shown.output)["place"]["text"] == "越秀路"
    assert run("pause", "1").exit_code == 0
    assert listed(run, tmp_path)["north gate"]["paused"] is True
    assert run("resume", "north gate").exit_code == 0
    assert listed(run, tmp_path)["north gate"]["paused"] is False
    assert run("remove", "1", text="n\n").exit_code == 1
    assert run("remove", "1", "--yes").exit_code == 0
    assert listed(run, tmp_path) == {}
    missing = run("show", "north gate")
    assert missing.exit_code == 1
    assert "there is no camera north gate" in missing.output


def test_wrong_lines_are_named_and_the_rest_goes_on(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "cameras.csv"
    lines = [
        "name,url,mode,every_s,place,lat,lon,neighbours,paused",
        "a,rtsp://u:geheim77@10.0.0.1/1,watch,10,越秀路,30.1,120.1,b,",
        "b,http://10.0.0.2/snap.jpg,round,60,,,,,yes",
        "c,gopher://u:geheim77@10.0.0.3/,watch,10,,,,,",
        "d,rtsp://10.0.0.4/1,watch,often,,,,,",
        "a,rtsp://10.0.0.5/1,,,,,,,",
        "",
        "e,rtsp://10.0.0.6/1,,,,95,120,,",
        "f,rtsp://10.0.0.7/1,,,,,,nowhere,",
        "g,rtsp://10.0.0.8/1,,,,,,,,,",
        ",rtsp://10.0.0.9/1,,,,,,,",
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    result = run("import", str(file))
    assert result.exit_code == 1
    for named in (
        f"{file}:4: url:",
        f"{file}:5: every_s: expected a number, got 'often'",
        f"{file}:6: name: there is a camera of this name",
        f"{file}:8: lat",
        f"{file}:9: neighbours: there is no camera nowhere",
        f"{file}:10: line: more values",
        f"{file}:11: name:",
    ):
        assert named in result.output, (named, result.output)
    assert "3 cameras added, 0 changed, 7 lines wrong" in result.output
    assert "geheim77" not in result.output
    cameras = listed(run, tmp_path)
    assert set(cameras) == {"a", "b", "f"}
    detail = json.loads(run("show", "a").output)
    assert detail["neighbours"] == [cameras["b"]["id"]]
    assert (cameras["b"]["mode"], cameras["b"]["paused"]) == ("round", True)


def test_a_list_is_taken_again_with_update_and_read_as_excel_writes_it(
    run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "cameras.csv"
    file.write_bytes("name,url,place\n北门,rtsp://10.0.0.1/1,越秀路\n".encode("gb18030"))
    assert run("import", str(file)).exit_code == 0
    assert run("import", str(file)).exit_code == 1
    file.write_text("﻿name,url,every_s\n北门,rtsp://10.0.0.1/1,30\n", encoding="utf-8")
    again = run("import", str(file), "--update")
    assert "0 cameras added, 1 changed, 0 lines wrong" in again.output
    (camera,) = listed(run, tmp_path).values()
    assert camera["every_s"] == 30
    assert camera["place"]["text"] == "越秀路"  # type: ignore[index]


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("name,link\na,b\n", "unknown column link"),
        ("name\na\n", "missing column url"),
        ("name,url,url\n", "repeated column url"),
        ('name,url\n"a,b\n', "no CSV"),
        ("", "missing column name"),
    ],
)
def test_a_file_that_is_no_list_is_named(
    run: Run, tmp_path: Path, content: str, named: str
) -> None:
    file = tmp_path / "cameras.csv"
    file.write_text(content, encoding="utf-8")
    result = run("import", str(file))
    assert result.exit_code == 2
    assert str(file) in result.output
    assert named in result.output


def test_hundreds_are_taken_from_one_file(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "cameras.csv"
    rows = [f"camera {n},rtsp://10.0.{n // 250}.{n % 250 + 1}/1,round" for n in range(400)]
    file.write_text("\n".join(["name,url,mode", *rows]), encoding="utf-8")
    result = run("import", str(file))
    assert "400 cameras added, 0 changed, 0 lines wrong" in result.output
    assert len(listed(run, tmp_path)) == 400
