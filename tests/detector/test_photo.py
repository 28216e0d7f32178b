"""Reading photo files: what is in them, and a plain word when they cannot be read."""

from __future__ import annotations

import io
import resource
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import cv2
import numpy as np
import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from detector.photo import PhotoError, PhotoLimits, probe_photo, read_photo
from tests.detector.photos import encode, huge_png, png_chunk, scene

MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "TIFF": "image/tiff",
}


def heic(image: np.ndarray, **options: object) -> bytes:
    target = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(image[:, :, ::-1])).save(target, quality=95, **options)
    return target.getvalue()


def code_of(data: bytes, **options: object) -> str:
    with pytest.raises(PhotoError) as caught:
        read_photo(data, **options)  # type: ignore[arg-type]
    assert caught.value.message
    return caught.value.code


@pytest.mark.parametrize("kind", MEDIA_TYPES)
def test_each_format_gives_its_pixels(kind: str) -> None:
    image = scene()
    photo = read_photo(encode(image, kind))
    assert photo.media_type == MEDIA_TYPES[kind]
    assert (photo.width, photo.height) == (320, 200)
    assert photo.image.shape == (200, 320, 3)
    assert photo.image.dtype == np.uint8
    assert np.abs(photo.image.astype(int) - image).mean() < (0.01 if kind in ("PNG", "TIFF") else 4)


def test_heic_gives_its_pixels() -> None:
    image = scene()
    photo = read_photo(heic(image))
    assert photo.media_type == "image/heic"
    assert photo.image.shape == (200, 320, 3)
    assert np.abs(photo.image.astype(int) - image).mean() < 4


def test_a_jpeg_has_exactly_the_pixels_opencv_decodes() -> None:
    data = encode(scene())
    assert np.array_equal(
        read_photo(data).image, cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    )


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_turned_upright(kind: str, orientation: int) -> None:
    data = encode(scene(96, 64), kind, orientation=orientation)
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    photo = read_photo(data)
    assert (photo.width, photo.height) == expected.size
    difference = photo.image[:, :, ::-1].astype(int) - np.asarray(expected, int)
    assert np.abs(difference).mean() < 1.5


def test_a_turned_heic_is_turned_once() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    target = io.BytesIO()
    source = Image.fromarray(scene(96, 64)[:, :, ::-1])
    pillow_heif.register_heif_opener()
    source.save(target, "HEIF", exif=exif.tobytes(), quality=95)
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(target.getvalue()))).convert("RGB")
    photo = read_photo(target.getvalue())
    assert (photo.width, photo.height) == expected.size == (64, 96)
    assert np.abs(photo.image[:, :, ::-1].astype(int) - np.asarray(expected, int)).mean() < 1.5


def test_capture_time_with_its_own_offset_wins_over_the_zone() -> None:
    data = encode(scene(), taken="2026:03:04 08:30:15", offset="+05:30")
    assert read_photo(data).captured_at == datetime(2026, 3, 4, 3, 0, 15, tzinfo=UTC)


def test_capture_time_without_offset_is_read_in_the_given_zone() -> None:
    data = encode(scene(), taken="2026:03:04 08:30:15")
    assert read_photo(data).captured_at == datetime(2026, 3, 4, 0, 30, 15, tzinfo=UTC)
    other = read_photo(data, timezone=timezone(timedelta(hours=-3)))
    assert other.captured_at == datetime(2026, 3, 4, 11, 30, 15, tzinfo=UTC)


@pytest.mark.parametrize("text", ["0000:00:00 00:00:00", "yesterday", "2026:13:40 99:00:00", ""])
def test_an_impossible_capture_time_is_none(text: str) -> None:
    assert read_photo(encode(scene(), taken=text)).captured_at is None


