"""The built review desk is served from a folder; without one, the service says how to build it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, PlainTextResponse, Response

from api.problems import Problem

_MEDIA_TYPES: Final = {
    ".css": "text/css",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
"""Named here because the machine's own table may differ; other files are not served."""

_FOR_EVER: Final = "public, max-age=31536000, immutable"
_NOT_BUILT: Final = (
    "video patrol is running, but its review desk is not built: web: missing\n\n"
    "Build it with `make web` and reload this page; the service need not be restarted.\n"
    "The API works: see /docs. Health: /healthz\n"
)


def is_built(folder: Path | None) -> bool:
    """Whether ``folder`` holds a built review desk."""
    return folder is not None and (folder / "index.html").is_file()


def install(app: FastAPI, folder: Path | None) -> None:
    """Serve ``folder`` at ``/``; addresses of the desk's own pages get ``index.html``."""

    async def page(request: Request) -> Response:
        path = str(request.path_params["path"])
        if path == "api" or path.startswith("api/"):
            raise Problem(404, "not-found", "there is nothing at this address")
        if folder is None or not is_built(folder):
            if path:
                raise Problem(404, "not-found", "the review desk is not built (`make web`)")
            return PlainTextResponse(_NOT_BUILT)
        return serve(folder, path)

    app.add_route("/{path:path}", page, methods=["GET", "HEAD"], include_in_schema=False)


def serve(folder: Path, path: str) -> Response:
    """The file ``path`` of the built desk, or its start page; raises Problem 404.

    ``path`` comes from outside: only files that lie inside ``folder`` are served.
    """
    root = folder.resolve()
    wanted = _inside(root, path)
    if wanted is not None and wanted.is_file():
        media_type = _MEDIA_TYPES.get(wanted.suffix)
        if media_type is None:
            raise Problem(404, "not-found", "there is nothing at this address")
        lasting = path.startswith("assets/")
        headers = {"Cache-Control": _FOR_EVER if lasting else "no-cache"}
        return FileResponse(wanted, media_type=media_type, headers=headers)
    if "." in path.rpartition("/")[2]:
        raise Problem(404, "not-found", "there is nothing at this address")
    return FileResponse(
        root / "index.html", media_type="text/html", headers={"Cache-Control": "no-cache"}
    )


def _inside(root: Path, path: str) -> Path | None:
    if not path or "\0" in path:
        return None
    try:
        wanted = (root / path).resolve()
    except OSError:
        return None
    return wanted if wanted.is_relative_to(root) and wanted != root else None
