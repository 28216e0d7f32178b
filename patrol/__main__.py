"""`python -m patrol` is the `patrol` command."""

from patrol.cli import app

app(prog_name="patrol")
