"""Running services for tests: in a thread of this process, or as ``unscrawl serve``."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from tests.service.postgres import free_port
from unscrawl.service.config import ServiceConfig
from unscrawl.service.credentials import NewSecret
from unscrawl.service.server import make_server
from unscrawl.service.state import State

START_SECONDS = 120.0


class Api:
    """A client's hold on a running service: plain HTTP with its token."""

    def __init__(self, url: str, made: NewSecret) -> None:
        self.url = url
        self.made = made
        self.http = httpx2.Client(base_url=url, timeout=120, trust_env=False)
        self.http.headers["Authorization"] = f"Bearer {self.token()}"

    def __enter__(self) -> Api:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def token(self) -> str:
        answer = self.http.post("/connect/token", data=self.grant())
        return str(answer.raise_for_status().json()["access_token"])

    def grant(self) -> dict[str, str]:
        return {
            "grant_type": "client_credentials",
            "client_id": self.made.client_id,
            "client_secret": self.made.secret,
        }

    def recognize(self, data: bytes, name: str = "note.png", **more: Any) -> httpx2.Response:
        headers = more.pop("headers", {})
        return self.http.post("/v1/recognize", files={"file": (name, data)}, data=more, headers=headers)

    def text(self, data: bytes, **more: Any) -> str:
        """Read a picture; on a slow machine by way of a job."""
        answer = self.recognize(data, format="text", **more).raise_for_status()
        if answer.status_code == 202:
            job = self.wait(answer.json()["id"])
            answer = self.http.get(job["result"]).raise_for_status()
        return answer.text.removesuffix("\n")

    def wait(self, job_id: str, seconds: float = 120) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while True:
            job: dict[str, Any] = self.http.get(f"/v1/jobs/{job_id}", params={"wait": 20}).raise_for_status().json()
            if job["status"] not in ("queued", "running"):
                return job
            assert time.monotonic() < deadline, job


class Service:
    """A service that runs in a thread of this process."""

    def __init__(self, config: ServiceConfig) -> None:
        self.url = f"http://127.0.0.1:{config.port}"
        self._server = make_server(config)
        self.state: State = self._server.config.app.state.service  # type: ignore[union-attr]
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._server.started:
            assert self._thread.is_alive() and time.monotonic() < deadline, "the service does not start"
            time.sleep(0.05)

    def api(self, name: str, tier: str = "standard", *, admin: bool = False) -> Api:
        return Api(self.url, self.state.credentials.create(name, tier, admin=admin))

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(60)
        assert not self._thread.is_alive()


@contextmanager
def service(**settings: Any) -> Iterator[Service]:
    running = Service(ServiceConfig(port=free_port(), workers=1, **settings))
    try:
        yield running
    finally:
        running.stop()


def command(*arguments: str | Path, home: Path, database: str) -> str:
    """Run ``unscrawl`` on the data of a service; gives what it prints."""
    environment = {**os.environ, "UNSCRAWL_HOME": str(home), "UNSCRAWL_DATABASE": database}
    done = subprocess.run(
        [sys.executable, "-m", "unscrawl", *map(str, arguments)],
        check=True,
        capture_output=True,
        text=True,
        env=environment,
    )
    return done.stdout


class Process:
    """``unscrawl serve`` in a process of its own, that can be killed."""

    def __init__(self, home: Path, database: str, *flags: str) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.log = home / f"log-{port}"
        environment = {**os.environ, "UNSCRAWL_HOME": str(home), "UNSCRAWL_DATABASE": database, "UNSCRAWL_WORKERS": "1"}
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "unscrawl", "serve", "--port", str(port), *flags], stderr=log, env=environment
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self.process.poll() is None and time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            return httpx2.get(self.url + "/health/ready", trust_env=False).is_success
        except httpx2.TransportError:
            return False

    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(60)
