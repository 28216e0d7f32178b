"""The main job over HTTP: photo in, lead reviewed, case in the queue, case claimed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import httpx

from cases.actors import Role
from tests.api.conftest import GREEN, MODEL, RED, Running, assert_problem, picture, upload


def one_lead(client: httpx.Client, seed: int = 0, **fields: str) -> dict[str, Any]:
    (photo,) = upload(client, ("street.jpg", picture(RED, seed=seed)), **fields)
    (lead,) = photo["leads"]
    return lead


def test_a_photo_becomes_a_lead_with_all_that_the_desk_shows(
    server: Running, reviewer: httpx.Client
) -> None:
    (photo,) = upload(
        reviewer,
        ("C:\\photos\\街口.jpg", picture()),
        lat="30.75",
        lon="120.75",
        captured_at="2026-07-01T08:30:00+08:00",
        note=" by the gate ",
    )

    assert photo["filename"] == "街口.jpg"
    assert photo["duplicate"] is False
    (lead,) = photo["leads"]
    assert lead["status"] == "review"
    assert lead["label"] == lead["model_label"] == "litter"
    assert lead["confidence"] == 0.9
    assert lead["box"] == [40.0, 60.0, 120.0, 110.0]
    assert lead["boxes"] == [[40.0, 60.0, 120.0, 110.0]]
    assert lead["photo"]["sha256"] == photo["sha256"]
    assert lead["photo"]["captured_at"] == "2026-07-01T00:30:00Z"
    assert lead["photo"]["note"] == "by the gate"
    assert lead["photo"]["channel"] == "upload"
    assert (lead["place"]["lat"], lead["place"]["lon"]) == (30.75, 120.75)
    assert lead["model"] == {"name": MODEL.name, "sha256": MODEL.sha256}
    assert lead["rule"] == {"kind": "threshold", "threshold": 0.5}
    pictures = {kind for kind, evidence_id in lead["evidence"].items() if evidence_id}
    assert pictures == {"original", "annotated", "closeup", "masked"}
    assert (lead["camera"], lead["incident_id"]) == (None, None)
    assert lead["decision"] is None
    assert lead["case_id"] is None
    assert reviewer.get(f"leads/{lead['id']}").json() == lead
    listed = reviewer.get("leads", params={"status": "review"}).json()
    assert listed == {"items": [lead], "next_cursor": None, "total": 1}


def test_a_confirmed_lead_stands_in_the_queue_and_is_claimed(
    server: Running, reviewer: httpx.Client
) -> None:
    lead = one_lead(reviewer)

    decided = reviewer.post(f"leads/{lead['id']}/decision", json={"verdict": "confirm"})

    assert decided.status_code == 200
    assert decided.json()["status"] == "confirmed"
    assert decided.json()["decision"]["verdict"] == "confirm"
    case_id = decided.json()["case_id"]
    queue = reviewer.get("cases", params={"status": "PENDING_DISPATCH"}).json()
    (case,) = queue["items"]
    assert case["id"] == case_id
    assert case["standard"]["code"] == "06010"
    assert case["lead_ids"] == [lead["id"]]
    assert case["cover_evidence_id"] == lead["evidence"]["closeup"]
    filed, due = (datetime.fromisoformat(case[name]) for name in ("dispatched_at", "due_at"))
    assert due > filed
    assert case["unit"]["name_zh"]

    with server.client(server.token(Role.DISPATCHER)) as dispatcher:
        claimed = dispatcher.post(f"cases/{case_id}/claim")
        assert claimed.status_code == 200
        assert claimed.json()["state"] == "HANDLING"
        assert claimed.json()["claimed_by"]
        assert_problem(dispatcher.post(f"cases/{case_id}/claim"), 409)
        detail = dispatcher.get(f"cases/{case_id}").json()
    assert {item["kind"] for item in detail["evidence"]} == {
        "original",
        "annotated",
        "closeup",
        "masked",
    }
    assert [line["to_state"] for line in detail["history"]][-1] == "HANDLING"
    assert [item["id"] for item in detail["leads"]] == [lead["id"]]
    assert reviewer.get("cases", params={"status": "pending_dispatch"}).json()["items"] == []
    assert len(reviewer.get("cases", params={"status": "open"}).json()["items"]) == 1


def test_a_decision_is_taken_back_until_the_case_is_claimed(
    server: Running, reviewer: httpx.Client
) -> None:
    lead = one_lead(reviewer)
    path = f"leads/{lead['id']}/decision"
    case_id = reviewer.post(path, json={"verdict": "confirm"}).json()["case_id"]

    undone = reviewer.delete(path)

    assert undone.status_code == 200
    assert undone.json()["status"] == "review"
    assert undone.json()["decision"] is None
    assert reviewer.get(f"cases/{case_id}").json()["state"] == "VOID"
    assert_problem(reviewer.delete(path), 409)

    again = reviewer.post(path, json={"verdict": "confirm"}).json()["case_id"]
    with server.client(server.token(Role.DISPATCHER)) as dispatcher:
        assert dispatcher.post(f"cases/{again}/claim", json={}).status_code == 200
    assert_problem(reviewer.delete(path), 409)


def test_the_class_is_corrected_with_the_decision(reviewer: httpx.Client) -> None:
    lead = one_lead(reviewer)

    decided = reviewer.post(
        f"leads/{lead['id']}/decision", json={"verdict": "confirm", "class": "stacked_goods"}
    ).json()

    assert decided["label"] == "stacked_goods"
    assert decided["model_label"] == "litter"
    case = reviewer.get(f"cases/{decided['case_id']}").json()
    assert case["standard"]["code"] == "06036"


def test_a_rejected_lead_makes_no_case(reviewer: httpx.Client) -> None:
    lead = one_lead(reviewer)

    decided = reviewer.post(
        f"leads/{lead['id']}/decision", json={"verdict": "reject", "reason": "leaves, not litter"}
    ).json()

    assert decided["status"] == "rejected"
    assert decided["decision"]["reason"] == "leaves, not litter"
    assert reviewer.get("cases").json()["total"] == 0
    assert_problem(reviewer.post(f"leads/{lead['id']}/decision", json={"verdict": "confirm"}), 409)


def test_a_wrong_decision_names_the_field(reviewer: httpx.Client) -> None:
    lead = one_lead(reviewer)
    path = f"leads/{lead['id']}/decision"

    assert_problem(reviewer.post(path, json={"verdict": "maybe"}), 422, "verdict")
    assert_problem(reviewer.post(path, json={}), 422, "verdict")
    assert_problem(reviewer.post(path, json={"verdict": "confirm", "label": "ufo"}), 422, "label")
    assert_problem(reviewer.post(path, json={"verdict": "confirm", "x": 1}), 422, "x")
    assert_problem(reviewer.post(path, content=b"{"), 422)
    assert_problem(reviewer.post("leads/999/decision", json={"verdict": "confirm"}), 404)
    assert_problem(reviewer.get("leads/0"), 422, "lead_id")
    assert_problem(reviewer.get("leads/99999999999999999999"), 422, "lead_id")
    assert reviewer.get(f"leads/{lead['id']}").json()["status"] == "review"


def test_the_same_photo_twice_is_one_lead_and_one_look(
    server: Running, reviewer: httpx.Client
) -> None:
    data = picture()
    (first,) = upload(reviewer, ("a.jpg", data))
    (second,) = upload(reviewer, ("b.jpg", data))

    assert second["duplicate"] is True
    assert (second["id"], second["sha256"]) == (first["id"], first["sha256"])
    assert [lead["id"] for lead in second["leads"]] == [lead["id"] for lead in first["leads"]]
    assert reviewer.get("leads").json()["total"] == 1
    assert len(server.inspected) == 1


def test_a_photo_without_findings_is_kept_and_makes_no_lead(reviewer: httpx.Client) -> None:
    (photo,) = upload(reviewer, ("clean.jpg", picture(GREEN)))
    assert photo["leads"] == []
    assert photo["id"] > 0
    assert reviewer.get("leads").json()["total"] == 0


def test_the_top_line_counts(server: Running, reviewer: httpx.Client) -> None:
    first = one_lead(reviewer, 1)
    one_lead(reviewer, 2)
    reviewer.post(f"leads/{first['id']}/decision", json={"verdict": "confirm"})

    assert reviewer.get("summary").json() == {
        "leads_review": 1,
        "cases_pending": 1,
        "cases_overdue": 0,
        "decided_today": 1,
    }


def test_pages_neither_repeat_nor_lose_leads_while_new_ones_come(reviewer: httpx.Client) -> None:
    for seed in range(7):
        one_lead(reviewer, seed)
    seen: list[int] = []
    cursor: str | None = None
    extra = 100
    while True:
        params: dict[str, Any] = {"status": "review", "limit": 2}
        if cursor is not None:
            params["cursor"] = cursor
        page = reviewer.get("leads", params=params).json()
        seen += [lead["id"] for lead in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        if extra < 103:
            one_lead(reviewer, extra)
            extra += 1
    assert len(seen) == len(set(seen)) == 10


def test_a_bad_page_request_names_the_field(reviewer: httpx.Client) -> None:
    assert_problem(reviewer.get("leads", params={"cursor": "nonsense"}), 422, "cursor")
    assert_problem(reviewer.get("cases", params={"cursor": "=%00"}), 422, "cursor")
    assert_problem(reviewer.get("leads", params={"limit": 0}), 422, "limit")
    assert_problem(reviewer.get("leads", params={"limit": 201}), 422, "limit")
    assert_problem(reviewer.get("leads", params={"status": "any"}), 422, "status")
    assert_problem(reviewer.get("cases", params={"status": "LEAD"}), 422, "status")


def test_the_vocabulary_of_the_desk(reviewer: httpx.Client) -> None:
    issue = reviewer.get("classes").json()["issue"]
    assert [(row["key"], row["label"]) for row in issue] == [
        ("1", "spill"),
        ("2", "stacked_goods"),
        ("3", "stall"),
        ("4", "litter"),
        ("5", "overflowing_bin"),
    ]
    assert issue[3]["zh"] == "暴露垃圾"
    units = reviewer.get("units").json()
    assert {unit["name_zh"] for unit in units} == {"市容秩序中队", "环卫保洁公司"}
