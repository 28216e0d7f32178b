"""The bodies that requests bring and answers have, where they are not the records of ``cases``."""

from __future__ import annotations

from typing import Annotated, Generic, Literal, TypeVar

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, StringConstraints

from cases.actors import Role
from cases.views import LeadView, Verdict

T = TypeVar("T")

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PageOut(BaseModel, Generic[T]):
    """One page; ``next_cursor`` fetches the next one and is null on the last."""

    items: list[T]
    next_cursor: str | None
    total: int


class DecisionIn(_In):
    """A reviewer's decision; ``label`` corrects the class (``class`` is another name for it)."""

    verdict: Verdict
    label: str | None = Field(
        default=None, max_length=64, validation_alias=AliasChoices("label", "class")
    )
    reason: Text | None = None


class ClaimIn(_In):
    """Who handles the case, when it is not the unit the case was given to."""

    unit_id: int | None = Field(default=None, ge=1)


class LoginIn(_In):
    """Name and password."""

    username: str = Field(min_length=1, max_length=128)
    password: str = Field(min_length=1, max_length=1024)


class PasswordIn(_In):
    """A change of one's own password."""

    current: str = Field(min_length=1, max_length=1024)
    new: str = Field(min_length=1, max_length=1024)


class UserOut(BaseModel):
    """The person who is logged in."""

    name: str
    role: Role
    must_change_password: bool
    unit_id: int | None


class SessionOut(BaseModel):
    """A session; changing requests send ``csrf_token`` in the header ``X-CSRF-Token``."""

    user: UserOut
    csrf_token: str


class ProblemOut(BaseModel):
    """Why a request was not served (RFC 9457); ``field`` names the input that was wrong."""

    type: str
    title: str
    status: int
    detail: str
    field: str | None = None
    errors: list[dict[str, str]] | None = None


class PhotoErrorOut(BaseModel):
    """Why one file could not be taken."""

    code: str
    message: str


class PhotoOut(BaseModel):
    """A photo that was taken; ``duplicate`` when the same bytes had come before."""

    id: int
    sha256: str
    filename: str
    duplicate: bool
    leads: list[LeadView]


class PhotoRefusedOut(BaseModel):
    """A file that was not taken; the others of its request were."""

    filename: str
    error: PhotoErrorOut


class PhotosOut(BaseModel):
    """One entry per file, in the order sent."""

    photos: list[PhotoOut | PhotoRefusedOut]


class ModelOut(BaseModel):
    """The model that looks at photos."""

    name: str
    version: str
    sha256: str


class HealthOut(BaseModel):
    """Whether the service works; ``web`` says whether the review desk has been built."""

    status: Literal["ok"]
    version: str
    model: ModelOut
    web: Literal["built", "missing"]


class ClassOut(BaseModel):
    """One issue class; ``key`` is the digit that chooses it at the review desk."""

    label: str
    zh: str
    en: str
    key: str


class ClassesOut(BaseModel):
    """The issue classes in the order of their keys."""

    issue: list[ClassOut]
