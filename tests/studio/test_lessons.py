"""Lesson files: each field changes what it says and nothing else; what is wrong is said, all of it at once."""

from __future__ import annotations

import datetime
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from core.examples.example import Example, load_example, parse_example
from core.examples.faults import FileError
from core.examples.languages import LANGUAGES
from core.examples.overview import template
from core.trace.focus import Focus
from scenes.stage.chapter.settings import Settings, StepSettings
from scenes.stage.paint.theme import ACCENTS, THEMES
from scenes.storyboard import FILMS, entry_of
from studio.lessons.fields import FocusTable, LessonTable, PartTable, is_lesson, says_lesson
from studio.lessons.file import load_lesson, parse_lesson
from studio.lessons.lesson import Lesson
from studio.lessons.resolver import Resolver

ROOT = Path(__file__).resolve().parents[2]
DRAWING = '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0L1 1"/></svg>'
ONE = '[[parts]]\nsteps = ["softmax"]\n'  # short: a part of one chapter


def lesson(text: str, folder: Path = Path()) -> Lesson:
    return parse_lesson(text, folder / "x.toml")


def told(text: str, folder: Path = Path(), language: str = "en") -> Settings:
    """What the first part of a lesson is told."""
    return lesson(text, folder).parts[0].settings(language)


def faults_of(text: str, folder: Path = Path()) -> list[str]:
    with pytest.raises(FileError) as caught:
        lesson(text, folder)
    return str(caught.value).splitlines()


def fault_of(text: str, folder: Path = Path()) -> str:
    (fault,) = faults_of(text, folder)
    return fault


# --- what is read -----------------------------------------------------------------------------------------------------


def test_the_smallest_lesson_is_one_line_and_shows_the_film() -> None:
    read = lesson("[lesson]")
    assert tuple(part.chapter for part in read.parts) == FILMS["attention"]
    assert all(part.of.is_whole for part in read.parts)
    plain = Settings(read.parts[0].settings("en").example)
    assert read.parts[0].settings("en") == plain
    assert [read.parts[0].settings(language).example.name for language in LANGUAGES] == ["default", "default-zh"]


FIELDS: dict[str, tuple[str, dict[str, Any]]] = {
    'theme = "light"': ("theme", {"theme": "light"}),
    'size = "large"': ("size", {"size": "large"}),
    'frame = "4:3"': ("frame", {"frame": "4:3"}),
    "pace = 1.5": ("pace", {"pace": 1.5}),
    "hold = 2": ("hold", {"hold": 2.0}),
    'captions = "beside"': ("captions", {"captions": "beside"}),
    "header = false": ("header", {"header": False}),
    'logo = "logo.svg"': ("logo", {"logo": "logo.svg"}),
    '[lesson.colours]\nquery = "#F0B040"': ("colours", {"colours": {"query": "#f0b040"}}),
    "[focus]\nquery = 2\nhead = 1": ("focus", {"focus": Focus(query=1, head=0)}),
    '[words.en.softmax]\ntitle = "Shares"': ("words", {"words": {"en": {"title": "Shares"}}}),
    "[words.en.softmax]\nsteps.divide.hold = 3": ("steps", {"steps": {"divide": StepSettings(hold=3.0)}}),
}


