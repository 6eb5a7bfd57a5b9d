"""Marks of direction, of no width, where a text alone does not tell from which side it is read."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

LEFT, RIGHT = "\u200e", "\u200f"  # as a letter of a left-to-right or of a right-to-left script would tell
_RIGHT_TO_LEFT = ("R", "AL")


def begins_at_the_right(text: str) -> bool:
    """Whether the first letter belongs to a right-to-left script."""
    ways = (unicodedata.bidirectional(char) for char in text)
    return next((way for way in ways if way in ("L", *_RIGHT_TO_LEFT)), "L") != "L"


def kept_apart(text: str) -> str:
    """A text that stands in a line from left to right: what reads from right to left has a mark on both sides, by which
    its own full stop stays with it and the numbers beside it keep their order.
    """
    if not any(unicodedata.bidirectional(char) in _RIGHT_TO_LEFT for char in text):
        return text
    own = RIGHT if begins_at_the_right(text) else LEFT
    return f"{LEFT}{own}{text}{own}{LEFT}"


def turned_brackets(sentences: Sequence[Sequence[str]]) -> dict[str, str]:
    """Brackets and such signs that are tokens of right-to-left sentences, each with the mark by which it is drawn as
    there: mirrored. None where another sentence reads from left to right.
    """
    if not all(begins_at_the_right(" ".join(sentence)) for sentence in sentences):
        return {}
    tokens = {token for sentence in sentences for token in sentence}
    return {token: f"{RIGHT}{token}" for token in tokens if all(map(unicodedata.mirrored, token))}
