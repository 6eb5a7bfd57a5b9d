"""How fast captions may be: the limits of Netflix's Timed Text Style Guides for adults, which others took over.

English: 20 characters a second. Simplified Chinese: 9 hanzi a second. In a text of both, each counts as its own.
"""

from __future__ import annotations

import unicodedata

HANZI_PER_SECOND = 9.0
CHARACTERS_PER_SECOND = 20.0


def least_seconds(text: str) -> float:
    """The time that a caption has to stand at least."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return wide / HANZI_PER_SECOND + (len(text) - wide) / CHARACTERS_PER_SECOND
