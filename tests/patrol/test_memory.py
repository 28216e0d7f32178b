from __future__ import annotations

import subprocess
import sys

import pytest

CODE = """
import sys, threading
import numpy as np, psutil
from patrol.memory import keep_memory_small
if sys.argv[1] == "yes":
    assert keep_memory_small()
def work():
    for _ in range(20):
        small = [np.ones(200_000, np.uint8) for _ in range(5)]
        np.ones((1080, 1920, 3), np.uint8)
threads = [threading.Thread(target=work) for _ in range(12)]
before = psutil.Process().memory_info().rss
[t.start() for t in threads]
[t.join() for t in threads]
print((psutil.Process().memory_info().rss - before) // 2**20)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc only")
def test_pictures_go_back_to_the_system() -> None:
    def left(wanted: str) -> int:
        done = subprocess.run(
            [sys.executable, "-c", CODE, wanted], capture_output=True, text=True, check=True
        )
        return int(done.stdout)

    assert left("yes") < 15
