"""What cameras saw, over HTTP: states, incidents, suspects, suppressions, rules replayed."""

from __future__ import annotations

from datetime import timedelta

import httpx
from sqlalchemy import text

from cases.camera_tables import CameraNoticeRow, SuspectRow
from cases.patrolling import IncidentNow, keep_looks
from cases.times import utc_now
from tests.api.conftest import Running, assert_problem, picture, upload
from tests.api.test_cameras_api import add, admin, reviewer
from tests.api.test_many_at_once import postgres_url, server
from tests.cases.patrols import at, ended, incident, jpeg, look, proof

__all__ = ["admin", "postgres_url", "reviewer", "server"]


def patrol(
    server: Running, camera_id: int, seed: int = 1, *, over: bool = False
) -> tuple[str, int]:
    """Looks of a camera that opened an incident; its id and its lead's."""
    db, store = server.services.db, server.services.store
    one = incident(camera_id, seed)
    kept = keep_looks(
        db,
        [look(camera_id, 4), look(camera_id, 5, IncidentNow(one, proof(store, one, seed)))],
        clock=lambda: at(5),
    )
    if over:
        keep_looks(db, [look(camera_id, 6, IncidentNow(ended(one, 6)))], clock=lambda: at(6))
    return one.id, kept.filed[0].lead.lead_id


def test_what_a_camera_sees_is_shown_with_its_state_view_incidents_and_notices(
    server: Running, admin: httpx.Client, reviewer: httpx.Client
) -> None:
    camera = add(admin)
    view = f"cameras/{camera['id']}/view"
    assert_problem(reviewer.get(view), 404)
    incident_id, lead_id = patrol(server, camera["id"])
    folder = server.services.options.views_dir
    assert folder is not None
    folder.mkdir()
    (folder / f"{camera['id']}.jpg").write_bytes(jpeg(7))
    with server.services.db.write() as session:
        session.add(
            CameraNoticeRow(
                camera_id=camera["id"], kind="fault", what="blurred", detail="",
                began_at=at(1), ended_at=at(2),
            )
        )  # fmt: skip
        session.add(
            CameraNoticeRow(
                camera_id=camera["id"], kind="outage", what="unreachable", detail="no route",
                began_at=at(3), ended_at=None,
            )
        )  # fmt: skip

    (shown,) = reviewer.get("cameras").json()["items"]
    status = shown["status"]
    assert (status["state"], status["looks"], status["looks_inspected"]) == ("live", 2, 2)
    assert status["text"] == {"zh": "在线", "en": "Live"}
    assert status["sightings"] == [
        {"label": "litter", "confidence": 0.8, "box": [0.1, 0.5, 0.3, 0.7]}
    ]
    assert shown["open_incidents"] == 1
    assert shown["view_url"] == f"/api/v1/cameras/{camera['id']}/view?v=abababab"
    seen = httpx.get(server.url + shown["view_url"], headers=dict(reviewer.headers))
    assert seen.headers["content-type"] == "image/jpeg"
    assert seen.headers["content-security-policy"].startswith("sandbox")
    assert seen.content == jpeg(7)

    answer = reviewer.get("incidents", params={"camera_id": camera["id"], "stage": "open"})
    page = answer.json()
    (one,) = page["items"]
    assert page["total"] == 1
    assert (one["id"], one["lead_id"], one["label"]) == (incident_id, lead_id, "litter")
    assert one["camera"] == {"id": camera["id"], "name": "north gate"}
    assert (one["suspects"], one["ended_at"]) == (0, None)
    assert reviewer.get("incidents", params={"stage": "ended"}).json()["items"] == []
    lead = reviewer.get(f"leads/{lead_id}").json()
    assert lead["camera"] == {"id": camera["id"], "name": "north gate"}
    assert lead["incident_id"] == incident_id
    assert lead["photo"]["channel"] == "camera"
    for kind in ("before", "strip", "masked"):
        drawn = reviewer.get(f"evidence/{lead['evidence'][kind]}/{kind}")
        assert drawn.headers["content-type"] == "image/jpeg"

    notices = reviewer.get("notices").json()["items"]
    assert [(one["what"], one["ended_at"] is None) for one in notices] == [
        ("unreachable", True),
        ("blurred", False),
    ]
    assert notices[0]["text"] == {"zh": "无法连接到主机", "en": "The host cannot be reached"}
    assert notices[1]["text"] == {"zh": "画面模糊", "en": "The view is blurred"}
    (still,) = reviewer.get("notices", params={"open": "true"}).json()["items"]
    assert still["detail"] == "no route"
    assert len(reviewer.get(f"cameras/{camera['id']}/notices").json()["items"]) == 2
    assert_problem(reviewer.get("cameras/999/notices"), 404)
    admin.delete(f"cameras/{camera['id']}")
    assert_problem(reviewer.get(view), 404)
    assert reviewer.get("notices").json() == {"items": []}
    assert reviewer.get("incidents").json()["total"] == 1


