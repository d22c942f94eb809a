"""Hand's network: PP-OCRv6-small's features, read at twice its frame rate by its own neck and by a recurrent one.

The base network halves the width three times (stride 8), the last time by averaging pairs of columns just before
its neck. Here the pairs overlap (stride 4): every second frame is what the base network sees, so that training
starts from its weights without a loss, and dense cursive has a frame for every stroke. Beside the base's neck, two
layers of bidirectional LSTM look at all rows of the features; their logits are added to those of the base's neck and
start at nothing.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from torch import nn

from unscrawl.inference import RECOGNITION_WEIGHTS, base_model

__all__ = ["COLUMNS_PER_FRAME", "HandNet", "build"]

COLUMNS_PER_FRAME = 4

_FEATURES = "p2o.pd_op.transpose.8.0"  # (n, frames, 120): the neck's end
_HEAD = {"MatMul.12", "Add.208", "Identity.210", "Softmax.2"}
_NECK_SIZE, _ROWS, _CHANNELS = 120, 3, 384
_REDUCED, _DROPOUT = 256, 0.15
UNITS = 384
"""Of an LSTM layer in one direction, in runs that begin now; what is shipped may have fewer."""


class HandNet(nn.Module):
    """(n, 3, 48, width) in -1..1, padding 0, width a multiple of 8 -> logits (n, width / 4, 1 + characters)."""

    # What does not come from the base network.
    fresh = ("reduce", "norm", "recurrent", "recurrent_head")

    def __init__(self, base: nn.Module, head: nn.Linear, units: int) -> None:
        super().__init__()
        self.base, self.head = base, head
        self.reduce = nn.Linear(_CHANNELS * _ROWS, _REDUCED)
        self.norm = nn.LayerNorm(_REDUCED)
        self.drop = nn.Dropout(_DROPOUT)
        self.recurrent = nn.LSTM(_REDUCED, units, num_layers=2, bidirectional=True, batch_first=True, dropout=_DROPOUT)
        self.recurrent_head = nn.Linear(2 * units, head.out_features)
        nn.init.zeros_(self.recurrent_head.weight)
        nn.init.zeros_(self.recurrent_head.bias)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Logits of a batch of lines."""
        neck, columns = self.base(pixels)
        columns = columns.flatten(1, 2).transpose(1, 2)
        reduced = self.drop(nn.functional.gelu(self.norm(self.reduce(columns))))
        context, _ = self.recurrent(reduced)
        logits: torch.Tensor = self.head(neck) + self.recurrent_head(self.drop(context))
        return logits


class _OverlappingPool(nn.Module):
    """The base's average over 3 rows and 2 columns, at every column; the last column is repeated."""

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        padded = torch.cat([features, features[..., -1:]], dim=-1)
        return (padded[..., :-1] + padded[..., 1:]).mean(dim=2, keepdim=True) / 2


def build(alphabet: Sequence[str], base_state: dict[str, torch.Tensor] | None = None, units: int = UNITS) -> HandNet:
    """Make the network with the base's weights; the head's rows start from the base's rows of the same characters.

    Args:
        alphabet: The characters of symbols 1, 2, ...
        base_state: Other weights for the base network, under the converter's names.
        units: Of an LSTM layer in one direction.
    """
    model = _with_explicit_pads(onnx.load(str(base_model(RECOGNITION_WEIGHTS))))
    weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    listed = next(entry.value for entry in model.metadata_props if entry.key == "character").split("\n")
    column = {character: index for index, character in enumerate(["<blank>", *listed, " "])}
    weight, bias = weights["linear_8.w_0"], weights["linear_8.b_0"]

    head = nn.Linear(_NECK_SIZE, len(alphabet) + 1)
    with torch.no_grad():
        for row, character in enumerate(["<blank>", *alphabet]):
            if character in column:
                head.weight[row] = torch.from_numpy(np.array(weight[:, column[character]]))
                head.bias[row] = float(bias[column[character]])
            else:
                head.weight[row].mul_(0.1)
                head.bias[row] = float(bias.mean())
    return HandNet(_convert_body(model, base_state), head, units)


