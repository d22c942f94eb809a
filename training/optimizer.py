"""How a learner's weights are stepped: Muon for matrices, AdamW for everything else.

Batches are small, so gradients are noisy, and AdamW lets the noise of every single weight through. Muon (Jordan et al.,
2024) makes the momentum of a whole matrix orthogonal before it steps. On the same batches, from the same weights and at
the same rates, it loses half as much to noise, or less (``EXPERIMENTS.md``).
"""

from __future__ import annotations

import math

import torch
from torch import nn

from training.precision import WORKING
from training.widen import GATES

__all__ = ["Optimizer"]

WEIGHT_DECAY = 0.01
# Thinner matrices (depthwise convolutions above all) have nothing to make orthogonal.
THINNEST = 16
# Of Muon, as its authors recommend; the last is the size of AdamW's steps (Liu et al., "Muon is scalable for LLM
# training", 2025).
MOMENTUM, ITERATIONS, ADAMW_STEP = 0.95, 5, 0.2


class Optimizer:
    """Steps the weights of a network, which may be shared with other processes.

    Args:
        network: Whose weights.
        fresh: Names of the modules that do not come from the base network.
        base_rate: The highest rate of what does.
        fresh_rate: The highest rate of those modules.
    """

    def __init__(self, network: nn.Module, fresh: tuple[str, ...], base_rate: float, fresh_rate: float) -> None:
        self._matrices: list[tuple[nn.Parameter, int, list[nn.Parameter]]] = []
        muon: dict[float, list[nn.Parameter]] = {base_rate: [], fresh_rate: []}
        adamw: dict[float, list[nn.Parameter]] = {base_rate: [], fresh_rate: []}
        for name, parameter in network.named_parameters():
            rate = fresh_rate if name.startswith(fresh) else base_rate
            # The rows of the heads are characters, each with its own frequency: AdamW's, as Muon's authors advise.
            if "head" in name or min(parameter.shape[0], parameter[0].numel()) < THINNEST or _is_thick(parameter):
                adamw[rate].append(parameter)
                continue
            count = GATES if "recurrent.weight" in name else 1
            views = [nn.Parameter(part) for part in _matrices(parameter.data, count)]
            self._matrices.append((parameter, count, views))
            muon[rate] += views
        self._optimizers: list[torch.optim.Optimizer] = [
            _Muon(_groups(muon), {}),
            torch.optim.AdamW(_groups(adamw), weight_decay=WEIGHT_DECAY, betas=(0.9, 0.99)),
        ]

    def step(self, level: float) -> None:
        """Take a step of ``level`` times the highest rates along the gradients that the network holds."""
        for parameter, count, views in self._matrices:
            assert parameter.grad is not None
            for view, gradient in zip(views, _matrices(parameter.grad, count), strict=True):
                view.grad = gradient
        for optimizer in self._optimizers:
            for group in optimizer.param_groups:
                group["lr"] = group["peak"] * level
            optimizer.step()


class _Muon(torch.optim.Optimizer):
    """As PyTorch's own, which multiplies in bf16 also where that is slow; rates are those of AdamW."""

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Take a step along the gradients."""
        for group in self.param_groups:
            for matrix in group["params"]:
                momentum = self.state[matrix].setdefault("momentum", torch.zeros_like(matrix.grad))
                momentum.lerp_(matrix.grad, 1 - MOMENTUM)
                step = _orthogonal(matrix.grad.lerp(momentum, MOMENTUM))
                matrix.mul_(1 - group["lr"] * WEIGHT_DECAY)
                matrix.add_(step, alpha=-group["lr"] * ADAMW_STEP * math.sqrt(max(matrix.shape)))


def _orthogonal(matrix: torch.Tensor) -> torch.Tensor:
    """Nearly: its singular values become 0.7 to 1.2 (Newton and Schulz's iteration with Jordan's coefficients)."""
    wide = matrix.T if matrix.shape[0] > matrix.shape[1] else matrix
    x = (wide / wide.norm().clamp(min=1e-7)).to(WORKING)
    for _ in range(ITERATIONS):
        square = x @ x.T
        x = torch.addmm(x, torch.addmm(square, square, square, beta=-4.7750, alpha=2.0315), x, beta=3.4445)
    return (x.T if wide is not matrix else x).to(matrix.dtype)


def _groups(by_rate: dict[float, list[nn.Parameter]]) -> list[dict[str, object]]:
    return [{"params": parameters, "peak": rate} for rate, parameters in by_rate.items()]


def _is_thick(parameter: torch.Tensor) -> bool:
    """Whether it is a convolution with a kernel: no view of it is a matrix, whatever its layout."""
    return parameter.ndim > 2 and parameter[0, 0].numel() > 1


def _matrices(values: torch.Tensor, count: int) -> tuple[torch.Tensor, ...]:
    """The matrices of a parameter, sharing its memory."""
    return values.view(values.shape[0], -1).chunk(count)
