"""The first video track of an SDP description (RFC 8866), as RTSP servers give it."""

from __future__ import annotations

import base64
import binascii
import re

from detector.sources.rtp import Track

_CODECS = {"H264": "h264", "H265": "hevc"}
_SETS = re.compile(r"sprop-(?:parameter-sets|vps|sps|pps)=([^;\s]+)", re.IGNORECASE)
_REORDERED = re.compile(r"sprop-max-don-diff=0*[1-9]|packetization-mode=2", re.IGNORECASE)
_ENCODINGS = re.compile(r"rtpmap:(\d+) ([\w-]+)/(\d+)")


def video_of(description: bytes) -> tuple[Track | None, str]:
    """The first video track, None without one, and the control address of the whole session.

    A codec or packing that we take no key frames out of has the codec "". Addresses are as
    written, "" where there is none.
    """
    session, before = "", True
    lines: list[str] | None = None
    payload = 0
    for line in description.decode("utf-8", "replace").splitlines():
        if line.startswith("m="):
            if lines is not None:
                break
            words = line.split()
            if words[0] == "m=video" and len(words) > 3 and words[3].isdecimal():
                lines, payload = [], int(words[3])
            before = False
        elif lines is not None:
            lines.append(line)
        elif before and line.startswith("a=control:"):
            session = line.removeprefix("a=control:").strip()
    return (None if lines is None else _track(lines, payload)), session


def _track(lines: list[str], payload: int) -> Track:
    codec, rate, control, sets = "", 90000, "", []
    for line in lines:
        name, _, value = line.removeprefix("a=").partition(":")
        if name == "control":
            control = value.strip()
        elif name == "rtpmap" and (found := _ENCODINGS.match(line.removeprefix("a="))):
            if int(found[1]) == payload:
                codec, rate = _CODECS.get(found[2].upper(), ""), int(found[3]) or rate
        elif name == "fmtp" and value.split(" ")[0] == str(payload):
            if _REORDERED.search(value):
                return Track("", payload, rate, control)
            sets = [one for found in _SETS.findall(value) for one in _decoded(found)]
    return Track(codec, payload, rate, control, tuple(sets))


def _decoded(text: str) -> list[bytes]:
    """Parameter sets in base64, joined by commas; the stream brings its own where one is broken."""
    found = []
    for one in text.split(","):
        try:
            found.append(base64.b64decode(one, validate=True))
        except binascii.Error:
            continue
    return found
