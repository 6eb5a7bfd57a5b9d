"""The seven forms of attention. One ingredient changes at a time; the same weights show what it does."""

from __future__ import annotations

from manim import FadeIn, FadeOut, VGroup

from scenes.seven_forms.chapter import FormsChapter
from scenes.seven_forms.formula import FORMS
from scenes.seven_forms.poster import FormsPoster
from scenes.shared.heads import head_tint
from scenes.shared.heads_motion import Deal, InParallel
from scenes.shared.masks import masked_cells
from scenes.stage.chapter.caption import Fact, percent
from scenes.stage.chapter.chapter import step
from scenes.stage.paint.formula import ATTENTION_FORMULA, HeaderFormula
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.label import Run


class SevenForms(FormsChapter):
    """From bare dot products to several heads: what each ingredient of attention is for."""

    # --- the three that build on each other -------------------------------------------------------------------------

    @step
    def bare(self) -> None:
        self.wall = self.stand_wall(self.wall_room)
        self.name = self.name_of("multi_head")
        self.badges.light(len(FORMS))
        self.header.light("all")
        self.carry(self.machine.show("multi_head"), self.badges, self.name, self.wall, self.wall_axes, self.legend())
        self.say()
        self.strip()
        self.add_ingredient("bare")
        place = self.telling("bare")
        self.look_at("bare", None, place)
        self.change(place, None, "forms.bare.weights")
        self.say(**self.facts("bare"))

    def strip(self) -> None:
        """One ingredient after another leaves the machine; the heads become one matrix of bare weights."""
        self.weights.show(self.tensor("bare"))
        place = self.weights.box
        self.play(FadeOut(self.wall_axes), self.machine.animate.show("scaled"), run_time=0.6)
        self.play(Deal(self.wall, lambda h: h.wall([place] * h.count)), run_time=1.2)
        self.play(self.machine.animate.show("learned"), run_time=0.5)
        self.play(FadeOut(self.wall), FadeIn(self.weights), self.machine.animate.show("bare"), run_time=0.8)

    @step
    def learned(self) -> None:
        self.grow("learned", "forms.bare.weights")

    @step
    def scaled(self) -> None:
        self.grow("scaled", "forms.learned.weights")

    def grow(self, form: str, before: str) -> None:
        """One ingredient more, and what it does to the weights."""
        place = self.telling(form)
        self.play(FadeOut(self.row), run_time=0.3)
        self.say(root=self.trace["sqrt_d_k"].at())
        self.add_ingredient(form)
        self.look_at(form, before, place)
        self.change(place, before, f"forms.{form}.weights")
        self.say_change(form, before)

    # --- the four that change one thing about the third -------------------------------------------------------------

    @step
    def padding(self) -> None:
        """The sentence is filled up, at first without a mask."""
        place = self.telling("padding")
        before, unmasked = "forms.scaled.weights", "forms.padding.unmasked_weights"
        self.play(FadeOut(self.row), run_time=0.3)
        leak = percent(self.trace["forms.padding.leak"].at(place[0]))
        self.say(query=self.token("queries", place[0], unmasked), leak=leak)
        self.look_at("padding", before, place, cell=False)
        self.change(place, None, unmasked)
        self.add_ingredient("padding")
        row = self.trace[unmasked].values[place[0]]
        self.play(FadeOut(self.row[-1]), self.bars.animate.start(row, len(row)), run_time=0.4)
        self.row.remove(self.row[-1])
        closed = masked_cells(self.trace["forms.padding.mask"])
        self.change(place, unmasked, "forms.padding.weights", closed=closed)
        self.say(**self.facts("padding", unmasked))

    @step
    def causal(self) -> None:
        place, before = self.telling("causal"), "forms.scaled.weights"
        self.back_to_scaled()
        self.say()
        self.add_ingredient("causal")
        self.look_at("causal", before, place)
        closed = masked_cells(self.trace["forms.causal.mask"])
        self.change(place, before, "forms.causal.weights", closed=closed)
        self.say_change("causal", before)

    @step
    def cross(self) -> None:
        place = self.telling("cross")
        self.back_to_scaled()
        self.say()
        self.add_ingredient("cross")
        self.look_at("cross", None, place, cell=False)
        self.change(place, None, "forms.cross.weights", rows="target")
        if self.tensor("cross").axis_labels("queries") == self.tokens:
            self.say_instead("cross_same")
        self.say(**self.facts("cross"))

    @step
    def multi_head(self) -> None:
        query, *pair = self.telling("multi_head")
        self.back_to_scaled()
        if self.example.heads == 1:
            self.say_instead("heads_one")
        self.say(heads=self.example.heads)
        self.add_ingredient("multi_head")
        self.deal_heads()
        boxes = [self.wall.sheets[head].part_box(rows=query) for head in dict.fromkeys(pair)]
        self.play(FadeIn(VGroup(*(Frame(box, self.theme) for box in boxes))))
        self.say_heads(query, pair)

    def say_heads(self, query: int, pair: list[int]) -> None:
        """Where two heads look from the same query; other words where there are no two, or where they agree."""
        facts = self.head_facts(query, pair)
        if len(self.tokens) == 1:
            self.say_instead("alone")
        elif self.example.heads == 1:
            self.say_instead("heads_one_share")
        elif facts["first_key"] == facts["second_key"]:
            self.say_instead("heads_agree")
        self.say(**facts)

    def deal_heads(self) -> None:
        """The one matrix is dealt out as a sheet for each head; then each sheet takes its own weights."""
        self.wall = self.stand_wall(self.wall_room)
        boxes = [sheet.box for sheet in self.wall.sheets]
        for sheet in self.wall.sheets:
            sheet.set_values(self.tensor("scaled"))
        self.wall.wall([self.weights.box] * self.wall.count)
        self.play(FadeIn(self.wall), FadeOut(self.weights), run_time=0.5)
        self.play(Deal(self.wall, lambda h: h.wall(boxes)), run_time=1.4)
        self.play(FadeIn(self.wall_axes), run_time=0.3)
        self.play(InParallel(self.wall, lambda h: h.set_values(self.tensor("multi_head"))), run_time=1.6)

    def head_facts(self, query: int, pair: list[int]) -> dict[str, Fact]:
        """Where two heads look most from the same query."""
        weights = self.tensor("multi_head")
        facts: dict[str, Fact] = {"query": self.token("queries", query, weights.name)}
        for name, head in zip(("first", "second"), pair, strict=True):
            best = self.trace.largest_in_row(weights.name, (head, query))
            tint = head_tint(self.theme, head, self.example.heads)
            facts[name] = Run(self.words("head", head=head + 1), tint, structural=True)
            facts[f"{name}_key"] = self.token("keys", best, weights.name)
            facts[f"{name}_share"] = facts["after"] = percent(weights.at(head, query, best))
        return facts

    # --- the whole ----------------------------------------------------------------------------------------------

    @step
    def whole(self) -> None:
        poster = FormsPoster(self)
        staying = (self.heading, self.model_map, self.header, self.wall)
        self.play(FadeOut(*(part for part in self.mobjects if part not in staying)), run_time=0.6)
        self.say()
        self.play(Deal(self.wall, poster.stand), run_time=1.0)
        header = HeaderFormula(ATTENTION_FORMULA, self.theme).light("all")
        old, self.header = self.header, header
        self._place_header()
        self.play(FadeOut(old), run_time=0.3)
        self.play(FadeIn(header), run_time=0.4)
        for part in poster.stations:
            self.play(FadeIn(part), run_time=0.35)
        self.remove(*self.wall.get_family())
        self.play(poster.flow())
