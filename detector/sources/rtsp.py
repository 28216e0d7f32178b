"""Asks an RTSP server what it would give, before FFmpeg does, which follows redirects anywhere."""

from __future__ import annotations

import base64
import hashlib
import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from detector.sources.address import Address
from detector.sources.states import CameraState, SourceError

_STATUS = re.compile(rb"RTSP/1\.\d (\d{3})")
_PARAMETER = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')
_MAX_REPLY = 256 * 1024
_STATES = {
    401: CameraState.AUTH_FAILED,
    403: CameraState.AUTH_FAILED,
    404: CameraState.NOT_FOUND,
    454: CameraState.NOT_FOUND,
}


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")


@contextmanager
def checked_rtsp(address: Address, timeout: float) -> Iterator[Address]:
    """DESCRIBE the stream over a connection of its own and judge the answer.

    A redirect within the host is followed once or twice and the address it led to is given;
    FFmpeg is then told that one, by IP. The connection is kept until the block is left: a server
    that takes a stream down with its last viewer would be doing so while FFmpeg asks for it.

    Raises:
        SourceError: AUTH_FAILED, NOT_FOUND, REDIRECTED, NO_VIDEO, SERVER_ERROR, BAD_DATA, REFUSED,
            UNREACHABLE or STALLED.
    """
    if address.scheme == "rtsps":
        yield address
        return
    with ExitStack() as kept:
        for _ in range(3):
            connection = kept.enter_context(_connected(address, timeout))
            reply = _describe(connection, address)
            if not 300 <= reply.status < 400:
                break
            address = _same_host(address, reply.header("location"))
        _judge(address, reply)
        yield address


def _judge(address: Address, reply: _Reply) -> None:
    if reply.status != 200:
        state = _STATES.get(reply.status, CameraState.SERVER_ERROR)
        raise SourceError(state, f"{address.host} answers {reply.status}")
    if b"m=video" not in reply.body:
        raise SourceError(CameraState.NO_VIDEO, f"{address.host} describes no video track")


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


def _connected(address: Address, timeout: float) -> socket.socket:
    try:
        return socket.create_connection((address.ip, address.port), timeout)
    except OSError as error:
        raise _named(address, error) from None


def _describe(connection: socket.socket, address: Address) -> _Reply:
    try:
        reply = _ask(connection, address, 1, "")
        challenge = reply.header("www-authenticate")
        if reply.status == 401 and address.user is not None and challenge:
            return _ask(connection, address, 2, _authorization(address, challenge))
    except OSError as error:
        raise _named(address, error) from None
    return reply


def _named(address: Address, error: OSError) -> SourceError:
    if isinstance(error, TimeoutError):
        return SourceError(CameraState.STALLED, f"{address.host} does not answer")
    if isinstance(error, ConnectionRefusedError):
        return SourceError(CameraState.REFUSED, f"{address.host}:{address.port} refuses")
    return SourceError(
        CameraState.UNREACHABLE, f"{address.host}: {error.strerror or 'no connection'}"
    )


def _ask(connection: socket.socket, address: Address, number: int, authorization: str) -> _Reply:
    lines = [
        f"DESCRIBE {address.pinned_url} RTSP/1.0",
        f"CSeq: {number}",
        "Accept: application/sdp",
        *([f"Authorization: {authorization}"] if authorization else []),
    ]
    connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    data = b""
    while b"\r\n\r\n" not in data:
        data += _receive(connection, address, data)
        if not b"RTSP/".startswith(data[:5]):
            raise SourceError(CameraState.BAD_DATA, f"{address.host} does not speak RTSP")
    head, _, body = data.partition(b"\r\n\r\n")
    status = _STATUS.match(head)
    if status is None:
        raise SourceError(CameraState.BAD_DATA, f"{address.host} does not speak RTSP")
    pairs = (line.partition(":") for line in head.decode("latin-1").split("\r\n")[1:])
    headers = tuple((key.strip().lower(), value.strip()) for key, _, value in pairs)
    reply = _Reply(int(status[1]), headers, body)
    length = reply.header("content-length")
    wanted = int(length) if length.isdecimal() else 0
    while len(body) < min(wanted, _MAX_REPLY):
        body += _receive(connection, address, body)
    return replace(reply, body=body)


def _receive(connection: socket.socket, address: Address, so_far: bytes) -> bytes:
    more = connection.recv(65536)
    if not more or len(so_far) > _MAX_REPLY:
        raise SourceError(CameraState.BAD_DATA, f"{address.host} ends in the middle of an answer")
    return more


def _authorization(address: Address, challenge: str) -> str:
    """The answer to a Basic or Digest challenge (RFC 7616, MD5 without ``qop``, as RTSP has it)."""
    user, password = address.user or "", address.password or ""
    if challenge.lower().startswith("basic"):
        return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    fields = {key.lower(): quoted or bare for key, quoted, bare in _PARAMETER.findall(challenge)}
    realm, nonce = fields.get("realm", ""), fields.get("nonce", "")
    who = _md5(f"{user}:{realm}:{password}")
    what = _md5(f"DESCRIBE:{address.pinned_url}")
    response = _md5(f"{who}:{nonce}:{what}")
    return (
        f'Digest username="{user}", realm="{realm}", nonce="{nonce}", '
        f'uri="{address.pinned_url}", response="{response}"'
    )


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
