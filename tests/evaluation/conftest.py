from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

WriteSet = Callable[..., Path]


@pytest.fixture
def write_set(tmp_path: Path) -> WriteSet:
    """Writes a truth file, and a small picture for each entry that names one."""

    def write(*entries: dict[str, Any] | str, folder: str = "set") -> Path:
        base = tmp_path / folder
        (base / "images").mkdir(parents=True, exist_ok=True)
        rows = []
        for entry in entries:
            if isinstance(entry, dict) and isinstance(entry.get("image"), str) and "absent" not in entry["image"]:
                Image.new("L", (40, 20), "white").save(base / entry["image"])
            rows.append(entry if isinstance(entry, str) else json.dumps(entry, ensure_ascii=False))
        file = base / "truth.jsonl"
        file.write_text("\n".join(rows) + "\n", encoding="utf-8")
        return file

    return write
