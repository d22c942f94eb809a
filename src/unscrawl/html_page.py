"""HTML pages that stand alone: one file, nothing fetched, nothing run."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

__all__ = ["standalone_page"]


def standalone_page(title: str, style: str, body: Iterable[str]) -> str:
    """A complete HTML document.

    Args:
        title: Plain text.
        style: A style sheet.
        body: HTML, joined by line breaks.
    """
    return "\n".join(
        (
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            # Whatever a reading contains, the page loads and runs nothing.
            '<meta http-equiv="Content-Security-Policy" '
            "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">",
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title>",
            f"<style>\n{style}\n</style>",
            "</head>",
            "<body>",
            *body,
            "</body>",
            "</html>",
            "",
        )
    )
