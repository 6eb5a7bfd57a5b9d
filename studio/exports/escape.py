"""Texts of the example in formats with markup of their own: shown as they are, and never taken for markup."""

from __future__ import annotations

import re

_OVERRIDES = re.compile("[\u202a-\u202e]")  # turn the direction of all that follows; isolates end where they should
_INLINE = re.compile(r"[\\`*\[\]<>~$|]|&(?=#?\w+;)|(?<![^\W_])_|_(?![^\W_])")
_LINE_START = re.compile(r"^(\s*)(?:([#+=-])|(\d+)([.)]))", re.MULTILINE)
_FENCE = re.compile("`{3,}")
_TAG = re.compile(r"<(?=[A-Za-z/!?])|\{(?=[\\A-Za-z])|--(?=>)")
JOINER = "\u2060"  # nothing to see, and no place to break a line


def readable(text: str) -> str:
    """A text without signs that would turn the direction of what stands behind it."""
    return _OVERRIDES.sub("\ufffd", text)


def markdown(text: str) -> str:
    """A paragraph of Markdown that reads as the text does."""
    escaped = _INLINE.sub(r"\\\g<0>", readable(text))
    return _LINE_START.sub(lambda found: found[1] + (f"{found[3] or ''}\\{found[4] or found[2]}"), escaped)


def fenced(text: str) -> str:
    """A block of Markdown in which every character stands for itself: its fence is longer than any in the text."""
    fence = "`" * max(3, *(len(found) + 1 for found in _FENCE.findall(text)), 3)
    return f"{fence}text\n{readable(text)}\n{fence}"


def subrip(text: str) -> str:
    """A line of SubRip, which has no way to write < or {: what would begin a tag is parted from it by a joiner."""
    return _TAG.sub(lambda found: found[0] + JOINER, readable(text))
