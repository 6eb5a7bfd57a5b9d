"""The whole Transformer. Every part in its place, and what fails when one of them is taken out."""

from __future__ import annotations

from typing import Any

from manim import DOWN, LEFT, RIGHT, FadeIn, FadeOut, LaggedStart, Mobject

from core.trace.trained_without import WHOLE
from scenes.shared.trained_bars import results_of
from scenes.stage.chapter.caption import percent
from scenes.stage.chapter.chapter import STAGE, Chapter, step
from scenes.stage.figure.figure import Figure
from scenes.stage.paint.label import Run
from scenes.stage.paint.layout import Box, layout_now
from scenes.whole_model.flow import Flow, Stations, sub_layers
from scenes.whole_model.likeliest import Likeliest
from scenes.whole_model.poster import legends, room_beside
from scenes.whole_model.purposes import Purposes
from scenes.whole_model.trained_without import TrainedWithout, all_results

BOTH_SIDES = (
    'P = {{ "softmax" : output }} lr(( {{ op("Dec") : decoder }} lr((Y, {{ op("Enc")(X) : encoder }} )) '
    "thin {{ %s : output_w }} ))"
)
ONE_SIDE = 'P = {{ "softmax" : output }} lr(( {{ op("Dec")(Y) : decoder }} thin {{ %s : output_w }} ))'
LEFT_SHARE, RIGHT_SHARE, PANEL_GAP = 6.2, 6.6, 0.3
NARROW_SHARES = (1, 1.2)
BESIDE = 1.85  # in a narrow frame: the width on both sides of the figure, for what is said beside it
HOP = 0.9


