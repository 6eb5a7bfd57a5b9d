"""The whole Transformer. Every part in its place, and what fails when one of them is taken out."""

from __future__ import annotations

from typing import Any

import numpy as np
from manim import DOWN, LEFT, RIGHT, FadeIn, FadeOut, Mobject, VGroup

from scenes.stage.chapter.caption import percent
from scenes.stage.chapter.chapter import STAGE, Chapter, step
from scenes.stage.figure.figure import Figure
from scenes.stage.matrix.flight import fly_cells
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.label import Run
from scenes.stage.paint.layout import TIGHT
from scenes.whole_model.evidence import Evidence, compared
from scenes.whole_model.flow import Flow, Stations, sub_layers
from scenes.whole_model.poster import legends
from scenes.whole_model.straight_line import Way, ends_of, way_through, words_of

BOTH_SIDES = (
    'P = {{ "softmax" : output }} lr(( {{ op("Dec") : decoder }} lr((Y, {{ op("Enc")(X) : encoder }} )) '
    "thin {{ W : output_w }} ))"
)
ONE_SIDE = 'P = {{ "softmax" : output }} lr(( {{ op("Dec")(Y) : decoder }} thin {{ W : output_w }} ))'
LEFT_SHARE, RIGHT_SHARE, PANEL_GAP = 6.2, 6.6, 0.3
HOP = 1.1


