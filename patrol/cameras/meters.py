"""Counts and delays of running cameras, for Prometheus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Gauge, Histogram
from prometheus_client import Counter as Meter

_LATENESS: Final = (0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60)
_TO_LEAD: Final = (1, 2, 5, 10, 20, 30, 60, 120, 300)


class CameraMeters:
    """The meters of one runner, in the registry that `/metrics` shows."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        registry = registry or CollectorRegistry()
        self._cameras = Gauge("patrol_cameras", "Cameras, by state", ("state",), registry=registry)
        self._looks = Meter(
            "patrol_looks",
            "Looks with a picture; inspected by the network or not",
            ("inspected",),
            registry=registry,
        )
        self._lateness = Histogram(
            "patrol_look_lateness_seconds",
            "Time from when a look was due until it was finished",
            buckets=_LATENESS,
            registry=registry,
        )
        self._to_lead = Histogram(
            "patrol_frame_to_lead_seconds",
            "Time from the capture of the deciding picture until its lead was written",
            buckets=_TO_LEAD,
            registry=registry,
        )
        self._incidents = Meter(
            "patrol_incidents", "Incidents opened", ("label",), registry=registry
        )
        self._open = Gauge(
            "patrol_open_incidents", "Incidents going on", ("label",), registry=registry
        )
        self._outages = Meter("patrol_camera_outages", "Outages begun", registry=registry)
        self._waiting = Gauge(
            "patrol_looks_waiting", "Looks not yet written to the database", registry=registry
        )
        self._unwritten = Meter(
            "patrol_write_failures", "Batches of looks that could not be written", registry=registry
        )
        self._states: set[str] = set()
        self._labels: set[str] = set()

    def look(self, *, inspected: bool, late_s: float) -> None:
        """One look with a picture."""
        self._looks.labels("yes" if inspected else "no").inc()
        self._lateness.observe(max(0.0, late_s))

    def opened(self, label: str) -> None:
        """An incident was opened."""
        self._incidents.labels(label).inc()

    def filed(self, latency_s: float) -> None:
        """An incident became a lead."""
        self._to_lead.observe(latency_s)

    def outage(self) -> None:
        """An outage began."""
        self._outages.inc()

    def not_written(self) -> None:
        """A batch could not be written at this attempt."""
        self._unwritten.inc()

    def stand(self, states: Mapping[str, int], labels: Mapping[str, int], waiting: int) -> None:
        """How it stands now: cameras by state, open incidents by class, looks waiting."""
        self._states |= set(states)
        self._labels |= set(labels)
        now, going_on = Counter(states), Counter(labels)
        for state in self._states:
            self._cameras.labels(state).set(now[state])
        for label in self._labels:
            self._open.labels(label).set(going_on[label])
        self._waiting.set(waiting)
