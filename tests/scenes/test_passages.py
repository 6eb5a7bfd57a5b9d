"""How chapters open, close and lead into one another: no text over text, and no frame that jumps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import combinations, pairwise

import numpy as np
import pytest
from checks import VISIBLE, on_screen

from core.examples.example import load_example
from scenes.stage.chapter.bridge import bridge, shared
from scenes.stage.chapter.camera import VIEW, inside
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.chapter.journey import on_the_way, paced, windows
from scenes.stage.chapter.model_map import StageMap, door_of
from scenes.stage.chapter.settings import LANGUAGES, Settings
from scenes.stage.chapter.texts import load_texts
from scenes.stage.matrix.cells import Cells
from scenes.stage.paint.formula import Formula
from scenes.stage.paint.layout import FRAME, SMALLEST_FONT, STAGE, Box, box_of
from scenes.stage.paint.painting import Painted
from scenes.stage.paint.shot import Shot
from scenes.stage.paint.theme import DARK
from scenes.storyboard import BRIDGE, CHAPTERS, CLOSING, EVERYTHING, FILMS, OPENING, PASSAGES, example_of
from studio.engine.configuration import configured
from studio.engine.quality import Picture
from studio.engine.run import EndedStep, first_picture, frame_of, run

SMALL = Picture(256, 144, 15)
MOMENTS = np.linspace(0, 1, 6)
PAIRS = [(film, *pair) for film, chapters in FILMS.items() for pair in pairwise(chapters)]
TOUCH = 0.02


def settings(film: str, number: int) -> Settings:
    """Languages take turns."""
    language = LANGUAGES[number % len(LANGUAGES)]
    return Settings(load_example(example_of(film, language)), language)


def text_groups(scene: Chapter) -> Iterator[list[tuple[str, Box]]]:
    """The texts on screen, each for itself, but those of a shot together: it shows what is looked at elsewhere."""
    for part in on_screen(scene):
        if isinstance(part, Painted):
            texts = [(text.text, text.box) for text in part.printed() if text.opacity >= VISIBLE and text.text.strip()]
            yield from [texts] if isinstance(part, Shot) else ([text] for text in texts)
        elif (
            isinstance(part, Formula) and max(m.get_fill_opacity() for m in part.family_members_with_points()) > VISIBLE
        ):
            yield [(part.source, box_of(part))]


def collisions(scene: Chapter) -> set[str]:
    pairs = ((a, b) for one, other in combinations(text_groups(scene), 2) for a in one for b in other)
    return {f"'{a}' over '{b}'" for (a, x), (b, y) in pairs if x.overlaps(y, TOUCH)}


class Watched:
    """Looks at moments of every animation of the passages."""

    def __init__(self) -> None:
        self.faults: set[str] = set()
        self.seen: set[str] = set()

    def __call__(self, scene: Chapter, section: str, ended: bool) -> None:
        if ended or section not in PASSAGES or scene.is_current_animation_frozen_frame():
            return
        self.seen.add(section)
        for moment in MOMENTS:
            scene.update_to_time(moment * scene.duration)
            self.faults |= {f"{section} {fault}" for fault in collisions(scene)}


def run_over_the_bridge(
    before: str, after: str, how: Settings, watch: Watched | None = None
) -> tuple[Chapter, Chapter]:
    """The one chapter at the end of the bridge, and the other as it begins."""
    there = first_picture(after, how, SMALL)
    return run(before, how, SMALL, watch=watch, departure=(BRIDGE, partial(bridge, after=there))), there


@pytest.mark.parametrize(("film", "before", "after"), PAIRS)
def test_a_bridge_leads_to_the_picture_with_which_the_next_chapter_begins(film: str, before: str, after: str) -> None:
    watch = Watched()
    scene, there = run_over_the_bridge(before, after, settings(film, PAIRS.index((film, before, after))), watch)
    assert not watch.faults
    assert BRIDGE in watch.seen
    difference = np.abs(np.asarray(frame_of(scene)).astype(int) - np.asarray(frame_of(there)))
    assert difference.max() <= 2


@pytest.mark.parametrize("entry", CHAPTERS, ids=lambda entry: entry.name)
def test_a_chapter_opens_and_closes_without_text_over_text(entry) -> None:
    watch = Watched()
    ended: list[str] = []
    run(
        entry.name,
        settings(entry.film, entry.number),
        SMALL,
        watch=watch,
        on_passage=lambda one: ended.append(one.name),
    )
    assert not watch.faults
    assert ended == [OPENING, CLOSING]


def test_text_over_text_is_caught() -> None:
    scene = first_picture("scores", settings("attention", 0), SMALL)
    assert not collisions(scene)
    scene.add(scene.heading.copy())
    assert collisions(scene) == {f"'{scene.heading.text}' over '{scene.heading.text}'"}


def test_an_opening_ends_on_the_first_picture() -> None:
    how, opened = settings("attention", 0), []

    def passed(passage: EndedStep) -> bool:
        opened.append(passage.still())
        return True

    run("scores", how, SMALL, on_passage=passed)
    assert np.array_equal(opened[0], frame_of(first_picture("scores", how, SMALL)))


def test_at_the_end_of_the_dive_the_shot_is_the_stage() -> None:
    """What the camera shows when it has arrived is, to the pixel, what stands without a camera."""
    scene = first_picture("scores", settings("attention", 0), SMALL)
    plain = np.asarray(frame_of(scene)).astype(int)
    shot = Shot(scene.on_stage, VIEW, scene.theme.background)
    scene.mobjects = [*scene.frame_parts, shot]
    assert np.abs(plain - np.asarray(frame_of(scene))).max() <= 1
    small = shot.place(inside(door_of(scene.entry, map_in("en").blocks)))
    assert all(small.box.grown(0.01).contains(text.box) for text in small.printed())
    assert len(small.printed()) > 10


def test_the_camera_goes_into_a_part_of_a_picture_and_out_again() -> None:
    scene = first_picture("scores", settings("attention", 0), SMALL)
    scene.arrival = None
    plain = np.asarray(frame_of(scene))
    part = scene.q.cell_box(0, 0).grown(0.5)
    with configured(SMALL):
        shot = scene.dive(part)
        near = np.asarray(frame_of(scene))
        texts = shot.printed()
        scene.rise(shot, part)
    header = round((FRAME.top - VIEW.top) / FRAME.height * SMALL.height) - 1
    assert np.array_equal(plain[:header], near[:header])
    assert not np.array_equal(plain, near)
    assert texts
    assert len(texts) < len([text for part in shot.content if isinstance(part, Painted) for text in part.printed()])
    assert all(VIEW.contains(text.box) and text.size > 2 * SMALLEST_FONT for text in texts if text.readings)
    assert np.abs(plain.astype(int) - np.asarray(frame_of(scene))).max() <= 1


# --- the map ----------------------------------------------------------------------------------------------------------


def map_in(language: str) -> StageMap:
    return StageMap(load_texts(language).labels, DARK, VIEW)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_large_map_names_its_parts(language: str) -> None:
    stage_map = map_in(language)
    texts = stage_map.printed()
    assert [text.text for text in texts] == list(stage_map.names)
    assert set(stage_map.names) <= set(load_texts(language).labels.values())
    assert not [(a.text, b.text) for a, b in combinations(texts, 2) if a.box.overlaps(b.box)]
    for name, text in zip(EVERYTHING, texts, strict=True):
        assert stage_map.blocks[name].contains(text.box)
        assert STAGE.contains(text.box)


def test_the_languages_name_the_parts_otherwise() -> None:
    english, chinese = map_in("en").names, map_in("zh").names
    assert sum(a != b for a, b in zip(english, chinese, strict=True)) > 0.8 * len(EVERYTHING)


# --- what travels -----------------------------------------------------------------------------------------------------


def test_what_both_show_is_found_by_its_numbers() -> None:
    scene = first_picture("scores", settings("attention", 0), SMALL)
    twice = [scene.matrix("q").reveal(), scene.matrix("q").reveal().place(Box(0, 5, 0, 4)), scene.matrix("v").reveal()]
    cells = [matrix.cells for matrix in twice]
    pairs = list(shared(cells, scene.on_stage))
    assert [(one is cells[1], other.tensor.name) for one, other in pairs] == [(True, "q")]
    other_name = Cells(replace(cells[0].tensor, name="another"), "q", DARK)
    other_name.shown = np.ones(other_name.shape)
    assert [one is other_name for one, _ in shared([other_name], scene.on_stage)] == [True]
    assert not list(shared([cells[2]], scene.on_stage))


@pytest.mark.parametrize(
    ("starts", "ends"),
    [
        ([Box(0, 1, 0, 1), Box(3, 4, 0, 1)], [Box(5, 6, 3, 4), Box(1, 2, 3, 4)]),
        ([Box(0, 1, 4, 6), Box(0, 1, 2, 3.6), Box(0, 1, 0, 1.6)], [Box(0, 3, 2, 6), Box(4, 7, 2, 6), Box(8, 11, 2, 6)]),
    ],
)
def test_nothing_travels_over_another(starts: list[Box], ends: list[Box]) -> None:
    plan = windows(starts, ends)
    for moment in np.linspace(0, 1, 60):
        places = [on_the_way(a, b, paced(w, moment)) for a, b, w in zip(starts, ends, plan, strict=True)]
        assert not any(one.overlaps(other) for one, other in combinations(places, 2))
    assert [on_the_way(a, b, paced(w, 1)) for a, b, w in zip(starts, ends, plan, strict=True)] == ends
