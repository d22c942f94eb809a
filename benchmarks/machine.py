"""What the benchmark runs on."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path

__all__ = ["cores", "describe_machine"]


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def describe_machine() -> dict[str, str]:
    """Processor, cores, memory, system, Python and load; no names and no paths."""
    cpuinfo = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*:\s*(.+)", cpuinfo.read_text()) if cpuinfo.exists() else None
    meminfo = Path("/proc/meminfo")
    memory = re.search(r"MemTotal:\s+(\d+) kB", meminfo.read_text()) if meminfo.exists() else None
    return {
        "processor": found[1].strip() if found else platform.processor() or platform.machine(),
        "cores": str(cores()),
        "memory": f"{int(memory[1]) / 1024**2:.0f} GB" if memory else "unknown",
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        # Of the last five minutes: above 0, something else was running, and the seconds are too many.
        "load": f"{os.getloadavg()[1]:.1f}" if hasattr(os, "getloadavg") else "unknown",
    }
