"""uvicorn, with the time that a client has to send its header lines."""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from unscrawl.service import logs
from unscrawl.service.app import create_app
from unscrawl.service.config import ServiceConfig

__all__ = ["make_server", "serve"]

HEADER_SECONDS = 15.0
"""A client that sends its header lines more slowly holds a connection for nothing."""

KEEP_ALIVE_SECONDS = 30
BACKLOG = 2048


class PatientProtocol(H11Protocol):
    """HTTP/1.1 that does not wait for a request line and header lines for ever."""

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first request of a connection."""
        super().connection_made(transport)
        self._deadline = self.loop.call_later(HEADER_SECONDS, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._deadline.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in what comes; a new request on an old connection has its time from its first byte."""
        idle = self.cycle is None or self.cycle.response_complete
        super().data_received(data)
        begun = self.cycle is not None and not self.cycle.response_complete
        if begun:
            self._deadline.cancel()
        elif idle and self._deadline.cancelled():
            self._deadline = self.loop.call_later(HEADER_SECONDS, self._give_up)

    def _give_up(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self.transport.abort()


def make_server(config: ServiceConfig) -> uvicorn.Server:
    """The service, ready to be run; its database is brought to this version's form."""
    return uvicorn.Server(
        uvicorn.Config(
            create_app(config),
            host=config.host,
            port=config.port,
            http=PatientProtocol,
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            backlog=BACKLOG,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=int(config.grace_seconds) + 1,
        )
    )


def serve(config: ServiceConfig) -> None:
    """Run the service until SIGTERM or SIGINT."""
    logs.set_up()
    server = make_server(config)
    # What is there now stays: the collector need not look at it again and again.
    gc.collect()
    gc.freeze()
    asyncio.run(server.serve())
