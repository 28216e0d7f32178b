"""`python -m training`: like `patrol train`, but with an allocator that keeps its memory."""

from __future__ import annotations

import os
import sys

ALLOCATOR = {
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": "20000000000",
    "MALLOC_TOP_PAD_": "268435456",
    "OMP_WAIT_POLICY": "PASSIVE",
}
"""glibc settings: training frees and asks for the same large blocks every step; given back to the
system and zeroed anew each time, they cost a third of the run. Read only when a process starts."""


def main() -> None:
    """Start again with the allocator's settings (on Linux, once), then run the command."""
    if sys.platform == "linux" and "MALLOC_MMAP_MAX_" not in os.environ:
        arguments = [sys.executable, "-m", "training", *sys.argv[1:]]
        os.execve(sys.executable, arguments, {**os.environ, **ALLOCATOR})  # noqa: S606
    from training.cli import app

    app(prog_name="python -m training")


if __name__ == "__main__":
    main()
