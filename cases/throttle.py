"""Failed logins are counted, so that guessing passwords takes longer than it is worth."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from cases.database import Database, login_lock
from cases.errors import ThrottledError
from cases.tables import LoginAttemptRow

WINDOW = timedelta(minutes=15)
MOST_PER_NAME_AND_ADDRESS = 5
MOST_PER_ADDRESS = 30


def count_attempt(db: Database, *, name: str, address: str, now: datetime) -> None:
    """Count an attempt before its password is looked at.

    Counting first means that many guesses sent at once do not slip through together. Raises
    ThrottledError when the limits of the window are used up.
    """
    name, address = name.casefold()[:64], address[:64]
    with db.write() as session:
        login_lock(session)
        session.execute(delete(LoginAttemptRow).where(LoginAttemptRow.at < now - WINDOW))
        times = session.execute(
            select(LoginAttemptRow.name, LoginAttemptRow.at)
            .where(LoginAttemptRow.address == address)
            .order_by(LoginAttemptRow.at)
        ).all()
        of_name = [at for tried, at in times if tried == name]
        for found, most in (
            (of_name, MOST_PER_NAME_AND_ADDRESS),
            ([at for _, at in times], MOST_PER_ADDRESS),
        ):
            if len(found) >= most:
                wait = found[-most] + WINDOW - now
                raise ThrottledError(
                    "too many failed logins; try again later",
                    retry_after_s=max(1, round(wait.total_seconds())),
                )
        session.add(LoginAttemptRow(name=name, address=address, at=now))


def forgive(db: Database, *, name: str, address: str) -> None:
    """Forget the failures of this name from this address: the right password was given."""
    with db.write() as session:
        session.execute(
            delete(LoginAttemptRow).where(
                LoginAttemptRow.name == name.casefold()[:64],
                LoginAttemptRow.address == address[:64],
            )
        )
