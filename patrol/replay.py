"""`patrol replay LOOKS`: what would these rules have made of the looks already taken?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from detector.counting import Policy
from detector.incidents import Incident, Stage, replay
from detector.observation import Observation, observation_from
from detector.zones import Rules, RulesError, load_rules
from models import ModelError
from patrol.model import choose_card
from patrol.terminal import settings_or_exit


class LooksError(ValueError):
    """A file of looks cannot be read; the message names file, line and what was expected."""


def replay_command(
    looks: Annotated[
        Path, typer.Argument(metavar="LOOKS", help="What `patrol watch --json` wrote.")
    ],
    rules_file: Annotated[
        Path | None, typer.Option("--rules", metavar="FILE", help="The rules to try, YAML.")
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option("--against", metavar="FILE", help="Rules to compare with; default: none."),
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the answer as JSON.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Model whose thresholds count; default: PATROL_MODEL.")
    ] = None,
) -> None:
    """Judge recorded looks again under other rules; no picture and no network is needed."""
    settings = settings_or_exit(**({"model": model} if model else {}))
    try:
        observations = read_looks(looks)
        usual = Rules(timezone=settings.zone)
        tried = load_rules(rules_file) if rules_file else usual
        other = load_rules(against) if against else usual
        policy = Policy(choose_card(settings).review_thresholds)
    except (LooksError, RulesError, ModelError) as error:
        typer.echo(f"patrol replay: {error}", err=True)
        raise typer.Exit(2) from error
    found = incidents_under(observations, tried, policy)
    before = incidents_under(observations, other, policy)
    console = Console(highlight=False)
    console.print(_table(found))
    console.print(
        f"{len(observations)} looks: {len(found)} incidents under these rules "
        f"instead of {len(before)}"
    )
    if json_file is not None:
        answer = {
            "looks": len(observations),
            "incidents": len(found),
            "instead_of": len(before),
            "list": [_plain(incident) for incident in found],
        }
        json_file.write_text(json.dumps(answer, ensure_ascii=False, indent=2), encoding="utf-8")


def read_looks(path: Path) -> tuple[Observation, ...]:
    """The looks in a file of JSON lines, in order of time; lines of other types are passed over.

    Raises:
        LooksError: no such file, or a line that is no look.
    """
    looks = []
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                try:
                    content = json.loads(line)
                    kind = content.pop("type")
                    if kind != "look":
                        continue
                    for extra in ("change", "latency_s"):
                        content.pop(extra, None)
                    looks.append(observation_from(content))
                except (ValueError, KeyError, AttributeError) as error:
                    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
                    raise LooksError(f"{path}, line {number}: expected a look: {reason}") from None
    except FileNotFoundError:
        raise LooksError(f"{path}: there is no such file") from None
    return tuple(sorted(looks, key=lambda look: look.at))


def incidents_under(
    observations: tuple[Observation, ...], rules: Rules, policy: Policy
) -> list[Incident]:
    """The incidents of all cameras in the observations, camera by camera."""
    found: list[Incident] = []
    for camera in sorted({one.camera for one in observations}):
        mine = tuple(one for one in observations if one.camera == camera)
        found += replay(mine, rules, policy)
    return found


def _plain(incident: Incident) -> dict[str, object]:
    return {
        "camera": incident.camera,
        "label": incident.label,
        "zone": incident.zone,
        "first_seen": incident.first_seen.isoformat(),
        "opened_at": incident.opened_at.isoformat() if incident.opened_at else None,
        "ended_at": incident.ended_at.isoformat() if incident.ended_at else None,
        "box": [round(value, 4) for value in incident.box],
        "confidence": round(incident.confidence, 3),
    }


def _table(found: list[Incident]) -> Table:
    table = Table(title="Incidents under these rules")
    for heading in ("camera", "class", "zone", "first seen", "opened", "ended"):
        table.add_column(heading)
    for one in found:
        ended = f"{one.ended_at:%H:%M:%S}" if one.stage is Stage.ENDED else "goes on"
        times = (f"{one.first_seen:%m-%d %H:%M:%S}", f"{one.opened_at:%H:%M:%S}", ended)
        table.add_row(one.camera, one.label, one.zone, *times)
    return table
