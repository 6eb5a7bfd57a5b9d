"""The default films keep the rhythm: short captions, read in peace; results that stand; nothing still for long."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from manim import FadeIn, FadeOut

from core.examples.languages import LANGUAGES
from core.trace import Reading, Tensor
from scenes.stage.chapter.caption import Caption as CaptionLines
from scenes.stage.chapter.pacing import SHORTEST, STAND, Pacing, caption_change, moves_numbers
from scenes.stage.matrix.cell_wave import CellWave
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.label import Label, Run
from scenes.stage.paint.theme import DARK
from scenes.storyboard import FILMS
from studio.engine.rhythm import SMALL, Caption, Section, TakeJob
from studio.exports.rhythm import LEAST_BURST, letters, rhythm, take_jobs
from studio.options import Look

LONGEST_FILM = {"attention": 720}  # seconds
LEAST_MOVING = 0.65  # of the frames of a film

# What is still to be mended, by its kind: chapters, and films for what holds of the whole of them. To be emptied.
TO_MEND: dict[str, set[str]] = {}


def faults(film: str, language: str) -> set[tuple[str, str]]:
    """What breaks the rhythm of a film: its kind, and the chapter or the film."""
    look, chapters = Look(None, language), FILMS[film]
    jobs = take_jobs(chapters, look.settings, film=True, drawn=False)
    sections = [section for job in jobs for section in job.run()]
    whole = rhythm(film, sections, language)
    found = {(kind, place.chapter) for kind, places in whole.faults.items() for place in places}
    found |= {("seconds", film)} if whole.seconds > LONGEST_FILM.get(film, np.inf) else set()
    return found | ({("moving", film)} if whole.moving < LEAST_MOVING else set())


@pytest.mark.parametrize("film", FILMS)
def test_the_film_keeps_the_rhythm_in_every_language(film: str) -> None:
    found = set().union(*(faults(film, language) for language in LANGUAGES))
    allowed = {(kind, name) for kind, names in TO_MEND.items() for name in names if name in (film, *FILMS[film])}
    assert not found - allowed, "python -m tools.rhythm shows where"
    assert not allowed - found, "mended: to be taken off the list"


def test_what_is_drawn_moves_as_its_animations_do() -> None:
    settings = Look(None, "en").settings("scores")
    drawn, quick = (TakeJob("scores", settings, drawn=drawn).run() for drawn in (True, False))
    assert [(one.name, len(one.any), one.numbers) for one in drawn] == [
        (one.name, len(one.any), one.numbers) for one in quick
    ]
    figures, counted = rhythm("scores", drawn, "en"), rhythm("scores", quick, "en")
    assert counted.moving - 0.1 < figures.moving < counted.moving + 0.02
    assert figures.moving_much > 0.1
    assert figures.burst >= LEAST_BURST - 1 / SMALL.fps


# --- figures ----------------------------------------------------------------------------------------------------------


def section(
    moving: Sequence[int], captions: Sequence[Caption] = (), numbers: Sequence[tuple[float, float]] = ()
) -> Section:
    """A step in which these seconds move."""
    shares = np.repeat(np.asarray(moving, dtype=float), SMALL.fps) * 0.5
    return Section("scores", "reading", shares, shares, tuple(captions), tuple(numbers))


def test_figures_of_motion_and_stillness() -> None:
    figures = rhythm("scores", [section([1, 0, 1, 1, 0]), section([0, 0, 0, 1])], "en")
    assert figures.seconds == pytest.approx(9)
    assert figures.moving == figures.moving_much == pytest.approx(4 / 9)
    assert figures.burst == pytest.approx(1) and figures.bursts_a_minute == pytest.approx(20)
    (still,) = figures.still
    assert (still.step, still.second) == ("reading", pytest.approx(4)) and "4.0 s" in still.what
    assert not rhythm("scores", [section([1, 0, 0, 0, 1])], "en").still


def test_short_pauses_do_not_end_a_burst_and_short_bursts_are_staccato() -> None:
    shares = np.zeros(6 * SMALL.fps)
    shares[0:6] = shares[8:15] = 0.5
    one = Section("scores", "reading", shares, shares, (), ())
    assert rhythm("scores", [one], "en").burst == pytest.approx(1)
    shares = np.tile([0.5] * 5 + [0.0] * 10, 6)
    one = Section("scores", "reading", shares, shares, (), ())
    assert rhythm("scores", [one], "en").staccato


def test_figures_of_captions_and_results() -> None:
    said = Caption("x" * 66, 0.0, 5.0, 4.0)
    early = rhythm("scores", [section([1] * 6, [said], [(1.0, 2.0)])], "en")
    assert len(early.early) == len(early.long) == 1 and early.letters == (66, 66)
    assert not rhythm("scores", [section([1] * 6, [said], [(2.4, 3.0)])], "en").early
    next_one = Caption("Seen.", 3.5, 6.0, 1.0)
    brief = rhythm("scores", [section([1] * 6, [said, next_one], [(2.4, 3.0)])], "en").brief
    assert [place.second for place in brief] == [3.0]
    assert not rhythm("scores", [section([1] * 6, [said, next_one], [(2.4, 2.5), (2.5, 2.9), (3.4, 4.9)])], "en").brief


def test_letters_are_hanzi_where_no_spaces_part_words() -> None:
    assert letters("查询 Q，键 K。", "zh") == 3
    assert letters("A query.", "en") == 8


# --- pacing -----------------------------------------------------------------------------------------------------------


def test_numbers_wait_until_one_has_read_most_and_words_until_results_have_stood() -> None:
    pacing = Pacing()
    assert pacing.until_numbers(3.0) == pacing.until_settled(3.0) == 0
    pacing.say(3.0, 4.0)
    assert pacing.until_numbers(3.0) == pytest.approx(2.4)
    assert pacing.until_read(6.9) == pytest.approx(0.2)  # whole fifths, not less
    pacing.settled = 6.8
    assert pacing.until_settled(7.0) == pytest.approx(STAND - 0.2)
    assert pacing.until_settled(9.0) == 0


def test_what_moves_numbers() -> None:
    tensor = Tensor("scores", np.ones((2, 2)), ("queries", "keys"), decimals=2)
    other = Tensor("scores", np.full((2, 2), 2.0), ("queries", "keys"), decimals=2)
    empty, full = Matrix(tensor, "scores", DARK), Matrix(tensor, "scores", DARK).reveal()
    value = Label((Run("1.00", None, (Reading("scores", (0, 0), 1.0, 2),)),), 0.3, DARK.ink)
    lit, filled = full.animate.spotlight(rows=0).build(), empty.animate.reveal(rows=0).build()
    changed, gone = full.animate.set_values(other).build(), full.copy().animate.empty().build()
    moving = [filled, changed, CellWave(empty, Matrix.reveal), FadeIn(value)]
    quiet = [lit, gone, FadeIn(full), FadeOut(value), FadeIn(Label("words", 0.3, DARK.ink))]
    assert all(map(moves_numbers, moving)) and not any(map(moves_numbers, quiet))


def test_nothing_jerks_but_numbers_may_run() -> None:
    label = Label("words", 0.3, DARK.ink)
    (slow,) = Pacing().unhurried([FadeIn(label, run_time=0.2)])
    assert slow.run_time == SHORTEST
    matrix = Matrix(Tensor("scores", np.ones((2, 2)), ("queries", "keys"), decimals=2), "scores", DARK)
    (fast,) = Pacing().unhurried([CellWave(matrix, Matrix.reveal, run_time=0.2)])
    assert fast.run_time == 0.2


def test_a_caption_comes_when_the_last_one_has_gone() -> None:
    last, new = (CaptionLines(text, {}, DARK) for text in ("What fits?", "The key."))
    leaving, coming = caption_change(last, new)
    assert leaving.run_time == coming.run_time
    for moment in np.linspace(0, 1, 50):
        assert leaving.rate_func(moment) == 1 or coming.rate_func(moment) == 0
    assert leaving.rate_func(1.0) == coming.rate_func(1.0) == 1
