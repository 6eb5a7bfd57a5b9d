"""What is on the desk: edits of the text that leave all else as it was, versions, the disk, drafts."""

from __future__ import annotations

import base64
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from watchfiles import Change

from core.examples.example import EXAMPLES, Example, load_example, parse_example, shipped_examples
from core.examples.faults import FileError
from core.trace.pipeline import main_mask
from studio.desk import drafts, edits, lesson_edits, logos
from studio.desk import watch as watching
from studio.desk.document import Document, Version, check_name
from studio.errors import BadInput
from studio.lessons.file import parse_lesson
from studio.options import drawable


def shipped(name: str) -> str:
    return (EXAMPLES / f"{name}.toml").read_text(encoding="utf-8")


def after(before: str, /, **edit: object) -> tuple[str, Example]:
    """The text after an edit, and the example that it is."""
    new = edits.edited(before, edit, lambda: parse_example(before, EXAMPLES / "x.toml"))
    return new, parse_example(new, EXAMPLES / "x.toml")


# --- edits ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in shipped_examples() if load_example(name).loaded is None])
def test_what_is_not_edited_stays_as_it_is_written(name: str) -> None:
    text = shipped(name)
    example = load_example(name)
    new, edited = after(text, do="weight", name="w_q", row=0, column=0, value=0.25)
    assert edited.w_q[0, 0] == 0.25
    assert np.array_equal(edited.w_q.flat[1:], example.w_q.flat[1:])
    assert all(np.array_equal(getattr(edited, other), getattr(example, other)) for other in ("w_k", "w_v", "w_o"))
    comments = [line for line in text.splitlines() if "#" in line]
    assert [line for line in new.splitlines() if "#" in line] == comments


def test_a_sentence_has_rows_for_its_new_words() -> None:
    _, example = after(shipped("default"), do="sentence", text="the robot met 月亮")
    assert example.tokens == ("the", "robot", "met", "月亮")
    assert example.batch[1] == load_example("default").batch[1]
    old = load_example("default")
    rows = [one.embedding_table[one.vocabulary.index("robot")] for one in (old, example)]
    assert np.array_equal(*rows)
    assert all(np.any(example.embedding_table[example.vocabulary.index(word)]) for word in ("met", "月亮"))


@pytest.mark.parametrize(
    "mask",
    [
        '"causal"',
        "[[1, 0, 0], [1, 1, 0], [1, 1, 1]]",
        '[[false, true, true], [false, false, true], [false, false, false]]\nmask_true = "hidden"',
        "[[0, -inf, -inf], [0, 0, -inf], [0, 0, 0]]",
    ],
)
def test_a_cell_of_the_mask_is_turned_however_it_is_written(mask: str) -> None:
    text = f'sentence = "a b c"\nmask = {mask}\n'
    before = main_mask(parse_example(text, "x.toml"))
    new, example = after(text, do="cell", row=0, column=2)
    assert np.array_equal(np.argwhere(before != main_mask(example)), [[0, 2]])
    _, longer = after(new, do="tokens", tokens=["a", "b", "c", "d"])
    assert main_mask(longer)[3].all()
    assert np.array_equal(main_mask(longer)[:3, :3], main_mask(example))


def test_what_is_drawn_is_written_down_when_a_number_of_it_is_edited() -> None:
    text = shipped("moonlight")
    new, example = after(text, do="embedding", word="床", column=1, value=-1.5)
    old = load_example("moonlight")
    assert example.embedding_table[example.vocabulary.index("床"), 1] == -1.5
    assert np.sum(example.embedding_table != old.embedding_table) == 1
    assert all(np.array_equal(getattr(example, name), getattr(old, name)) for name in ("w_q", "w_k", "w_v", "w_o"))
    _, drawn = after(new, do="redraw", names=["embeddings"], seed="another")
    assert drawn.seed == "another"
    assert "embeddings" in drawn.drawn


def test_fields_are_set_and_left_to_their_defaults() -> None:
    new, example = after(shipped("by-hand"), do="field", name="decimals", value=1)
    assert example.decimals == 1
    _, again = after(new, do="field", name="decimals", value=None)
    assert again.decimals == 2


