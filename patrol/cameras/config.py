"""How cameras are run, as plain values with defaults."""

from __future__ import annotations

from dataclasses import dataclass, field

from detector.background import LastingConfig
from detector.gate import GateConfig
from detector.sentry import SentryConfig


@dataclass(frozen=True, slots=True)
class RunnerConfig:
    """How cameras are run. Seconds are of the clock unless said otherwise.

    ``workers``: threads that look. ``speed``: seconds of the clock per real second (1 but in a
    simulation); beats and pauses are divided by it. ``rows_s``/``commit_s``: real seconds between
    two looks at the rows, and between two transactions. ``outage_after_s``: without a picture for
    this long is an outage. ``suspect_minutes``: how far back trucks are looked for when something
    was spilt; 0 turns the search off. ``keep_days``: how long looks are kept to be judged again.
    ``background_s``: how often a camera's background is kept for the next start.
    """

    workers: int = 2
    speed: float = 1.0
    rows_s: float = 1.0
    commit_s: float = 1.0
    outage_after_s: float = 30.0
    suspect_minutes: float = 10.0
    keep_days: float = 30.0
    background_s: float = 120.0
    gate: GateConfig = field(default_factory=GateConfig)
    sentry: SentryConfig = field(default_factory=SentryConfig)
    lasting: LastingConfig = field(default_factory=LastingConfig)
