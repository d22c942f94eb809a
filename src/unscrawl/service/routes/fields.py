"""The fields of a request to read a file, made from ``ReadOptions``, so that the two can never differ."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import fields, replace
from enum import Enum
from typing import Annotated, Any

from fastapi import Form
from pydantic import StringConstraints
from pydantic.json_schema import SkipJsonSchema
from starlette.datastructures import UploadFile

from unscrawl.exceptions import InvalidRequest
from unscrawl.export import FORMS
from unscrawl.options import ReadOptions
from unscrawl.service.tiers import Tier

__all__ = ["LONGEST_NAME", "file_name", "option_fields", "parse_formats", "within_tier"]

LONGEST_NAME = 200
LONGEST_TEXT = 20_000
"""Of a field: some thousand words to expect."""

MOST_VALUES = 1000
"""Of a field that may be repeated."""

SERVER_SIDE = ("max_megabytes", "max_megapixels", "max_pages", "page_timeout")
"""Options that the tier or the administrator sets."""


def _annotation(field: Any) -> Any:
    """What FastAPI is to make of a form field: a value, or nothing; in the schema only the value."""
    more: dict[str, Any] = {}
    kind: Any = str
    if isinstance(field.default, Enum):
        more["json_schema_extra"] = {"examples": [each.value for each in type(field.default)]}
    elif isinstance(field.default, bool | int | float):
        kind = type(field.default)
    else:
        more["max_length"] = LONGEST_TEXT
    nothing: Any = SkipJsonSchema[None]  # type: ignore[misc]  # mypy sees an alias without parameters
    # Files are for the command line only.
    description = field.metadata["help"].partition(" @FILE")[0]
    if field.metadata["repeated"]:
        kind = list[Annotated[str, StringConstraints(max_length=LONGEST_TEXT)]]
        more = {"max_length": MOST_VALUES}
        description = description.replace(", with spaces between", ", each in a field of its own")
    return Annotated[kind | nothing, Form(description=description, **more)]


def _make() -> Callable[..., ReadOptions]:
    offered = [field for field in fields(ReadOptions) if field.name not in SERVER_SIDE]

    def read_options(**given: Any) -> ReadOptions:
        return ReadOptions(**{k: v for k, v in given.items() if v is not None and v not in ("", [""])})

    parameters = [
        inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=_annotation(field))
        for field in offered
    ]
    read_options.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # what FastAPI looks at
    return read_options


option_fields = _make()
"""A FastAPI dependency: form fields -> ``ReadOptions``."""


def within_tier(options: ReadOptions, tier: Tier) -> ReadOptions:
    """The options with the limits of a tier."""
    return replace(
        options, max_megabytes=tier.max_megabytes, max_megapixels=tier.max_megapixels, max_pages=tier.max_pages
    )


def parse_formats(text: str) -> tuple[str, ...]:
    """The forms of the result from ``"json,text"``, without repeats.

    Raises:
        InvalidRequest: If there is none, or one that is not offered.
    """
    forms = tuple(dict.fromkeys(part.strip().lower() for part in text.split(",") if part.strip()))
    unknown = [form for form in forms if form not in FORMS]
    if unknown or not forms:
        what = f"There is no format {unknown[0]!r}." if unknown else "No format is named."
        raise InvalidRequest(what, remedy=f"Formats are {', '.join(FORMS)}; several with commas.")
    return forms


def file_name(file: UploadFile) -> str:
    """The name under which a file was sent, without folders and control characters."""
    name = (file.filename or "").replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in name if c.isprintable())[:LONGEST_NAME] or "upload"
