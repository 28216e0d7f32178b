"""A camera runner in a process of its own, to be killed: `python -m tests.patrol.runner_child`."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from cases.sealing import Sealer
from patrol.cameras import CameraRunner
from tests.patrol.running import QUICKLY, House, brain, connect

folder, key = Path(sys.argv[1]), sys.argv[2].encode()
house = House(folder, sealer=Sealer(key))
CameraRunner(
    house.db,
    house.store,
    folder,
    rows=house.rows(),
    brain=brain,
    open_camera=connect,
    config=QUICKLY,
).run(threading.Event())
