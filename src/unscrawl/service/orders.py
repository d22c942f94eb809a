"""What a worker is asked to do, as JSON: the options and the forms of the result."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from unscrawl.languages import resolve_languages
from unscrawl.options import ReadOptions, parse_mode

__all__ = ["options_from_order", "order_from_options"]


def order_from_options(name: str, options: ReadOptions, formats: tuple[str, ...]) -> dict[str, Any]:
    """An order as JSON can hold it.

    Args:
        name: The file's name, for messages and the result's ``source``.
        options: How to read it.
        formats: The forms of the result, at least one.
    """
    values = {field.name: getattr(options, field.name) for field in fields(options)}
    values["mode"] = options.mode.value
    values["language"] = [language.value for language in options.language]
    values["filters"] = [each.value for each in options.filters]
    return {"name": name, "options": values, "formats": list(formats)}


def options_from_order(order: dict[str, Any]) -> ReadOptions:
    """The options of an order."""
    values = dict(order["options"])
    values["mode"] = parse_mode(values["mode"])
    values["language"] = resolve_languages("auto" if values["language"] == ["mul"] else values["language"])
    return ReadOptions(**values)
