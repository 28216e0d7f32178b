"""The plain recipe is ultralytics' own trainer, taken up at its epoch when it was stopped."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from training.config import Stage, TrainConfig

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore"),  # ultralytics and torch warn freely
]

pytest.importorskip("torch")
pytest.importorskip("ultralytics")

from tests.training.test_training_run import base, config  # noqa: E402
from training import plain  # noqa: E402
from training.train import train  # noqa: E402

__all__ = ["base", "config"]

TWO_EPOCHS = Stage(epochs=2, size=96, lr=0.0, plain=True, mix="plain")


class StoppedError(Exception):
    """The machine went down."""


@pytest.mark.timeout(300)
def test_a_stopped_plain_run_goes_on_at_its_epoch(
    config: TrainConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = replace(config, stages=(TWO_EPOCHS,), batch=4)
    saved = plain._Clock.save

    def stop(clock: plain._Clock) -> None:
        saved(clock)
        raise StoppedError

    with monkeypatch.context() as broken:
        broken.setattr(plain._Clock, "save", stop)
        with pytest.raises(StoppedError):
            train(config)
    assert json.loads((config.folder / "stage-1" / "clock.json").read_text())["steps"] == 3
    trained = train(config)
    record = json.loads(trained.record.read_text())
    stage = record["stages"]["stage-1"]
    assert (stage["plain"], stage["steps"]) == (True, 6), "two epochs of three batches, not three"
    assert record["energy"]["processor_s"] >= 0
    with (config.folder / "stage-1" / "results.csv").open(newline="") as stream:
        assert len(list(csv.reader(stream))) == 1 + 2
    assert trained.prepared["plain"].views == 12, "each picture once, nothing cut out"
    assert train(config).checkpoint.stat().st_mtime_ns == trained.checkpoint.stat().st_mtime_ns


def test_a_plain_run_takes_whole_epochs(config: TrainConfig, tmp_path: Path) -> None:
    half = replace(TWO_EPOCHS, epochs=1.5)
    with pytest.raises(ValueError, match="whole epochs"):
        plain.run_plain(config, half, tmp_path / "d.yaml", tmp_path / "c.pt", tmp_path)
