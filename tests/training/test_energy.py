"""What a run cost is said as it is known: measured, estimated by a given figure, or not at all."""

from __future__ import annotations

from pathlib import Path

from training.energy import EnergyMeter, cpu_seconds, energy_facts


def counters(root: Path, microjoules: dict[str, int]) -> None:
    for number, (name, value) in enumerate(microjoules.items()):
        zone = root / f"intel-rapl:{number}"
        zone.mkdir(parents=True, exist_ok=True)
        (zone / "name").write_text(f"{name}\n")
        (zone / "energy_uj").write_text(f"{value}\n")
        (zone / "max_energy_range_uj").write_text("1000000000\n")


def test_package_counters_are_read_also_when_they_start_again(tmp_path: Path) -> None:
    counters(tmp_path, {"package-0": 5_000_000, "package-1": 999_000_000, "psys": 7})
    meter = EnergyMeter(tmp_path)
    counters(tmp_path, {"package-0": 9_000_000, "package-1": 1_000_000, "psys": 900_000_000})
    assert meter.joules() == 4.0 + 2.0


def test_without_counters_nothing_is_claimed_as_measured(tmp_path: Path) -> None:
    meter = EnergyMeter(tmp_path)
    assert meter.joules() is None
    facts = energy_facts(7200.0, meter.joules(), None)
    assert facts["measured_wh"] is None
    assert "estimated_wh" not in facts
    guessed = energy_facts(7200.0, None, 5.0)
    assert guessed["estimated_wh"] == 10.0
    assert "estimate" in guessed["estimate"]


def test_a_stage_whose_time_was_lost_makes_the_sum_unknown() -> None:
    known = {"a": {"cpu_seconds": 10.5, "cpu_s": 3}, "b": {"cpu_s": 4}}
    assert cpu_seconds(known) == 14.5
    assert cpu_seconds(known | {"c": {"cpu_seconds": None, "cpu_s": 9}}) is None
