"""Photos come in."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any, Final

from fastapi import Request
from pydantic import AwareDatetime, BaseModel, Field, ValidationError, field_validator

from api.deps import Reviewer, TheServices, guarded_router
from api.intake import Circumstances, Refused, Workers, take_photo
from api.problems import Problem
from api.schemas import PhotoErrorOut, PhotoOut, PhotoRefusedOut, PhotosOut, Text
from api.services import Services
from api.uploads import UploadedFile, UploadLimits, receive
from cases import query
from cases.actors import Actor

router = guarded_router("photos")


class PhotoFields(BaseModel):
    """The text fields beside the files; they hold for all files of the request."""

    model_config = {"extra": "forbid"}

    lat: float | None = Field(default=None, ge=-90, le=90, allow_inf_nan=False)
    lon: float | None = Field(default=None, ge=-180, le=180, allow_inf_nan=False)
    captured_at: AwareDatetime | None = None
    note: Text | None = None

    @field_validator("captured_at", mode="before")
    @classmethod
    def _written_out(cls, value: object) -> object:
        # a bare number would be taken for seconds since 1970
        if isinstance(value, str) and "T" not in value.upper() and " " not in value.strip():
            raise ValueError("expected ISO 8601 with a time zone, as 2026-07-01T08:30:00+08:00")
        return value


_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {
                        "files": {
                            "type": "array",
                            "items": {"type": "string", "format": "binary"},
                            "description": "JPEG, PNG, WebP, TIFF or HEIC",
                        },
                        "lat": {"type": "number", "minimum": -90, "maximum": 90},
                        "lon": {"type": "number", "minimum": -180, "maximum": 180},
                        "captured_at": {"type": "string", "format": "date-time"},
                        "note": {"type": "string", "maxLength": 500},
                    },
                }
            }
        },
    }
}


@router.post("/photos", openapi_extra=_BODY)
async def post_photos(request: Request, caller: Reviewer, services: TheServices) -> PhotosOut:
    """Take photos; their findings become leads. A bad file is reported, the others go on.

    `lat`, `lon`, `captured_at` and `note` hold for all files and replace what a photo says.
    """
    slots: asyncio.Semaphore = request.app.state.upload_slots
    if slots.locked():
        raise Problem(
            503,
            "busy",
            "too many uploads at this moment; send it again shortly",
            headers={"Retry-After": "5", "Connection": "close"},
        )
    async with slots:
        with await receive(request, services.options.uploads) as upload:
            if not upload.files:
                raise Problem(422, "no-files", "files: expected at least one file", field="files")
            fields = _fields(upload.fields)
            workers: Workers = request.app.state.workers
            answers = await workers.map(
                [partial(_answer, services, item, fields, caller.actor) for item in upload.files]
            )
    return PhotosOut(photos=answers)


def _fields(values: dict[str, str]) -> PhotoFields:
    given = {name: value for name, value in values.items() if value.strip()}
    try:
        fields = PhotoFields.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = str(first["loc"][0])
        message = first["msg"].removeprefix("Value error, ")
        raise Problem(422, "invalid-input", f"{name}: {message}", field=name) from error
    if (fields.lat is None) != (fields.lon is None):
        missing = "lat" if fields.lat is None else "lon"
        raise Problem(
            422, "invalid-input", f"{missing}: lat and lon are given together", field=missing
        )
    return fields


def _answer(
    services: Services, item: UploadedFile, fields: PhotoFields, actor: Actor
) -> PhotoOut | PhotoRefusedOut:
    result = _take(services, item, fields, actor)
    if isinstance(result, PhotoErrorOut):
        return PhotoRefusedOut(filename=item.filename, error=result)
    return result


def _take(
    services: Services, item: UploadedFile, fields: PhotoFields, actor: Actor
) -> PhotoOut | PhotoErrorOut:
    if item.oversize:
        return _oversize(services.options.uploads)
    about = Circumstances(
        filename=item.filename,
        channel="upload",
        actor=actor,
        captured_at=fields.captured_at,
        lat=fields.lat,
        lon=fields.lon,
        note=fields.note or None,
    )
    result = take_photo(services, item.read(), about)
    if isinstance(result, Refused):
        return PhotoErrorOut(code=result.code, message=result.message)
    return PhotoOut(
        id=result.photo_id,
        sha256=result.sha256,
        filename=item.filename,
        duplicate=result.duplicate,
        leads=list(query.get_leads(services.db, result.lead_ids)),
    )


def _oversize(limits: UploadLimits) -> PhotoErrorOut:
    most = limits.max_file_bytes // (1024 * 1024)
    return PhotoErrorOut(code="too_large_bytes", message=f"a photo may have {most} MiB at most")
