"""Settings: a wrong one stops the start with its name, and a password in one is never shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from patrol.cli import app
from patrol.settings import Settings, SettingsError, load_settings


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("PATROL_"):
            monkeypatch.delenv(name)


def test_the_defaults_need_nothing_and_listen_to_this_machine_alone() -> None:
    settings = load_settings()
    assert settings.host == "127.0.0.1"
    assert settings.port == 8080
    assert settings.database_address == f"sqlite:///{Path('data/patrol.db').absolute()}"
    assert settings.zone.key == "Asia/Shanghai"


def test_the_environment_sets_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATROL_PORT", "9000")
    monkeypatch.setenv("PATROL_HTTPS", "true")
    monkeypatch.setenv("PATROL_ALLOWED_HOSTS", "a.example, b.example,")
    monkeypatch.setenv("PATROL_MODEL", "")
    settings = load_settings()
    assert settings.port == 9000
    assert settings.https is True
    assert settings.allowed_hosts == ("a.example", "b.example")
    assert settings.model is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PATROL_PORT", "99999"),
        ("PATROL_PORT", "http"),
        ("PATROL_TIMEZONE", "Mars/Olympus"),
        ("PATROL_TIMEZONE", "../../etc/passwd"),
        ("PATROL_DATABASE_URL", "mysql://patrol@db/patrol"),
        ("PATROL_DATABASE_URL", "not an address"),
        ("PATROL_CASE_PREFIX", "a b"),
        ("PATROL_LOG_FORMAT", "xml"),
        ("PATROL_MERGE_METRES", "-1"),
        ("PATROL_MAX_FILES", "0"),
        ("PATROL_PROT", "8080"),
    ],
)
def test_nonsense_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        load_settings()
    result = CliRunner().invoke(app, ["up"])
    assert result.exit_code == 2
    assert name in result.stderr


def test_all_wrong_settings_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATROL_PORT", "-1")
    monkeypatch.setenv("PATROL_TIMEZONE", "nowhere")
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert "PATROL_PORT" in str(error.value)
    assert "PATROL_TIMEZONE" in str(error.value)


def test_limits_have_to_fit_together() -> None:
    with pytest.raises(SettingsError, match="max_request_mib"):
        load_settings(max_file_mib=600)


def test_a_password_in_the_database_address_is_never_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = "postgresql+psycopg://patrol:very-secret@db/patrol"
    monkeypatch.setenv("PATROL_DATABASE_URL", address)
    settings = load_settings()
    assert settings.database_address == address
    assert "very-secret" not in repr(settings) + str(settings)
    listed = CliRunner().invoke(app, ["settings"])
    assert listed.exit_code == 0
    assert "PATROL_DATABASE_URL=" in listed.output
    assert "very-secret" not in listed.output

    monkeypatch.setenv("PATROL_DATABASE_URL", "mysql://patrol:very-secret@db/patrol")
    refused = CliRunner().invoke(app, ["up"])
    assert refused.exit_code == 2
    assert "very-secret" not in refused.output + refused.stderr


def test_every_setting_says_what_it_is() -> None:
    assert all(field.description for field in Settings.model_fields.values())
