"""Opens the rooms below from the settings and hands them to each other."""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from api.services import Eyes, Options, Services
from api.uploads import UploadLimits
from cases.codes import CODES
from cases.database import Database
from cases.errors import InvalidError
from cases.limits import WorkingHours
from cases.policy import CasePolicy
from cases.running import unreadable_cameras
from cases.sealing import Sealer
from cases.store import FolderStore
from detector.photo import PhotoLimits
from detector.types import Detection, Image, Photo
from patrol.settings import Settings
from patrol.test_look import make_test_look

REPOSITORY: Final = Path(__file__).resolve().parent.parent
_MIB: Final = 1024 * 1024
_MOST_WORKERS: Final = 4
_KEY_FILE: Final = "camera.key"

log = structlog.get_logger("patrol")


class StartError(Exception):
    """The service cannot start; the message says what to do about it."""


def open_database(settings: Settings) -> Database:
    """The database with its tables at the newest revision; makes the data folder.

    Raises:
        StartError: the folder cannot be written, or the database not be reached or migrated.
    """
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StartError(f"PATROL_DATA_DIR: cannot make {settings.data_dir}: {error}") from error
    try:
        db = Database(settings.database_address)
        db.migrate()
    except InvalidError as error:
        raise StartError(f"PATROL_DATABASE_URL: {error.message}") from error
    except ModuleNotFoundError as error:
        raise StartError(
            f"PATROL_DATABASE_URL: needs {error.name}, which the extra `postgres` brings:"
            " make dev EXTRAS=dev,postgres"
        ) from error
    except SQLAlchemyError as error:
        # the database's own words (the address with its password is not among them)
        reason = str(getattr(error, "orig", None) or type(error).__name__).strip()
        raise StartError(f"the database cannot be opened: {reason}") from error
    return db


def open_store(settings: Settings) -> FolderStore:
    """The evidence store of these settings."""
    return FolderStore(settings.evidence_dir)


def case_policy(settings: Settings) -> CasePolicy:
    """How confirmed leads become cases, from these settings; raises StartError."""
    if settings.standard not in CODES:
        known = "; ".join(CODES)
        raise StartError(f"PATROL_STANDARD: expected one of {known}; got {settings.standard}")
    return CasePolicy(
        prefix=settings.case_prefix,
        standard_ref=settings.standard,
        hours=WorkingHours(timezone=settings.zone),
    )


def open_sealer(settings: Settings, db: Database) -> Sealer:
    """What encrypts camera addresses: PATROL_CAMERA_KEY, else a key file made at the first start.

    Cameras whose address was encrypted with another key are named in the log; they are not
    patrolled until the key is back or their address is entered again.

    Raises:
        StartError: the key is none, or its file cannot be read or made.
    """
    if settings.camera_key is not None:
        where, key = "PATROL_CAMERA_KEY", settings.camera_key.get_secret_value().encode()
    else:
        path = settings.data_dir / _KEY_FILE
        where = str(path)
        try:
            key = _key_from(path)
        except OSError as error:
            raise StartError(f"{where}: the camera key cannot be kept: {error}") from error
    try:
        sealer = Sealer(key)
    except InvalidError as error:
        raise StartError(f"{where}: {error.message}") from error
    lost = unreadable_cameras(db, sealer)
    if lost:
        log.error(
            "addresses of cameras were encrypted with another key; bring it back, or enter them"
            " again",
            key=where,
            cameras=list(lost),
        )
    return sealer


def _key_from(path: Path) -> bytes:
    """The key in the file, which is made when there is none; for its owner alone."""
    if not path.exists():
        beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        with os.fdopen(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(Sealer.new_key())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(beside, path)  # fails when another service was first: then its key counts
        except FileExistsError:
            pass
        finally:
            beside.unlink()
    return path.read_bytes().strip()


def make_services(
    settings: Settings,
    db: Database,
    eyes: Callable[[], Eyes],
    stopping: threading.Event | None = None,
) -> Services:
    """All that the API needs; ``stopping`` is set when it begins to stop. Raises StartError."""

    def detect(image: Image) -> tuple[Detection, ...]:
        height, width = image.shape[:2]
        return eyes().inspect(Photo(image, width, height, "", "image/jpeg")).detections

    return Services(
        db=db,
        store=open_store(settings),
        eyes=eyes,
        case_policy=case_policy(settings),
        sealer=open_sealer(settings, db),
        test_look=make_test_look(settings, detect),
        options=make_options(settings),
        stopping=stopping or threading.Event(),
    )


def make_options(settings: Settings) -> Options:
    """What these settings say about serving."""
    spool = settings.data_dir / "incoming"
    spool.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Options(
        https=settings.https,
        hosts=(*settings.allowed_hosts, settings.host, socket.gethostname()),
        uploads=UploadLimits(
            max_file_bytes=settings.max_file_mib * _MIB,
            max_request_bytes=settings.max_request_mib * _MIB,
            max_files=settings.max_files,
            folder=spool,
        ),
        photo_limits=PhotoLimits(
            max_bytes=settings.max_file_mib * _MIB,
            max_pixels=settings.max_megapixels * 1_000_000,
        ),
        workers=settings.workers or min(_MOST_WORKERS, os.cpu_count() or 1),
        timezone=settings.zone,
        views_dir=settings.views_dir,
        web_dir=settings.web_dir or REPOSITORY / "web" / "dist",
    )
