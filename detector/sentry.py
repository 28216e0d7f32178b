"""Is the camera fit to be trusted? Dark, frozen, blurred, covered, moved: each is named once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

import cv2
import numpy as np

from detector.sketch import TILE, WIDTH, Grey, Sketch, alike, sparse
from detector.types import require_aware


class Fault(StrEnum):
    """What can be wrong with a view. The names are stable: they are stored and shown."""

    DARK = "dark"
    FROZEN = "frozen"
    BLURRED = "blurred"
    COVERED = "covered"
    MOVED = "moved"
    NO_SIGNAL = "no_signal"


FAULT_TEXTS: dict[Fault, tuple[str, str]] = {
    Fault.DARK: ("画面过暗", "The view is dark"),
    Fault.FROZEN: ("画面冻结", "The picture is frozen"),
    Fault.BLURRED: ("画面模糊", "The view is blurred"),
    Fault.COVERED: ("镜头被遮挡", "The lens is covered"),
    Fault.MOVED: ("摄像机位置改变", "The camera was moved"),
    Fault.NO_SIGNAL: ("无视频信号", "No signal"),
}


@dataclass(frozen=True, slots=True)
class SentryConfig:
    """When a view is unfit. Levels are grey levels 0..255, shares are 0..1.

    ``dark_level``: the brightest twentieth of the view stays under it; larger calls more dark.
    ``flat_level``: the structure of the strongest tenth stays under it; larger calls more covered.
    ``blur_share``: sharpness under this share of the usual one; larger calls more blurred.
    ``frozen_share``: tiles equal to the last grey level; the rest may be a clock in the picture.
    ``alike_fine``: share of blocks like the usual view's above which nothing moved at all.
    ``alike_lost``: share under which, unshifted or re-aligned, it is another view.
    ``shift_fine``/``shift_most``: shifts, in shares of the width, that are nothing / that are
    re-aligned; beyond, the camera was moved.
    ``enter``/``leave``: looks in a row until a fault is believed / is over. ``frozen_enter`` is for
    FROZEN, which honest cameras at rest come closest to. ``close_s``: a notice is closed when its
    fault has been over this long; one that comes back sooner is the same notice.
    """

    dark_level: float = 38.0
    flat_level: float = 6.0
    blur_share: float = 0.3
    frozen_share: float = 0.94
    alike_fine: float = 0.9
    alike_lost: float = 0.5
    shift_fine: float = 0.008
    shift_most: float = 0.08
    enter: int = 3
    leave: int = 2
    frozen_enter: int = 6
    close_s: float = 300.0


@dataclass(frozen=True, slots=True)
class Notice:
    """A fault began or ended; each pair is one maintenance notice."""

    fault: Fault
    began: bool
    at: datetime

    def __post_init__(self) -> None:
        require_aware("Notice.at", self.at)


@dataclass(frozen=True, slots=True, eq=False)
class SentryState:
    """What the sentry remembers of one camera.

    ``active``: faults now believed. ``streaks``: looks in a row against the present belief.
    ``noticed``: faults with an open notice, and when each was last believed.
    ``usual``: the view as it normally is (follows the light slowly). ``shift``: by how much the
    view now lies right and down of the usual one, in shares of width and height.
    """

    active: frozenset[Fault] = frozenset()
    streaks: dict[Fault, int] = field(default_factory=dict)
    usual: Sketch | None = None
    last: Sketch | None = None
    usual_sharpness: float = 0.0
    healthy_looks: int = 0
    noticed: dict[Fault, datetime] = field(default_factory=dict)
    shift: tuple[float, float] = (0.0, 0.0)

    @property
    def fit(self) -> bool:
        """True when rules and incidents may trust the view."""
        return not self.active


_USUAL_FOLLOWS = 0.05  # share of the present view that enters the usual one at each healthy look
_ENOUGH_LOOKS = 5  # healthy looks before sharpness and place are judged at all


def watch_over(
    state: SentryState, view: Sketch, at: datetime, config: SentryConfig | None = None
) -> tuple[SentryState, tuple[Notice, ...]]:
    """The state after a look, and the notices it gives rise to.

    Args:
        state: of this camera, after the look before.
        view: the sketch of the present look.
        at: its capture time, aware.
        config: thresholds.
    """
    config = config or SentryConfig()
    dark = float(np.percentile(sparse(view.grey), 95)) < config.dark_level
    flat = float(np.percentile(np.abs(sparse(view.structure)), 90)) < config.flat_level
    known = state.healthy_looks >= _ENOUGH_LOOKS and not dark and not flat
    blurred = known and view.sharpness < config.blur_share * state.usual_sharpness
    moved, shift = (False, state.shift)
    if known and not blurred and state.usual is not None:
        moved, shift = moved_from(state.usual.structure, view.structure, config)
    seen = {
        Fault.DARK: dark,
        Fault.COVERED: flat and not dark,
        Fault.FROZEN: _frozen(state.last, view, config),
        Fault.BLURRED: blurred,
        Fault.MOVED: moved,
        Fault.NO_SIGNAL: False,
    }
    if not known:  # a view that shows nothing says nothing about place and focus
        for fault in (Fault.BLURRED, Fault.MOVED):
            seen[fault] = fault in state.active
    after, notices = _believe(state, seen, at, config)
    healthy = not any(seen.values()) and shift == (0.0, 0.0)
    after = replace(after, last=view, shift=shift)
    return (_learn(after, view) if healthy else after), notices


def lose_signal(
    state: SentryState, at: datetime, config: SentryConfig | None = None
) -> tuple[SentryState, tuple[Notice, ...]]:
    """The state after a look that was due and found no picture."""
    seen = {fault: fault in state.active for fault in Fault}
    seen[Fault.NO_SIGNAL] = True
    return _believe(state, seen, at, config or SentryConfig())


def _believe(
    state: SentryState, seen: dict[Fault, bool], at: datetime, config: SentryConfig
) -> tuple[SentryState, tuple[Notice, ...]]:
    active, streaks = set(state.active), dict(state.streaks)
    for fault, present in seen.items():
        believed = fault in active
        streaks[fault] = 0 if present == believed else streaks.get(fault, 0) + 1
        enter = config.frozen_enter if fault is Fault.FROZEN else config.enter
        leave = 1 if fault is Fault.NO_SIGNAL else config.leave
        if streaks[fault] >= (leave if believed else enter):
            streaks[fault] = 0
            (active.discard if believed else active.add)(fault)
    began = [Notice(fault, True, at) for fault in sorted(active) if fault not in state.noticed]
    noticed = {**state.noticed, **dict.fromkeys(active, at)}
    over = [f for f, last in noticed.items() if (at - last).total_seconds() >= config.close_s]
    ended = [Notice(fault, False, at) for fault in sorted(over)]
    noticed = {fault: last for fault, last in noticed.items() if fault not in over}
    after = replace(state, active=frozenset(active), streaks=streaks, noticed=noticed)
    return after, (*began, *ended)


def _learn(state: SentryState, view: Sketch) -> SentryState:
    usual = state.usual
    if usual is None or usual.grey.shape != view.grey.shape:
        mixed, sharpness = view, view.sharpness
    else:
        share = max(_USUAL_FOLLOWS, 1 / (state.healthy_looks + 1))
        sharpness = (1 - share) * state.usual_sharpness + share * view.sharpness
        mixed = Sketch(
            (1 - share) * usual.grey + share * view.grey,
            (1 - share) * usual.structure + share * view.structure,
            sharpness,
        )
    return replace(
        state,
        usual=mixed,
        usual_sharpness=sharpness,
        healthy_looks=state.healthy_looks + 1,
    )


def _frozen(last: Sketch | None, view: Sketch, config: SentryConfig) -> bool:
    if last is None or last.grey.shape != view.grey.shape:
        return False
    rows, columns = view.tiles
    same = (last.grey == view.grey).reshape(rows, TILE, columns, TILE).all(axis=(1, 3))
    return float(same.mean()) >= config.frozen_share


def moved_from(
    usual: Grey, now: Grey, config: SentryConfig | None = None
) -> tuple[bool, tuple[float, float]]:
    """Whether the camera looks elsewhere than it did, else by how much its view has shifted.

    Args:
        usual: structure of the usual view's sketch.
        now: of the present one.
        config: thresholds.

    Returns:
        Moved, and the shift right and down in shares of width and height; (0, 0) where there is
        none or it is no use.
    """
    config = config or SentryConfig()
    if usual.shape != now.shape:
        return True, (0.0, 0.0)
    still = alike(usual, now)
    if still >= config.alike_fine:
        return False, (0.0, 0.0)
    window = cv2.createHanningWindow(now.shape[::-1], cv2.CV_32F)
    # OpenCV multiplies the window into what it is given: it gets copies.
    (right, down), _ = cv2.phaseCorrelate(usual.copy(), now.copy(), window)
    back = np.array([[1, 0, -right], [0, 1, -down]], np.float32)
    aligned = cv2.warpAffine(now, back, now.shape[::-1]).astype(np.float32)
    realigned = alike(usual, aligned)
    if realigned < max(config.alike_lost, still + 0.1):
        return still < config.alike_lost, (0.0, 0.0)
    far = max(abs(right), abs(down)) / WIDTH
    if far <= config.shift_fine:
        return False, (0.0, 0.0)
    if far > config.shift_most:
        return True, (0.0, 0.0)
    return False, (right / now.shape[1], down / now.shape[0])
