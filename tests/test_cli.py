from __future__ import annotations

import io
import json
import os
import pty
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from tests.pdf_files import encrypted
from tests.pictures import NOTE, NOTE_TEXT, printed
from unscrawl.cli.commands import COMMANDS
from unscrawl.exceptions import ExitCode


def unscrawl(
    *arguments: str | Path, stdin: bytes | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "unscrawl", *map(str, arguments)], input=stdin, capture_output=True, cwd=cwd
    )
    return subprocess.CompletedProcess(
        done.args, done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
    )


def read_all(terminal: int) -> bytes:
    """What a program writes to its terminal until it ends."""
    shown = b""
    while True:
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # Linux says so when the other side is closed
            return shown
        if not piece:
            return shown
        shown += piece


def test_file_prints_its_text_and_nothing_else() -> None:
    done = unscrawl(NOTE)
    assert (done.returncode, done.stdout, done.stderr) == (ExitCode.OK, NOTE_TEXT + "\n", "")


def test_standard_input_is_read() -> None:
    assert unscrawl("-", stdin=NOTE.read_bytes()).stdout == NOTE_TEXT + "\n"


def test_json_has_words_with_boxes() -> None:
    result = json.loads(unscrawl(NOTE, "--format", "json", "--mode", "handwritten", "--language", "en").stdout)
    assert result["text"] == NOTE_TEXT
    assert len(result["pages"][0]["lines"][0]["words"][0]["quad"]) == 4


def test_one_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.png", tmp_path / "bad.png"
    Image.fromarray(printed(["readable"])).save(good)
    bad.write_bytes(b"no picture")
    done = unscrawl(bad, good, tmp_path / "missing.png")
    assert done.stdout == "readable\n"
    assert done.returncode == ExitCode.FAILED  # two kinds of failure
    first, second = done.stderr.strip().split("\n")
    assert first.count("bad.png") == 1 and second.count("missing.png") == 1
    assert unscrawl(bad).returncode == ExitCode.INPUT
    assert unscrawl(tmp_path / "missing.png").returncode == ExitCode.FILE
    assert unscrawl(good, "--max-megapixels", "0.001").returncode == ExitCode.LIMIT


def test_several_files_as_json_lines(tmp_path: Path) -> None:
    for name in ("a", "b"):
        Image.fromarray(printed([f"file {name}"])).save(tmp_path / f"{name}.png")
    lines = unscrawl(tmp_path / "a.png", tmp_path / "b.png", "-f", "json").stdout.splitlines()
    assert [json.loads(line)["text"] for line in lines] == ["file a", "file b"]


def test_output_file_and_folder(tmp_path: Path) -> None:
    out = tmp_path / "note.json"
    assert unscrawl(NOTE, "-o", out).stdout == ""
    assert json.loads(out.read_text(encoding="utf-8"))["text"] == NOTE_TEXT
    (tmp_path / "other").mkdir()
    other = tmp_path / "other" / "note.png"
    Image.fromarray(printed(["same name"])).save(other)
    assert unscrawl(NOTE, other, "-o", f"{tmp_path}/texts/").returncode == ExitCode.OK
    assert (tmp_path / "texts" / "note.txt").read_text(encoding="utf-8") == NOTE_TEXT + "\n"
    assert (tmp_path / "texts" / "note-2.txt").read_text(encoding="utf-8") == "same name\n"
    assert unscrawl(NOTE, "-o", tmp_path / "no" / "folder.txt").returncode == ExitCode.FILE


def test_forms_by_name_and_by_the_ending_of_the_output(tmp_path: Path) -> None:
    out = tmp_path / "note.pdf"
    assert unscrawl(NOTE, "-o", out).returncode == ExitCode.OK
    assert NOTE.read_bytes() in out.read_bytes()
    piped = subprocess.run([sys.executable, "-m", "unscrawl", NOTE, "--format", "pdf"], capture_output=True, check=True)
    assert piped.stdout == out.read_bytes()
    assert "- Assign tasks" in unscrawl(NOTE, "-f", "markdown").stdout
    assert unscrawl(NOTE, "-f", "alto", "-o", f"{tmp_path}/more/").returncode == ExitCode.OK
    assert [path.name for path in (tmp_path / "more").iterdir()] == ["note.alto.xml"]


