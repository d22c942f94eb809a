"""What a worker is asked to do, as JSON: the options and the forms of the result."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from unscrawl.languages import Language
from unscrawl.options import ReadOptions

__all__ = ["PICTURE", "TaskResult", "options_from_order", "order_from_options"]

PICTURE = "png"
"""What the result of a task is called that gives a picture; those of further pages have a number behind it."""


@dataclass(frozen=True, slots=True)
class TaskResult:
    """One form of the result.

    Attributes:
        format: Its name, e.g. ``"json"``.
        media_type: For the Content-Type.
        data: Its bytes.
    """

    format: str
    media_type: str
    data: bytes


def order_from_options(name: str, options: ReadOptions, formats: tuple[str, ...], task: str = "read") -> dict[str, Any]:
    """An order as JSON can hold it.

    Args:
        name: The file's name, for messages and the result's ``source``.
        options: How to read it.
        formats: The forms of the result, at least one.
        task: What to do, see :func:`unscrawl.service.tasks.perform`.
    """
    values = {field.name: getattr(options, field.name) for field in fields(options)}
    values["mode"] = options.mode.value
    values["language"] = [language.value for language in options.language]
    values["filters"] = [each.value for each in options.filters]
    return {"name": name, "task": task, "options": values, "formats": list(formats)}


def options_from_order(order: dict[str, Any]) -> ReadOptions:
    """The options of an order."""
    values = dict(order["options"])
    if values["language"] == [Language.AUTO.value]:
        values["language"] = Language.AUTO
    return ReadOptions(**values)
