"""The order in which a line is read and seen: right-to-left scripts, after Unicode's bidirectional algorithm (UAX 9).

The algorithm is python-bidi's. It tells how a text looks; where each character has gone is found by marking it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from bidi import get_base_level, get_display

from core.model.special_tokens import SPECIAL

RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\u200f\u202b\u202e\u2067\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
# No mark may stand after a separator, which parts numbers only by itself: another of its class takes its place.
STAND_INS = {"WS": "\u2003", "CS": "\u2044", "ES": "\ufb29"}
PLAIN = str.maketrans({"\u2003": " ", "\u2044": ",", "\ufb29": "+", "\t": " ", "\n": " ", "\r": " ", "\u2029": " "})
MARKS = "\U000e01ee\U000e01ef"  # two variation selectors that no text has: they go with the character before them


class Stretch(NamedTuple):
    """Neighbouring characters of a text that are read in one direction: text[start:end]."""

    start: int
    end: int
    right_to_left: bool


def reads_right_to_left(text: str) -> bool:
    """Whether its first letter belongs to a right-to-left script, so that the whole begins at the right."""
    return bool(RIGHT_TO_LEFT.search(text)) and get_base_level(text) == 1


def stands_right_to_left(tokens: Sequence[str]) -> bool:
    """Whether a sentence begins at the right: its first letter does, special tokens aside."""
    return reads_right_to_left(" ".join(token for token in tokens if token not in SPECIAL))


@lru_cache(maxsize=4096)
def stretches(text: str) -> tuple[Stretch, ...]:
    """The stretches of one line in the order in which they are seen, from left to right."""
    if not RIGHT_TO_LEFT.search(text):
        return (Stretch(0, len(text), False),) if text else ()
    base = "R" if reads_right_to_left(text) else "L"
    seen, backwards = _seen(text.translate(PLAIN), base)
    found: list[Stretch] = []
    for i in sorted(range(len(text)), key=seen.__getitem__):
        last = found[-1] if found else None
        if last and last.right_to_left == backwards[i] and i == (last.start - 1 if backwards[i] else last.end):
            found[-1] = Stretch(min(i, last.start), max(i + 1, last.end), backwards[i])
        else:
            found.append(Stretch(i, i + 1, backwards[i]))
    return tuple(found)


def _seen(text: str, base: str) -> tuple[list[int], list[bool]]:
    """For each character its place from the left, and whether it is read backwards; base: L or R."""
    seen: list[int] = []
    backwards: list[bool] = []
    for i, character in enumerate(text):
        stand_in = STAND_INS.get(unicodedata.bidirectional(character))
        if stand_in is None:
            shown = get_display(text[: i + 1] + MARKS + text[i + 1 :], base_dir=base)
            first, second = map(shown.index, MARKS)
            seen.append(min(first, second) - (first < second))
            backwards.append(first > second)
        else:
            seen.append(get_display(text[:i] + stand_in + text[i + 1 :], base_dir=base).index(stand_in))
            backwards.append(seen[i - 1] > seen[i] if i else base == "R")
    return seen, backwards
