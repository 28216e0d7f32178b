"""A conversation with an RTSP server over TCP: requests, answers, passwords (RFC 2326, 7616)."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit

from detector.sources.address import Address
from detector.sources.rtp import Track
from detector.sources.sdp import video_of
from detector.sources.states import CameraState, SourceError

_STATUS = re.compile(rb"RTSP/1\.\d (\d{3})")
_PARAMETER = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')
_MAX_REPLY = 256 * 1024
_STATES = {
    401: CameraState.AUTH_FAILED,
    403: CameraState.AUTH_FAILED,
    404: CameraState.NOT_FOUND,
    454: CameraState.NOT_FOUND,
    461: CameraState.UNSUPPORTED,
}
_HASHES: Final = {"md5": "md5", "sha-256": "sha256"}


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; header names are in lower case."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""

    def header(self, name: str) -> str:
        """The first header of this name, "" without one."""
        return next((value for key, value in self.headers if key == name), "")

    def challenges(self) -> tuple[str, ...]:
        """All ways in which the server lets itself be convinced."""
        return tuple(value for key, value in self.headers if key == "www-authenticate")


@dataclass(frozen=True, slots=True)
class Described:
    """A stream a server has described: where it is in the end, and the connection it said so on.

    ``base``: what relative addresses in the description begin with. ``track`` is the video,
    ``control`` the address of the whole stream (as written, may be "").
    """

    address: Address
    talk: Talk
    base: str
    track: Track
    control: str


class Talk:
    """One connection to a server. ``waiting``: what has come on it and was not taken yet."""

    def __init__(self, address: Address, timeout: float) -> None:
        """Connects to the checked IP. Raises SourceError REFUSED, UNREACHABLE or STALLED."""
        self._address = address
        self._number = 0
        self._challenge = ""
        self._used = 0
        self.waiting = bytearray()
        try:
            self.socket = socket.create_connection((address.ip, address.port), timeout)
        except OSError as error:
            raise named(address, error) from None

    def close(self) -> None:
        """Close the connection."""
        self.socket.close()

    def ask(self, method: str, url: str, *headers: str) -> Reply:
        """Send a request and wait for its answer; the password is sent when it is asked for.

        Raises:
            SourceError: STALLED, UNREACHABLE or BAD_DATA.
        """
        try:
            self.send(method, url, *headers)
            reply = self._answer()
            if reply.status == 401 and self.challenged(reply):
                self.send(method, url, *headers)
                reply = self._answer()
        except OSError as error:
            raise named(self._address, error) from None
        return reply

    def challenged(self, reply: Reply) -> bool:
        """Whether there is a password and a way to send it that was not tried; it is used then."""
        ways = sorted(filter(_strength, reply.challenges()), key=_strength)
        if not ways or self._address.user is None or ways[-1] == self._challenge:
            return False
        self._challenge, self._used = ways[-1], 0
        return True

    def send(self, method: str, url: str, *headers: str) -> None:
        """Send a request without waiting. Raises OSError."""
        self._number += 1
        lines = [f"{method} {url} RTSP/1.0", f"CSeq: {self._number}", *headers]
        if self._challenge:
            self._used += 1
            lines.append("Authorization: " + self._authorization(method, url))
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())

    def _answer(self) -> Reply:
        while True:
            taken = self.take_reply()
            if taken is not None:
                return taken
            more = self.socket.recv(65536)
            if not more:
                raise self._broken("ends in the middle of an answer")
            self.waiting += more

    def take_reply(self) -> Reply | None:
        """The answer at the beginning of what came, None while it is not all there.

        Interleaved packets in front of it are dropped. Raises SourceError BAD_DATA.
        """
        waiting = self.waiting
        while waiting[:1] == b"$":
            size = 4 + int.from_bytes(waiting[2:4], "big")
            if len(waiting) < max(4, size):
                return None
            del waiting[:size]
        if not b"RTSP/".startswith(waiting[:5]):
            raise self._broken("does not speak RTSP")
        end = waiting.find(b"\r\n\r\n")
        if end < 0:
            if len(waiting) > _MAX_REPLY:
                raise self._broken("does not speak RTSP")
            return None
        head = bytes(waiting[:end])
        status = _STATUS.match(head)
        if status is None:
            raise self._broken("does not speak RTSP")
        pairs = (line.partition(":") for line in head.decode("latin-1").split("\r\n")[1:])
        reply = Reply(int(status[1]), tuple((k.strip().lower(), v.strip()) for k, _, v in pairs))
        length = reply.header("content-length")
        wanted = int(length) if length.isdecimal() else 0
        if wanted > _MAX_REPLY:
            raise self._broken("gives an answer of more than 256 KB")
        whole = end + 4 + wanted
        if len(waiting) < whole:
            return None
        body = bytes(waiting[end + 4 : whole])
        del waiting[:whole]
        return replace(reply, body=body)

    def _broken(self, how: str) -> SourceError:
        return SourceError(CameraState.BAD_DATA, f"{self._address.host} {how}")

    def _authorization(self, method: str, url: str) -> str:
        """The answer to a Basic or Digest challenge (RFC 7616, with ``qop=auth`` where offered)."""
        user, password = self._address.user or "", self._address.password or ""
        if self._challenge.lower().startswith("basic"):
            return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        fields = _fields(self._challenge)
        algorithm = fields.get("algorithm", "MD5")
        realm, nonce = fields.get("realm", ""), fields.get("nonce", "")
        who = _hash(algorithm, f"{user}:{realm}:{password}")
        what = _hash(algorithm, f"{method}:{url}")
        counted, extra = nonce, ""
        if "auth" in fields.get("qop", "").replace(" ", "").split(","):
            count, own = f"{self._used:08x}", secrets.token_hex(8)
            counted = f"{nonce}:{count}:{own}:auth"
            extra = f', qop=auth, nc={count}, cnonce="{own}"'
        if "algorithm" in fields:
            extra += f", algorithm={algorithm}"
        if "opaque" in fields:
            extra += f', opaque="{fields["opaque"]}"'
        response = _hash(algorithm, f"{who}:{counted}:{what}")
        return (
            f'Digest username="{user}", realm="{realm}", nonce="{nonce}", '
            f'uri="{url}", response="{response}"{extra}'
        )


@contextmanager
def described(address: Address, timeout: float) -> Iterator[Described]:
    """Ask a server to describe a stream, before anyone asks for its pictures.

    A redirect within the host is followed once or twice. The connection is kept until the block is
    left: the stream is played on it, and while FFmpeg fetches one on a connection of its own, a
    server does not take it down with its last viewer.

    Raises:
        SourceError: AUTH_FAILED, NOT_FOUND, REDIRECTED, NO_VIDEO, SERVER_ERROR, BAD_DATA, REFUSED,
            UNREACHABLE or STALLED.
    """
    with ExitStack() as kept:
        for _ in range(3):
            talk = Talk(address, timeout)
            kept.callback(talk.close)
            reply = talk.ask("DESCRIBE", address.pinned_url, "Accept: application/sdp")
            if not 300 <= reply.status < 400:
                break
            address = _same_host(address, reply.header("location"))
        succeeded(address, reply)
        track, control = video_of(reply.body)
        if track is None:
            raise SourceError(CameraState.NO_VIDEO, f"{address.host} describes no video track")
        base = reply.header("content-base") or reply.header("content-location")
        yield Described(address, talk, base or address.pinned_url, track, control)


def succeeded(address: Address, reply: Reply) -> None:
    """Raises SourceError with the state that an answer other than 200 stands for."""
    if reply.status != 200:
        state = _STATES.get(reply.status, CameraState.SERVER_ERROR)
        raise SourceError(state, f"{address.host} answers {reply.status}")


def named(address: Address, error: OSError) -> SourceError:
    """What an error of the network says about the camera."""
    if isinstance(error, TimeoutError):
        return SourceError(CameraState.STALLED, f"{address.host} does not answer")
    if isinstance(error, ConnectionRefusedError):
        return SourceError(CameraState.REFUSED, f"{address.host}:{address.port} refuses")
    return SourceError(
        CameraState.UNREACHABLE, f"{address.host}: {error.strerror or 'no connection'}"
    )


def _same_host(address: Address, location: str) -> Address:
    try:
        parts = urlsplit(location)
        same = parts.scheme == address.scheme and (parts.port or 554) == address.port
        same = same and (parts.hostname or "").lower() in (address.host, address.ip)
    except ValueError:
        same = False
    if not same:
        raise SourceError(CameraState.REDIRECTED, f"{address.host} sends us to another host")
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    return replace(address, url=bare)


def _strength(challenge: str) -> int:
    """How well a challenge keeps the password, 0 for one we have no answer to."""
    words = challenge.lower()
    if words.startswith("basic"):
        return 1
    known = words.startswith("digest") and _fields(challenge).get("algorithm", "MD5").lower()
    return 0 if not known else {"md5": 2, "sha-256": 3}.get(known, 0)


def _fields(challenge: str) -> dict[str, str]:
    return {key.lower(): quoted or bare for key, quoted, bare in _PARAMETER.findall(challenge)}


def _hash(algorithm: str, text: str) -> str:
    return hashlib.new(_HASHES[algorithm.lower()], text.encode(), usedforsecurity=False).hexdigest()