class WholeModel(Chapter):
    """The figure is built from the parts seen so far, data flows through it, and each part is taken out once."""

    def setup(self) -> None:
        config = self.example.model.config
        self.has_encoder = config.has_encoder
        formula = BOTH_SIDES if self.has_encoder else ONE_SIDE
        self.formula = formula % ("E^top" if config.tied else "W")
        super().setup()
        self.figure = Figure.of_model(config, self.theme, self.texts.labels)
        shares = NARROW_SHARES if layout_now().is_narrowest else (LEFT_SHARE, RIGHT_SHARE)
        self.left, self.right = STAGE.split(*shares, gap=PANEL_GAP)
        aside = BESIDE if layout_now().is_narrow and not layout_now().is_narrowest else 0.0
        self.home = STAGE.inset(left=aside, right=aside)
        self.main = "encoder" if self.has_encoder else "decoder"
        self.inputs = "source" if self.has_encoder else "target"
        self.currents = Flow(self.figure, self.trace, self.theme)
        self.stations = Stations(self.figure.place(self.home), self.trace, self.theme, STAGE)
        if layout_now().is_narrowest:  # the figure needs all of the width
            self.stations.stations = {}
        self.positions = tuple(name for name in self.figure.names if name.endswith(".positions"))
        self.shown: list[Mobject] = []
        self.purposes = Purposes(self, self.figure, STAGE)

    # --- the figure is built ----------------------------------------------------------------------------------------

    @step
    def encoder_side(self) -> None:
        self.carry(self.figure.place(self.home).recede())
        self.say(layers=self.example.model.config.layers)
        self.light_in_turn(f"{self.inputs}.tokens", f"{self.inputs}.embedding", f"{self.inputs}.positions")
        self.light_column(self.main)
        if self.has_encoder:
            self.light("encoder")
            self.light_in_turn("encoder.layers", *self.final("encoder"), "memory")

    @step
    def decoder_side(self) -> None:
        self.say()
        self.light("decoder")
        if self.has_encoder:
            self.light_in_turn("target.tokens", "target.embedding", "target.positions")
            self.light_column("decoder")
        self.light_in_turn("decoder.layers", *self.final("decoder"))
        self.say()
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
            purposes = self.purposes.of(*names)
            self.play(self.figure.animate.light_up(*names), *map(FadeIn, purposes), run_time=0.28)
            self.shown += purposes

    # --- data flows ---------------------------------------------------------------------------------------------------

    @step
    def flow(self) -> None:
        rows, columns = self.trace[f"{self.main}.1.input"].shape
        self.light("all")
        self.say(rows=rows, columns=columns)
        self.leave_shown()
        if self.has_encoder:
            self.stream("encoder")
            self.show_stations("memory")
        self.stream("decoder")
        self.say(count=self.trace["probabilities"].shape[1], **self.next_word())
        for part in ("output.linear", "output.softmax"):
            self.passes(part)
        self.show_next_word()

    def show_next_word(self) -> None:
        """In the room beside the figure: the likeliest words after the telling row."""
        likeliest = Likeliest(self, int(self.trace["output.telling_row"].values), room_beside(self.figure, STAGE))
        self.play(FadeIn(likeliest), run_time=0.4)
        self.play(likeliest.bars.animate.grow(), run_time=0.8)
        self.shown.append(likeliest)

    def stream(self, side: str) -> None:
        """The rows of one column pass through its sub-layers; what leaves each comes to stand beside it."""
        kind = "source" if side == "encoder" else "target"
        self.show_stations(f"{kind}.embedding")
        for layer in sub_layers(self.figure, self.trace, side):
            across = self.currents.across() if layer.part.endswith("cross_attention") else []
            self.play(*self.currents.through(layer), *across, run_time=HOP)
            self.passes(layer.part)

    def passes(self, part: str) -> None:
        """What leaves a part comes out of its block and goes beside it."""
        station = self.stations.of(part)
        for leader, mini in station:
            home, block = mini.cells.box, self.figure.part_box(part)
            inside = Box(block.x, block.x, block.y, block.y).grown(block.height / 2)
            growing = mini.cells.set_box(inside).animate(introducer=True).set_box(home)
            self.play(growing, FadeIn(leader, mini.shape), run_time=0.5)
        self.shown.append(station)

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

    def make_room(self) -> None:
        """What was shown leaves, the figure is whole again and stands aside, all of it lit."""
        self.leave_shown()
        self.play(self.whole_figure().place(self.left).light_up(), run_time=1.0)

    def whole_figure(self) -> Any:
        """The figure's way back to being whole, to be continued."""
        whole = self.figure.animate.put_back()
        return whole.hide(*self.positions) if self.example.model.config.positions == "none" else whole

    def leave_shown(self) -> None:
        """What was shown goes before the figure moves to its place."""
        if self.shown:
            self.play(*map(FadeOut, self.shown), run_time=0.6)
        self.shown = []

    def taken_out(self, *parts: str) -> None:
        """The parts leave the figure."""
        self.play(self.figure.animate.take_out(*parts), run_time=0.6)

    def show(self, evidence: TrainedWithout) -> None:
        """The sentence, what the whole model writes, what the other writes, and where they part."""
        self.play(FadeIn(evidence.source), run_time=0.5)
        for line in (evidence.whole, evidence.without):
            self.play(FadeIn(line[0]), LaggedStart(*map(FadeIn, line[1:]), lag_ratio=0.5), run_time=1.2)
        self.play(FadeIn(evidence.frame), run_time=0.4)
        self.shown = [evidence]

    def measure(self, evidence: TrainedWithout) -> None:
        """How often each model is right: its bars grow."""
        self.play(FadeIn(evidence.bars, evidence.note), run_time=0.6)
        self.play(evidence.bars.animate.grow(), run_time=1.2)

    def shares(self, part: str) -> dict[str, Run]:
        """How many of a hundred sentences are right, without the part and with it."""
        return {"right": results_of(self, part).run, "whole": results_of(self, WHOLE).run}

    @step
    def without_positions(self) -> None:
        evidence = TrainedWithout(self, "positions", self.right)
        self.say()
        self.make_room()
        if self.example.model.config.positions == "none":
            self.figure.add_positions()
        self.play(self.figure.animate.reveal(*self.positions), run_time=0.5)
        self.taken_out(*self.positions)
        self.show(evidence)
        self.say(**self.shares(evidence.part))
        self.measure(evidence)

    @step
    def without_residual(self) -> None:
        evidence = TrainedWithout(self, "residuals", self.right)
        past = tuple(name for name in self.figure.names if ".residual_" in name)
        self.say()
        self.make_room()
        self.taken_out(*past)
        self.show(evidence)
        self.say(**self.shares(evidence.part))
        self.measure(evidence)

    @step
    def without_mask(self) -> None:
        evidence = TrainedWithout(self, "causal_mask", self.right)
        self.say()
        self.make_room()
        self.taken_out("decoder.mask")
        self.show(evidence)
        losses = self.trace["trained_without.loss"]
        line = (losses.axis_labels("parts") or ()).index("causal_mask")
        self.say(loss=losses.at(line), usual=losses.at(0), **self.shares(evidence.part))
        self.measure(evidence)

    @step
    def without_feed_forward(self) -> None:
        parts = [f"{name}.feed_forward" for name in self.figure.build.columns]
        self.say()
        self.make_room()
        self.taken_out(*parts)
        note, bars = results = all_results(self, self.right)
        self.play(FadeIn(note, bars), run_time=0.6)
        self.say(**self.shares("feed_forward"))
        self.play(bars.animate.grow(), run_time=1.4)
        leaving = {name: self.trace[f"ranges.feed_forward.{name}"].at() for name in ("count", "size")}
        self.say(**leaving)
        self.play(self.figure.animate.put_back(), run_time=0.6)
        self.play(self.figure.animate.spotlight(*parts), run_time=0.6)
        self.shown = [results]

    # --- the whole picture ------------------------------------------------------------------------------------------

    @step
    def whole(self) -> None:
        self.say()
        self.light("all")
        self.leave_shown()
        self.play(self.whole_figure().place(self.home).light_up(), run_time=1.2)
        for column in self.figure.build.columns:
            inputs = "source." if column == "encoder" else "target."
            names = [part for part in self.stations.stations if part.startswith((inputs, column))]
            names += ["memory"] if column == "encoder" else ["output.linear", "output.softmax"]
            self.play(FadeIn(self.stations.of(*names), shift=0.1 * DOWN), run_time=0.7)
        self.play(FadeIn(legends(self, self.figure, STAGE)), run_time=0.5)
