r"""Make the fonts of `assets/fonts` from the whole ones.

    python tools/subset_fonts.py SOURCES [FOLDER]

SOURCES is a folder, however deep, that holds the whole fonts under the names in `SHIPPED`; a font whose source is not
there is left as it is. They come in Debian's packages fonts-noto-core and fonts-noto-cjk (unpack them with `dpkg -x`)
and in npm's inter-ui and @expo-google-fonts/noto-emoji (`npm pack`); inter-ui's .woff2 need Python's brotli.

Inter keeps Latin with Vietnamese, Cyrillic, Greek, punctuation, arrows and mathematics, with every layout feature
(tabular figures, kerning, …). The Noto Sans of Chinese, Japanese and Korean keep the characters of their countries'
own standards: GB 2312, Big5, JIS X 0208, all syllables of Hangul. JetBrains Mono, for code, keeps ASCII and a few
signs, without ligatures: code is shown as it is typed. The fonts of other scripts are whole, without hints.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

FOLDER = Path(__file__).resolve().parent.parent / "assets" / "fonts"

LATIN = [(0x20, 0x7E), (0xA0, 0x36F), (0x1D00, 0x1DBF), (0x1E00, 0x1EFF), (0x2C60, 0x2C7F), (0xA720, 0xA7FF)]
GREEK = [(0x370, 0x3FF), (0x1F00, 0x1FFF)]
CYRILLIC = [(0x400, 0x52F), (0x1C80, 0x1C8F), (0x2DE0, 0x2DFF), (0xA640, 0xA69F)]
PUNCTUATION = [(0x2000, 0x206F)]
SYMBOLS = [
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
]
CHINESE_PUNCTUATION = [(0x3000, 0x303F), (0xFF01, 0xFF5E), (0xFFE5, 0xFFE5), (0x30FB, 0x30FB)]
CODE_SIGNS = [(0x20, 0x7E), *((ord(sign), ord(sign)) for sign in "√−×·…→≤≥≠∞αβδεθλμπσ²ᵀ")]
SCRIPTS = (
    "Arabic",
    "Armenian",
    "Bengali",
    "CanadianAboriginal",
    "Cherokee",
    "Devanagari",
    "Ethiopic",
    "Georgian",
    "Gujarati",
    "Gurmukhi",
    "Hebrew",
    "Kannada",
    "Khmer",
    "Lao",
    "Malayalam",
    "Myanmar",
    "NKo",
    "Oriya",
    "Sinhala",
    "Syriac",
    "Tamil",
    "Telugu",
    "Thaana",
    "Thai",
    "Tifinagh",
)
OPEN_BOX, SHELF = 0x2423, 0x2FD
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


def characters(encoding: str, rows: range, cells: range) -> set[int]:
    """The characters of a standard of two bytes."""
    pairs = (bytes((row, cell)).decode(encoding, errors="ignore") for row in rows for cell in cells)
    return {ord(character) for character in pairs if len(character) == 1}


def shipped() -> dict[str, tuple[str, int, set[int] | None, set[str]]]:
    """File: its source, the face in it, the characters that it keeps (None: all), the features that it loses."""
    latin = code_points([*LATIN, *GREEK, *CYRILLIC, *PUNCTUATION, *SYMBOLS])
    east = code_points([(0x20, 0x7E), *PUNCTUATION, *CHINESE_PUNCTUATION])
    kana = code_points([(0x3041, 0x30FF), (0x31F0, 0x31FF), (0xFF66, 0xFF9F)])
    simplified = characters("gb2312", range(0xB0, 0xF8), range(0xA1, 0xFF))
    traditional = characters("big5", range(0xA4, 0xFA), range(0x40, 0xFF)) | code_points([(0x3105, 0x312F)])
    japanese = characters("euc_jp", range(0xB0, 0xF5), range(0xA1, 0xFF)) | kana
    hangul = code_points([(0xAC00, 0xD7A3), (0x3131, 0x318E)])
    cjk = "NotoSansCJK-Regular.ttc"
    fonts: dict[str, tuple[str, int, set[int] | None, set[str]]] = {
        "Inter-Regular.ttf": ("Inter-Regular.woff2", 0, latin, set()),
        "Inter-SemiBold.ttf": ("Inter-SemiBold.woff2", 0, latin, set()),
        # Forms for other regions, for ruby and for vertical text would drag in glyphs that these films never show.
        "NotoSansSC-Regular.ttf": ("NotoSansSC-Regular.ttf", 0, simplified | east | latin, UNUSED_CHINESE_FEATURES),
        "NotoSansTC-Regular.otf": (cjk, 3, traditional | east, UNUSED_CHINESE_FEATURES),
        "NotoSansJP-Regular.otf": (cjk, 0, japanese | east, UNUSED_CHINESE_FEATURES),
        "NotoSansKR-Regular.otf": (cjk, 1, hangul, UNUSED_CHINESE_FEATURES),
        "JetBrainsMono-Regular.ttf": ("JetBrainsMono-Regular.ttf", 0, code_points(CODE_SIGNS), LIGATURES),
        "NotoEmoji-Regular.ttf": ("NotoEmoji_400Regular.ttf", 0, None, set()),
        "NotoSerifTibetan-Regular.ttf": ("NotoSerifTibetan-Regular.ttf", 0, None, set()),
    }
    for script in SCRIPTS:
        fonts[f"NotoSans{script}-Regular.ttf"] = (f"NotoSans{script}-Regular.ttf", 0, None, set())
    return fonts


def code_points(ranges: Iterable[tuple[int, int]]) -> set[int]:
    return {code for first, last in ranges for code in range(first, last + 1)}


def write_subset(source: Path, face: int, target: Path, wanted: set[int] | None, dropped: set[str]) -> None:
    options = subset.Options()
    options.layout_features = ["*"]
    options.name_IDs = ["*"]
    options.hinting = False
    options.notdef_outline = True
    options.drop_tables += ["vhea", "vmtx", "BASE"]
    font = TTFont(source, fontNumber=face, recalcTimestamp=False)
    for table in ("GSUB", "GPOS"):
        _drop_features(font, table, dropped)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=set(font.getBestCmap()) if wanted is None else wanted)
    subsetter.subset(font)
    _show_blanks(font)
    font.flavor = None
    font.save(target)


def _show_blanks(font: TTFont) -> None:
    """A font with the modifier letter of its form has the open box, by which blanks in tokens are shown."""
    for table in font["cmap"].tables:
        if SHELF in table.cmap:
            table.cmap.setdefault(OPEN_BOX, table.cmap[SHELF])


def _drop_features(font: TTFont, table: str, dropped: set[str]) -> None:
    if table not in font:
        return
    records = font[table].table.FeatureList.FeatureRecord
    for record in records:
        if record.FeatureTag in dropped:
            record.Feature.LookupListIndex = []
            record.Feature.LookupCount = 0


def main(arguments: list[str]) -> None:
    if len(arguments) not in (1, 2):
        sys.exit(__doc__)
    sources = Path(arguments[0])
    folder = Path(arguments[1]) if len(arguments) == 2 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for target, (name, face, wanted, dropped) in shipped().items():
        source = next(iter(sorted(sources.rglob(name))), None)
        if source is None:
            print(f"{target}: left as it is, for there is no {name} in {sources}")
            continue
        write_subset(source, face, folder / target, wanted, dropped)
        print(f"{target}: {(folder / target).stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main(sys.argv[1:])
