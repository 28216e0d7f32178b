"""Opens the rooms below from the settings and hands them to each other."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from api.services import Eyes, Options, Services
from api.uploads import UploadLimits
from cases.codes import CODES
from cases.database import Database
from cases.errors import InvalidError
from cases.limits import WorkingHours
from cases.policy import CasePolicy
from cases.store import FolderStore
from detector.photo import PhotoLimits
from patrol.settings import Settings

REPOSITORY: Final = Path(__file__).resolve().parent.parent
_MIB: Final = 1024 * 1024
_MOST_WORKERS: Final = 4


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


def make_services(settings: Settings, db: Database, eyes: Callable[[], Eyes]) -> Services:
    """All that the API needs; raises StartError."""
    return Services(
        db=db,
        store=open_store(settings),
        eyes=eyes,
        case_policy=case_policy(settings),
        options=make_options(settings),
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
        web_dir=settings.web_dir or REPOSITORY / "web" / "dist",
    )
