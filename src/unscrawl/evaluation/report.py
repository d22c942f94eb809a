"""One HTML file with the worst readings: picture, truth, reading, and each differing character marked.

The file stands alone (pictures inside, no scripts, nothing fetched), so that it can be mailed or kept as an
artefact.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from html import escape
from pathlib import Path

from PIL import Image, ImageOps
from rapidfuzz.distance import Levenshtein

from unscrawl.evaluation.normalise import NORMALISATION, normalise
from unscrawl.evaluation.runner import ItemResult, SetEvaluation
from unscrawl.evaluation.table import percent
from unscrawl.html_page import standalone_page

__all__ = ["html_report"]

WORST = 50
"""Cases a set: as many as somebody looks through; with pages, some ten megabytes."""

_MAX_WIDTH, _MAX_HEIGHT = 1400, 1000
"""Pictures are embedded no larger than this: wide enough to read a page's writing, some 200 kB each."""

_JPEG_QUALITY = 70
"""Writing stays legible; half the size of Pillow's default of 75 is not reached by going lower."""

_VISIBLE = str.maketrans({" ": "␣", "\n": "⏎\n"})
"""Shown where a space or a line break itself is wrong: these cannot be seen otherwise."""

_STYLE = """\
:root { color-scheme: light dark; }
:root { --gone: #a40e26; --gone-back: #ffe1e4; --new: #0b5394; --new-back: #dcebff; }
@media (prefers-color-scheme: dark) {
  :root { --gone: #ffb3bb; --gone-back: #5c1a22; --new: #b3d4ff; --new-back: #17375e; }
}
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 90rem; padding: 0 1rem; }
.table { overflow-x: auto; }
table { border-collapse: collapse; }
th, td { padding: .2rem .8rem; text-align: right; border-bottom: 1px solid; }
th:first-child, td:first-child { text-align: left; }
article { border-top: 1px solid; margin-top: 1.5rem; padding-top: 1rem; }
h2, h3 { overflow-wrap: anywhere; }
h3 { font-size: 1rem; }
img { max-width: 100%; height: auto; background: #fff; }
.texts { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 0 2rem; }
pre { font: 15px/1.6 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; }
del, ins { text-decoration: none; }
del { color: var(--gone); background: var(--gone-back); border-bottom: 2px solid; }
ins { color: var(--new); background: var(--new-back); border-bottom: 3px double; }"""
"""Borders under the differences, not underlines: these would hide an underscore."""


def html_report(sets: Sequence[SetEvaluation], *, worst: int = WORST, title: str = "Unscrawl evaluation") -> str:
    """The report as a complete HTML document.

    Args:
        sets: What was evaluated.
        worst: How many cases of each set to show: those with the highest character error rates, highest first.
        title: The page's title.
    """
    body = [_summary(sets)]
    for entry in sets:
        cases = [case for case in entry.evaluation.worst(worst) if case.characters.errors or case.failure]
        body.append(f"<section>\n<h2>{escape(entry.name)}: the worst {len(cases)}</h2>")
        body.extend(_case(case) for case in cases)
        body.append("</section>")
    return standalone_page(title, _STYLE, (f"<h1>{escape(title)}</h1>", *body))


def mark_differences(truth: str, reading: str) -> tuple[str, str]:
    """Both texts as HTML: what the reading lacks or has wrong in ``<del>``, what it has instead in ``<ins>``.

    >>> mark_differences("a<b", "a<c")
    ('a&lt;<del>b</del>', 'a&lt;<ins>c</ins>')
    """
    left, right = [], []
    for step in Levenshtein.opcodes(truth, reading):
        before, after = truth[step.src_start : step.src_end], reading[step.dest_start : step.dest_end]
        if step.tag == "equal":
            left.append(escape(before))
            right.append(escape(after))
        else:
            left.append(_marked("del", before))
            right.append(_marked("ins", after))
    return "".join(left), "".join(right)


def _marked(tag: str, text: str) -> str:
    return f"<{tag}>{escape(text.translate(_VISIBLE))}</{tag}>" if text else ""


def _summary(sets: Sequence[SetEvaluation]) -> str:
    rows = []
    for entry in sets:
        evaluation = entry.evaluation
        (cer, cer_range), (wer, wer_range) = percent(evaluation.cer), percent(evaluation.wer)
        cells = (
            f"{len(evaluation.results)}",
            f"{evaluation.characters}",
            f"{cer} ({cer_range})",
            f"{wer} ({wer_range})",
            f"{evaluation.seconds_per_item:.2f}",
            f"{len(evaluation.failures)}",
        )
        rows.append(f"<tr><td>{escape(entry.name)}</td>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    return "\n".join(
        (
            '<div class="table">',
            "<table>",
            "<thead><tr><th>Set</th><th>Items</th><th>Characters</th>"
            "<th>CER % (95 %)</th><th>WER % (95 %)</th><th>Seconds an item</th><th>Failed</th></tr></thead>",
            "<tbody>",
            *rows,
            "</tbody>",
            "</table>",
            "</div>",
            f"<p>Compared after normalisation: {escape(NORMALISATION)}</p>",
            "<p>In the truth, <del>what the reading lacks or has wrong</del>; in the reading, "
            "<ins>what it has instead</ins>. A space that differs is shown as ␣, a line break as ⏎.</p>",
        )
    )


def _case(result: ItemResult) -> str:
    truth, reading = mark_differences(normalise(result.item.text), normalise(result.reading))
    count = result.characters
    failure = f"<p><strong>Failed:</strong> {escape(result.failure)}</p>" if result.failure else ""
    return "\n".join(
        (
            "<article>",
            f"<h3>{escape(result.item.name)}: {count.rate * 100:.1f} % "
            f"({count.errors} errors in {count.length} characters)</h3>",
            _picture(result.item.image) + failure,
            '<div class="texts">',
            f"<div><h4>Truth</h4><pre>{truth}</pre></div>",
            f"<div><h4>Reading</h4><pre>{reading}</pre></div>",
            "</div>",
            "</article>",
        )
    )


def _picture(path: Path) -> str:
    """The picture as an ``img`` with a data URI; a remark where it cannot be shown (a PDF, a broken file)."""
    try:
        with Image.open(path) as opened:
            picture = ImageOps.exif_transpose(opened).convert("RGB")
        picture.thumbnail((_MAX_WIDTH, _MAX_HEIGHT))
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=_JPEG_QUALITY, optimize=True)
    # Whatever a decoder raises on a hostile or broken file, the report is still worth having.
    except Exception as error:
        return f"<p>(The picture cannot be shown: {escape(type(error).__name__)}.)</p>"
    data = base64.b64encode(buffer.getvalue()).decode("ascii")
    size = f'width="{picture.width}" height="{picture.height}"'
    return f'<p><img src="data:image/jpeg;base64,{data}" alt="The picture" {size}></p>'
