"""The figure of the Transformer, built of named parts. Source: Vaswani et al. (2017), figure 1.

A new figure stands whole; `hide()` empties it and `reveal(*names)` brings parts, with the cables between them.
Parts: source.tokens source.embedding source.positions · encoder.self_attention encoder.add_norm_1
encoder.feed_forward encoder.add_norm_2 memory · target.tokens target.embedding target.positions ·
decoder.self_attention decoder.add_norm_1 decoder.cross_attention decoder.add_norm_2 decoder.feed_forward
decoder.add_norm_3 · output.linear output.softmax output.probabilities · the residual lanes
encoder.residual_1 … decoder.residual_3 · the frames of the layers with their N×: encoder.layers decoder.layers.
A name that ends with a dot means all parts that begin so: `light("encoder.")`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from manim import VMobject

from core.model.transformer import Config
from scenes.stage.figure.measures import SIDES, SUM_RADIUS, Build, Connection, Plan
from scenes.stage.figure.parts import HUES, kind_of
from scenes.stage.figure.plan import plan
from scenes.stage.figure.words import Lettering, Words
from scenes.stage.paint.cable import Cable
from scenes.stage.paint.layout import Box
from scenes.stage.paint.named_parts import NamedParts
from scenes.stage.paint.painting import Brush, PrintedText
from scenes.stage.paint.theme import Colour, Theme, mix

MASK_CELLS = 4
SHEET, MOST_SHEETS = 0.055, 3  # further layers look out behind the first


class Figure(NamedParts):
    """The model as a picture of named parts; all changes return the figure, so that `.animate` works.

    labels: the texts shared by all chapters (`chapter.texts.labels`); layers: the N of N×; sides: what to draw of
    "encoder", "decoder", "output"; config: the model it is the figure of (the paper's if not given).
    A cable shows where the parts do that it needs; where one was taken out, a dashed gap remains.
    State, beside that of the parts: `live`, one entry per cable (1: something is moving there).
    """

    STATE: ClassVar[tuple[str, ...]] = (*NamedParts.STATE, "live")
    MARGIN = 0.3

    def __init__(
        self,
        theme: Theme,
        labels: Mapping[str, str],
        layers: int,
        *,
        sides: Sequence[str] = SIDES,
        config: Config | None = None,
    ) -> None:
        self.theme, self.layers = theme, layers
        self.build = _build(tuple(side for side in SIDES if side in sides), config)
        start = Box(-6, 6, -2.8, 2.8)
        layout = plan(start, self.build)
        names = tuple(layout.boxes)
        self.words = Words.of(names, labels, self.build.norm, layers)
        self.live = np.zeros(len(layout.lines))
        bare = config is not None and config.positions == "none"
        absent = tuple(name for name in names if bare and name.endswith(".positions"))
        super().__init__(names, absent, start, theme.ink)

    @classmethod
    def of_model(
        cls, config: Config, theme: Theme, labels: Mapping[str, str], *, sides: Sequence[str] = SIDES
    ) -> Figure:
        """The figure of this very model: its number of layers, its norms, its positions, with or without an encoder."""
        return cls(theme, labels, config.layers, sides=sides, config=config)

    # --- geometry -----------------------------------------------------------------------------------------------

    @property
    def plan(self) -> Plan:
        return plan(self.box, self.build)

    @property
    def extent(self) -> Box:
        """The box around all that is drawn."""
        return self.plan.extent

    def place(self, box: Box) -> Figure:
        """Place it in the middle of `box`, as large as it allows."""
        return self.set_box(box)

    def part_box(self, name: str) -> Box:
        """Where a part stands."""
        return self.plan.boxes[name]

    def sum_at(self, name: str) -> np.ndarray:
        """The middle of the ⊕ that belongs to an add & norm block, or to a block of positions."""
        return np.array([*self.plan.sums[name], 0.0])

    def cable(self, start: str, end: str, hue: str | None = None) -> Cable:
        """The cable that leads from one part to another; of several: that of `hue`, else the last."""
        found = [line.cable for line in self.plan.lines if line.ends == (start, end) and hue in (None, line.hue)]
        if not found:
            raise KeyError(f"no cable from {start} to {end}")
        return found[-1]

    def arrow(self, start: str, end: str, hue: str | None = None) -> VMobject:
        """The same as a path that something can travel along."""
        return self.cable(start, end, hue).path()

    # --- changes ------------------------------------------------------------------------------------------------

    def add_positions(self) -> Figure:
        """Let a model that adds no positions have them, not shown as yet."""
        names, self.absent = self.absent, ()
        return self.hide(*names) if names else self

    def enliven(self, *ends: tuple[str, str]) -> Figure:
        """Brighten the cables between these pairs of parts, and calm all others."""
        self.live = np.array([float(line.ends in ends) for line in self.plan.lines])
        return self

    # --- painting -------------------------------------------------------------------------------------------------

    def paint(self, brush: Brush) -> None:
        layout = self.plan
        for side in self.build.columns:
            self._paint_layers(brush, layout, side)
        for line, live in zip(layout.lines, self.live, strict=True):
            self._paint_line(brush, line, float(live), layout.unit)
        for name, box in layout.boxes.items():
            if kind_of(name) in HUES:
                self._paint_block(brush, name, box, layout.unit)
        for name, centre in layout.sums.items():
            self._paint_sum(brush, name, centre, layout.unit)
        if "decoder.mask" in layout.boxes:
            self._paint_mask(brush, layout.boxes["decoder.mask"])
        brush.write(self.printed())

    def hue_of(self, name: str) -> Colour:
        return self.theme.hue(HUES[kind_of(name)])

    def _paint_block(self, brush: Brush, name: str, box: Box, unit: float) -> None:
        shown, light, taken = self.state_of(name)
        opacity, radius = self.opacity * shown * light, 0.14 * unit
        if opacity <= 0:
            return
        brush.rounded(box.left, box.bottom, box.width, box.height, radius)
        brush.fill(self.theme.background, self.opacity * shown)
        hue, there = self.hue_of(name), opacity * (1 - taken)
        brush.plate(box, radius, (self.theme.block_fill(hue), there), (hue, 0.85 * there), 0.022 * unit)
        if taken > 0:
            self._paint_gap(brush, name, box, opacity * taken, unit)

    def _paint_gap(self, brush: Brush, name: str, box: Box, opacity: float, unit: float) -> None:
        """Where a part was taken out: a dashed outline, and the stream runs straight through a sub-layer's gap."""
        brush.context.set_dash([0.08 * unit, 0.06 * unit])
        brush.rounded(box.left, box.bottom, box.width, box.height, 0.14 * unit)
        brush.stroke(self.theme.ink, opacity, 0.03 * unit)
        brush.context.set_dash([])
        if name.startswith(("encoder.", "decoder.")):
            Cable(((box.x, box.bottom), (box.x, box.top))).paint(
                brush, self.theme.hue("x"), 0.7 * opacity, 0.028 * unit
            )

    def _paint_line(self, brush: Brush, line: Connection, live: float, unit: float) -> None:
        states = [self.state_of(name) for name in line.needs]
        shown = min(state.shown for state in states)
        light = min(state.light for state in states)
        gone = max((self.state_of(name).taken for name in line.needs if _is_own(line, name)), default=0.0)
        if gone > 0 and len(line.cable.points) > 2:
            brush.context.set_dash([0.08 * unit, 0.06 * unit])
            line.cable.paint(brush, self.theme.ink, self.opacity * shown * light * gone, 0.03 * unit)
            brush.context.set_dash([])
        opacity = self.opacity * shown * light * (1 - gone)
        if opacity <= 0:
            return
        colour = mix(self.theme.background, self.theme.hue(line.hue), 0.75 + 0.25 * live)  # opaque: lines may overlap
        line.cable.paint(brush, colour, opacity, (0.028 + 0.022 * live) * unit)
        if line.dot:
            brush.context.new_sub_path()
            brush.context.arc(*line.cable.points[0], 0.035 * unit, 0, 2 * np.pi)
            brush.fill(colour, opacity)

    def _paint_mask(self, brush: Brush, box: Box) -> None:
        """A small causal mask: open below the diagonal, closed above; taken out, all is open."""
        attention = "decoder.self_attention"
        shown, light, gone = self.state_of(attention)
        taken, label = self.state_of("decoder.mask").taken, self.lettering.name_of(attention).box
        room = np.clip((box.left - label.right) / box.width, 0, 1)  # it never stands in the name's way
        opacity, pitch = self.opacity * shown * light * (1 - gone) * float(room), box.width / MASK_CELLS
        for row, column in np.ndindex(MASK_CELLS, MASK_CELLS):
            left, bottom = box.left + column * pitch, box.top - (row + 1) * pitch
            brush.rounded(left + 0.1 * pitch, bottom + 0.1 * pitch, 0.8 * pitch, 0.8 * pitch, 0.2 * pitch)
            if column <= row:
                brush.fill(self.hue_of(attention), opacity)
            else:
                brush.fill(mix(self.theme.background, self.theme.hue("focus"), taken), opacity * (0.35 + 0.65 * taken))

    def _paint_sum(self, brush: Brush, name: str, centre: tuple[float, float], unit: float) -> None:
        shown, light, taken = self.state_of(name)
        opacity, radius, (x, y) = self.opacity * shown * (1 - taken), SUM_RADIUS * unit, centre
        if opacity <= 0:
            return
        brush.context.new_sub_path()
        brush.context.arc(x, y, radius, 0, 2 * np.pi)
        brush.fill(self.theme.background, opacity)
        brush.context.new_sub_path()
        brush.context.arc(x, y, radius, 0, 2 * np.pi)
        brush.stroke(self.theme.ink, 0.9 * opacity * light, 0.022 * unit)
        for start, end in (
            ((x - 0.55 * radius, y), (x + 0.55 * radius, y)),
            ((x, y - 0.55 * radius), (x, y + 0.55 * radius)),
        ):
            brush.context.move_to(*start)
            brush.context.line_to(*end)
            brush.stroke(self.theme.ink, 0.9 * opacity * light, 0.022 * unit)

    def _paint_layers(self, brush: Brush, layout: Plan, side: str) -> None:
        """The frame of one layer, and the bracket beside it that says how many there are."""
        name = f"{side}.layers"
        shown, light, taken = self.state_of(name)
        opacity, box, unit = self.opacity * shown * light * (1 - taken), layout.boxes[name], layout.unit
        if opacity <= 0:
            return
        outward = (-1 if side == "encoder" else 1) * SHEET * unit
        sheets = min(self.layers, MOST_SHEETS)
        for sheet in reversed(range(sheets)):
            left, bottom = box.left + sheet * outward, box.bottom + sheet * SHEET * unit
            brush.rounded(left, bottom, box.width, box.height, 0.26 * unit)
            brush.fill(mix(self.theme.background, self.theme.surface, 0.75), opacity)
            brush.rounded(left, bottom, box.width, box.height, 0.26 * unit)
            brush.stroke(self.theme.rule, opacity * (1 - 0.25 * sheet), 0.022 * unit)

    @property
    def lettering(self) -> Lettering:
        """Its words as they stand."""
        behind = (min(self.layers, MOST_SHEETS) - 1) * SHEET * self.plan.unit
        return Lettering(self.words, self, self.plan, self.theme, behind)

    def printed(self) -> list[PrintedText]:
        return self.lettering.printed()


def _is_own(line: Connection, name: str) -> bool:
    """Whether a cable goes when that part is taken out: a residual lane, or what leads out of the positions."""
    return ".residual_" in name or line.ends == (name, name)


def _build(sides: tuple[str, ...], config: Config | None) -> Build:
    if config is None:
        return Build(sides)
    present = tuple(side for side in sides if config.has_encoder or side != "encoder")
    return Build(present, config.has_encoder, config.norm, config.final_norm)
