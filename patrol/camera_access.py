"""How cameras are reached from this service: what is allowed, and with which patience."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from cases.camera_views import CameraToRun, Transport
from detector.sources import AllowList, FrameSource, SourceError, SourceOptions, open_source
from detector.sources.address import DEFAULT_PORTS
from detector.sources.states import CameraState
from detector.sources.visit import VisitSource
from patrol.settings import Settings

_FILE: Final = "file://"
_GRACE_S: Final = 0.02
"""A look that is due does not wait for a snapshot: the camera is asked again in half a second, and
the other cameras get their turn meanwhile."""


def allow_list(settings: Settings) -> AllowList:
    """Where cameras may be, as the settings say."""
    return AllowList(
        hosts=settings.camera_hosts or ("*",),
        ports=frozenset(settings.camera_ports) or None,
        networks=tuple(ipaddress.ip_network(one) for one in settings.camera_networks),
    )


def source_options(settings: Settings, transport: Transport = "tcp") -> SourceOptions:
    """How a camera of this service is reached; films play in a loop, for demonstrations."""
    return SourceOptions(
        transport=transport,
        allow=allow_list(settings),
        allow_files=settings.camera_files is not None,
        loop=True,
        grace_s=_GRACE_S,
        timezone=settings.zone,
    )


def allowed_url(settings: Settings, url: str) -> str:
    """The URL as a source takes it; a file becomes the path it has, if it lies where it may.

    Raises:
        SourceError: NOT_ALLOWED for a file outside PATROL_CAMERA_FILES, and for bare paths.
    """
    if urlsplit(url).scheme.lower() in DEFAULT_PORTS:
        return url
    if not url.lower().startswith(_FILE):
        raise SourceError(CameraState.NOT_ALLOWED, "expected rtsp, http or file:///...")
    folder = settings.camera_files
    if folder is None:
        raise SourceError(
            CameraState.NOT_ALLOWED,
            "files are not played here; PATROL_CAMERA_FILES allows a folder",
        )
    path = Path(unquote(urlsplit(url).path)).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise SourceError(
            CameraState.NOT_ALLOWED, "the file lies outside the folder of PATROL_CAMERA_FILES"
        )
    return str(path)


def open_url(settings: Settings, url: str, name: str, options: SourceOptions) -> FrameSource:
    """A source for this URL, if it is allowed; raises SourceError."""
    return open_source(allowed_url(settings, url), name, options)


def camera_opener(settings: Settings) -> Callable[[CameraToRun], FrameSource]:
    """What connects the cameras of the service: all the time (watch), or for each look (round)."""

    def connect(camera: CameraToRun) -> FrameSource:
        url = camera.address()
        options = source_options(settings, camera.transport)

        def opened() -> FrameSource:
            return open_url(settings, url, f"c{camera.id}", options)

        if camera.mode == "watch" or url.lower().startswith(_FILE):
            return opened()
        return VisitSource(opened, patience_s=options.connect_s + options.key_wait_s)

    return connect