def _with_explicit_pads(model: Any) -> Any:
    """Replace ``auto_pad``, which the converter does not know; all nodes that have it here have stride 1."""
    for node in model.graph.node:
        attributes = {attribute.name: attribute for attribute in node.attribute}
        auto = attributes.get("auto_pad")
        if auto is None or auto.s == b"NOTSET":
            continue
        total = [size - 1 if auto.s != b"VALID" else 0 for size in attributes["kernel_shape"].ints]
        begin = [size // 2 for size in total]
        node.attribute.remove(auto)
        if "pads" in attributes:
            node.attribute.remove(attributes["pads"])
        pads = begin + [whole - first for whole, first in zip(total, begin, strict=True)]
        node.attribute.append(helper.make_attribute("pads", pads))
    return model


def _convert_body(model: Any, state: dict[str, torch.Tensor] | None) -> nn.Module:
    """The graph without its head as a module: pixels -> (neck (n, frames, 120), columns (n, 384, 3, frames))."""
    graph = model.graph
    body = [node for node in graph.node if node.name not in _HEAD]
    del graph.node[:], graph.output[:]
    graph.node.extend(body)
    graph.output.append(helper.make_tensor_value_info(_FEATURES, onnx.TensorProto.FLOAT, ["n", "t", _NECK_SIZE]))
    net = _onnx2torch()(model)
    # Constants that are really weights (linear layers, layer norms) become trainable.
    for module in net.modules():
        for name, buffer in list(module._buffers.items()):
            if (
                buffer is not None
                and buffer.dtype == torch.float32
                and buffer.numel() >= _NECK_SIZE
                and "running" not in name
            ):
                del module._buffers[name]
                module.register_parameter(name, nn.Parameter(buffer.clone()))
    for parameter in net.parameters():
        parameter.requires_grad_(True)

    if state is not None:
        net.load_state_dict(state)
    _fuse_gelu(net)
    _fold_biases(net)
    pool = next(
        n for n in net.graph.nodes if n.op == "call_module" and isinstance(net.get_submodule(n.target), nn.AvgPool2d)
    )
    net.add_submodule("overlapping_pool", _OverlappingPool())
    tap = pool.args[0]
    pool.target = "overlapping_pool"
    for module in net.modules():
        if isinstance(module, nn.Conv2d) and module.kernel_size == (1, 7) and module.groups == _NECK_SIZE:
            module.dilation, module.padding = (1, 2), (0, 6)  # the same reach at twice the rate
    output = next(n for n in net.graph.nodes if n.op == "output")
    output.args = ((output.args[0], tap),)
    net.graph.lint()
    net.recompile()
    return net


def _fuse_gelu(net: Any) -> None:
    """Turn x / sqrt(2) -> erf -> + 1 -> * x -> / 2 into one operator: a third less time a training step."""
    from onnx2torch.node_converters.activations import OnnxErf

    for erf in [n for n in net.graph.nodes if isinstance(_module(net, n), OnnxErf)]:
        source, last = erf.args[0].args[0], erf
        for _ in range(3):
            (last,) = last.users
        with net.graph.inserting_after(last):
            fused = net.graph.call_function(nn.functional.gelu, (source,))
        last.replace_all_uses_with(fused)
    net.graph.eliminate_dead_code()


def _fold_biases(net: Any) -> None:
    """Give convolutions the biases that the graph adds after them: fewer passes, and bf16 all the way."""
    for add in list(net.graph.nodes):
        if len(add.args) != 2 or not isinstance(_module(net, add.args[0]), nn.Conv2d | nn.Sequential):
            continue
        convolution, bias = add.args
        module = _module(net, convolution)
        target = module[-1] if isinstance(module, nn.Sequential) else module
        if not isinstance(target, nn.Conv2d) or bias.op != "get_attr" or target.bias is not None:
            continue
        owner, _, name = bias.target.rpartition(".")
        value = getattr(net.get_submodule(owner), name)
        if tuple(value.shape) != (1, target.out_channels, 1, 1):
            continue
        target.bias = nn.Parameter(value.detach().flatten().clone())
        add.replace_all_uses_with(convolution)
        net.graph.erase_node(add)
        if not bias.users:
            net.graph.erase_node(bias)
            delattr(net.get_submodule(owner), name)


def _module(net: Any, node: Any) -> nn.Module | None:
    return net.get_submodule(node.target) if node.op == "call_module" else None


def _onnx2torch() -> Any:
    # It imports torchvision for two detection operators only, which this graph does not have.
    vision, ops = types.ModuleType("torchvision"), types.ModuleType("torchvision.ops")
    ops.nms = ops.roi_align = None  # type: ignore[attr-defined]
    vision.ops = ops  # type: ignore[attr-defined]
    sys.modules.setdefault("torchvision", vision)
    sys.modules.setdefault("torchvision.ops", ops)
    from onnx2torch import convert

    return convert
