"""Rendered scenes: the same for a seed, labelled by what is really seen."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from datasets.classes import CLASSES, ISSUE_CLASSES
from datasets.render.labels import Label, labels_from_index, outline_area
from datasets.render.mesh import Shape
from datasets.render.plan import plan_scene
from datasets.render.things import KINDS, OF_CLASS
from datasets.render_cli import RenderEnvironmentMissingError, render_python, start_renderer
from tests.conftest import require


# -- layout, without Blender ----------------------------------------------------------------------
def test_the_same_seed_lays_out_the_same_scene() -> None:
    assert plan_scene(7) == plan_scene(7)
    assert plan_scene(7) != plan_scene(8)


@pytest.mark.parametrize("label", ISSUE_CLASSES)
def test_a_wanted_issue_stands_in_the_scene(label: str) -> None:
    for seed in range(5):
        scene = plan_scene(seed, things=[label])
        assert [i.label for i in scene.items].count(label) == 1
        assert next(i for i in scene.items if i.label == label).kind in OF_CLASS[label]


def test_a_clean_street_has_no_issue() -> None:
    for seed in range(10):
        assert not [i for i in plan_scene(seed, things=[]).items if i.label in ISSUE_CLASSES]


def test_big_things_do_not_stand_in_each_other() -> None:
    for seed in range(12):
        big = [
            i
            for i in plan_scene(seed).items
            if i.label in ("stall", "stacked_goods", "car", "truck", "bin")
        ]
        for k, a in enumerate(big):
            for b in big[:k]:
                reach = min(KINDS[a.kind].half) + min(KINDS[b.kind].half)
                assert max(abs(a.x - b.x), abs(a.y - b.y)) > reach * 0.9, (seed, a, b)


def test_spills_lie_on_the_carriageway_and_piles_on_the_pavement() -> None:
    for seed in range(10):
        scene = plan_scene(seed, things=["spill", "stacked_goods"])
        edge = scene.street.road / 2
        for item in scene.items:
            if item.label == "spill":
                assert abs(item.y) < edge
            if item.label == "stacked_goods":
                assert abs(item.y) > edge
                assert item.z == scene.street.kerb


def test_an_unknown_thing_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="spaceship"):
        plan_scene(1, things=["spaceship"])


# -- labels from the index picture ----------------------------------------------------------------
def test_a_box_spans_exactly_the_visible_pixels() -> None:
    index = np.zeros((60, 96), dtype=np.int64)
    index[10:30, 20:50] = 3
    assert labels_from_index(index, {3: "stall"}, {3: 700}) == (Label("stall", (20, 10, 50, 30)),)


def test_a_mostly_hidden_thing_gets_no_box() -> None:
    index = np.zeros((60, 96), dtype=np.int64)
    index[10:30, 20:50] = 3
    assert labels_from_index(index, {3: "stall"}, {3: 600 * 3}) == ()


def test_a_speck_gets_no_box() -> None:
    index = np.zeros((600, 960), dtype=np.int64)
    index[10:14, 20:24] = 1
    assert labels_from_index(index, {1: "litter"}, {1: 16}) == ()


def test_a_yolo_line_holds_class_centre_and_size() -> None:
    line = Label("litter", (10, 20, 30, 60)).yolo(100, 200)
    assert line == "3 0.200000 0.200000 0.200000 0.200000"


def test_the_outline_counts_what_lies_beyond_the_picture() -> None:
    square = np.array(
        [[[-1.0, -1, 0], [3, -1, 0], [3, 1, 0]], [[-1, -1, 0], [3, 1, 0], [-1, 1, 0]]]
    )
    area = outline_area(square, np.eye(4), 50, 50)
    assert area == pytest.approx(2 * 50 * 50, rel=0.06)


def test_a_chamfered_box_keeps_its_size() -> None:
    shape = Shape()
    shape.box((1, 2, 3), (2, 4, 6), "wood", chamfer=0.1)
    corners = shape.triangles().reshape(-1, 3)
    assert corners.min(axis=0) == pytest.approx((0, 0, 0))
    assert corners.max(axis=0) == pytest.approx((2, 4, 6))


# -- with Blender ---------------------------------------------------------------------------------
def test_a_missing_render_environment_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATROL_RENDER_PYTHON", "/nowhere/python")
    with pytest.raises(RenderEnvironmentMissingError, match="PATROL_RENDER_PYTHON"):
        render_python()


def need_blender() -> None:
    """Skip, or fail where it is required, without the render environment."""
    try:
        render_python()
        there = True
    except RenderEnvironmentMissingError:
        there = False
    require("render", there, "there is no environment with bpy (make render-env)")


@pytest.mark.render
def test_a_small_render_has_a_picture_and_a_box_on_the_thing(tmp_path: Path) -> None:
    need_blender()
    done = start_renderer(
        [
            "--out",
            str(tmp_path),
            "--seed",
            "3",
            "--things",
            "tent",
            "--camera",
            "phone",
            "--light",
            "sunny",
            "--width",
            "160",
            "--height",
            "100",
            "--samples",
            "4",
        ],
        quiet=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    with Image.open(tmp_path / "images" / "scene_000003.jpg") as im:
        pixels = np.asarray(im.convert("RGB"), dtype=float)
    assert pixels.shape == (100, 160, 3)
    assert pixels.std() > 15
    record = json.loads((tmp_path / "scenes.jsonl").read_text(encoding="utf-8"))
    stalls = [one["box"] for one in record["labels"] if one["label"] == "stall"]
    assert len(stalls) == 1
    x1, y1, x2, y2 = stalls[0]
    assert x1 < 80 < x2 or (x1 < 110 and x2 > 50)
    assert (x2 - x1) * (y2 - y1) > 0.08 * 160 * 100
    lines = (tmp_path / "labels" / "scene_000003.txt").read_text(encoding="utf-8").splitlines()
    assert [CLASSES[int(line.split()[0])] for line in lines] == [
        one["label"] for one in record["labels"]
    ]
