"""The container's files, as far as that can be told without a container engine."""

from __future__ import annotations

import re
import shutil
import subprocess
import sysconfig

from tests.pictures import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_hadolint_has_nothing_to_say() -> None:
    program = shutil.which("hadolint", path=sysconfig.get_path("scripts"))
    assert program is not None
    done = subprocess.run([program, str(ROOT / "Dockerfile")], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_what_is_copied_is_not_ignored() -> None:
    kept = set(re.findall(r"^!(.*)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE))
    for names in re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE):
        for name in names.split():
            assert name.removeprefix("./") in kept and (ROOT / name).exists()


def test_the_service_is_not_root() -> None:
    users = re.findall(r"^USER (\d+)$", DOCKERFILE, re.MULTILINE)
    assert users and users[-1] != "0"
