"""Cameras are listed, added, changed, tried and seen; rules are set and replayed."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Final

import anyio
from fastapi import Path, Query, Request, Response

from api.camera_schemas import (
    CameraChangeIn,
    CameraDetailOut,
    CameraIn,
    CameraOut,
    ItemsOut,
    ReplayIn,
    RulesIn,
    TestIn,
    TestOut,
)
from api.deps import Admin, LeadReader, TheServices, guarded_router
from api.problems import Problem
from api.services import Services
from cases import cameras, replaying, watching
from cases.actors import Actor
from cases.camera_inputs import checked_url
from cases.camera_views import NoticeView
from cases.replaying import Replay
from detector.counting import Policy

router = guarded_router("cameras")

CameraId = Annotated[int, Path(ge=1, le=2**31 - 1)]
PICTURE_HEADERS: Final = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Authorization, Cookie",
}
_WAITING: Final = 6


@router.get("/cameras")
def get_cameras(caller: LeadReader, services: TheServices) -> ItemsOut[CameraOut]:
    """All cameras with their present state."""
    found = watching.list_cameras(services.db, actor=caller.actor, zone=services.options.timezone)
    return ItemsOut(items=[CameraOut.of(view) for view in found])


@router.post("/cameras", status_code=201)
def post_camera(camera: CameraIn, caller: Admin, services: TheServices) -> CameraDetailOut:
    """Add a camera. Its address is kept encrypted and never shown with its credentials."""
    camera_id = cameras.add_camera(
        services.db,
        services.sealer,
        camera.given(),
        actor=caller.actor,
        timezone=services.options.timezone.key,
    )
    return _detail(services, camera_id, caller.actor)


@router.post("/cameras/test")
async def post_test(
    test: TestIn, request: Request, caller: Admin, services: TheServices
) -> TestOut:
    """Connect once and look, without saving anything: an address, or a camera with its own."""
    limiter: anyio.CapacityLimiter = request.app.state.test_limiter
    _refuse_crowd(limiter)
    return await anyio.to_thread.run_sync(
        partial(_try, services, test, caller.actor), limiter=limiter, abandon_on_cancel=True
    )


@router.get("/cameras/{camera_id}")
def get_camera(camera_id: CameraId, caller: LeadReader, services: TheServices) -> CameraDetailOut:
    """One camera with its rules, plan, neighbours and legal notes."""
    return _detail(services, camera_id, caller.actor)


@router.patch("/cameras/{camera_id}")
def patch_camera(
    camera_id: CameraId, change: CameraChangeIn, caller: Admin, services: TheServices
) -> CameraDetailOut:
    """Change some fields. Without `url` the address stays; a new one is given whole."""
    cameras.change_camera(
        services.db,
        services.sealer,
        camera_id,
        change.given(),
        revision=change.revision,
        actor=caller.actor,
    )
    return _detail(services, camera_id, caller.actor)


@router.delete("/cameras/{camera_id}", status_code=204)
def delete_camera(camera_id: CameraId, caller: Admin, services: TheServices) -> Response:
    """Remove a camera and forget its address; its incidents and leads stay."""
    cameras.remove_camera(services.db, camera_id, actor=caller.actor)
    return Response(status_code=204)


@router.put("/cameras/{camera_id}/rules")
def put_rules(
    camera_id: CameraId, wanted: RulesIn, caller: Admin, services: TheServices
) -> CameraDetailOut:
    """Put other rules in place; the running camera takes them up within seconds."""
    cameras.set_rules(
        services.db, camera_id, wanted.rules, revision=wanted.revision, actor=caller.actor
    )
    return _detail(services, camera_id, caller.actor)


@router.post("/cameras/{camera_id}/replay")
async def post_replay(
    camera_id: CameraId,
    tried: ReplayIn,
    request: Request,
    caller: LeadReader,
    services: TheServices,
) -> Replay:
    """What these rules would have made of the looks of the last days, beside the present rules."""
    limiter: anyio.CapacityLimiter = request.app.state.replay_limiter
    _refuse_crowd(limiter)
    policy = Policy(dict(services.eyes().policy.thresholds))
    return await anyio.to_thread.run_sync(
        partial(
            replaying.replay_rules,
            services.db,
            camera_id,
            tried.rules,
            days=tried.days,
            policy=policy,
            actor=caller.actor,
        ),
        limiter=limiter,
    )


@router.get(
    "/cameras/{camera_id}/view",
    response_class=Response,
    responses={200: {"content": {"image/jpeg": {}}, "description": "The picture"}},
)
def get_view(
    camera_id: CameraId,
    caller: LeadReader,
    services: TheServices,
    v: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """The view of the last inspected look, heads and plates hidden. `v` is for caches alone."""
    watching.get_camera(services.db, camera_id, actor=caller.actor, zone=services.options.timezone)
    folder = services.options.views_dir
    try:
        data = None if folder is None else (folder / f"{camera_id}.jpg").read_bytes()
    except FileNotFoundError:
        data = None
    if data is None:
        raise Problem(404, "not-found", f"camera {camera_id} has given no picture yet")
    headers = {**PICTURE_HEADERS, "Cache-Control": "private, max-age=60" if v else "no-store"}
    return Response(data, media_type="image/jpeg", headers=headers)


@router.get("/cameras/{camera_id}/notices")
def get_camera_notices(
    camera_id: CameraId,
    caller: LeadReader,
    services: TheServices,
    open: bool = False,  # noqa: A002 (the name in the query)
) -> ItemsOut[NoticeView]:
    """Maintenance notices of one camera, the newest first."""
    found = watching.list_notices(
        services.db, actor=caller.actor, camera_id=camera_id, open_only=open
    )
    return ItemsOut(items=list(found))


@router.get("/notices")
def get_notices(
    caller: LeadReader,
    services: TheServices,
    open: bool = False,  # noqa: A002 (the name in the query)
) -> ItemsOut[NoticeView]:
    """Maintenance notices of all cameras, the newest first."""
    found = watching.list_notices(services.db, actor=caller.actor, open_only=open)
    return ItemsOut(items=list(found))


def _detail(services: Services, camera_id: int, actor: Actor) -> CameraDetailOut:
    view = watching.get_camera(services.db, camera_id, actor=actor, zone=services.options.timezone)
    return CameraDetailOut.of_detail(view)


def _try(services: Services, test: TestIn, actor: Actor) -> TestOut:
    if test.camera_id is not None:
        url, transport = cameras.camera_address(services.db, services.sealer, test.camera_id)
    else:
        url, transport = checked_url(test.url or ""), test.transport
    cameras.note_test(services.db, url, camera_id=test.camera_id, actor=actor)
    return TestOut.of(services.test_look(url, transport))


def _refuse_crowd(limiter: anyio.CapacityLimiter) -> None:
    if limiter.statistics().tasks_waiting >= _WAITING:
        raise Problem(
            503, "busy", "too many at this moment; try again shortly", headers={"Retry-After": "5"}
        )