def test_incidents_come_in_pages_the_last_opened_first(
    server: Running, admin: httpx.Client, reviewer: httpx.Client
) -> None:
    cameras = [add(admin, f"gate {number}")["id"] for number in range(5)]
    for seed, camera in enumerate(cameras):
        patrol(server, camera, seed)  # all opened at the same instant
    seen: list[str] = []
    cursor = None
    while True:
        params = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = reviewer.get("incidents", params=params).json()
        seen += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == page["total"] == 5
    for wrong in ("x", "WzFd", "WyJhIiwiYiJd"):
        assert_problem(reviewer.get("incidents", params={"cursor": wrong}), 422, "cursor")
    assert_problem(reviewer.get("incidents", params={"stage": "candidate"}), 422, "stage")
    assert_problem(reviewer.get("incidents/none%00such"), 404)


def test_suspect_vehicles_are_shown_and_judged(
    server: Running, admin: httpx.Client, reviewer: httpx.Client
) -> None:
    camera = add(admin)
    incident_id, _ = patrol(server, camera["id"])
    kept = server.services.store.put(jpeg(3), "image/jpeg")
    with server.services.db.write() as session:
        for before in (90.0, 20.0):
            session.add(
                SuspectRow(
                    incident_id=incident_id, camera_id=camera["id"],
                    at=at(0) - timedelta(seconds=before), seconds_before=before, label="truck",
                    confidence=0.8, box=[0.1, 0.1, 0.4, 0.4], object_key=kept.key,
                    sha256=kept.sha256, media_type="image/jpeg", verdict=None, decided_by=None,
                    decided_at=None,
                )
            )  # fmt: skip
    assert reviewer.get("incidents").json()["items"][0]["suspects"] == 2
    found = reviewer.get(f"incidents/{incident_id}").json()
    assert [one["seconds_before"] for one in found["suspects"]] == [20.0, 90.0]
    first = found["suspects"][0]
    assert first["camera"] == {"id": camera["id"], "name": "north gate"}
    crop = httpx.get(server.url + first["picture_url"], headers=dict(reviewer.headers))
    assert crop.content == jpeg(3)
    path = f"suspects/{first['id']}/verdict"
    said = reviewer.post(path, json={"verdict": "confirmed"}).json()
    assert said["verdict"] == "confirmed"
    assert said["decided_by"].startswith("token:")
    back = reviewer.post(path, json={"verdict": None}).json()
    assert (back["verdict"], back["decided_by"], back["decided_at"]) == (None, None, None)
    assert_problem(reviewer.post(path, json={"verdict": "guilty"}), 422, "verdict")
    assert_problem(reviewer.post(path, json={}), 422, "verdict")
    assert_problem(reviewer.post("suspects/99/verdict", json={"verdict": "confirmed"}), 404)
    assert_problem(reviewer.get("suspects/99/picture"), 404)
    with server.services.db.session() as session:
        judged = session.execute(
            text("SELECT detail FROM history WHERE action = 'suspect.judged'")
        ).all()
    assert len(judged) == 2


