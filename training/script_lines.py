"""Lines in all scripts, for the network that tells them apart.

Scripts other than Latin are rendered: sentences of the Universal Declaration, and strings of the script's letters at
random, in every font at hand that has the letters. Latin script is mostly real handwriting, since that is what must
not be taken for another script.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from training.data import read_lines
from training.distort import augment, bend, camera
from training.ink import Grey, lay_on_paper, pen, rows, trim_sides
from training.synth import Synthesiser
from training.texts import HELD_OUT_PARAGRAPHS, Texts, paragraphs
from unscrawl.languages import Script, count_scripts, script_of

__all__ = ["CLASSES", "ScriptLines"]

# Chinese and Japanese are read by one network: nothing needs to tell them apart by sight.
CLASSES = tuple(script for script in Script if script is not Script.JAPANESE)

# A line is drawn from each class with these shares; the others share what is left.
LATIN_SHARE = 0.33
HAN_SHARE = 0.05
# Most letters of these look like Latin ones.
HARD = frozenset({Script.CYRILLIC, Script.GREEK, Script.CHEROKEE})
HARD_WEIGHT = 3.0
REAL_AMONG_LATIN = 0.6
PRINT_AMONG_LATIN = 0.5
# With numbers, signs and money among the words.
NOTES_AMONG_PRINT = 0.5

# The first of benchmarks/languages/fonts.py for each script, and its family: never trained on where there are others.
_HELD_OUT = """
AbyssinicaSIL FrankRuehlCLM FreeSans Garuda KhmerOS NanumMyeongjo NotoNaskhArabic NotoSansBengali
NotoSansDevanagari NotoSansGujarati NotoSansGurmukhi NotoSansKannada NotoSansMalayalam NotoSansOriya NotoSansSinhala
NotoSansSyriac NotoSansTamil NotoSansTelugu NotoSansThaana NotoSerifTibetan Padauk Phetsarath_OT ipamp
abyssinica-sil frank-ruhl-libre noto-sans-oriya noto-sans-syriac noto-sans-thaana noto-serif-tibetan padauk
phetsarath
"""
SYSTEM_FONTS = Path("/usr/share/fonts")
# A font has a script if it has all but one of so many of the letters that its texts use most.
COMMON_LETTERS = 30

RANDOM_SHARE = 0.2
# Lines in capitals, where a script has them: in small print, Latin ones look like Cyrillic ones more than others do.
CAPITALS_SHARE = 0.2
LONGEST = 60


def _texts_by_script(declarations: Path, *, held_out: bool = False) -> dict[Script, list[str]]:
    """The paragraphs in each script: those kept for tests, or the others."""
    found = defaultdict(list)
    for path in sorted(declarations.glob("*.html")):
        every = paragraphs(path)
        kept = every[:HELD_OUT_PARAGRAPHS] if held_out else every[HELD_OUT_PARAGRAPHS:]
        for paragraph in kept:
            letters = count_scripts(paragraph)
            if letters and 2 * letters.most_common(1)[0][1] > letters.total() > 5:
                found[letters.most_common(1)[0][0]].append(paragraph)
    found[Script.HAN] += found.pop(Script.JAPANESE, [])
    return found


class ScriptLines:
    """Draws lines whose script is known.

    Args:
        data: Folder with the sets of real lines, all in Latin script.
        sources: Folder with what the README's first stages make: ``fonts/`` and ``udhr/``.
        held_out: Draw from the fonts and texts that are never trained on; then no lines in Latin script.
    """

    def __init__(self, data: Path, sources: Path, *, held_out: bool = False) -> None:
        self._texts = _texts_by_script(sources / "udhr" / "declaration", held_out=held_out)
        self._fonts = _fonts_by_script(sources / "fonts" / "script", self._texts, held_out=held_out)
        self._letters = {script: _letters_of(script) for script in CLASSES}
        others = [script for script in CLASSES if script not in (Script.LATIN, Script.HAN) and self._fonts[script]]
        if held_out:
            self._shares = dict.fromkeys([*others, Script.HAN], 1.0)
            return
        weights = {script: HARD_WEIGHT if script in HARD else 1.0 for script in others}
        left = (1 - LATIN_SHARE - HAN_SHARE) / sum(weights.values())
        self._shares = {script: left * weight for script, weight in weights.items()}
        self._shares |= {Script.LATIN: LATIN_SHARE, Script.HAN: HAN_SHARE}
        self._real = [line.picture for name in sorted(data.iterdir()) for line in read_lines(name) if line.text]
        self._notes = Texts(sources / "udhr")
        self._synthesiser = Synthesiser(sources / "fonts", self._notes)

    def draw(self, rng: random.Random) -> tuple[Grey, Script] | None:
        """A line's picture (uint8, any height and width) and its script, or None where a try failed."""
        script = rng.choices(list(self._shares), list(self._shares.values()))[0]
        if script is not Script.LATIN:
            picture = self._render(script, rng)
        elif rng.random() < REAL_AMONG_LATIN:
            picture = augment(rng.choice(self._real), rng)
        elif rng.random() < PRINT_AMONG_LATIN:
            picture = self._render(script, rng)
        else:
            drawn = self._synthesiser.draw(rng, 0.0, Script.LATIN)
            picture = None if drawn is None else drawn[0]
        return None if picture is None else (picture, script)

    def _render(self, script: Script, rng: random.Random) -> Grey | None:
        path = rng.choice(self._fonts[script])
        size = rng.randint(26, 48)
        font = _sized(path, size)
        text = self._text(script, rng)
        if rng.random() < CAPITALS_SHARE:
            text = text.upper()
        known = _code_points(path)
        text = " ".join("".join(each for each in text if ord(each) in known or each == " ").split())
        if not text:
            return None
        direction = "rtl" if script.right_to_left else "ltr"
        left, top, right, bottom = font.getbbox(text, direction=direction)
        canvas = Image.new("L", (int(right - left) + 4 * size, int(bottom - top) + 3 * size), 0)
        ImageDraw.Draw(canvas).text((2 * size - left, 1.5 * size - top), text, 255, font, direction=direction)
        ink = np.asarray(canvas, dtype=np.float32) / 255
        if rng.random() < 0.5:
            ink = bend(ink, rng, strength=rng.uniform(0.1, 0.6))
        body = rows(ink)
        if body is None:
            return None
        above, below = (rng.uniform(-0.03, 0.25) * (body[1] - body[0]) for _ in range(2))
        ink = pen(ink, size, rng, printed=True)[max(0, int(body[0] - above)) : int(body[1] + below) + 1]
        ink = trim_sides(ink, rng)
        if min(ink.shape) < 8:
            return None
        return camera(lay_on_paper(ink, rng), rng)

    def _text(self, script: Script, rng: random.Random) -> str:
        if script is Script.LATIN and rng.random() < NOTES_AMONG_PRINT:
            return self._notes.line(rng)
        if not self._texts[script] or rng.random() < RANDOM_SHARE:
            words = ("".join(rng.choices(self._letters[script], k=rng.randint(2, 9))) for _ in range(rng.randint(1, 7)))
            return " ".join(words)
        paragraph = rng.choice(self._texts[script])
        length = rng.randint(6, LONGEST)
        start = rng.randrange(max(1, len(paragraph) - length))
        return paragraph[start : start + length]


