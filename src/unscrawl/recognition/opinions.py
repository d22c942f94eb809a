"""Which of two recognisers to believe about a line.

Their confidences say little across recognisers: each is as sure of itself in a script that it does not know, or in a
hand that it misreads, as elsewhere. What follows was found on lines whose truth is known.
"""

from __future__ import annotations

from unscrawl.imaging.page_image import Pixels
from unscrawl.languages import EAST_ASIAN_LETTER
from unscrawl.reading import LineReading

__all__ = [
    "CLEAR_PRINT",
    "DOUBTFUL",
    "KNOWN_WORDS",
    "PRINT_LEAD",
    "SURE_AMONG_PRINT",
    "is_clear_print",
    "is_east_asian",
    "may_be_foreign",
]

# Hand takes Cyrillic and Greek for Latin letters with a mean confidence of 0.76 to 0.90. A line of which it is less
# sure than this, and of which known words of no language make up this share, may be in another script; so may any of
# which it is less sure than the third of these.
LOOK_ALIKE = 0.92
KNOWN_WORDS = 0.25
DOUBTFUL = 0.75
# The base recogniser leaves out what it does not know. It finds 1.3 to 2.4 characters for each line height along a line
# of print in the scripts that it knows.
LEAST_DENSITY = 1.0
# Print that the base recogniser is so sure of, and Hand surer by so much less, is read better by the base: of 270 dev
# lines three are such (Hand's readings 9 % wrong, the base's 12), of receipts (dot matrix, capitals, columns of
# numbers) most of those that Hand is not sure of.
CLEAR_PRINT = 0.95
PRINT_LEAD = 0.02
# Where that is so, the whole page is print that the base knows better, and less is asked of its other lines. Errors of
# 20 receipts: Hand alone 31.1 %, clear lines left to the base 28.9, less asked of the others 28.1; the base 28.2.
PRINT_AMONG_PRINT = 0.9
SURE_AMONG_PRINT = 0.97


def may_be_foreign(reading: LineReading, known_share: float, crop: Pixels) -> bool:
    """Whether a line may be in a script that our networks do not know, so that it is worth a look.

    Args:
        reading: What one of them reads, without a language's prior.
        known_share: How much of it are known words of one language, 0 to 1.
        crop: The line.
    """
    height, width = crop.shape[:2]
    if len("".join(reading.text.split())) * height < LEAST_DENSITY * width or reading.confidence < DOUBTFUL:
        return True
    return reading.confidence < LOOK_ALIKE and known_share < KNOWN_WORDS


def is_east_asian(text: str) -> bool:
    """Whether at least half of the letters are Chinese characters or kana."""
    letters = [character for character in text if character.isalpha()]
    return 2 * len(EAST_ASIAN_LETTER.findall(text)) >= max(1, len(letters))


def is_clear_print(hand: LineReading, base: LineReading, *, among_print: bool = False) -> bool:
    """Whether the base recogniser's reading of a line in Latin script is to be believed rather than Hand's.

    Args:
        hand: What Hand reads.
        base: What the base recogniser reads.
        among_print: Whether other lines of the page are clear print.
    """
    return (
        base.confidence >= (PRINT_AMONG_PRINT if among_print else CLEAR_PRINT)
        and base.confidence > hand.confidence + (0.0 if among_print else PRINT_LEAD)
        # The base does not know all accents, and is sure of the bare letter instead.
        and _accented(base.text) >= _accented(hand.text)
    )


def _accented(text: str) -> int:
    return sum(character.isalpha() and not character.isascii() for character in text)
