"""What a run cost: processor seconds, energy where the machine tells it, else an estimate."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

POWERCAP: Final = Path("/sys/class/powercap")


class EnergyMeter:
    """Reads the processors' own energy counters (RAPL), where the system shows them.

    They count everything that runs on the processor packages, not this program alone.
    """

    def __init__(self, root: Path = POWERCAP) -> None:
        self._zones = [zone for zone in sorted(root.glob("intel-rapl:[0-9]*")) if _is_package(zone)]
        self._before = self._read()

    def joules(self) -> float | None:
        """Joules of all packages since the meter was made; None where they cannot be read."""
        now = self._read()
        if not now or not self._before:
            return None
        total = 0
        for zone, before, after in zip(self._zones, self._before, now, strict=True):
            total += after - before
            if after < before:  # the counter has started again at 0
                total += int((zone / "max_energy_range_uj").read_text(encoding="ascii"))
        return total / 1e6

    def _read(self) -> list[int]:
        try:
            return [int((zone / "energy_uj").read_text(encoding="ascii")) for zone in self._zones]
        except (OSError, ValueError):
            return []


def energy_facts(
    cpu_s: float | None, joules: float | None, watts_per_core: float | None
) -> dict[str, Any]:
    """What the record and the card say of a run's energy.

    ``cpu_s`` processor seconds of all stages and sessions, ``joules`` read from the machine in the
    last session (None where it has no counters), ``watts_per_core`` a figure given by a person.
    """
    facts: dict[str, Any] = {"processor_s": None if cpu_s is None else round(cpu_s)}
    if joules is None:
        facts["measured_wh"] = None
        facts["measured"] = "this machine shows no energy counters"
    else:
        facts["measured_wh"] = round(joules / 3600, 2)
        facts["measured"] = "processor packages in the last session, other programs included"
    if watts_per_core is not None and cpu_s is not None:
        facts["estimated_wh"] = round(cpu_s * watts_per_core / 3600, 2)
        facts["estimate"] = (
            f"processor seconds x {watts_per_core:g} W a busy core, a figure given by hand: an"
            " estimate, nothing was measured"
        )
    return facts


def cpu_seconds(stages: Mapping[str, Mapping[str, Any]]) -> float | None:
    """Processor seconds of all stages of a record; None where one of them is not known."""
    spent = [stage.get("cpu_seconds", stage.get("cpu_s")) for stage in stages.values()]
    known = [float(one) for one in spent if one is not None]
    return sum(known) if len(known) == len(spent) else None


def _is_package(zone: Path) -> bool:
    try:
        return (zone / "name").read_text(encoding="ascii").startswith("package")
    except OSError:
        return False
