"""A background as bytes: after a restart a camera goes on with what it had learnt of its view."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from detector.background import Background
from detector.sketch import Grey

_FORMAT: Final = 2


class BackgroundFileError(ValueError):
    """Bytes that hold no background, or a damaged one; the text says what was expected."""


def to_bytes(background: Background) -> bytes:
    """A numpy archive, some 150 KB; half precision is finer than any threshold asks for."""
    differs = np.isfinite(background.since)
    begun = background.at.timestamp()
    facts = {
        "format": _FORMAT,
        "at": background.at.isoformat(),
        "looks": background.looks,
        "earlier": background.earlier,
    }
    file = io.BytesIO()
    np.savez(
        file,
        allow_pickle=False,
        facts=np.frombuffer(json.dumps(facts).encode(), np.uint8),
        usual=background.usual.astype(np.float16),
        recent=background.recent.astype(np.float16),
        where=np.flatnonzero(differs).astype(np.uint32),
        age=(begun - background.since[differs]).astype(np.float32),
    )
    return file.getvalue()


def from_bytes(data: bytes) -> Background:
    """What ``to_bytes`` wrote.

    Raises:
        BackgroundFileError: it is something else, of another format, or damaged.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            facts = json.loads(bytes(arrays["facts"]))
            if facts["format"] != _FORMAT:
                raise ValueError(f"format {facts['format']}, expected {_FORMAT}")
            usual, recent = _plane(arrays["usual"]), _plane(arrays["recent"])
            at = datetime.fromisoformat(facts["at"])
            since = np.full(usual.shape, np.inf)
            since.flat[arrays["where"]] = at.timestamp() - arrays["age"].astype(np.float64)
            if recent.shape != usual.shape or at.tzinfo is None:
                raise ValueError("two planes of one shape and an aware time")
            earlier = tuple(float(one) for one in facts["earlier"])
            return Background(usual, recent, since, at, int(facts["looks"]), earlier)
    except (LookupError, TypeError, ValueError, EOFError, OSError, zipfile.BadZipFile) as error:
        raise BackgroundFileError(f"expected a camera's background: {error}") from error


def _plane(array: NDArray[Any]) -> Grey:
    if array.ndim != 2 or not np.isfinite(array).all():
        raise ValueError(f"a plane of numbers, not {array.dtype} {array.shape}")
    return array.astype(np.float32)