@pytest.mark.parametrize(
    "edit",
    [
        {"do": "nothing"},
        {"do": "field", "name": "path", "value": "x"},
        {"do": "field", "name": "heads", "value": [1]},
        {"do": "weight", "name": "w_q", "row": 99, "column": 0, "value": 1},
        {"do": "weight", "name": "w_q", "row": 0, "column": 0, "value": "1"},
        {"do": "weight", "name": "w_q", "row": 0, "column": 0, "value": 1e300},
        {"do": "cell", "row": "a", "column": 0},
        {"do": "sentence", "text": 4001 * "x"},
        {"do": "tokens", "tokens": "x"},
        {"do": "sentence"},
    ],
    ids=str,
)
def test_an_edit_that_cannot_be_is_refused(edit: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        after(shipped("default"), **edit)


def test_each_edit_of_a_lesson_is_one_of_its_fields() -> None:
    text, example = lesson_edits.start("default"), load_example("default")
    for edit in (
        {"do": "look", "name": "size", "value": "large"},
        {"do": "look", "name": "captions", "value": "off"},
        {"do": "focus", "name": "query", "place": 2},
        {"do": "colour", "meaning": "query", "value": "#e0a030"},
        {"do": "parts", "parts": [{"of": 0, "words": ["softmax:divide", "scores"]}]},
        {"do": "words", "language": "en", "chapter": "softmax", "key": "steps.divide.captions.1", "text": "Mine."},
        {"do": "words", "language": "en", "chapter": "softmax", "key": "steps.divide.title", "text": "Own"},
    ):
        text = edits.edited(text, edit, lambda: example, lesson_edits.EDITS)
    settings = parse_lesson(text, "x.toml", instead=example).parts[0].settings("en")
    assert (settings.size, settings.captions, settings.focus.query) == ("large", "off", 1)
    assert settings.colours == {"query": "#e0a030"}
    assert settings.words["en"] == {"steps.divide.captions.1": "Mine.", "steps.divide.title": "Own"}
    assert [part.chapter for part in parse_lesson(text, "x.toml", instead=example).parts] == ["softmax", "scores"]
    for edit in (
        {"do": "focus", "name": "query"},
        {"do": "colour", "meaning": "query"},
        {"do": "parts", "parts": []},
        {"do": "words", "language": "en", "chapter": "softmax", "key": "steps.divide.captions.1"},
        {"do": "words", "language": "en", "chapter": "softmax", "key": "steps.divide.title"},
    ):
        text = edits.edited(text, edit, lambda: example, lesson_edits.EDITS)
    assert "[focus]" not in text
    assert "colours" not in text
    assert "words" not in text
    assert "parts" not in text


PARTS = """[lesson]
example = "default"

[[parts]]
steps = ["scores", "softmax:lift..divide"]  # first
hold = 2

[[parts]]
steps = ["qkv"]
without = "scaling"
"""


def parted(text: str, *parts: dict[str, object]) -> str:
    return edits.edited(
        text, {"do": "parts", "parts": list(parts)}, lambda: load_example("default"), lesson_edits.EDITS
    )


def test_parts_keep_what_they_say_wherever_they_go() -> None:
    text = parted(PARTS, {"of": 2, "words": ["qkv"]}, {"of": 1, "words": ["scores"]}, {"of": 0, "words": ["task"]})
    parts = tomllib.loads(text)["parts"]
    assert parts == [
        {"steps": ["qkv"], "without": "scaling"},
        {"steps": ["scores"], "hold": 2},
        {"steps": ["task"]},
    ]
    same = [f"softmax:{step}" for step in ("lift", "maximum", "exponentiate", "divide")]
    assert parted(PARTS, {"of": 1, "words": ["scores", *same]}, {"of": 2, "words": ["qkv"]}) == PARTS


def test_a_chapter_is_shown_beside_itself_with_a_change_and_no_more() -> None:
    first, second = {"of": 1, "words": ["scores"]}, {"of": 2, "words": ["qkv"], "beside": {}}
    text = parted(PARTS, {**first, "beside": {"change": {"mask": "causal"}}}, second)
    parts = parse_lesson(text, "x.toml").parts
    told = [part.settings("en") for part in parts]
    assert told[0].against is not None
    assert (told[0].against.mask, told[1].against) == ("causal", None)
    assert [part.chapter for part in parts] == ["scores", "qkv"]
    for beside in ({"by": "x"}, {"change": {"mask": [1]}}, {"without": 3}):
        with pytest.raises(BadInput):
            parted(PARTS, {**first, "beside": beside})


def test_a_part_has_a_focus_of_its_own() -> None:
    edit = {"do": "focus", "name": "query", "place": 2, "part": 1}
    text = edits.edited(PARTS, edit, lambda: load_example("default"), lesson_edits.EDITS)
    assert [part.settings("en").focus.query for part in parse_lesson(text, "x.toml").parts] == [1, 1, None]
    text = edits.edited(text, {**edit, "place": None}, lambda: load_example("default"), lesson_edits.EDITS)
    assert tomllib.loads(text) == tomllib.loads(PARTS)


# --- logos ------------------------------------------------------------------------------------------------------------

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><circle r="%d"/></svg>'


def test_a_logo_is_put_beside_the_lesson_and_no_file_gives_way(tmp_path: Path) -> None:
    def kept(name: str, content: bytes) -> str:
        return logos.keep(tmp_path, name, base64.b64encode(content).decode())

    assert [kept("a.svg", SVG % number) for number in (1, 1, 2)] == ["a.svg", "a.svg", "a-2.svg"]
    assert (tmp_path / "a.svg").read_bytes() == SVG % 1
    assert logos.logos_in(tmp_path) == ["a-2.svg", "a.svg"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.svg", b"<svg><script/></svg>"),
        ("a.png", SVG % 1),
        ("a.html", b"<p>"),
        ("../a.svg", SVG % 1),
        ("b/a.svg", SVG % 1),
        (".svg", SVG % 1),
        ("a.svg", b" " * (2 * 2**20 + 1)),
    ],
)
def test_what_is_no_logo_is_not_put_there(tmp_path: Path, name: str, content: bytes) -> None:
    with pytest.raises((BadInput, FileError)):
        logos.keep(tmp_path, name, base64.b64encode(content).decode())
    assert list(tmp_path.iterdir()) == []


