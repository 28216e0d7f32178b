"""Finding photos in folders and archives, and reading no more of them than is allowed."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from detector.photo import PhotoLimits
from patrol.photo_files import ArchiveLimits, PhotoReader, ReadError, find_photos
from tests.detector.photos import encode, scene

PICTURE = encode(scene(64, 48))


def shown(*arguments: Path | str, limits: ArchiveLimits | None = None) -> dict[str, str | None]:
    return {
        file.shown: file.problem.code if file.problem else None
        for file in find_photos([str(argument) for argument in arguments], limits)
    }


def read(path: Path, max_bytes: int = 100_000) -> list[bytes | str]:
    found: list[bytes | str] = []
    with PhotoReader(PhotoLimits(max_bytes=max_bytes)) as reader:
        for file in find_photos([str(path)]):
            try:
                found.append(reader.read(file))
            except ReadError as error:
                found.append(error.problem.code)
    return found


def test_folders_are_walked_in_order_and_hidden_files_left_alone(tmp_path: Path) -> None:
    for name in ("b/2.jpg", "b/1.JPG", "a/9.png", ".git/x.jpg", "b/._1.JPG", "Thumbs.db"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(PICTURE)
    assert [Path(name).name for name in shown(tmp_path)] == ["9.png", "1.JPG", "2.jpg"]


def test_a_pipe_does_not_block_a_scan(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    assert shown(tmp_path) == {}
    assert list(shown(tmp_path / "pipe.jpg").values()) == ["not_a_file"]


def test_a_folder_that_points_at_itself_ends(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "a.jpg").write_bytes(PICTURE)
    assert len(shown(tmp_path)) == 1


def test_members_are_read_in_memory_whatever_their_names(tmp_path: Path) -> None:
    path = tmp_path / "z.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("../up.jpg", "/abs.jpg", "a/b.jpg", "__MACOSX/a/._b.jpg", "a/notes.txt"):
            archive.writestr(name, PICTURE if name.endswith("jpg") else b"text")
    assert list(shown(path)) == [f"{path}!{name}" for name in ("../up.jpg", "/abs.jpg", "a/b.jpg")]
    assert read(path) == [PICTURE] * 3
    assert list(tmp_path.iterdir()) == [path]


def test_two_members_of_one_name_are_two_photos(tmp_path: Path) -> None:
    other = encode(scene(64, 48, seed=2))
    path = tmp_path / "z.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.jpg", PICTURE)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.jpg", other)
    assert read(path) == [PICTURE, other]


def test_chinese_names_written_by_windows_are_readable(tmp_path: Path) -> None:
    path = tmp_path / "z.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xxxxxxxx.jpg", PICTURE)
    path.write_bytes(path.read_bytes().replace(b"xxxxxxxx.jpg", "暴露垃圾.jpg".encode("gbk")))
    assert list(shown(path)) == [f"{path}!暴露垃圾.jpg"]
    assert read(path) == [PICTURE]


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "z.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.jpg", bytes(30_000_000))
    assert path.stat().st_size < 100_000
    assert read(path) == ["too_large_bytes"]


def test_a_member_that_lies_about_its_size_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "z.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.jpg", bytes(30_000_000))
    data = path.read_bytes()
    path.write_bytes(data.replace((30_000_000).to_bytes(4, "little"), (5000).to_bytes(4, "little")))
    (outcome,) = read(path)
    assert outcome in ("bad_archive", "too_large_bytes")


@pytest.mark.parametrize(
    ("packing", "outcome"),
    [
        (zipfile.ZIP_DEFLATED, PICTURE),
        (zipfile.ZIP_BZIP2, PICTURE),
        (zipfile.ZIP_LZMA, "unsupported"),
    ],
)
def test_the_usual_packings_are_read(tmp_path: Path, packing: int, outcome: bytes | str) -> None:
    path = tmp_path / "z.zip"
    with zipfile.ZipFile(path, "w", packing) as archive:
        archive.writestr("a.jpg", PICTURE)
    assert read(path) == [outcome]


def test_an_encrypted_member_is_told(tmp_path: Path) -> None:
    path = tmp_path / "z.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.jpg", PICTURE)
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(data))
    assert read(path) == ["encrypted"]


def test_an_archive_of_too_much_is_refused_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "z.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for index in range(5):
            archive.writestr(f"{index}.jpg", PICTURE)
    assert list(shown(path, limits=ArchiveLimits(max_members=4)).values()) == ["archive_too_large"]
    small = ArchiveLimits(max_total_bytes=4 * len(PICTURE))
    assert list(shown(path, limits=small).values()) == ["archive_too_large"]
    assert len(shown(path, limits=ArchiveLimits(max_members=5))) == 5


def test_a_damaged_member_does_not_take_the_others_along(tmp_path: Path) -> None:
    path = tmp_path / "z.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.jpg", PICTURE)
        archive.writestr("b.jpg", encode(scene(64, 48, seed=2)))
    data = bytearray(path.read_bytes())
    data[200] ^= 0xFF
    path.write_bytes(bytes(data))
    first, second = read(path)
    assert first == "bad_archive"
    assert isinstance(second, bytes)


def test_a_file_over_the_limit_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(bytes(1001))
    assert read(tmp_path / "a.jpg", max_bytes=1000) == ["too_large_bytes"]


def test_a_file_that_went_away_meanwhile_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(PICTURE)
    (file,) = find_photos([str(path)])
    path.unlink()
    with PhotoReader(PhotoLimits()) as reader, pytest.raises(ReadError) as caught:
        reader.read(file)
    assert caught.value.problem.code == "unreadable"


def test_a_dangling_link_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").symlink_to(tmp_path / "gone.jpg")
    assert list(shown(tmp_path / "a.jpg").values()) == ["unreadable"]
