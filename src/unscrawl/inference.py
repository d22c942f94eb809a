"""Networks that keep memory flat and obey a thread count, and where the base weights are."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from unscrawl.bfloat16 import bfloat16_core, load
from unscrawl.exceptions import ModelUnavailable
from unscrawl.interrupts import interrupts_wait
from unscrawl.memory import use_one_arena
from unscrawl.weights import read_weights

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from unscrawl.bfloat16 import Run

__all__ = ["DETECTION_WEIGHTS", "RECOGNITION_WEIGHTS", "Network", "Once", "available_cpus", "base_model"]

Loaded = TypeVar("Loaded")

DETECTION_WEIGHTS = "PP-OCRv6_det_small.onnx"
RECOGNITION_WEIGHTS = "PP-OCRv6_rec_small.onnx"

_CGROUP_CPU_MAX = Path("/sys/fs/cgroup/cpu.max")


class Once(Generic[Loaded]):
    """Something slow to load: called, it gives the one instance, loaded at the first call of any thread."""

    def __init__(self, load: Callable[[], Loaded]) -> None:
        self._load = load
        self._loaded: Loaded | None = None
        self._lock = Lock()

    def __call__(self) -> Loaded:
        """The instance; raises what loading raises, and then tries again at the next call."""
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded


def available_cpus() -> int:
    """The processors that this process may use: the affinity mask and the cgroup quota, whichever is less."""
    # macOS and Windows have no affinity masks.
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = _CGROUP_CPU_MAX.read_text(encoding="ascii").split()
        cpus = min(cpus, max(1, int(quota) // int(period)))
    except (OSError, ValueError):
        pass  # no cgroup v2, or "max": no quota
    return cpus


def base_model(name: str) -> Path:
    """The path of a PP-OCRv6 weight file inside the installed ``rapidocr`` package.

    The package is located, not imported: importing it would load its own pipeline.

    Raises:
        ModelUnavailable: If the package or the file is missing.
    """
    spec = importlib.util.find_spec("rapidocr")
    if spec is None or not spec.submodule_search_locations:
        raise ModelUnavailable("The package rapidocr, which carries the base weights, is not installed.")
    path = Path(spec.submodule_search_locations[0]) / "models" / name
    if not path.is_file():
        raise ModelUnavailable(f"The installed rapidocr package has no weight file {name}.")
    return path


class Network:
    """A network on the CPU; it may be run from several threads at once.

    ONNX Runtime runs it, or, on processors that compute in bfloat16, OpenVINO where that is installed.

    Args:
        path: An ONNX file with one input and one output.
        threads: How many threads one run may use, at least 1.
        callers: From how many threads it is run at a time.
        large: Whether a run takes hundreds of megabytes, as that of a whole page does.
        in_bytes: Whether its weights are multiplied as bytes, for which OpenVINO lacks operators.

    Attributes:
        metadata: What the file says of itself.

    Raises:
        ModelUnavailable: If the file is missing, or not a model that can be loaded.
    """

    def __init__(
        self, path: Path, *, threads: int = 1, callers: int = 1, large: bool = False, in_bytes: bool = False
    ) -> None:
        if not path.is_file():
            raise ModelUnavailable(f"The weight file {path.name} is missing from the package.")
        use_one_arena()
        try:
            with interrupts_wait():
                core = None if in_bytes else bfloat16_core()
                if core is None:
                    self._run, self.metadata = _on_onnx_runtime(read_weights(path), threads, large)
                else:
                    self._run, self.metadata = load(core, read_weights(path), threads, callers)
        except Exception as error:  # the runtimes' exceptions share no narrower base class
            raise ModelUnavailable(f"The weight file {path.name} cannot be loaded: {error}.") from error

    def __call__(self, values: NDArray[Any]) -> NDArray[np.float32]:
        """What the network makes of its input, which must have the shape that it expects."""
        return self._run(values)


def _on_onnx_runtime(model: bytes, threads: int, large: bool) -> tuple[Run, Mapping[str, str]]:
    import onnxruntime  # a client of a service reads nothing itself, and does without

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # With inputs of many shapes ONNX Runtime's arena and memory patterns grow without end (onnxruntime#11627:
    # 200 MB to 6 GB). But with large buffers, getting each from the system takes a fifth of the time: there the arena
    # is used, and given back after every run. At its peak the process then holds less, 370 MB and not 530.
    options.enable_cpu_mem_arena = large
    options.enable_mem_pattern = False
    # Threads that spin while they wait steal from whoever else computes: beside a busy process pages took 20 to 25 %
    # less time without spinning; on an idle machine detection takes 6 % more.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    run_options = onnxruntime.RunOptions()
    if large:
        run_options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name

    def run(values: NDArray[Any]) -> NDArray[np.float32]:
        output: NDArray[np.float32] = session.run(None, {name: values}, run_options)[0]
        return output

    return run, session.get_modelmeta().custom_metadata_map
