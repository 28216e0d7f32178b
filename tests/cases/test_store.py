"""The evidence folder keeps bytes under their own hash and notices every change."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest

from cases.errors import StoreError
from cases.store import FolderStore


def test_bytes_come_back(store: FolderStore) -> None:
    kept = store.put(b"evidence", "image/jpeg")
    assert kept.sha256 == hashlib.sha256(b"evidence").hexdigest()
    assert kept.size == 8
    assert store.read(kept.key) == b"evidence"


def test_putting_again_changes_nothing(store: FolderStore) -> None:
    first = store.put(b"evidence", "image/jpeg")
    when = (store.root / first.key).stat().st_mtime_ns
    assert store.put(b"evidence", "image/jpeg") == first
    assert (store.root / first.key).stat().st_mtime_ns == when
    assert [path.name for path in store.root.glob("*/*")] == [first.sha256]


@pytest.mark.parametrize("damaged", [b"evidencE", b"evi", b""])
def test_damage_is_found_on_reading_and_healed_by_the_right_bytes(
    store: FolderStore, damaged: bytes
) -> None:
    kept = store.put(b"evidence", "image/jpeg")
    (store.root / kept.key).write_bytes(damaged)
    with pytest.raises(StoreError, match="damaged"):
        store.read(kept.key)
    store.put(b"evidence", "image/jpeg")
    assert store.read(kept.key) == b"evidence"


def test_a_missing_object_is_named(store: FolderStore) -> None:
    key = f"ab/ab{'0' * 62}"
    with pytest.raises(StoreError, match=f"{key} is missing"):
        store.read(key)


@pytest.mark.parametrize(
    "key", ["", "../secret", "/etc/passwd", "ab/../../x", f"ab/cd{'0' * 62}", f"ab/ab{'0' * 62}\n"]
)
def test_only_keys_are_read(store: FolderStore, key: str) -> None:
    with pytest.raises(StoreError, match="not an evidence key"):
        store.read(key)


def test_a_store_that_cannot_write_says_so(store: FolderStore) -> None:
    sha256 = hashlib.sha256(b"evidence").hexdigest()
    (store.root / sha256[:2]).write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="cannot be written"):
        store.put(b"evidence", "image/jpeg")


def test_writers_at_the_same_time(tmp_path: Path) -> None:
    data = [bytes([number]) * 50_000 for number in range(4)] * 4
    store = FolderStore(tmp_path)
    threads = [threading.Thread(target=store.put, args=(d, "image/jpeg")) for d in data]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = sorted(path.name for path in tmp_path.glob("*/*"))
    assert found == sorted({hashlib.sha256(d).hexdigest() for d in data})
