"""Begin a wider recurrent branch, or a longer alphabet, with the weights of a narrower one: it reads the same at first.

After Chen, Goodfellow and Shlens, "Net2Net: accelerating learning via knowledge transfer" (ICLR 2016): the units that
are new start at random, and what is old does not listen to them yet.
"""

from __future__ import annotations

import torch

__all__ = ["GATES", "units", "widen"]

GATES = 4  # of an LSTM, whose matrices are stored one above the other
_FED_BY_UNITS = ("recurrent.weight_hh_", "recurrent.weight_ih_l1", "recurrent_head.weight")


def units(state: dict[str, torch.Tensor]) -> int:
    """Of an LSTM layer in one direction, in a network with such weights."""
    return state["recurrent.weight_hh_l0"].shape[1]


def widen(narrow: dict[str, torch.Tensor], wide: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The weights of the wider network: ``narrow`` in their places among those that ``wide`` has at the beginning."""
    old, new = units(narrow), units(wide)
    return {name: _placed(name, value, wide[name], old, new) for name, value in narrow.items()}


def _placed(name: str, value: torch.Tensor, beginning: torch.Tensor, old: int, new: int) -> torch.Tensor:
    if value.shape == beginning.shape:
        return value
    rows = torch.arange(value.shape[0])
    if name.startswith("head"):
        placed = beginning.clone()
        placed[rows] = value
        return placed
    if not name.startswith("recurrent_head"):
        rows = torch.cat([torch.arange(old) + gate * new for gate in range(GATES)])
    placed = beginning.clone()
    if not name.startswith(_FED_BY_UNITS):
        placed[rows] = value
        return placed
    directions = value.shape[1] // old
    columns = torch.cat([torch.arange(old) + direction * new for direction in range(directions)])
    placed[rows] = 0
    placed[rows[:, None], columns] = value
    return placed
