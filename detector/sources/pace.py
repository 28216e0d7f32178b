"""Does a stream's own time run as fast as ours? Many cameras' clocks jump or crawl."""

from __future__ import annotations

from dataclasses import dataclass, replace

SETTLE_S = 5.0  # a server may send its buffered seconds at once: ignore the first moments
WINDOW_S = 20.0  # judged over this long
FAST, SLOW = 1.25, 0.8  # stream seconds per second outside of this are wrong
JUMP_S = 10.0  # a step this much larger than ours, or this far back, is a jump
SHOWN_S = 60.0  # a jump is shown this long


@dataclass(frozen=True, slots=True)
class Pace:
    """What is known of a stream's pace; times in seconds, ours monotonic."""

    began: float | None = None
    reference: tuple[float, float] | None = None
    last: tuple[float, float] | None = None
    rate: str = ""
    jump: str = ""
    jump_until: float = 0.0

    @property
    def wrong(self) -> str:
        """A sentence when the clock is wrong, else empty."""
        return self.jump or self.rate

    def step(self, stream: float, now: float) -> Pace:
        """The pace after a packet of stream time ``stream`` that arrived at ``now``."""
        if self.began is None or self.last is None:
            return Pace(began=now, last=(stream, now))
        jump, until = (self.jump, self.jump_until) if now < self.jump_until else ("", 0.0)
        ours, theirs = now - self.last[1], stream - self.last[0]
        if abs(theirs - ours) > JUMP_S and now - self.began > SETTLE_S:
            text = f"the stream's clock jumped by {theirs - ours:+.0f} s"
            return replace(
                self, last=(stream, now), reference=None, jump=text, jump_until=now + SHOWN_S
            )
        step = replace(self, last=(stream, now), jump=jump, jump_until=until)
        if now - self.began < SETTLE_S:
            return step
        if self.reference is None:
            return replace(step, reference=(stream, now))
        elapsed = now - self.reference[1]
        if elapsed < WINDOW_S:
            return step
        rate = (stream - self.reference[0]) / elapsed
        wrong = "" if SLOW <= rate <= FAST else f"the stream's clock runs at {rate:.2f} of ours"
        return replace(step, reference=(stream, now), rate=wrong)
