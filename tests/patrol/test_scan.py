"""`patrol scan` on good and bad photos: what it says, what it files, what it writes."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from cases.database import Database
from patrol.lazy import as_app
from patrol.scan import scan
from tests.detector.photos import encode, huge_png, scene
from tests.patrol.photos import demo_photos, eager_model

KEYS = [
    "path",
    "sha256",
    "width",
    "height",
    "captured_at",
    "lat",
    "lon",
    "model",
    "detections",
    "error",
]


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    model = eager_model(tmp_path / "eager")
    monkeypatch.setenv("PATROL_MODEL", str(model))
    monkeypatch.setenv("PATROL_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("PATROL_DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "data"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(as_app(scan), [str(argument) for argument in arguments])


def lines_of(path: Path) -> dict[str, dict[str, Any]]:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    found = {line["path"]: line for line in lines}
    assert len(found) == len(lines), "a path stands twice"
    return found


def count(data_dir: Path, table: str) -> int:
    db = Database(f"sqlite:///{data_dir / 'patrol.db'}")
    try:
        with db.session() as session:
            return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())
    finally:
        db.close()


def copies(folder: Path, number: int) -> list[Path]:
    folder.mkdir(exist_ok=True)
    return [Path(shutil.copy(path, folder)) for path in demo_photos()[:number]]


def test_a_folder_is_looked_at_and_filed(data_dir: Path, tmp_path: Path) -> None:
    copies(tmp_path / "in", 4)
    result = run("in", "--json", "out.jsonl")
    assert result.exit_code == 0, result.output
    lines = lines_of(tmp_path / "out.jsonl")
    assert len(lines) == 4
    for line in lines.values():
        assert list(line) == KEYS
        assert line["error"] is None
        assert re.fullmatch("[0-9a-f]{64}", line["sha256"])
        for detection in line["detections"]:
            left, top, right, bottom = detection["box"]
            assert 0 <= left < right <= line["width"]
            assert 0 <= top < bottom <= line["height"]
            assert 0 < detection["confidence"] <= 1
    assert count(data_dir, "lead") > 0
    assert count(data_dir, "evidence") >= 4 * count(data_dir, "lead") > 0
    assert not list(tmp_path.glob("*.part"))


def test_filing_again_makes_nothing_new(data_dir: Path, tmp_path: Path) -> None:
    copies(tmp_path / "in", 3)
    run("in", "--json", "first.jsonl")
    before = [count(data_dir, table) for table in ("photo", "look", "lead", "evidence")]
    result = run("in", "--json", "second.jsonl")
    assert "3 of them by an earlier scan" in result.output
    assert [count(data_dir, t) for t in ("photo", "look", "lead", "evidence")] == before
    assert (tmp_path / "first.jsonl").read_bytes() == (tmp_path / "second.jsonl").read_bytes()


def test_only_looking_files_nothing_and_a_later_scan_files_it(
    data_dir: Path, tmp_path: Path
) -> None:
    copies(tmp_path / "in", 4)
    assert run("in", "--no-file").exit_code == 0
    assert count(data_dir, "look") == 4
    assert count(data_dir, "lead") == count(data_dir, "photo") == 0
    assert run("in").exit_code == 0
    assert count(data_dir, "look") == 4
    assert count(data_dir, "lead") > 0


def test_bad_files_are_named_and_the_good_ones_filed(data_dir: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    good = copies(folder, 2)
    picture = good[0].read_bytes()
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "text.jpg").write_text("not a picture\n" * 40)
    (folder / "cut.jpg").write_bytes(picture[: len(picture) // 2])
    (folder / "huge.png").write_bytes(huge_png())
    (folder / "notes.txt").write_text("no picture and not named like one")
    (folder / "unnamed").write_bytes(encode(scene(200, 160)))
    third = demo_photos()[2].read_bytes()
    with zipfile.ZipFile(folder / "z.zip", "w") as archive:
        archive.writestr("../../outside.jpg", third)
        archive.writestr("../cut.jpg", third[:3000])
        archive.writestr("readme.txt", "no picture")
        archive.writestr("inner.zip", b"PK\x03\x04")
    (folder / "broken.zip").write_bytes(b"PK\x03\x04 and then nothing")
    before = {path for path in tmp_path.rglob("*") if "data" not in path.parts}

    result = run("in", "missing.jpg", "--json", "out.jsonl")

    assert result.exit_code == 0, result.output
    lines = lines_of(tmp_path / "out.jsonl")
    codes = {path: line["error"] and line["error"]["code"] for path, line in lines.items()}
    assert codes == {
        **{str(path.relative_to(tmp_path)): None for path in good},
        "in/empty.jpg": "empty",
        "in/text.jpg": "not_an_image",
        "in/cut.jpg": "truncated",
        "in/huge.png": "too_many_pixels",
        "in/unnamed": None,
        "in/z.zip!../../outside.jpg": None,
        "in/z.zip!../cut.jpg": "truncated",
        "in/z.zip!inner.zip": "unsupported",
        "in/broken.zip": "bad_archive",
        "missing.jpg": "not_found",
    }
    for path, code in codes.items():
        assert (path in result.output) == (code is not None)
        if code is not None:
            assert lines[path]["detections"] == []
    assert "12 photos; 4 looked at; 8 could not be read." in result.output
    after = {path for path in tmp_path.rglob("*") if "data" not in path.parts}
    assert after - before == {tmp_path / "out.jsonl"}, "nothing is unpacked anywhere"


@pytest.mark.parametrize("what", ["empty folder", "only bad", "missing"])
def test_nothing_readable_ends_with_2(data_dir: Path, tmp_path: Path, what: str) -> None:
    folder = tmp_path / "in"
    if what != "missing":
        folder.mkdir()
    if what == "only bad":
        (folder / "text.jpg").write_text("no")
    result = run("in")
    assert result.exit_code == 2
    assert "0 looked at" in result.output


def test_time_and_place_of_the_photo_reach_the_lines(data_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(
        encode(
            scene(240, 160), orientation=6, taken="2026:03:04 08:30:15", lat=31.2304, lon=121.4737
        )
    )
    assert run("a.jpg", "--json", "out.jsonl").exit_code == 0
    line = lines_of(tmp_path / "out.jsonl")["a.jpg"]
    assert (line["width"], line["height"]) == (160, 240)
    assert line["captured_at"] == "2026-03-04T00:30:15Z"
    assert line["lat"] == pytest.approx(31.2304, abs=1e-5)
    assert line["lon"] == pytest.approx(121.4737, abs=1e-5)


def test_the_same_photo_by_two_names_makes_its_leads_once(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for source in copies(tmp_path / "twice", 4):
        shutil.copy(source, source.with_stem(f"{source.stem}-again"))
    assert run("twice", "--json", "out.jsonl").exit_code == 0
    lines = lines_of(tmp_path / "out.jsonl")
    assert len(lines) == 8
    for path, line in lines.items():
        if "-again" in path:
            assert line["detections"] == lines[path.replace("-again", "")]["detections"]
    leads = count(data_dir, "lead")
    monkeypatch.setenv("PATROL_DATA_DIR", str(tmp_path / "other"))
    copies(tmp_path / "once", 4)
    run("once")
    assert count(tmp_path / "other", "lead") == leads > 0


def test_globs_and_repeated_arguments_name_each_photo_once(data_dir: Path, tmp_path: Path) -> None:
    copies(tmp_path, 1)
    copies(tmp_path / "in", 2)
    result = run("in/*.jpg", "in", "**/*.jpg", "--no-file", "--json", "out.jsonl")
    assert result.exit_code == 0, result.output
    assert len(lines_of(tmp_path / "out.jsonl")) == 3


def test_the_report_shows_every_photo_and_escapes_names(data_dir: Path, tmp_path: Path) -> None:
    source, *_ = copies(tmp_path / "in", 3)
    evil = '<img src=x onerror=alert(1)>&".jpg'
    source.rename(source.with_name(evil))
    (tmp_path / "in" / "text.jpg").write_text("no")
    result = run("in", "--no-file", "--report", "report")
    assert result.exit_code == 0, result.output
    page = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    assert page.count("<figure") == 4
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;&amp;&quot;.jpg" in page
    assert "无法读取" in page
    assert "Not readable" in page
    pictures = re.findall(r'src="(thumbs/[^"]+)"', page)
    assert len(pictures) == 3
    assert all((tmp_path / "report" / picture).stat().st_size > 1000 for picture in pictures)
    assert not re.search(r"https?://", page), "the page loads nothing from elsewhere"


def test_a_report_for_photos_looked_at_before_still_has_its_pictures(
    data_dir: Path, tmp_path: Path
) -> None:
    copies(tmp_path / "in", 2)
    run("in", "--no-file")
    assert run("in", "--no-file", "--report", "report").exit_code == 0
    assert len(list((tmp_path / "report" / "thumbs").glob("*.jpg"))) == 2


def test_a_control_character_in_a_name_does_not_reach_the_terminal(
    data_dir: Path, tmp_path: Path
) -> None:
    (tmp_path / "a\x1b[2Jb.jpg").write_text("no")
    result = run("a\x1b[2Jb.jpg")
    assert "\x1b" not in result.output
    assert "[2Jb.jpg" in result.output


def test_an_unknown_model_and_provider_are_told_plainly(data_dir: Path, tmp_path: Path) -> None:
    copies(tmp_path / "in", 1)
    result = run("in", "--model", "nonesuch")
    assert result.exit_code == 1
    assert "nonesuch" in result.output
    result = run("in", "--provider", "NoSuchProvider")
    assert result.exit_code == 1
    assert "CPUExecutionProvider" in result.output
