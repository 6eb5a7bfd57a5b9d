"""Words for films, chapters and steps: what they name, in what order, and what is said of those that name nothing."""

from __future__ import annotations

import pytest

from scenes.storyboard import FILMS
from studio.cli import main
from studio.errors import BadInput
from studio.selection import MINUS, PartOfChapter, as_word, parts_of, select, select_steps, steps_of, stretches

SOFTMAX = steps_of("softmax")


def named(*words: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(part.chapter, part.steps) for part in parts_of(words)]


@pytest.mark.parametrize(
    ("word", "steps"),
    [
        ("softmax", SOFTMAX),
        ("softmax:divide", ("divide",)),
        ("softmax:4", ("divide",)),
        ("softmax:lift..divide", SOFTMAX[:4]),
        ("softmax:..divide", SOFTMAX[:4]),
        ("softmax:divide..", SOFTMAX[3:]),
        ("softmax:2..divide", SOFTMAX[1:4]),
        ("softmax:..", SOFTMAX),
    ],
)
def test_a_word_names_steps(word: str, steps: tuple[str, ...]) -> None:
    assert named(word) == [("softmax", steps)]


def test_words_of_one_chapter_that_stand_together_make_one_part() -> None:
    assert named("softmax:divide", "softmax:..2", "softmax:1") == [("softmax", ("lift", "maximum", "divide"))]
    assert named("softmax:1", "scores:1", "softmax:1..2") == [
        ("softmax", SOFTMAX[:1]),
        ("scores", steps_of("scores")[:1]),
        ("softmax", SOFTMAX[:2]),
    ]


def test_films_are_their_chapters_and_no_word_is_the_first_film() -> None:
    assert [chapter for chapter, _ in named("model")] == list(FILMS["model"])
    assert parts_of([]) == parts_of(["attention"])
    assert [chapter for chapter, _ in named("all")] == [*FILMS["attention"], *FILMS["model"]]


@pytest.mark.parametrize("sign", ["-", MINUS])
def test_what_is_left_out(sign: str) -> None:
    assert named("softmax", f"{sign}softmax:divide..") == [("softmax", SOFTMAX[:3])]
    assert "saturation" not in dict(named(f"{sign}saturation"))
    assert dict(named(f"{sign}softmax:1"))["softmax"] == SOFTMAX[1:]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["softmx:divide"], "did you mean softmax?"),
        (["softmax:divid"], "did you mean divide?"),
        (["softmax:lift..divid"], "did you mean divide?"),
        (["softmax:0"], "or 1 to 8"),
        (["softmax:"], 'step of softmax: found ""'),
        (["softmax:divide..lift"], "did you mean softmax:lift..divide?"),
        (["attention:divide"], "found the film"),
        (["divide"], "did you mean scaling:divide?"),
        (["softmax", "-sofmax"], "did you mean softmax?"),
        (["scores", "-softmax:divide"], "-softmax:divide: found nothing to leave out"),
        (["scores", "-scores:.."], "words that leave something"),
    ],
)
def test_words_that_name_nothing(words: list[str], told: str) -> None:
    for read in (parts_of, select):
        with pytest.raises(BadInput, match=r".*") as caught:
            read(words)
        assert told in str(caught.value)


def test_on_the_command_line_the_order_is_that_of_the_storyboard() -> None:
    selection = select(["softmax:divide", "scores", "softmax:lift", "answer"])
    assert [part.name for part in selection.clips] == ["scores", "softmax_1+4", "answer"]
    assert selection.name == "scores-softmax_1+4-answer"


def test_files_are_named_after_what_they_show() -> None:
    assert PartOfChapter("softmax", SOFTMAX).name == "softmax"
    assert PartOfChapter("softmax", (*SOFTMAX[:3], SOFTMAX[5])).name == "softmax_1..3+6"
    assert select(["attention", "-saturation", "-softmax:2"]).name == "attention_without_softmax_2+saturation"
    assert select(["attention", "softmax:2"]).name == "attention"


def test_a_film_of_which_nothing_is_left_is_none() -> None:
    left = select(["model", "scores"]).without(FILMS["model"])
    assert left.films == ()
    assert [part.chapter for part in left.clips] == ["scores"]
    assert select(["model"]).without(["task"]).films[0].name == "model"


def test_neighbours_stand_together() -> None:
    assert stretches("softmax", SOFTMAX) == (SOFTMAX,)
    assert stretches("softmax", (*SOFTMAX[:2], *SOFTMAX[3:5], SOFTMAX[7])) == (SOFTMAX[:2], SOFTMAX[3:5], SOFTMAX[7:])


def test_stills_are_of_the_last_steps_of_whole_chapters() -> None:
    shown = {part.chapter: part.steps for part in select_steps(["scores", "softmax:..2"])}
    assert shown == {"scores": ("whole",), "softmax": SOFTMAX[:2]}
    assert select_steps(["softmax", "divide"]) == parts_of(["softmax:divide"])


def test_a_hyphen_before_a_name_is_no_option() -> None:
    assert as_word("-softmax:divide") == f"{MINUS}softmax:divide"
    assert as_word("-saturation") == f"{MINUS}saturation"
    for typed in ("-h", "--theme", "-theme", "softmax", "-", ""):
        assert as_word(typed) == typed


def test_a_mistyped_name_that_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["slides", "softmax", "-sofmax"]) == 2
    assert "did you mean -softmax?" in capsys.readouterr().err
