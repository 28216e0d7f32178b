"""Tiles cover the picture and each thing comes out of the merge once."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.tiles import Tile, TileConfig, cut, merge
from detector.types import Detection

CONFIG = TileConfig()


def test_a_small_picture_is_not_cut() -> None:
    assert cut(1600, 1200, CONFIG) == ()


@given(st.integers(1, 12_000), st.integers(1, 12_000))
def test_tiles_cover_the_picture_and_stay_inside(width: int, height: int) -> None:
    tiles = cut(width, height, CONFIG)
    if max(width, height) <= CONFIG.from_side:
        assert tiles == ()
        return
    assert 2 <= len(tiles) <= CONFIG.max_tiles
    assert all(0 <= t.left < t.right <= width and 0 <= t.top < t.bottom <= height for t in tiles)
    for spans, end in (
        (sorted({(t.left, t.right) for t in tiles}), width),
        (sorted({(t.top, t.bottom) for t in tiles}), height),
    ):
        assert spans[0][0] == 0
        assert spans[-1][1] == end
        for (start, stop), (after, _) in pairwise(spans):
            assert stop - after >= CONFIG.overlap * (stop - start) - 1


def test_a_thing_seen_in_the_whole_and_in_a_tile_is_kept_once() -> None:
    whole = [Detection("litter", 0.5, (100, 100, 160, 160))]
    tile = Tile(0, 0, 1280, 1280)
    pieces = [(tile, [Detection("litter", 0.9, (102, 101, 161, 162))])]
    (kept,) = merge(whole, pieces, 4000, 3000, CONFIG)
    assert kept.confidence == 0.9


def test_boxes_of_a_tile_come_back_in_pixels_of_the_picture() -> None:
    pieces = [(Tile(1000, 500, 2280, 1780), [Detection("spill", 0.7, (10, 20, 300, 200))])]
    (kept,) = merge([], pieces, 4000, 3000, CONFIG)
    assert kept.box == (1010, 520, 1300, 700)


def test_the_whole_thing_replaces_the_part_a_seam_left() -> None:
    whole = [Detection("stall", 0.6, (1100, 300, 1600, 900))]
    pieces = [(Tile(0, 0, 1280, 1280), [Detection("stall", 0.95, (1100, 300, 1280, 900))])]
    (kept,) = merge(whole, pieces, 4000, 3000, CONFIG)
    assert kept.box == (1100, 300, 1600, 900)


def test_two_parts_that_meet_across_a_seam_become_one() -> None:
    pieces = [
        (Tile(0, 0, 1280, 1280), [Detection("stall", 0.6, (900, 300, 1280, 800))]),
        (Tile(1024, 0, 2304, 1280), [Detection("stall", 0.8, (0, 305, 500, 790))]),
    ]
    (kept,) = merge([], pieces, 2304, 1280, CONFIG)
    assert kept.box == (900, 300, 1524, 800)
    assert kept.confidence == 0.8


def test_parts_at_a_seam_that_are_not_level_stay_two() -> None:
    pieces = [
        (Tile(0, 0, 1280, 1280), [Detection("litter", 0.6, (1100, 0, 1280, 600))]),
        (Tile(1024, 0, 2304, 1280), [Detection("litter", 0.8, (0, 500, 100, 1000))]),
    ]
    assert len(merge([], pieces, 2304, 1280, CONFIG)) == 2


def test_different_classes_in_one_place_both_stay() -> None:
    whole = [
        Detection("stall", 0.6, (0, 0, 500, 500)),
        Detection("person", 0.9, (100, 100, 200, 400)),
    ]
    assert len(merge(whole, [], 4000, 3000, CONFIG)) == 2


def test_two_things_one_view_tells_apart_both_stay() -> None:
    whole = [
        Detection("person", 0.9, (100, 100, 300, 700)),
        Detection("person", 0.5, (110, 110, 300, 600)),
    ]
    assert len(merge(whole, [], 4000, 3000, CONFIG)) == 2


def test_a_bottle_found_in_a_heap_does_not_take_the_heap_away() -> None:
    whole = [Detection("litter", 0.5, (100, 100, 900, 700))]
    pieces = [(Tile(0, 0, 1280, 1280), [Detection("litter", 0.9, (200, 200, 260, 300))])]
    boxes = {one.box for one in merge(whole, pieces, 4000, 3000, CONFIG)}
    assert (100, 100, 900, 700) in boxes


def test_the_picture_border_is_no_seam() -> None:
    pieces = [(Tile(0, 0, 1280, 1280), [Detection("litter", 0.9, (0, 0, 60, 60))])]
    whole = [Detection("litter", 0.5, (0, 0, 61, 62))]
    (kept,) = merge(whole, pieces, 4000, 3000, CONFIG)
    assert kept.confidence == 0.9


@pytest.mark.parametrize(
    "wrong", [{"tile": 10}, {"overlap": 0.6}, {"max_tiles": 1}, {"same": 0.0}, {"part_share": 1.5}]
)
def test_a_setting_out_of_range_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="expected"):
        TileConfig(**wrong)  # type: ignore[arg-type]
