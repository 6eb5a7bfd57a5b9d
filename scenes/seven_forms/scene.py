"""The seven forms of attention. One ingredient changes at a time; the same weights show what it does."""

from __future__ import annotations

from typing import Any

from manim import FadeIn, FadeOut, LaggedStart, VGroup, smooth
from manim.utils.rate_functions import squish_rate_func

from core.trace import Tensor
from core.trace.views import Views
from scenes.seven_forms.badges import Badges
from scenes.seven_forms.form_matrix import FormMatrix, Morph
from scenes.seven_forms.formula import FORMS, FORMULAS
from scenes.seven_forms.machine import Machine
from scenes.seven_forms.poster import FormsPoster
from scenes.seven_forms.telling_row import BARS, CHANGE, TellingRow
from scenes.shared.heads import Heads, head_tint
from scenes.shared.heads_layout import labelled_wall
from scenes.shared.heads_motion import Deal, InParallel
from scenes.shared.masks import masked_cells
from scenes.stage.chapter.caption import Fact, about, percent
from scenes.stage.chapter.chapter import STAGE, Chapter, step
from scenes.stage.charts.legend import legend, weight_entry
from scenes.stage.paint.formula import ATTENTION_FORMULA, HeaderFormula
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.label import Label, Run, shrink
from scenes.stage.paint.layout import SMALL, TEXT, TIGHT, Box, layout_now

SHARES = (4.0, 8.9)
APART = 0.45
TOUCH = 1e-6
HEAD, FOOT, FEET = 0.95, 0.34, 0.56  # the last for a legend on two lines
LATE = squish_rate_func(smooth, 0.75, 1)  # words come when the sheets have left their place


