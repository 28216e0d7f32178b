"""What a city decides about filing and numbering, as plain values with defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cases.codes import DEFAULT_STANDARD
from cases.limits import DEFAULT_LIMITS, TimeLimit, WorkingHours


@dataclass(frozen=True)
class FilingPolicy:
    """When a finding becomes a lead, and when it joins one.

    ``thresholds`` holds the review threshold (confidence 0..1) per issue class; classes not in it
    are never filed. ``join_radius_m``: a finding of the same class within this distance of an
    open lead or case is the same thing seen again; 0 turns joining off.
    """

    thresholds: Mapping[str, float]
    join_radius_m: float = 30.0


@dataclass(frozen=True)
class CasePolicy:
    """How a confirmed lead becomes a case.

    ``number_template`` may use ``{prefix}``, ``{yyyyMMdd}`` (local day of filing) and ``{seq}``
    (counted per day; a width as in ``{seq:05}``). There is no national format.
    """

    prefix: str = "AJ"
    number_template: str = "{prefix}{yyyyMMdd}{seq:05}"
    standard_ref: str = DEFAULT_STANDARD
    limits: Mapping[str, TimeLimit] = field(default_factory=lambda: DEFAULT_LIMITS)
    hours: WorkingHours = field(default_factory=WorkingHours)


DEFAULT_CASE_POLICY = CasePolicy()
