"""How long to wait before trying a camera again, so that a thousand dead ones stay cheap."""

from __future__ import annotations

import random
from dataclasses import dataclass

from detector.sources.states import CameraState

# States that a new attempt does not mend soon: someone has to change a setting first.
_PATIENT = frozenset(
    {
        CameraState.AUTH_FAILED,
        CameraState.NOT_ALLOWED,
        CameraState.REDIRECTED,
        CameraState.UNSUPPORTED,
    }
)


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waiting times in seconds; larger values are kinder to the network, slower to come back.

    The n-th failure in a row waits ``first * factor**(n-1)``, at most ``most`` (``patient`` for
    states that need a person, such as a wrong password, which also keeps cameras from locking the
    account), and then a random share of it: between ``1 - jitter`` and 1.
    """

    first: float = 1.0
    factor: float = 2.0
    most: float = 20.0
    patient: float = 120.0
    jitter: float = 0.5

    def delay(self, failures: int, state: CameraState, rng: random.Random) -> float:
        """Seconds to wait after ``failures`` (1 or more) failures in a row, the last ``state``."""
        if failures < 1:
            raise ValueError(f"failures: expected 1 or more, got {failures}")
        patient = state in _PATIENT
        most = self.patient if patient else self.most
        first = self.first * (5 if patient else 1)
        full = min(most, first * self.factor ** min(failures - 1, 30))
        return full * (1 - self.jitter * rng.random())
