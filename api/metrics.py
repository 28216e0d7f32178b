"""Counts and latencies of one running service, for Prometheus."""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_REQUEST_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_INSPECT_SECONDS: Final = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """The meters of one application; every application has its own, so tests do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "patrol_http_requests_total",
            "Requests answered",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "patrol_http_request_seconds",
            "Time from a request's first byte to the end of its answer",
            ("method", "route"),
            buckets=_REQUEST_SECONDS,
            registry=self.registry,
        )
        self._photos = Counter(
            "patrol_photos_total",
            "Photos received, by what became of them",
            ("outcome",),
            registry=self.registry,
        )
        self._inspect = Histogram(
            "patrol_photo_seconds",
            "Time to read, inspect and file one photo",
            buckets=_INSPECT_SECONDS,
            registry=self.registry,
        )
        self._logins = Counter(
            "patrol_logins_total", "Logins, by outcome", ("outcome",), registry=self.registry
        )

    def answered(self, method: str, route: str, status: int, seconds: float | None) -> None:
        """Count one request; ``route`` is a pattern, ``seconds`` its duration if that says much."""
        self._requests.labels(method, route, str(status)).inc()
        if seconds is not None:
            self._seconds.labels(method, route).observe(seconds)

    def photo(self, outcome: str, seconds: float) -> None:
        """Count one photo; ``outcome`` is ``filed``, ``duplicate`` or an error code."""
        self._photos.labels(outcome).inc()
        self._inspect.observe(seconds)

    def login(self, outcome: str) -> None:
        """Count one login; ``outcome`` is ``ok``, ``refused`` or ``throttled``."""
        self._logins.labels(outcome).inc()

    def render(self) -> bytes:
        """All meters in Prometheus' text format."""
        return generate_latest(self.registry)
