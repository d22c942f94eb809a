"""Finding what was read, and making it unreadable: :func:`find_matches`, :func:`redact`.

The names are loaded on first use: redaction brings OpenCV and pikepdf along.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from unscrawl.lazy import names_on_demand

if TYPE_CHECKING:
    from unscrawl.search.matches import Match, Matcher, find_matches
    from unscrawl.search.patterns import EMAIL, PHONE, Pattern, Words, pattern
    from unscrawl.search.redaction import Redaction, redact

__all__ = [
    "EMAIL",
    "PHONE",
    "Match",
    "Matcher",
    "Pattern",
    "Redaction",
    "Words",
    "find_matches",
    "pattern",
    "redact",
]

__getattr__ = names_on_demand(
    __name__,
    {
        "EMAIL": "patterns",
        "PHONE": "patterns",
        "Match": "matches",
        "Matcher": "matches",
        "Pattern": "patterns",
        "Redaction": "redaction",
        "Words": "patterns",
        "find_matches": "matches",
        "pattern": "patterns",
        "redact": "redaction",
    },
)
