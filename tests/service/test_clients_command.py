from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from unscrawl.exceptions import ExitCode


def clients(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "unscrawl", "clients", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "UNSCRAWL_HOME": str(home)},
    )


def test_the_life_of_a_client(tmp_path: Path) -> None:
    made = clients(tmp_path, "create", "laptop", "--admin")
    assert made.returncode == ExitCode.OK
    assert "not shown again" in made.stderr
    entries = dict(line.split() for line in made.stdout.splitlines())
    assert entries.keys() == {"client_id", "client_secret", "webhook_key"}

    rotated = json.loads(clients(tmp_path, "rotate", entries["client_id"], "--json").stdout)
    assert rotated["client_id"] == entries["client_id"] and rotated["client_secret"] != entries["client_secret"]
    (listed,) = json.loads(clients(tmp_path, "list", "--json").stdout)
    assert (listed["name"], listed["tier"], listed["admin"], listed["live_secrets"]) == ("laptop", "free", True, 2)
    assert "laptop" in clients(tmp_path, "revoke", "laptop").stdout
    table = clients(tmp_path, "list").stdout
    assert "laptop" in table and "revoked" in table and "administrator" in table
    assert entries["client_secret"] not in table


def test_what_makes_no_sense_is_told(tmp_path: Path) -> None:
    for arguments, words in (
        (("create", "a", "--tier", "golden"), "no tier 'golden'"),
        (("rotate", "nobody"), "no client 'nobody'"),
    ):
        done = clients(tmp_path, *arguments)
        assert done.returncode == ExitCode.USAGE
        assert words in done.stderr and "Traceback" not in done.stderr
