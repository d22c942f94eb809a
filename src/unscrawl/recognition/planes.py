"""Tables of whole numbers in small files: of numbers of several bytes, first all low bytes, then all higher ones.

Among themselves bytes of one weight repeat, between others they hide it: the priors' files are a seventh smaller so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["open_tables", "save_tables"]


class _Tables(Mapping[str, NDArray[Any]]):
    def __init__(self, stored: Mapping[str, NDArray[Any]]) -> None:
        self._stored = stored

    def __getitem__(self, name: str) -> NDArray[Any]:
        found = self._stored[name]
        return found if found.ndim < 2 else np.ascontiguousarray(found.T).view(f"<u{len(found)}")[:, 0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._stored)

    def __len__(self) -> int:
        return len(self._stored)


@contextmanager
def open_tables(path: Path) -> Iterator[Mapping[str, NDArray[Any]]]:
    """The tables of a ``.npz`` file by their names, each read when it is asked for."""
    with np.load(path) as stored:
        yield _Tables(stored)


def save_tables(path: Path, tables: Mapping[str, NDArray[Any]]) -> None:
    """Save one-dimensional arrays of unsigned integers, and single numbers."""
    stored: dict[str, Any] = {name: _in_planes(table) if table.ndim else table for name, table in tables.items()}
    np.savez_compressed(path, **stored)


def _in_planes(table: NDArray[Any]) -> NDArray[np.uint8]:
    low_first = table.astype(table.dtype.newbyteorder("<"))
    return np.ascontiguousarray(low_first.view(np.uint8).reshape(-1, table.itemsize).T)
