"""One model is in service, the change is atomic and written down, and there is a way back."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from models import ModelError
from models.cli import app
from models.registry import Registry


def add_model(root: Path, name: str, content: bytes = b"") -> Path:
    folder = root / name
    folder.mkdir(parents=True, exist_ok=True)
    data = content or name.encode()
    (folder / "model.onnx").write_bytes(data)
    card = {
        "name": name,
        "version": "1",
        "created": "2026-01-02",
        "licence": "AGPL-3.0-or-later",
        "file": "model.onnx",
        "sha256": hashlib.sha256(data).hexdigest(),
        "classes": ["spill", "litter"],
        "input": {"size": 640, "stride": 32},
        "base": "none",
        "thresholds": {"litter": {"review": 0.3}},
        "validated": {"litter": True},
        "metrics": {"map50": 0.5},
    }
    (folder / "card.yaml").write_text(yaml.safe_dump(card))
    return folder


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    shipped = tmp_path / "shipped"
    for name in ("first", "second"):
        add_model(shipped, name)
    (shipped / "default").write_text("first\n")
    place = Registry(tmp_path / "data", shipped)
    add_model(place.folder, "third")
    return place


def test_the_default_serves_until_something_is_promoted(registry: Registry) -> None:
    assert registry.active().name == "first"
    assert registry.history() == ()
    registry.promote("third", reason="trained here")
    assert registry.active().name == "third"
    assert [card.name for card in registry.cards()] == ["first", "second", "third"]


def test_rollback_undoes_promotions_one_by_one(registry: Registry) -> None:
    registry.promote("second", reason="better")
    registry.promote("third", reason="better still", evidence={"ap": 0.5})
    assert registry.rollback(reason="wrong at night").after == "second"
    assert registry.rollback(reason="also wrong").after == "first"
    with pytest.raises(ModelError, match="no promotion to roll back"):
        registry.rollback(reason="again")
    assert [one.action for one in registry.history()] == ["promote"] * 2 + ["rollback"] * 2
    assert registry.history()[1].evidence == {"ap": 0.5}


@given(steps=st.lists(st.sampled_from(["first", "second", "third", "back"]), max_size=12))
@settings(max_examples=25, deadline=None)
def test_any_order_of_changes_behaves_like_a_stack(
    steps: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("registry")
    for name in ("first", "second", "third"):
        add_model(root / "shipped", name)
    (root / "shipped" / "default").write_text("first\n")
    registry = Registry(root / "data", root / "shipped")
    stack = ["first"]
    for step in steps:
        if step == "back":
            if len(stack) == 1:
                with pytest.raises(ModelError):
                    registry.rollback(reason="r")
            else:
                registry.rollback(reason="r")
                stack.pop()
        elif step == stack[-1]:
            with pytest.raises(ModelError, match="in service already"):
                registry.promote(step, reason="r")
        else:
            registry.promote(step, reason="r")
            stack.append(step)
        assert registry.active_name() == stack[-1]


def test_a_change_that_was_written_but_never_took_effect_does_not_count(
    registry: Registry,
) -> None:
    registry.promote("second", reason="better")
    registry.promote("third", reason="stopped half-way")
    (registry.folder / "active").write_text("second\n")
    assert [one.after for one in registry.history()] == ["second"]
    assert registry.rollback(reason="back").after == "first"


def test_a_changed_or_missing_model_file_is_never_put_in_service(registry: Registry) -> None:
    (registry.folder / "third" / "model.onnx").write_bytes(b"other")
    with pytest.raises(ModelError, match="sha256"):
        registry.promote("third", reason="better")
    assert registry.active_name() == "first"
    with pytest.raises(ModelError, match="fourth"):
        registry.promote("fourth", reason="better")
    with pytest.raises(ModelError, match="not a path"):
        registry.promote("../shipped/second", reason="better")


def test_a_vanished_model_is_an_error_not_a_silent_fallback(registry: Registry) -> None:
    registry.folder.mkdir(parents=True, exist_ok=True)
    (registry.folder / "active").write_text("gone\n")
    with pytest.raises(ModelError, match="gone"):
        registry.active()
    (registry.folder / "active").write_text("\n")
    with pytest.raises(ModelError, match="active: expected the name of a model"):
        registry.active()


def test_a_reason_and_an_aware_time_are_needed(registry: Registry) -> None:
    with pytest.raises(ModelError, match="reason"):
        registry.promote("second", reason=" ")
    with pytest.raises(ValueError, match="time zone"):
        registry.promote("second", reason="r", at=datetime(2026, 1, 1))  # noqa: DTZ001
    assert registry.history() == ()


def test_a_broken_history_is_named_with_its_line(registry: Registry) -> None:
    registry.promote("second", reason="better")
    with (registry.folder / "history.jsonl").open("a") as stream:
        stream.write("{}\n")
    with pytest.raises(ModelError, match=r"history\.jsonl:2"):
        registry.history()


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, registry: Registry) -> Registry:
    """The same, as the command line finds it."""
    monkeypatch.setenv("PATROL_DATA_DIR", str(registry.data_dir))
    monkeypatch.setattr("models.cli.Registry", lambda data: Registry(data, registry.shipped))
    return registry


def report(registry: Registry, path: Path, **changes: object) -> Path:
    content: dict[str, object] = {
        "candidate": {"name": "second", "sha256": registry.card("second").sha256},
        "incumbent": {"name": "first", "sha256": registry.card("first").sha256},
        "promote": True,
        "reasons": ["litter rises by 0.10 (0.04 to 0.15)"],
    }
    path.write_text(json.dumps(content | changes))
    return path


def test_promote_needs_a_comparison_or_force_with_a_reason(
    installed: Registry, tmp_path: Path
) -> None:
    run = CliRunner()
    assert run.invoke(app, ["promote", "second"]).exit_code == 2
    assert run.invoke(app, ["promote", "second", "--force"]).exit_code == 2
    against = report(installed, tmp_path / "no.json", promote=False, reasons=["stall falls"])
    refused = run.invoke(app, ["promote", "second", "--report", str(against)])
    assert refused.exit_code == 2
    assert "stall falls" in refused.output.replace("\n", " ")
    other = report(installed, tmp_path / "x.json", incumbent={"name": "a", "sha256": "0"})
    assert run.invoke(app, ["promote", "second", "--report", str(other)]).exit_code == 2
    assert installed.active_name() == "first"
    good = report(installed, tmp_path / "yes.json")
    assert run.invoke(app, ["promote", "second", "--report", str(good)]).exit_code == 0
    assert installed.active_name() == "second"
    assert "litter rises" in installed.history()[-1].reason


def test_list_rollback_and_history_on_the_command_line(installed: Registry) -> None:
    run = CliRunner()
    forced = ["promote", "third", "--force", "--reason", "trial"]
    assert run.invoke(app, forced).exit_code == 0
    rows = json.loads(run.invoke(app, ["list", "--json"]).output)
    assert [row["name"] for row in rows if row["active"]] == ["third"]
    assert "third" in run.invoke(app, ["list"]).output
    with (installed.folder / "third" / "card.yaml").open("a") as card:
        card.write("photos: second\n")
    lines = run.invoke(app, ["list"]).output.splitlines()
    assert [line.split()[:2] for line in lines if "photos" in line] == [["photos", "second"]]
    with (installed.folder / "third" / "card.yaml").open("a") as card:
        card.write("photos: gone\n")
    assert "third" in run.invoke(app, ["list"]).output, "what is wrong must be seen to be mended"
    assert run.invoke(app, ["rollback"]).exit_code == 0
    assert installed.active_name() == "first"
    assert run.invoke(app, ["rollback"]).exit_code == 2
    assert "trial" in run.invoke(app, ["history"]).output
