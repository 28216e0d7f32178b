"""Watches a snapshot camera until it is killed: address, state file and JSON file are arguments."""

import sys
from pathlib import Path

from rich.console import Console

from detector.camera import CameraConfig
from detector.counting import Policy
from detector.persistence import Persistence
from detector.sources import open_source
from detector.zones import Rules, Zone
from patrol.watch import Teller, patrol_one, read_state
from tests.detector.cameras import QUICK
from tests.detector.test_camera import RedThings

url, state, lines = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
persistence = {"stall": Persistence(0.5, hits=4, of=6, clear_looks=4, clear_s=0.2)}
config = CameraConfig(Policy({"stall": 0.4}), Rules(zones=(Zone("all", persistence=persistence),)))
with lines.open("a", encoding="utf-8") as file:
    teller = Teller(Console(quiet=True), file, state, once=False)
    source = open_source(url, "cam", QUICK)
    patrol_one(source, "cam", config, RedThings(), teller, 0.1, memory=read_state(state))
