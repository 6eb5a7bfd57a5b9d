"""Draws docs/scripts.png: a line in each script whose font comes with the films, as the films themselves set it.

python -m tools.picture_of_scripts docs/scripts.png
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cairo

from scenes.stage.paint.fonts import EM
from scenes.stage.paint.theme import DARK, Colour
from scenes.stage.paint.typography import outline

LINES = {
    "Latin": "The quick brown fox, ça va, größer",
    "Vietnamese": "Tôi yêu tiếng Việt",
    "Yoruba": "ẹ̀kọ́ Yorùbá ṣẹ́gun",
    "Cyrillic": "Съешь ещё этих мягких булок",
    "Greek": "Καλημέρα ἄνθρωπος",
    "Chinese": "机器学习很有趣",
    "Chinese, traditional": "機器學習很有趣",
    "Japanese": "私はラーメンが大好きです",
    "Korean": "나는 한국어를 좋아해",
    "Arabic": "الطالبُ يقرأ الكتاب (2024).",
    "Persian": "می‌خواهم کتاب پارسی",
    "Urdu": "اردو ایک زبان ہے",
    "Hebrew": "שָׁלוֹם עולם (2024).",
    "Syriac": "ܠܫܢܐ ܣܘܪܝܝܐ",
    "Thaana": "ދިވެހި ބަސް",
    "N'Ko": "ߒߞߏ ߞߊ߲",
    "Devanagari": "नमस्ते दुनिया क्षत्रिय",
    "Bengali": "বাংলা ভাষা সুন্দর",
    "Gurmukhi": "ਪੰਜਾਬੀ ਬੋਲੀ",
    "Gujarati": "ગુજરાતી ભાષા",
    "Odia": "ଓଡ଼ିଆ ଭାଷା",
    "Tamil": "தமிழ் மொழி இனிது",
    "Telugu": "తెలుగు భాష",
    "Kannada": "ಕನ್ನಡ ಭಾಷೆ",
    "Malayalam": "മലയാളം ഭാഷ",
    "Sinhala": "සිංහල භාෂාව",
    "Thai": "ฉันกินน้ำที่บ้าน",
    "Lao": "ພາສາລາວ",
    "Khmer": "ភាសាខ្មែរ",
    "Burmese": "မြန်မာစာ",
    "Tibetan": "བོད་སྐད",
    "Armenian": "Հայոց լեզու",
    "Georgian": "ქართული ენა",
    "Ethiopic": "አማርኛ ቋንቋ",
    "Cherokee": "ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ",
    "Canadian syllabics": "ᐃᓄᒃᑎᑐᑦ",
    "Tifinagh": "ⵜⴰⵎⴰⵣⵉⵖⵜ",
    "Emoji": "👩‍👩‍👧 👍🏽 🇫🇷 ❤️ 😀",
}
COLUMNS = 2
WIDTH, PITCH, MARGIN = 640, 44, 24  # of a column, of a line, around all: pixels
NAME, SAMPLE, SAMPLE_AT = 15, 22, 190  # sizes of type, and where samples begin


def draw(target: Path) -> None:
    """Write the picture as a PNG of few colours."""
    rows = -(-len(LINES) // COLUMNS)
    size = COLUMNS * WIDTH, rows * PITCH + 2 * MARGIN
    with cairo.ImageSurface(cairo.FORMAT_RGB24, *size) as surface:
        context = cairo.Context(surface)
        context.set_source_rgb(*DARK.background)
        context.paint()
        for number, (name, text) in enumerate(LINES.items()):
            column, row = divmod(number, rows)
            x, baseline = MARGIN + column * WIDTH, MARGIN + (row + 0.65) * PITCH
            write(context, name, x, baseline, NAME, DARK.quiet)
            write(context, text, x + SAMPLE_AT, baseline, SAMPLE, DARK.ink)
        surface.write_to_png(str(target))


def write(context: cairo.Context, text: str, x: float, baseline: float, size: float, colour: Colour) -> None:
    """A line of text from `x` on."""
    context.save()
    context.translate(x, baseline)
    context.scale(size / EM, -size / EM)
    context.append_path(outline(text).path)
    context.set_source_rgb(*colour)
    context.fill()
    context.restore()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", type=Path)
    draw(parser.parse_args().target)


if __name__ == "__main__":
    main()
