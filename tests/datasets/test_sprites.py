"""Sprites: planned by seed, cut close, and with a shadow that is kept apart."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from datasets.classes import CLASSES
from datasets.render.sprite_plan import GROUPS, chosen_groups, plan_sprite
from datasets.render.sprites import LONG_SIDE, separate, sun_ray, tangents, window
from datasets.render_cli import start_renderer
from tests.datasets.test_render import need_blender


def test_the_same_number_and_seed_plan_the_same_sprite() -> None:
    assert plan_sprite(5, 1) == plan_sprite(5, 1)
    assert plan_sprite(5, 1) != plan_sprite(5, 2)
    assert plan_sprite(5, 1) != plan_sprite(6, 1)


def test_every_issue_class_and_things_that_are_no_issue_are_drawn() -> None:
    seen = {part.label for k in range(400) for part in plan_sprite(k, 3).parts}
    assert {"stall", "stacked_goods", "spill", "litter", "overflowing_bin", "bin", None} <= seen
    assert seen <= {*CLASSES, None}


def test_only_the_classes_or_groups_asked_for_are_drawn() -> None:
    groups = chosen_groups(["spill", "moped"])
    assert "moped" in groups
    assert {plan_sprite(k, 1, groups).parts[0].label for k in range(40)} == {"spill", "two_wheeler"}
    assert chosen_groups(None) == tuple(GROUPS)
    with pytest.raises(ValueError, match="no sprite shows"):
        chosen_groups(["submarine"])


def test_a_higher_camera_looks_down_more_steeply() -> None:
    plans = [plan_sprite(k, 1) for k in range(200)]
    assert all(0 < p.depression < 70 for p in plans)
    means = {
        view: np.mean([p.depression for p in plans if p.view == view]) for view in ("car", "pole")
    }
    assert means["pole"] > means["car"] + 8


def test_the_window_holds_the_things_and_their_sunlit_shadow() -> None:
    plan = next(p for p in (plan_sprite(k, 1) for k in range(100)) if p.light == "sunny")
    corners = np.array([(x, y, z) for x in (-1, 1) for y in (-0.5, 0.5) for z in (0.0, 1.4)])
    view = window(plan, corners)
    ray = sun_ray(plan)
    cast = corners + (corners[:, 2:] / -ray[2]) * ray
    assert np.linalg.norm(ray) == pytest.approx(1.0)
    assert np.abs(cast[:, 2]).max() < 1e-9
    pixels = view.pixel(tangents(plan, np.concatenate([corners, cast]))[0])
    width, height = view.size
    assert max(view.size) <= LONG_SIDE
    assert pixels.min() >= 0
    assert pixels[:, 0].max() <= width
    assert pixels[:, 1].max() <= height


def test_thing_and_shadow_are_told_apart() -> None:
    combined = np.zeros((20, 30, 4))
    index = np.zeros((20, 30), np.int64)
    shadow = np.ones((20, 30, 3))
    combined[5:15, 5:15] = (0.4, 0.2, 0.1, 1.0)
    index[5:15, 5:15] = 1
    shadow[12:18, 15:25] = 0.5
    combined[12:18, 15:25, 3] = 0.5
    rgba, dark = separate(combined, index, shadow, 1.0)
    assert (rgba[6:14, 6:14, 3] == 255).all()
    assert (rgba[12:18, 17:25, 3] == 0).all()
    assert rgba[10, 10, 0] > rgba[10, 10, 1] > rgba[10, 10, 2]
    assert dark[14, 20] == 128
    assert dark[2, 2] == 255


@pytest.mark.render
def test_sprites_are_drawn_without_any_assets_and_not_twice(tmp_path: Path) -> None:
    need_blender()
    arguments = ["--sprites", "--out", str(tmp_path), "--count", "3", "--seed", "4"]
    arguments += ["--things", "carton_few,cart_umbrella", "--samples", "2", "--threads", "1"]
    done = start_renderer(arguments, quiet=True)
    assert done.returncode == 0, done.stderr
    records = [json.loads(line) for line in (tmp_path / "sprites.jsonl").read_text().splitlines()]
    assert len(records) == 3
    for record in records:
        sprite = np.asarray(Image.open(tmp_path / f"{record['name']}.png"))
        parts = np.asarray(Image.open(tmp_path / f"{record['name']}_parts.png"))
        shadow = np.asarray(Image.open(tmp_path / f"{record['name']}_shadow.png"))
        assert sprite.shape[2] == 4
        solid = sprite[..., 3] > 128
        assert 0.03 < solid.mean() < 0.97
        assert not solid[[0, -1]].any()
        assert set(np.unique(parts)) <= set(range(len(record["parts"]) + 1))
        assert shadow[~solid].min() < 225
        assert not record["assets"]
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert start_renderer(arguments, quiet=True).returncode == 0
    assert before == {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