@pytest.mark.parametrize("line", FIELDS)
def test_a_field_changes_what_it_says_and_nothing_else(line: str, tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text(DRAWING, encoding="utf-8")
    name, expected = FIELDS[line]
    head = "" if line.startswith(("[focus", "[words")) else f"{line}\n"
    rest = line if not head else ""
    plain, other = told(f"[lesson]\n{ONE}"), told(f"[lesson]\n{head}{ONE}{rest}", tmp_path)
    changed = {
        f.name for f in fields(Settings) if f.name != "example" and getattr(plain, f.name) != getattr(other, f.name)
    }
    assert changed == {name}
    found = getattr(other, name)
    assert (found.name if isinstance(found, Path) else found) == expected[name]
    assert other.example.name == plain.example.name


def test_what_stands_above_is_read_in_every_language() -> None:
    text = '[lesson]\ntitle = { en = "A", zh = "甲" }\nauthor = "B"\ndate = 2026-11-28\noccasion = "Week 7"'
    heading = lesson(text).heading
    assert (heading.title("en"), heading.title("zh"), heading.author("zh")) == ("A", "甲", "B")
    assert (heading.date("en"), heading.occasion("en")) == ("2026-11-28", "Week 7")


def test_parts_are_shown_in_their_order_with_what_they_have_of_their_own() -> None:
    read = lesson(
        '[lesson]\nhold = 1\npace = 2\n[[parts]]\nsteps = ["softmax:lift..divide", "scores", "-softmax:maximum"]\n'
        'hold = 3\n[[parts]]\nsteps = "softmax"\nexample = "by-hand"\nfocus = { query = 2 }\n'
        "[focus]\nquery = 1\nkey = 2"
    )
    assert [(part.chapter, part.number) for part in read.parts] == [("softmax", 1), ("scores", 1), ("softmax", 2)]
    assert read.parts[0].steps == ("lift", "exponentiate", "divide")
    first, last = read.parts[0].settings("en"), read.parts[2].settings("en")
    assert (first.hold, first.pace, last.hold, last.pace) == (3, 2, 1, 2)
    assert (first.focus, last.focus) == (Focus(query=0, key=1), Focus(query=1, key=1))
    assert (first.example.name, last.example.name) == ("default", "by-hand")


def test_another_theme_than_the_lessons_has_its_own_colours() -> None:
    part = lesson(f'[lesson]\n[lesson.colours]\nquery = "#f0b040"\n{ONE}').parts[0]
    assert part.settings("en", theme="dark").colours == {"query": "#f0b040"}
    assert part.settings("en", theme="light").colours == {}


def test_chapters_of_a_film_that_the_model_cannot_show_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "d.toml").write_text('sentence = "a b"\n[model]\nkind = "decoder-only"\n', encoding="utf-8")
    read = lesson('[lesson]\nexample = "d.toml"\n[[parts]]\nsteps = ["model"]', tmp_path)
    assert read.left_out == ("encoder", "decoder")
    assert {"encoder", "decoder"}.isdisjoint(part.chapter for part in read.parts)
    fault = fault_of('[lesson]\nexample = "d.toml"\n[[parts]]\nsteps = ["encoder"]', tmp_path)
    needs = 'which needs model.kind = "encoder-decoder"'
    assert fault.endswith(f"found encoder, {needs}; allowed: chapters that the model of d can show")


# --- what is wrong ----------------------------------------------------------------------------------------------------

