"""Which font draws which letters: one for a whole word where one has it, else one for each character with its marks.

The shipped fonts come first, so that every machine draws the same letters; what none of them has is looked for among
the machine's own, upright and in the weight that is asked for.
"""

from __future__ import annotations

import shutil
import subprocess
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from itertools import groupby, pairwise
from pathlib import Path
from typing import NamedTuple

import uharfbuzz as hb
from fontTools import unicodedata as scripts

FONTS = Path(__file__).resolve().parents[3] / "assets" / "fonts"
EM = 1000.0
WEIGHTS = {"regular": 400, "semibold": 600, "code": 400}
FAMILIES = {
    "regular": ("Inter-Regular.ttf",),
    "semibold": ("Inter-SemiBold.ttf",),
    "code": ("JetBrainsMono-Regular.ttf", "Inter-Regular.ttf"),
}
SIMPLIFIED, TRADITIONAL = "NotoSansSC-Regular.ttf", "NotoSansTC-Regular.otf"
JAPANESE, KOREAN, EMOJI = "NotoSansJP-Regular.otf", "NotoSansKR-Regular.otf", "NotoEmoji-Regular.ttf"
EAST_ASIAN = ("Hani", "Bopo", "Hira", "Kana", "Hang")  # written in one word
OF_SCRIPT = {
    "Hang": KOREAN,
    "Tibt": "NotoSerifTibetan-Regular.ttf",
    **{
        script: f"NotoSans{name}-Regular.ttf"
        for script, name in {
            "Arab": "Arabic",
            "Armn": "Armenian",
            "Beng": "Bengali",
            "Cans": "CanadianAboriginal",
            "Cher": "Cherokee",
            "Deva": "Devanagari",
            "Ethi": "Ethiopic",
            "Geor": "Georgian",
            "Gujr": "Gujarati",
            "Guru": "Gurmukhi",
            "Hebr": "Hebrew",
            "Knda": "Kannada",
            "Khmr": "Khmer",
            "Laoo": "Lao",
            "Mlym": "Malayalam",
            "Mymr": "Myanmar",
            "Nkoo": "NKo",
            "Orya": "Oriya",
            "Sinh": "Sinhala",
            "Syrc": "Syriac",
            "Taml": "Tamil",
            "Telu": "Telugu",
            "Thaa": "Thaana",
            "Thai": "Thai",
            "Tfng": "Tifinagh",
        }.items()
    },
}
TOP_DOWN = {"Mong": "Mongolian", "Phag": "Phags-pa"}  # written from top to bottom, in columns from the left
COMMON = ("Zyyy", "Zinh", "Zzzz")
LISTED = "%{file}\t%{index}\t%{weight}\t%{slant}\t%{width}\t%{family}\n"
SLANTLESS, PLAIN_WIDTH = 0, 100
FONTCONFIG_WEIGHTS = {400: 80, 600: 180}


class Face(NamedTuple):
    """A font: a shipped one by its file's name, one of the machine by its path; its place in a collection; weight."""

    file: str
    number: int = 0
    weight: int = 400


class Run(NamedTuple):
    """text[start:end] in one font."""

    face: Face
    start: int
    end: int


@cache
def font_of(face: Face) -> hb.Font:
    """The font, scaled to an em of 1000."""
    font = hb.Font(hb.Face(hb.Blob.from_file_path(str(FONTS / face.file)), face.number))
    font.scale = (int(EM), int(EM))
    if font.face.has_var_data:
        font.set_variations({"wght": face.weight, "wdth": 100, "slnt": 0, "ital": 0})
    return font


# --- clusters ---------------------------------------------------------------------------------------------------------

_NO_FONT = hb.Font(hb.Face(hb.Blob(b"")))


@lru_cache(maxsize=20_000)
def clusters(text: str) -> tuple[str, ...]:
    """What a reader takes for the characters of a text: letters with their marks, emoji with all that joins them."""
    if text.isascii():
        return tuple(text)
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    buffer.direction = "ltr"
    hb.shape(_NO_FONT, buffer)
    starts = sorted({glyph.cluster for glyph in buffer.glyph_infos})
    return tuple(text[start:end] for start, end in pairwise([*starts, len(text)]))


def _unseen(character: str) -> bool:
    """Whether a character only tells how others are joined, directed or chosen, and is never drawn."""
    code = ord(character)
    return (
        code in (0xAD, 0x34F, 0x61C, 0xFEFF)
        or 0x200B <= code <= 0x200F
        or 0x202A <= code <= 0x202E
        or 0x2060 <= code <= 0x206F
        or 0xFE00 <= code <= 0xFE0F
        or 0xE0020 <= code <= 0xE007F
        or 0xE0100 <= code <= 0xE01EF
    )


@lru_cache(maxsize=20_000)
def _script(cluster: str) -> str:
    """The script of a cluster, East Asian ones as one; `Zyyy` for what many scripts share; empty for what is unseen."""
    if all(character.isspace() or _unseen(character) for character in cluster):
        return ""
    for character in cluster:
        script = scripts.script(character)
        if script in EAST_ASIAN or character == "ー":
            return "Hani"
        if script not in COMMON:
            return str(script)
    return "Zyyy"


# --- choosing ---------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=20_000)
def has(face: Face, text: str) -> bool:
    """Whether a font has all that is to be seen of a text."""
    glyph = font_of(face).get_nominal_glyph
    return all(_unseen(c) or c.isspace() or glyph(ord(c)) or all(map(glyph, map(ord, _parts(c)))) for c in text)


def _parts(character: str) -> str:
    """A letter and its marks, which a font may have apart; what is not composed cannot be had so."""
    apart = unicodedata.normalize("NFD", character)
    return apart if len(apart) > 1 else "\U0010ffff"


