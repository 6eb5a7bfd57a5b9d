"""The world's scripts: each word in one font, shaped as HarfBuzz shapes it alone, read in its own direction."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import pytest
import uharfbuzz as hb
from bidi import get_display
from hypothesis import given, settings
from hypothesis import strategies as st

from core.examples.example import parse_example
from core.trace import Tensor
from scenes.shared.arc_diagram import ArcDiagram
from scenes.shared.shares import Shares
from scenes.shared.two_lines import BLANK
from scenes.shared.word_line import as_text, in_block, in_line
from scenes.stage.matrix.token_axis import TokenAxis
from scenes.stage.paint.bidi import reads_right_to_left, stretches
from scenes.stage.paint.fonts import FONTS, clusters, runs
from scenes.stage.paint.layout import Box
from scenes.stage.paint.theme import DARK
from scenes.stage.paint.typography import missing_characters, shaped
from tools import picture_of_scripts

CHOSEN = {"kern": True, "zero": False, "calt": False, "tnum": False}  # features of Inter; other fonts know their own
LINES = {
    "en": ("Inter-Regular.ttf", "The quick brown fox"),
    "vi": ("Inter-Regular.ttf", "Tôi yêu tiếng Việt rất nhiều"),
    "ro": ("Inter-Regular.ttf", "Ștefan își ține țara"),
    "yo": ("Inter-Regular.ttf", "ẹ̀kọ́ Yorùbá ṣẹ́gun"),
    "tr": ("Inter-Regular.ttf", "Iğdır'ın ılık şafağı"),
    "ru": ("Inter-Regular.ttf", "Съешь ещё этих мягких булок"),
    "kk": ("Inter-Regular.ttf", "Қазақстанның әні"),
    "el": ("Inter-Regular.ttf", "Καλημέρα ἄνθρωπος"),
    "zh-Hans": ("NotoSansSC-Regular.ttf", "机器学习很有趣"),
    "zh-Hant": ("NotoSansTC-Regular.otf", "機器學習很有趣"),
    "ja": ("NotoSansJP-Regular.otf", "ラーメンが大好きです"),
    "ko": ("NotoSansKR-Regular.otf", "나는한국어를좋아해"),
    "ar": ("NotoSansArabic-Regular.ttf", "الطالبُ يقرأ الكتاب"),
    "fa": ("NotoSansArabic-Regular.ttf", "می‌خواهم کتاب پارسی"),
    "ur": ("NotoSansArabic-Regular.ttf", "اردو ایک زبان ہے"),
    "he": ("NotoSansHebrew-Regular.ttf", "שָׁלוֹם עולם"),
    "dv": ("NotoSansThaana-Regular.ttf", "ދިވެހި ބަސް"),
    "hi": ("NotoSansDevanagari-Regular.ttf", "नमस्ते दुनिया क्षत्रिय"),
    "bn": ("NotoSansBengali-Regular.ttf", "বাংলা ভাষা সুন্দর"),
    "pa": ("NotoSansGurmukhi-Regular.ttf", "ਪੰਜਾਬੀ ਬੋਲੀ"),
    "gu": ("NotoSansGujarati-Regular.ttf", "ગુજરાતી ભાષા"),
    "ta": ("NotoSansTamil-Regular.ttf", "தமிழ் மொழி இனிது"),
    "te": ("NotoSansTelugu-Regular.ttf", "తెలుగు భాష"),
    "kn": ("NotoSansKannada-Regular.ttf", "ಕನ್ನಡ ಭಾಷೆ"),
    "ml": ("NotoSansMalayalam-Regular.ttf", "മലയാളം ഭാഷ"),
    "si": ("NotoSansSinhala-Regular.ttf", "සිංහල භාෂාව"),
    "th": ("NotoSansThai-Regular.ttf", "ฉันกินน้ำที่บ้าน"),
    "lo": ("NotoSansLao-Regular.ttf", "ພາສາລາວ"),
    "km": ("NotoSansKhmer-Regular.ttf", "ភាសាខ្មែរ"),
    "my": ("NotoSansMyanmar-Regular.ttf", "မြန်မာစာ"),
    "ka": ("NotoSansGeorgian-Regular.ttf", "ქართული ენა"),
    "hy": ("NotoSansArmenian-Regular.ttf", "Հայոց լեզու"),
    "am": ("NotoSansEthiopic-Regular.ttf", "አማርኛ ቋንቋ"),
    "bo": ("NotoSerifTibetan-Regular.ttf", "བོད་སྐད"),
    "emoji": ("NotoEmoji-Regular.ttf", "👩‍👩‍👧👍🏽🇫🇷1️⃣❤️😀"),
}


def alone(file: str, text: str) -> tuple[list[tuple[int, int, float, float]], float]:
    """Glyph, cluster and place of each glyph as HarfBuzz sets the whole line in one font."""
    font = hb.Font(hb.Face(hb.Blob.from_file_path(str(FONTS / file))))
    font.scale = (1000, 1000)
    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    hb.shape(font, buffer, CHOSEN if file.startswith("Inter") else {})
    glyphs, advance = [], 0.0
    for info, position in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        glyphs.append((info.codepoint, info.cluster, advance + position.x_offset, float(position.y_offset)))
        advance += position.x_advance
    return glyphs, advance


@pytest.mark.parametrize("language", LINES)
def test_a_line_stands_as_harfbuzz_alone_would_set_it(language: str) -> None:
    file, text = LINES[language]
    text = unicodedata.normalize("NFC", text)
    assert not missing_characters(text)
    glyphs, width = shaped(text)
    assert {glyph.face.file for glyph in glyphs} == {file}
    assert all(glyph.glyph for glyph in glyphs)
    assert ([(g.glyph, g.cluster, g.x, g.y) for g in glyphs], width) == alone(file, text)


def test_a_word_has_one_font_and_no_letter_is_parted_from_its_marks() -> None:
    def fonts(text: str) -> list[tuple[str, str]]:
        return [(run.face.file.split("-")[0], text[run.start : run.end]) for run in runs(text, "regular")]

    assert fonts("I like 寿司 and ラーメン a lot") == [
        ("Inter", "I like "),
        ("NotoSansSC", "寿司 "),
        ("Inter", "and "),
        ("NotoSansJP", "ラーメン "),
        ("Inter", "a lot"),
    ]
    assert fonts("機器學習") == [("NotoSansTC", "機器學習")]
    assert fonts("日本語の骨") == [("NotoSansJP", "日本語の骨")]
    assert fonts("GPT模型") == [("Inter", "GPT"), ("NotoSansSC", "模型")]
    assert fonts("বাংলা।") == [("NotoSansBengali", "বাংলা।")]
    assert clusters("ẹ̀kọ́") == ("ẹ̀", "k", "ọ́")
    assert clusters("👩‍👩‍👧🇫🇷ที่") == ("👩‍👩‍👧", "🇫🇷", "ที่")


def test_the_picture_of_scripts_shows_every_shipped_font(tmp_path: Path) -> None:
    used = {run.face.file for line in picture_of_scripts.LINES.values() for run in runs(line, "regular")}
    assert used == {file.name for file in FONTS.glob("*-Regular.?tf")} - {"JetBrainsMono-Regular.ttf"}
    picture_of_scripts.draw(tmp_path / "scripts.png")
    assert (tmp_path / "scripts.png").read_bytes() == (FONTS.parents[1] / "docs" / "scripts.png").read_bytes()


def test_what_is_written_from_top_to_bottom_is_refused_with_the_reason() -> None:
    assert missing_characters("ᠮᠣᠩ a") == ["ᠮ", "ᠣ", "ᠩ"]
    with pytest.raises(ValueError, match="Mongolian is written from top to bottom, which these films do not draw"):
        shaped("ᠮᠣᠩ")


# --- right to left ----------------------------------------------------------------------------------------------------


def seen(text: str) -> str:
    """The characters of a line from left to right."""
    parts = (text[part.start : part.end][:: -1 if part.right_to_left else 1] for part in stretches(text))
    return "".join(parts)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("ב-2024", "2024-ב"),
        ("שלום (עולם).", ".)םלוע( םולש"),
        ("אב Python 3 גד", "דג Python 3 בא"),
        ("the word שלום.", "the word םולש."),
        ("مرحبا[END]", "]END[ابحرم"),  # mirrored, the brackets stand as one expects them
        ("abc", "abc"),
    ],
)
def test_stretches_stand_in_the_order_of_the_bidirectional_algorithm(text: str, shown: str) -> None:
    assert seen(text) == shown


@settings(deadline=None, max_examples=400)
@given(st.text("אבجد ab12٣٤.,:+-()[]% \u0301/⏎␣!", min_size=1, max_size=14))
def test_the_order_is_that_of_python_bidi(text: str) -> None:
    assert seen(text) == get_display(text, base_dir="R" if reads_right_to_left(text) else "L")
    assert sorted(i for part in stretches(text) for i in range(part.start, part.end)) == list(range(len(text)))


def test_brackets_are_mirrored_and_letters_joined_across_a_line() -> None:
    glyphs, _ = shaped("(نص)")
    mirrored, _ = shaped("()")
    assert [glyphs[0].glyph, glyphs[-1].glyph] == [glyph.glyph for glyph in mirrored]
    assert [glyphs[0].cluster, glyphs[-1].cluster] == [3, 0]
    xs = [glyph.x for glyph in glyphs if glyph.face.file == "NotoSansArabic-Regular.ttf"]
    assert xs == sorted(xs)


def test_a_bracket_that_is_a_token_opens_to_the_side_that_its_sentence_has() -> None:
    """Its rows, its embedding and the blanks around it are those of the bracket as it is written."""
    rows = "\n".join(f'"{token}" = [{place}, 0]' for place, token in enumerate(("(", ")", "שלום", "עולם")))
    example = parse_example(f'tokens = ["שלום", "(", "עולם", ")"]\nd_model = 2\n[embeddings]\n{rows}', "x.toml")
    assert [token.strip("\u200f") for token in example.tokens] == ["שלום", "(", "עולם", ")"]
    assert shaped(example.tokens[1])[0][0].glyph == shaped(")")[0][0].glyph
    assert shaped(example.tokens[1])[1] == shaped(")")[1]
    assert example.sentence.replace("\u200f", "") == "שלום (עולם)"
    assert example.embedding_table[example.vocabulary.index(example.tokens[3])].tolist() == [1, 0]
    plain = parse_example('tokens = ["the", "(", "שלום", ")"]', "x.toml")
    assert plain.tokens == ("the", "(", "שלום", ")")


ARABIC = ["الطالبُ", "يقرأ", "الكتاب.", "[PAD]"]
ROOM = Box(-5, 5, -1, 1)


@pytest.mark.parametrize("tokens", [ARABIC, ["[START]", *ARABIC], ["the", "word", "שלום"]])
def test_a_sentence_runs_as_it_is_read_and_a_matrix_does_not(tokens: list[str]) -> None:
    way = 1 if tokens[0] == "the" else -1
    strips = [place(tokens, ROOM, DARK).boxes for place in (in_line, in_block, as_text)]
    strips.append(in_line([BLANK] * len(tokens), ROOM, DARK, tokens).boxes)
    arcs = ArcDiagram(tokens, ROOM, DARK)
    for xs in (*([box.x for box in boxes] for boxes in strips), [arcs.x_of(i) for i in range(len(tokens))]):
        assert np.all(np.diff(xs) * way > 0)
    columns = TokenAxis(tokens, "columns", DARK).place(ROOM)
    for xs in ([arcs.over_columns().x_of(i) for i in range(len(tokens))], [columns.token_box(i).x for i in range(3)]):
        assert np.all(np.diff(xs) > 0)


def test_shares_stand_under_their_words_whatever_way_these_run() -> None:
    weights = Tensor("weights", np.array([[0.7, 0.2, 0.1]] * 3), ("queries", "keys"), decimals=2)
    shares = Shares(weights, np.array([3.0, 1.0, -1.0]), ROOM, DARK).pour(0)
    assert shares.width > 0
    assert np.all(shares.parts[:, :2].mean(axis=1) == [3.0, 1.0, -1.0])
    parts = shares.whole(0).parts
    assert np.all(parts[:, 1] > parts[:, 0])
    assert np.all(np.diff(parts[:, 0]) < 0)
