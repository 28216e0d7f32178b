"""HTTP for cameras: to checked addresses only, redirects judged, secrets kept out of errors."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from urllib.parse import urljoin

import httpx

from detector.sources.address import Address, AllowList
from detector.sources.states import CameraState, SourceError

_MAX_REDIRECTS = 3
_STATES = {
    401: CameraState.AUTH_FAILED,
    403: CameraState.AUTH_FAILED,
    404: CameraState.NOT_FOUND,
    410: CameraState.NOT_FOUND,
}


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


class Web:
    """An HTTP client for one camera. It connects to the IP that passed the allow-list, no other."""

    def __init__(self, allow: AllowList, connect_s: float, stall_s: float) -> None:
        self._allow = allow
        timeout = httpx.Timeout(stall_s, connect=connect_s)
        limits = httpx.Limits(max_connections=4, max_keepalive_connections=1)
        self._client = httpx.Client(
            timeout=timeout, limits=limits, verify=_tls(), trust_env=False, follow_redirects=False
        )

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def get(self, url: str, max_bytes: int) -> tuple[bytes, httpx.Headers]:
        """The body and the headers of ``url``.

        Raises:
            SourceError: with the state that names what went wrong.
        """
        with self.stream(url) as response:
            body = bytearray()
            for chunk in read_chunks(response):
                body += chunk
                if len(body) > max_bytes:
                    raise SourceError(
                        CameraState.BAD_DATA, f"more than {max_bytes} bytes, expected a picture"
                    )
            return bytes(body), response.headers

    @contextmanager
    def stream(self, url: str) -> Iterator[httpx.Response]:
        """The response of ``url``, its body not yet read; same errors as ``get``."""
        response = self.open(url)
        try:
            yield response
        finally:
            response.close()

    def open(self, url: str) -> httpx.Response:
        """Like ``stream``, to be closed by the caller."""
        first = self._allow.check(url)
        user, password = first.user, first.password
        address = first
        for _ in range(_MAX_REDIRECTS + 1):
            response = self._ask(address, user, password)
            if not response.is_redirect:
                return _judged(address, response)
            location = urljoin(address.url, response.headers.get("location", ""))
            response.close()
            address = self._followed(first, address, location)
        raise SourceError(CameraState.REDIRECTED, f"{first.host}: redirects without end")

    def _followed(self, first: Address, before: Address, location: str) -> Address:
        address = self._allow.check(location)
        downgraded = before.scheme == "https" and address.scheme != "https"
        if address.host != first.host or downgraded:
            raise SourceError(CameraState.REDIRECTED, f"{first.host} sends us to another host")
        return address

    def _ask(self, address: Address, user: str | None, password: str | None) -> httpx.Response:
        default = 443 if address.scheme == "https" else 80
        host = f"[{address.host}]" if ":" in address.host else address.host
        host = host if address.port == default else f"{host}:{address.port}"
        try:
            request = self._client.build_request(
                "GET",
                address.pinned_url,
                headers={"Host": host, "User-Agent": "video-patrol"},
                extensions={"sni_hostname": address.host},
            )
            if user is None:
                return self._client.send(request, stream=True)
            digest = httpx.DigestAuth(user, password or "")
            response = self._client.send(request, stream=True, auth=digest)
            challenge = response.headers.get("www-authenticate", "").lower()
            if response.status_code == 401 and challenge.startswith("basic"):
                response.close()
                basic = httpx.BasicAuth(user, password or "")
                return self._client.send(request, stream=True, auth=basic)
            return response
        except httpx.HTTPError as error:
            raise named(address.host, error) from None


def read_chunks(response: httpx.Response) -> Iterator[bytes]:
    """The body as it comes; a broken connection is a SourceError."""
    try:
        yield from response.iter_bytes()
    except httpx.HTTPError as error:
        raise named(response.request.url.host, error) from None


def named(host: str, error: httpx.HTTPError) -> SourceError:
    """The state an HTTP error stands for; its own text is left out, it may hold the URL."""
    if isinstance(error, httpx.ConnectTimeout):
        return SourceError(CameraState.UNREACHABLE, f"{host} does not answer")
    if isinstance(error, httpx.TimeoutException):
        return SourceError(CameraState.STALLED, f"{host} sends nothing")
    if isinstance(error, httpx.ConnectError):
        refused = "refused" in str(error).lower()
        state = CameraState.REFUSED if refused else CameraState.UNREACHABLE
        return SourceError(state, f"no connection to {host}")
    if isinstance(error, httpx.ProtocolError):
        return SourceError(CameraState.BAD_DATA, f"{host} does not speak HTTP, or broke off")
    return SourceError(CameraState.UNREACHABLE, f"{host}: {type(error).__name__}")


def _judged(address: Address, response: httpx.Response) -> httpx.Response:
    if response.status_code == 200:
        return response
    status = response.status_code
    response.close()
    state = _STATES.get(status, CameraState.SERVER_ERROR)
    raise SourceError(state, f"{address.host} answers {status}")
