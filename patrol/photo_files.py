"""Where an inspector's photos are: files, folders, globs, zip archives that are never unpacked."""

from __future__ import annotations

import glob
import os
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from detector.photo import PhotoError, PhotoLimits
from detector.photo_file import media_type_of

PICTURE_SUFFIXES = frozenset(
    ".jpg .jpeg .jpe .jfif .png .webp .tif .tiff .heic .heif .gif .bmp .svg .avif".split()  # noqa: SIM905
)
"""Files in folders and archives with these endings are meant as pictures, whatever they hold."""

_SNIFFED = 512
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)
"""LZMA is left out: a header of a few bytes can ask for gigabytes of memory."""
_ARCHIVE_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, ValueError)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something could not be read: ``code`` for programs, ``message`` for people."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class PhotoFile:
    """One photo to read, or a path that came to nothing.

    ``shown`` names it for people (``archive.zip!member`` inside an archive); ``member`` is the
    index in the archive's directory, None for a plain file; ``problem`` is set when it is already
    known that there is nothing to read.
    """

    shown: str
    path: Path
    member: int | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What an archive may hold; larger values let larger archives through."""

    max_members: int = 200_000
    max_total_bytes: int = 256 * 1024**3


class ReadError(Exception):
    """A found file cannot be read; carries the ``Problem``."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.problem = Problem(code, message)


def find_photos(
    arguments: Iterable[str], limits: ArchiveLimits | None = None
) -> Iterator[PhotoFile]:
    """The photos that the arguments of a command name, each once, folders in order of names.

    A file that is named itself is always taken. In folders and archives those are taken that end
    like a picture or begin like one; hidden files are not. Folders are searched to the bottom.
    An argument that is no path is tried as a glob (``**`` included). What names nothing comes back
    with its ``problem``. Names of archive members are only shown, never used as paths.
    """
    limits = limits or ArchiveLimits()
    seen: set[Path] = set()
    for argument in arguments:
        for file in _of_argument(argument, limits):
            if file.member is None:
                resolved = file.path.resolve()
                if resolved in seen:
                    continue
                seen.add(resolved)
            yield file


class PhotoReader:
    """Reads the bytes of found photos, keeping the archive at hand open; a context manager."""

    def __init__(self, limits: PhotoLimits) -> None:
        self._max_bytes = limits.max_bytes
        self._archive: zipfile.ZipFile | None = None
        self._archive_path: Path | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._archive is not None:
            self._archive.close()
            self._archive = self._archive_path = None

    def read(self, file: PhotoFile) -> bytes:
        """The bytes; never more than the limit is held in memory, whatever a directory claims.

        Raises:
            ReadError: it cannot be read, or is larger than the limit.
        """
        if file.problem is not None:
            raise ReadError(file.problem.code, file.problem.message)
        if file.member is not None:
            return self._read_member(file.path, file.member)
        try:
            with file.path.open("rb") as stream:
                size = os.fstat(stream.fileno()).st_size
                data = stream.read(self._max_bytes + 1) if size <= self._max_bytes else None
        except OSError as error:
            raise ReadError("unreadable", f"cannot be read: {error.strerror}") from error
        if data is None or len(data) > self._max_bytes:
            raise self._too_large(size)
        return data

    def _read_member(self, path: Path, index: int) -> bytes:
        try:
            if self._archive is None or self._archive_path != path:
                self.__exit__(None, None, None)
                self._archive, self._archive_path = _open_archive(path), path
            info = self._archive.infolist()[index]
            if info.flag_bits & 0x1:
                raise ReadError("encrypted", "the archive member is encrypted")
            if info.compress_type not in _PACKINGS:
                raise ReadError("unsupported", "the archive member is packed in a way not read")
            if info.file_size > self._max_bytes:
                raise self._too_large(info.file_size)
            with self._archive.open(info) as stream:
                data = stream.read(self._max_bytes + 1)
        except (*_ARCHIVE_ERRORS, IndexError) as error:
            raise ReadError("bad_archive", f"the archive is damaged: {error}") from error
        except (NotImplementedError, RuntimeError) as error:
            raise ReadError("unsupported", f"the archive member cannot be read: {error}") from error
        except OSError as error:
            raise ReadError("unreadable", f"cannot be read: {error.strerror}") from error
        if len(data) > self._max_bytes:
            raise self._too_large(len(data))
        return data

    def _too_large(self, size: int) -> ReadError:
        return ReadError("too_large_bytes", f"{size} bytes; at most {self._max_bytes} are read")


def _of_argument(argument: str, limits: ArchiveLimits) -> Iterator[PhotoFile]:
    path = Path(argument)
    if os.path.lexists(path):
        yield from _of_path(path, limits)
        return
    matches = sorted(glob.glob(argument, recursive=True)) if glob.has_magic(argument) else []  # noqa: PTH207
    for match in matches:
        found = Path(match)
        if not (found.is_dir() and "**" in argument):
            yield from _of_path(found, limits)
    if not matches:
        problem = Problem("not_found", "there is no such file or folder")
        yield PhotoFile(_shown(path), path, problem=problem)


