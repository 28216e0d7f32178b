"""Addresses are kept under a key; a lost key is said, and mended by entering them again."""

from __future__ import annotations

import pytest

from cases.cameras import camera_address
from cases.database import Database
from cases.errors import CasesError, SealError
from cases.running import cameras_to_run, unreadable_cameras
from cases.sealing import Sealer
from detector.sources.states import CameraState, SourceError
from tests.cases.test_cameras import URL, add, change, sealer

__all__ = ["sealer"]


def test_another_key_is_said_and_an_address_entered_again_takes_its_place(
    db: Database, sealer: Sealer
) -> None:
    camera_id = add(db, sealer)
    other = Sealer(Sealer.new_key())
    assert unreadable_cameras(db, sealer) == ()
    assert unreadable_cameras(db, other) == ("north gate",)
    (running,) = cameras_to_run(db, other)
    with pytest.raises(SourceError, match="another camera key") as caught:
        running.address()
    assert caught.value.state is CameraState.AUTH_FAILED
    with pytest.raises(SealError):
        camera_address(db, other, camera_id)
    change(db, other, camera_id, url=URL)
    assert unreadable_cameras(db, other) == ()
    assert camera_address(db, other, camera_id)[0] == URL


@pytest.mark.parametrize("key", [b"", b"short", b"x" * 44, "é".encode() * 22])
def test_a_key_that_is_none_is_refused(key: bytes) -> None:
    with pytest.raises(CasesError) as caught:
        Sealer(key)
    assert caught.value.field == "camera_key"


def test_what_was_sealed_is_different_each_time_and_cannot_be_altered(sealer: Sealer) -> None:
    sealed = sealer.seal(URL)
    assert sealed != sealer.seal(URL)
    assert sealer.open(sealed) == URL
    with pytest.raises(SealError):
        sealer.open(sealed[:-4] + ("AAA=" if not sealed.endswith("AAA=") else "BBB="))
    with pytest.raises(SealError):
        sealer.open("")