@pytest.mark.parametrize(("lat", "lon"), [(31.2304, 121.4737), (-33.8688, 151.2093), (40.7, -74.0)])
def test_position_in_degrees_with_its_sign(lat: float, lon: float) -> None:
    photo = read_photo(encode(scene(), lat=lat, lon=lon))
    assert photo.lat == pytest.approx(lat, abs=1e-5)
    assert photo.lon == pytest.approx(lon, abs=1e-5)


@pytest.mark.parametrize(("lat", "lon"), [(0.0, 0.0), (95.0, 10.0)])
def test_a_position_that_means_no_fix_is_none(lat: float, lon: float) -> None:
    photo = read_photo(encode(scene(), lat=lat, lon=lon))
    assert (photo.lat, photo.lon) == (None, None)


def test_garbage_in_the_exif_block_does_not_lose_the_photo() -> None:
    data = encode(scene(), taken="2026:03:04 08:30:15", lat=31.0, lon=121.0)
    start = data.index(b"Exif\x00\x00") + 14
    damaged = data[:start] + b"\xff\x7f\xee" * 20 + data[start + 60 :]
    photo = read_photo(damaged)
    assert photo.captured_at is None
    assert photo.image.shape == (200, 320, 3)


def test_an_empty_file() -> None:
    assert code_of(b"") == "empty"


@pytest.mark.parametrize("data", [b"hello, I am a text\n" * 50, b"\x00" * 4096, b"PK\x03\x04zip"])
def test_what_is_no_picture(data: bytes) -> None:
    assert code_of(data) == "not_an_image"


def test_the_content_decides_not_the_name() -> None:
    assert probe_photo(encode(scene(), "PNG")).media_type == "image/png"


@pytest.mark.parametrize(
    "data",
    [
        encode(scene(), "GIF"),
        encode(scene(), "BMP"),
        b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1miaf",
        b"\x00\x00\x00\x1cftypisom\x00\x00\x02\x00isomiso2mp41",
        b"%PDF-1.7\n",
    ],
    ids=["gif", "bmp", "svg", "avif", "mp4", "pdf"],
)
def test_known_formats_that_are_refused(data: bytes) -> None:
    assert code_of(data) == "unsupported"


def test_an_animated_webp_is_refused() -> None:
    target = io.BytesIO()
    frames = [Image.fromarray(scene(64, 64, seed)[:, :, ::-1]) for seed in (1, 2)]
    frames[0].save(target, "WEBP", save_all=True, append_images=frames[1:])
    assert code_of(target.getvalue()) == "unsupported"


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.97])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIC"])
def test_a_file_cut_short_is_an_error_and_no_grey_picture(kind: str, share: float) -> None:
    image = scene(640, 400)
    whole = heic(image) if kind == "HEIC" else encode(image, kind)
    assert code_of(whole[: max(int(len(whole) * share), 40)]) == "truncated"


@pytest.mark.parametrize("share", [0.3, 0.7])
def test_a_tiff_cut_short_is_an_error(share: float) -> None:
    whole = encode(scene(640, 400), "TIFF")
    assert code_of(whole[: int(len(whole) * share)]) in ("truncated", "decode_failed")


