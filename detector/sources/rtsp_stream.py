"""Plays an RTSP stream over its own connection and drains it in gulps, for a fraction of the cost.

FFmpeg reads three times and waits once or twice for every RTP packet, some 250 of which a camera
sends in a second, to put together pictures that nobody looks at. Here the connection is read a few
times a second, all that has come at once, and only key frames are put together.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from struct import Struct
from typing import Final

from detector.sources.keyframe import Coded
from detector.sources.rtp import KeyFrames
from detector.sources.rtsp import Described, Reply, named, succeeded
from detector.sources.source import SourceOptions
from detector.sources.states import CameraState, SourceError

GULP: Final = 64 * 1024  # bytes: so much shall have come when it is read again, within a window
LONGEST_PAUSE_S: Final = 0.2
_RECEIVE: Final = 256 * 1024
_SESSION_S: Final = 60.0
_INTERLEAVED: Final = Struct(">BBH")  # RFC 2326, 10.12: a dollar sign, the channel, the length
_DOLLAR: Final = 0x24
_GOODBYE: Final = 203  # RTCP, RFC 3550, 6.6
_CHANNELS = re.compile(r"interleaved=(\d+)-(\d+)")
_TIMEOUT = re.compile(r"timeout=(\d+)")


def played(stream: Described, options: SourceOptions) -> Iterator[Coded]:
    """Set the described stream up over TCP and give its frames until the server says goodbye.

    Of frames between two key frames no data is given. A session is kept alive with OPTIONS, and
    ended when the iterator is closed.

    Raises:
        SourceError: with the state that names why it cannot be played or broke.
    """
    talk, address = stream.talk, stream.address
    setup = talk.ask(
        "SETUP",
        _joined(stream.base, stream.track.control),
        "Transport: RTP/AVP/TCP;unicast;interleaved=0-1",
    )
    succeeded(address, setup)
    session, _, more = setup.header("session").partition(";")
    timeout = _TIMEOUT.search(more)
    alive_s = max(2.0, (float(timeout[1]) if timeout else _SESSION_S) / 2)
    whole = _joined(stream.base, "" if stream.control == "*" else stream.control)
    ours = (f"Session: {session}",) if session else ()
    try:
        succeeded(address, talk.ask("PLAY", whole, *ours))
        talk.socket.settimeout(options.stall_s)
        yield from _frames(stream, _channels(setup), whole, ours, alive_s)
    except OSError as error:
        raise named(address, error) from None
    finally:
        _leave(stream, whole, ours)


def _frames(
    stream: Described,
    channels: tuple[int, int],
    whole: str,
    ours: tuple[str, ...],
    alive_s: float,
) -> Iterator[Coded]:
    talk, frames = stream.talk, KeyFrames(stream.track)
    pictures, control = channels
    waiting = talk.waiting
    alive_at = read_at = time.monotonic()
    pause = 0.0
    while True:
        view, at, have = memoryview(waiting), 0, len(waiting)
        while have - at >= 4:
            mark, channel, size = _INTERLEAVED.unpack_from(waiting, at)
            end = at + 4 + size
            if mark != _DOLLAR or end > have:
                break
            if channel == pictures:
                frame = frames.take(view[at + 4 : end])
                if frame is not None:
                    yield frame
            elif channel == control and _says_goodbye(view[at + 4 : end]):
                return
            at = end
        view.release()
        del waiting[:at]
        if waiting and waiting[0] != _DOLLAR:
            _between(stream, talk.take_reply(), whole, ours)
            if waiting and waiting[0] == _DOLLAR:
                continue
        now = time.monotonic()
        if now - alive_at > alive_s:
            alive_at = now
            talk.send("OPTIONS", whole, *ours)
        time.sleep(pause)
        came = talk.socket.recv(_RECEIVE)
        if not came:
            raise SourceError(CameraState.ENDED, "the sender closed the stream")
        waiting += came
        now = time.monotonic()
        pause, read_at = min(LONGEST_PAUSE_S, (now - read_at) * GULP / len(came)), now


def _between(stream: Described, reply: Reply | None, whole: str, ours: tuple[str, ...]) -> None:
    """An answer among the packets: that to OPTIONS, which may ask for the password once more."""
    if reply is not None and reply.status == 401 and stream.talk.challenged(reply):
        stream.talk.send("OPTIONS", whole, *ours)


def _channels(setup: Reply) -> tuple[int, int]:
    """The channels of pictures and of control packets; the server may choose others than asked."""
    found = _CHANNELS.search(setup.header("transport"))
    return (int(found[1]), int(found[2])) if found else (0, 1)


def _says_goodbye(packet: memoryview) -> bool:
    """Whether a compound RTCP packet has a BYE in it."""
    at = 0
    while at + 4 <= len(packet):
        if packet[at + 1] == _GOODBYE:
            return True
        at += 4 + 4 * int.from_bytes(packet[at + 2 : at + 4], "big")
    return False


def _joined(base: str, control: str) -> str:
    """The address of a part; relative ones are put behind the base as servers expect it."""
    if not control or control.lower().startswith("rtsp://"):
        return control or base
    return f"{base.removesuffix('/')}/{control}"


def _leave(stream: Described, whole: str, ours: tuple[str, ...]) -> None:
    """Tell the server that nobody watches any more: cameras have few places."""
    try:
        stream.talk.socket.settimeout(0.5)
        stream.talk.send("TEARDOWN", whole, *ours)
    except OSError:
        return  # it is gone already, which is what was to be said
