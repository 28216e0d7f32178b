"""One thing, one lead: which open lead a new finding is another sighting of."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from cases.camera_tables import IncidentRow
from cases.places import distance_m, lat_margin_deg, trustworthy
from cases.states import OPEN_CASE_STATES, OPEN_LEAD_STATES, State
from cases.tables import CaseRow, LeadRow
from detector.geometry import held, iou
from detector.types import Box

_SAME_IOU = 0.3
_SAME_HELD = 0.7


def find_open_lead(
    session: Session,
    *,
    label: str,
    lat: float | None,
    lon: float | None,
    radius_m: float,
    taken: Collection[int],
) -> LeadRow | None:
    """The nearest lead of this class within ``radius_m`` that is in review or has an open case.

    A lead counts for the class the model gave it and for the one a reviewer gave it. ``taken``
    are leads that another finding of the same photo belongs to: two heaps in one photo stay two.
    None without a trustworthy position. The lead comes locked.
    """
    if radius_m <= 0 or lat is None or lon is None or not trustworthy(lat, lon):
        return None
    margin = lat_margin_deg(radius_m)
    candidates = session.scalars(
        select(LeadRow)
        .where(*_open_of_class(label), LeadRow.lat.between(lat - margin, lat + margin))
        .order_by(LeadRow.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    near = [
        (distance_m(lat, lon, row.lat, row.lon), row.id, row)
        for row in candidates
        if row.lat is not None and row.lon is not None and row.id not in taken
    ]
    near = [
        found for found in near if found[0] <= radius_m and trustworthy(found[2].lat, found[2].lon)
    ]
    return min(near, key=lambda found: found[:2])[2] if near else None


def find_open_lead_at_camera(
    session: Session, *, camera_id: int, label: str, box: Box
) -> LeadRow | None:
    """The lead of this class that an incident at this camera and place made, while it is open.

    At the place: boxes (shares of the view) with an IoU of 0.3, or the smaller one lying 70 %
    within the larger; the best fit wins. The lead comes locked.
    """
    candidates = session.execute(
        select(LeadRow, IncidentRow.box)
        .join(IncidentRow, IncidentRow.lead_id == LeadRow.id)
        .where(*_open_of_class(label), IncidentRow.camera_id == camera_id)
        .order_by(LeadRow.id)
        .with_for_update(of=LeadRow)
        .execution_options(populate_existing=True)
    )
    fits = []
    for row, (left, top, right, bottom) in candidates:
        place: Box = (left, top, right, bottom)
        overlapping = iou(place, box)
        if overlapping >= _SAME_IOU or held(place, box) >= _SAME_HELD:
            fits.append((overlapping, -row.id, row))
    return max(fits, key=lambda fit: fit[:2])[2] if fits else None


def _open_of_class(label: str) -> tuple[ColumnElement[bool], ...]:
    """Leads of a class, the model's or the reviewer's, in review or with an open case."""
    # Outer join and lock do not go together on PostgreSQL, hence the subquery.
    case_is_open = (
        select(CaseRow.id)
        .where(CaseRow.id == LeadRow.case_id, CaseRow.state.in_(OPEN_CASE_STATES))
        .exists()
    )
    return (
        or_(LeadRow.label == label, LeadRow.model_label == label),
        or_(
            LeadRow.state.in_(OPEN_LEAD_STATES),
            and_(LeadRow.state == State.FILED, case_is_open),
        ),
    )
