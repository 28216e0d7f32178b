"""Evidence objects: bytes kept under the name of their own SHA-256, written once."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cases.errors import StoreError
from cases.steps import Steps, no_step


@dataclass(frozen=True)
class StoredObject:
    """Where the bytes lie: ``key`` for the store, ``sha256`` in hex, ``size`` in bytes."""

    key: str
    sha256: str
    size: int


class EvidenceStore(Protocol):
    """Keeps bytes for ever; when ``put`` returns, they survive a power cut."""

    def put(self, data: bytes, media_type: str) -> StoredObject:
        """Keep ``data`` (doing so again is harmless); raises StoreError."""
        ...

    def read(self, key: str) -> bytes:
        """The bytes of ``key``; raises StoreError when missing or not what was stored."""
        ...


_KEY = re.compile(r"([0-9a-f]{2})/(\1[0-9a-f]{62})")
_TEMPORARY = ".part-"
_ABANDONED_AFTER_S = 24 * 3600


class FolderStore:
    """Evidence in a folder: ``ab/<sha256>``, written to a temporary name, synced, renamed.

    A crash leaves at most a temporary file, which ``sweep`` removes a day later. Safe to use from
    many threads and processes at once.
    """

    def __init__(self, root: Path, *, steps: Steps = no_step) -> None:
        self.root = root
        self._steps = steps
        root.mkdir(parents=True, exist_ok=True)

    def put(self, data: bytes, media_type: str) -> StoredObject:
        """See EvidenceStore. ``media_type`` is for stores that keep it; a folder does not."""
        sha256 = hashlib.sha256(data).hexdigest()
        key = f"{sha256[:2]}/{sha256}"
        target = self.root / key
        try:
            if not _holds(target, data):
                self._write(target, data)
            # Also when it was there already: whoever wrote it may not have come this far.
            _sync_folder(target.parent)
            _sync_folder(self.root)
        except OSError as error:
            raise StoreError(f"evidence {key} cannot be written: {error.strerror}") from error
        self._steps("object synced")
        return StoredObject(key, sha256, len(data))

    def _write(self, target: Path, data: bytes) -> None:
        target.parent.mkdir(exist_ok=True)
        temporary = target.with_name(f"{_TEMPORARY}{secrets.token_hex(8)}")
        with temporary.open("xb") as file:
            file.write(data)
            self._steps("object written")
            file.flush()
            os.fsync(file.fileno())
        self._steps("object flushed")
        temporary.replace(target)
        self._steps("object named")

    def read(self, key: str) -> bytes:
        """See EvidenceStore. The bytes are checked against the SHA-256 in the key."""
        match = _KEY.fullmatch(key)
        if match is None:
            raise StoreError(f"not an evidence key: {key!r}")
        try:
            data = (self.root / key).read_bytes()
        except FileNotFoundError as error:
            raise StoreError(f"evidence {key} is missing") from error
        except OSError as error:
            raise StoreError(f"evidence {key} cannot be read: {error.strerror}") from error
        if hashlib.sha256(data).hexdigest() != match[2]:
            raise StoreError(f"evidence {key} is damaged: its SHA-256 is not its name")
        return data

    def sweep(self) -> int:
        """Remove temporary files that a crash left more than a day ago; how many there were."""
        before = time.time() - _ABANDONED_AFTER_S
        old = [path for path in self.root.glob(f"*/{_TEMPORARY}*") if path.stat().st_mtime < before]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)


def _holds(target: Path, data: bytes) -> bool:
    try:
        return target.stat().st_size == len(data) and target.read_bytes() == data
    except FileNotFoundError:
        return False


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
