from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from patrol.cameras.views import KEPT, Views

START = datetime(2026, 5, 1, 8, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_the_view_before_is_one_the_network_saw_and_older_than_the_thing(tmp_path: Path) -> None:
    views = Views(tmp_path / "views" / "1.jpg", tmp_path / "kits" / "c1")
    assert views.before(at(0), until=at(5)) is None
    for n in range(60):
        views.keep(f"view {n}".encode(), at(30 * n))
    again = Views(tmp_path / "views" / "1.jpg", tmp_path / "kits" / "c1")
    for one in (views, again):
        assert one.before(at(1770), until=at(1775)) == b"view 59", "the wall"
        assert one.before(at(1740), until=at(1745)) == b"view 58", "the one before it"
        # seen now, and come seven minutes ago: a view from before it came
        found = one.before(at(1770), until=at(1350))
        assert found is not None
        number = int(found.split()[1])
        assert 1350 - 180 <= 30 * number < 1350
        assert one.before(at(200), until=at(210)) is None, "longer ago than views are kept"
    past = list((tmp_path / "kits" / "c1").glob("view-*.jpg"))
    assert len(past) == KEPT
    assert (tmp_path / "views" / "1.jpg").read_bytes() == b"view 59"


def test_after_a_kill_a_view_the_database_does_not_know_of_is_passed_over(tmp_path: Path) -> None:
    views = Views(tmp_path / "1.jpg", tmp_path / "c1")
    for n in range(3):
        views.keep(f"view {n}".encode(), at(10 * n))
    assert views.before(at(10), until=at(30)) == b"view 1"
