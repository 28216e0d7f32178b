"""Evidence objects: bytes kept under the name of their own SHA-256, written once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


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


class FolderStore:
    """Evidence in a folder: ``ab/<sha256>``, written to a temporary name, synced, renamed."""

    def __init__(self, root: Path) -> None:
        raise NotImplementedError

    def put(self, data: bytes, media_type: str) -> StoredObject:
        """See EvidenceStore."""
        raise NotImplementedError

    def read(self, key: str) -> bytes:
        """See EvidenceStore."""
        raise NotImplementedError