def _shipped(script: str, word: str, weight: str) -> Iterator[Face]:
    """The shipped fonts in the order in which they are asked for a word of a script."""
    files = list(FAMILIES[weight])
    if script == "Hani":
        spoken = {scripts.script(character) for character in word}
        first = KOREAN if "Hang" in spoken else JAPANESE if spoken & {"Hira", "Kana"} else SIMPLIFIED
        files += [first, SIMPLIFIED, TRADITIONAL, JAPANESE, KOREAN]
    elif script in OF_SCRIPT:
        files.append(OF_SCRIPT[script])
    elif script in COMMON:
        files += [SIMPLIFIED, TRADITIONAL, JAPANESE, KOREAN, EMOJI, *OF_SCRIPT.values()]
    return (Face(file) for file in dict.fromkeys(files))


@lru_cache(maxsize=20_000)
def _face(script: str, word: str, weight: str, before: Face | None) -> Face | None:
    """The first font that has all of a word; of what scripts share, the font before it is asked after Inter."""
    faces = list(_shipped(script, word, weight))
    if before is not None and script in COMMON:
        faces.insert(len(FAMILIES[weight]), before)
    found = next((face for face in faces if has(face, word)), None)
    if found or script in TOP_DOWN:
        return found
    return system_face("".join(dict.fromkeys(c for c in word if not _unseen(c))), WEIGHTS[weight])


def _apart(script: str, pieces: list[str], weight: str, before: Face | None) -> list[tuple[str, Face | None]]:
    """The clusters of a word, each with the first font that has it."""
    return [(piece, _face(script, piece, weight, before)) for piece in pieces]


def _words(text: str, weight: str) -> Iterator[tuple[str, Face | None]]:
    """Parts of a text with their fonts; None where no font has them."""
    before: Face | None = None
    for script, group in groupby(clusters(text), key=_script):
        pieces = list(group)
        word = "".join(pieces)
        if not script:
            yield word, before if before and _spaces(before) else Face(FAMILIES[weight][0])
            continue
        face = _face(script, word, weight, before)
        for part, chosen in [(word, face)] if face else _apart(script, pieces, weight, before):
            yield part, chosen
            before = chosen or before


@cache
def _spaces(face: Face) -> bool:
    """Whether a font has a space of its own that suits words; that of emoji is as wide as they are."""
    return face.file != EMOJI and bool(font_of(face).get_nominal_glyph(ord(" ")))


def runs(text: str, weight: str) -> list[Run]:
    """The text cut into stretches of one font. Raises LookupError where no font has a part of it."""
    first = Face(FAMILIES[weight][0])
    if has(first, text):
        return [Run(first, 0, len(text))]
    found: list[Run] = []
    place = 0
    for part, face in _words(text, weight):
        if face is None:
            raise LookupError(part)
        end = place + len(part)
        if found and found[-1].face == face:
            found[-1] = Run(face, found[-1].start, end)
        else:
            found.append(Run(face, place, end))
        place = end
    return found


def missing_clusters(text: str, weight: str = "regular") -> list[str]:
    """What no font can draw, each once, in order."""
    found: dict[str, None] = {}
    for part in (part for part, face in _words(text, weight) if face is None):
        alone = [c for c in part if not _unseen(c) and _face(_script(c), c, weight, None) is None]
        found |= dict.fromkeys(alone or [part])
    return list(found)


def why_missing(clusters: Iterable[str]) -> str:
    """What is to be known of characters that no font can draw."""
    written = {TOP_DOWN[script] for script in map(_script, clusters) if script in TOP_DOWN}
    if written:
        return f"{' and '.join(sorted(written))} is written from top to bottom, which these films do not draw"
    return "no font that comes with the films or that this machine has (in outlines, not in colour alone) draws it"


# --- the machine's fonts ----------------------------------------------------------------------------------------------


@cache
def system_face(characters: str, weight: int) -> Face | None:
    """The upright font of this machine that has all of `characters`, nearest in weight and width, by fontconfig."""
    if shutil.which("fc-list") is None:
        return None
    wanted = " ".join(f"{ord(character):x}" for character in characters)
    call = ["fc-list", "-f", LISTED, f":charset={wanted}:scalable=true:color=false"]
    listed = subprocess.run(call, capture_output=True, text=True, check=False).stdout
    lines = [line.split("\t") for line in listed.splitlines() if line.count("\t") == LISTED.count("\t")]
    for file, index, *_ in sorted(lines, key=lambda line: _likeness(line, weight)):
        face = Face(file, int(index) & 0xFFFF, weight)
        if Path(file).suffix.lower() in {".ttf", ".otf", ".ttc"} and _readable(face) and has(face, characters):
            return face
    return None


def _likeness(listed: list[str], weight: int) -> tuple[float | str, ...]:
    """How far a listed font is from upright, from the weight, from plain width, from a plain sans-serif."""
    file, _, weighs, slant, width, family = listed
    serif = "sans" not in family.lower() or "mono" in family.lower()
    near = _distance(weighs, FONTCONFIG_WEIGHTS[weight])
    return _distance(slant, SLANTLESS), near, _distance(width, PLAIN_WIDTH), serif, family, file


def _distance(told: str, wanted: float) -> float:
    """How far a number, or a range in brackets, is from the one that is wanted."""
    numbers = [float(part) for part in told.strip("[]").split()] or [wanted]
    return max(0.0, min(numbers) - wanted, wanted - max(numbers))


def _readable(face: Face) -> bool:
    try:
        return bool(font_of(face).face.glyph_count)
    except (OSError, ValueError, hb.HarfBuzzError):
        return False
