"""Text as outlines: HarfBuzz shapes it in the fonts that `fonts` chooses, in the order that `bidi` tells."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

import cairo
import uharfbuzz as hb

from scenes.stage.paint.bidi import stretches
from scenes.stage.paint.fonts import EM, FAMILIES, Face, clusters, font_of, missing_clusters, runs, why_missing
from scenes.stage.paint.layout import SMALLEST_FONT

CAP_HEIGHT = 0.727
NUMBER = re.compile(r"[−+]?[0-9]+(?:\.[0-9]+)?%?")
OWN = {file for files in FAMILIES.values() for file in files}  # whose features are chosen; other fonts know their own
FEATURES = {"kern": True, "zero": False, "calt": False}


class MissingCharacters(ValueError):
    """The text has characters that no font of the film or of this machine can draw."""


@dataclass(frozen=True)
class Outline:
    """A line of text as a cairo path in em units of 1000 (baseline at 0, x to the right, y up), and its advance."""

    path: cairo.Path
    width: float


class Glyph(NamedTuple):
    """A glyph of a font at a place in em units of 1000; cluster: where the characters that it stands for begin."""

    face: Face
    glyph: int
    cluster: int
    x: float
    y: float


def missing_characters(text: str) -> list[str]:
    """The characters, with their marks, of `text` that no available font can draw, each once, in order."""
    return missing_clusters(unicodedata.normalize("NFC", text))


def codes(cluster: str) -> str:
    """A character and its code points: 'x' (U+0078)."""
    return f"'{cluster}' ({' '.join(f'U+{ord(character):04X}' for character in cluster)})"


def _pieces(text: str, weight: str) -> Iterator[tuple[Face, int, int, bool, bool]]:
    """Font, start and end, whether it is read from right to left, whether its figures are all of one width."""
    numbers = {place for number in NUMBER.finditer(text) for place in range(*number.span())}
    for start, end, backwards in stretches(text):
        parts = [(run.face, run.start + start, run.end + start, backwards) for run in runs(text[start:end], weight)]
        for face, first, last, _ in reversed(parts) if backwards else parts:
            if face.file not in OWN:
                yield face, first, last, backwards, False
                continue
            cut = [list(group) for _, group in groupby(range(first, last), key=numbers.__contains__)]
            for places in reversed(cut) if backwards else cut:
                yield face, places[0], places[-1] + 1, backwards, places[0] in numbers


@lru_cache(maxsize=20_000)
def shaped(text: str, weight: str = "regular") -> tuple[tuple[Glyph, ...], float]:
    """The glyphs of one line from left to right, and its width in em units of 1000. Raises MissingCharacters."""
    glyphs: list[Glyph] = []
    advance = 0.0
    try:
        pieces = list(_pieces(text, weight))
    except LookupError:
        missing = missing_clusters(text, weight)
        told = ", ".join(map(codes, missing))
        raise MissingCharacters(f"no font has {told}, found in the text '{text}': {why_missing(missing)}") from None
    for face, start, end, backwards, tabular in pieces:
        buffer = hb.Buffer()
        buffer.add_str(text, start, end - start)
        buffer.guess_segment_properties()
        buffer.direction = "rtl" if backwards else "ltr"
        hb.shape(font_of(face), buffer, FEATURES | {"tnum": tabular} if face.file in OWN else {})
        for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            x, y = advance + position.x_offset, float(position.y_offset)
            glyphs.append(Glyph(face, info.codepoint, info.cluster, x, y))
            advance += position.x_advance
    return tuple(glyphs), advance


def _draw_functions() -> hb.DrawFuncs:
    functions = hb.DrawFuncs()
    functions.set_move_to_func(lambda x, y, pen: pen.move_to(x, y))
    functions.set_line_to_func(lambda x, y, pen: pen.line_to(x, y))
    functions.set_cubic_to_func(lambda ax, ay, bx, by, x, y, pen: pen.curve_to(ax, ay, bx, by, x, y))
    functions.set_quadratic_to_func(_quadratic)
    functions.set_close_path_func(lambda pen: pen.close_path())
    return functions


def _quadratic(cx: float, cy: float, x: float, y: float, pen: cairo.Context) -> None:
    x0, y0 = pen.get_current_point()
    pen.curve_to(x0 + (cx - x0) * 2 / 3, y0 + (cy - y0) * 2 / 3, x + (cx - x) * 2 / 3, y + (cy - y) * 2 / 3, x, y)


_DRAW = _draw_functions()
_SCRATCH = cairo.Context(cairo.ImageSurface(cairo.FORMAT_A8, 1, 1))


@lru_cache(maxsize=20_000)
def outline(text: str, weight: str = "regular") -> Outline:
    """Shape one line of text. Raises MissingCharacters for what no font can draw."""
    glyphs, width = shaped(unicodedata.normalize("NFC", text), weight)
    _SCRATCH.new_path()
    _SCRATCH.identity_matrix()
    for face, glyph, _, x, y in glyphs:
        _SCRATCH.save()
        _SCRATCH.translate(x, y)
        font_of(face).draw_glyph(glyph, _DRAW, _SCRATCH)
        _SCRATCH.restore()
    path = _SCRATCH.copy_path()
    _SCRATCH.new_path()
    return Outline(path, width)


def text_width(text: str, size: float, weight: str = "regular") -> float:
    """Width of a line of text at font size `size` (both in scene units)."""
    return outline(text, weight).width / EM * size


def legible(size: float) -> bool:
    """Whether a text of that font size can be read; what cannot is not shown."""
    return size >= 0.975 * SMALLEST_FONT


def shorten(text: str, limit: float, size: float, weight: str = "regular") -> str:
    """`text`, or its beginning and an ellipsis where it is wider than `limit`."""
    if text_width(text, size, weight) <= limit:
        return text
    pieces = list(clusters(text))
    while pieces and text_width("".join(pieces) + "…", size, weight) > limit:
        pieces.pop()
    return "".join(pieces).rstrip() + "…"


def wrap(words: list[str], widths: list[float], limit: float) -> list[list[int]]:
    """Greedy lines: indices of `words` per line, no line wider than `limit` unless a single word is."""
    lines: list[list[int]] = [[]]
    used = 0.0
    for i, width in enumerate(widths):
        if lines[-1] and used + width > limit and words[i].strip():
            lines.append([])
            used = 0.0
        if lines[-1] or words[i].strip():
            lines[-1].append(i)
            used += width
    return lines
