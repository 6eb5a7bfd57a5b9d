"""The film's fonts for a page that stands alone: those that draw its texts, each with the characters that it draws."""

from __future__ import annotations

import base64
import logging
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from scenes.stage.paint.fonts import FONTS, runs

LATIN = {"Inter-Regular.ttf": 400, "Inter-SemiBold.ttf": 600}
SCRIPTS = "Deck Scripts"

logging.getLogger("fontTools").setLevel(logging.WARNING)


def font_faces(texts: Iterable[str]) -> str:
    """Rules of CSS for the shipped fonts that draw `texts`, each with those characters alone."""
    lines = list(texts)
    latin = {file: set("".join(lines)) for file in LATIN}
    return "\n".join([*_faces("Deck Latin", latin), *_faces(SCRIPTS, drawn_by(lines))])


def drawn_by(texts: Iterable[str]) -> dict[str, set[str]]:
    """The shipped fonts of other scripts, and what each draws; a character stands with the first font that draws it."""
    found: dict[str, set[str]] = {}
    seen: set[str] = set()
    for text in texts:
        for run in runs(text, "regular"):
            if run.face.file not in LATIN and not Path(run.face.file).is_absolute():
                new = set(text[run.start : run.end]) - seen
                found.setdefault(run.face.file, set()).update(new)
                seen |= new
    return {file: characters for file, characters in found.items() if characters}


def _faces(family: str, files: Mapping[str, set[str]]) -> Iterator[str]:
    for file, characters in files.items():
        data, codes = _subset(file, characters)
        if codes:
            ranges = ", ".join(f"U+{code:X}" for code in codes)
            yield (
                f'@font-face {{ font-family: "{family}"; font-weight: {LATIN.get(file, 400)}; '
                f'src: url("data:font/woff;base64,{data}"); unicode-range: {ranges}; }}'
            )


def _subset(file: str, characters: set[str]) -> tuple[str, list[int]]:
    """The font with those of the characters that it has, in base64, and their codes."""
    with TTFont(FONTS / file, recalcTimestamp=False) as font:
        codes = sorted({ord(char) for char in characters} & set(font.getBestCmap()))
        if not codes:
            return "", codes
        subsetter = Subsetter(Options())
        subsetter.populate(unicodes=codes)
        subsetter.subset(font)
        font.flavor = "woff"
        stream = BytesIO()
        font.save(stream)
    return base64.b64encode(stream.getvalue()).decode(), codes
