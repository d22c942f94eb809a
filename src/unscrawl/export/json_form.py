"""JSON, as ``data/result-1.schema.json`` describes it."""

from __future__ import annotations

from unscrawl.result import Document

__all__ = ["write"]


def write(document: Document) -> str:
    """The whole tree."""
    return document.to_json() + "\n"
