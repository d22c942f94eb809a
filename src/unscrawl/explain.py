"""One HTML file that shows what the engine saw: the page as it was read, its lines in order, and the reasons.

The file stands alone (pictures inside, no scripts, nothing fetched), so that it can be mailed or kept. Pointing at a
line lights it up both on the page and in the list.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import fields
from enum import Enum
from html import escape
from typing import Any

import cv2
import numpy as np

from unscrawl.html_page import standalone_page
from unscrawl.imaging import Source
from unscrawl.imaging.page_image import PageFailure, Pixels
from unscrawl.options import ReadOptions, Region
from unscrawl.pipeline import Models, PageStudy, least_confidence, study_page
from unscrawl.reading import LineReading, Symbol

__all__ = ["explain_html"]

# Pages are embedded no larger than this: wide enough to read the writing, some 300 kB each.
LARGEST_SIDE = 1600
JPEG_QUALITY = 75

# Bands of confidence; the names are those of the legend.
SURE, FAIR = 0.9, 0.7
_BANDS = {"sure": f"{SURE:.0%} and more", "fair": f"{FAIR:.0%} to {SURE:.0%}", "unsure": f"less than {FAIR:.0%}"}

_STYLE = """\
:root {
  color-scheme: light dark;
  --ground: #f6f4ef; --card: #ffffff; --ink: #1d1f23; --soft: #5f6570; --rule: #dfdbd2;
  --sure: #1a7f4b; --fair: #a86500; --unsure: #b8243b; --dropped: #6b7280; --glow: #fff3c9;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #16181c; --card: #1f2228; --ink: #e8e6e1; --soft: #9aa1ad; --rule: #343842;
    --sure: #58c48b; --fair: #e5a53d; --unsure: #ff7d8e; --dropped: #8b93a1; --glow: #4a4020;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
header, main, footer { max-width: 110rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding-top: 1.8rem; }
h1 { font-size: 1.5rem; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 0 0 .6rem; }
h3 { font-size: .8rem; letter-spacing: .06em; text-transform: uppercase; color: var(--soft); margin: 1.4rem 0 .4rem; }
.facts, footer { color: var(--soft); font-size: .9rem; }
section { margin: 1.5rem 0 2.5rem; }
.page { display: grid; grid-template-columns: minmax(0, 3fr) minmax(22rem, 2fr); gap: 1.5rem; align-items: start; }
@media (max-width: 60rem) { .page { grid-template-columns: minmax(0, 1fr); } }
.card { background: var(--card); border: 1px solid var(--rule); border-radius: .6rem; padding: 1rem 1.2rem; }
.seen { padding: .6rem; position: sticky; top: 1rem; }
svg { display: block; width: 100%; height: auto; max-height: 94vh; border-radius: .3rem; }
svg polygon { fill: transparent; stroke-width: 2; vector-effect: non-scaling-stroke; }
svg .path { fill: none; stroke: #3563c9; stroke-width: 1.5; stroke-dasharray: 5 4; opacity: .55; }
svg .path { vector-effect: non-scaling-stroke; }
svg text { font-weight: 700; fill: #fff; text-anchor: middle; dominant-baseline: central; }
/* The page is white in dark mode too: on it the dark colours are used always. */
svg .sure { stroke: #1a7f4b; } svg .fair { stroke: #c77700; } svg .unsure { stroke: #c9253f; }
svg .dropped { stroke: #6b7280; stroke-dasharray: 4 3; }
svg circle.sure { fill: #1a7f4b; } svg circle.fair { fill: #c77700; } svg circle.unsure { fill: #c9253f; }
svg circle.dropped { fill: #6b7280; }
svg circle { stroke: none !important; }
ol { list-style: none; margin: 0; padding: 0; }
ol li { display: grid; grid-template-columns: 2.2rem minmax(0, 1fr) 3.2rem; gap: .4rem; padding: .25rem .3rem; }
ol li { border-radius: .35rem; border-bottom: 1px solid var(--rule); }
.number { color: var(--soft); text-align: right; font-variant-numeric: tabular-nums; }
.share { text-align: right; font-variant-numeric: tabular-nums; font-weight: 600; }
.share.sure { color: var(--sure); } .share.fair { color: var(--fair); } .share.unsure { color: var(--unsure); }
.said { white-space: pre-wrap; overflow-wrap: anywhere; }
.said .fair { text-decoration: underline 2px var(--fair); text-underline-offset: .25em; }
.said .unsure { text-decoration: underline wavy 1.5px var(--unsure); text-underline-offset: .25em; }
.dropped .said, .dropped .share { color: var(--dropped); }
.why { display: block; color: var(--soft); font-size: .85rem; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .15rem 1rem; margin: 0; font-size: .95rem; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
ul { margin: 0; padding-left: 1.1rem; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; margin-top: .6rem; font-size: .85rem; color: var(--soft); }
.legend span::before { content: ""; display: inline-block; width: .8em; height: .8em; margin-right: .4em; }
.legend span::before { border-radius: .2em; background: currentColor; }
.legend .sure { color: var(--sure); } .legend .fair { color: var(--fair); } .legend .unsure { color: var(--unsure); }
.legend .dropped { color: var(--dropped); }"""


def explain_html(source: Source, models: Models, options: ReadOptions) -> str:
    """Read an opened input, and show how.

    Args:
        source: What to read.
        models: The networks.
        options: As for a reading.

    Returns:
        A complete HTML document.

    Raises:
        OcrException: If the only page cannot be read; of several, a page that cannot be read is shown with its error.
    """
    title = f"What Unscrawl saw: {source.name}"
    sections = []
    for page in source.read_pages():
        if isinstance(page, PageFailure):
            sections.append(
                f'<section class="card"><h2>Page {page.number}</h2><p>{escape(str(page.error))}</p></section>'
            )
        else:
            sections.extend(_page_section(study) for study in study_page(page, models, options))
    return standalone_page(
        title,
        _STYLE,
        (
            f"<header><h1>{escape(title)}</h1></header>",
            "<main>",
            *sections,
            f'<section class="card"><h2>Options of this reading</h2>{_options_list(options)}</section>',
            "</main>",
        ),
    )


def _page_section(study: PageStudy) -> str:
    page = study.page
    height, width = study.prepared.page.pixels.shape[:2]
    numbered = list(_numbered(study))
    facts = [f"stored {page.width} x {page.height} pixels", f"read at {width} x {height}"]
    if page.dpi:
        facts.append(f"{page.dpi:g} dpi")
    facts += [f"{len(page.lines)} lines", f"confidence {page.confidence:.0%}"]
    return "\n".join(
        (
            "<section>",
            f'<h2>{_title(study)}</h2><p class="facts">{escape(" · ".join(facts))}</p>',
            '<div class="page">',
            f'<div class="card seen">{_picture(study, numbered)}{_LEGEND}</div>',
            '<div class="card">',
            "<h3>What was done to the page, and why</h3>",
            _changes(study),
            "<h3>Lines in reading order</h3>",
            "<ol>",
            *(_line_item(study, number, index) for number, index in numbered),
            "</ol>",
            "</div></div>",
            _highlights(_key(study), numbered),
            "</section>",
        )
    )


def _title(study: PageStudy) -> str:
    return f"Page {study.page.number}" + (f", region {study.part}" if study.part else "")


def _key(study: PageStudy) -> str:
    """What the names of a study's elements begin with."""
    return f"{study.page.number}" + (f"-{study.part}" if study.part else "")


_LEGEND = (
    '<p class="legend">'
    + "".join(f'<span class="{band}">{escape(meaning)} sure</span>' for band, meaning in _BANDS.items())
    + '<span class="dropped">not believed to be text</span></p>'
)


def _numbered(study: PageStudy) -> Iterator[tuple[int | None, int]]:
    """Regions in reading order: the number of each one's line in the result, None where it is in none; its index."""
    number = 0
    for row in study.order:
        believed = [index for index in row if _is_believed(study.readings[index])]
        number += bool(believed)
        for index in row:
            yield (number if index in believed else None), index


def _is_believed(reading: LineReading) -> bool:
    return reading.confidence >= least_confidence(reading) and bool(reading.text.strip())


def _changes(study: PageStudy) -> str:
    changes = study.prepared.changes
    if not changes:
        return "<p>Nothing: it lay upright, and its text was dark and large enough to be found at the first look.</p>"
    items = (f'<li>{escape(each.what)}<span class="why">because {escape(each.why)}</span></li>' for each in changes)
    return f"<ul>{''.join(items)}</ul>"


def _line_item(study: PageStudy, number: int | None, index: int) -> str:
    reading = study.readings[index]
    name = f"t{_key(study)}-{index}"
    if number is None:
        why = f"{reading.confidence:.0%} sure; {least_confidence(reading):.0%} is the least for a line this long"
        text = escape(reading.text) or "(nothing)"
        said = f'<span class="said">{text}<span class="why">not believed to be text: {escape(why)}</span></span>'
        return f'<li class="dropped" id="{name}"><span class="number">-</span>{said}<span class="share">-</span></li>'
    confidence = _confidence(reading)
    said = "".join(_marked(symbol) for symbol in reading.calibrated)
    return (
        f'<li id="{name}"><span class="number">{number}</span><span class="said" dir="auto">{said}</span>'
        f'<span class="share {_band(confidence)}">{confidence:.0%}</span></li>'
    )


def _marked(symbol: Symbol) -> str:
    band = _band(symbol.confidence)
    text = escape(symbol.text)
    return text if band == "sure" or symbol.text.isspace() else f'<span class="{band}">{text}</span>'


def _confidence(reading: LineReading) -> float:
    inked = [symbol.confidence for symbol in reading.calibrated if not symbol.text.isspace()]
    return sum(inked) / len(inked) if inked else 0.0


def _band(confidence: float) -> str:
    return "sure" if confidence >= SURE else "fair" if confidence >= FAIR else "unsure"


def _picture(study: PageStudy, numbered: list[tuple[int | None, int]]) -> str:
    """The page with the outline of every line, its number, and the way of the reading."""
    pixels = study.prepared.page.pixels
    height, width = pixels.shape[:2]
    # Sizes of signs are in page pixels, and the page is shown at about 900 pixels of width.
    radius = max(width, height) / 90
    shapes, stops = [], []
    for number, index in numbered:
        strip = study.regions[index].strip
        outline = np.concatenate([strip.upper, strip.lower[::-1]])
        points = " ".join(f"{x:.0f},{y:.0f}" for x, y in outline)
        reading = study.readings[index]
        band = "dropped" if number is None else _band(_confidence(reading))
        name = f"b{_key(study)}-{index}"
        shapes.append(
            f'<polygon class="{band}" id="{name}" points="{points}"><title>{escape(reading.text)}</title></polygon>'
        )
        if number is not None:
            x, y = (float(value) for value in (strip.upper[0] + strip.lower[0]) / 2)
            stops.append((number, band, x, y))
    way = " ".join(f"{x:.0f},{y:.0f}" for _, _, x, y in stops)
    signs = (
        f'<circle class="{band}" cx="{x:.0f}" cy="{y:.0f}" r="{radius:.0f}"/>'
        f'<text x="{x:.0f}" y="{y:.0f}" font-size="{1.1 * radius:.0f}">{number}</text>'
        for number, band, x, y in stops
    )
    return (
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="The page as it was read, its lines outlined">'
        f'<image href="{_data_url(pixels)}" width="{width}" height="{height}"/>'
        f'<polyline class="path" points="{way}"/>{"".join(shapes)}{"".join(signs)}</svg>'
    )


def _highlights(page: str, numbered: list[tuple[int | None, int]]) -> str:
    """Rules that light up a line on the page and in the list when either is pointed at."""
    rules = (
        f".page:has(#t{page}-{i}:hover) #b{page}-{i}, #b{page}-{i}:hover {{ fill: #ffd54a66; stroke-width: 4; }}\n"
        f".page:has(#b{page}-{i}:hover) #t{page}-{i}, #t{page}-{i}:hover {{ background: var(--glow); }}"
        for _, i in numbered
    )
    return "<style>\n" + "\n".join(rules) + "\n</style>"


def _data_url(pixels: Pixels) -> str:
    height, width = pixels.shape[:2]
    scale = min(1.0, LARGEST_SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    _, data = cv2.imencode(".jpg", small[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    return "data:image/jpeg;base64," + base64.b64encode(data.tobytes()).decode("ascii")


def _options_list(options: ReadOptions) -> str:
    """All options but the password."""
    rows = (
        f"<dt>{escape(field.name)}</dt><dd>{escape(_shown(getattr(options, field.name)))}</dd>"
        for field in fields(options)
        if field.repr
    )
    return f"<dl>{''.join(rows)}</dl>"


def _shown(value: Any) -> str:
    if isinstance(value, Region):
        return str(value)
    if isinstance(value, tuple):
        return " + ".join(_shown(each) for each in value) or "none"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, bool):
        return "on" if value else "off"
    return "not set" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