# --- versions ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def document(tmp_path: Path) -> Document:
    (tmp_path / "mine.toml").write_text(shipped("by-hand"), encoding="utf-8")
    return Document.opened(tmp_path, "mine.toml", "en")


def test_what_is_typed_in_one_go_is_undone_in_one_go(document: Document) -> None:
    before = document.text.example
    for text in ("d", "do", "dogs chase mice"):
        document.edit({"do": "sentence", "text": text}, "first")
    assert document.example().tokens == ("dogs", "chase", "mice")
    assert "\ndo = " not in document.text.example  # rows of what was typed on the way are not left
    document.edit({"do": "field", "name": "decimals", "value": 1}, "second")
    document.undo()
    document.undo()
    assert document.text.example == before
    document.redo()
    assert document.example().tokens == ("dogs", "chase", "mice")


def test_one_go_is_of_one_field(document: Document) -> None:
    """Even if the page does not say that another one has begun."""
    document.edit({"do": "cell", "row": 0, "column": 2}, "go")
    document.edit({"do": "field", "name": "decimals", "value": 1}, "go")
    document.edit({"do": "field", "name": "decimals", "value": 0}, "go")
    assert (document.example().decimals, document.example().mask_matrix[0, 2]) == (0, 0)
    document.undo()
    assert (document.example().decimals, document.example().mask_matrix[0, 2]) == (2, 0)


def test_a_text_made_from_an_older_version_is_refused(document: Document) -> None:
    number = document.number
    document.edit({"do": "field", "name": "decimals", "value": 1})
    with pytest.raises(BadInput, match="changed meanwhile"):
        document.write("example", 'sentence = "lost"', number)
    document.write("example", 'sentence = "kept"', document.number)
    assert document.text.example == 'sentence = "kept"'


