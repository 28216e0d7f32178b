"""Case numbers: counted per local day, unique also when many are filed at once."""

from __future__ import annotations

import string
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from cases.errors import InvalidError
from cases.policy import CasePolicy

_FIELDS = {"prefix", "yyyyMMdd", "seq"}

# One statement, so that the row lock orders those who count at the same time.
_COUNT = text(
    "INSERT INTO case_sequence (day, last) VALUES (:day, 1) "
    "ON CONFLICT (day) DO UPDATE SET last = case_sequence.last + 1 RETURNING last"
)


def check_template(template: str) -> None:
    """Raise InvalidError unless the template gives a different number for every case."""
    try:
        used = {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}
    except ValueError as error:
        raise InvalidError(f"number_template: {error}", field="number_template") from error
    if not used <= _FIELDS or not {"yyyyMMdd", "seq"} <= used:
        raise InvalidError(
            "number_template: expected {prefix}, {yyyyMMdd} and {seq} (date and seq are needed), "
            f"got {template!r}",
            field="number_template",
        )


def next_number(session: Session, policy: CasePolicy, at: datetime) -> str:
    """The next number of the local day of ``at``; a rolled-back transaction gives it back."""
    check_template(policy.number_template)
    day = at.astimezone(policy.hours.timezone).strftime("%Y%m%d")
    seq = session.execute(_COUNT, {"day": day}).scalar_one()
    return policy.number_template.format(prefix=policy.prefix, yyyyMMdd=day, seq=seq)
