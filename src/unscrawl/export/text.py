"""Plain text."""

from __future__ import annotations

from unscrawl.result import Document

__all__ = ["write"]


def write(document: Document) -> str:
    """Lines as they stand; pages are kept apart by an empty line."""
    return document.text + "\n"