def test_what_is_saved_is_on_the_disk_and_no_other_file_is_touched(document: Document) -> None:
    (document.folder / "other.toml").write_text("theirs", encoding="utf-8")
    document.edit({"do": "look", "name": "theme", "value": "light"})
    document.edit({"do": "field", "name": "decimals", "value": 1})
    document.save()
    assert not document.changed
    assert "decimals = 1" in (document.folder / "mine.toml").read_text(encoding="utf-8")
    lesson = (document.folder / "mine-lesson.toml").read_text(encoding="utf-8")
    assert parse_lesson(lesson, document.folder / "mine-lesson.toml").theme == "light"
    with pytest.raises(BadInput, match="there already"):
        document.save("other.toml")
    assert (document.folder / "other.toml").read_text(encoding="utf-8") == "theirs"


def test_a_lesson_is_opened_with_its_example(document: Document) -> None:
    document.edit({"do": "look", "name": "theme", "value": "light"})
    document.save()
    again = Document.opened(document.folder, "mine-lesson.toml", "en")
    assert again.path.name == "mine-lesson.toml"
    assert again.text == Version(document.text.example, document.text.lesson)


def test_an_example_that_is_shipped_is_saved_as_a_file_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "lesson.toml").write_text('[lesson]\nexample = "default"\n', encoding="utf-8")
    document = Document.opened(tmp_path, "lesson.toml", "en")
    assert not document.changed
    document.edit({"do": "sentence", "text": "the robot dropped"})
    document.save()
    lesson = parse_lesson((tmp_path / "lesson.toml").read_text(encoding="utf-8"), tmp_path / "lesson.toml")
    assert lesson.parts[0].settings("en").example.tokens == ("the", "robot", "dropped")


@pytest.mark.parametrize("name", ["", "../x.toml", "/x.toml", "x", ".x.toml", "a/b.toml", "x.toml\0", "a\\b.toml"])
def test_nothing_outside_the_folder_has_a_name(name: str) -> None:
    with pytest.raises(BadInput):
        check_name(name)


# --- the disk ---------------------------------------------------------------------------------------------------------


def test_what_the_disk_says_is_shown_unless_something_would_be_lost(document: Document) -> None:
    document.disk_says("example", 'sentence = "from the disk"')
    assert document.text.example == 'sentence = "from the disk"'
    document.edit({"do": "sentence", "text": "mine"})
    document.disk_says("example", 'sentence = "theirs"')
    assert document.described()["conflict"] == "mine.toml"
    assert document.example().tokens == ("mine",)
    document.settle(keep=False)
    assert document.text.example == 'sentence = "theirs"'
    document.undo()
    assert document.example().tokens == ("mine",)
    assert not document.described()["conflict"]


def test_a_draft_is_gone_on_with(document: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    document.edit({"do": "sentence", "text": "not lost"})
    drafts.keep(document.path, document.as_draft())
    again = Document.opened(tmp_path, "mine.toml", "en")
    assert again.take_draft(drafts.kept(again.path))
    assert again.example().tokens == ("not", "lost")
    again.undo()
    assert again.text.example == shipped("by-hand")
    drafts.drop(document.path)
    assert not Document.opened(tmp_path, "mine.toml", "en").take_draft(drafts.kept(document.path))


# --- watching ---------------------------------------------------------------------------------------------------------


def test_a_file_that_is_watched_is_drawn_anew_and_faults_end_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file, drawn = tmp_path / "mine.toml", list[tuple[str, ...]]()
    file.write_text('sentence = "one"', encoding="utf-8")

    def saved(*told: object, watch_filter: Callable[[Change, str], bool], **options: object) -> Iterator[None]:
        """An editor that saves twice; what is drawn, and what has gone, is no change."""
        assert watch_filter(Change.modified, str(file))
        assert not watch_filter(Change.modified, str(tmp_path / "mine.png"))
        assert not watch_filter(Change.deleted, str(file))
        for text in ('sentence = "one two"', "sentence = one", 'sentence = "one two three"'):
            file.write_text(text, encoding="utf-8")
            yield None

    monkeypatch.setattr(watching, "changes", saved)
    watching.watch(file, tmp_path / "mine.png", lambda: drawn.append(drawable(str(file)).tokens))
    assert drawn == [("one",), ("one", "two"), ("one", "two", "three")]
    assert "without quotes" in capsys.readouterr().err
