"""The figure of the model: its parts keep clear of each other, its cables of the words, at every size; and the map."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from core.model.transformer import Config
from scenes.stage.chapter.model_map import ModelMap, door_of
from scenes.stage.chapter.settings import LANGUAGES
from scenes.stage.chapter.texts import load_texts
from scenes.stage.figure.figure import Figure
from scenes.stage.figure.parts import HUES, kind_of
from scenes.stage.paint.layout import HEADER, SMALLEST_FONT, STAGE, Box
from scenes.stage.paint.theme import DARK
from scenes.storyboard import CHAPTERS, EVERYTHING, FILMS, Entry

HALF = STAGE.columns(1, 1)[0]
MODELS = {
    "paper": {},
    "pre-norm": {"norm": "pre", "final_norm": True, "positions": "sinusoidal"},
    "no positions": {"positions": "none"},
    "decoder-only": {"kind": "decoder-only", "norm": "pre", "positions": "learned"},
}


def figure(model: str = "paper", language: str = "en", box: Box = STAGE) -> Figure:
    options = {"positions": "sinusoidal"} | MODELS[model]
    config = Config(d_model=8, heads=2, d_k=4, d_v=4, d_ff=16, layers=3, **options)  # type: ignore[arg-type]
    return Figure.of_model(config, DARK, load_texts(language).labels).place(box)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("box", [STAGE, HALF], ids=["whole stage", "half of it"])
@pytest.mark.parametrize("model", MODELS)
def test_names_can_be_read_and_keep_clear_of_each_other(model: str, box: Box, language: str) -> None:
    texts = figure(model, language, box).printed()
    assert all(text.size >= 0.97 * SMALLEST_FONT for text in texts)
    assert all(box.grown(0.01).contains(text.box) for text in texts)
    assert not [(a.text, b.text) for a, b in combinations(texts, 2) if a.box.overlaps(b.box)]


@pytest.mark.parametrize("box", [STAGE, HALF, HEADER], ids=["whole stage", "half of it", "header"])
@pytest.mark.parametrize("model", MODELS)
def test_blocks_stand_apart_inside_the_box(model: str, box: Box) -> None:
    shown = figure(model, box=box)
    blocks = {name: place for name, place in shown.plan.boxes.items() if kind_of(name) in HUES}
    assert all(box.contains(place, 1e-6) for place in blocks.values())
    assert not [(a, b) for (a, x), (b, y) in combinations(blocks.items(), 2) if x.overlaps(y)]


@pytest.mark.parametrize("box", [STAGE, HALF], ids=["whole stage", "half of it"])
@pytest.mark.parametrize("model", MODELS)
def test_no_cable_runs_through_a_name(model: str, box: Box) -> None:
    shown = figure(model, box=box)
    names = shown.printed()
    for line in shown.plan.lines:
        points = np.array([point for curve in line.cable.curves() for point in _along(curve)])
        for text in names:
            grown = text.box
            inside = (points[:, 0] > grown.left) & (points[:, 0] < grown.right)
            inside &= (points[:, 1] > grown.bottom) & (points[:, 1] < grown.top)
            assert not inside.any(), f"{line.ends} through '{text.text}'"


def _along(curve: tuple[np.ndarray, ...]) -> list[np.ndarray]:
    a, b, c, d = curve
    return [
        (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d for t in np.linspace(0, 1, 12)
    ]


def test_parts_are_shown_lit_and_taken_out_by_name() -> None:
    shown = figure().hide().reveal("encoder.")
    assert shown.state_of("encoder.self_attention").shown == 1
    assert shown.state_of("decoder.self_attention").shown == 0
    shown.reveal().spotlight("memory").take_out("encoder.residual_1")
    assert shown.state_of("memory").light == 1
    assert shown.state_of("output.linear").light == DARK.dim
    assert shown.state_of("encoder.residual_1").taken == 1
    with pytest.raises(KeyError, match=r"no part encoder\.nothing"):
        shown.reveal("encoder.nothing")


def test_a_name_without_number_differs_from_one_with() -> None:
    assert figure().hide("encoder.add_norm_1").state_of("encoder.add_norm_2").shown == 1


def test_an_arrow_leads_from_part_to_part() -> None:
    shown = figure()
    path = shown.arrow("memory", "decoder.cross_attention", "k")
    start, end = path.point_from_proportion(0), path.point_from_proportion(1)
    memory, cross = shown.part_box("memory"), shown.part_box("decoder.cross_attention")
    np.testing.assert_allclose([start[0], end[0]], [memory.right, cross.left])
    assert cross.bottom < end[1] < cross.top


def test_a_lane_ends_at_its_sum() -> None:
    shown = figure()
    lane = shown.cable("encoder.add_norm_1", "encoder.add_norm_2")
    assert np.hypot(*(np.array(lane.points[-1]) - shown.sum_at("encoder.add_norm_2")[:2])) < 0.1


def test_a_model_without_positions_never_shows_them() -> None:
    texts = [text.text for text in figure("no positions").reveal().printed()]
    assert "Positions" not in texts


def test_a_changing_figure_passes_between_its_states() -> None:
    start, end = figure(), figure().take_out("source.positions").place(HALF)
    middle = start.copy()
    middle.interpolate(start, end, 0.5)
    assert middle.state_of("source.positions").taken == 0.5
    np.testing.assert_allclose(middle.box.right, (STAGE.right + HALF.right) / 2)


@pytest.mark.parametrize("entry", CHAPTERS, ids=lambda entry: entry.name)
def test_every_chapter_has_its_place_on_the_map(entry: Entry) -> None:
    model_map = ModelMap(entry, DARK)
    assert set(model_map.lit) <= set(EVERYTHING) == set(model_map.blocks())
    assert HEADER.contains(door_of(entry, model_map.blocks()), 1e-6)
    assert model_map.length == len(FILMS[entry.film])
