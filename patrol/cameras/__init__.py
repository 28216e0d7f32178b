"""The running cameras: from rows to looks, incidents and leads, over any crash."""

from patrol.cameras.brain import Brain
from patrol.cameras.config import RunnerConfig
from patrol.cameras.runner import CameraRunner

__all__ = ["Brain", "CameraRunner", "RunnerConfig"]
