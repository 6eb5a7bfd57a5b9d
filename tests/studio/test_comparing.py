"""Two examples side by side, as commands and lessons ask for them: what is made, what is refused, what is kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.examples.changes import changed, changes
from core.examples.example import load_example
from scenes.stage.chapter.settings import Settings
from studio.cli import main
from studio.comparing import compared, other_of
from studio.engine.quality import Picture
from studio.engine.steps import plan_steps
from studio.films.keys import clip_key
from studio.films.order import Order
from studio.lessons.file import load_lesson
from studio.options import Look, Making

SMALL = Picture(96, 54, 4)
PARTS = """\
[lesson]
example = "mine.toml"

[[parts]]
steps = ["softmax:divide"]
without = "mask"

[[parts]]
steps = ["softmax:divide", "scores"]
change = { "weights.w_q[1][2]" = 9, weights.w_k = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]] }

[[parts]]
steps = ["softmax:divide"]
against = "by-hand"

[[parts]]
steps = ["softmax:divide"]
"""


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.toml").write_text('sentence = "a b c"\nmask = "causal"\n', encoding="utf-8")


def order(*words: str, without: str | None = None, change: tuple[str, ...] = (), making: Making | None = None) -> Order:
    return compared(making or Making(), words[0], other_of(words[0], words[1:], without, change))


def complaint(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 2
    return capsys.readouterr().err.strip()


def lesson(text: str) -> Path:
    Path("x.toml").write_text(text, encoding="utf-8")
    return Path("x.toml")


# --- the command ------------------------------------------------------------------------------------------------------


def test_compare_makes_clips_of_chapters_and_steps_beside_the_other_example() -> None:
    found = order("mine.toml", "by-hand", "softmax:divide", "scores")
    assert not found.films
    assert [part.path.as_posix() for part in found.clips] == [
        "films/attention-mine-against-by-hand/04-scores.mp4",
        "films/attention-mine-against-by-hand/08-softmax_4.mp4",
    ]
    for part in found.clips:
        assert part.settings.example.name == "mine"
        assert part.settings.against is not None
        assert part.settings.against.name == "by-hand"


def test_an_example_stands_beside_itself_without_something_or_with_a_change() -> None:
    (part,) = order("mine.toml", "softmax", without="scaling").clips
    assert part.path.parent.name == "attention-mine-without-scaling"
    assert part.settings.against is not None
    assert not part.settings.against.scale
    (part,) = order("mine.toml", "softmax", change=("mask=none", "weights.w_q[1][2] = 0.5")).clips
    assert part.path.parent.name == "attention-mine-with-mask_none_weights.w_q_1_2_0.5"
    assert part.settings.against is not None
    assert [one.field for one in changes(part.settings.example, part.settings.against)] == ["mask", "weights.w_q"]


def test_a_film_without_scaling_leaves_out_what_is_about_it(capsys: pytest.CaptureFixture[str]) -> None:
    (film,) = order("mine.toml", without="scaling").films
    assert not {"scaling", "saturation", "seven_forms", "answer"} & {part.chapter for part in film.parts}
    assert {"scores", "softmax"} <= {part.chapter for part in film.parts}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["mine.toml"], "compare: found one example; allowed: two examples, or one with --without or --change"),
        (["mine.toml", "scors", "--without", "mask"], "did you mean scores?"),
        (["mine.toml", "by-hnd"], "did you mean by-hand?"),
        (
            ["mine.toml", "--without", "scalin"],
            'mine.toml: without: found "scalin"; allowed: "scaling", "mask" or "heads"',
        ),
        (["mine.toml", "--change", "mask"], "a field and its value, such as mask=none"),
        (["mine.toml", "--change", "mask=nonne"], 'did you mean "none"?'),
        (["mine.toml", "--change", "mask=none", "--without", "mask"], "--change: found it beside --without"),
        (["mine.toml", "scaling", "--without", "scaling"], "mine.toml: scale: found false; scaling needs true"),
        (["mine.toml", "by-hand", "--example", "default"], "beside the examples that are compared"),
        (["x.toml", "by-hand"], 'found the lesson "x.toml"'),
    ],
)
def test_what_cannot_be_compared_is_one_message(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lesson(PARTS)
    told = complaint(capsys, "compare", *arguments)
    assert message in told
    assert "\n" not in told


# --- lessons ----------------------------------------------------------------------------------------------------------


def test_a_part_says_what_it_is_shown_beside() -> None:
    told = [part.settings("en") for part in load_lesson(lesson(PARTS)).parts]
    others = [settings.against for settings in told]
    assert [other and other.mask for other in others] == ["none", "causal", "causal", "none", None]
    assert others[1] is not None
    assert others[1].w_q[0, 1] == 9
    assert others[1].w_k.tolist() == [[float(i == j) for j in range(4)] for i in range(4)]
    assert others[3] is not None
    assert others[3].name == "by-hand"


def test_an_example_in_the_place_of_the_lessons_is_changed_likewise() -> None:
    lesson(PARTS)
    parts = Look(example="causal").lesson("x.toml").parts
    other = parts[0].settings("en").against
    assert other is not None
    assert (other.name, other.mask) == ("causal", "none")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ('without = "positions"', 'part 1, without: found "positions", which it does not have'),
        ('without = "scalin"', 'part 1, without: found "scalin"; allowed: .*; did you mean "scaling"?'),
        ('change = { maks = "none" }', "part 1, change.maks: found an unknown field; .*; did you mean mask?"),
        ('change = { "weights.w_q[9][1]" = 1 }', r"part 1, change.weights.w_q[9][1]: found [9][1]"),
        ("change = {}", "part 1, change: found a table; allowed: a table of fields of the example"),
        ('against = "by-hnd"', 'part 1, against: found "by-hnd", no example of that name; .*"by-hand"?'),
        ('against = "by-hand"\nwithout = "mask"', "part 1, without: found against and without in one part"),
        ('without = "scaling"\nsteps = "saturation"', "part 1, steps: found saturation, which needs scale = true"),
    ],
)
def test_faults_of_a_what_if_name_the_part(fields: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    steps = "" if "steps" in fields else 'steps = ["softmax"]\n'
    lesson(f'[lesson]\nexample = "mine.toml"\n[[parts]]\n{steps}{fields}\n')
    told = complaint(capsys, "check", "x.toml")
    assert all(piece in told for piece in message.split(".*")), told


# --- what is kept -----------------------------------------------------------------------------------------------------


def test_the_other_example_is_in_the_keys() -> None:
    plain = Settings(load_example("mine.toml"))
    beside = replace(plain, against=changed(plain.example, {"mask": "none"}))
    again = replace(plain, against=changed(plain.example, {"mask": "none"}))
    keys = [clip_key("softmax", settings, SMALL) for settings in (plain, beside, again)]
    assert keys[0] != keys[1] == keys[2]


def test_the_same_two_examples_make_the_same_frames_and_other_numbers_others() -> None:
    one = load_example("by-hand")
    steps = ("operands", "first_row")

    def shown(number: float) -> list[str]:
        settings = Settings(one, against=changed(one, {"weights.w_q[1][1]": number}))
        return [plan.shows for plan in plan_steps("scores", settings, SMALL, steps)]

    assert shown(2.5) == shown(2.5)
    assert all(first != second for first, second in zip(shown(2.5)[1:-1], shown(3.5)[1:-1], strict=True))
