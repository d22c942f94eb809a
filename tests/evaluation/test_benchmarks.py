from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from benchmarks.compare import main
from benchmarks.engines import ENGINES
from benchmarks.engines.base import join_boxes
from benchmarks.render import render
from benchmarks.store import EngineResults, ItemCounts, load_results, save_results
from tests.evaluation.conftest import WriteSet


def box(left: float, top: float, right: float, bottom: float) -> list[list[float]]:
    return [[left, top], [right, top], [right, bottom], [left, bottom]]


def test_boxes_become_lines() -> None:
    boxes = [
        (box(200, 12, 300, 32), "line"),
        (box(0, 100, 90, 120), "Second"),
        (box(0, 10, 90, 30), "First"),
        # Lower than the other words of its line by a third, as on slanted pages.
        (box(320, 18, 400, 38), "slants"),
    ]
    assert join_boxes(boxes) == "First line slants\nSecond"
    assert join_boxes([]) == ""
    assert join_boxes([(box(0, 5, 10, 5), "flat")]) == "flat"


def results(engine: str, errors: int, pages: int = 3) -> EngineResults:
    items = {f"{i}.png": ItemCounts(f"w{i}", errors, 100, errors, 20, 0.5) for i in range(pages)}
    machine = {"processor": "CPU", "cores": "2", "memory": "4 GB", "system": "Linux", "python": "3.12", "load": "0.1"}
    return EngineResults(engine, {engine: "1.0"}, machine, "2026-11-22", None, 1.0, 90.0, {"pages/x": items})


def test_results_round_trip(tmp_path: Path) -> None:
    stored = results("tesseract", 5)
    save_results(tmp_path, stored)
    assert load_results(tmp_path, "tesseract") == stored
    assert load_results(tmp_path, "rapidocr") == EngineResults("rapidocr")
    assert [file.name for file in tmp_path.iterdir()] == ["tesseract.json"]


def test_tables() -> None:
    absent = EngineResults("easyocr", unavailable="not installed")
    text = render([results("tesseract", 5), results("rapidocr", 2), results("rapidocr-nocls", 1, pages=2), absent])
    rows = [line for line in text.splitlines() if line.startswith("| `x` |")]
    assert rows[0] == "| `x` | 3 | 3 | 5.0 [5.0-5.0] | **2.0 [2.0-2.0]** | 1.0 [1.0-1.0] (n=2) |"
    assert "EasyOCR, English model: not run (not installed)." in text
    assert "## Cut lines" not in text


def test_tables_of_nothing() -> None:
    assert "not run" in render([EngineResults(name) for name in ENGINES])


def test_an_engine_that_cannot_be_loaded_is_skipped(write_set: WriteSet, tmp_path: Path) -> None:
    write_set({"image": "images/a.png", "text": "a\nb"}, folder="printed/dev_pages/x")
    out, raw = tmp_path / "RESULTS.md", tmp_path / "raw"
    fake = tmp_path / "python"
    # Stands for an interpreter in whose environment the engine is missing.
    fake.write_text('#!/bin/sh\necho \'{"unavailable": "no torch here"}\'\n')
    fake.chmod(0o755)
    arguments = ["--data", str(tmp_path), "--engines", "easyocr", "--python", f"easyocr={fake}"]
    main([*arguments, "--out", str(out), "--results", str(raw)])
    assert "EasyOCR, English model: not run (no torch here)." in out.read_text()


def test_what_is_stored_is_not_read_again(write_set: WriteSet, tmp_path: Path) -> None:
    write_set({"image": "images/a.png", "text": "a\nb"}, folder="printed/dev_pages/x")
    raw = tmp_path / "raw"
    stored = results("tesseract", 1)
    stored.sets = {"pages/x": {"images/a.png": ItemCounts("w", 1, 3, 1, 2, 0.1)}}
    save_results(raw, stored)
    absent = ["--python", f"tesseract={tmp_path / 'no-python'}"]
    arguments = [
        "--data",
        str(tmp_path),
        "--engines",
        "tesseract",
        "--results",
        str(raw),
        "--out",
        str(tmp_path / "R"),
    ]
    main([*arguments, *absent])
    assert json.loads((raw / "tesseract.json").read_text())["sets"]["pages/x"]["images/a.png"]["character_errors"] == 1
    # Asked to refresh, it would start the process.
    with pytest.raises(FileNotFoundError):
        main([*arguments, *absent, "--refresh", "tesseract"])


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract is not installed")
def test_a_real_run_in_a_process(write_set: WriteSet, tmp_path: Path) -> None:
    truth = write_set(
        {"image": "images/a.png", "text": "Hello world", "language": "en", "group": "w"},
        {"image": "images/b.png", "text": "Hello", "language": "en", "group": "w"},
        folder="printed/dev_pages/x",
    )
    picture = Image.new("RGB", (400, 100), "white")
    ImageDraw.Draw(picture).text((20, 20), "Hello world", fill="black", font_size=48)
    picture.save(truth.parent / "images/a.png")
    (truth.parent / "images/b.png").write_bytes(b"no picture")
    raw, readings = tmp_path / "raw", tmp_path / "readings"
    arguments = ["--data", str(tmp_path), "--engines", "tesseract", "--results", str(raw)]
    main([*arguments, "--out", str(tmp_path / "R.md"), "--keep-readings", str(readings)])
    stored = load_results(raw, "tesseract")
    items = stored.sets["pages/x"]
    assert items["images/a.png"].character_errors == 0
    assert items["images/b.png"].failure is not None
    assert str(tmp_path) not in (raw / "tesseract.json").read_text()
    assert 5 < stored.peak_mb < 1000
    assert "Hello world" in (readings / "tesseract/pages/x.jsonl").read_text()


def test_wrong_names_are_told(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no engine 'tess'"):
        main(["--data", str(tmp_path), "--engines", "tess"])
    with pytest.raises(SystemExit, match="No sets match"):
        main(["--data", str(tmp_path)])
    with pytest.raises(SystemExit, match="outside of the repository"):
        main(["--data", str(tmp_path), "--keep-readings", str(Path(__file__).parent)])
