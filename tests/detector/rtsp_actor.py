"""An RTSP server that plays one film over TCP and behaves as it is told."""

from __future__ import annotations

import hashlib
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.detector.cameras import listening
from tests.detector.rtp_packets import PAYLOAD, Packer, Unit, coded

USER, PASSWORD, REALM = "me", "geheim77", "street"
_FIELD = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')


@dataclass
class Actor:
    """How the server behaves, and in ``heard`` what it was asked: method and address of each.

    ``challenges`` it shows until it is answered well; ``bye`` after the film instead of beginning
    again; ``fresh_nonce_at`` is the number of the request at which it wants a new answer.
    """

    challenges: tuple[str, ...] = ()
    control: str = "track1"
    base: str = ""
    channels: tuple[int, int] = (0, 1)
    session: str = "77;timeout=60"
    setup_status: str = "200 OK"
    bye: bool = False
    fresh_nonce_at: int = 0
    codec: str = "h264"
    heard: list[tuple[str, str]] = field(default_factory=list)
    refused: int = 0

    def answer(self, request: str) -> bytes:
        method, url, _ = request.split(" ", 2)
        self.heard.append((method, url))
        number = re.search(r"CSeq: (\d+)", request)
        assert number is not None
        head = f"CSeq: {number[1]}\r\n"
        if self.challenges and not self._convinced(request, method, url):
            self.refused += 1
            shown = "".join(f"WWW-Authenticate: {one}\r\n" for one in self.challenges)
            return f"RTSP/1.0 401 Unauthorized\r\n{head}{shown}\r\n".encode()
        status, body = "200 OK", ""
        if method == "DESCRIBE":
            body = (
                f"v=0\r\na=control:*\r\nm=video 0 RTP/AVP {PAYLOAD}\r\n"
                f"a=rtpmap:{PAYLOAD} H264/90000\r\na=control:{self.control}\r\n"
            )
            head += f"Content-Base: {self.base}\r\n" * bool(self.base)
        elif method == "SETUP":
            status = self.setup_status
            pictures, other = self.channels
            head += f"Transport: RTP/AVP/TCP;unicast;interleaved={pictures}-{other}\r\n"
            head += f"Session: {self.session}\r\n" * bool(self.session)
        elif self.session:
            assert f"Session: {self.session.split(';')[0]}" in request
        length = f"Content-Length: {len(body)}\r\n" * bool(body)
        return f"RTSP/1.0 {status}\r\n{head}{length}\r\n{body}".encode()

    def _convinced(self, request: str, method: str, url: str) -> bool:
        if self.fresh_nonce_at and len(self.heard) >= self.fresh_nonce_at:
            self.challenges = tuple(c.replace("first", "second") for c in self.challenges)
        line = re.search(r"Authorization: Digest (.*)", request)
        if line is None:
            return False
        said = {name: quoted or bare for name, quoted, bare in _FIELD.findall(line[1])}
        wanted = [c for c in self.challenges if f'nonce="{said["nonce"]}"' in c]
        way = {"SHA-256": "sha256"}.get(said.get("algorithm", "MD5"), "md5")
        best = "SHA-256" in "".join(self.challenges)
        if not wanted or (best and way != "sha256"):
            return False

        def hashed(text: str) -> str:
            return hashlib.new(way, text.encode()).hexdigest()

        who, what = hashed(f"{USER}:{REALM}:{PASSWORD}"), hashed(f"{method}:{url}")
        middle = said["nonce"]
        if "qop" in wanted[-1]:
            assert said["qop"] == "auth"
            middle += f":{said['nc']}:{said['cnonce']}:auth"
        return bool(said["uri"] == url and said["response"] == hashed(f"{who}:{middle}:{what}"))


@contextmanager
def acting(actor: Actor) -> Iterator[int]:
    """The server while the block runs: its port."""
    stop = threading.Event()
    with listening(lambda connection: _serve(actor, connection, stop)) as port:
        try:
            yield port
        finally:
            stop.set()


def _serve(actor: Actor, connection: socket.socket, stop: threading.Event) -> None:
    packer, film, number, playing = Packer(), coded(actor.codec), 0, False
    came = b""
    connection.settimeout(0.04)
    with connection:
        while not stop.is_set():
            try:
                more = connection.recv(4096)
                if not more:
                    return
                came += more
            except TimeoutError:
                pass
            except OSError:
                return
            try:
                while b"\r\n\r\n" in came:
                    request, _, came = came.partition(b"\r\n\r\n")
                    answer = actor.answer(request.decode())
                    if playing:  # an answer in the middle of the packets, as it comes from cameras
                        answer = _frame(actor, packer, film[number % 5]) + answer
                        number += 1
                    connection.sendall(answer)
                    playing = playing or (request.startswith(b"PLAY") and b" 200 OK" in answer)
                if playing:
                    connection.sendall(_frame(actor, packer, film[number % len(film)]))
                    number += 1
                    if actor.bye and number == len(film):
                        connection.sendall(_goodbye(actor))
                        time.sleep(0.5)
                        return
            except OSError:
                return


def _frame(actor: Actor, packer: Packer, frame: tuple[Unit, ...]) -> bytes:
    channel = actor.channels[0]
    noise = b"$\x2a\x00\x03abc"  # of a track that nobody asked for
    framed = (b"$" + bytes((channel,)) + len(p).to_bytes(2, "big") + p for p in packer.frame(frame))
    return noise + b"".join(framed)


def _goodbye(actor: Actor) -> bytes:
    report = b"\x80\xc9\x00\x01\0\0\0\7"
    compound = report + b"\x81\xcb\x00\x01\0\0\0\7"
    return b"$" + bytes((actor.channels[1],)) + len(compound).to_bytes(2, "big") + compound