FAULTS = {
    "": "lesson: found nothing; allowed: a table [lesson] at the top of the file",
    "[lesson]\npase = 1": "lesson.pase: found an unknown field;",
    "[lesson]\nquery = 1": "did you mean query below [focus]?",
    "[lesson]\nsentence = 'a b'": "did you mean sentence in a file of its own, which [lesson] names as its example?",
    "[lesson]\n[part]": "part: found an unknown table; allowed: lesson, focus, parts or words; did you mean parts?",
    "[lesson]\n[parts]\nsteps = ['softmax']": "parts: found a table; allowed: tables [[parts]], in two brackets",
    "[lesson]\npace = 3": "lesson.pace: found 3; allowed: a number from 0.5 to 2",
    "[lesson]\nhold = 11": "lesson.hold: found 11; allowed: a number from 0 to 10",
    "[lesson]\nminutes = 0.5": "lesson.minutes: found 0.5; allowed: a number from 1 to 120",
    "[lesson]\nminutes = 5\npace = 1": "lesson.pace: found a pace beside lesson.minutes;",
    "[lesson]\nframe = '3:2'": 'lesson.frame: found "3:2"; allowed: "16:9", "4:3", "1:1" or "9:16"',
    "[lesson]\ncaptions = 'burned'": 'did you mean "burnt"?',
    "[lesson]\nheader = 'no'": 'lesson.header: found "no"; allowed: true or false; did you mean false?',
    "[lesson]\nlanguages = ['en', 'fr']": 'lesson.languages: found "fr"; allowed: a list of some of "en" and "zh"',
    "[lesson]\nlanguages = ['en', 'en']": "found a language twice",
    "[lesson]\ndate = 7": "lesson.date: found 7; allowed: a text",
    "[lesson]\n[lesson.colours]\nquery = 'e0a030'": "did you mean #e0a030?",
    "[lesson]\n[lesson.colours]\nfocus = '#e0a030'": "lesson.colours.focus: found an unknown field;",
    "[lesson]\nexample = 'defalt'": 'lesson.example: found "defalt", no example of that name;',
    f"[lesson]\nexample = '{'a' * 5000}.toml'": "which is no usable path",
    "[lesson]\nexample = '../x.toml'": "which lies outside the lesson's folder",
    f"[lesson]\n{ONE}[[parts]]\nsteps = ['sofmax']": 'part 2, steps, "sofmax": found "sofmax";',
    "[lesson]\n[[parts]]\nsteps = ['softmax:divide..lift']": "did you mean softmax:lift..divide?",
    "[lesson]\n[[parts]]\nsteps = ['softmax:lift', '-softmax:lift']": "part 1, steps: found",
    "[lesson]\n[[parts]]\nsteps = ['softmax', '-scores']": "found nothing to leave out;",
    "[lesson]\n[[parts]]\nsteps = [1]": "part 1, steps, entry 1: found 1; allowed: a text such as",
    f"[lesson]\n{ONE}focus = {{ query = 'the' }}": 'found "the", which is there 2 times; allowed: its number: 1 or 4',
    f"[lesson]\n{ONE}focus = {{ query = 'robott' }}": 'did you mean "robot"?',
    f"[lesson]\n{ONE}focus = {{ query = 9 }}": "part 1, focus.query: found 9; allowed: the tokens",
    f"[lesson]\n{ONE}focus = {{ query = 0 }}": "did you mean 1?",
    f"[lesson]\n{ONE}focus = {{ head = 3 }}": "focus.head: found 3; allowed: the 2 heads of the example default",
    f"[lesson]\n{ONE}focus = {{ word = 'robot' }}": 'focus.word: found "robot"; allowed: the tokens of the example',
}


@pytest.mark.parametrize("text", FAULTS)
def test_a_fault_is_said_with_its_field_and_what_is_allowed(text: str) -> None:
    fault = fault_of(text)
    assert fault.startswith("x.toml: ")
    assert FAULTS[text] in fault


