"""The words in the Transformer's figure: names of its parts, N×, and the letters Q, K, V beside their cables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from scenes.stage.figure.parts import HUES, SHARES, kind_of, rank_of
from scenes.stage.paint.layout import SMALLEST_FONT, Box
from scenes.stage.paint.painting import PrintedText
from scenes.stage.paint.theme import Colour
from scenes.stage.paint.typography import CAP_HEIGHT, legibility, text_width

if TYPE_CHECKING:
    from scenes.stage.figure.figure import Figure

LARGEST_FONT = 0.3
MASKED = "decoder.self_attention"


def words_of(figure: Figure) -> list[PrintedText]:
    """All that is now written in a figure."""
    texts = [name_of(figure, name) for name in figure.words]
    texts += [_name_without_mask(figure)] if "decoder.mask" in figure.names else []
    texts += [_times(figure, side) for side in figure.build.columns]
    texts += [_letter(figure, hue) for hue in figure.plan.letters]
    return [text for text in texts if text.opacity > 0]


def name_of(figure: Figure, name: str) -> PrintedText:
    """The name of a part, in its middle."""
    box, size = figure.plan.boxes[name], font_of(figure, name)
    opacity = figure.visible(name) * legibility(size)
    if name == MASKED:
        opacity *= max(0.0, 1 - 2 * figure.state_of("decoder.mask").taken)
    is_block = kind_of(name) in HUES
    colour = figure.theme.ink if is_block else figure.theme.quiet
    background = figure.fill_of(name) if is_block else None
    return _text(figure.words[name], box.x, box.y, size, colour, opacity, background)


def font_of(figure: Figure, name: str) -> float:
    """One size for all labels of a rank: the largest at which each of them fits that fits at all."""
    own = _fit(figure, name, figure.words[name])
    if own < SMALLEST_FONT:
        return own
    sizes = (_fit(figure, part, words) for part, words in figure.words.items() if rank_of(part) == rank_of(name))
    return min(size for size in sizes if size >= SMALLEST_FONT)


def _fit(figure: Figure, name: str, words: str) -> float:
    """The largest size at which these words fit into a part."""
    box = figure.plan.boxes[name]
    return min(LARGEST_FONT, SHARES[rank_of(name)] * box.height, (box.width - 0.1) / text_width(words, 1.0))


def _name_without_mask(figure: Figure) -> PrintedText:
    """The name of the decoder's self-attention while its mask is taken out."""
    shown, light, _ = figure.state_of(MASKED)
    lifted = max(0.0, 2 * figure.state_of("decoder.mask").taken - 1)
    box, words = figure.plan.boxes[MASKED], figure.plain
    size = max(font_of(figure, MASKED), min(SMALLEST_FONT, _fit(figure, MASKED, words)))
    opacity = figure.opacity * shown * light * lifted * legibility(size)
    return _text(words, box.x, box.y, size, figure.theme.ink, opacity, figure.fill_of(MASKED))


def _times(figure: Figure, side: str) -> PrintedText:
    """N× beside the frame of the layers, clear of the sheets that look out behind it."""
    behind = figure.sheets_behind * figure.plan.unit
    box = figure.plan.brackets[side].inset(**{"right" if side == "encoder" else "left": behind})
    fit = box.width / text_width(figure.times, 1.0)
    size = min(LARGEST_FONT, fit, max(SMALLEST_FONT, 0.85 * fit))
    y = figure.plan.sums[f"{side}.add_norm_1"][1]  # level with no block, so that nothing beside one stands in its way
    opacity = figure.visible(f"{side}.layers") * legibility(size)
    return _text(figure.times, box.x, y, size, figure.theme.quiet, opacity)


def _letter(figure: Figure, hue: str) -> PrintedText:
    letter = figure.plan.letters[hue]
    states = [figure.state_of(name) for name in letter.ends]
    size = min(LARGEST_FONT, 0.27 * figure.plan.unit)
    opacity = figure.opacity * min(state.shown for state in states) * min(state.light for state in states)
    return _text(hue.upper(), *letter.centre, size, figure.theme.hue(hue), opacity * legibility(size))


def _text(
    text: str, x: float, y: float, size: float, colour: Colour, opacity: float, background: np.ndarray | None = None
) -> PrintedText:
    half, high = text_width(text, size) / 2, CAP_HEIGHT * size / 2
    place = Box(x - half, x + half, y - high, y + high)
    return PrintedText(text, place, size, np.asarray(colour), background, structural=True, opacity=opacity)
