from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.evaluation.conftest import WriteSet
from unscrawl.cli.evaluate import command
from unscrawl.evaluation import TruthError
from unscrawl.exceptions import ExitCode


@pytest.fixture
def truth(write_set: WriteSet) -> Path:
    return write_set(
        {"image": "images/a.png", "text": "abcd", "group": "w1"},
        {"image": "images/b.png", "text": "efgh", "group": "w2"},
    )


def write_readings(folder: Path, readings: dict[str, str]) -> Path:
    file = folder / "readings.jsonl"
    file.write_text("\n".join(json.dumps({"image": image, "text": text}) for image, text in readings.items()))
    return file


def test_scores_readings_and_writes_report_and_json(truth: Path, tmp_path: Path) -> None:
    readings = write_readings(tmp_path, {"images/a.png": "abcd", "images/b.png": "efxx"})
    report, results = tmp_path / "report.html", tmp_path / "out.json"
    arguments = [str(truth), "--readings", str(readings), "--report", str(report), "--json", str(results)]
    done = CliRunner().invoke(command, arguments, standalone_mode=False, catch_exceptions=False)
    assert done.return_value == ExitCode.OK
    assert done.stdout.splitlines()[1].split()[1:4] == ["2", "8", "25.0"]
    assert "images/b.png" in report.read_text(encoding="utf-8")
    assert json.loads(results.read_text(encoding="utf-8"))["sets"][0]["items"] == 2


def test_missing_readings_are_failures(truth: Path, tmp_path: Path) -> None:
    readings = write_readings(tmp_path, {"images/a.png": "abcd"})
    arguments = [str(truth), "--readings", str(readings)]
    done = CliRunner().invoke(command, arguments, standalone_mode=False, catch_exceptions=False)
    assert done.return_value == ExitCode.FAILED
    assert "50.0" in done.stdout
    assert "no reading of 'images/b.png'" in done.stderr


def test_a_broken_truth_file_is_told_before_anything_is_read(truth: Path, write_set: WriteSet) -> None:
    broken = write_set("{", folder="broken")
    with pytest.raises(TruthError, match="line 1"):
        CliRunner().invoke(command, [str(truth), str(broken)], standalone_mode=False, catch_exceptions=False)


def test_a_report_in_no_folder_is_told_at_once(truth: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(command, [str(truth), "--report", str(tmp_path / "none" / "report.html")])
    assert done.exit_code == ExitCode.USAGE
    assert "there is no folder" in done.stderr


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys; from click.testing import CliRunner; from unscrawl.cli.evaluate import command;"
        "CliRunner().invoke(command, ['--help']);"
        "print(*{'numpy', 'PIL', 'cv2', 'onnxruntime', 'rapidfuzz', 'rich'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