def test_a_progressive_jpeg_is_whole_or_truncated() -> None:
    data = encode(scene(640, 400), progressive=True)
    assert read_photo(data).width == 640
    assert code_of(data[: len(data) // 2]) == "truncated"


def test_a_jpeg_whose_thumbnail_has_an_end_mark_is_still_truncated() -> None:
    thumbnail = encode(scene(64, 40))
    whole = encode(scene(640, 400))
    block = b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x00\x00" + thumbnail
    data = whole[:2] + b"\xff\xe1" + (len(block) + 2).to_bytes(2, "big") + block + whole[2:]
    assert read_photo(data).width == 640
    assert code_of(data[:-200]) == "truncated"


def test_a_jpeg_with_a_trailer_behind_its_end_is_whole() -> None:
    assert read_photo(encode(scene()) + bytes(5000) + b"motion video").width == 320


def test_a_jpeg_padded_with_zeros_instead_of_its_end_is_truncated() -> None:
    data = encode(scene(640, 400))
    assert code_of(data[: len(data) // 2] + bytes(len(data) // 2)) == "truncated"


def test_a_png_with_a_flipped_byte_is_damaged() -> None:
    data = bytearray(encode(scene(), "PNG"))
    data[len(data) // 2] ^= 0x55
    assert code_of(bytes(data)) == "decode_failed"


def test_a_png_that_lies_about_its_data_is_damaged() -> None:
    data = encode(scene(), "PNG")
    start = data.index(b"IDAT") - 4
    assert code_of(data[:start] + png_chunk(b"IDAT", b"junk") + png_chunk(b"IEND", b"")) == (
        "decode_failed"
    )


def test_a_huge_picture_is_refused_before_it_is_decoded() -> None:
    data = huge_png()
    assert len(data) < 200_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert code_of(data) == "too_many_pixels"
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert after - before < 50_000, "kilobytes: decoding it would have taken 400 MB or more"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "HEIC"])
def test_the_pixel_limit_holds_for_every_format(kind: str) -> None:
    data = heic(scene()) if kind == "HEIC" else encode(scene(), kind)
    assert code_of(data, limits=PhotoLimits(max_pixels=320 * 200 - 1)) == "too_many_pixels"
    assert read_photo(data, limits=PhotoLimits(max_pixels=320 * 200)).width == 320


def test_the_byte_limit_comes_first() -> None:
    assert code_of(bytes(101), limits=PhotoLimits(max_bytes=100)) == "too_large_bytes"


def test_sixteen_bit_and_grey_and_transparent_pictures_are_read_as_photos() -> None:
    grey16 = (np.linspace(0, 65535, 64 * 64).reshape(64, 64)).astype(np.uint16)
    for kind in ("PNG", "TIFF"):
        target = io.BytesIO()
        Image.fromarray(grey16).save(target, kind)
        photo = read_photo(target.getvalue())
        assert photo.image[0, 0, 0] < 5
        assert photo.image[-1, -1, 0] > 250
    target = io.BytesIO()
    Image.new("RGBA", (32, 32), (10, 20, 30, 0)).save(target, "PNG")
    assert read_photo(target.getvalue()).image[0, 0].tolist() == [30, 20, 10]


def test_a_cmyk_jpeg_is_read_in_colour() -> None:
    target = io.BytesIO()
    Image.new("RGB", (64, 64), (220, 30, 40)).convert("CMYK").save(target, "JPEG", quality=95)
    blue, green, red = read_photo(target.getvalue()).image[32, 32].astype(int)
    assert red > 180
    assert max(blue, green) < 90


WHOLE = {
    **{
        kind: encode(scene(97, 61), kind, orientation=6, lat=31.0, lon=121.0)
        for kind in MEDIA_TYPES
    },
    "progressive": encode(scene(97, 61), progressive=True),
    "lzw": encode(scene(97, 61), "TIFF", compression="tiff_lzw"),
    "lossless": encode(scene(97, 61), "WEBP", lossless=True),
    "HEIC": heic(scene(97, 61)),
}


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(sorted(WHOLE)),
    st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255), st.booleans()), max_size=12),
    st.integers(1, 3),
)
def test_whatever_is_done_to_a_file_it_is_a_photo_or_a_plain_error(
    kind: str, changes: list[tuple[float, int, bool]], power: int
) -> None:
    data = bytearray(WHOLE[kind])
    for place, value, cut in changes:
        index = int(len(data) * place**power)  # a higher power hits the headers more often
        if cut:
            del data[index : index + value % 8]
        elif data:
            data[index] = value
    with suppress(PhotoError):
        photo = read_photo(bytes(data))
        assert photo.image.shape == (photo.height, photo.width, 3)


def test_the_hash_is_of_the_file_bytes() -> None:
    import hashlib

    data = encode(scene())
    assert read_photo(data).sha256 == hashlib.sha256(data).hexdigest()
