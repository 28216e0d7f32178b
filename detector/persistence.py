"""How long and how often a thing must be seen before it is an incident, and be gone to end one."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import ConfigDict


@dataclass(frozen=True, slots=True)
class Persistence:
    """When sightings at one place are an incident. Larger values report less, and later.

    ``dwell_s``: seconds from the first to the latest sighting. ``hits`` of the last ``of`` looks
    at which the place could be seen. ``clear_looks``: looks in a row with the place in view and
    nothing there, over at least ``clear_s`` seconds, that end it: longer than a shower, in which
    the network sees little. ``lost_s``: seconds without seeing the place at all, after which it
    ends too.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")
    dwell_s: float
    hits: int = 2
    of: int = 3
    clear_looks: int = 4
    clear_s: float = 240.0
    lost_s: float = 24 * 3600.0

    def __post_init__(self) -> None:
        if not 1 <= self.hits <= self.of <= 32:
            raise ValueError(f"hits: expected 1 <= hits <= of <= 32, got {self.hits} of {self.of}")
        if self.dwell_s < 0 or self.clear_s < 0 or self.lost_s <= 0 or self.clear_looks < 1:
            raise ValueError("dwell_s, clear_s, lost_s, clear_looks: expected no negative values")


PERSISTENCE: dict[str, Persistence] = {
    "stall": Persistence(180.0, hits=3, of=5, clear_s=120.0),
    "stacked_goods": Persistence(900.0, hits=3, of=5),
    "litter": Persistence(300.0),
    "overflowing_bin": Persistence(300.0),
    "spill": Persistence(0.0, hits=2, of=3),
    "unknown_object": Persistence(900.0, hits=3, of=5),
}
"""Starting values (judgement, to be tuned per city); a zone may set its own."""
