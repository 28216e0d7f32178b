"""The scripted camera clip: what its script says, and how its pictures are put together."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from datasets.render.clip import clip_scene
from datasets.render.frames import (
    LayersError,
    Sets,
    load_sets,
    save_sets,
    truth_of,
    write_clip,
)
from datasets.render.layers import Layer, compose, shifted
from datasets.render.story import (
    ACTS,
    EVENTS,
    LENGTH_S,
    PARTS,
    RAIN,
    STEP_S,
    passers,
    present,
    times_of,
)
from datasets.render.things import KINDS
from datasets.render_cli import start_renderer
from tests.datasets.test_render import need_blender


def test_the_clip_lasts_more_than_ten_minutes_and_begins_and_ends_empty() -> None:
    assert LENGTH_S > 600
    assert present(0) == ()
    assert present(LENGTH_S - STEP_S) == ()


def test_every_event_has_parts_and_a_time_inside_the_clip() -> None:
    names = {p.name for p in PARTS}
    for event in EVENTS:
        assert set(event.parts) <= names
        start, end = times_of(event)
        assert 0 < start < end < LENGTH_S
        assert {KINDS[p.kind].label for p in PARTS if p.name in event.parts} == {event.label}


def test_quiet_events_say_what_keeps_them_quiet() -> None:
    assert all(e.why for e in EVENTS if not e.incident)
    assert {e.label for e in EVENTS if e.incident} == {"stall", "spill", "stacked_goods", "litter"}


def test_what_hides_or_carries_is_no_event() -> None:
    used = {p for e in EVENTS for p in e.parts}
    assert {a.part for a in ACTS} - used == {"van", "lorry"}


def test_the_same_seed_gives_the_same_passers_by() -> None:
    assert passers(3, 5, 50) == passers(3, 5, 50)
    assert any(g is None for g in passers(3, 5, 50))
    assert passers(3, 0, 4) == [None] * 4


def test_the_empty_street_shows_no_issue() -> None:
    assert {i.label for i in clip_scene("overcast").items} <= {None, "car"}


def _flat(value: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.full((20, 32, 3), value)


def _thing(value: float, rows: slice, columns: slice, shadow: float = 1.0) -> Layer:
    light = _flat(0.5)
    mask = np.zeros((20, 32), dtype=bool)
    mask[rows, columns] = True
    light[12:16, :] *= shadow
    light[mask] = value
    return Layer(light, mask)


def test_a_composed_thing_keeps_its_colour_and_throws_its_shadow() -> None:
    out = compose(_flat(0.5), [_thing(0.9, slice(2, 8), slice(4, 10), shadow=0.4)])
    assert out[4, 6] == pytest.approx(0.9)
    assert out[14, 20] == pytest.approx(0.2, abs=0.03)
    assert out[2, 25] == pytest.approx(0.5)


def test_the_nearer_thing_covers_the_farther_one() -> None:
    far = _thing(0.9, slice(2, 8), slice(4, 10))
    near = _thing(0.1, slice(4, 12), slice(6, 14))
    assert compose(_flat(0.5), [far, near])[5, 8] == pytest.approx(0.1)


def test_the_renderers_noise_is_no_shadow() -> None:
    layer = _thing(0.9, slice(2, 8), slice(4, 10))
    noisy = Layer(layer.light * 1.01, layer.mask)
    assert compose(_flat(0.5), [noisy])[15, 25] == pytest.approx(0.5)


def test_a_shift_beyond_the_margin_is_refused() -> None:
    picture = np.zeros((100, 160, 3), dtype=np.uint8)
    assert shifted(picture, 0.04, 0.02, -0.01).size == (160, 100)
    with pytest.raises(ValueError, match="margin"):
        shifted(picture, 0.04, 0.2, 0.0)


@pytest.fixture
def sets() -> Sets:
    """Plain blocks in place of drawn things, each at its own spot."""
    spots = {p.name: slice(2 + 3 * k, 4 + 3 * k) for k, p in enumerate(PARTS)}
    parts = {
        (light, name): _thing(0.9, slice(5, 9), columns)
        for light in ("overcast", "wet")
        for name, columns in spots.items()
    }
    return Sets({"overcast": _flat(0.5), "wet": _flat(0.4)}, parts, {"overcast": [], "wet": []})


def test_frames_follow_the_script(sets: Sets, tmp_path: Path) -> None:
    truth = write_clip(sets, tmp_path)
    frames = sorted((tmp_path / "frames").glob("*.jpg"))
    assert len(frames) == LENGTH_S / STEP_S
    assert json.loads((tmp_path / "truth.json").read_text(encoding="utf-8")) == truth
    stall = next(e for e in truth["events"] if e["label"] == "stall" and e["incident"])
    x1, y1, x2, y2 = (round(v) for v in stall["box"])

    def seen(at_s: float) -> float:
        with Image.open(frames[int(at_s / STEP_S)]) as im:
            return float(np.asarray(im.convert("L"), dtype=float)[y1:y2, x1:x2].mean())

    before = seen(stall["start_s"] - 60)
    during = seen(stall["start_s"] + 100)
    after = seen(stall["end_s"] + 40)
    assert during > before + 8
    assert abs(after - before) < 6


def test_the_truth_tells_rain_and_the_knocked_camera(sets: Sets) -> None:
    kinds = {d["kind"]: d for d in truth_of(sets)["disturbances"]}
    assert kinds["rain"]["start_s"] == RAIN[0]
    assert set(kinds) == {"rain", "camera_moved", "hidden_by_van"}


def test_layers_survive_being_written_and_read(sets: Sets, tmp_path: Path) -> None:
    save_sets(sets, tmp_path)
    back = load_sets(tmp_path)
    assert back.parts.keys() == sets.parts.keys()
    assert np.array_equal(back.parts["overcast", "soil"].mask, sets.parts["overcast", "soil"].mask)
    assert back.empty["wet"] == pytest.approx(sets.empty["wet"], rel=0.08)


def test_a_missing_layer_is_named(sets: Sets, tmp_path: Path) -> None:
    with pytest.raises(LayersError, match=r"layers\.json"):
        load_sets(tmp_path)
    save_sets(sets, tmp_path)
    (tmp_path / "overcast_soil.png").unlink()
    with pytest.raises(LayersError, match=r"overcast_soil\.png"):
        load_sets(tmp_path)


def test_the_committed_layers_show_every_event() -> None:
    sets = load_sets()
    truth = truth_of(sets)
    assert sets.groups["overcast"]
    for event in truth["events"]:
        x1, y1, x2, y2 = event["box"]
        assert 0 <= x1 < x2 <= truth["width"], event
        assert 0 <= y1 < y2 <= truth["height"], event
        assert min(x2 - x1, y2 - y1) > 15, event


@pytest.mark.render
def test_a_tiny_clip_is_drawn(tmp_path: Path) -> None:
    need_blender()
    done = start_renderer(
        [
            "--clip",
            "--out",
            str(tmp_path),
            "--width",
            "128",
            "--height",
            "80",
            "--samples",
            "2",
            "--groups",
            "1",
        ],
        quiet=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    sets = load_sets(tmp_path)
    assert len(sets.groups["overcast"]) == 1
    for event in truth_of(sets)["events"]:
        x1, y1, x2, y2 = event["box"]
        assert 0 <= x1 < x2 <= 128, event
        assert 0 <= y1 < y2 <= 80, event
