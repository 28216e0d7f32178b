"""The commands measure a real (tiny) ONNX model from a folder, and say plainly what is wrong."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
import yaml
from typer.testing import CliRunner, Result

from datasets.classes import CLASSES
from models import load_card
from tests.conftest import require
from tests.training.test_evaluate import HEADER, add
from training.compare_cli import compare_command
from training.eval_cli import evaluate_command
from training.judge_cli import calibrate_command


def tiny_model(folder: Path, rows: list[list[float]]) -> Path:
    """A network that finds the same boxes (xyxy in its 128x128 input) in every picture."""
    require("training", importlib.util.find_spec("onnx") is not None, "onnx is absent")
    import onnx
    from onnx import TensorProto, helper

    found = np.array([rows], dtype=np.float32)
    graph = helper.make_graph(
        [helper.make_node("Identity", ["boxes"], ["output"])],
        "tiny",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["n", 3, "h", "w"])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, list(found.shape))],
        [helper.make_tensor("boxes", TensorProto.FLOAT, found.shape, found.tobytes(), raw=True)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    folder.mkdir(parents=True)
    onnx.save(model, str(folder / "model.onnx"))
    card = {
        "name": folder.name,
        "version": "1",
        "created": "2026-01-02",
        "licence": "AGPL-3.0-or-later",
        "file": "model.onnx",
        "sha256": hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest(),
        "classes": list(CLASSES),
        "input": {"size": 128, "stride": 32},
        "base": "none",
        "thresholds": {"litter": {"review": 0.3}},
    }
    (folder / "card.yaml").write_text(yaml.safe_dump(card, sort_keys=False))
    return folder


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Twelve pictures of 100x80 with litter at one place, and four quiet ones."""
    root = tmp_path / "pictures"
    rows = [
        add(root, f"kerb/a{n}", ["3 0.5 0.5 0.5 0.5"], shade=n, split="val", site=f"a{n}")
        for n in range(12)
    ]
    rows += [
        add(root, f"quiet/q{n}", [], shade=100 + n, split="val", site=f"q{n}") for n in range(4)
    ]
    (root / "manifest.csv").write_text(HEADER + "".join(rows))
    return root


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Finds that litter at 0.9 and a full bin that is not there at 0.6.

    The picture of 100x80 fills 128x102.4 of the network's 128x128 (or 128x128 with grey bars).
    """
    return tiny_model(tmp_path / "tiny", [[32, 38.4, 96, 89.6, 0.9, 3], [0, 20, 30, 50, 0.6, 4]])


def run(command: Any, *arguments: object) -> Result:
    app = typer.Typer()
    app.command()(command)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.mark.training
def test_eval_reports_keeps_and_reuses_what_was_found(
    pictures: Path, model: Path, tmp_path: Path
) -> None:
    first = run(
        evaluate_command, pictures, "--model", model, "--json", tmp_path / "r.json",
        "--found", tmp_path / "f.jsonl", "--resamples", 20,
    )  # fmt: skip
    assert first.exit_code == 0, first.output
    report = json.loads((tmp_path / "r.json").read_text())
    litter = report["per_source"]["kerb"]["litter"]
    assert litter["ap50"]["value"] == pytest.approx(1.0)
    assert litter["recall"]["value"] == 1.0
    assert report["clean"]["quiet"]["alarms"] == 8, "litter and a full bin in four quiet views"
    assert report["model_sha256"] == load_card(model).sha256
    again = run(
        evaluate_command, pictures, "--model", model, "--json", tmp_path / "s.json",
        "--reuse", tmp_path / "f.jsonl", "--resamples", 20,
    )  # fmt: skip
    assert again.exit_code == 0, again.output
    second = json.loads((tmp_path / "s.json").read_text())
    assert second["per_class"]["litter"] == litter | {"pictures": 12}
    assert second["clean"] == report["clean"]


@pytest.mark.training
def test_what_is_wrong_is_said_without_a_traceback(
    pictures: Path, model: Path, tmp_path: Path
) -> None:
    nowhere = run(evaluate_command, tmp_path / "nowhere", "--model", model)
    assert nowhere.exit_code == 2
    assert "expected manifest.csv" in nowhere.output
    assert run(evaluate_command, pictures, "--model", "nobody").exit_code == 2
    assert run(evaluate_command, pictures, "--model", model, "--labelled", "kerb").exit_code == 2
    (model / "model.onnx").write_bytes(b"changed")
    changed = run(evaluate_command, pictures, "--model", model)
    assert changed.exit_code == 2
    assert "sha256" in changed.output


@pytest.mark.training
def test_calibrate_writes_the_card_and_the_plots(pictures: Path, model: Path) -> None:
    result = run(calibrate_command, pictures, "--model", model, "--write", "--resamples", 20)
    assert result.exit_code == 0, result.output
    card = load_card(model)
    assert card.thresholds["litter"].review > 0.9, "quiet views show litter at 0.9"
    assert not any(card.validated.values())
    assert card.metrics["per_source"]["kerb"]["litter"]["ap50"] == 1.0
    assert (model / "precision_recall.png").is_file()


@pytest.mark.training
def test_compare_refuses_the_same_again_and_promotes_the_better(
    pictures: Path, model: Path, tmp_path: Path
) -> None:
    worse = tiny_model(tmp_path / "data" / "models" / "worse", [[0, 0, 9, 9, 0.2, 3]])
    better = tiny_model(tmp_path / "data" / "models" / "better", [[32, 38.4, 96, 89.6, 0.25, 3]])
    place = ["--data-dir", tmp_path / "data", "--json", tmp_path / "c.json"]
    same = run(compare_command, pictures, "--model", model, "--against", model, *place)
    assert same.exit_code == 1, same.output
    (tmp_path / "data" / "models" / "active").write_text("worse\n")
    good = run(compare_command, pictures, "--model", "better", "--promote", *place)
    assert good.exit_code == 0, good.output
    report = json.loads((tmp_path / "c.json").read_text())
    assert report["promote"] is True
    assert report["candidate"]["sha256"] == load_card(better).sha256
    assert (tmp_path / "data" / "models" / "active").read_text() == "better\n"
    assert run(
        compare_command, pictures, "--model", worse, "--against", "better", *place
    ).exit_code == 1  # fmt: skip


@pytest.mark.training
def test_the_card_says_which_runtime_its_figures_are_of(pictures: Path, model: Path) -> None:
    require("training", importlib.util.find_spec("openvino") is not None, "openvino is absent")
    result = run(
        calibrate_command, pictures, "--model", model, "--write", "--resamples", 20,
        "--provider", "OpenVINO",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert load_card(model).runtime == "OpenVINO"
    report = pictures / "report.json"
    again = run(evaluate_command, pictures, "--model", model, "--json", report, "--resamples", 20)
    assert again.exit_code == 0, again.output
    assert json.loads(report.read_text())["settings"]["provider"] == "OpenVINO", "as the card says"


@pytest.mark.training
def test_boxes_of_one_runtime_are_not_taken_for_those_of_another(
    pictures: Path, model: Path, tmp_path: Path
) -> None:
    found = tmp_path / "found.jsonl"
    kept = run(evaluate_command, pictures, "--model", model, "--found", found, "--resamples", 20)
    assert kept.exit_code == 0, kept.output
    words = ("--model", model, "--reuse", found, "--resamples", 20, "--provider", "OpenVINO")
    other = run(evaluate_command, pictures, *words)
    assert other.exit_code == 2
    assert "CPUExecutionProvider" in other.output
    nowhere = run(evaluate_command, pictures, "--model", model, "--provider", "TPU")
    assert nowhere.exit_code == 2
    assert "available here" in nowhere.output
