"""Which of two recognisers to believe about a line.

Their confidences say little across recognisers: each is as sure of itself in a script that it does not know, or in a
hand that it misreads, as elsewhere. What follows was found on lines whose truth is known.
"""

from __future__ import annotations

from unscrawl.imaging.page_image import Pixels
from unscrawl.languages import EAST_ASIAN_LETTER, Script, main_script
from unscrawl.reading import LineReading

__all__ = [
    "CLEAR_PRINT",
    "KNOWN_WORDS",
    "LOOK_ALIKE",
    "MOST_DENSITY",
    "PRINT_LEAD",
    "SURE_AMONG_PRINT",
    "density",
    "is_clear_print",
    "is_east_asian",
    "is_strange",
]

# Hand takes Cyrillic and Greek for Latin letters with a mean confidence of 0.76 to 0.90. A line of which it is less
# sure than this, and of which known words of no language make up this share, may be in another script...
LOOK_ALIKE = 0.92
KNOWN_WORDS = 0.25
# ... unless it finds more characters than this for each line height along the line: it finds 1.3 to 2.4 in print of
# other scripts, but 2.5 to 5 in most cursive that it reads badly, where the base recogniser fails too.
MOST_DENSITY = 2.5
# It is in one, if the base recogniser, which leaves out what it does not know, finds fewer than this, or Greek, of
# which it knows some letters, or if neither network is sure of half of what it sees, as in Thai. Of 587 lines in Latin
# script, mostly hard cursive, none is, of 90 lines of print in eight languages 83, and the others stand among them.
# What is not so many times as wide as high is too little to judge.
LEAST_DENSITY = 0.35
LEAST_CONFIDENCE = 0.5
LEAST_SHAPE = 3.0
# Print that the base recogniser is so sure of, and Hand surer by so much less, is read better by the base: of 270 dev
# lines three are such (Hand's readings 9 % wrong, the base's 12), of receipts (dot matrix, capitals, columns of
# numbers) most of those that Hand is not sure of.
CLEAR_PRINT = 0.95
PRINT_LEAD = 0.02
# Where that is so, the whole page is print that the base knows better, and less is asked of its other lines. Errors of
# 20 receipts: Hand alone 31.1 %, clear lines left to the base 28.9, less asked of the others 28.1; the base 28.2.
PRINT_AMONG_PRINT = 0.9
SURE_AMONG_PRINT = 0.97


def density(reading: LineReading, crop: Pixels) -> float:
    """How many characters were found for each line height along a line."""
    height, width = crop.shape[:2]
    return len("".join(reading.text.split())) * float(height / width)


def is_strange(first: LineReading, base: LineReading, crop: Pixels) -> bool:
    """Whether a line is probably in a script that our networks do not know.

    Args:
        first: The reading of the network whose turn it is.
        base: That of the base recogniser.
        crop: The line.
    """
    height, width = crop.shape[:2]
    if width < LEAST_SHAPE * height:
        return False
    if density(base, crop) < LEAST_DENSITY or main_script(base.text) is Script.GREEK:
        return True
    return max(first.confidence, base.confidence) < LEAST_CONFIDENCE


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
