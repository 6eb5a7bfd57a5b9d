"""Texts of the example in SubRip, WebVTT and Markdown, read back by players and converters: never taken for markup."""

from __future__ import annotations

import html
import io
import re

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from studio.exports.captions import Subtitle, as_srt, as_vtt
from studio.exports.escape import JOINER, fenced, markdown, readable, subrip

NASTY = (
    "‘</s>’ and ‘<b>’ ask",
    "<img src=x onerror=alert(1)>",
    "<font color=red>red</font>",
    r"{\an8}{\b1}{b}bold",
    "--> 00:00:01,000",
    "*a* _b_ __c__ `d` ~~e~~ [f](g) ![h](i) <http://j.k>",
    "# not a heading",
    "- no list", "+ none", "1. none", "2) none", "=== none", "> no quote",
    "&lt; &amp; &#60; & alone",
    "w_q · k_j, d_k = 2; 3 < 4 > 2",
    "| a | b |",
    "$x$",
    r"a\*b\\",
)  # fmt: skip
TEXTS = st.text(st.sampled_from("<>&{}[]()*_`~#+-=.!|\\$ab1/s \u202e"), min_size=1, max_size=12)


def read_as_text(source: str) -> tuple[set[str], str]:
    """What a CommonMark converter makes of a paragraph: the elements, and the text."""
    made = MarkdownIt("commonmark", {"html": True}).enable("strikethrough").enable("table").render(source)
    return set(re.findall(r"</?(\w+)", made)), html.unescape(re.sub(r"<[^>]*>", "", made)).rstrip("\n")


@pytest.mark.parametrize("text", NASTY)
def test_a_paragraph_reads_as_it_is(text: str) -> None:
    assert read_as_text(markdown(text)) == ({"p"}, text)


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_any_paragraph_reads_as_it_is(text: str) -> None:
    """But for what Markdown does with blanks at the ends of a line."""
    if text.strip():
        assert read_as_text(markdown(text.strip())) == ({"p"}, readable(text.strip()))


@pytest.mark.parametrize("text", [*NASTY, "```", "a\n````\n<b>", "~~~"])
def test_numbers_stay_in_their_block(text: str) -> None:
    assert read_as_text(fenced(text)) == ({"pre", "code"}, text)


@pytest.mark.parametrize("text", NASTY)
def test_subtitles_show_what_is_said(text: str) -> None:
    """By FFmpeg, which hands on tags as {…} and blanks that cannot be broken as they are."""
    made = as_srt([Subtitle(0, 1, (text,))])
    assert shown(made.encode(), "srt").replace(JOINER, "") == text
    assert "</" not in made and "<b" not in made and "<i" not in made and r"{\a" not in made.replace(JOINER, "|")
    told = as_vtt([Subtitle(0, 1, (text,))]).split("\n\n")[1].split("\n", 1)[1].rstrip("\n")
    assert "<" not in told and "-->" not in told
    assert html.unescape(told) == text


def test_plain_words_are_left_alone() -> None:
    words = "the query of ‘it’ scores 5.5 < 6 on w_q {here} - a -> b"
    assert subrip(words).replace(JOINER, "") == words
    assert subrip("a < b, x -> y") == "a < b, x -> y"


@pytest.mark.parametrize("sign", "\u202a\u202b\u202d\u202e")
def test_nothing_turns_the_direction_of_what_follows(sign: str) -> None:
    text = f"a{sign}b"
    for made in (markdown(text), fenced(text), as_srt([Subtitle(0, 1, (text,))]), as_vtt([Subtitle(0, 1, (text,))])):
        assert sign not in made
        assert "a\ufffdb" in made


def shown(subtitles: bytes, kind: str) -> str:
    """The text of the one cue, as FFmpeg's decoder passes it on (ASS: the text is the ninth field)."""
    with av.open(io.BytesIO(subtitles), format=kind) as container:
        for packet in container.demux(subtitles=0):
            for subtitle in packet.decode():
                text = subtitle.ass.decode() if isinstance(subtitle.ass, bytes) else subtitle.ass
                return text.split(",", 8)[-1].replace(r"\N", "\n")
    raise AssertionError("no cue")
