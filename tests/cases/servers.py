"""A PostgreSQL server for the tests: a given one, or a private one in a temporary folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url

_DEBIAN = Path("/usr/lib/postgresql")


def server_programs() -> Path | None:
    """The folder of initdb and pg_ctl, or None where PostgreSQL's server is not installed."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).parent
    versions = sorted(_DEBIAN.glob("*/bin/initdb"), key=lambda path: path.parts[-3])
    return versions[-1].parent if versions else None


@contextmanager
def private_server(programs: Path) -> Iterator[str]:
    """Start a server that listens on a socket in a temporary folder only; its URL."""
    # PostgreSQL refuses to run as root: there its own user runs it.
    user = "postgres" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="patrol-pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if user is not None:
            shutil.chown(folder, user)
        data = folder / "data"
        _run([programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-N"], user)
        # Durability is not what these tests ask of it: they kill clients, not the server.
        options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=60"
        log = folder / "log"
        _run([programs / "pg_ctl", "-D", data, "-w", "-l", log, "-o", options, "start"], user)
        try:
            yield f"postgresql://postgres@/postgres?host={folder}"
        finally:
            _run([programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"], user)
            time.sleep(0.1)


def with_database(url: str, name: str) -> str:
    """``url`` with another database name."""
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def _run(command: list[str | Path], user: str | None) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        user=user,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=120,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{Path(command[0]).name} failed: {done.stderr}")
