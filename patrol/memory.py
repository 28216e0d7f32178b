"""Keeps the memory of many threads and large pictures small, which is not glibc's habit."""

from __future__ import annotations

import ctypes
import ctypes.util
import sys

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_LARGE = 2 * 1024 * 1024


def keep_memory_small() -> bool:
    """Tell glibc to give pictures back to the system at once, and to share its arenas.

    By default every thread gets an arena of its own, and a freed picture of 6 MB stays with the
    process. With 40 cameras on 2 cores that was 590 MB instead of 315 MB. Call it before the
    threads begin. False where there is no glibc; then nothing is changed.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(ctypes.util.find_library("c") or "libc.so.6").mallopt
    except (OSError, AttributeError):
        return False
    wanted = ((_M_ARENA_MAX, 2), (_M_MMAP_THRESHOLD, _LARGE), (_M_TRIM_THRESHOLD, 2 * _LARGE))
    return all(mallopt(parameter, value) == 1 for parameter, value in wanted)
