"""Results in the forms that people and programs use, and back: :func:`write`, :func:`read_document`.

The names are loaded on first use, and each writer when its form is wanted: the command line lists the forms without
loading the libraries behind them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from unscrawl.lazy import names_on_demand

if TYPE_CHECKING:
    from unscrawl.export.forms import FORMS, Form, form_named, form_of_file
    from unscrawl.export.grid import grid_of
    from unscrawl.export.original import Original
    from unscrawl.export.readers import read_document, read_result
    from unscrawl.export.result import Result
    from unscrawl.export.writing import save, write

__all__ = [
    "FORMS",
    "Form",
    "Original",
    "Result",
    "form_named",
    "form_of_file",
    "grid_of",
    "read_document",
    "read_result",
    "save",
    "write",
]

__getattr__ = names_on_demand(
    __name__,
    {
        "FORMS": "forms",
        "Form": "forms",
        "Original": "original",
        "Result": "result",
        "form_named": "forms",
        "form_of_file": "forms",
        "grid_of": "grid",
        "read_document": "readers",
        "read_result": "readers",
        "save": "writing",
        "write": "writing",
    },
)
