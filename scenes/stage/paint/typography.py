"""Text as outlines: HarfBuzz shapes the shipped fonts, so every machine draws the same letters.

Inter carries Latin, Greek and mathematics, Noto Sans SC Chinese, JetBrains Mono code. A character that none of them has
is looked for among the machine's fonts; one that no font has is an error that names it, never a box.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path

import cairo
import uharfbuzz as hb

from scenes.stage.paint.layout import SMALLEST_FONT

FONTS = Path(__file__).resolve().parents[3] / "assets" / "fonts"
FAMILIES = {
    "regular": ("Inter-Regular.ttf", "NotoSansSC-Regular.ttf"),
    "semibold": ("Inter-SemiBold.ttf", "NotoSansSC-Regular.ttf"),
    "code": ("JetBrainsMono-Regular.ttf", "Inter-Regular.ttf", "NotoSansSC-Regular.ttf"),
}
EM = 1000.0
CAP_HEIGHT = 0.727
NUMBER = re.compile(r"([−+]?\d+(?:\.\d+)?%?)")
FEATURES = {"kern": True, "zero": False, "calt": False}


class MissingCharacters(ValueError):
    """The text has characters that no font of the film or of this machine can draw."""


@dataclass(frozen=True)
class Outline:
    """A line of text as a cairo path in em units of 1000 (baseline at 0, x to the right, y up), and its advance."""

    path: cairo.Path
    width: float


@cache
def _font(file: str, index: int = 0) -> hb.Font:
    blob = hb.Blob.from_file_path(str(FONTS / file))
    font = hb.Font(hb.Face(blob, index))
    font.scale = (int(EM), int(EM))
    return font


@cache
def _system_font(character: str) -> tuple[str, int] | None:
    """File and face index of a font on this machine that has `character`, by fontconfig's list."""
    if shutil.which("fc-list") is None:
        return None
    pattern = f":charset={ord(character):x}:scalable=true:color=false"
    found = subprocess.run(["fc-list", pattern, "file", "index"], capture_output=True, text=True, check=False).stdout
    for line in sorted(found.splitlines()):
        file, _, rest = line.partition(":")
        index = int(rest.partition("index=")[2] or 0) & 0xFFFF
        if Path(file).suffix.lower() in {".ttf", ".otf", ".ttc"} and _font(file, index).get_nominal_glyph(
            ord(character)
        ):
            return file, index
    return None


@cache
def _font_of(character: str, weight: str) -> tuple[str, int] | None:
    for file in FAMILIES[weight]:
        if _font(file).get_nominal_glyph(ord(character)):
            return file, 0
    return _system_font(character)


def missing_characters(text: str) -> list[str]:
    """The characters of `text` that no available font can draw, each once, in order."""
    drawn = (c for c in unicodedata.normalize("NFC", text) if not c.isspace())
    return [c for c in dict.fromkeys(drawn) if _font_of(c, "regular") is None]


def _runs(text: str, weight: str) -> list[tuple[tuple[str, int], str]]:
    runs: list[tuple[tuple[str, int], str]] = []
    previous = (FAMILIES[weight][0], 0)
    for character in text:
        font = previous if character.isspace() else _font_of(character, weight)
        if font is None:
            names = ", ".join(f"'{c}' (U+{ord(c):04X})" for c in missing_characters(text))
            raise MissingCharacters(f"no font has {names}, found in the text '{text}'")
        runs.append((font, character))
        previous = font
    return [(font, "".join(c for _, c in group)) for font, group in groupby(runs, key=lambda run: run[0])]


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


def _draw(font: hb.Font, run: str, tabular: bool, advance: float) -> float:
    """Add a run of one font to the scratch path, beginning at `advance`; return where it ends."""
    buffer = hb.Buffer()
    buffer.add_str(run)
    buffer.guess_segment_properties()
    hb.shape(font, buffer, FEATURES | {"tnum": tabular})
    for glyph, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        _SCRATCH.save()
        _SCRATCH.translate(advance + position.x_offset, position.y_offset)
        font.draw_glyph(glyph.codepoint, _DRAW, _SCRATCH)
        _SCRATCH.restore()
        advance += position.x_advance
    return advance


@lru_cache(maxsize=20_000)
def outline(text: str, weight: str = "regular") -> Outline:
    """Shape one line of text. Raises MissingCharacters for what no font can draw."""
    text = unicodedata.normalize("NFC", text)
    _SCRATCH.new_path()
    _SCRATCH.identity_matrix()
    advance = 0.0
    for place, piece in enumerate(NUMBER.split(text)):
        tabular = place % 2 == 1  # numbers alone: a tabular hyphen would stand too wide among letters
        for (file, index), run in _runs(piece, weight):
            advance = _draw(_font(file, index), run, tabular, advance)
    path = _SCRATCH.copy_path()
    _SCRATCH.new_path()
    return Outline(path, advance)


def text_width(text: str, size: float, weight: str = "regular") -> float:
    """Width of a line of text at font size `size` (both in scene units)."""
    return outline(text, weight).width / EM * size


def legible(size: float) -> bool:
    """Whether a text of that font size can be read; what cannot is not shown."""
    return size >= 0.975 * SMALLEST_FONT


def shorten(text: str, limit: float, size: float) -> str:
    """`text`, or its beginning and an ellipsis where it is wider than `limit`."""
    if text_width(text, size) <= limit:
        return text
    while text and text_width(text + "…", size) > limit:
        text = text[:-1]
    return text.rstrip() + "…"


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
