"""Evidence pictures are shown, and never as anything but a picture."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Path, Response

from api.deps import AnyCaller, TheServices, guarded_router
from api.problems import Problem
from cases import query
from cases.views import EvidenceKind

router = guarded_router("evidence")

_SUFFIXES: Final = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/tiff": "tif",
    "image/heic": "heic",
    "image/heif": "heif",
    "video/mp4": "mp4",
}
"""The only media types that are ever sent; HTML and SVG can carry scripts. A stream's own key
frame is a film of one picture."""


@router.get(
    "/evidence/{evidence_id}/{kind}",
    response_class=Response,
    responses={200: {"content": {name: {} for name in _SUFFIXES}, "description": "The picture"}},
)
def get_evidence(
    evidence_id: Annotated[int, Path(ge=1, le=2**31 - 1)],
    kind: EvidenceKind,
    caller: AnyCaller,
    services: TheServices,
) -> Response:
    """The `kind` picture of the sighting that `evidence_id` belongs to.

    All but `original` have heads and plates blurred; `before` and `strip` are there for cameras.
    `original` is the file as it came, for the roles admin and reviewer; every look at it is
    written into the history.
    """
    found = query.read_evidence(services.db, services.store, evidence_id, kind, actor=caller.actor)
    media_type = found.evidence.media_type
    suffix = _SUFFIXES.get(media_type)
    if suffix is None:
        raise Problem(500, "internal-error", "the evidence has a media type that is never shown")
    headers = {
        "Content-Disposition": f'inline; filename="{found.evidence.id}-{kind}.{suffix}"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Vary": "Authorization, Cookie",
        # an original is logged at every look, so no browser may keep it
        "Cache-Control": "no-store" if kind == "original" else "private, max-age=3600",
    }
    return Response(found.data, media_type=media_type, headers=headers)
