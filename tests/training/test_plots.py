"""The plots for the card are written, also for sources that lack a class."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.conftest import require
from tests.training.test_metrics import one_picture, random_sample


@pytest.mark.training
def test_plots_are_pictures_and_the_same_every_time(tmp_path: Path) -> None:
    require("training", importlib.util.find_spec("matplotlib") is not None, "matplotlib is absent")
    from training.plots import draw_plots

    rng = np.random.default_rng(1)
    samples = [*(random_sample(rng, index) for index in range(20)), one_picture()]
    first = draw_plots(samples, tmp_path / "new", title="made-up")
    again = draw_plots(samples, tmp_path / "again", title="made-up")
    assert [path.name for path in first] == ["precision_recall.png", "reliability.png"]
    for one, two in zip(first, again, strict=True):
        image = cv2.imread(str(one))
        assert image is not None
        assert image.shape[0] > 300
        assert image.std() > 5
        assert one.read_bytes() == two.read_bytes()
    with pytest.raises(ValueError, match="no true box"):
        draw_plots([], tmp_path, title="empty")


@pytest.mark.training
def test_a_class_of_which_nothing_was_found_has_its_panel(tmp_path: Path) -> None:
    require("training", importlib.util.find_spec("matplotlib") is not None, "matplotlib is absent")
    from training.plots import draw_plots

    nothing = replace(
        one_picture(),
        found_boxes=np.zeros((0, 4)),
        found_scores=np.zeros(0),
        found_classes=np.zeros(0, np.int64),
    )
    for path in draw_plots([nothing], tmp_path, title="made-up"):
        assert path.stat().st_size > 1000
