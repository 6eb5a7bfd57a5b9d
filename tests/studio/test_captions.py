"""Captions as files, read back by parsers: short lines, no overlap, slow enough to read, and every word there."""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import replace
from io import StringIO
from itertools import pairwise

import pytest
import srt
import webvtt
from hypothesis import given
from hypothesis import strategies as st

from core.examples.example import load_example, shipped_examples
from core.examples.languages import language_of
from scenes.stage.chapter.reading_speed import least_seconds
from scenes.stage.chapter.settings import LANGUAGES, Settings
from studio.engine.cue import Cue
from studio.engine.quality import Picture
from studio.engine.steps import StepPlan, plan_steps
from studio.exports.caption_lines import MOST_LINES, laid_out, line_width
from studio.exports.captions import as_srt, as_vtt, subtitles
from studio.exports.youtube import Mark, youtube_chapters
from studio.selection import all_chapters

FPS = 15
MILLISECOND = 0.001
EXAMPLES = shipped_examples()
SAMPLES = [(chapter, EXAMPLES[number % len(EXAMPLES)]) for number, chapter in enumerate(all_chapters())]


def letters(texts: Iterable[str]) -> str:
    return "".join("".join(texts).split())


def check(cues: list[Cue], language: str) -> None:
    shown = list(subtitles(cues, language, FPS))
    parsed = list(srt.parse(as_srt(shown), ignore_errors=False))
    vtt = webvtt.from_buffer(StringIO(as_vtt(shown)))
    told = [(int(one.start.total_seconds()), one.content) for one in parsed]
    assert [(one.start_in_seconds, html.unescape(one.text)) for one in vtt] == told
    assert letters(one.content for one in parsed) == letters(cue.text for cue in cues)
    assert all(before.end <= after.start for before, after in pairwise(parsed))
    for one in parsed:
        lines, seconds = one.content.split("\n"), (one.end - one.start).total_seconds()
        assert len(lines) <= MOST_LINES
        assert all(line_width(line, language) <= language_of(language).longest_line for line in lines), lines
        assert seconds >= least_seconds("".join(lines), language) - MILLISECOND, one


@pytest.mark.parametrize(("chapter", "example"), SAMPLES)
def test_captions_of_shipped_examples(chapter: str, example: str) -> None:
    assert {name for _, name in SAMPLES} == set(EXAMPLES)
    picture = Picture(256, 144, FPS)
    plans = {name: plan_steps(chapter, Settings(load_example(example), name), picture) for name in LANGUAGES}
    for shown in LANGUAGES:
        for read in LANGUAGES:
            check(list(told(plans[shown], plans[read])), read)


def told(shown: Iterable[StepPlan], read: Iterable[StepPlan]) -> Iterable[Cue]:
    """The captions of the language read, at the times of the language that is shown."""
    start = 0
    for step, other in zip(shown, read, strict=True):
        for cue, words in zip(step.cues, other.cues, strict=True):
            yield replace(cue, text=words.text).moved(start)
        start += step.frames


WORDS = st.text("abcdefgh.,:’", min_size=1, max_size=42)
CLAUSES = st.text("一个词元看着另一个的键值", min_size=1, max_size=24)


@given(st.lists(WORDS, min_size=1, max_size=30))
def test_english_lines_are_whole_words(words: list[str]) -> None:
    cues = laid_out(" ".join(words), "en")
    assert " ".join(line for lines in cues for line in lines).split() == words
    assert all(len(lines) <= MOST_LINES and all(len(line) <= 42 for line in lines) for lines in cues)


@given(st.lists(CLAUSES, min_size=1, max_size=6))
def test_chinese_lines_are_short_whatever_stands_between_the_stops(clauses: list[str]) -> None:
    text = "，".join(clauses) + "。"
    cues = laid_out(text, "zh")
    assert "".join(line for lines in cues for line in lines) == text
    assert all(line_width(line, "zh") <= 20 and line[0] not in "，。" for lines in cues for line in lines)


@pytest.mark.parametrize(
    ("text", "language", "cues"),
    [
        ("One number.", "en", (("One number.",),)),
        (
            "Learning follows slopes: how far does a weight p move when its own score moves? For softmax, p(1 − p).",
            "en",
            (
                ("Learning follows slopes: how far does a", "weight p move when its own score moves?"),
                ("For softmax, p(1 − p).",),
            ),
        ),
        (
            "行提问，列回答。这张表并不对称：“it”对“robot”是 5.0，“robot”对“it”是 −3.0。",
            "zh",
            (("行提问，列回答。这张表并不对称：",), ("“it”对“robot”是 5.0，", "“robot”对“it”是 −3.0。")),
        ),
    ],
)
def test_a_caption_is_cut_where_a_reader_would_pause(text: str, language: str, cues: tuple) -> None:
    assert laid_out(text, language) == cues


def test_a_word_longer_than_a_line_is_left_whole() -> None:
    word = "x" * 50
    assert letters(line for lines in laid_out(f"This is {word}.", "en") for line in lines) == f"Thisis{word}."
    assert any(line == f"{word}." for lines in laid_out(f"This is {word}.", "en") for line in lines)


def test_signs_of_markup_are_words_like_others() -> None:
    shown = list(subtitles([Cue(0, 30, "Add & norm: a < b → c --> d")], "en", 10))
    assert "Add &amp; norm: a &lt; b" in as_vtt(shown)
    assert "Add & norm: a < b" in as_srt(shown)


def test_parts_of_a_caption_share_its_time() -> None:
    text = "A short one. " + "And then a much longer sentence follows it. " * 2
    shown = list(subtitles([Cue(0, 100, text)], "en", 10))
    assert (shown[0].start, shown[-1].end) == (0, 10)
    assert all(before.end == after.start for before, after in pairwise(shown))
    speeds = [(one.end - one.start) / least_seconds("".join(one.lines)) for one in shown]
    assert max(speeds) - min(speeds) < 1e-9


def test_a_fast_caption_stands_on_into_the_pause_behind_it_and_no_further() -> None:
    text = "x" * 34  # two seconds at 17 letters a second
    for following, end in ((40, 2.0), (18, 1.8), (17, 1.7), (15, 1.5)):
        first, second = subtitles([Cue(0, 15, text), Cue(following, 60, text)], "en", 10)
        assert (first.start, first.end) == (0, pytest.approx(end))
        assert (second.start, second.end) == (following / 10, 6)
    assert [one.end for one in subtitles([Cue(0, 15, text)], "en", 10)] == [1.5]


def test_the_list_of_chapters_is_one_that_youtube_takes() -> None:
    marks = [Mark(0, "A"), Mark(4, "B"), Mark(10.2, "C"), Mark(29.9, "D"), Mark(3605, "E"), Mark(3650, "F")]
    assert youtube_chapters(marks, 3655) == "0:00 A · B\n0:11 C\n0:30 D\n1:00:05 E · F\n"


def test_a_list_of_many_short_chapters_keeps_to_the_line() -> None:
    (line,) = youtube_chapters([Mark(0.1 * number, "A title") for number in range(60)], 9).splitlines()
    assert len(line) <= 105
