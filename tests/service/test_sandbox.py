"""What a worker can still do after it has given up the rest: tried in a real process."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"), reason="the filter is for these"
)


def confined(code: str, megabytes: int = 1000, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    program = f"from unscrawl.service import sandbox\nassert sandbox.enter({megabytes})\n{code}"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=cwd)


@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6", "AF_UNIX"])
def test_no_sockets(family: str) -> None:
    done = confined(f"import socket; socket.socket(socket.{family})")
    assert "PermissionError" in done.stderr


def test_no_sockets_in_programs_that_it_starts() -> None:
    done = confined("import subprocess, sys; subprocess.run([sys.executable, '-c', 'import socket; socket.socket()'])")
    assert "PermissionError" in done.stderr


def test_no_files_are_written(tmp_path: Path) -> None:
    done = confined("open('a', 'w').write('x' * 100000)", cwd=tmp_path)
    assert "OSError" in done.stderr
    assert all(path.stat().st_size == 0 for path in tmp_path.iterdir())


def test_memory_is_limited() -> None:
    assert "MemoryError" in confined("bytearray(1_500_000_000)").stderr
    assert confined("bytearray(100_000_000)").returncode == 0


def test_reading_and_thinking_are_allowed() -> None:
    code = "import json, threading; print(len(open(json.__file__).read()) > 9); threading.Thread(target=print).start()"
    assert confined(code).stdout.strip() == "True"
