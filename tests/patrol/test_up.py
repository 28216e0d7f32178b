"""`patrol up` as a person meets it: first start, restart, refusal, stop, and a kill in between."""

from __future__ import annotations

import shutil
import signal
import socket
import stat
from pathlib import Path

import httpx
import pytest
import yaml

from models import ModelCard, ModelError, load_card
from models.registry import ACTIVE_FILE, Registry
from patrol.demo import DEMO_DIR, load_demo
from patrol.eyes import open_eyes
from patrol.model import choose_card, choose_photo_card
from patrol.settings import load_settings
from tests.cases.servers import private_server, server_programs
from tests.conftest import require
from tests.patrol.service import patrol, require_model, up


@pytest.fixture(autouse=True)
def _model() -> None:
    require_model()


def test_the_first_start_shows_address_and_password_once(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with up(data) as service:
        first = service.first_password
        assert first is not None
        health = httpx.get(f"{service.url}/healthz").json()
        assert health["status"] == "ok"
        with service.admin() as admin:
            assert admin.get("leads").json()["total"] == 0
        assert service.stop() in (0, -signal.SIGTERM)
        assert first not in "".join(service.errors)
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    with up(data) as again:
        assert again.first_password is None
        with again.admin() as admin:
            assert admin.get("session").json()["user"]["name"] == "admin"


def test_it_stops_on_ctrl_c_without_a_traceback(tmp_path: Path) -> None:
    with up(tmp_path / "data") as service:
        assert service.url
        assert service.stop(signal.SIGINT) == 0
        assert "Traceback" not in "".join(service.output + service.errors)


def test_a_taken_port_is_told_and_leaves_no_half_made_installation(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused = patrol(data, "up", PATROL_PORT=port)
    assert refused.returncode == 1
    assert port in refused.stderr
    assert "PATROL_PORT" in refused.stderr
    assert "Traceback" not in refused.stderr
    with up(data) as service:
        assert service.first_password is not None


def test_an_unknown_model_is_told(tmp_path: Path) -> None:
    refused = patrol(tmp_path / "data", "up", PATROL_MODEL="no-such-model")
    assert refused.returncode == 1
    assert "no-such-model" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_provider_this_machine_does_not_have_is_told(tmp_path: Path) -> None:
    refused = patrol(tmp_path / "data", "up", PATROL_PROVIDERS="NoSuchProvider")
    assert refused.returncode == 1
    assert "PATROL_PROVIDERS" in refused.stderr
    assert "NoSuchProvider" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_data_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    refused = patrol(blocked / "data", "up")
    assert refused.returncode == 1
    assert "PATROL_DATA_DIR" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_database_that_cannot_be_reached_is_told_without_its_password(tmp_path: Path) -> None:
    url = "postgresql+psycopg://patrol:very-secret@127.0.0.1:1/patrol"
    refused = patrol(tmp_path / "data", "up", PATROL_DATABASE_URL=url)
    assert refused.returncode == 1
    assert "database" in refused.stderr
    assert "very-secret" not in refused.stderr + refused.stdout
    assert "Traceback" not in refused.stderr


@pytest.mark.postgres
def test_the_same_service_runs_on_postgresql(tmp_path: Path) -> None:
    programs = server_programs()
    require("postgres", programs is not None, "there is no PostgreSQL server")
    assert programs is not None
    with (
        private_server(programs) as url,
        up(tmp_path / "data", PATROL_DATABASE_URL=url) as service,
        service.admin() as admin,
    ):
        assert admin.get("leads").json()["total"] == 0
        assert len(admin.get("units").json()) >= 2
    assert not (tmp_path / "data" / "patrol.db").exists()


def test_a_token_is_printed_alone_and_works(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with up(data) as service:
        made = patrol(data, "token", "create", "--role", "viewer", "--name", "wall")
        assert made.returncode == 0, made.stderr
        secret = made.stdout.strip()
        assert secret.startswith("vp_")
        headers = {"Authorization": f"Bearer {secret}"}
        assert httpx.get(f"{service.url}/api/v1/leads", headers=headers).status_code == 200
        listed = patrol(data, "token", "list").stdout
        assert "wall" in listed
        assert secret not in listed
        number = listed.split("\t")[0]
        assert patrol(data, "token", "revoke", number).returncode == 0
        assert httpx.get(f"{service.url}/api/v1/leads", headers=headers).status_code == 401


def test_users_are_looked_after_from_the_terminal(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with up(data) as service:
        refused = patrol(data, "user", "create", "li", "--role", "unit")
        assert refused.returncode == 1
        assert "unit" in refused.stderr
        made = patrol(
            data,
            "user",
            "create",
            "li",
            "--role",
            "dispatcher",
            "--stdin",
            text="a password\n",
        )
        assert made.returncode == 0, made.stderr
        login = {"username": "li", "password": "a password"}
        session = f"{service.url}/api/v1/session"
        assert httpx.post(session, json=login).status_code == 200
        assert patrol(data, "user", "password", "li").returncode == 0
        assert httpx.post(session, json=login).status_code == 401
        assert patrol(data, "user", "disable", "li").returncode == 0
        assert "locked out" in patrol(data, "user", "list").stdout


def test_only_a_trusted_proxy_may_say_who_is_asking(tmp_path: Path) -> None:
    def guesses(url: str, name: str) -> list[int]:
        return [
            httpx.post(
                f"{url}/api/v1/session",
                json={"username": name, "password": "a guess"},
                headers={"X-Forwarded-For": f"203.0.113.{number}"},
            ).status_code
            for number in range(6)
        ]

    data = tmp_path / "data"
    with up(data) as service:
        assert guesses(service.url, "one") == [401] * 5 + [429]
    with up(data, PATROL_TRUSTED_PROXIES="127.0.0.1") as service:
        assert guesses(service.url, "two") == [401] * 6


@pytest.fixture
def _demo() -> None:
    require("demo", (DEMO_DIR / "manifest.json").is_file(), "datasets/demo has no pictures")


@pytest.mark.usefixtures("_demo")
def test_the_demo_is_filed_once_whatever_happens_meanwhile(tmp_path: Path) -> None:
    data = tmp_path / "data"
    pictures = len(load_demo())
    with up(data, "--demo") as service:
        service.wait_for("demo picture filed", service.errors)
        with service.admin() as admin:
            assert admin.get("session").status_code == 200
        service.stop(signal.SIGKILL)
    with up(data, "--demo") as service:
        service.wait_for("demo ready", service.errors)
        with service.admin() as admin:
            leads = admin.get("leads", params={"limit": 200}).json()
            assert leads["total"] > 0
            for lead in leads["items"]:
                assert lead["photo"]["channel"] == "demo"
                assert lead["place"]["text"]
                shown = admin.get(f"evidence/{lead['evidence']['annotated']}/annotated")
                assert shown.headers["content-type"] == "image/jpeg"
        service.stop()
    with up(data, "--demo") as service:
        ready = service.wait_for(r"demo ready.*", service.errors).group(0)
        assert "new=0" in ready
        assert f"pictures={pictures}" in ready
        with service.admin() as admin:
            assert admin.get("leads").json()["total"] == leads["total"]
    checked = patrol(data, "evidence", "verify")
    assert checked.returncode == 0, checked.stderr
    assert "0 problems" in checked.stdout


@pytest.mark.usefixtures("_demo")
def test_damaged_evidence_is_found(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with up(data, "--demo") as service:
        service.wait_for("demo ready", service.errors)
        with service.admin() as admin:
            lead = admin.get("leads").json()["items"][0]
    # files lie under their own sha256
    victim = next((data / "evidence").rglob(f"*{lead['photo']['sha256']}*"))
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.chmod(0o600)
    victim.write_bytes(content)
    report = tmp_path / "report.json"
    checked = patrol(data, "evidence", "verify", "--json", str(report))
    assert checked.returncode == 1
    assert f"evidence {lead['evidence']['original']}" in checked.stderr
    assert '"intact": false' in report.read_text()


def test_a_promoted_model_serves_without_a_restart(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for name in ("model-one", "model-two"):
        renamed_copy(load_card(load_settings().model), data / "models" / name)
    registry = Registry(data)
    (registry.folder / ACTIVE_FILE).write_text("model-one\n")
    with up(data, PATROL_MODEL="") as service:
        health = f"{service.url}/healthz"
        assert httpx.get(health).json()["model"]["name"] == "model-one"
        registry.promote("model-two", reason="it is better")
        service.wait_for("model exchanged", service.errors)
        assert httpx.get(health).json()["model"]["name"] == "model-two"


def test_a_promoted_model_that_is_broken_leaves_the_old_one_in_service(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for name in ("model-one", "model-two"):
        renamed_copy(load_card(load_settings().model), data / "models" / name)
    registry = Registry(data)
    (registry.folder / ACTIVE_FILE).write_text("model-one\n")
    with up(data, PATROL_MODEL="") as service:
        assert service.url
        registry.promote("model-two", reason="it is better")
        (data / "models" / "model-two" / "card.yaml").write_text("name: broken")
        service.wait_for("the present one stays", service.errors)
        assert httpx.get(f"{service.url}/healthz").json()["model"]["name"] == "model-one"


def test_photos_can_have_a_model_of_their_own(tmp_path: Path) -> None:
    for name in ("model-one", "model-two"):
        renamed_copy(load_card(load_settings().model), tmp_path / name)
    one, two = str(tmp_path / "model-one"), str(tmp_path / "model-two")
    both = load_settings(data_dir=tmp_path, model=one, photo_model=two)
    eyes, brain = open_eyes(load_card(one), choose_photo_card(both, load_card(one)), both)
    assert (eyes.model.name, brain.model) == ("model-two", "model-one")
    with_one = load_settings(data_dir=tmp_path, model=one)
    assert choose_photo_card(with_one, load_card(one)) == load_card(one)
    unknown = load_settings(data_dir=tmp_path, model=one, photo_model="nonesuch")
    with pytest.raises(ModelError, match="nonesuch"):
        choose_photo_card(unknown, load_card(one))

    path = tmp_path / "model-one" / "card.yaml"
    plain = path.read_text("utf-8")
    path.write_text(f"{plain}photos: model-two\n", "utf-8")
    assert choose_photo_card(with_one, choose_card(with_one)) == load_card(two)
    alike = load_settings(data_dir=tmp_path, model=one, photo_model=one)
    assert choose_photo_card(alike, choose_card(alike)) == load_card(one)
    for wrong in ("model-three", "../model-two"):
        path.write_text(f"{plain}photos: {wrong}\n", "utf-8")
        with pytest.raises(ModelError, match="photos: "):
            choose_photo_card(with_one, choose_card(with_one))


def renamed_copy(card: ModelCard, folder: Path) -> None:
    """A copy of a model under another name, with other thresholds."""
    shutil.copytree(card.directory, folder)
    path = folder / "card.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["name"] = folder.name
    content.pop("photos", None)
    for value in content["thresholds"].values():
        value["review"] = 0.1 if folder.name.endswith("one") else 0.2
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
