"""How fast captions may be: the limits of a language, such as Netflix's Timed Text Style Guides for adults.

English: 20 letters a second. Simplified Chinese: 9 hanzi a second. In a text of both, each counts as its own.
"""

from __future__ import annotations

import re
import unicodedata

from core.examples.languages import FIRST, language_of

IDEOGRAPHS = "\u3400-\u4dbf\u4e00-\u9fff\u3040-\u30ff"
TO_FIND_IT = 0.4  # seconds in which the eye goes to a caption
_LETTERS = "A-Za-z\u00c0-\u024f\u0400-\u1cff\uac00-\ud7a3"
_IDEOGRAPH, _WORD = re.compile(f"[{IDEOGRAPHS}]"), re.compile(f"[{_LETTERS}0-9.−]+")


def is_ideograph(character: str) -> bool:
    """Whether a character is one between which lines may break: a hanzi, a kana."""
    return bool(_IDEOGRAPH.match(character))


def least_seconds(text: str, code: str = FIRST) -> float:
    """The time that a caption in a language has to stand at least."""
    pace = language_of(code).pace
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return wide / pace.most_ideographs + (len(text) - wide) / pace.most_letters


def seconds_at_ease(text: str, code: str = FIRST) -> float:
    """The time in which a caption is read while the stage is looked at too."""
    pace = language_of(code).pace
    return TO_FIND_IT + len(_WORD.findall(text)) / pace.words + len(_IDEOGRAPH.findall(text)) / pace.ideographs
