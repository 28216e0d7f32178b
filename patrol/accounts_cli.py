"""`patrol user` and `patrol token`: who may come in, from the terminal of the machine itself."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated

import typer

from patrol.terminal import opened_database, settings_or_exit

users = typer.Typer(no_args_is_help=True)
tokens = typer.Typer(no_args_is_help=True)


class RoleName(StrEnum):
    """The roles that can be given."""

    ADMIN = "admin"
    REVIEWER = "reviewer"
    DISPATCHER = "dispatcher"
    UNIT = "unit"
    VIEWER = "viewer"


Name = Annotated[str, typer.Argument(help="login name")]
RoleOption = Annotated[RoleName, typer.Option(help="what it may do")]
UnitOption = Annotated[
    int | None, typer.Option(help="number of the unit, for the role unit; see GET /api/v1/units")
]
StdinOption = Annotated[
    bool, typer.Option("--stdin", help="read the password from standard input, one line")
]


@users.command("create")
def create_user(
    name: Name,
    role: RoleOption,
    unit: UnitOption = None,
    stdin: StdinOption = False,
) -> None:
    """Create a user; prints a first password that has to be changed at the first login."""
    from cases import accounts
    from cases.actors import Role

    with opened_database(settings_or_exit()) as db:
        password, invented = _password(stdin)
        accounts.create_user(
            db,
            name=name,
            password=password,
            role=Role(role.value),
            unit_id=unit,
            must_change_password=invented,
        )
        typer.echo(f"user {name} created, role {role.value}")
        if invented:
            typer.echo(f"first password, shown only now: {password}")


@users.command("password")
def set_password(name: Name, stdin: StdinOption = False) -> None:
    """Give a user a new password and end the user's sessions."""
    from cases import accounts

    with opened_database(settings_or_exit()) as db:
        password, invented = _password(stdin)
        accounts.set_password(db, name, password, must_change=invented)
        typer.echo(f"user {name} has a new password; all sessions have ended")
        if invented:
            typer.echo(f"password, shown only now, to be changed at the next login: {password}")


@users.command("disable")
def disable_user(name: Name) -> None:
    """Lock a user out and end the user's sessions."""
    from cases import accounts

    with opened_database(settings_or_exit()) as db:
        accounts.disable_user(db, name)
        typer.echo(f"user {name} is locked out")


@users.command("list")
def list_users() -> None:
    """List all users."""
    from cases import accounts

    with opened_database(settings_or_exit()) as db:
        for user in accounts.list_users(db):
            notes = [f"unit {user.unit_id}"] if user.unit_id is not None else []
            notes += ["locked out"] if user.disabled else []
            notes += ["has a first password"] if user.must_change_password else []
            typer.echo("\t".join([str(user.id), user.name, user.role.value, ", ".join(notes)]))


@tokens.command("create")
def create_token(
    role: RoleOption,
    name: Annotated[str, typer.Option(help="what it is for, as lists and history show it")] = "",
    unit: UnitOption = None,
    days: Annotated[
        int | None, typer.Option(min=1, max=3650, help="valid for so many days; default: no end")
    ] = None,
) -> None:
    """Create a token for a program; standard output has the token alone, and only this once."""
    from cases import accounts
    from cases.actors import Role

    with opened_database(settings_or_exit()) as db:
        issued = accounts.create_token(
            db,
            name=name or f"{role.value}-{secrets.token_hex(3)}",
            role=Role(role.value),
            unit_id=unit,
            expires_at=None if days is None else datetime.now(UTC) + timedelta(days=days),
        )
        typer.echo(f"token {issued.id} ({issued.name}), role {role.value}:", err=True)
        typer.echo(issued.secret)


@tokens.command("list")
def list_tokens() -> None:
    """List all tokens, without their secrets."""
    from cases import accounts

    with opened_database(settings_or_exit()) as db:
        for token in accounts.list_tokens(db):
            notes = [f"unit {token.unit_id}"] if token.unit_id is not None else []
            notes += [f"until {token.expires_at:%Y-%m-%d}"] if token.expires_at else []
            notes += ["revoked"] if token.revoked_at else []
            typer.echo("\t".join([str(token.id), token.name, token.role.value, ", ".join(notes)]))


@tokens.command("revoke")
def revoke_token(token_id: Annotated[int, typer.Argument(help="number, from the list")]) -> None:
    """End a token."""
    from cases import accounts

    with opened_database(settings_or_exit()) as db:
        accounts.revoke_token(db, token_id)
        typer.echo(f"token {token_id} is revoked")


def _password(stdin: bool) -> tuple[str, bool]:
    """A password from standard input, or an invented one (True)."""
    from cases import passwords

    if not stdin:
        return passwords.one_time_password(), True
    password = typer.get_text_stream("stdin").readline().rstrip("\r\n")
    if not password:
        typer.echo("--stdin: expected a password on standard input", err=True)
        raise typer.Exit(2)
    return password, False
