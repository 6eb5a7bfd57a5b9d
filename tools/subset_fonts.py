r"""Make the fonts of `assets/fonts` from the whole ones.

    python tools/subset_fonts.py INTER_REGULAR.ttf INTER_SEMIBOLD.ttf NOTO_SANS_SC_REGULAR.ttf \
        JETBRAINS_MONO_REGULAR.ttf [FOLDER]

The sources are the static TrueType files of Inter (weights 400 and 600), Noto Sans SC and JetBrains Mono (weight 400).
Inter keeps Latin, Greek, punctuation, arrows and mathematics, with every layout feature (tabular figures, kerning, …).
Noto Sans SC keeps the characters of GB 2312, Chinese punctuation, plain Latin, and the signs that Inter lacks.
JetBrains Mono, for code, keeps ASCII and a few signs, without ligatures: code is shown as it is typed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

FOLDER = Path(__file__).resolve().parent.parent / "assets" / "fonts"

LATIN = [(0x20, 0x7E), (0xA0, 0x17F), (0x2B0, 0x2FF), (0x300, 0x30C), (0x1E9E, 0x1E9E)]
GREEK = [(0x370, 0x3FF)]
PUNCTUATION = [(0x2000, 0x206F)]
SYMBOLS = [
    (0x1D2C, 0x1D6A),  # raised and lowered letters: ᵀ ᵢ ᵥ
    (0x2070, 0x209C),  # superscripts and subscripts
    (0x20A0, 0x20BF),  # currencies
    (0x2100, 0x218F),  # letter-like signs, fractions
    (0x2190, 0x21FF),  # arrows
    (0x2200, 0x22FF),  # mathematical operators
    (0x2308, 0x230B),  # ceiling and floor
    (0x2318, 0x2318),
    (0x23CE, 0x23CE),
    (0x2460, 0x2473),  # circled numbers
    (0x2500, 0x25FF),  # boxes, blocks, geometric shapes
    (0x2605, 0x2606),
    (0x2713, 0x2717),
    (0x27E8, 0x27E9),
    (0x2C7C, 0x2C7C),
]
CHINESE_PUNCTUATION = [(0x3000, 0x303F), (0xFF01, 0xFF5E), (0xFFE5, 0xFFE5), (0x30FB, 0x30FB)]
CODE_SIGNS = [(0x20, 0x7E), *((ord(sign), ord(sign)) for sign in "√−×·…→≤≥≠∞αβδεθλμπσ²ᵀ")]
LIGATURES = {"calt", "liga", "dlig"}
UNUSED_CHINESE_FEATURES = {
    "aalt",
    "dlig",
    "fwid",
    "hist",
    "hwid",
    "locl",
    "pwid",
    "ruby",
    "vert",
    "vhal",
    "vpal",
    "vrt2",
}


def gb2312_hanzi() -> set[int]:
    """The 6763 Chinese characters of GB 2312, both levels."""
    hanzi: set[int] = set()
    for row in range(0xB0, 0xF8):
        for cell in range(0xA1, 0xFF):
            hanzi.update(ord(c) for c in bytes((row, cell)).decode("gb2312", errors="ignore"))
    return hanzi


def code_points(ranges: Iterable[tuple[int, int]]) -> set[int]:
    return {code for first, last in ranges for code in range(first, last + 1)}


def write_subset(source: Path, target: Path, wanted: set[int], dropped_features: set[str]) -> None:
    options = subset.Options()
    options.layout_features = ["*"]
    options.name_IDs = ["*"]
    options.hinting = False
    options.notdef_outline = True
    options.drop_tables += ["vhea", "vmtx", "BASE"]
    font = TTFont(source, recalcTimestamp=False)
    for table in ("GSUB", "GPOS"):
        _drop_features(font, table, dropped_features)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=wanted)
    subsetter.subset(font)
    font.save(target)


def _drop_features(font: TTFont, table: str, dropped: set[str]) -> None:
    if table not in font:
        return
    records = font[table].table.FeatureList.FeatureRecord
    for record in records:
        if record.FeatureTag in dropped:
            record.Feature.LookupListIndex = []
            record.Feature.LookupCount = 0


def main(arguments: list[str]) -> None:
    if len(arguments) not in (4, 5):
        sys.exit(__doc__)
    inter, inter_semibold, noto, mono = map(Path, arguments[:4])
    folder = Path(arguments[4]) if len(arguments) == 5 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    latin = code_points([*LATIN, *GREEK, *PUNCTUATION, *SYMBOLS])
    chinese = code_points([(0x20, 0x7E), *PUNCTUATION, *CHINESE_PUNCTUATION]) | gb2312_hanzi()
    missing_in_inter = latin - set(TTFont(inter).getBestCmap())
    write_subset(inter, folder / "Inter-Regular.ttf", latin, set())
    write_subset(inter_semibold, folder / "Inter-SemiBold.ttf", latin, set())
    # Forms for other regions, for ruby and for vertical text would drag in glyphs that these films never show.
    write_subset(noto, folder / "NotoSansSC-Regular.ttf", chinese | missing_in_inter, UNUSED_CHINESE_FEATURES)
    write_subset(mono, folder / "JetBrainsMono-Regular.ttf", code_points(CODE_SIGNS), LIGATURES)


if __name__ == "__main__":
    main(sys.argv[1:])
