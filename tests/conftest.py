"""What every test shares: finding the optional helpers of a test, or saying why it is skipped."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parent.parent


def require(name: str, present: bool, reason: str) -> None:
    """Skip the test when ``name`` is absent; fail when PATROL_TEST_REQUIRE lists it.

    ``name`` is one of the pytest markers (``shared``, ``postgres``, ...). Continuous integration
    lists there what it has installed, so a broken install cannot hide behind a skip.
    """
    if present:
        return
    wanted = os.environ.get("PATROL_TEST_REQUIRE", "").split(",")
    if name in wanted:
        pytest.fail(f"{name} is required here, but {reason}")
    pytest.skip(f"{name}: {reason}")


def shared_dir() -> Path:
    """The labelled pictures: PATROL_SHARED_DIR, or ``shared`` beside the repository."""
    return Path(os.environ.get("PATROL_SHARED_DIR", REPO.parent / "shared"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared folder; the test is skipped where it is absent."""
    folder = shared_dir()
    require("shared", (folder / "data" / "real").is_dir(), f"{folder}/data/real does not exist")
    return folder
