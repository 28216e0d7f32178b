"""What looks at the pictures of cameras, and under which name its findings are filed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from detector.camera import Detect
from detector.counting import Policy
from detector.types import Detection, Image


@dataclass(frozen=True, slots=True)
class Brain:
    """A network with its name and thresholds; ``auto``: confidence per class that files a case."""

    detect: Detect
    model: str
    model_sha256: str
    policy: Policy
    auto: Mapping[str, float] = field(default_factory=dict)

    def same_as(self, other: Brain) -> bool:
        """Whether cameras would see and be judged alike."""
        return (self.model_sha256, self.policy, self.auto) == (
            other.model_sha256,
            other.policy,
            other.auto,
        )


class Brains:
    """The brain now, for all workers; each worker knows which one it looked with last."""

    def __init__(self, brain: Callable[[], Brain]) -> None:
        self._ask = brain
        self._now = brain()
        self._local = threading.local()

    @property
    def now(self) -> Brain:
        """The brain that the next look takes."""
        return self._now

    def refresh(self) -> bool:
        """Ask which brain there is now; True when it was exchanged."""
        brain = self._ask()
        changed = not brain.same_as(self._now)
        self._now = brain
        return changed

    def detect(self, image: Image) -> tuple[Detection, ...]:
        """Look at a picture (uint8 HxWx3 BGR)."""
        self._local.used = brain = self._now
        return brain.detect(image)

    @property
    def used(self) -> Brain:
        """The brain this thread looked with last."""
        used: Brain = getattr(self._local, "used", self._now)
        return used
