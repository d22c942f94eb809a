"""The normalisation under which readings are compared with truths.

What is *not* counted as an error, because truths do not record it (they are NFC, with straight quotes and ``-``
for dashes) or because it cannot be seen:

- the composition of accents (NFC) and the kind of line end;
- the shape of single and double quotes and of dashes;
- the width and number of blanks within a line, blanks at either end of it, and empty lines.

Everything else counts: case, accents, punctuation (guillemets too), single spaces and line breaks.
"""

from __future__ import annotations

import unicodedata

__all__ = ["NORMALISATION", "normalise"]

NORMALISATION = (
    "NFC; straight quotes; '-' for all dashes; runs of blanks are one space; no blanks at the ends of lines; "
    "no empty lines. Case, accents, punctuation, spaces and line breaks count."
)
"""The rules in one sentence, to print beside figures."""

_SHAPES = str.maketrans(
    {
        # Single quotes and the modifier letters that are typed as apostrophes.
        **dict.fromkeys("‘’‚‛ʼʻ", "'"),
        # Double quotes; guillemets stay, as the truths keep them.
        **dict.fromkeys("“”„‟", '"'),
        # Hyphens (also the unbreakable one), dashes, the bar and the minus sign.
        **dict.fromkeys("‐‑‒–—―−", "-"),
    }
)


def normalise(text: str) -> str:
    r"""Return ``text`` as it is compared; applying it twice changes nothing more.

    >>> normalise("  l’été  – “fin” ")
    'l\'été - "fin"'
    """
    text = unicodedata.normalize("NFC", text).translate(_SHAPES)
    # splitlines() knows every line end of Unicode, also the form feed that Tesseract puts after pages; split()
    # every blank, also the unbreakable ones.
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)
