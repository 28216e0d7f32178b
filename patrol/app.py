"""`patrol up`: the wired rooms behind one address, until told to stop."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import structlog
import uvicorn
from fastapi import FastAPI

from api.app import create_app
from api.intake import Workers
from api.services import Services
from cases import accounts
from patrol.cameras.service import camera_runner
from patrol.eyes import ModelInService
from patrol.settings import Settings
from patrol.wiring import StartError, make_services, open_database

log = structlog.get_logger("patrol")

_CAMERAS_STOP_S: Final = 15.0

Background = Callable[[Services, Workers, threading.Event], None]
"""Work beside serving: gets the services, the photo workers, and an event that says stop."""


@dataclass(frozen=True, slots=True)
class Started:
    """A service that answers: where, and the password of a first administrator made just now."""

    url: str
    first_password: str | None


class Server(uvicorn.Server):
    """uvicorn's server that says when it answers, before it stops, and when it has stopped.

    The last comes before the signal is raised again, which ends the process.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        on_start: Callable[[], None],
        on_stop: Callable[[], None],
        on_stopped: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._on_start = on_start
        self._on_stop = on_stop
        self._on_stopped = on_stopped

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        if self.started:
            self._on_start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finish the requests begun, and stop."""
        self._on_stop()
        await super().shutdown(sockets)
        await asyncio.to_thread(self._on_stopped)


def listen(host: str, port: int) -> socket.socket:
    """A bound socket; raises StartError naming the setting when the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise StartError(
            f"cannot listen on {host}:{port}: {error.strerror or error}; PATROL_HOST and"
            " PATROL_PORT choose another address"
        ) from error
    return listener


def serve(
    settings: Settings,
    *,
    on_start: Callable[[Started], None],
    background: Background | None = None,
) -> None:
    """Run the service until it is told to stop (SIGINT, SIGTERM).

    Args:
        settings: where and how.
        on_start: called once the service answers.
        background: work that begins then, in a thread of its own.

    Raises:
        StartError, ModelError: it cannot start.
    """
    if not settings.https and not _this_machine_alone(settings.host):
        log.warning(
            "passwords travel unencrypted; put https in front and set PATROL_HTTPS",
            host=settings.host,
        )
    with listen(settings.host, settings.port) as listener:
        db = open_database(settings)
        try:
            model = ModelInService(settings)
            stop = threading.Event()
            services = make_services(settings, db, model, stop)
            runner = camera_runner(settings, services, model.brain)
            app = create_app(services)
            patrols: list[threading.Thread] = []

            def started() -> None:
                # made when its password can be shown, never in a start that then fails
                password = accounts.first_admin(db)
                on_start(Started(address_of(listener), password))
                _in_background("model", partial(model.watch, stop))
                patrols.append(_in_background("cameras", partial(runner.run, stop)))
                if background is not None:
                    workers: Workers = app.state.workers
                    _in_background("background", partial(background, services, workers, stop))

            def stopped() -> None:
                for patrol in patrols:
                    patrol.join(_CAMERAS_STOP_S)

            Server(_server_config(app, settings), started, stop.set, stopped).run([listener])
        finally:
            db.close()


def _this_machine_alone(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


def _server_config(app: FastAPI, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_graceful_shutdown=20,
        ws="none",
    )


def _in_background(name: str, work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work, name=name, daemon=True)
    thread.start()
    return thread


def address_of(listener: socket.socket) -> str:
    """The address to open in a browser; a socket on all addresses is reached by localhost."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 (compared, not bound)
        host = "localhost"
    if ":" in host:
        host = f"[{host}]"
    return f"http://{host}:{port}"
