"""Batches as they are run: whole, killed, out of room."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from PIL import Image

from tests.pictures import ROOT, printed
from tests.test_cli import unscrawl
from unscrawl.batch import Journal, Order, run_batch
from unscrawl.exceptions import ExitCode
from unscrawl.options import ReadOptions, RecognitionMode

FAST = ("--mode", "printed", "--workers", "2")
PAGES = 12  # so many that a batch is not done before it is interrupted

SETPRIV = shutil.which("setpriv") or ""
NO_OVERRIDE = "-dac_override,-dac_read_search"

pytestmark = pytest.mark.timeout(600)


def scan(path: Path, *pages: str) -> Path:
    """A picture for each text; several go into one TIFF."""
    pictures = [Image.fromarray(printed([text])) for text in pages]
    path.parent.mkdir(parents=True, exist_ok=True)
    if len(pictures) > 1:
        pictures[0].save(path, save_all=True, append_images=pictures[1:])
    else:
        pictures[0].save(path)
    return path


def report(out: Path) -> Any:
    return json.loads((out / "unscrawl-report.json").read_text(encoding="utf-8"))


def states(out: Path) -> dict[str, str]:
    return {Path(entry["input"]).name: entry["state"] for entry in report(out)["inputs"]}


def texts(out: Path) -> dict[str, str]:
    return {
        path.relative_to(out).as_posix(): path.read_text(encoding="utf-8").strip()
        for path in sorted(out.rglob("*.txt"))
    }


def litter(out: Path) -> list[Path]:
    return [path for path in out.rglob("*") if ".part" in path.name]


def start(*arguments: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "unscrawl", "batch", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def until(condition: Callable[[], bool], seconds: float = 240) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.01)


def workers_of(parent: subprocess.Popen[str]) -> list[psutil.Process]:
    """The processes that read: the children of the one that they are forked from, without renderers of PDF."""
    family = psutil.Process(parent.pid).children(recursive=True)
    servers = {child.pid for child in family if any("forkserver" in part for part in child.cmdline())}
    return [child for child in family if child.ppid() in servers]


@pytest.mark.skipif(os.geteuid() == 0 and not SETPRIV, reason="root may read everything")
def test_a_folder_that_may_not_be_read_costs_only_itself(tmp_path: Path) -> None:
    scan(tmp_path / "in" / "open" / "page.png", "an open page")
    scan(tmp_path / "in" / "shut" / "page.png", "a shut page")
    scan(tmp_path / "in" / "shut.png", "a shut file")
    out = tmp_path / "out"
    batch = [sys.executable, "-m", "unscrawl", "batch", str(tmp_path / "in"), "-o", str(out), *FAST]
    # Root may read everything, unless it gives that right away.
    barred = [SETPRIV, f"--bounding-set={NO_OVERRIDE}", f"--inh-caps={NO_OVERRIDE}"] if os.geteuid() == 0 else []
    for path in (tmp_path / "in" / "shut", tmp_path / "in" / "shut.png"):
        path.chmod(0)
    done = subprocess.run([*barred, *batch], capture_output=True, text=True, check=False)
    assert done.returncode == ExitCode.FILE
    assert texts(out) == {"open/page.txt": "an open page"}
    assert states(out) == {"page.png": "done", "shut": "failed", "shut.png": "failed"}
    assert done.stderr.count("Permission denied") == 2

    (tmp_path / "in" / "shut").chmod(0o700)
    (tmp_path / "in" / "shut.png").chmod(0o600)
    done = subprocess.run([*barred, *batch, "--resume"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert texts(out) == {
        "open/page.txt": "an open page", "shut.txt": "a shut file", "shut/page.txt": "a shut page"
    }  # fmt: skip


def test_folders_in_several_forms_with_a_bad_file_among_them(tmp_path: Path) -> None:
    scan(tmp_path / "in" / "first.png", "first page")
    scan(tmp_path / "in" / "sub" / "many.tif", "page one", "page two", "page three", "page four", "page five")
    (tmp_path / "in" / "bad.png").write_bytes(b"no picture")
    out = tmp_path / "out"
    done = unscrawl("batch", tmp_path / "in", tmp_path / "missing.png", "-o", out, "-f", "text,pdf", *FAST)
    assert done.returncode == ExitCode.FAILED  # a bad file and a missing one
    assert done.stderr.count("bad.png") == 1 and done.stderr.count("missing.png") == 1
    assert texts(out) == {
        "first.txt": "first page",
        "sub/many.txt": "page one\n\npage two\n\npage three\n\npage four\n\npage five",
    }
    assert (out / "sub" / "many.pdf").read_bytes().startswith(b"%PDF-")
    assert states(out) == {"first.png": "done", "many.tif": "done", "bad.png": "failed", "missing.png": "failed"}
    summary = report(out)
    assert summary["files"] == {"done": 2, "failed": 2, "left": 0}
    assert {entry["pages"] for entry in summary["inputs"] if entry["state"] == "done"} == {1, 5}
    assert next(e for e in summary["inputs"] if "bad" in e["input"])["error"]["slug"] == "unsupported-format"
    assert "files read              2" in done.stdout and "pages read              6" in done.stdout

    # Again without --resume: nothing is mixed.
    again = unscrawl("batch", tmp_path / "in", "-o", out, *FAST)
    assert again.returncode == ExitCode.USAGE and "--resume" in again.stderr
    # And with it: only what failed or is new.
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.txt")}
    scan(tmp_path / "in" / "bad.png", "mended")
    more = unscrawl("batch", tmp_path / "in", "-o", out, "-f", "text,pdf", "--resume", *FAST)
    assert more.returncode == ExitCode.OK, more.stderr
    assert texts(out)["bad.txt"] == "mended"
    assert before == {path: path.stat().st_mtime_ns for path in before}


def test_a_killed_worker_costs_nothing(tmp_path: Path) -> None:
    for number in range(12):
        scan(tmp_path / "in" / f"{number:02}.png", f"page number {number}")
    out = tmp_path / "out"
    process = start(tmp_path / "in", "-o", out, *FAST)
    until(lambda: len(texts(out)) >= 2)
    workers_of(process)[0].send_signal(signal.SIGKILL)
    _, errors = process.communicate()
    assert process.returncode == ExitCode.OK, errors
    assert texts(out) == {f"{number:02}.txt": f"page number {number}" for number in range(12)}
    assert litter(out) == []


def test_a_killed_parent_loses_nothing_that_was_done(tmp_path: Path) -> None:
    pages = [f"page number {number}" for number in range(10)]
    scan(tmp_path / "in" / "many.tif", *pages)
    for number in range(6):
        scan(tmp_path / "in" / f"single{number}.png", f"single {number}")
    out = tmp_path / "out"
    process = start(tmp_path / "in", "-o", out, *FAST)
    until(lambda: (out / "single0.txt").exists() or (out / "many.txt").exists())
    family = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate()
    # Nobody goes on for ever without a parent.
    _, alive = psutil.wait_procs(family, timeout=120)
    assert alive == []
    done = {path: path.stat().st_mtime_ns for path in out.rglob("*.txt")}
    assert all(path.read_text(encoding="utf-8").strip() for path in done)  # none is half written

    again = unscrawl("batch", tmp_path / "in", "-o", out, "--resume", *FAST)
    assert again.returncode == ExitCode.OK, again.stderr
    assert texts(out) == {
        "many.txt": "\n\n".join(pages),
        **{f"single{number}.txt": f"single {number}" for number in range(6)},
    }
    assert set(states(out).values()) == {"done"}
    assert litter(out) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_it_soon_and_it_goes_on(number: signal.Signals, tmp_path: Path) -> None:
    for page in range(PAGES):
        scan(tmp_path / "in" / f"{page}.png", f"page number {page}")
    out = tmp_path / "out"
    process = start(tmp_path / "in", "-o", out, *FAST)
    until(lambda: len(texts(out)) >= 1)
    process.send_signal(number)
    _, errors = process.communicate()
    assert process.returncode == ExitCode.INTERRUPTED
    assert "--resume" in errors and "Traceback" not in errors
    assert litter(out) == []
    assert report(out)["files"]["left"] > 0
    assert unscrawl("batch", tmp_path / "in", "-o", out, "--resume", *FAST).returncode == ExitCode.OK
    assert len(texts(out)) == PAGES


def test_a_file_that_kills_its_workers_is_given_up(tmp_path: Path) -> None:
    """Its workers are ended as soon as they use much memory, as the system does when it has none left."""
    scan(tmp_path / "in" / "good.png", "a good page")
    Image.new("L", (9000, 9000), 255).save(tmp_path / "in" / "huge.png")
    out = tmp_path / "out"
    process = start(tmp_path / "in", "-o", out, *FAST)
    killed: set[int] = set()
    while process.poll() is None:
        for worker in psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []:
            try:
                if worker.pid not in killed and worker.memory_info().rss > 700e6:
                    worker.kill()
                    killed.add(worker.pid)
            except psutil.NoSuchProcess:
                pass
        time.sleep(0.005)
    _, errors = process.communicate()
    if len(killed) < 2:
        pytest.skip("the huge page was read with little memory")
    assert process.returncode == ExitCode.FAILED
    assert "died, 2 times" in errors
    assert states(out) == {"good.png": "done", "huge.png": "failed"}


def _small_disk(folder: Path, kilobytes: int) -> bool:
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
    return (
        shutil.which("mount") is not None and subprocess.run(command, capture_output=True, check=False).returncode == 0
    )


def test_a_full_disk_stops_it_and_it_goes_on_with_room(tmp_path: Path) -> None:
    out = tmp_path / "disk"
    if not _small_disk(out, 1024):
        pytest.skip("no right to mount a small disk")
    try:
        for number in range(6):
            scan(tmp_path / "in" / f"{number}.png", f"page number {number}")
        (out / "ballast").write_bytes(b"x" * (1024 * 1024 - 200 * 1024))
        full = unscrawl("batch", tmp_path / "in", "-o", out, "-f", "docx,text", *FAST)
        assert full.returncode == ExitCode.FILE, full.stderr
        assert "--resume" in full.stderr and "Traceback" not in full.stderr
        assert litter(out) == []
        (out / "ballast").unlink()
        done = unscrawl("batch", tmp_path / "in", "-o", out, "-f", "docx,text", "--resume", *FAST)
        assert done.returncode == ExitCode.OK, done.stderr
        assert len(texts(out)) == len(list(out.glob("*.docx"))) == 6
    finally:
        subprocess.run(["umount", str(out)], check=True)


def test_a_watched_folder_is_read_as_it_fills(tmp_path: Path) -> None:
    inbox, out = tmp_path / "in", tmp_path / "out"
    scan(inbox / "first.png", "the first")
    process = start(inbox, "-o", out, "--watch", *FAST)
    until(lambda: "first.txt" in texts(out))
    # A scanner writes piece by piece.
    whole = scan(tmp_path / "second.png", "the second").read_bytes()
    with (inbox / "second.png").open("wb") as file:
        for piece in range(0, len(whole), len(whole) // 3):
            file.write(whole[piece : piece + len(whole) // 3])
            file.flush()
            time.sleep(0.7)
    until(lambda: "second.txt" in texts(out))
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate()
    assert process.returncode == ExitCode.INTERRUPTED
    assert texts(out) == {"first.txt": "the first", "second.txt": "the second"}
    assert "second.png" not in errors


def test_counting_among_many_inputs_takes_little_of_the_time(tmp_path: Path) -> None:
    for number in range(8):
        scan(tmp_path / "in" / f"{number}.png", f"page number {number}")
    # In a process of its own: a batch leaves the server that forks its workers behind, until its process ends.
    code = f"from tests.batch.test_batch import count_slowly; count_slowly({str(tmp_path)!r})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    pages, pages_done, told, calls, seconds = json.loads(done.stdout)
    assert (pages, pages_done) == (8, 8)  # in the end it is exact
    assert told >= 8
    assert calls <= 2 + seconds / 10  # a fiftieth of the time, and at the end


def count_slowly(folder: str) -> None:
    """Read ``folder/in`` while counting takes as long as with some hundred thousand inputs; print what came of it."""
    calls = told = 0
    count = Journal.expected_pages

    def slow(journal: Journal) -> tuple[int, int]:
        nonlocal calls
        calls += 1
        time.sleep(0.2)
        return count(journal)

    def hear(_: object) -> None:
        nonlocal told
        told += 1

    Journal.expected_pages = slow  # type: ignore[assignment, method-assign]
    order = Order(Path(folder) / "out", ("text",), ReadOptions(mode=RecognitionMode.PRINTED))
    tally = run_batch([str(Path(folder) / "in")], order, workers=1, progress=hear)
    print(json.dumps([tally.pages, tally.pages_done, told, calls, tally.seconds]))


def test_wrong_usage_is_told_at_once(tmp_path: Path) -> None:
    for arguments in (
        ("-o", tmp_path / "out"),
        (tmp_path, "-o", tmp_path / "out", "-f", "odt"),
        (tmp_path, "-o", tmp_path / "out", "-f", "pdf,pdfa"),
        (tmp_path, "-o", tmp_path / "out", "--list", tmp_path / "none"),
        (tmp_path, "-o", tmp_path / "out", "--address", "127.0.0.1:6379"),
    ):
        done = unscrawl("batch", *arguments)
        assert done.returncode == ExitCode.USAGE, arguments
    assert not (tmp_path / "out").exists()


def test_ray_that_is_not_installed_is_told_before_anything_is_written(tmp_path: Path) -> None:
    script = "import sys; sys.modules['ray'] = None; from unscrawl.cli import main; main()"
    arguments = ["batch", str(tmp_path), "-o", str(tmp_path / "out"), "--engine", "ray"]
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == ExitCode.SETUP
    assert "pip install 'unscrawl[ray]'" in done.stderr
    assert not (tmp_path / "out").exists()


def test_the_number_of_threads_is_one_a_worker() -> None:
    """In a process of its own: the module sets the libraries' threads before it loads them."""
    script = (
        "import os, unscrawl.batch.preload as p, cv2, threading;"
        "print(cv2.getNumThreads(), os.environ['OMP_NUM_THREADS'], len(os.listdir('/proc/self/task')))"
    )
    if not os.path.isdir("/proc/self/task"):  # noqa: PTH112
        pytest.skip("no /proc")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split()[:2] == ["1", "1"]
    assert int(done.stdout.split()[2]) <= 2  # ONNX Runtime has one of its own, which idles
