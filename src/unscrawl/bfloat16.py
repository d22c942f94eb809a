"""Networks in bfloat16, on processors that compute in it, by OpenVINO: pages take two thirds of the time.

Used where OpenVINO is installed (the extra ``openvino``) and the processor has instructions for bfloat16, as servers'
have since about 2022. Elsewhere OpenVINO is no faster than ONNX Runtime with the same weights, and is not asked.
Figures: docs/scale.md.
"""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Run = Callable[[NDArray[Any]], NDArray[np.float32]]

__all__ = ["bfloat16_core", "load"]


@functools.cache
def bfloat16_core() -> Any | None:
    """OpenVINO, if it is installed and the processor computes in bfloat16."""
    if importlib.util.find_spec("openvino") is None:
        return None
    import openvino

    core = openvino.Core()
    return core if "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES") else None


def load(core: Any, model: bytes, threads: int, callers: int) -> tuple[Run, Mapping[str, str]]:
    """Make a network ready.

    Args:
        core: OpenVINO.
        model: A model in ONNX with one input and one output.
        threads: How many threads one run may use.
        callers: From how many threads it is run at a time.

    Returns:
        What runs it, from any thread, and what the file says of itself.

    Raises:
        Exception: Of OpenVINO's, if it is no model.
    """
    from openvino.passes import ConstantFolding, Manager

    network = core.read_model(model)
    # Weights stored as bytes become floats here, once. Left to compile_model (OpenVINO 2026.4), they were wrong in some
    # compilations of Hand, which then gave noise, and right in others of the same file.
    passes = Manager()
    passes.register_pass(ConstantFolding())
    passes.run_passes(network)
    settings = {
        "INFERENCE_PRECISION_HINT": "bf16",
        "NUM_STREAMS": callers,
        "INFERENCE_NUM_THREADS": threads * callers,
        # Otherwise the workers of a batch all sit on the first cores.
        "ENABLE_CPU_PINNING": False,
        # By default it keeps what it compiled for thousands of shapes, a megabyte or two each. Without, 160 inputs of
        # as many shapes leave it at 720 MB, flat from the first third on; pages take a fifth longer.
        "CPU_RUNTIME_CACHE_CAPACITY": 0,
    }
    compiled = core.compile_model(network, "CPU", settings)

    def run(values: NDArray[Any]) -> NDArray[np.float32]:
        request = compiled.create_infer_request()  # one may not be shared by threads; making one costs nothing
        request.infer({0: values}, share_inputs=True)
        output: NDArray[np.float32] = request.get_output_tensor().data.copy()
        return output

    metadata = network.get_rt_info(["framework"]).value if network.has_rt_info(["framework"]) else {}
    return run, dict(metadata)