def test_all_faults_are_said_at_once_and_those_of_examples_too(tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text('sentense = "a b"\n', encoding="utf-8")
    text = (
        '[lesson]\npace = 9\nexample = "bad.toml"\nlogo = "no.svg"\n[lesson.colours]\nkey = "#000000"\n[[parts]]\n'
        'steps = ["sofmax"]\n[[parts]]\nexample = "default"\nfocus = { query = "x" }\n[words.fr.softmax]\n'
    )
    said = "\n".join(faults_of(text, tmp_path))
    for field in (
        "lesson.pace",
        "sentense",
        "lesson.logo",
        "lesson.colours.key",
        "part 1, steps",
        "part 2, focus.query",
    ):
        assert f": {field}" in said
    assert "words.fr: found an unknown language" in said


ODD = (0, -1, 1.5, float("nan"), float("inf"), True, "", "{a", "{0}", "{query.x}", "[PAD]", "\0", "../..", "a" * 5000)
ODDER = ([], [1], [[]], {}, {"": {}}, {"text": 3, "own": True}, {"text": "x", "own": "y"}, {"claim": "x"}, 10**400)
STEP = {"title": 0, "captions": 0, "pace": 0, "hold": 0}
CHAPTER = {"title": 0, "labels": {"max": 0, "total": 0}, "steps": {"divide": STEP}}
WHOLE: dict[str, Any] = {
    "lesson": dict.fromkeys(LessonTable.model_fields, 0),
    "focus": dict.fromkeys(FocusTable.model_fields, 0),
    "parts": [dict.fromkeys(PartTable.model_fields, 0)],
    "words": {"en": {"softmax": CHAPTER}},
}


def places(table: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in the tables of a lesson."""
    for key, value in table.items() if isinstance(table, dict) else enumerate(table):
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from places(value, (*path, key))


@pytest.mark.parametrize("place", [*places(WHOLE)], ids=lambda place: ".".join(map(str, place)))
def test_whatever_stands_in_a_place_is_read_or_told(place: tuple[Any, ...]) -> None:
    for value in (*ODD, *ODDER, datetime.date(2026, 1, 1), datetime.time(1)):
        data: Any = value
        for key in reversed(place):
            data = {key: data} if isinstance(key, str) else [data]
        data = {"lesson": {}, "parts": [{"steps": ["softmax"]}], **data}
        try:
            assert Resolver(Path("x.toml"), "x.toml", data, load_example).resolved().parts
        except FileError as error:
            assert error.faults


def test_many_unknown_names_are_few_lines() -> None:
    text = "[lesson]\n" + "".join(f"field_{number} = 1\n" for number in range(500))
    said = faults_of(text)
    assert len(said) == 21
    assert said[-1].endswith("lesson: and 480 unknown names more") or "480" in said[-1]


def test_a_lesson_is_no_example_of_a_lesson(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text("[lesson]\n", encoding="utf-8")
    assert "which is a lesson; allowed: an example" in fault_of('[lesson]\nexample = "other.toml"', tmp_path)


def test_examples_may_be_read_from_elsewhere(tmp_path: Path) -> None:
    """As a desk does, whose examples are not on disk as they are shown; or one is shown instead of all."""
    (tmp_path / "a.toml").write_text('sentence = "on disk"\n', encoding="utf-8")
    text, typed = f'[lesson]\nexample = "a.toml"\n{ONE}', parse_example('sentence = "as typed"', "a.toml")
    read: list[str | Path] = []

    def reading(name: str | Path) -> Example:
        read.append(name)
        return typed

    assert parse_lesson(text, tmp_path / "x.toml", reading).parts[0].settings("en").example is typed
    assert read == [tmp_path / "a.toml"]
    assert parse_lesson(text, tmp_path / "x.toml", instead=typed).parts[0].settings("zh").example is typed


def test_lessons_are_told_from_examples(tmp_path: Path) -> None:
    assert says_lesson("# a\n[lesson]\n")
    assert says_lesson('[[parts]]\nsteps = ["softmax"]\n')
    assert says_lesson("[lesson.colours]\n")
    assert not says_lesson('sentence = "[lesson]"\n[weights]\n')
    path = tmp_path / "a.toml"
    path.write_text("[lesson]\npace = \n", encoding="utf-8")
    assert is_lesson(path)  # also where it is not valid TOML
    assert not is_lesson(tmp_path / "none.toml")
    assert not is_lesson("softmax")


# --- colours ----------------------------------------------------------------------------------------------------------


def coloured(theme: str = "dark", **colours: str) -> str:
    pairs = "".join(f'{meaning} = "{colour}"\n' for meaning, colour in colours.items())
    return f'[lesson]\ntheme = "{theme}"\n[lesson.colours]\n{pairs}{ONE}'


@pytest.mark.parametrize("theme", THEMES)
def test_a_themes_own_query_key_and_value_are_allowed(theme: str) -> None:
    hues = {name: THEMES[theme].hue(ACCENTS[name]) for name in ("query", "key", "value")}
    colours = {name: "#" + "".join(f"{round(255 * c):02x}" for c in hue) for name, hue in hues.items()}
    assert told(coloured(theme, **colours)).colours == colours


def test_a_colour_that_cannot_be_read_on_the_ground_is_told_with_its_contrast() -> None:
    assert re.search(
        r"lesson.colours.query: found #f0b040, whose contrast with the ground of the theme light is 1.\d; "
        r"allowed: a contrast of at least 5",
        faults_of(coloured("light", query="#f0b040"))[0],
    )


def test_the_pair_that_looks_alike_is_named() -> None:
    assert "found query and key that look alike: ΔE 0" in faults_of(coloured(query="#58b4e9"))[0]
    assert "found query and output that look alike" in fault_of(coloured(query="#f0803a"))


def test_a_pair_may_be_alike_to_some_eyes_alone() -> None:
    """A red and a green of one lightness, far apart to most."""
    said = faults_of(coloured("light", query="#9a4a1c", value="#4f6b00"))
    assert any(re.search("query and value that look alike with (deuter|prot)anop", fault) for fault in said)


# --- logos ------------------------------------------------------------------------------------------------------------


def png(width: int = 4, height: int = 4) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = b"".join(b"\0" + b"\x80" * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{}</svg>'
LOGOS = {
    "a.svg": (SVG.format("<script>1</script>"), 'the element "script"'),
    "b.svg": (SVG.format('<rect onload="x()"/>'), 'the attribute "onload"'),
    "c.svg": (SVG.format('<linearGradient xlink:href="http://x/y"/>'), "a reference to another file"),
    "d.svg": (SVG.format('<rect fill="url(http://x/y)"/>'), "a reference to another file"),
    "e.svg": (f'<!DOCTYPE svg [<!ENTITY a "b">]>{SVG.format("<path/>")}', "declarations of its own (entities)"),
    "f.svg": (SVG.format("<path"), "no readable SVG"),
    "g.svg": (SVG.format(""), "which draws nothing"),
    "h.svg": ("<html><p/></html>", '"html" where svg should be'),
    "i.svg": (SVG.format("<image/>"), 'the element "image"'),
    "j.svg": (SVG.format("<g/>" * 30_000), "more than 20,000 elements"),
    "k.svg": ("<svg>" + " " * 2**21 + "</svg>", "a file of 2.0 MB"),
    "l.svg": (SVG.format("<style>@import 'x';</style>"), "a reference to another file"),
    "m.png": ("no picture", "no readable PNG"),
    "n.jpg": ("", "a file of another kind"),
}


@pytest.mark.parametrize("name", LOGOS)
def test_a_logo_that_is_none_is_refused(name: str, tmp_path: Path) -> None:
    content, reason = LOGOS[name]
    (tmp_path / name).write_text(content, encoding="utf-8")
    assert reason in fault_of(f'[lesson]\nlogo = "{name}"\n{ONE}', tmp_path)


def test_logos_that_are_pictures_are_taken(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png())
    (tmp_path / "b.svg").write_text(f'<?xml version="1.0"?>{SVG.format("<path/>")}', encoding="utf-8")
    for name in ("a.png", "b.svg"):
        assert told(f'[lesson]\nlogo = "{name}"\n{ONE}', tmp_path).logo == tmp_path / name


def test_a_logo_lies_beside_the_lesson_and_is_small(tmp_path: Path) -> None:
    (tmp_path / "wide.png").write_bytes(png(5000, 1))
    (tmp_path / "deep").mkdir()
    assert "lies outside" in fault_of(f'[lesson]\nlogo = "../wide.png"\n{ONE}', tmp_path / "deep")
    assert "of 5,000 × 1 pixels" in fault_of(f'[lesson]\nlogo = "wide.png"\n{ONE}', tmp_path)


# --- own words --------------------------------------------------------------------------------------------------------


def said(words: str, example: str = "default") -> Settings:
    return told(f'[lesson]\nexample = "{example}"\n{ONE}[words.en.softmax]\n{words}')


def word_fault(words: str) -> str:
    return fault_of(f"[lesson]\n{ONE}[words.en.softmax]\n{words}")


def test_own_words_take_the_place_of_the_films() -> None:
    words = (
        'title = "Shares"\nlabels.max = "largest {value}"\n'
        'steps.divide = { title = "Share", captions = ["What of ‘{query}’ for ‘{best}’?", ""] }'
    )
    assert said(words).words == {
        "en": {
            "title": "Shares",
            "labels.max": "largest {value}",
            "steps.divide.title": "Share",
            "steps.divide.captions.0": "What of ‘{query}’ for ‘{best}’?",
        }
    }


def test_a_claims_outcomes_are_decided_by_the_example() -> None:
    outcomes = 'all = "All rows."\none_row = "One."\nsome = "Some rows."\nnone = "None."'.replace("\n", ", ")
    words = f"steps.all_rows.captions = [{{ {outcomes} }}]"
    assert said(words).words["en"]["steps.all_rows.captions.0"] == "All rows."


def test_a_claim_of_ones_own_is_taken_and_named() -> None:
    text = f'[lesson]\n{ONE}[words.en.softmax]\nsteps.all_rows.captions = [{{ text = "Alike.", own = true }}]'
    assert lesson(text).own == ("words.en.softmax.steps.all_rows.captions.1",)
    assert told(text).words["en"]["steps.all_rows.captions.0"] == "Alike."


WORD_FAULTS = {
    "tittle = 'x'": "words.en.softmax.tittle: found an unknown name; allowed: title, labels or steps;",
    "labels.maxi = 'x'": "words.en.softmax.labels.maxi: found an unknown name;",
    "labels.max = 'x'": 'words.en.softmax.labels.max: found "x" without {value}; allowed: {value}',
    "labels.max = '{valeu}'": 'found {valeu} in "{valeu}"; allowed: {value}; did you mean {value}?',
    "labels.max = '{value'": "{{ and }} for braces",
    "labels.total = 'sum {value}'": "found one text for every outcome; allowed: a wording for each outcome of",
    "labels.total = { text = 'sum {value}' }": "found text without own = true;",
    "labels.total = { yes = 'sum {value}' }": "found yes; allowed: a wording for each outcome of the claim",
    "labels.scores = { yes = 'a', no = 'b' }": "found wordings for outcomes; allowed: one text",
    f"labels.max = '{{value}} {'m' * 40}'": "which is too wide for its place; allowed: about",
    f"title = '{'m' * 40}'": "which is too wide for its place; allowed: about",
    "steps.divid.title = 'x'": "steps.divid: found an unknown step;",
    "steps.divide.captions = ['x']": "found a list of 1; allowed: a list of 2, as many as the step says",
    "steps.divide.hold = 11": "steps.divide.hold: found 11; allowed: a number from 0 to 10",
    f"steps.heat.captions = ['{'so ' * 30}']": "seconds to read; allowed: at most 7 seconds",
}


@pytest.mark.parametrize("words", WORD_FAULTS)
def test_own_words_are_held_against_the_films(words: str) -> None:
    assert WORD_FAULTS[words] in word_fault(words)


def test_a_caption_finds_room_in_the_lines_of_its_frame() -> None:
    words = f'[words.en.softmax.steps.heat]\ncaptions = ["{"WWWW " * 23}"]'
    assert "which needs 3 lines; allowed: 2 lines" in faults_of(f'[lesson]\nsize = "large"\n{ONE}{words}')[0]
    assert "which needs 4 lines; allowed: 3 lines" in faults_of(f'[lesson]\nframe = "9:16"\n{ONE}{words}')[0]
    assert lesson(f"[lesson]\n{ONE}{words}")


# --- templates and documents ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_template_is_valid_as_it_stands_and_with_all_that_it_explains(language: str) -> None:
    text = template("mine", language, "lesson")
    assert lesson(text).heading.title(language) == "mine"
    assert lesson(text).language == language
    assert max(map(len, text.splitlines())) <= 120
    lines = [re.sub(r"^# (\[+[\w.]+\]+|[\w.]+ = .*)$", r"\1", line) for line in text.splitlines()]
    own = [line for line in lines if not line.startswith(("logo", "minutes", 'title = "mine"', 'languages = ["zh"]'))]
    assert len(lesson("\n".join(own)).parts) == 5
    for name in (*LessonTable.model_fields, *FocusTable.model_fields, *PartTable.model_fields, *ACCENTS):
        assert name in text


def test_the_document_explains_every_field() -> None:
    text = (ROOT / "docs" / "lesson.md").read_text(encoding="utf-8")
    names = (*LessonTable.model_fields, *FocusTable.model_fields, *PartTable.model_fields, *ACCENTS)
    assert not [name for name in names if f"`{name}`" not in text]


def test_every_lesson_of_the_document_is_valid(tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text(DRAWING, encoding="utf-8")
    blocks = re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / "lesson.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) >= 4
    for number, block in enumerate(blocks):
        path = tmp_path / f"{number}.toml"
        path.write_text(block if "[lesson]" in block else f"[lesson]\n{block}", encoding="utf-8")
        assert load_lesson(path).parts


def test_chapters_have_their_place_in_films_however_often_they_are_shown() -> None:
    read = lesson(f"[lesson]\n{ONE}{ONE}")
    assert [entry_of(part.chapter).name for part in read.parts] == ["softmax", "softmax"]
