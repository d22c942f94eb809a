"""Export a checkpoint to ONNX, checked against PyTorch.

    python -m training.export runs/hand/checkpoint.pt src/unscrawl/models/hand.onnx

The graph takes float32 (n, 3, 48, width) in -1..1 and gives probabilities (n, width / 4, symbols). Its metadata hold
the alphabet (``character``, one a line, without the blank) and the columns a frame covers (``columns_per_frame``).
The graph is checked against PyTorch; then its large weights are rounded to bytes, smaller ones to float16, which
leaves a quarter of the file. (On 100 dev lines each of Copiste, CREMMA 19 and Stanford, read greedily, no text differed
for the bytes of the LSTM layers; for those of all layers 58 differed in a letter or two, and the error rates went from
6.65 / 17.78 / 15.03 to 6.75 / 17.84 / 14.92.)
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import helper, numpy_helper
from torch import nn

from training.alphabet import ALPHABET
from training.evaluate import load
from training.model import COLUMNS_PER_FRAME

__all__ = ["export", "store_in_halves"]

LARGEST_DIFFERENCE = 1e-4
# Tensors of at least so many weights are stored as bytes, or as halves: all but the biases.
LEAST_IN_BYTES = 20_000
LEAST_HALVED = 1024
# Along which axes of its weights an operator sums: they share a factor. In these places it has weights.
SUMMED = {"LSTM": (-1,), "Conv": (1, 2, 3), "MatMul": (0,)}
WEIGHTS = {"LSTM": (1, 2), "Conv": (1,), "MatMul": (1,)}


class _Probabilities(nn.Module):
    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        probabilities: torch.Tensor = self.network(pixels).softmax(-1)
        return probabilities


def export(checkpoint: Path, out: Path) -> tuple[float, float]:
    """Write the ONNX file.

    Returns:
        The largest differences from PyTorch's probabilities, before and after the weights are rounded.

    Raises:
        RuntimeError: If the first is above ``LARGEST_DIFFERENCE``.
    """
    network = _Probabilities(load(checkpoint)).eval()
    example = torch.rand(2, 3, 48, 320) * 2 - 1
    torch.onnx.export(
        network, (example,), str(out), input_names=["pixels"], output_names=["probabilities"],
        dynamic_axes={"pixels": {0: "n", 3: "width"}, "probabilities": {0: "n", 1: "frames"}},
        opset_version=17, dynamo=False,
    )  # fmt: skip
    model = onnx.load(str(out))
    for key, value in (("character", "\n".join(ALPHABET)), ("columns_per_frame", str(COLUMNS_PER_FRAME))):
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value
    exact = _difference(network, model)
    if exact > LARGEST_DIFFERENCE:
        raise RuntimeError(f"the exported graph differs from the network by {exact:.1e}")
    _store_in_bytes(model.graph)
    store_in_halves(model.graph)
    rounded = _difference(network, model)
    onnx.save(model, str(out))
    return exact, rounded


def _difference(network: nn.Module, model: onnx.ModelProto) -> float:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    largest = 0.0
    for lines, width in ((1, 64), (3, 480), (2, 1336)):
        pixels = (torch.rand(lines, 3, 48, width) * 2 - 1).numpy()
        with torch.no_grad():
            expected = network(torch.from_numpy(pixels)).numpy()
        (found,) = session.run(None, {"pixels": pixels})
        largest = max(largest, float(np.abs(found - expected).max()))
    return largest


def _store_in_bytes(graph: onnx.GraphProto) -> None:
    """Keep large weights as int8 and a factor for each sum; ONNX Runtime multiplies them once, when it loads."""
    summed = {
        node.input[place]: SUMMED[node.op_type]
        for node in graph.node
        for place in WEIGHTS.get(node.op_type, ())
        if len(node.input) > place
    }
    products = []
    for tensor in [each for each in graph.initializer if each.name in summed]:
        values = numpy_helper.to_array(tensor)
        if values.size < LEAST_IN_BYTES:
            continue
        factors = np.abs(values).max(axis=summed[tensor.name], keepdims=True) / 127
        whole = np.round(values / np.maximum(factors, np.finfo(np.float32).tiny)).astype(np.int8)
        name = tensor.name
        graph.initializer.remove(tensor)
        graph.initializer.append(numpy_helper.from_array(whole, f"{name}.bytes"))
        graph.initializer.append(numpy_helper.from_array(factors.astype(np.float32), f"{name}.factors"))
        products.append(helper.make_node("Cast", [f"{name}.bytes"], [f"{name}.whole"], to=onnx.TensorProto.FLOAT))
        products.append(helper.make_node("Mul", [f"{name}.whole", f"{name}.factors"], [name]))
    nodes = [*products, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def store_in_halves(graph: onnx.GraphProto) -> None:
    """Keep large weights as float16 in the file; ONNX Runtime turns them back once, when it loads the graph."""
    casts = []
    for tensor in graph.initializer:
        if tensor.data_type != onnx.TensorProto.FLOAT or np.prod(tensor.dims) < LEAST_HALVED:
            continue
        name = tensor.name
        values = numpy_helper.to_array(tensor).astype(np.float16)
        tensor.CopyFrom(numpy_helper.from_array(values, f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


if __name__ == "__main__":
    destination = Path(sys.argv[2])
    exact, rounded = export(Path(sys.argv[1]), destination)
    digest = hashlib.sha256(destination.read_bytes()).hexdigest()
    print(
        f"{destination}: {destination.stat().st_size} bytes, differs by {exact:.1e}, "
        f"rounded {rounded:.1e}, sha256 {digest}"
    )
