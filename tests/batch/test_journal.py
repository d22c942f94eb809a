"""The journal: what a batch knows after anything."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from unscrawl.batch.inputs import Found, find_inputs
from unscrawl.batch.journal import Failure, Journal, JournalExists

SETTINGS = {"forms": "text"}
NOBODY = 65534
FAILURE = Failure("damaged-input", "It is damaged.", 4)


def found(name: str, size: int = 1) -> Found:
    return Found(Path(f"/in/{name}"), Path(name).stem, size, 7)


def test_what_ran_waits_again_and_what_is_done_stays(tmp_path: Path) -> None:
    with Journal(tmp_path, SETTINGS, resume=False) as journal:
        for name in ("a.png", "b.png", "c.png", "d.pdf"):
            assert journal.add(found(name))
        first, second, third = (journal.next_waiting() for _ in range(3))
        assert first and second and third
        journal.done(first.identity, 1, 0.5)
        journal.failed(second.identity, FAILURE)
        assert journal.entry(second.identity).failure == FAILURE
        paged = journal.next_waiting()
        assert paged and journal.next_waiting() is None
        journal.open(paged.identity, [1, 2, 3, 4, 5], 0.1)
        assert journal.next_pages(2) == (journal.entry(paged.identity), [1, 2])
        journal.page_done(paged.identity, 1, "{}", failed=False, seconds=0.2)
        assert journal.expected_pages() == (8, 3)
    with Journal(tmp_path, SETTINGS, resume=True) as journal:
        assert [(entry.name, entry.state) for entry in journal.entries()] == [
            ("a", "done"),
            ("b", "waiting"),  # failed before: tried again
            ("c", "waiting"),  # was running
            ("d", "open"),
        ]
        pages = journal.next_pages(9)
        assert pages is not None and pages[1] == [2, 3, 4, 5]
        assert journal.next_complete() is None
        for number in (3, 2, 5, 4):
            journal.page_done(pages[0].identity, number, str(number), failed=number == 4, seconds=1)
        complete = journal.next_complete()
        assert complete is not None and (complete.name, complete.failed_pages) == ("d", 1)
        assert journal.page_results(complete.identity) == ["{}", "2", "3", "4", "5"]
        journal.done(complete.identity, 5, 0.1)
        assert journal.page_results(complete.identity) == []
        assert journal.counts() == {"done": 2, "waiting": 2}


def test_names_are_never_used_twice(tmp_path: Path) -> None:
    with Journal(tmp_path, SETTINGS, resume=False) as journal:
        for name in ("a.png", "a.jpg", "A.tif", "unscrawl-report.png"):
            journal.add(found(name))
        assert [entry.name for entry in journal.entries()] == ["a", "a-2", "A-3", "unscrawl-report-2"]


def test_a_changed_file_begins_anew(tmp_path: Path) -> None:
    with Journal(tmp_path, SETTINGS, resume=False) as journal:
        journal.add(found("a.png"))
        entry = journal.next_waiting()
        assert entry is not None
        journal.done(entry.identity, 1, 1)
        assert not journal.add(found("a.png"))
        assert journal.add(found("a.png", size=2))
        (entry,) = journal.entries()
        assert (entry.state, entry.size, entry.name) == ("waiting", 2, "a")


def test_deaths_are_counted(tmp_path: Path) -> None:
    with Journal(tmp_path, SETTINGS, resume=False) as journal:
        journal.add(found("a.png"))
        for deaths in (1, 2):
            entry = journal.next_waiting()
            assert entry is not None
            assert journal.give_back(entry.identity, (), died=True) == deaths


def test_another_batch_is_not_mixed_in(tmp_path: Path) -> None:
    Journal(tmp_path, SETTINGS, resume=False).__exit__(None, None, None)
    with pytest.raises(JournalExists, match="has a batch already"):
        Journal(tmp_path, SETTINGS, resume=False)
    with pytest.raises(JournalExists, match="begun with forms 'text', not 'pdf'"):
        Journal(tmp_path, {"forms": "pdf"}, resume=True)


def test_two_processes_do_not_share_a_batch(tmp_path: Path) -> None:
    with Journal(tmp_path, SETTINGS, resume=False):
        script = (
            "import sys; from pathlib import Path; from unscrawl.batch.journal import Journal;"
            "Journal(Path(sys.argv[1]), {'forms': 'text'}, resume=True)"
        )
        done = subprocess.run([sys.executable, "-c", script, tmp_path], capture_output=True, text=True, check=False)
        assert "Another process works on the batch" in done.stderr
    Journal(tmp_path, SETTINGS, resume=True).__exit__(None, None, None)


def test_every_step_survives_a_kill(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path; from unscrawl.batch.journal import Journal;"
        "from unscrawl.batch.inputs import Found\n"
        "with Journal(Path(sys.argv[1]), {'forms': 'text'}, resume=False) as journal:\n"
        "    for n in range(3):\n        journal.add(Found(Path(f'/in/{n}.png'), str(n), 1, 1))\n"
        "    journal.done(journal.next_waiting().identity, 1, 1.0)\n"
        "    journal.next_waiting()\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, tmp_path], check=False)
    assert done.returncode == -9
    with Journal(tmp_path, SETTINGS, resume=True) as journal:
        assert journal.counts() == {"done": 1, "waiting": 2}


def test_a_broken_journal_is_told(tmp_path: Path) -> None:
    (tmp_path / ".unscrawl-batch.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(sqlite3.DatabaseError):
        Journal(tmp_path, SETTINGS, resume=True)


def names(given: list[str], output: Path, missing: list[str] | None = None) -> list[str]:
    said = [] if missing is None else missing
    return [each.name for each in find_inputs(given, output, lambda name, error: said.append(name))]


def test_inputs_are_found(tmp_path: Path) -> None:
    for name in ("b.JPG", "a.png", "sub/c.pdf", "sub/note.txt", ".hidden/d.png", "sub/.e.png", "out/f.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    out = tmp_path / "out"
    assert names([str(tmp_path)], out) == ["a", "b", "sub/c"]
    assert names([f"{tmp_path}/**/*.p*"], tmp_path / "no") == ["a", "f", "c"]
    assert names([f"{tmp_path}/sub/note.txt"], out) == ["note"]
    missing: list[str] = []
    assert names(["no such file.png", f"{tmp_path}/*.xyz"], out, missing) == []
    assert missing == ["no such file.png", f"{tmp_path}/*.xyz"]


def test_an_unreadable_folder_is_told_and_the_rest_is_found() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "a.png").write_bytes(b"x")
        (folder / "closed").mkdir(0o000)
        missing: list[str] = []
        user = os.geteuid()
        if user == 0:  # whom no mode keeps out
            os.seteuid(NOBODY)
        try:
            assert names([name], folder / "out", missing) == ["a"]
        finally:
            os.seteuid(user)
            (folder / "closed").chmod(0o700)
        assert missing == [str(folder / "closed")]


def test_names_that_no_journal_can_hold_are_told(tmp_path: Path) -> None:
    strange = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.png")
    try:
        Path(strange).write_bytes(b"x")
    except OSError:
        pytest.skip("this file system has only names in UTF-8")
    missing: list[str] = []
    assert names([str(tmp_path)], tmp_path / "out", missing) == []
    assert len(missing) == 1