@lru_cache(maxsize=400)
def _sized(path: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.RAQM)


@lru_cache(maxsize=1000)
def _code_points(path: Path) -> frozenset[int]:
    """The characters that a font has; none where it is unreadable."""
    from fontTools.ttLib import TTFont

    with TTFont(path, fontNumber=0, lazy=True) as font:
        return frozenset(font.getBestCmap() or ())


def _letters_of(script: Script) -> list[str]:
    """All letters of a script that the Basic Multilingual Plane has."""
    return [chr(code) for code in range(0x41, 0xFFFF) if not 0xD800 <= code < 0xE000 and script_of(chr(code)) is script]


def _fonts_by_script(fetched: Path, texts: dict[Script, list[str]], *, held_out: bool) -> dict[Script, list[Path]]:
    common = {}
    for script in CLASSES:
        counted = Counter(letter for text in texts[script] for letter in text if script_of(letter) is script)
        letters = [letter for letter, _ in counted.most_common(COMMON_LETTERS)] or _letters_of(script)[5:35]
        common[script] = {ord(letter) for letter in letters}
    found: dict[Script, list[Path]] = {script: [] for script in CLASSES}
    files = [path for path in sorted(SYSTEM_FONTS.rglob("*")) if path.suffix in (".ttf", ".otf", ".ttc")]
    for path in [*files, *sorted(fetched.rglob("*.ttf"))]:
        name = path.parent.name if fetched in path.parents else path.stem.split("-")[0]
        known = _code_points(path)
        for script in CLASSES:
            if len(common[script] - known) <= 1 and _is_held_out(name, script) == held_out:
                found[script].append(path)
    return found


def _is_held_out(name: str, script: Script) -> bool:
    # DejaVu and Liberation print the test pages of these; of them there are many others.
    if script in (Script.ARMENIAN, Script.GEORGIAN):
        return name.startswith("DejaVu")
    if script in (Script.CYRILLIC, Script.GREEK):
        return name.startswith("Liberation")
    if script is Script.SYRIAC:
        return name in ("NotoSansSyriac", "noto-sans-syriac")
    if script is Script.HAN:
        return name in ("NotoSansCJK", "ipamp")
    return name in _HELD_OUT.split()
