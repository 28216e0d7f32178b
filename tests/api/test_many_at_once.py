"""The same API on SQLite and PostgreSQL, with several people at it at once."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import create_engine, make_url, text

from cases.actors import Role
from cases.database import Database
from tests.api.conftest import PASSWORD, Running, Start, assert_problem, picture, upload
from tests.cases.servers import with_database


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A fresh PostgreSQL database with its tables."""
    name = f"patrol_{uuid.uuid4().hex}"
    engine = create_engine(
        make_url(postgres_server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    db = Database(with_database(postgres_server, name))
    db.migrate()
    db.close()
    yield with_database(postgres_server, name)
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def server(request: pytest.FixtureRequest, start: Start) -> Running:
    if request.param == "sqlite":
        return start(workers=3)
    return start(request.getfixturevalue("postgres_url"), workers=3)


def test_many_at_once_make_every_lead_and_case_once(server: Running) -> None:
    reviewer = server.client(server.token(Role.REVIEWER))
    files = [(f"{seed}.jpg", picture(seed=seed)) for seed in range(8)]

    # every photo is sent twice, all at the same time
    with ThreadPoolExecutor(8) as people:
        answers = list(people.map(lambda file: upload(reviewer, file)[0], files * 2))

    leads = {lead["id"] for answer in answers for lead in answer["leads"]}
    assert len(leads) == 8
    assert sum(answer["duplicate"] for answer in answers) == 8
    assert reviewer.get("leads").json()["total"] == 8

    # every lead is confirmed by two people at the same time
    with ThreadPoolExecutor(8) as people:
        statuses = list(
            people.map(
                lambda lead: (
                    reviewer.post(f"leads/{lead}/decision", json={"verdict": "confirm"}).status_code
                ),
                sorted(leads) * 2,
            )
        )
    assert sorted(statuses) == [200] * 8 + [409] * 8
    cases = reviewer.get("cases", params={"status": "PENDING_DISPATCH"}).json()
    assert cases["total"] == 8
    assert len({case["number"] for case in cases["items"]}) == 8

    # and every case is claimed by two
    dispatcher = server.client(server.token(Role.DISPATCHER))
    numbers = [case["id"] for case in cases["items"]]
    with ThreadPoolExecutor(8) as people:
        statuses = list(
            people.map(lambda n: dispatcher.post(f"cases/{n}/claim").status_code, numbers * 2)
        )
    assert sorted(statuses) == [200] * 8 + [409] * 8


def test_sessions_pages_and_evidence_work_the_same(server: Running) -> None:
    server.user("wang", Role.REVIEWER)
    with server.log_in("wang") as client:
        (photo,) = upload(client, ("a.jpg", picture()))
        shown = client.get(f"evidence/{photo['leads'][0]['evidence']['masked']}/masked")
        assert shown.headers["content-type"] == "image/jpeg"
        assert_problem(client.get("leads", params={"cursor": "nonsense"}), 422, "cursor")
        assert client.get("summary").json()["leads_review"] == 1
    guesses = [
        server.client().post("session", json={"username": "wang", "password": "wrong"}).status_code
        for _ in range(6)
    ]
    assert guesses == [401] * 5 + [429]
    assert PASSWORD not in repr(server.services.db)
