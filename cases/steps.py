"""Named boundaries in work that must survive a crash, so that a test can crash at each of them."""

from __future__ import annotations

from collections.abc import Callable

Steps = Callable[[str], None]


def no_step(name: str) -> None:
    """Pass on: the default wherever ``steps`` is taken."""