def test_forms_that_cannot_be_written_are_told_before_reading(tmp_path: Path) -> None:
    for arguments in (
        (NOTE, NOTE, "-f", "pdf"),
        (NOTE, NOTE, "-o", tmp_path / "both.docx"),
        (NOTE, "-o", tmp_path / "note.xml"),
    ):
        done = unscrawl(*arguments)
        assert (done.returncode, done.stdout) == (ExitCode.USAGE, "")
    assert list(tmp_path.iterdir()) == []


def test_the_file_that_is_read_is_not_written_over(tmp_path: Path) -> None:
    scan = tmp_path / "scan.pdf"
    Image.fromarray(printed(["readable"])).save(scan)
    before = scan.read_bytes()
    done = unscrawl(scan, "-o", scan)
    assert done.returncode == ExitCode.FILE and "never written over" in done.stderr
    assert unscrawl(scan, "-f", "pdf", "-o", tmp_path).returncode == ExitCode.FILE
    assert scan.read_bytes() == before


def test_failure_leaves_an_old_output_alone(tmp_path: Path) -> None:
    out, bad = tmp_path / "out.txt", tmp_path / "bad.png"
    out.write_text("precious", encoding="utf-8")
    bad.write_bytes(b"")
    assert unscrawl(bad, "-o", out).returncode == ExitCode.INPUT
    assert out.read_text(encoding="utf-8") == "precious"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.png", "out.txt"]


def test_wrong_usage_is_told_with_what_to_do() -> None:
    done = unscrawl(NOTE, "--language", "Klingon")
    assert done.returncode == ExitCode.USAGE and "Klingon" in done.stderr
    assert unscrawl(NOTE, "--mode", "scribbled").returncode == ExitCode.USAGE
    assert unscrawl(NOTE, "--pages", "3-1").returncode == ExitCode.USAGE
    assert unscrawl("--no-such-option").returncode == ExitCode.USAGE
    assert "Traceback" not in done.stderr


def test_what_to_expect_is_taken_from_the_line_or_a_file(tmp_path: Path) -> None:
    picture, names = tmp_path / "line.png", tmp_path / "names.txt"
    Image.fromarray(printed(["Call Ioana 2 times"])).save(picture)
    names.write_text("\ufeffMarek\nIoana Nowak\n", encoding="utf-8")
    assert unscrawl(picture, "--language", "en", "--words", f"@{names}").stdout == "Call Ioana 2 times\n"
    digits = unscrawl(picture, "--allow", "0123456789", "--deny", "0").stdout
    assert "2" in digits
    assert set(digits) <= set("123456789 \n")
    for wrong in (("--words", f"@{tmp_path}/none.txt"), ("--patterns", "[A-Z"), ("--words", f"@{picture}")):
        done = unscrawl(picture, *wrong)
        assert done.returncode == ExitCode.USAGE
        assert "none.txt" in done.stderr or "[A-Z" in done.stderr or "UTF-8" in done.stderr


def test_help_is_there_and_quick() -> None:
    assert "note.jpg" in unscrawl("--help").stdout
    assert "--max-megapixels" in unscrawl("read", "--help").stdout
    assert unscrawl("--version").stdout.startswith("unscrawl ")
    # Processor time: on an idle machine it is the time on the clock, on a busy one only it is the program's own.
    seconds = []
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        unscrawl("--help")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(seconds) < 0.3


HEAVY = {"cv2", "docx", "lxml", "numpy", "onnxruntime", "pikepdf", "PIL", "pypdfium2", "rapidfuzz", "rich"}


def test_help_loads_no_heavy_library() -> None:
    script = (
        "import sys\nfrom unscrawl.cli import main\ntry:\n    main(sys.argv[1:])\n"
        "finally:\n    print(*sys.modules, file=sys.stderr)"
    )
    for arguments in (["--help"], ["--version"], *([name, "--help"] for name in COMMANDS)):
        done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True)
        heavy = {
            "cv2",
            "docx",
            "lxml",
            "numpy",
            "onnxruntime",
            "pikepdf",
            "PIL",
            "pypdfium2",
            "rapidfuzz",
            "rich",
        } & set(done.stderr.split())
        assert not heavy, arguments