class SevenForms(Chapter):
    """From bare dot products to several heads: what each ingredient of attention is for.

    The machine on the left, the weights and the bars of one row on the right, the form's formula above.
    """

    formula = FORMULAS["multi_head"].source

    def setup(self) -> None:
        super().setup()
        left, self.right = STAGE.columns(*SHARES, gap=APART)
        head, body = left.rows(HEAD, left.height - HEAD)
        self.badges = Badges(range(1, len(FORMS) + 1), self.theme)
        self.badges.move_to([head.left + self.badges.width / 2, head.top - self.badges.height / 2, 0])
        self.name_box = Box(head.left, head.right, head.bottom, self.badges.box.bottom)
        self.machine = Machine(self.trace, self.theme, body)
        self.tokens = self.example.tokens
        foot = (FEET if layout_now().is_narrowest else FOOT) + TIGHT
        room = self.right.inset(top=CHANGE + BARS + TIGHT, bottom=foot)
        self.unpadded, self.padded = (
            FormMatrix(self.trace, self.theme, padded=padded).place_within(room) for padded in (False, True)
        )
        self.weights, self.large = self.unpadded, self.unpadded.cells.box
        self.wall_room = self.right.inset(bottom=foot)
        self.frames = VGroup()
        self.over = VGroup()  # what goes when the next ingredient comes

    def tensor(self, form: str) -> Tensor:
        return self.trace[f"forms.{form}.weights"]

    def telling(self, form: str) -> tuple[int, ...]:
        """Where the core found this form to tell most."""
        return tuple(int(place) for place in self.trace[f"forms.{form}.telling"].values)

    # --- the three that build on each other -------------------------------------------------------------------------

    @step
    def bare(self) -> None:
        self.wall = self.place_wall(self.wall_room)
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
        self.say(**self.facts("bare"), **self.outshone())

    def outshone(self) -> dict[str, Fact]:
        """Who gives another most more than itself, and whom."""
        weights = "forms.bare.weights"
        other, longer = (int(place) for place in self.trace["forms.bare.outshone"].values)
        return {"other": self.token("queries", other, weights), "longer": self.token("keys", longer, weights)}

    def strip(self) -> None:
        """One ingredient after another leaves the machine; the heads become one matrix of bare weights."""
        self.weights.show(self.tensor("bare"))
        place = self.weights.box
        self.play(FadeOut(self.wall_axes), self.machine.becoming("scaled"), run_time=0.6)
        self.play(Deal(self.wall, lambda h: h.wall([place] * h.count)), run_time=1.2)
        self.play(FadeOut(self.wall), FadeIn(self.weights), self.machine.becoming("bare"), run_time=0.8)

    @step
    def learned(self) -> None:
        self.grow("learned", "forms.bare.weights")

    @step
    def scaled(self) -> None:
        self.grow("scaled", "forms.learned.weights")

    def grow(self, form: str, before: str) -> None:
        """One ingredient more, and what it does to the weights."""
        place = self.telling(form)
        self.say(root=about(self.trace["sqrt_d_k"].at()))
        self.add_ingredient(form)
        self.look_at(form, before, place)
        self.change(place, before, f"forms.{form}.weights")
        self.say(**self.facts(form, before))

    # --- the four that change one thing about the third -------------------------------------------------------------

    @step
    def padding(self) -> None:
        """The sentence is filled up, at first without a mask."""
        place = self.telling("padding")
        before, unmasked = "forms.scaled.weights", "forms.padding.unmasked_weights"
        leak = percent(self.trace["forms.padding.leak"].at(place[0]))
        self.say(query=self.token("queries", place[0], unmasked), leak=leak)
        smaller = self.padded.part(*self.weights.cells.shape)
        self.play(FadeOut(self.row, run_time=0.3), self.weights.animate(run_time=0.6).place(smaller))
        self.exchange(self.padded.show(self.tensor("scaled")))
        self.look_at("padding", before, place, cell=False)
        self.change(place, None, unmasked)
        row = self.trace[unmasked].values[place[0]]
        self.over = VGroup(self.row[-1])
        self.add_ingredient("padding", self.row.bars.animate.start(row, len(row)))
        self.row.remove(self.row[-1])
        self.over = VGroup(self.row)
        closed = masked_cells(self.trace["forms.padding.mask"])
        self.change(place, unmasked, "forms.padding.weights", closed=closed)

    def exchange(self, matrix: FormMatrix) -> None:
        """In the place of the weights stands a matrix that looks the same, with room for other forms."""
        self.remove(*self.weights.get_family())
        self.weights = matrix
        self.add(matrix)

    @step
    def causal(self) -> None:
        place, before = self.telling("causal"), "forms.scaled.weights"
        self.say()
        self.add_ingredient("causal", self.back_to_scaled())
        self.exchange(self.unpadded)
        self.play(self.weights.animate.place(self.large), run_time=0.6)
        self.look_at("causal", before, place)
        closed = masked_cells(self.trace["forms.causal.mask"])
        self.change(place, before, "forms.causal.weights", closed=closed)
        self.say(**self.facts("causal", before))

    @step
    def cross(self) -> None:
        place = self.telling("cross")
        self.say()
        self.add_ingredient("cross")
        self.look_at("cross", None, place, self.back_to_scaled(), cell=False)
        self.change(place, None, "forms.cross.weights", rows="target", tall=True)
        self.say(**self.facts("cross"))

    @step
    def multi_head(self) -> None:
        views = self.trace.views("forms.multi_head.weights", self.telling("multi_head")[0])
        self.say(heads=self.example.heads)
        self.add_ingredient("multi_head", self.few.animate.place(self.weights.box))
        self.remove(*self.few.get_family(), self.weights.axes["keys"])
        self.add(self.weights)
        self.play(self.back_to_scaled(), run_time=0.8)
        self.deal_heads()
        boxes = [self.wall.sheets[head].part_box(rows=views.query) for head in dict.fromkeys(views.heads)]
        self.play(FadeIn(VGroup(*(Frame(box, self.theme) for box in boxes))), run_time=0.6)
        self.say(**self.head_facts(views))

    def deal_heads(self) -> None:
        """The one matrix is dealt out as a sheet for each head; then each sheet takes its own weights."""
        self.wall = self.place_wall(self.wall_room)
        boxes = [sheet.box for sheet in self.wall.sheets]
        for sheet in self.wall.sheets:
            sheet.set_values(self.tensor("scaled"))
        self.wall.wall([self.weights.box] * self.wall.count)
        self.play(FadeIn(self.wall), FadeOut(self.weights), run_time=0.6)
        self.play(Deal(self.wall, lambda h: h.wall(boxes)), FadeIn(self.wall_axes, rate_func=LATE), run_time=1.2)
        self.play(InParallel(self.wall, lambda h: h.set_values(self.tensor("multi_head"))), run_time=1.2)

    def head_facts(self, views: Views) -> dict[str, Fact]:
        """What two heads look at most from the same query."""
        weights = self.tensor("multi_head")
        facts: dict[str, Fact] = {"query": self.token("queries", views.query, weights.name)}
        for name, head, key in zip(("first", "second"), views.heads, views.keys, strict=True):
            tint = head_tint(self.theme, head, self.example.heads)
            facts[name] = Run(self.words("head", head=head + 1), tint, structural=True)
            facts[f"{name}_key"] = self.token("keys", key, weights.name)
            facts[f"{name}_share"] = facts["after"] = percent(weights.at(head, views.query, key))
        return facts

    # --- the whole ----------------------------------------------------------------------------------------------

    @step
    def whole(self) -> None:
        poster = FormsPoster(self)
        staying = (self.heading, self.model_map, self.logo, self.wall)
        self.play(FadeOut(*(part for part in self.mobjects if part not in staying)), run_time=0.6)
        self.say()
        self.header = HeaderFormula(ATTENTION_FORMULA, self.theme).light("all")
        self._place_header()
        self.play(Deal(self.wall, poster.place), FadeIn(self.header), run_time=1.0)
        self.play(LaggedStart(*map(FadeIn, poster.stations), lag_ratio=0.4), run_time=2.4)
        self.remove(*self.wall.get_family())
        self.play(poster.flow())

    # --- what every form goes through --------------------------------------------------------------------------------

    def add_ingredient(self, form: str, *meanwhile: Any) -> None:
        """The form's ingredient joins the machine, its term the formula, its number is lit; the last row is over."""
        number = FORMS.index(form) + 1
        old, self.over = (self.name, self.header, self.frames, self.over), VGroup()
        self.header = HeaderFormula(FORMULAS[form].source, self.theme).light(*FORMULAS[form].new)
        self._place_header()
        self.name = self.name_of(form)
        self.frames = VGroup(*(Frame(box, self.theme) for box in self.machine.new_boxes(form)))
        self.play(FadeOut(*old), self.badges.animate.light(number), *meanwhile, run_time=0.6)
        self.play(FadeIn(self.name, self.header, self.frames), self.machine.becoming(form), run_time=0.8)

    def name_of(self, form: str) -> Label:
        name = self.label(form, TEXT, self.theme.ink, "semibold")
        shrink(name, self.name_box.width, self.theme)
        return name.move_to([self.name_box.left + name.width / 2, self.name_box.y, 0])

    def look_at(
        self, form: str, before: str | None, place: tuple[int, ...], *meanwhile: Any, cell: bool = True
    ) -> None:
        """The row that tells most as bars, as it was before this form, and a frame around its cell, if it is there."""
        token = self.token("queries", place[0], f"forms.{form}.weights").text
        self.row = TellingRow(self.weights, place, token, self.right, self.theme, framed=cell)
        self.row.bars.start(None if before is None else self.trace[before].values[place[0]], len(self.tokens))
        self.over = VGroup(self.row)
        self.play(FadeIn(self.row), *meanwhile, run_time=0.8 if meanwhile else 0.6)

    def change(
        self, place: tuple[int, ...], before: str | None, after: str, *, tall: bool = False, **shown: Any
    ) -> None:
        """The weights become those of `after`, from the telling cell outwards; the bars with them.

        tall: few rows become as tall together as those of the sentence.
        """
        tensor, origin = self.trace[after], (self.row.query, self.row.key)
        morph = Morph(self.weights, origin, lambda m: m.show(tensor, **shown), run_time=1.2)
        self.play(morph, self.row.bars.animate(run_time=1.2).become(tensor.values[place[0]]))
        if tall:
            self.few = self.weights.few_rows(tensor)
            self.remove(*self.weights.get_family())
            self.add(self.weights.axes["keys"], self.few)
            rows = max(len(self.tokens), self.few.rows)
            self.play(self.few.animate.place(self.weights.part(rows, self.few.columns)), run_time=0.5)
            self.row.frame.around(self.few.cell_box(*place))
        told = self.row.change([self.trace[name].at(*place) for name in (before, after) if name])
        self.play(FadeIn(*told), run_time=0.3)

    def facts(self, form: str, before: str | None = None) -> dict[str, Fact]:
        """The query and the key that tell most, and the weight between them before and after."""
        name = f"forms.{form}.weights"
        query, key = self.telling(form)
        facts: dict[str, Fact] = {"query": self.token("queries", query, name), "key": self.token("keys", key, name)}
        facts["after"] = percent(self.trace[name].at(query, key))
        return facts if before is None else facts | {"before": percent(self.trace[before].at(query, key))}

    def back_to_scaled(self) -> Morph:
        """What the last form had changed is taken back: from here the next one starts."""
        scaled = self.tensor("scaled")
        return Morph(self.weights, (0, 0), lambda m: m.show(scaled))

    def place_wall(self, room: Box) -> Heads:
        """The heads' weights, all to be seen."""
        heads = Heads(self.tensor("multi_head"), self.theme, self.template("head")).reveal()
        boxes, axes = labelled_wall(heads, room, self.tokens)
        beyond = max([room.left - axis.box.left for axis in axes], default=0.0)
        over = max([axis.box.top - room.top for axis in axes], default=0.0)
        if max(beyond, over) > TOUCH:  # labels that stand only since the sheets have grown into their room
            boxes, axes = labelled_wall(heads, room.inset(left=max(beyond, 0.0), top=max(over, 0.0)), self.tokens)
        self.wall_axes = VGroup(*axes)
        return heads.wall(boxes)

    def legend(self) -> VGroup:
        """What rows and columns are, and what the colours of weights mean."""
        axes = Label("   ".join(self.axes_texts("queries", "keys")), self.theme.size(SMALL), self.theme.quiet)
        entries = legend((axes,), weight_entry(self.label("weight", SMALL), self.theme), width=self.right.width)
        x = min(self.right.x, STAGE.right - entries.width / 2)
        return entries.move_to([x, self.right.bottom + entries.height / 2, 0])
