"""The key of camera addresses, and which addresses this service connects to."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from cases.cameras import add_camera
from cases.database import Database
from cases.sealing import Sealer
from patrol.settings import Settings
from patrol.wiring import StartError, open_sealer
from tests.cases.scenes import ADMIN


def test_the_key_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'patrol.db'}")
    db.migrate()
    settings = Settings(data_dir=tmp_path)
    keys: list[Sealer] = []
    threads = [
        threading.Thread(target=lambda: keys.append(open_sealer(settings, db))) for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sealed = keys[0].seal("x")
    assert [key.open(sealed) for key in keys] == ["x"] * 5
    assert (tmp_path / "camera.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.glob(".camera.key*")] == []
    (tmp_path / "camera.key").write_text("nonsense")
    with pytest.raises(StartError, match="camera\\.key"):
        open_sealer(settings, db)
    db.close()
