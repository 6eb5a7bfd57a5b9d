"""The words in the Transformer's figure: names of its parts, N×, and the letters Q, K, V beside their cables."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from scenes.stage.figure.measures import Plan
from scenes.stage.figure.parts import HUES, SHARES, kind_of, label_key, rank_of
from scenes.stage.paint.layout import HAIR, SMALLEST_FONT, TIGHT, Box
from scenes.stage.paint.named_parts import NamedParts
from scenes.stage.paint.painting import PrintedText
from scenes.stage.paint.theme import Colour, Theme
from scenes.stage.paint.typography import CAP_HEIGHT, legible, text_width

LARGEST_FONT = 0.3
MASKED = "decoder.self_attention"


@dataclass(frozen=True)
class Words:
    """The names of the parts and shorter ones for little room, that of self-attention without its mask, and N×."""

    names: Mapping[str, str]
    short: Mapping[str, str]
    unmasked: tuple[str, str]
    times: str

    @classmethod
    def of(cls, parts: Collection[str], labels: Mapping[str, str], norm: str, layers: int) -> Words:
        """The words of these parts from the texts that all chapters share."""
        keys = {part: label_key(part, norm) for part in parts}
        names = {part: labels[key] for part, key in keys.items() if key in labels}
        short = {part: labels[f"{key}_short"] for part, key in keys.items() if f"{key}_short" in labels}
        unmasked = labels["figure_self_attention"], labels["figure_self_attention_short"]
        return cls(names, short, unmasked, labels["figure_times"].format(layers=layers))

    def __deepcopy__(self, memo: dict) -> Words:
        return self


class Lettering:
    """What is written in a figure as its parts now stand; behind: how far further layers look out behind the first."""

    def __init__(self, words: Words, parts: NamedParts, plan: Plan, theme: Theme, behind: float) -> None:
        self.words, self.parts, self.plan, self.theme, self.behind = words, parts, plan, theme, behind

    def printed(self) -> list[PrintedText]:
        """All texts that are now to be seen."""
        texts = [self.name_of(name) for name in self.words.names]
        texts += [self._name_without_mask()] if "decoder.mask" in self.parts.names else []
        texts += [self._times(side) for side in self.plan.brackets]
        texts += [self._letter(hue) for hue in self.plan.letters]
        return [text for text in texts if text.opacity > 0]

    def name_of(self, name: str) -> PrintedText:
        """The name of a part, in its middle."""
        box, size = self.plan.boxes[name], self._font_of(name)
        opacity = self.parts.visible(name) * legible(size)
        if name == MASKED:
            opacity *= max(0.0, 1 - 2 * self.parts.state_of("decoder.mask").taken)
        is_block = kind_of(name) in HUES
        colour = self.theme.ink if is_block else self.theme.quiet
        return _text(self._shown(name), box.x, box.y, size, colour, opacity, self._ground(name))

    def _ground(self, name: str) -> np.ndarray | None:
        """What the name of a block stands on."""
        hue = HUES.get(kind_of(name))
        return None if hue is None else self.theme.block_fill(self.theme.hue(hue))

    def _font_of(self, name: str) -> float:
        """One size for all labels of a rank: the largest at which each of them fits that fits at all."""
        own = self._fitting_font(name, self._shown(name))
        if own < SMALLEST_FONT:
            return own
        ranked = (part for part in self.words.names if rank_of(part) == rank_of(name))
        sizes = (self._fitting_font(part, self._shown(part)) for part in ranked)
        return min(size for size in sizes if size >= SMALLEST_FONT)

    def _shown(self, name: str) -> str:
        """The name of a part, or the shorter one where the whole would be too small to be read."""
        whole = self.words.names[name]
        return self._that_fits(name, whole, self.words.short.get(name, whole))

    def _that_fits(self, name: str, whole: str, short: str) -> str:
        return whole if self._fitting_font(name, whole) >= SMALLEST_FONT else short

    def _fitting_font(self, name: str, words: str) -> float:
        """The largest size at which these words fit into a part."""
        box = self.plan.boxes[name]
        return min(LARGEST_FONT, SHARES[rank_of(name)] * box.height, (box.width - TIGHT) / text_width(words, 1.0))

    def _name_without_mask(self) -> PrintedText:
        """The name of the decoder's self-attention while its mask is taken out."""
        shown, light, _ = self.parts.state_of(MASKED)
        lifted = max(0.0, 2 * self.parts.state_of("decoder.mask").taken - 1)
        box, words = self.plan.boxes[MASKED], self._that_fits(MASKED, *self.words.unmasked)
        size = max(self._font_of(MASKED), min(SMALLEST_FONT, self._fitting_font(MASKED, words)))
        opacity = self.parts.opacity * shown * light * lifted * legible(size)
        return _text(words, box.x, box.y, size, self.theme.ink, opacity, self._ground(MASKED))

    def _times(self, side: str) -> PrintedText:
        """N× beside the frame of the layers, clear of the sheets that look out behind it."""
        box = self.plan.brackets[side].inset(**{"right" if side == "encoder" else "left": self.behind})
        fit = (box.width - HAIR) / text_width(self.words.times, 1.0)
        size = min(LARGEST_FONT, fit, max(SMALLEST_FONT, 0.85 * fit))
        y = self.plan.sums[f"{side}.add_norm_1"][1]  # level with no block, so that nothing stands in its way
        opacity = self.parts.visible(f"{side}.layers") * legible(size)
        return _text(self.words.times, box.x, y, size, self.theme.quiet, opacity)

    def _letter(self, hue: str) -> PrintedText:
        letter = self.plan.letters[hue]
        states = [self.parts.state_of(name) for name in letter.ends]
        size = min(LARGEST_FONT, 0.27 * self.plan.unit)
        opacity = self.parts.opacity * min(state.shown for state in states) * min(state.light for state in states)
        return _text(hue.upper(), *letter.centre, size, self.theme.hue(hue), opacity * legible(size))


def _text(
    text: str, x: float, y: float, size: float, colour: Colour, opacity: float, background: np.ndarray | None = None
) -> PrintedText:
    half, high = text_width(text, size) / 2, CAP_HEIGHT * size / 2
    place = Box(x - half, x + half, y - high, y + high)
    return PrintedText(text, place, size, np.asarray(colour), background, structural=True, opacity=opacity)
