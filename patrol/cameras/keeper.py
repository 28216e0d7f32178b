"""Keeps a camera's background in a file, for the next start."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from detector.background import Background
from detector.background_file import BackgroundFileError, from_bytes, to_bytes
from patrol.cameras.records import replace_file

log = structlog.get_logger("patrol.cameras")


@dataclass(slots=True)
class Keeper:
    """The file, written again when ``every_s`` of the camera's time have passed."""

    path: Path
    every_s: float
    kept_at: datetime | None = None

    def see(self, background: Background | None) -> None:
        """Keep it if it is time; OSError when that cannot be done."""
        if background is None:
            return
        if self.kept_at is not None:
            if (background.at - self.kept_at).total_seconds() < self.every_s:
                return
            replace_file(self.path, to_bytes(background))
        self.kept_at = background.at

    def read(self) -> Background | None:
        """What was kept; None when there is nothing. What cannot be read is named in the log."""
        try:
            return from_bytes(self.path.read_bytes())
        except FileNotFoundError:
            return None
        except (BackgroundFileError, OSError) as error:
            log.error(
                "background of a camera is learnt anew", file=self.path.name, reason=str(error)
            )
            return None
