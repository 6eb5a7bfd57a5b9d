"""Where the parts of the Transformer's figure stand: everything follows from the box that it is given.

Source: Vaswani et al. (2017), figure 1. Encoder left, decoder right, data flows upwards. The residual lanes run on
the outer sides, so that keys and values reach the cross-attention from the inner side without crossing anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from scenes.stage.figure.column import Column
from scenes.stage.figure.measures import (
    BESIDE_DECODER,
    BRACKET,
    CHANNEL,
    LANE,
    LARGEST_UNIT,
    LEAST_BRACKET,
    LOW,
    NARROWEST,
    PAD,
    WIDEST_BLOCK,
    Beside,
    Build,
    Letter,
    Plan,
)
from scenes.stage.paint.cable import Point
from scenes.stage.paint.layout import Box

CROSSING = ("memory", "decoder.cross_attention")


@lru_cache(maxsize=512)
def plan(box: Box, build: Build) -> Plan:
    """The layout in `box`, centred."""
    made = Plan(min(LARGEST_UNIT, box.height / build.height()))
    columns, unit = build.columns, made.unit
    with_memory = columns == ("decoder",) and build.crossing
    beside = len(columns) * (BRACKET + 2 * PAD + LANE) + CHANNEL * (len(columns) - 1)
    for_memory = BESIDE_DECODER * unit * with_memory
    shrink = min(1.0, max(NARROWEST, (box.width - for_memory) / (unit * (beside + WIDEST_BLOCK * len(columns)))))
    measure, bracket = shrink * unit, max(BRACKET * shrink, LEAST_BRACKET) * unit
    taken = beside * measure + len(columns) * (bracket - BRACKET * measure) + for_memory
    widths = Beside(bracket, PAD * measure, LANE * measure, CHANNEL * measure)
    block = min(WIDEST_BLOCK * unit, (box.width - taken) / len(columns))
    left = box.x - (taken + block * len(columns)) / 2 + for_memory
    bottom = box.y - unit * build.height() / 2
    for side in columns:
        before = widths.bracket + widths.lane if side == "encoder" else 0.0
        start = left + before + widths.pad
        Column(made, build, side, Box(start, start + block, bottom, bottom), widths).lay()
        left = start + block + widths.pad + widths.channel
    if "decoder" in columns and build.crossing:
        _memory(made, "encoder" in columns, widths, for_memory)
    return made


def _memory(made: Plan, with_encoder: bool, widths: Beside, room: float) -> None:
    """Keys and values from the memory into the inner side of the cross-attention."""
    cross, frame, ends = made.boxes["decoder.cross_attention"], made.boxes["decoder.layers"], CROSSING
    rows = {"k": cross.top - 0.3 * cross.height, "v": cross.bottom + 0.3 * cross.height}
    if with_encoder:
        memory = made.boxes["memory"]
        middle = (made.boxes["encoder.layers"].right + frame.left) / 2
        leaves = {"k": memory.y + 0.2 * memory.height, "v": memory.y - 0.2 * memory.height}
        for hue, away in (("k", 1), ("v", -1)):
            x = middle + away * 0.14 * widths.channel
            turns: Sequence[Point] = ((x, leaves[hue]), (x, rows[hue]))
            made.draw(ends, (memory.right, leaves[hue]), *turns, (cross.left, rows[hue]), hue=hue)
            made.letters[hue] = Letter((x + away * 0.17 * made.unit, (memory.bottom + cross.top) / 2), ends)
        return
    right, high = frame.left - 0.4 * room, LOW * made.unit / 2
    made.boxes["memory"] = Box(frame.left - room, right, cross.y - high, cross.y + high)
    for hue, away in (("k", 1), ("v", -1)):
        made.draw(ends, (right, rows[hue]), (cross.left, rows[hue]), hue=hue)
        made.letters[hue] = Letter(((right + frame.left) / 2, rows[hue] + away * 0.2 * made.unit), ends)
