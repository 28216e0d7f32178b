"""Files of a request go to disk as they arrive, so that no upload can fill the memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from api.problems import Problem

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

_IN_MEMORY: Final = 256 * 1024
_MAX_FIELD_BYTES: Final = 8 * 1024
_MAX_FIELDS: Final = 16
_MAX_FILENAME: Final = 255


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """What one request may bring; larger values let more through."""

    max_file_bytes: int = 32 * 1024 * 1024
    max_request_bytes: int = 512 * 1024 * 1024
    max_files: int = 50
    seconds: float = 600.0
    folder: Path | None = None
    """Where files lie while the request runs; None is the system's temporary folder."""


@dataclass(slots=True)
class UploadedFile:
    """One file of a request; ``oversize`` ones were cut off and hold nothing."""

    filename: str
    file: SpooledTemporaryFile[bytes]
    size: int = 0
    oversize: bool = False

    def read(self) -> bytes:
        """All bytes of the file."""
        self.file.seek(0)
        return self.file.read()


@dataclass(slots=True)
class Upload:
    """The files and text fields of one multipart request; a context manager that removes them."""

    files: list[UploadedFile] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove the files from disk."""
        for item in self.files:
            item.file.close()


async def receive(request: Request, limits: UploadLimits, files_field: str = "files") -> Upload:
    """Read a multipart/form-data request.

    A file over ``max_file_bytes`` is kept as an ``oversize`` entry, so that the others go on.

    Raises:
        Problem: 408 it takes too long; 415 not multipart; 413 the whole request is too large or
            has too many files; 422 broken multipart, an unknown, repeated or over-long field.
            Nothing stays on disk.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limits.max_request_bytes:
        raise _too_large(limits)
    reader = _Reader(limits, files_field)
    try:
        parser = MultipartParser(_boundary(request), reader.callbacks())
        async with asyncio.timeout(limits.seconds):
            async for chunk in _limited(request, limits):
                # short writes to files that mostly stay in memory: no thread is worth it
                parser.write(chunk)
        parser.finalize()
        if not reader.complete:
            raise Problem(422, "broken-multipart", "the multipart body ends before its last part")
    except TimeoutError as error:
        reader.upload.close()
        raise _too_slow(limits) from error
    except FormParserError as error:
        reader.upload.close()
        raise Problem(422, "broken-multipart", f"not a valid multipart body: {error}") from error
    except BaseException:
        reader.upload.close()
        raise
    return reader.upload


async def _limited(request: Request, limits: UploadLimits) -> AsyncIterator[bytes]:
    total = 0
    async for chunk in request.stream():
        total += len(chunk)
        if total > limits.max_request_bytes:
            raise _too_large(limits)
        yield chunk


def _too_large(limits: UploadLimits) -> Problem:
    most = limits.max_request_bytes // (1024 * 1024)
    return Problem(
        413,
        "request-too-large",
        f"one request may bring {most} MiB at most; send the files in several requests",
        field="files",
        headers={"Connection": "close"},
    )


def _too_slow(limits: UploadLimits) -> Problem:
    return Problem(
        408,
        "too-slow",
        f"the request did not arrive within {limits.seconds:.0f} s; send fewer files at a time",
        headers={"Connection": "close"},
    )


def _boundary(request: Request) -> bytes:
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise Problem(
            415, "not-multipart", "expected multipart/form-data with the photos in `files`"
        )
    return options[b"boundary"]


class _Reader:
    """Takes the parser's events for one request after the other part of it."""

    def __init__(self, limits: UploadLimits, files_field: str) -> None:
        self.limits = limits
        self.files_field = files_field
        self.upload = Upload()
        self.complete = False
        self._folder = None if limits.folder is None else str(limits.folder)
        self._headers: dict[str, bytes] = {}
        self._header_name = b""
        self._header_value = b""
        self._file: UploadedFile | None = None
        self._field: str = ""
        self._value = bytearray()

    def callbacks(self) -> MultipartCallbacks:
        return {
            "on_part_begin": self._part_begin,
            "on_header_field": self._on_header_field,
            "on_header_value": self._on_header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._part_data,
            "on_part_end": self._part_end,
            "on_end": self._end,
        }

    def _part_begin(self) -> None:
        self._headers = {}
        self._header_name = b""
        self._header_value = b""
        self._file = None
        self._field = ""
        self._value = bytearray()

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._header_name.decode("latin-1").lower()] = self._header_value
        self._header_name = b""
        self._header_value = b""

    def _headers_finished(self) -> None:
        disposition = self._headers.get("content-disposition", b"")
        _, options = parse_options_header(disposition.decode("latin-1"))
        name = options.get(b"name", b"").decode("utf-8", "replace")
        if b"filename" not in options:
            self._start_field(name)
            return
        if name != self.files_field:
            raise Problem(
                422,
                "unknown-field",
                f"files are expected in `{self.files_field}`, not in {name[:40]!r}",
                field=name[:40],
            )
        if len(self.upload.files) >= self.limits.max_files:
            raise Problem(
                413,
                "too-many-files",
                f"one request may bring {self.limits.max_files} files at most",
                field=self.files_field,
            )
        filename = clean_filename(options[b"filename"].decode("utf-8", "replace"))
        store = SpooledTemporaryFile[bytes](max_size=_IN_MEMORY, dir=self._folder)
        self._file = UploadedFile(filename, store)
        self.upload.files.append(self._file)

    def _start_field(self, name: str) -> None:
        if name in self.upload.fields:
            raise Problem(422, "repeated-field", f"{name[:40]}: given twice", field=name[:40])
        if len(self.upload.fields) >= _MAX_FIELDS:
            raise Problem(422, "too-many-fields", f"{_MAX_FIELDS} text fields at most")
        self._field = name
        self.upload.fields[name] = ""

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if self._file is None:
            if len(self._value) + end - start > _MAX_FIELD_BYTES:
                raise Problem(
                    422,
                    "field-too-long",
                    f"{self._field[:40]}: {_MAX_FIELD_BYTES} bytes at most",
                    field=self._field[:40],
                )
            self._value += data[start:end]
            return
        self._file.size += end - start
        if self._file.oversize:
            return
        if self._file.size > self.limits.max_file_bytes:
            self._file.oversize = True
            self._file.file.seek(0)
            self._file.file.truncate()
            return
        self._file.file.write(data[start:end])

    def _part_end(self) -> None:
        if self._file is not None:
            return
        try:
            self.upload.fields[self._field] = self._value.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Problem(
                422, "not-utf-8", f"{self._field[:40]}: expected UTF-8 text", field=self._field[:40]
            ) from error

    def _end(self) -> None:
        self.complete = True


def clean_filename(name: str) -> str:
    """The last part of a client's file name, printable, 1 to 255 characters.

    It is shown and stored, never used as a path: files are kept under their sha256.
    """
    last = PurePosixPath(name.replace("\\", "/")).name
    printable = "".join(character for character in last if character.isprintable())
    return printable.strip()[-_MAX_FILENAME:].strip() or "photo"
