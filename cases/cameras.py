"""Cameras are rows: added, changed and removed here by people, and read here by the runner."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cases.actors import Actor, Role
from cases.camera_inputs import CameraFields, checked, checked_rules
from cases.camera_tables import CameraRow
from cases.camera_views import Transport
from cases.database import Database, possible_id
from cases.errors import ConflictError, InvalidError, NotFoundError, SealError
from cases.journal import record
from cases.live import tell
from cases.places import check_position
from cases.sealing import Sealer
from cases.times import utc_now
from detector.sources.address import redact

_CHANGERS = (Role.ADMIN, Role.SYSTEM)
_DEFAULTS: CameraFields = {
    "mode": "watch",
    "every_s": 10.0,
    "transport": "tcp",
    "place_text": None,
    "lat": None,
    "lon": None,
    "preset_of": None,
    "plan": [],
    "neighbours": [],
    "legal": {},
    "paused": False,
}


def add_camera(
    db: Database,
    sealer: Sealer,
    fields: CameraFields,
    *,
    actor: Actor,
    timezone: str = "Asia/Shanghai",
    now: datetime | None = None,
) -> int:
    """Add a camera and return its id. ``name`` and ``url`` are needed; roles admin and system.

    Without ``rules`` the whole view is watched, for review; ``timezone`` is theirs then.
    Raises ForbiddenError, InvalidError (naming the field), ConflictError (``name``).
    """
    actor.must_be(_CHANGERS, "adding cameras")
    at = now or utc_now()
    for needed in ("name", "url"):
        if needed not in fields:
            raise InvalidError(f"{needed}: is needed", field=needed)
    usual: CameraFields = {**_DEFAULTS, "rules": {"timezone": timezone}}
    given: CameraFields = {**usual, **fields}
    values = checked(given)
    check_position(values["lat"], values["lon"])
    url = values.pop("url")
    row = CameraRow(
        **values,
        url_sealed=sealer.seal(url),
        url_shown=redact(url),
        revision=1,
        removed_at=None,
        created_at=at,
        updated_at=at,
        updated_by=actor.name,
    )
    try:
        with db.write() as session:
            _check_neighbours(session, row.neighbours, None)
            _check_name(session, row.name, None)
            session.add(row)
            session.flush()
            _note(
                session, row, "added", actor, at, detail={"after": {**values, "url": row.url_shown}}
            )
    except IntegrityError as error:
        raise _name_taken(row.name) from error
    return row.id


def change_camera(
    db: Database,
    sealer: Sealer,
    camera_id: int,
    fields: CameraFields,
    *,
    revision: int,
    actor: Actor,
    now: datetime | None = None,
) -> None:
    """Change the given fields. Without ``url``, or with it as it is shown, the address stays.

    ``revision`` is the one that was read: when the camera was changed since, ConflictError says
    by whom and when. Raises ForbiddenError, NotFoundError, InvalidError, ConflictError.
    """
    actor.must_be(_CHANGERS, "changing cameras")
    at = now or utc_now()
    try:
        with db.write() as session:
            row = locked_camera(session, camera_id)
            _check_revision(row, revision)
            given = dict(fields)
            if given.get("url") == row.url_shown:
                del given["url"]
            values = checked(given)
            check_position(values.get("lat", row.lat), values.get("lon", row.lon))
            if "neighbours" in values:
                _check_neighbours(session, values["neighbours"], row.id)
            if "name" in values:
                _check_name(session, values["name"], row.id)
            before = _apply(row, values, sealer)
            if not before:
                return
            after = {name: getattr(row, name) for name in before}
            raise_revision(row, actor, at)
            what = "rules" if set(before) == {"rules"} else "changed"
            _note(session, row, what, actor, at, detail={"before": before, "after": after})
    except IntegrityError as error:
        raise _name_taken(str(fields.get("name", ""))) from error


def set_rules(
    db: Database,
    camera_id: int,
    content: Any,
    *,
    revision: int,
    actor: Actor,
    now: datetime | None = None,
) -> None:
    """Put other rules in place; ``content`` as ``rules_from`` reads it, without suppressions.

    Raises as ``change_camera``; InvalidError (``rules``) says what is wrong with them.
    """
    actor.must_be(_CHANGERS, "changing rules")
    at = now or utc_now()
    rules = checked_rules(content)
    with db.write() as session:
        row = locked_camera(session, camera_id)
        _check_revision(row, revision)
        before, row.rules = row.rules, rules
        if before == rules:
            return
        raise_revision(row, actor, at)
        detail = {"before": {"rules": before}, "after": {"rules": rules}}
        _note(session, row, "rules", actor, at, detail=detail)


def remove_camera(
    db: Database, camera_id: int, *, actor: Actor, now: datetime | None = None
) -> None:
    """Remove a camera: it is not patrolled any more, its address is forgotten, its past stays.

    Raises ForbiddenError, NotFoundError.
    """
    actor.must_be(_CHANGERS, "removing cameras")
    at = now or utc_now()
    with db.write() as session:
        standing = session.scalars(_locked().order_by(CameraRow.id)).all()
        row = next((one for one in standing if one.id == camera_id), None)
        if row is None:
            raise NotFoundError(f"there is no camera {camera_id}")
        row.removed_at = at
        row.url_sealed = ""
        raise_revision(row, actor, at)
        for other in standing:
            if camera_id in other.neighbours:
                other.neighbours = [one for one in other.neighbours if one != camera_id]
                raise_revision(other, actor, at)
        _note(session, row, "removed", actor, at, detail={})


def locked_camera(session: Session, camera_id: int) -> CameraRow:
    """The standing camera with this id, locked until the transaction ends; NotFoundError."""
    row = None
    if possible_id(camera_id):
        row = session.scalars(_locked().where(CameraRow.id == camera_id)).one_or_none()
    if row is None:
        raise NotFoundError(f"there is no camera {camera_id}")
    return row


def _locked() -> Select[CameraRow]:
    # The weaker kind of lock: looks of the camera may be written meanwhile.
    return (
        select(CameraRow)
        .where(CameraRow.removed_at.is_(None))
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )


def raise_revision(row: CameraRow, actor: Actor, at: datetime) -> None:
    """Say that the camera was changed, so that the runner takes it up."""
    row.revision += 1
    row.updated_at = at
    row.updated_by = actor.name


def camera_address(db: Database, sealer: Sealer, camera_id: int) -> tuple[str, Transport]:
    """The URL of a camera with its credentials, for connecting and nothing else.

    Raises NotFoundError, and SealError when it cannot be decrypted.
    """
    with db.session() as session:
        row = session.get(CameraRow, camera_id) if possible_id(camera_id) else None
        if row is None or row.removed_at is not None:
            raise NotFoundError(f"there is no camera {camera_id}")
        return sealer.open(row.url_sealed), cast("Transport", row.transport)


def camera_name_known(db: Database, name: str) -> bool:
    """Whether there is or was a camera of this name; removed ones count."""
    with db.session() as session:
        found = session.scalars(select(CameraRow.id).where(CameraRow.name == name).limit(1))
        return found.one_or_none() is not None


def note_test(db: Database, url: str, *, camera_id: int | None, actor: Actor) -> None:
    """Write into the history that somebody has the service connect to this address."""
    detail = {"camera_id": camera_id, "url": redact(url)}
    with db.write() as session:
        record(session, action="camera.tested", actor=actor, at=utc_now(), detail=detail)


def _apply(row: CameraRow, values: Mapping[str, Any], sealer: Sealer) -> dict[str, Any]:
    """Put the values into the row; what was changed, as it was before (an address as shown)."""
    before: dict[str, Any] = {}
    for name, value in values.items():
        if name == "url":
            before |= _apply_url(row, value, sealer)
        elif getattr(row, name) != value:
            before[name] = getattr(row, name)
            setattr(row, name, value)
    return before


def _apply_url(row: CameraRow, url: str, sealer: Sealer) -> dict[str, Any]:
    try:
        if sealer.open(row.url_sealed) == url:
            return {}
    except SealError:
        pass  # the key is another one: the address that was entered takes the place of the lost one
    shown, row.url_shown = row.url_shown, redact(url)
    row.url_sealed = sealer.seal(url)
    return {"url_shown": shown}


def _check_revision(row: CameraRow, revision: int) -> None:
    if row.revision != revision:
        raise ConflictError(
            f"revision: {row.updated_by} changed this camera at"
            f" {row.updated_at.isoformat(timespec='seconds')}; it is at {row.revision} now, not"
            f" {revision}: read it again",
            field="revision",
        )


def _check_neighbours(session: Session, wanted: Collection[int], own: int | None) -> None:
    if own is not None and own in wanted:
        raise InvalidError("neighbours: a camera is not its own neighbour", field="neighbours")
    possible = [one for one in wanted if possible_id(one)]
    known = set(
        session.scalars(
            select(CameraRow.id).where(CameraRow.id.in_(possible), CameraRow.removed_at.is_(None))
        )
    )
    unknown = [one for one in wanted if one not in known]
    if unknown:
        raise InvalidError(f"neighbours: there is no camera {unknown[0]}", field="neighbours")


def _check_name(session: Session, name: str, own: int | None) -> None:
    query = select(CameraRow.id).where(CameraRow.name == name, CameraRow.removed_at.is_(None))
    if any(other != own for other in session.scalars(query)):
        raise _name_taken(name)


def _name_taken(name: str) -> ConflictError:
    return ConflictError(f"name: there is a camera named {name!r} already", field="name")


def _note(
    session: Session,
    row: CameraRow,
    what: str,
    actor: Actor,
    at: datetime,
    *,
    detail: dict[str, Any],
) -> None:
    about = {"camera_id": row.id, "name": row.name, "revision": row.revision}
    record(
        session,
        action=f"camera.{'rules_changed' if what == 'rules' else what}",
        actor=actor,
        at=at,
        detail={**about, **detail},
    )
    tell(session, "camera", row.id, at, {"what": what, "name": row.name, "revision": row.revision})
