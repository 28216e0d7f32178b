"""One photo, one look: the whole way of a photo through the detector."""

from __future__ import annotations

from detector.detect import Detector
from detector.tiles import TileConfig, cut, merge
from detector.types import Detection, Image, Look, Photo

TILES = TileConfig()


def inspect_photo(
    detector: Detector, photo: Photo, source: str = "photo", tiles: TileConfig = TILES
) -> Look:
    """Look at a photo, with tiles when it is large.

    Args:
        detector: the model.
        photo: the upright photo.
        source: where it came from, for the look (a path, a channel).
        tiles: when and how to cut it.

    Returns:
        A look with boxes in pixels of the upright photo.
    """
    return Look(
        source=source,
        captured_at=photo.captured_at,
        width=photo.width,
        height=photo.height,
        detections=detect_tiled(detector, photo.image, tiles),
        model=detector.card.name,
        model_sha256=detector.card.look_sha256,
    )


def detect_tiled(
    detector: Detector, image: Image, tiles: TileConfig = TILES
) -> tuple[Detection, ...]:
    """Detections in a picture of any size, highest confidence first, boxes in its pixels.

    ``image`` is uint8 HxWx3 BGR; a picture below ``tiles.from_side`` is looked at whole alone.
    """
    height, width = image.shape[:2]
    pieces = cut(width, height, tiles)
    views = [image, *(image[tile.top : tile.bottom, tile.left : tile.right] for tile in pieces)]
    whole, *parts = detector.detect(views)
    if not pieces:
        return whole
    return merge(whole, list(zip(pieces, parts, strict=True)), width, height, tiles)
