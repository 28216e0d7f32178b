"""Cameras on one engine, added and removed in the running, and what is measured of them."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import psutil

from detector.camera import CameraConfig, Detect
from detector.sources import FrameSource
from patrol.engine import Engine, Report

LATE_S = 2.0
MOST_RSS_MB = 2048
DONE_SHARE = 0.97

Opened = Callable[[int], tuple[FrameSource, bool]]
"""Opens the camera of a number: its source, and whether the gate may spare its looks."""


@dataclass(frozen=True, slots=True)
class Held:
    """How one number of cameras went over one measuring time.

    ``done_share``: looks that were taken of those that were due. ``cpu``: cores used by this
    process, of the cores there are.
    """

    cameras: int
    seconds: float
    lateness_p50_s: float
    lateness_p95_s: float
    done_share: float
    inferred_share: float
    rss_mb: float
    cpu: float
    incidents: int

    @property
    def held(self) -> bool:
        """Within the limits: p95 lateness, looks taken, memory."""
        in_time = self.lateness_p95_s < LATE_S and self.done_share >= DONE_SHARE
        return in_time and self.rss_mb < MOST_RSS_MB


def cpu_seconds(process: psutil.Process) -> float:
    """Processor seconds a process has used so far, its own and the system's for it."""
    times = process.cpu_times()
    return float(times.user + times.system)


class Load:
    """Cameras on one engine, added and removed in the running, and what is measured of them."""

    def __init__(
        self, detect: Detect, config: CameraConfig, opened: Opened, *, every_s: float
    ) -> None:
        self._opened = opened
        self._every_s = every_s
        self._config = config
        self._lock = threading.Lock()
        self._reports: list[Report] = []
        self._engine = Engine(detect, self._hear, workers=os.cpu_count() or 1)
        self._number = 0

    @property
    def cameras(self) -> int:
        """How many run now."""
        return len(self._engine.cameras)

    def grow_to(self, count: int, *, pause_s: float = 0.0) -> None:
        """Add cameras until there are ``count``, with a pause after each."""
        while self.cameras < count:
            source, gated = self._opened(self._number)
            config = replace(self._config, gated=gated)
            self._engine.add(f"c{self._number}", source, config, every_s=self._every_s)
            self._number += 1
            if pause_s:
                time.sleep(pause_s)

    def shrink_to(self, count: int) -> None:
        """Remove the newest cameras until there are ``count``."""
        for name in self._engine.cameras[count:]:
            self._engine.remove(name)

    def measure(self, seconds: float) -> Held:
        """Let it run and say how it went."""
        process = psutil.Process()
        with self._lock:
            self._reports.clear()
        before, begin = cpu_seconds(process), time.monotonic()
        rss = 0
        while time.monotonic() - begin < seconds:
            time.sleep(0.5)
            rss = max(rss, process.memory_info().rss)
        passed, used = time.monotonic() - begin, cpu_seconds(process) - before
        with self._lock:
            reports = [report for report in self._reports if report.looked is not None]
        late = np.array([report.late_s for report in reports] or [np.inf])
        looked = [report.looked for report in reports if report.looked is not None]
        return Held(
            cameras=self.cameras,
            seconds=round(passed, 1),
            lateness_p50_s=round(float(np.percentile(late, 50)), 3),
            lateness_p95_s=round(float(np.percentile(late, 95)), 3),
            done_share=round(len(looked) / (self.cameras * passed / self._every_s), 3),
            inferred_share=round(
                sum(o.observation.inspected for o in looked) / max(1, len(looked)), 3
            ),
            rss_mb=round(rss / 2**20),
            cpu=round(used / passed, 2),
            incidents=sum(len(one.incidents) for one in looked),
        )

    def close(self) -> None:
        """Stop all."""
        self._engine.close()

    def _hear(self, report: Report) -> None:
        with self._lock:
            self._reports.append(replace(report, frame=None))
