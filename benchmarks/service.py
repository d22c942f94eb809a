"""The service under load: nothing lost or swapped, what it adds to the library's time, and whether it grows.

    python -m benchmarks.service load --requests 1000 --clients 50
    python -m benchmarks.service overhead --requests 50
    python -m benchmarks.service soak --seconds 600

Each starts ``unscrawl serve`` on a folder of its own and prints a line of JSON; the figures go into ``SERVICE.md``.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import psutil
from PIL import Image, ImageDraw, ImageFont

from unscrawl import OcrEngine

START_SECONDS = 300.0
TIERS = "[tiers.load]\nrequests_per_minute = 1000000\nconcurrent_jobs = 100000\n"


@dataclass(frozen=True)
class Served:
    """A running service.

    Attributes:
        url: Its address.
        process: Its process.
        credentials: Of each client: id and secret.
    """

    url: str
    process: psutil.Process
    credentials: list[tuple[str, str]]


@contextmanager
def service(clients: int, *flags: str) -> Iterator[Served]:
    """Run a service with some clients."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "service.toml"
        config.write_text(TIERS, encoding="utf-8")
        environment = {**os.environ, "UNSCRAWL_HOME": folder, "UNSCRAWL_CONFIG": str(config)}

        def command(*arguments: str) -> list[str]:
            return [sys.executable, "-m", "unscrawl", *arguments]

        credentials = []
        for number in range(clients):
            create = command("clients", "create", f"client {number}", "--tier", "load", "--json")
            made = json.loads(subprocess.run(create, env=environment, capture_output=True, check=True).stdout)
            credentials.append((made["client_id"], made["client_secret"]))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        serve = command("serve", "--port", str(port), *flags)
        process = subprocess.Popen(serve, env=environment, stderr=subprocess.DEVNULL)
        try:
            url = f"http://127.0.0.1:{port}"
            deadline = time.monotonic() + START_SECONDS
            while not _ready(url):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("the service does not start")
                time.sleep(0.2)
            yield Served(url, psutil.Process(process.pid), credentials)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(120)


def _ready(url: str) -> bool:
    try:
        return httpx2.get(url + "/health/ready", trust_env=False).is_success
    except httpx2.TransportError:
        return False


def picture(text: str) -> bytes:
    """A small picture of one line of print, as PNG."""
    image = Image.new("RGB", (360, 90), "white")
    ImageDraw.Draw(image).text((30, 25), text, fill="black", font=ImageFont.load_default(32))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


async def _load(served: Served, requests: int) -> dict[str, Any]:
    outcomes: Counter[str] = Counter()
    seconds: list[float] = []
    wrong: list[tuple[bytes, str]] = []

    async def token(pair: tuple[str, str], http: httpx2.AsyncClient) -> str:
        form = {"grant_type": "client_credentials", "client_id": pair[0], "client_secret": pair[1]}
        return str((await http.post("/connect/token", data=form)).raise_for_status().json()["access_token"])

    async def one(number: int, bearer: str, http: httpx2.AsyncClient) -> None:
        text = f"number {number:04}"
        headers = {"Authorization": f"Bearer {bearer}"}
        started = time.perf_counter()
        while True:
            answer = await http.post(
                "/v1/recognize",
                headers=headers,
                files={"file": ("a.png", picture(text))},
                data={"format": "text", "single_line": "true", "mode": "printed"},
            )
            if answer.status_code != 503:
                break
            outcomes["503, tried again" if "retry-after" in answer.headers else "503 without Retry-After"] += 1
            await asyncio.sleep(float(answer.headers.get("retry-after", 1)))
        if answer.status_code == 202:
            outcomes["by way of a job"] += 1
            job = answer.json()
            while job["status"] in ("queued", "running"):
                looked = await http.get(f"/v1/jobs/{job['id']}", params={"wait": 30}, headers=headers)
                job = looked.raise_for_status().json()
            answer = await http.get(f"/v1/jobs/{job['id']}/result", headers=headers)
        seconds.append(time.perf_counter() - started)
        if answer.status_code != 200:
            outcomes[f"status {answer.status_code}"] += 1
        else:
            outcomes["right" if answer.text.strip() == text else "not what is written"] += 1
            if answer.text.strip() != text:
                wrong.append((picture(text), answer.text.strip()))

    limits = httpx2.Limits(max_connections=None)
    async with httpx2.AsyncClient(base_url=served.url, timeout=3600, limits=limits, trust_env=False) as http:
        bearers = [await token(pair, http) for pair in served.credentials]
        started = time.perf_counter()
        await asyncio.gather(*(one(n, bearers[n % len(bearers)], http) for n in range(requests)))
        wall = time.perf_counter() - started
    # A misreading is the reader's; a text that the library does not read there would be another's.
    engine = OcrEngine(threads=1)
    others = sum(engine.recognize(file, single_line=True, mode="printed").text.strip() != text for file, text in wrong)
    return {
        "requests": requests,
        "clients": len(bearers),
        "answers_of_others": others,
        "outcomes": dict(outcomes),
        "seconds": round(wall, 1),
        "p50_s": round(statistics.median(seconds), 2),
    }


