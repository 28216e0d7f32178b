"""The running cameras of `patrol up`, opened from the settings."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

from api.services import Services
from cases.running import CameraRows
from patrol.camera_access import camera_opener
from patrol.cameras.brain import Brain
from patrol.cameras.config import RunnerConfig
from patrol.cameras.meters import CameraMeters
from patrol.cameras.runner import CameraRunner
from patrol.settings import Settings

_MOST_WORKERS: Final = 16


def camera_runner(
    settings: Settings, services: Services, brain: Callable[[], Brain]
) -> CameraRunner:
    """A runner on the service's own database, store and meters; it is not started."""
    return CameraRunner(
        services.db,
        services.store,
        settings.data_dir,
        rows=CameraRows(services.db, services.sealer),
        brain=brain,
        open_camera=camera_opener(settings),
        config=RunnerConfig(
            workers=settings.camera_workers or min(_MOST_WORKERS, os.cpu_count() or 1),
            suspect_minutes=settings.suspect_minutes,
            keep_days=settings.observation_days,
        ),
        meters=CameraMeters(services.metrics.registry),
        policy=services.case_policy,
    )
