"""Real processes that are killed or race: run as `python -m tests.cases.children COMMAND ...`.

The program forks one child per attempt from a process that has loaded everything and started
nothing, so that hundreds of kills take seconds.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sqlalchemy import event

from cases import dispatch, review
from cases.database import Database
from cases.store import FolderStore
from tests.cases.scenes import DISPATCHER, LAT, LITTER, LON, REVIEWER, STALL, file_scene

# Filed once before anything is killed, so that the children start with all code warm.
WARM = 90_000

# Photo n lies at its own place; photo BASE + n was filed there before and saw the litter too.
BASE = 10_000


class _Killer:
    """Counts boundaries and kills its own process at one of them."""

    def __init__(self, at: int, report: Path) -> None:
        self._left = at
        self._report = report

    def __call__(self, name: str) -> None:
        if self._left == 0:
            self._report.write_text(name)
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1


def place(n: int) -> float:
    """The latitude of photo ``n``; neighbours are more than a kilometre apart."""
    return LAT + 0.01 * n


def _in_child(work: Callable[[], None]) -> int:
    """Run ``work`` in a forked process; its wait status."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitpid(pid, 0)[1]


def _crash_filing(url: str, root: Path, report: Path) -> list[str]:
    """Kill the filing of photo n at boundary n, until there is no such boundary."""
    names: list[str] = []

    db = _warm(url, root)

    def file_and_die(n: int) -> None:
        file_scene(db, FolderStore(root), BASE + n, LITTER, lat=place(n), lon=LON)
        killer = _Killer(n, report)
        store = FolderStore(root, steps=killer)
        file_scene(db, store, n, LITTER, STALL, lat=place(n), lon=LON, steps=killer)

    while _was_killed(_in_child(lambda: file_and_die(len(names)))):
        names.append(report.read_text())
    return names


def _crash_statements(url: str, root: Path, report: Path) -> list[str]:
    """File, confirm, undo, confirm and claim, killed at SQL statement 0, 1, 2, ... of each."""
    names: list[str] = []

    db = _warm(url, root)

    def work(n: int, stage: str, first: int) -> None:
        (lead_id,) = file_scene(db, FolderStore(root), n, LITTER).lead_ids
        arrange, act = {
            "confirm": (_nothing, _confirm),
            "undo": (_confirm, _undo),
            "claim": (_confirm, _claim),
        }[stage]
        arrange(db, lead_id)
        killer = _Killer(n - first, report)
        event.listen(db.engine, "before_cursor_execute", lambda *_: killer("statement"))
        event.listen(db.engine, "commit", lambda *_: killer("commit"))
        act(db, lead_id)
        killer("done")

    for stage in ("confirm", "undo", "claim"):
        first = len(names)
        while _was_killed(_in_child(partial(work, len(names), stage, first))):
            names.append(f"{stage}: {report.read_text()}")
            if names[-1].endswith("done"):
                break
    return names


def _warm(url: str, root: Path) -> Database:
    """A database that has been used and has no open connection for a child to inherit."""
    db = Database(url)
    (lead_id,) = file_scene(db, FolderStore(root), WARM, LITTER).lead_ids
    for act in (_confirm, _undo, _confirm, _claim):
        act(db, lead_id)
    db.close()
    return db


def _nothing(db: Database, lead_id: int) -> None:
    """No arrangement."""


def _confirm(db: Database, lead_id: int) -> None:
    review.decide(db, lead_id, verdict="confirm", actor=REVIEWER)


def _undo(db: Database, lead_id: int) -> None:
    review.undo(db, lead_id, actor=REVIEWER)


def _claim(db: Database, lead_id: int) -> None:
    (case,) = [case for case in dispatch.queue(db, actor=DISPATCHER) if lead_id in case.lead_ids]
    dispatch.claim(db, case.id, actor=DISPATCHER)


def _race_filing(url: str, root: Path, report: Path) -> list[str]:
    """Eight processes file the same photo at once; what each was told."""
    db = _warm(url, root)
    gate_read, gate_write = os.pipe()
    children = []
    for number in range(8):
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                os.close(gate_write)
                os.read(gate_read, 1)  # returns when the parent closes the gate
                filed = file_scene(db, FolderStore(root), 0, LITTER, STALL, lat=LAT, lon=LON)
                answer = json.dumps([filed.duplicate, filed.photo_id, filed.lead_ids])
                report.with_suffix(f".{number}").write_text(answer)
                code = 0
            finally:
                os._exit(code)
        children.append(pid)
    os.close(gate_write)
    for pid in children:
        if os.waitpid(pid, 0)[1] != 0:
            raise SystemExit("a racing child failed")
    return [report.with_suffix(f".{number}").read_text() for number in range(8)]


def _was_killed(status: int) -> bool:
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return True
    if status != 0:
        raise SystemExit(f"the child failed instead of being killed: {status}")
    return False


COMMANDS = {
    "crash-filing": _crash_filing,
    "crash-statements": _crash_statements,
    "race-filing": _race_filing,
}

if __name__ == "__main__":
    command, database_url, evidence_root, report_file = sys.argv[1:]
    answers = COMMANDS[command](database_url, Path(evidence_root), Path(report_file))
    sys.stdout.write(json.dumps(answers))