def load(requests: int, clients: int) -> dict[str, Any]:
    """Send all requests at one moment; count right, wrong and lost answers."""
    with service(clients) as served:
        return asyncio.run(_load(served, requests))


def overhead(requests: int) -> dict[str, Any]:
    """One request after another, and the same by the library with as many threads: the difference of the medians.

    On a machine that computes other things the times are those of waiting for a turn; so the processor time is told too
    that the service (without its worker, which reads) and the client take for a request.
    """
    files = [picture(f"number {number:04}") for number in range(requests)]
    options: dict[str, Any] = {"single_line": True, "mode": "printed"}
    engine = OcrEngine(threads=1)
    engine.recognize(files[0], **options)
    library: list[float] = []
    remote: list[float] = []
    with service(1, "--workers", "1") as served:
        client_id, secret = served.credentials[0]
        client = OcrEngine(client_id=client_id, client_secret=secret, base_url=served.url)
        client.recognize(files[0], **options)
        before = served.process.cpu_times()
        client_cpu = 0.0
        for file in files:  # in turn, so that other load on the machine meets both
            for reader, times in ((engine, library), (client, remote)):
                started, cpu = time.perf_counter(), time.process_time()
                reader.recognize(file, **options)
                times.append(time.perf_counter() - started)
                client_cpu += time.process_time() - cpu if reader is client else 0.0
        after = served.process.cpu_times()
        server_cpu = after.user + after.system - before.user - before.system
        client.close()
    medians = [1000 * statistics.median(times) for times in (library, remote)]
    return {
        "requests": requests,
        "library_p50_ms": round(medians[0], 1),
        "service_p50_ms": round(medians[1], 1),
        "overhead_p50_ms": round(medians[1] - medians[0], 1),
        "server_cpu_ms": round(1000 * server_cpu / requests, 1),
        "client_cpu_ms": round(1000 * client_cpu / requests, 1),
    }


def soak(seconds: float, clients: int) -> dict[str, Any]:
    """Requests without a pause; memory and descriptors of the service and its workers in each tenth of the time."""
    with service(clients) as served, ThreadPoolExecutor(clients) as threads:
        end = time.monotonic() + seconds
        done: Counter[str] = Counter()

        def work(pair: tuple[str, str]) -> None:
            with OcrEngine(client_id=pair[0], client_secret=pair[1], base_url=served.url) as engine:
                number = 0
                while time.monotonic() < end:
                    number += 1
                    # Of many sizes: what grows with the number of different shapes must show.
                    text = "number " * (1 + number % 4) + f"{number:04}"
                    image = Image.open(io.BytesIO(picture(text))).resize((300 + number % 50, 80 + number % 20))
                    engine.recognize(image)
                    done["answers"] += 1

        running = [threads.submit(work, pair) for pair in served.credentials]
        megabytes, descriptors = [], []
        for _ in range(10):
            time.sleep(seconds / 10)
            family = [served.process, *served.process.children(recursive=True)]
            megabytes.append(round(sum(process.memory_info().rss for process in family) / 1e6))
            descriptors.append(served.process.num_fds())
        for each in running:
            each.result()
    return {"seconds": seconds, **done, "megabytes": megabytes, "descriptors": descriptors}


def main() -> None:
    """Run one measurement, and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["load", "overhead", "soak"])
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=600.0)
    given = parser.parse_args()
    if given.what == "load":
        result = load(given.requests, given.clients)
    elif given.what == "overhead":
        result = overhead(given.requests)
    else:
        result = soak(given.seconds, given.clients)
    print(json.dumps({given.what: result}))


if __name__ == "__main__":
    main()
