"""What can go wrong in this room, one class per answer the caller has to give."""

from __future__ import annotations


class CasesError(Exception):
    """Base of all expected errors; ``field`` names the input at fault where there is one."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class NotFoundError(CasesError):
    """No such lead, case, evidence, unit or user (or none that this actor may know of)."""


class InvalidError(CasesError):
    """An input is malformed; ``field`` says which and the message what was expected."""


class ForbiddenError(CasesError):
    """The actor's role does not allow this step."""


class ConflictError(CasesError):
    """The row is no longer in the state this step starts from; ``state`` is the one it is in."""

    def __init__(self, message: str, *, state: str | None = None, field: str | None = None) -> None:
        super().__init__(message, field=field)
        self.state = state


class LoginError(CasesError):
    """Name or password is wrong (deliberately not saying which)."""


class ThrottledError(CasesError):
    """Too many failed logins; try again after ``retry_after_s`` seconds."""

    def __init__(self, message: str, *, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class StoreError(CasesError):
    """An evidence object is missing, damaged or could not be written."""


class SealError(CasesError):
    """A camera's address cannot be decrypted: the key was lost or is another one."""
