"""Which addresses a camera may have, and how an address is shown without its secrets."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from detector.sources.states import CameraState, SourceError

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], tuple[str, ...]]

DEFAULT_PORTS = {"rtsp": 554, "rtsps": 322, "http": 80, "https": 443}
HIDDEN = "***"
# Query parameters whose values are worth showing and are never secret; all others are hidden.
_HARMLESS = frozenset(
    {
        *("app", "ch", "channel", "expire_sec", "height", "mode", "preset", "profile", "proto"),
        *("stream", "streamtype", "subtype", "timeout_sec", "track", "transport", "unicast"),
        *("vhost", "width"),
    }
)
_USERINFO = re.compile(r"(?P<scheme>[a-z][a-z0-9+.\-]*://)[^\s]*@", re.IGNORECASE)
_QUERY = re.compile(r"(?P<mark>[?&;])(?P<name>[^=&;\s?#]+)=(?P<value>[^&;\s]*)")
_IN_PATH = re.compile(
    r"(?P<name>user(name)?|pass(word|wd)?|pwd|secret|token|auth|sign(ature)?|key)=[^&;/\s?]*?"
    r"(?=_(channel|stream|password|user)=|[&;/\s?]|$)",
    re.IGNORECASE,
)


def redact(text: str) -> str:
    """The text with the secrets of every URL in it hidden.

    Hidden are the user part of a URL (up to the last ``@``, as passwords may hold one), the values
    of all query parameters but a few harmless ones (``channel``, ``subtype``, ...), and
    ``password=...``-like parts of a path. Safe on any text: error messages of libraries repeat the
    URL they were given.

    >>> redact("rtsp://admin:p@ss@10.0.0.9/live?channel=1&token=abc")
    'rtsp://***@10.0.0.9/live?channel=1&token=***'
    """
    text = _USERINFO.sub(lambda m: f"{m['scheme']}{HIDDEN}@", text)
    text = _QUERY.sub(_hide_value, text)
    return _IN_PATH.sub(lambda m: f"{m['name']}={HIDDEN}", text)


def _hide_value(match: re.Match[str]) -> str:
    shown = match["value"] if match["name"].lower() in _HARMLESS else HIDDEN
    return f"{match['mark']}{match['name']}={shown}"


@dataclass(frozen=True, slots=True)
class Address:
    """A URL that passed the allow-list, taken apart.

    ``ip`` is the checked address: connect to it, never resolve ``host`` a second time (the answer
    may be another one). ``url`` holds no user part.
    """

    url: str
    scheme: str
    host: str
    port: int
    ip: str
    user: str | None
    password: str | None

    def __repr__(self) -> str:
        return f"Address({redact(self.url)!r}, ip={self.ip!r})"

    @property
    def pinned_url(self) -> str:
        """The URL with the checked IP in place of the host name, without a user part."""
        return self._with(self._ip_netloc)

    @property
    def pinned_url_with_user(self) -> str:
        """``pinned_url`` with the user part as it was written; keep it out of logs."""
        if self.user is None:
            return self.pinned_url
        return self._with(
            f"{quote(self.user, safe='')}:{quote(self.password or '', safe='')}@{self._ip_netloc}"
        )

    @property
    def _ip_netloc(self) -> str:
        return f"[{self.ip}]:{self.port}" if ":" in self.ip else f"{self.ip}:{self.port}"

    def _with(self, netloc: str) -> str:
        return urlsplit(self.url)._replace(netloc=netloc).geturl()


def resolve(host: str, port: int) -> tuple[str, ...]:
    """All addresses of ``host``; OSError when the name is not known."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True, slots=True)
class AllowList:
    """Where pictures may be fetched from.

    ``hosts``: names or addresses, ``*.example.org`` for everything under a name, ``*`` for all.
    ``ports``: None allows all. ``networks``: the private, loopback and link-local ranges that are
    allowed; an address in such a range and in none of these is refused, by whatever name it was
    reached. Public addresses are allowed when ``public`` is true.
    """

    schemes: frozenset[str] = frozenset({"rtsp", "rtsps", "http", "https"})
    hosts: tuple[str, ...] = ("*",)
    ports: frozenset[int] | None = None
    networks: tuple[IPNetwork, ...] = ()
    public: bool = True

    @staticmethod
    def lan() -> AllowList:
        """Everything public, the private ranges and this machine: for a person's own terminal."""
        ranges = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
        own = ("127.0.0.0/8", "::1/128", "fc00::/7")
        return AllowList(networks=tuple(ipaddress.ip_network(r) for r in (*ranges, *own)))

    def check(self, url: str, resolve: Resolve = resolve) -> Address:
        """Take the URL apart, resolve its host and check every address found.

        Raises:
            SourceError: NOT_ALLOWED with the reason, or UNREACHABLE when the name is not known.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise _refuse(url, f"is not a URL: {redact(str(error))}") from None
        scheme, host = parts.scheme.lower(), (parts.hostname or "").lower()
        if scheme not in self.schemes or scheme not in DEFAULT_PORTS:
            known = ", ".join(sorted(self.schemes))
            raise _refuse(url, f"expected one of the schemes {known}")
        if not host:
            raise _refuse(url, "names no host")
        if any(ord(char) <= 32 or ord(char) == 127 for char in url):
            raise _refuse(url, "holds a blank or control character")
        port = port or DEFAULT_PORTS[scheme]
        if self.ports is not None and port not in self.ports:
            raise _refuse(url, f"port {port} is not allowed")
        if not any(_host_matches(host, pattern) for pattern in self.hosts):
            raise _refuse(url, f"host {host} is not allowed")
        try:
            ips = resolve(host, port)
        except (OSError, UnicodeError):
            raise SourceError(CameraState.UNREACHABLE, f"no address is known for {host}") from None
        if not ips:
            raise SourceError(CameraState.UNREACHABLE, f"no address is known for {host}")
        for ip in ips:
            self._check_ip(url, ipaddress.ip_address(ip.split("%")[0]))
        bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        user = None if parts.username is None else unquote(parts.username)
        password = None if parts.password is None else unquote(parts.password)
        return Address(bare, scheme, host, port, ips[0], user, password)

    def _check_ip(self, url: str, ip: IPAddress) -> None:
        mapped = getattr(ip, "ipv4_mapped", None)
        ip = mapped or ip
        if any(ip in network for network in self.networks if network.version == ip.version):
            return
        if not ip.is_global or ip.is_multicast:
            raise _refuse(url, f"{ip} is in a private or reserved range that is not allowed")
        if not self.public:
            raise _refuse(url, f"{ip} is in none of the allowed ranges")


def _refuse(url: str, reason: str) -> SourceError:
    return SourceError(CameraState.NOT_ALLOWED, f"{redact(url)}: {reason}")


def _host_matches(host: str, pattern: str) -> bool:
    pattern = pattern.lower()
    if pattern == "*":
        return True
    if pattern.startswith("*."):
        return host.endswith(pattern[1:])
    return host == pattern