class WholeModel(Chapter):
    """The figure is built from the parts seen so far, data flows through it, and each part is taken out once."""

    def setup(self) -> None:
        config = self.example.model.config
        self.has_encoder = config.has_encoder
        self.formula = BOTH_SIDES if self.has_encoder else ONE_SIDE
        super().setup()
        self.figure = Figure.of_model(config, self.theme, self.texts.labels)
        self.left, self.right = STAGE.columns(LEFT_SHARE, RIGHT_SHARE, gap=PANEL_GAP)
        self.main = "encoder" if self.has_encoder else "decoder"
        self.inputs = "source" if self.has_encoder else "target"
        self.currents = Flow(self.figure, self.trace, self.theme)
        self.stations = Stations(self.figure.place(STAGE), self.trace, self.theme, STAGE)
        self.positions = tuple(name for name in self.figure.names if name.endswith(".positions"))
        self.shown: list[Mobject] = []

    # --- the figure is built ----------------------------------------------------------------------------------------

    @step
    def encoder_side(self) -> None:
        self.add(self.figure.place(self.model_map.map_box).recede().set_opacity(0.0))
        self.play(self.figure.animate.place(STAGE).set_opacity(1.0), run_time=1.4)
        if not self.has_encoder:
            self.say_instead("alone_layers")
        elif self.example.model.config.layers == 1:
            self.say_instead("one_layer")
        self.say(layers=self.example.model.config.layers)
        self.light_in_turn(f"{self.inputs}.tokens", f"{self.inputs}.embedding", f"{self.inputs}.positions")
        self.light_column(self.main)
        if self.has_encoder:
            self.light("encoder")
            self.light_in_turn("encoder.layers", *self.final("encoder"), "memory")

    @step
    def decoder_side(self) -> None:
        if not self.has_encoder:
            self.say_instead("alone_output")
        self.say()
        self.light("decoder")
        if self.has_encoder:
            self.light_in_turn("target.tokens", "target.embedding", "target.positions")
            self.light_column("decoder")
        self.light_in_turn("decoder.layers", *self.final("decoder"))
        self.light("output", "output_w")
        self.light_in_turn("output.linear", "output.softmax", "output.probabilities")

    def final(self, side: str) -> tuple[str, ...]:
        return tuple(name for name in (f"{side}.final_norm",) if name in self.figure.names)

    def light_column(self, side: str) -> None:
        """The sub-layers of a column from below, each with its sum, its norm and its lane."""
        for number, name in enumerate(self.figure.build.sub_layers(side), start=1):
            parts = (f"{side}.{name}", f"{side}.add_norm_{number}", f"{side}.residual_{number}")
            self.light_in_turn(parts[0], parts[1:])

    def light_in_turn(self, *parts: str | tuple[str, ...]) -> None:
        for part in parts:
            names = (part,) if isinstance(part, str) else part
            self.play(self.figure.animate.light_up(*names), run_time=0.28)

    # --- data flows ---------------------------------------------------------------------------------------------------

    @step
    def flow(self) -> None:
        rows, columns = self.trace[f"{self.main}.1.input"].shape
        self.light("all")
        self.say(rows=rows, columns=columns)
        if self.has_encoder:
            self.stream("encoder")
            self.show_stations("memory")
        self.stream("decoder")
        self.say(count=self.trace["probabilities"].shape[1], **self.next_word())
        self.show_stations("output.linear", "output.softmax")

    def stream(self, side: str) -> None:
        """The rows of one column pass through its sub-layers; what leaves each comes to stand beside it."""
        kind = "source" if side == "encoder" else "target"
        self.show_stations(f"{kind}.embedding")
        for layer in sub_layers(self.figure, self.trace, side):
            across = self.currents.across() if layer.part.endswith("cross_attention") else []
            self.play(*self.currents.through(layer), *across, run_time=HOP)
            self.show_stations(layer.part, layer.norm)

    def show_stations(self, *parts: str) -> None:
        """What leaves these parts comes to stand beside them."""
        away = LEFT if parts[0].startswith(("source", "encoder", "memory")) else RIGHT
        stations = self.stations.of(*parts)
        self.shown.append(stations)
        self.play(FadeIn(stations, shift=0.2 * away), run_time=0.4)

    def next_word(self) -> dict[str, Run]:
        """A telling row, its likeliest next word, and that word's probability."""
        probabilities = self.trace["probabilities"]
        row = int(self.trace["output.telling_row"].values)
        best = self.trace.largest_in_row("probabilities", row)
        word = (probabilities.axis_labels("vocabulary") or ())[best]
        given = (self.trace["target.token_ids"].axis_labels("tokens") or ())[row]
        return {
            "row": Run(given, self.theme.hue("x"), structural=True),
            "word": Run(word, self.theme.hue("output"), structural=True),
            "share": percent(probabilities.at(row, best)),
        }

    # --- one part taken out -------------------------------------------------------------------------------------------

    def make_room(self, *lit: str) -> None:
        """What was shown leaves, the figure is whole again and stands aside with these parts lit."""
        self.play(*self.shown_leaves(), self.whole_figure().place(self.left).spotlight(*lit), run_time=1.0)

    def whole_figure(self) -> Any:
        """The figure's way back to being whole, to be continued."""
        whole = self.figure.animate.put_back()
        return whole.hide(*self.positions) if self.example.model.config.positions == "none" else whole

    def shown_leaves(self) -> list[FadeOut]:
        """The ways out of what was shown."""
        shown, self.shown = self.shown, []
        return [FadeOut(thing) for thing in shown]

    def show(self, evidence: Evidence, side: int) -> None:
        """One side of the evidence: its heat, then its numbers."""
        self.play(FadeIn(evidence.headings[side], *evidence.heats[side]), run_time=0.6)
        self.add(evidence.values[side])
        self.play(evidence.values[side].animate.reveal(), run_time=1.0)

    def token_run(self, tensor: str, row: int) -> Run:
        labels = self.trace[tensor].axis_labels("tokens") or ()
        return Run(labels[row], self.theme.hue("x"), structural=True)

    def telling(self, tensor: str) -> int:
        """The row of the largest number of a vector."""
        return int(np.argmax(self.trace[tensor].values))

    @step
    def without_positions(self) -> None:
        lead = "ablation.positions"
        row = self.telling(f"{lead}.whole.distance")
        evidence = compared(self, "positions", ("output", "matched"), "distance", "x", self.right)
        added = self.example.model.config.positions == "none"
        if added:
            self.say_instead("positions_added")
        self.say()
        self.make_room("source." if self.has_encoder else "target.", "target.", f"{self.main}.self_attention")
        if added:
            self.figure.add_positions()
        self.play(FadeIn(evidence.tokens), self.figure.animate.reveal(*self.positions), run_time=0.5)
        self.read_backwards(evidence, 0)
        self.play(self.figure.animate.take_out(*self.positions), run_time=0.6)
        self.read_backwards(evidence, 1)
        facts = {"zero": self.trace[f"{lead}.without.distance"].at(row)}
        if len(evidence.tokens.tokens) == 1:
            self.say_instead("positions_one")
        self.say(
            **facts,
            word=self.token_run(f"{lead}.whole.distance", row),
            far=self.trace[f"{lead}.whole.distance"].at(row),
        )
        frames = VGroup(*(Frame(evidence.row_box(side, row), self.theme) for side in (0, 1)))
        self.play(FadeIn(frames, evidence.note), run_time=0.4)
        self.shown = [evidence, frames]

    def read_backwards(self, evidence: Evidence, side: int) -> None:
        """The rows of the sentence, those of the sentence read backwards, and these put beside their words."""
        forth, back = evidence.heats[side]
        name = ("whole", "without")[side]
        self.play(FadeIn(evidence.headings[side], forth), run_time=0.5)
        start = Matrix(self.trace[f"ablation.positions.{name}.reordered"], "x", self.theme).reveal().as_heat()
        goal = Matrix(self.trace[f"ablation.positions.{name}.matched"], "x", self.theme).as_heat().without_slots()
        start.place(back.box)
        goal.place(back.box)
        self.play(FadeIn(start), run_time=0.4)
        last = start.rows - 1
        fly_cells(self, start, goal, lambda i, j: (last - i, j), run_time=1.2)
        self.remove(*goal.get_family())
        self.add(back, evidence.values[side])
        self.play(evidence.values[side].animate.reveal(), run_time=0.7)

    @step
    def without_residual(self) -> None:
        lead, side = "ablation.residual", self.main
        evidence = compared(self, "residual", ("similarity",), "kept", "scores", self.right)
        self.say()
        self.make_room(f"{side}.self_attention", f"{side}.add_norm_1", f"{side}.residual_1", f"{side}.layers")
        self.play(FadeIn(evidence.tokens, evidence.note), run_time=0.4)
        self.show(evidence, 0)
        self.play(self.figure.animate.take_out(f"{side}.residual_1"), run_time=0.6)
        self.show(evidence, 1)
        self.say(**{name: self.trace[f"{lead}.{name}.mean_kept"].at() for name in ("whole", "without")})
        self.shown = [evidence]

    @step
    def without_mask(self) -> None:
        lead = "ablation.mask"
        evidence = compared(self, "mask", ("weights",), "change", "weights", self.right)
        told = int(np.argmax(self.trace[f"{lead}.without.change"].values[:-1]))
        self.say()
        self.make_room("target.", "decoder.self_attention", "decoder.mask", "decoder.layers")
        self.play(FadeIn(evidence.tokens, evidence.note), run_time=0.4)
        self.show(evidence, 0)
        self.play(self.figure.animate.take_out("decoder.mask"), run_time=0.6)
        self.show(evidence, 1)
        frames = VGroup(*(Frame(evidence.row_box(side, told), self.theme) for side in (0, 1)))
        changes = {name: self.trace[f"{lead}.{name}.change"].at(told) for name in ("whole", "without")}
        self.say(word=self.token_run(f"{lead}.without.change", told), **changes)
        self.play(FadeIn(frames), run_time=0.4)
        self.shown = [evidence, frames]

    @step
    def without_feed_forward(self) -> None:
        side, lead = self.main, "ablation.feed_forward"
        rows = self.right.inset(top=TIGHT, bottom=TIGHT).rows(1, 1, gap=0.3)
        ways = [way_through(self, name, box) for name, box in zip(("without", "whole"), rows, strict=True)]
        words = [words_of(self, name, way) for name, way in zip(("without", "whole"), ways, strict=True)]
        parts = [f"{name}.feed_forward" for name in self.figure.build.columns]
        self.say(**dict(zip(("first", "second"), ends_of(self), strict=True)))
        self.make_room(f"{side}.self_attention", *parts)
        self.play(self.figure.animate.take_out(*parts), run_time=0.6)
        self.travel(ways[0], words[0])
        self.play(self.figure.animate.put_back(), run_time=0.6)
        self.travel(ways[1], words[1])
        bends = {name: self.trace[f"{lead}.{name}.bend"].at() for name in ("whole", "without")}
        self.say(**bends)
        self.shown = [*words, *ways]

    def travel(self, way: Way, words: VGroup) -> None:
        self.play(FadeIn(words), run_time=0.4)
        self.add(way)
        self.play(way.animate.draw(), run_time=1.5)
        self.play(way.animate.mark(), run_time=0.5)

    # --- the whole picture ------------------------------------------------------------------------------------------

    @step
    def whole(self) -> None:
        self.say()
        self.light("all")
        self.play(*self.shown_leaves(), self.whole_figure().place(STAGE).light_up(), run_time=1.2)
        for column in self.figure.build.columns:
            inputs = "source." if column == "encoder" else "target."
            names = [part for part in self.stations.stations if part.startswith((inputs, column))]
            names += ["memory"] if column == "encoder" else ["output.linear", "output.softmax"]
            self.play(FadeIn(self.stations.of(*names), shift=0.1 * DOWN), run_time=0.7)
        self.play(FadeIn(legends(self, self.figure, STAGE)), run_time=0.5)
