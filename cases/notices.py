"""Maintenance notices of cameras: one row for one fault or outage, from beginning to end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.camera_tables import CameraNoticeRow

NoticeKind = Literal["fault", "outage"]


@dataclass(frozen=True)
class NoticeNow:
    """A fault of the view (``what``: a Fault) or an outage (a CameraState) began or ended.

    The end of an outage ends it whatever it was; ``what`` and ``detail`` are of its beginning.
    """

    kind: NoticeKind
    what: str
    detail: str
    began: bool
    at: datetime


def keep_notice(session: Session, camera_id: int, notice: NoticeNow) -> bool:
    """Open or end a notice in the caller's transaction; False when it stands so already."""
    query = select(CameraNoticeRow).where(
        CameraNoticeRow.camera_id == camera_id,
        CameraNoticeRow.kind == notice.kind,
        CameraNoticeRow.ended_at.is_(None),
    )
    if notice.kind == "fault":
        query = query.where(CameraNoticeRow.what == notice.what)
    standing = session.scalars(query).all()
    if notice.began == bool(standing):
        return False
    if notice.began:
        session.add(
            CameraNoticeRow(
                camera_id=camera_id,
                kind=notice.kind,
                what=notice.what,
                detail=notice.detail,
                began_at=notice.at,
                ended_at=None,
            )
        )
    for row in standing:
        row.ended_at = max(notice.at, row.began_at)
    session.flush()
    return True
