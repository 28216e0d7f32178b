"""All settings of the service in one typed place; nonsense is refused before anything starts."""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX: Final = "PATROL_"
_OTHERS: Final = frozenset({"PATROL_SHARED_DIR"})
_TESTS: Final = "PATROL_TEST_"
"""Variables of the training commands and the tests, which are no settings of the service."""

Names = Annotated[tuple[str, ...], NoDecode]
"""Several names in one variable, separated by commas."""


class SettingsError(Exception):
    """A setting is wrong; the message has one line per wrong variable."""


class Settings(BaseSettings):
    """Every field is the environment variable ``PATROL_<FIELD>``; see ``patrol settings``."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True
    )

    data_dir: Path = Field(
        default=Path("data"),
        description="folder of the database, the evidence and the models trained here",
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="SQLAlchemy address, sqlite:// or postgresql+psycopg://; default: a file in"
        " the data folder",
    )
    host: str = Field(default="127.0.0.1", min_length=1, description="address to listen on")
    port: int = Field(default=8080, ge=0, le=65535, description="port to listen on; 0 takes any")
    https: bool = Field(
        default=False,
        description="people reach the service through https (a proxy): the session cookie is sent"
        " there only, and browsers are told to stay there",
    )
    allowed_hosts: Names = Field(
        default=(),
        description="host names people use, separated by commas; * allows all. IP addresses,"
        " localhost and the machine's own name are always allowed",
    )
    trusted_proxies: Names = Field(
        default=(),
        description="addresses of reverse proxies whose X-Forwarded-For is believed, separated by"
        " commas",
    )
    model: str | None = Field(
        default=None,
        description="name or folder of the model; default: the one promoted here"
        " (`patrol models`), else the one in models/default",
    )
    photo_model: str | None = Field(
        default=None,
        description="name or folder of the model that looks at photos; default: what the card of"
        " the model names for them, else the model itself",
    )
    workers: int = Field(
        default=0,
        ge=0,
        le=64,
        description="photos inspected at the same time, each needs memory; 0 is one per"
        " processor, four at most",
    )
    threads: int = Field(
        default=1, ge=1, le=256, description="processor threads that one inspection may use"
    )
    providers: Names = Field(
        default=("CPUExecutionProvider",),
        min_length=1,
        description="what computes: OpenVINO, or ONNX Runtime execution providers, best first,"
        " separated by commas",
    )
    timezone: str = Field(
        default="Asia/Shanghai",
        description="zone of capture times that state none, and of dates in case numbers",
    )
    case_prefix: str = Field(
        default="AJ",
        pattern=r"^[A-Za-z0-9-]{0,12}$",
        description="what case numbers begin with: up to 12 letters, digits or hyphens",
    )
    standard: str = Field(
        default="GB/T 47678.5-2026", description="edition of the code table for new cases"
    )
    merge_metres: float = Field(
        default=30.0,
        gt=0,
        le=1000,
        description="photos of one class nearer than this to an open lead or case join it",
    )
    camera_key: SecretStr | None = Field(
        default=None,
        description="key that camera addresses are encrypted with, 32 bytes in URL-safe Base64;"
        " default: the file camera.key in the data folder, made at the first start",
    )
    camera_hosts: Names = Field(
        default=(),
        description="hosts cameras may have, separated by commas; *.example.org for all under a"
        " name; default: all",
    )
    camera_ports: Annotated[tuple[int, ...], NoDecode] = Field(
        default=(), description="ports cameras may have, separated by commas; default: all"
    )
    camera_networks: Names = Field(
        default=(),
        description="private address ranges cameras may be in, such as 10.0.0.0/8, separated by"
        " commas; default: none, public addresses alone",
    )
    camera_files: Path | None = Field(
        default=None,
        description="folder from which films and pictures may be played as cameras (file:///...),"
        " for demonstrations; default: none",
    )
    camera_workers: int = Field(
        default=0,
        ge=0,
        le=64,
        description="cameras looked at in the same moment; 0 is one per processor",
    )
    suspect_minutes: float = Field(
        default=10.0,
        ge=0,
        le=60,
        description="minutes before a spill in which trucks are suspects; 0 looks for none",
    )
    observation_days: float = Field(
        default=30.0,
        gt=0,
        le=366,
        description="days for which looks are kept, without pictures, to be judged again",
    )
    max_file_mib: int = Field(default=32, ge=1, le=1024, description="largest photo file, MiB")
    max_request_mib: int = Field(default=512, ge=1, le=8192, description="largest request, MiB")
    max_files: int = Field(default=50, ge=1, le=1000, description="most photos in one request")
    max_megapixels: int = Field(
        default=64, ge=1, le=1000, description="largest photo, millions of pixels"
    )
    web_dir: Path | None = Field(
        default=None, description="folder of the built review desk; default: web/dist"
    )
    log_format: Literal["console", "json"] = Field(
        default="console", description="console for people, json for log collectors"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="least level that is logged"
    )

    @field_validator(
        "allowed_hosts",
        "trusted_proxies",
        "providers",
        "camera_hosts",
        "camera_ports",
        "camera_networks",
        mode="before",
    )
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("log_format", "log_level", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("camera_ports")
    @classmethod
    def _ports(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        for port in value:
            if not 0 < port < 65536:
                raise ValueError(f"expected ports from 1 to 65535, got {port}")
        return value

    @field_validator("camera_networks")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            try:
                ipaddress.ip_network(network)
            except ValueError as error:
                raise ValueError(f"expected ranges such as 10.0.0.0/8: {error}") from error
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(
                f"expected an IANA time zone such as Asia/Shanghai: {value}"
            ) from error
        return value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        # here, so that `patrol --help` need not wait for it
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import ArgumentError

        try:
            url = make_url(value.get_secret_value())
        except ArgumentError:
            # the original error quotes the address, which may hold a password
            raise ValueError("expected sqlite:///FILE or postgresql+psycopg://...") from None
        if url.drivername not in ("sqlite", "postgresql+psycopg", "postgresql", "postgres"):
            raise ValueError(f"expected sqlite or postgresql+psycopg, got {url.drivername}")
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.max_file_mib > self.max_request_mib:
            raise ValueError(
                f"max_file_mib ({self.max_file_mib}) is more than max_request_mib"
                f" ({self.max_request_mib})"
            )
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the place."""
        return ZoneInfo(self.timezone)

    @property
    def database_address(self) -> str:
        """The database's address with its password: for connecting, never for logs."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{(self.data_dir / 'patrol.db').absolute()}"

    @property
    def evidence_dir(self) -> Path:
        """Folder of the evidence files."""
        return self.data_dir / "evidence"

    @property
    def views_dir(self) -> Path:
        """Folder of the last views of cameras, heads and plates hidden."""
        return self.data_dir / "views"


def load_settings(**given: Any) -> Settings:
    """Settings from the environment, with ``given`` ones before it.

    Raises:
        SettingsError: a value is wrong, or a PATROL_ variable is none of the settings.
    """
    known = {PREFIX + name.upper() for name in Settings.model_fields} | _OTHERS
    unknown = [
        f"{name}: there is no such setting"
        for name in sorted(os.environ)
        if name.upper().startswith(PREFIX)
        and name.upper() not in known
        and not name.upper().startswith(_TESTS)
    ]
    if unknown:
        raise SettingsError("\n".join([*unknown, "`patrol settings` lists them all"]))
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsError("\n".join(_lines(error))) from None


def _lines(error: ValidationError) -> list[str]:
    lines = []
    for item in error.errors(include_url=False, include_input=False):
        name = ".".join(str(part) for part in item["loc"][:1])
        message = item["msg"].removeprefix("Value error, ")
        lines.append(f"{PREFIX + name.upper()}: {message}" if name else message)
    return lines
