"""A server for the Model Context Protocol, so that assistants can read pictures: ``pip install 'unscrawl[mcp]'``.

``unscrawl mcp FOLDER`` speaks over its standard streams. Only files in the given folders are read; nothing is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from unscrawl import __version__
from unscrawl.engine import OcrEngine
from unscrawl.exceptions import MissingDependency, OcrException
from unscrawl.export import FORMS, Result, form_named
from unscrawl.search import find_matches, pattern

try:
    import anyio.to_thread
    from mcp.server.mcpserver import MCPServer
    from mcp.server.mcpserver.exceptions import ToolError
except ImportError as error:
    raise MissingDependency(
        "The package mcp is not installed.", remedy="Install it: pip install 'unscrawl[mcp]'."
    ) from error

__all__ = ["make_server"]

_INSTRUCTIONS = (
    "Reads handwritten notes and printed pages in pictures and PDFs, on the user's own machine. Paths may be relative "
    "to the folder that the server was started with."
)


def make_server(folders: Sequence[Path], engine: OcrEngine | None = None) -> MCPServer[Any]:
    """Make the server.

    Args:
        folders: Files in these, and below them, may be read; the first is where relative paths begin. At least one.
        engine: What to read with; by default one of its own.
    """
    roots = [folder.resolve() for folder in folders]
    reader = engine or OcrEngine()
    server: MCPServer[Any] = MCPServer("unscrawl", version=__version__, instructions=_INSTRUCTIONS)

    @server.tool()
    async def read(
        path: str, form: str = "markdown", mode: str = "auto", language: str = "auto", pages: str = ""
    ) -> str:
        """Read a picture or PDF into text.

        Args:
            path: The file.
            form: text, markdown, json (with boxes and confidences), hocr, alto, page or tsv.
            mode: What kind of writing to expect: printed, handwritten or auto.
            language: By English name or ISO code, several with "+"; auto to have it told from the page.
            pages: Of a PDF or TIFF, such as "1-3"; all by default.
        """
        wanted = _told(form_named, form)
        if wanted.binary:
            names = ", ".join(each.name for each in FORMS.values() if not each.binary)
            raise ToolError(f"{wanted.title} is no text. Choose one of: {names}.")
        result = await _recognize(path, mode, language, pages)
        content: bytes = _told(result.write, wanted.name)
        return content.decode()

    @server.tool()
    async def find(path: str, expression: str, ignore_case: bool = True, pages: str = "") -> list[dict[str, Any]]:
        """Find where something is written in a picture or PDF.

        Args:
            path: The file.
            expression: A regular expression.
            ignore_case: Whether capitals do not matter.
            pages: Of a PDF or TIFF, such as "1-3"; all by default.

        Returns:
            Page, line, text and box (left, top, right, bottom, in pixels) of every place.
        """
        matcher = _told(pattern, expression, ignore_case=ignore_case)
        result = await _recognize(path, "auto", "auto", pages)
        return [
            {"page": match.page, "line": match.line, "text": match.text, "context": match.context, "bbox": match.bbox}
            for match in find_matches(result, [matcher])
        ]

    async def _recognize(path: str, mode: str, language: str, pages: str) -> Result:
        file = _allowed(path, roots)
        changes = {"mode": mode, "language": language, "pages": pages or None}
        # Reading takes seconds: meanwhile, the server answers.
        return await anyio.to_thread.run_sync(partial(_told, reader.recognize, file, **changes))

    return server


def _allowed(path: str, roots: Sequence[Path]) -> Path:
    """The file, if it lies in one of the folders once all links are followed."""
    file = (roots[0] / path).resolve()
    if not any(file.is_relative_to(root) for root in roots):
        raise ToolError(f"{path} is not in the folders that this server may read.")
    return file


def _told(function: Any, *arguments: Any, **keywords: Any) -> Any:
    """Call a function; its errors become those that the assistant is told, with what to do about them."""
    try:
        return function(*arguments, **keywords)
    except OcrException as error:
        raise ToolError(str(error)) from error
    except OSError as error:
        raise ToolError(f"{error.filename}: {error.strerror or error}") from error
