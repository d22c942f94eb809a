"""From a file, bytes, array or picture to upright RGB pages: :func:`open_source`.

The names are loaded on first use: the PDF worker is a module of this package, and must start without Pillow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from unscrawl.lazy import names_on_demand

if TYPE_CHECKING:
    from unscrawl.imaging.opening import ImageInput, open_source
    from unscrawl.imaging.page_image import PageFailure, PageImage
    from unscrawl.imaging.source import Source

__all__ = ["ImageInput", "PageFailure", "PageImage", "Source", "open_source"]

__getattr__ = names_on_demand(
    __name__,
    {
        "ImageInput": "opening",
        "PageFailure": "page_image",
        "PageImage": "page_image",
        "Source": "source",
        "open_source": "opening",
    },
)
