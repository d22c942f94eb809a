"""What the documents say, held against the code."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import fields
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from tests.pictures import NOTE_TEXT, ROOT
from unscrawl import exceptions
from unscrawl.cli.commands import COMMANDS
from unscrawl.exceptions import ExitCode, OcrException
from unscrawl.languages import Language
from unscrawl.options import ReadOptions
from unscrawl.result import SCHEMA_VERSION, Document, Line, Page, Quad, Word

README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md"), *(ROOT / "src").rglob("*.md")])

ERRORS = [
    cls
    for cls in (getattr(exceptions, name) for name in exceptions.__all__)
    if isinstance(cls, type) and issubclass(cls, OcrException)
]


def read(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def rows(text: str) -> list[list[str]]:
    """The cells of all table rows, without code marks."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize("error", ERRORS, ids=lambda cls: cls.__name__)
def test_every_error_has_its_section(error: type[OcrException]) -> None:
    pattern = rf"^## {error.__name__}\n\n(.*?)\n\n(\w.*?|`.*?)\n"
    section = re.search(pattern, read("errors.md"), re.DOTALL | re.MULTILINE)
    assert section is not None
    assert section[1] == f"`{error.slug}` · exit code {error.exit_code} · HTTP {error.http_status}"
    assert section[2]


def test_errors_that_are_documented_exist() -> None:
    named = set(re.findall(r"^## (\w+)$", read("errors.md"), re.MULTILINE))
    assert named == {cls.__name__ for cls in ERRORS}


def test_every_exit_code_is_documented_and_in_the_help() -> None:
    documented = {int(row[0]): row[1] for row in rows(read("errors.md")) if row[0].isdigit()}
    assert documented == {code.value: code.name for code in ExitCode}
    done = subprocess.run([sys.executable, "-m", "unscrawl", "--help"], capture_output=True, text=True, check=True)
    listed = done.stdout.partition("Exit codes:")[2]
    assert {int(number) for number in re.findall(r"\b(\d+) (?=[a-zA-Z])", listed)} == {code.value for code in ExitCode}


def shown(default: Any) -> str:
    """A default as the table of options writes it."""
    if isinstance(default, Enum):
        return str(default.value)
    if isinstance(default, tuple):
        return "auto"
    if isinstance(default, bool):
        return "on" if default else "off"
    return f"{default:g}" if isinstance(default, int | float) else str(default)


def test_every_option_is_documented_with_its_flag_and_default() -> None:
    documented = {row[0]: row[1:3] for row in rows(read("options.md")) if len(row) == 4}
    del documented["Python"], documented["---"]
    unset = {
        "pages": "all",
        "password": "none",
        "allow": "all",
        "deny": "none",
        "words": "none",
        "patterns": "none",
        "regions": "none",
        "filters": "none",
    }
    expected = {
        field.name: ["--" + field.name.replace("_", "-"), unset.get(field.name) or shown(field.default)]
        for field in fields(ReadOptions)
    }
    assert documented == expected


def test_every_flag_of_reading_is_documented() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "unscrawl", "read", "--help"], capture_output=True, text=True, check=True
    )
    flags = set(re.findall(r"^  (?:-\w, )?(--[\w-]+)", done.stdout, re.MULTILINE))
    assert len(flags) > len(fields(ReadOptions))
    assert {flag for flag in flags if f"`{flag}`" not in read("options.md")} == set()


def test_every_limit_is_explained() -> None:
    documented = {row[0] for row in rows(read("limits.md"))}
    assert {field.name for field in fields(ReadOptions) if field.name.startswith("max_")} <= documented


def test_every_command_is_in_the_readme() -> None:
    for name in COMMANDS:
        assert name == "read" or f"unscrawl {name}" in README


def test_every_room_is_in_the_architecture() -> None:
    package = ROOT / "src" / "unscrawl"
    folders = {f"{path.parent.name}/" for path in package.glob("*/__init__.py")}
    modules = {path.name for path in package.glob("*.py")} - {"__main__.py"}
    documented = {row[0] for row in rows(read("architecture.md"))}
    assert folders | modules <= documented


def test_layers_are_those_that_are_checked() -> None:
    configured = re.search(r"^layers = \[\n(.*?)^\]", (ROOT / "pyproject.toml").read_text("utf-8"), re.DOTALL | re.M)
    assert configured is not None
    layers = re.findall(r'"(.*)"', configured[1])
    assert "\n".join(layers) + "\n" in blocks(read("architecture.md"), "")


def keys(value: Any, path: str = "") -> set[str]:
    """The paths of all keys in a tree of JSON; those of list items are the same for all items."""
    if isinstance(value, dict):
        return {f"{path}.{key}" for key in value}.union(*(keys(each, f"{path}.{key}") for key, each in value.items()))
    if isinstance(value, list):
        return set[str]().union(*(keys(each, f"{path}[]") for each in value))
    return set()


def test_json_example_has_the_form_of_a_result() -> None:
    quad: Quad = ((0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0))
    line = Line("Buy milk", quad, (Word("Buy", quad, 0.9), Word("milk", quad, 0.8)), 0.85, Language.ENGLISH)
    form = json.loads(Document((Page(1, 9, 9, (line,)),), "note.jpg").to_json())
    (block,) = blocks(read("json.md"), "json")
    example = json.loads(block)
    assert keys(example) == keys(form)
    assert example["schema"] == SCHEMA_VERSION
    documented = {name for row in rows(read("json.md")) for name in re.findall(r"\w+", row[0])}
    assert {path.rpartition(".")[2] for path in keys(form)} - documented <= {"words"}


def test_readme_shows_what_the_note_says() -> None:
    assert blocks(README, "text") == [NOTE_TEXT + "\n"]


def test_readme_code_runs(tmp_path: Path) -> None:
    script = tmp_path / "readme.py"
    code = "\n".join(blocks(README, "python")).replace('"note.json"', repr(str(tmp_path / "note.json")))
    script.write_text(code, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, encoding="utf-8", cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(NOTE_TEXT + "\nBuy ")
    assert json.loads((tmp_path / "note.json").read_text(encoding="utf-8"))["text"] == NOTE_TEXT


def heading_anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if target.startswith(("https://", "http://")):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        assert not anchor or anchor in heading_anchors(file.read_text(encoding="utf-8")), target
