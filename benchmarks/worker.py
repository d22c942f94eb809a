"""One engine in a process of its own, so that its memory and its load time can be measured.

Reads requests as JSON lines from standard input, answers each with one JSON line. Imports nothing but the engine:
it must run where Unscrawl is not installed, and what it imports would count as the engine's memory.
"""

from __future__ import annotations

import json
import os
import re
import resource
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.engines import EngineUnavailable, create

__all__ = ["main"]


def _peak_megabytes(external: bool) -> float:
    """The highest resident memory so far: of this process, or of the largest program it started."""
    if external:
        return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    status = Path("/proc/self/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
    # getrusage() also counts what the parent had at the moment of the start; the kernel's own mark does not.
    kilobytes = int(found[1]) if found else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kilobytes / 1024


def main() -> None:
    """Serve requests until standard input ends."""
    # Answers go out through a copy of standard output, and prints of the engines to standard error.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def answer(**values: Any) -> None:
        print(json.dumps(values), file=answers, flush=True)

    name, threads, first_picture = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    started = time.perf_counter()
    engine = create(name, threads)
    try:
        versions = engine.load()
        # Engines that load their models on first use do it here.
        engine.read(first_picture, "pages", "en")
    except (EngineUnavailable, ImportError) as error:
        answer(unavailable=str(error))
        return
    answer(versions=versions, load_s=time.perf_counter() - started)
    for request in sys.stdin:
        wanted = json.loads(request)
        started = time.perf_counter()
        text, failure = "", None
        try:
            text = engine.read(wanted["path"], wanted["layout"], wanted["language"])
        except Exception as error:
            failure = f"{type(error).__name__}: {error}"
        answer(
            text=text,
            seconds=time.perf_counter() - started,
            failure=failure,
            peak_mb=_peak_megabytes(engine.external),
        )


if __name__ == "__main__":
    main()
