"""What the person at the terminal sees once the service answers."""

from __future__ import annotations

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from patrol.app import Started


def show(started: Started, console: Console | None = None) -> None:
    """Print the address and, this once, the first administrator's password.

    It goes to the terminal's standard output only, never through the log.
    """
    console = Console() if console is None else console
    lines = Text()
    lines.append("Open   ")
    lines.append(started.url, style="bold")
    lines.append("\nStop   Ctrl+C")
    if started.first_password is not None:
        lines.append("\n\nName       admin")
        lines.append("\nPassword   ")
        lines.append(started.first_password, style="bold")
        lines.append(
            "\n\nThis password is shown only now; you will be asked to choose your own."
            "\nLost it? `patrol user password admin` makes a new one."
        )
    console.print(Panel(lines, title="video patrol", expand=False, padding=(1, 2)))