def test_a_rejected_lead_makes_a_suppression_that_can_be_lifted(
    server: Running, admin: httpx.Client, reviewer: httpx.Client
) -> None:
    camera = add(admin)
    _, lead_id = patrol(server, camera["id"], over=True)
    early = reviewer.post("suppressions", json={"lead_id": lead_id})
    assert_problem(early, 409)
    reviewer.post(f"leads/{lead_id}/decision", json={"verdict": "reject"})
    preview = reviewer.post("suppressions/preview", json={"lead_id": lead_id}).json()
    assert preview["camera"] == {"id": camera["id"], "name": "north gate"}
    assert (preview["label"], preview["days"]) == ("litter", 7)
    assert isinstance(preview["incidents"], int)
    made = reviewer.post("suppressions", json={"lead_id": lead_id, "days": 9, "note": "a bin"})
    assert made.status_code == 201
    assert made.json()["standing"] is True
    assert admin.get(f"cameras/{camera['id']}").json()["revision"] == 2
    listed = reviewer.get("suppressions", params={"camera_id": camera["id"]}).json()["items"]
    assert listed == [made.json()]
    lifted = reviewer.delete(f"suppressions/{made.json()['id']}").json()
    assert lifted["standing"] is False
    assert reviewer.get("suppressions", params={"standing": "true"}).json() == {"items": []}
    assert_problem(reviewer.delete(f"suppressions/{made.json()['id']}"), 409)
    wrong = reviewer.post("suppressions", json={"lead_id": lead_id, "days": 0})
    assert_problem(wrong, 422, "days")
    (photo,) = upload(reviewer, ("a.jpg", picture(seed=3)))
    asked = reviewer.post("suppressions/preview", json={"lead_id": photo["leads"][0]["id"]})
    assert_problem(asked, 422, "lead_id")


def test_rules_are_replayed_before_they_are_saved(
    server: Running, admin: httpx.Client, reviewer: httpx.Client
) -> None:
    camera = add(admin)
    looks = [look(camera["id"], number) for number in range(60)]
    keep_looks(server.services.db, looks, clock=lambda: at(60))
    days = (utc_now() - at(-1)) / timedelta(days=1)
    assert days > 30, "the made-up looks are old"
    path = f"cameras/{camera['id']}/replay"
    nothing = reviewer.post(path, json={"rules": {}, "days": 30}).json()
    assert (nothing["looks"], nothing["since"], nothing["list"]) == (0, None, [])
    with server.services.db.write() as session:
        rows = session.execute(text("SELECT id FROM observation ORDER BY id")).all()
        for number, (row_id,) in enumerate(rows):
            recent = utc_now() - timedelta(hours=1) + timedelta(seconds=10 * number)
            if not server.services.db.is_postgres:
                recent = recent.replace(tzinfo=None)
            session.execute(
                text("UPDATE observation SET at = :at WHERE id = :id"),
                {"at": recent if server.services.db.is_postgres else str(recent), "id": row_id},
            )
    quick = {"zones": [{"id": "all", "persistence": {"litter": {"dwell_s": 60}}}]}
    found = reviewer.post(path, json={"rules": quick}).json()
    assert (found["looks"], found["incidents"], found["instead_of"]) == (60, 1, 1)
    assert found["list"][0]["zone"] == "all"
    nowhere = {"zones": [{"id": "sky", "polygon": [[0, 0], [1, 0], [1, 0.2]]}]}
    found = reviewer.post(path, json={"rules": nowhere, "days": 1}).json()
    assert (found["incidents"], len(found["removed"])) == (0, 1)
    assert_problem(reviewer.post(path, json={"rules": {"zone": []}}), 422, "rules")
    assert_problem(reviewer.post(path, json={"rules": {}, "days": 31}), 422, "days")
    assert_problem(reviewer.post("cameras/99/replay", json={"rules": {}}), 404)
    assert admin.get(f"cameras/{camera['id']}").json()["revision"] == 1
