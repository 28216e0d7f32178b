"""Composites: things stand on the ground at the right size, and labels are what is seen."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from datasets.classes import CLASSES
from datasets.cli import app
from datasets.compose.backgrounds import (
    Background,
    box_of,
    fit_for_background,
    ground_like,
    horizon_from,
    real_background,
    to_view,
    view_of,
)
from datasets.compose.cutouts import read_sprites
from datasets.compose.decals import draw_decal, lay, seen_box
from datasets.compose.ground import GroundView
from datasets.compose.picture import compose, joined
from datasets.manifest import read_manifest
from datasets.render.plan import plan_scene
from datasets.yolo import DatasetError, Label, read_labels
from tests.datasets.made_up import row, write_folder

VIEW = GroundView.from_horizon(640, 400, horizon=150, focal=600, camera_height=1.5)


def sprite_folder(folder: Path, *, labels: tuple[str | None, ...] = ("stacked_goods",)) -> Path:
    """Red boxes 1.0 m wide and 0.8 m high, 100 pixels a metre; of three parts the last is half."""
    folder.mkdir()
    lines = []
    for angle in range(2, 40, 6):
        name = f"box_{angle:02d}"
        rgba = np.zeros((120, 160, 4), np.uint8)
        rgba[20:100, 30:130] = (30, 30, 200, 255)
        parts = np.zeros((120, 160), np.uint8)
        edges = [30, *range(55, 81, 25), 130] if len(labels) == 3 else [30, 130]
        for number in range(len(labels)):
            parts[20:100, edges[number] : edges[number + 1]] = number + 1
        shadow = np.full((120, 160), 255, np.uint8)
        shadow[96:110, 20:140] = 120
        for suffix, picture in (("", rgba), ("_shadow", shadow), ("_parts", parts)):
            cv2.imwrite(str(folder / f"{name}{suffix}.png"), picture)
        lines.append(
            json.dumps(
                {
                    "name": name,
                    "group": "box",
                    "parts": labels,
                    "light": "overcast",
                    "depression": float(angle),
                    "pixels_per_metre": 100.0,
                    "anchor": [80.0, 100.0],
                    "sun": 0.0,
                    "ground": [120, 120, 120],
                }
            )
        )
    (folder / "sprites.jsonl").write_text("\n".join(lines))
    return folder


def plain(view: GroundView = VIEW, labels: tuple[Label, ...] = ()) -> Background:
    """A grey street up to a wall 70 rows below the horizon."""
    pixels = np.full((view.height, view.width, 3), 118, np.uint8)
    top = round(view.horizon) + 70
    pixels[:top] = (190, 180, 170)
    pixels[:12], pixels[12:24] = 0, 255
    ground = np.zeros(pixels.shape[:2], bool)
    ground[top:] = True
    return Background("plain", "made_up", "own", pixels, view, labels, "overcast", ground, ())


# -- the ground -----------------------------------------------------------------------------------
def test_a_ground_point_is_found_again_from_its_pixel() -> None:
    for view in (VIEW, GroundView(640, 384, 500, 24.0, 6.0)):
        for x, z in ((0.0, 8.0), (2.5, 12.0), (-3.0, 20.0)):
            column, row_ = view.project(np.array([[x, z]]))[0]
            assert view.on_ground(column, row_) == pytest.approx((x, z), abs=1e-6)


def test_a_metre_is_as_wide_as_the_geometry_says_near_and_far() -> None:
    view = GroundView(640, 384, 500, 24.0, 6.0)
    for z in (6.0, 12.0, 24.0):
        left, right = view.project(np.array([[0.0, z], [1.0, z]]))
        assert right[0] - left[0] == pytest.approx(view.pixels_per_metre(left[1]), rel=1e-6)


def test_twice_as_far_is_half_as_big_and_nothing_stands_above_the_horizon() -> None:
    near, far = VIEW.project(np.array([[0.0, 6.0], [0.0, 12.0]]))
    assert VIEW.pixels_per_metre(near[1]) == pytest.approx(
        2 * VIEW.pixels_per_metre(far[1]), rel=0.03
    )
    with pytest.raises(ValueError, match="horizon"):
        VIEW.on_ground(320, VIEW.horizon - 1)


def test_the_horizon_is_read_from_bins_of_known_height() -> None:
    labels = []
    for x, z in ((-1.0, 5.0), (1.5, 8.0)):
        foot, top = VIEW.project(np.array([[x, z, 0.0], [x, z, 1.05]]))
        high = foot[1] - top[1]
        box = ((foot[0] - high * 0.28) / 640, top[1] / 400, (foot[0] + high * 0.28) / 640)
        labels.append(Label.from_corners(CLASSES.index("bin"), (*box, foot[1] / 400)))
    assert horizon_from(labels, 640, 400) == pytest.approx(VIEW.horizon, abs=8)
    assert horizon_from([], 640, 400) is None


def test_ground_ends_at_the_wall_even_where_the_wall_is_of_the_same_colour_higher_up() -> None:
    background = plain()
    background.pixels[140:215] = (20, 40, 160)
    found = ground_like(background.pixels, VIEW)
    assert found[260:390, 100:540].mean() > 0.95
    assert not found[:210].any()


def test_a_planned_street_is_seen_by_its_own_camera() -> None:
    scene = plan_scene(3, camera="pole", things=["stacked_goods"])
    view = view_of(scene, 640, 384)
    aim = scene.camera.target
    right, ahead = to_view(scene, aim[0], aim[1])
    column, row_ = view.project(np.array([[right, ahead, aim[2]]]))[0]
    assert (column, row_) == pytest.approx((320, 192), abs=1.0)
    goods = next(i for i in scene.items if i.label == "stacked_goods")
    box = box_of(scene, view, goods)
    assert box is not None
    assert box[0] < 640
    assert box[2] > 0


# -- placing and labels ---------------------------------------------------------------------------
def test_the_label_is_the_box_of_what_is_seen_and_its_foot_is_on_the_ground(tmp_path: Path) -> None:
    sprites = read_sprites(sprite_folder(tmp_path / "s"))
    background, seen = plain(), 0
    for seed in range(25):
        made = compose(background, sprites, np.random.default_rng(seed), None)
        if made is None:
            continue
        goods = [one for one in made.labels if CLASSES[one.class_id] == "stacked_goods"]
        if len(goods) != 1 or len(made.things) != 1:
            continue
        seen += 1
        red = made.pixels[..., 2].astype(int) - made.pixels[..., 1] > 40
        ys, xs = np.nonzero(red)
        x1, y1, x2, y2 = (v * n for v, n in zip(goods[0].corners(), (640, 400) * 2, strict=True))
        assert (x1, y1, x2, y2) == pytest.approx(
            (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1), abs=2
        )
        foot = y2
        assert background.ground[int(foot) - 1, int((x1 + x2) / 2)]
        assert x2 - x1 == pytest.approx(VIEW.pixels_per_metre(foot), rel=0.12)
    assert seen >= 3


def test_parts_that_touch_are_one_pile_and_people_stay_apart(tmp_path: Path) -> None:
    sprites = read_sprites(
        sprite_folder(tmp_path / "s", labels=("stacked_goods", "stacked_goods", "person"))
    )
    for seed in range(20):
        made = compose(plain(), sprites, np.random.default_rng(seed), None)
        if made is None or not made.labels or len(made.things) > 1:
            continue
        names = sorted(CLASSES[one.class_id] for one in made.labels)
        if "spill" in names:
            continue
        assert names == ["person", "stacked_goods"]
        return
    pytest.fail("no picture with the sprite was made")


def test_a_row_of_boxes_joins_only_where_it_touches() -> None:
    found = joined([(0, 0, 10, 10), (11, 2, 20, 12), (60, 0, 70, 10)])
    assert found == [(0, 0, 20, 12), (60, 0, 70, 10)]


def test_what_a_background_shows_stays_labelled_and_uncovered(tmp_path: Path) -> None:
    sprites = read_sprites(sprite_folder(tmp_path / "s"))
    old = Label(CLASSES.index("bin"), (0.5, 0.6, 0.2, 0.3))
    background = plain(labels=(old,))
    window = (slice(round(0.45 * 400), 300), slice(256, 384))
    for seed in range(15):
        made = compose(background, sprites, np.random.default_rng(seed), None)
        if made is None:
            continue
        assert old in made.labels
        red = made.pixels[..., 2].astype(int) - made.pixels[..., 1] > 40
        assert red[window].mean() < 0.5


def test_the_same_seed_gives_the_same_picture(tmp_path: Path) -> None:
    sprites = read_sprites(sprite_folder(tmp_path / "s"))
    one = compose(plain(), sprites, np.random.default_rng(4), None)
    two = compose(plain(), sprites, np.random.default_rng(4), None)
    assert one is not None
    assert two is not None
    assert one.labels == two.labels
    assert np.array_equal(one.pixels, two.pixels)


def test_a_flat_spill_lies_where_its_ground_is_seen() -> None:
    rng = np.random.default_rng(2)
    canvas = plain().pixels.astype(np.float32)
    before = canvas.copy()
    decal = draw_decal("soil", (2.0, 3.0), rng, None)
    cover = lay(canvas, VIEW, decal, (1.0, 9.0), 20.0)
    x1, y1, x2, y2 = seen_box(VIEW, (1.0, 9.0), (2.0, 3.0), 20.0)
    ys, xs = np.nonzero(cover > 0.25)
    assert len(xs) > 100
    assert xs.min() >= x1 - 2
    assert xs.max() <= x2 + 2
    assert ys.min() >= y1 - 2
    assert ys.max() <= y2 + 2
    untouched = cover == 0
    assert np.array_equal(canvas[untouched], before[untouched])
    with pytest.raises(ValueError, match="kind"):
        draw_decal("custard", (1, 1), rng, None)


# -- no held-out picture --------------------------------------------------------------------------
def bin_picture(seed: int) -> np.ndarray:
    """A grey ground with a bin before a pale wall that runs aslant."""
    picture = np.full((400, 640, 3), (118 + seed, 118, 118), np.uint8)
    wall = np.array([(0, 0), (640, 0), (640, 190), (0, 270)])
    cv2.fillPoly(picture, [wall], (190, 180, 170))
    picture[150:322, 270:370] = (60, 120, 40)
    return picture


def test_only_training_pictures_become_backgrounds(tmp_path: Path) -> None:
    rows = [
        row("cn_street_case", "a"),
        row("cn_street_case", "b", split="val", use="val"),
        row("litter_riyadh", "c", split="val", use="measure_only"),
        row("litter_riyadh", "d", use="measure_only"),
        row("clean_cctv", "e", split="val", use="measure_only"),
        row("stall_bogota_aerial", "f"),
    ]
    root = write_folder(tmp_path / "real", rows)
    pictures = {Path(one.file).stem: one for one in read_manifest(root)}
    assert [name for name, one in pictures.items() if fit_for_background(one)] == ["a"]
    for name in "bcde":
        with pytest.raises(DatasetError, match="never a background"):
            real_background(pictures[name], ())


def test_the_command_writes_a_seeded_folder_that_names_its_backgrounds(tmp_path: Path) -> None:
    box = (320 / 640, 236 / 400, 100 / 640, 172 / 400)
    line = f"{CLASSES.index('bin')} " + " ".join(f"{v:.6f}" for v in box)
    rows = [row("cn_street_case", name) for name in "ab"]
    rows += [row("cn_street_phone", "v", split="val", use="val")]
    root = write_folder(
        tmp_path / "real",
        rows,
        labels={one["file"]: line for one in rows},
        images={one["file"]: bin_picture(k) for k, one in enumerate(rows[:2])},
    )
    sprites = sprite_folder(tmp_path / "s")
    for out in ("one", "two"):
        arguments = ["compose", str(tmp_path / out), "--sprites", str(sprites)]
        arguments += ["--backgrounds", str(root), "--count", "4", "--seed", "9"]
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 0, result.output
    one, two = tmp_path / "one", tmp_path / "two"
    names = sorted(path.name for path in (one / "images").iterdir())
    assert len(names) == 4
    for name in names:
        assert (one / "images" / name).read_bytes() == (two / "images" / name).read_bytes()
        labels = read_labels(one / "labels" / f"{Path(name).stem}.txt")
        assert CLASSES.index("bin") in {label.class_id for label in labels}
    with (one / "manifest.csv").open() as stream:
        sites = {line["site"] for line in csv.DictReader(stream)}
    assert sites <= {"cn_street_case/images/a.jpg", "cn_street_case/images/b.jpg"}


def test_a_training_picture_that_also_stands_among_the_held_out_is_no_background(
    tmp_path: Path,
) -> None:
    line = f"{CLASSES.index('bin')} 0.5 0.59 0.156250 0.43"
    rows = [row("cn_street_case", "a"), row("cn_street_phone", "v", split="val", use="val")]
    root = write_folder(
        tmp_path / "real",
        rows,
        labels={one["file"]: line for one in rows},
        images={
            one["file"]: np.fliplr(bin_picture(0)).copy() if k else bin_picture(0)
            for k, one in enumerate(rows)
        },
    )
    arguments = ["compose", str(tmp_path / "o"), "--sprites", str(sprite_folder(tmp_path / "s"))]
    result = CliRunner().invoke(app, [*arguments, "--backgrounds", str(root)])
    assert result.exit_code == 2
    assert "holds no picture that may be a background" in result.output.replace("\n", " ")


def test_the_command_says_what_is_missing(tmp_path: Path) -> None:
    arguments = ["compose", str(tmp_path / "o"), "--sprites", str(tmp_path), "--backgrounds", "x"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert "no list of sprites" in result.output
