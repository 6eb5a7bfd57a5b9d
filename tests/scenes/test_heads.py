"""Heads on stage: cutting and joining changes no cell, stacks show one sheet, walls keep apart."""

from __future__ import annotations

import numpy as np
import pytest

from core.examples.example import parse_example
from core.trace import Trace
from core.trace.pipeline import trace_example
from scenes.shared.heads import Heads, fan_room
from scenes.shared.heads_layout import wall_boxes
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.layout import STAGE, Box
from scenes.stage.paint.theme import DARK

PLACE = Box(-3, 3, -1, 1)
COUNTS = [1, 2, 3, 8, 16, 64]


def trace_of(heads: int, tokens: int = 5) -> Trace:
    text = f'sentence = "{"word " * tokens}"\nd_model = {max(4, 2 * heads)}\nheads = {heads}\nd_k = 2\nd_v = 2'
    return trace_example(parse_example(text, "x.toml"))


def heads_of(trace: Trace, name: str) -> Heads:
    return Heads(trace[f"heads.{name}"], DARK, "head {head}").reveal()


@pytest.mark.parametrize("count", COUNTS)
def test_edge_to_edge_the_sheets_are_the_uncut_matrix(count: int) -> None:
    trace = trace_of(count)
    heads, whole = heads_of(trace, "q").side_by_side(PLACE, 0.0), Matrix(trace["q"], "q", DARK).place(PLACE)
    cells = np.array([[[box.left, box.right] for box in sheet.cell_boxes()[0]] for sheet in heads.sheets])
    expected = [[box.left, box.right] for box in whole.cells.cell_boxes()[0]]
    np.testing.assert_allclose(cells.reshape(-1, 2), expected, atol=1e-9)
    fills = np.concatenate([sheet.fill for sheet in heads.sheets], axis=1)
    np.testing.assert_allclose(fills, whole.cells.fill, atol=1e-12)


@pytest.mark.parametrize("count", COUNTS)
def test_only_the_first_sheet_of_a_stack_prints_numbers_and_the_stack_stays_in_its_room(count: int) -> None:
    heads = heads_of(trace_of(count), "q").fan(PLACE)
    printing = [head for head, sheet in enumerate(heads.sheets) if any(t.readings for t in sheet.printed())]
    assert printing == [0]
    right, above = fan_room(count)
    assert heads.whole.right <= PLACE.right + right + 1e-9
    assert heads.whole.top <= PLACE.top + above + 1e-9
    assert heads.submobjects[-1] is heads.front


@pytest.mark.parametrize("tokens", [1, 5, 16])
@pytest.mark.parametrize("count", COUNTS)
def test_cards_of_a_wall_keep_apart_and_inside(count: int, tokens: int) -> None:
    heads = heads_of(trace_of(count, tokens), "weights")
    heads.wall(wall_boxes(heads, STAGE))
    cards = [sheet.card_box for sheet in heads.sheets]
    assert all(STAGE.contains(card, 1e-6) for card in cards)
    assert not any(a.overlaps(b) for i, a in enumerate(cards) for b in cards[:i])


def test_new_values_bring_their_own_numbers_and_colours() -> None:
    trace = trace_of(2)
    heads = heads_of(trace, "scores").set_values(trace["heads.weights"])
    for head, sheet in enumerate(heads.sheets):
        assert sheet.readings[0, 1] == trace["heads.weights"].at(head, 0, 1)
        np.testing.assert_allclose(sheet.fill, DARK.weight_colour(trace["heads.weights"].values[head]))
