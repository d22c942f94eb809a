"""PDF/A-2b: a searchable PDF that archives take, because it needs nothing but itself to be shown right."""

from __future__ import annotations

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import ImageCms

from unscrawl.exceptions import ExportFailed
from unscrawl.export.original import Original
from unscrawl.export.pdf import build, finished, is_pdf
from unscrawl.result import Document

__all__ = ["write"]


def write(document: Document, original: Original) -> bytes:
    """Make the PDF/A.

    Raises:
        ExportFailed: If the original is gone, or is a PDF: what its pages hold is not ours to change.
    """
    data = original.file()
    if data is not None and is_pdf(data):
        raise ExportFailed(
            f"{document.source} is a PDF; only pictures can be made into PDF/A.",
            remedy="Write it as pdf, and convert that with a program made for it.",
        )
    pdf = build(document, original, data, press_colours=False)
    profile = pdf.make_stream(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile.N = 3
    profile.Alternate = Name.DeviceRGB
    pdf.Root.OutputIntents = Array(
        [
            Dictionary(
                Type=Name.OutputIntent,
                S=Name.GTS_PDFA1,
                OutputConditionIdentifier=pikepdf.String("sRGB"),
                RegistryName=pikepdf.String("http://www.color.org"),
                Info=pikepdf.String("sRGB IEC61966-2.1"),
                DestOutputProfile=profile,
            )
        ]
    )
    with pdf.open_metadata(set_pikepdf_as_editor=False) as metadata:
        metadata["pdfaid:part"] = "2"
        metadata["pdfaid:conformance"] = "B"
    return finished(pdf)