def _of_path(path: Path, limits: ArchiveLimits) -> Iterator[PhotoFile]:
    """A path that was named: everything there is taken or has its problem told."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            yield from _of_folder(path, limits)
        elif not stat.S_ISREG(mode):
            problem = Problem("not_a_file", "expected a file, a folder or a zip archive")
            yield PhotoFile(_shown(path), path, problem=problem)
        elif path.suffix.lower() == ".zip" or _begins_with(path, b"PK\x03\x04"):
            yield from _of_archive(path, limits)
        else:
            yield PhotoFile(_shown(path), path)
    except OSError as error:
        problem = Problem("unreadable", f"cannot be read: {error.strerror}")
        yield PhotoFile(_shown(path), path, problem=problem)


def _of_folder(folder: Path, limits: ArchiveLimits) -> Iterator[PhotoFile]:
    failed: list[OSError] = []
    for root, folders, names in os.walk(folder, onerror=failed.append):
        folders[:] = sorted(name for name in folders if not _is_junk(name))
        for name in sorted(names):
            path = Path(root, name)
            if _is_junk(name) or not path.is_file():
                continue
            suffix = path.suffix.lower()
            if suffix == ".zip":
                yield from _of_archive(path, limits)
            elif suffix in PICTURE_SUFFIXES or _looks_like_photo(path):
                yield PhotoFile(_shown(path), path)
    for error in failed:
        path = Path(os.fsdecode(error.filename or folder))
        problem = Problem("unreadable", f"the folder cannot be read: {error.strerror}")
        yield PhotoFile(_shown(path), path, problem=problem)


def _of_archive(path: Path, limits: ArchiveLimits) -> Iterator[PhotoFile]:
    try:
        with _open_archive(path) as archive:
            members = archive.infolist()
            problem = _too_much(members, limits)
            if problem is not None:
                yield PhotoFile(_shown(path), path, problem=problem)
                return
            for index, info in enumerate(members):
                parts = info.filename.replace("\\", "/").split("/")
                if info.is_dir() or _is_junk(parts[-1]) or "__MACOSX" in parts:
                    continue
                shown = f"{_shown(path)}!{info.filename}"
                suffix = Path(parts[-1]).suffix.lower()
                if suffix == ".zip":
                    nested = Problem("unsupported", "an archive within an archive is not read")
                    yield PhotoFile(shown, path, index, nested)
                elif suffix in PICTURE_SUFFIXES or _member_looks_like_photo(archive, info):
                    yield PhotoFile(shown, path, index)
    except _ARCHIVE_ERRORS as error:
        problem = Problem("bad_archive", f"the archive is damaged: {error}")
        yield PhotoFile(_shown(path), path, problem=problem)
    except OSError as error:
        problem = Problem("unreadable", f"the archive cannot be read: {error.strerror}")
        yield PhotoFile(_shown(path), path, problem=problem)


def _open_archive(path: Path) -> zipfile.ZipFile:
    # Chinese Windows writes names in GBK without saying so; names marked UTF-8 are not affected.
    try:
        return zipfile.ZipFile(path, metadata_encoding="gbk")
    except UnicodeDecodeError:
        return zipfile.ZipFile(path)


def _too_much(members: list[zipfile.ZipInfo], limits: ArchiveLimits) -> Problem | None:
    if len(members) > limits.max_members:
        message = f"{len(members)} members; at most {limits.max_members} are read"
        return Problem("archive_too_large", message)
    total = sum(info.file_size for info in members)
    if total > limits.max_total_bytes:
        message = f"{total} bytes unpacked; at most {limits.max_total_bytes} are read"
        return Problem("archive_too_large", message)
    return None


def _looks_like_photo(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return _is_photo(stream.read(_SNIFFED))
    except OSError:
        return False  # not named as a picture and not readable: nothing anyone asked for


def _member_looks_like_photo(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bool:
    if info.flag_bits & 0x1 or info.compress_type not in _PACKINGS:
        return False
    try:
        with archive.open(info) as stream:
            return _is_photo(stream.read(_SNIFFED))
    except (*_ARCHIVE_ERRORS, NotImplementedError, RuntimeError):
        return False


def _is_photo(start: bytes) -> bool:
    try:
        media_type_of(start)
    except PhotoError:
        return False
    return True


def _begins_with(path: Path, magic: bytes) -> bool:
    with path.open("rb") as stream:
        return stream.read(len(magic)) == magic


def _is_junk(name: str) -> bool:
    return name.startswith(".") or name.lower() in ("thumbs.db", "desktop.ini")


def _shown(path: Path) -> str:
    return os.fsencode(path).decode("utf-8", "replace")