def test_doctor_finds_this_installation_well() -> None:
    done = unscrawl("doctor")
    assert done.returncode == ExitCode.OK, done.stdout
    assert "BROKEN" not in done.stdout
    assert "a test picture read right" in done.stdout


def test_interrupt_ends_with_130_and_no_half_written_file(tmp_path: Path) -> None:
    Image.fromarray(printed(["short"])).save(tmp_path / "short.png")
    frames = [Image.fromarray(printed([f"page {n}"] * 12, size=40)) for n in range(40)]
    frames[0].save(tmp_path / "long.tiff", save_all=True, append_images=frames[1:])
    command = [sys.executable, "-m", "unscrawl", "short.png", "long.tiff", "-o", "texts/"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, cwd=tmp_path)
    first = tmp_path / "texts" / "short.txt"
    while not first.exists():
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)  # while it reads the long one
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == ExitCode.INTERRUPTED
    assert b"Traceback" not in stderr
    assert first.read_text(encoding="utf-8") == "short\n"
    assert list(first.parent.iterdir()) == [first]


INTERRUPTED_WHILE_LOADING = """
import signal, sys
from unscrawl.cli import main

def interrupt(event, arguments):
    if event == "import" and arguments[0] == "onnxruntime.capi.onnxruntime_pybind11_state":
        signal.setitimer(signal.ITIMER_REAL, 0.012)  # importing it takes 40 ms

signal.signal(signal.SIGALRM, lambda *_: signal.raise_signal(signal.SIGINT))
sys.addaudithook(interrupt)
main(sys.argv[1:])
"""


def test_an_interrupt_while_loading_is_not_a_broken_installation(tmp_path: Path) -> None:
    Image.fromarray(printed(["short"])).save(tmp_path / "short.png")
    command = [sys.executable, "-c", INTERRUPTED_WHILE_LOADING, "short.png"]
    done = subprocess.run(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr.strip()) == (ExitCode.INTERRUPTED, "Interrupted.")


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo-terminal")
def test_progress_is_shown_on_a_terminal_only_on_standard_error(tmp_path: Path) -> None:
    frames = [Image.fromarray(printed([f"page {n}"] * 3, size=40)) for n in range(12)]
    source = tmp_path / "long.tiff"
    frames[0].save(source, save_all=True, append_images=frames[1:])
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "unscrawl", str(source)],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(theirs)
    shown = read_all(ours)
    stdout, _ = process.communicate()
    os.close(ours)
    assert stdout.decode().split() == [word for n in range(12) for _ in range(3) for word in ("page", str(n))]
    assert b"/12" in shown and b"pages" in shown
    assert b"\x1b" not in stdout


@pytest.mark.skipif(shutil.which("setsid") is None, reason="needs a terminal of its own (util-linux)")
def test_password_is_asked_for_at_a_terminal_and_only_there(tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.fromarray(printed(["secret page"])).save(file, "PDF", resolution=100)
    locked = tmp_path / "locked.pdf"
    locked.write_bytes(encrypted(file.getvalue(), "hunter2"))
    assert unscrawl(locked, stdin=b"").returncode == ExitCode.PASSWORD
    assert unscrawl(locked, "--password", "hunter2").stdout == "secret page\n"

    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        ["setsid", "--ctty", "--wait", sys.executable, "-m", "unscrawl", str(locked)],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    for prompts, answer in enumerate((b"wrong\n", b"hunter2\n"), 1):
        while shown.count(b"Password:") < prompts:
            shown += os.read(ours, 1024)
        os.write(ours, answer)
    shown += read_all(ours)
    stdout, _ = process.communicate(timeout=60)
    os.close(ours)
    assert process.returncode == ExitCode.OK
    assert stdout.decode() == "secret page\n"
    assert b"hunter2" not in shown
