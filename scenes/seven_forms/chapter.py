"""What every form of attention goes through: an ingredient joins the machine, and the weights change in their place."""

from __future__ import annotations

from typing import Any

from manim import FadeIn, FadeOut, VGroup

from core.trace import Reading, Tensor
from scenes.seven_forms.badges import Badges
from scenes.seven_forms.formula import FORMS, FORMULAS
from scenes.seven_forms.machine import Machine
from scenes.seven_forms.matrix import ChangeBars, FormMatrix, Morph
from scenes.shared.heads import Heads
from scenes.shared.heads_layout import labelled_wall
from scenes.stage.chapter.caption import Fact, percent
from scenes.stage.chapter.chapter import STAGE, Chapter
from scenes.stage.charts.legend import WeightRamp, legend
from scenes.stage.paint.formula import HeaderFormula
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.label import Label, Run
from scenes.stage.paint.layout import HEADER, Box
from scenes.stage.paint.typography import shorten

SHARES = (4.0, 8.9)
GAP = 0.45
HEAD = 0.95
CHANGE, BARS, FOOT = 0.34, 0.95, 0.34
NAME = 0.3


class FormsChapter(Chapter):
    """The machine on the left, the weights and the bars of one row on the right, the form's formula above."""

    formula = FORMULAS["multi_head"].source

    def setup(self) -> None:
        super().setup()
        self.fit_header()
        self.left, self.right = STAGE.columns(*SHARES, gap=GAP)
        head, body = self.left.rows(HEAD, self.left.height - HEAD)
        self.badges = Badges(range(1, len(FORMS) + 1), self.theme)
        self.badges.move_to([head.left + self.badges.width / 2, head.top - self.badges.height / 2, 0])
        self.name_box = Box(head.left, head.right, head.bottom, self.badges.box.bottom)
        self.machine = Machine(self.trace, self.theme, body)
        self.tokens = self.example.tokens
        self.matrix_room = self.right.inset(top=CHANGE + BARS + 0.1, bottom=FOOT + 0.1)
        self.weights = FormMatrix(self.trace, self.theme).fit(self.matrix_room, len(self.tokens))
        self.wall_room = self.right.inset(bottom=FOOT + 0.1)
        self.frames = VGroup()
        self.name = VGroup()
        self.row = VGroup()

    def tensor(self, form: str) -> Tensor:
        return self.trace[f"forms.{form}.weights"]

    def telling(self, form: str) -> tuple[int, ...]:
        """Where the core found this form to tell most."""
        return tuple(int(place) for place in self.trace[f"forms.{form}.telling"].values)

    def add_ingredient(self, form: str) -> None:
        """The form's ingredient joins the machine, its term the formula, its number is lit."""
        number = FORMS.index(form) + 1
        old = (self.name, self.header, self.frames)
        self.header = HeaderFormula(FORMULAS[form].source, self.theme).light(*FORMULAS[form].new)
        self.fit_header()
        self.name = self.name_of(form)
        self.frames = VGroup(*(Frame(box, self.theme) for box in self.machine.new_boxes(form)))
        self.play(FadeOut(*old), self.badges.animate.light(number), run_time=0.3)
        self.play(FadeIn(self.name, self.header), self.machine.animate.show(form), run_time=0.7)
        self.play(FadeIn(self.frames), run_time=0.3)

    def fit_header(self) -> None:
        """The header's formula where it belongs, no taller than its band."""
        self.header.scale(min(1.0, HEADER.height / self.header.height))
        self._place_header()

    def name_of(self, form: str) -> Label:
        name = self.label(form, NAME, self.theme.ink, "semibold")
        name.scale(min(1.0, self.name_box.width / name.width))
        return name.move_to([self.name_box.left + name.width / 2, self.name_box.y, 0])

    def look_at(self, form: str, before: str | None, place: tuple[int, ...], *, cell: bool = True) -> None:
        """The row that tells most as bars, as it was before this form, and a frame around its cell, if it is there."""
        query, key = place
        columns, labels = self.weights.cells.box, self.weights.axes["keys"].box.top + 0.1
        self.bars = ChangeBars(self.weights.cells.shape[1], self.theme)
        self.bars.set_box(Box(columns.left, columns.right, labels, min(self.right.top - CHANGE, labels + BARS)))
        was = None if before is None else self.trace[before].values[query]
        self.bars.start(was, len(self.tokens))
        self.frame = Frame(self.weights.cell_box(query, key), self.theme)
        self.row = VGroup(self.bars, self.row_name(form, query), *[self.frame] * cell)
        self.play(FadeIn(self.row), run_time=0.5)

    def row_name(self, form: str, query: int) -> Label:
        """Whose row the bars are, to their left."""
        token = self.token("queries", query, f"forms.{form}.weights").text
        room = max(0.6, self.bars.box.left - self.right.left - 0.2)
        label = Label(shorten(token, room, 0.24), 0.24, self.theme.hue("q"), "semibold", structural=True)
        return label.move_to([self.bars.box.left - 0.14 - label.width / 2, self.bars.box.bottom + label.height / 2, 0])

    def change(self, place: tuple[int, ...], before: str | None, after: str, **shown: Any) -> None:
        """The weights become those of `after`, from the telling cell outwards; the bars with them."""
        query, key = place
        tensor = self.trace[after]
        morph = Morph(self.weights, (query, key), lambda m: m.show(tensor, **shown), run_time=1.6)
        self.play(morph, self.bars.animate.become(tensor.values[query]))
        label = self.change_label([self.trace[name].at(query, key) for name in (before, after) if name])
        x = self.bars.bar_x(key)
        x = min(max(x, self.right.left + label.width / 2), STAGE.right - label.width / 2)
        label.move_to([x, self.bars.box.top + 0.06 + label.height / 2, 0])
        coming = [part for part in (self.frame, label) if part not in self.row]
        self.row.add(*coming)
        self.play(FadeIn(*coming), run_time=0.3)

    def change_label(self, readings: list[Reading]) -> Label:
        """`1% → 95%`"""
        runs = [Run(" → ", self.theme.quiet)] * (2 * len(readings) - 1)
        runs[::2] = [percent(reading) for reading in readings]
        return Label(runs, 0.26, self.theme.ink, "semibold")

    def facts(self, form: str, before: str | None = None) -> dict[str, Fact]:
        """The query and the key that tell most, and the weight between them before and after."""
        name = f"forms.{form}.weights"
        query, key = self.telling(form)
        facts: dict[str, Fact] = {"query": self.token("queries", query, name), "key": self.token("keys", key, name)}
        facts["after"] = percent(self.trace[name].at(query, key))
        return facts if before is None else facts | {"before": percent(self.trace[before].at(query, key))}

    def say_change(self, form: str, before: str) -> None:
        """What the form changed most; of a single token nothing can change."""
        if len(self.tokens) == 1:
            self.say_instead("alone")
        self.say(**self.facts(form, before))

    def back_to_scaled(self) -> None:
        """What the last form had changed is taken back: from here the next one starts."""
        scaled = self.tensor("scaled")
        self.play(
            FadeOut(self.row, self.frames),
            Morph(self.weights, (0, 0), lambda m: m.show(scaled)),
            self.machine.animate.show("scaled"),
            run_time=1.0,
        )
        self.frames = VGroup()

    def stand_wall(self, room: Box) -> Heads:
        """The heads' weights, all to be seen."""
        heads = Heads(self.tensor("multi_head"), self.theme, self.text.labels["head"]).reveal()
        boxes, axes = labelled_wall(heads, room, self.tokens)
        beyond = max([room.left - axis.box.left for axis in axes], default=0.0)
        if beyond > 0:  # labels that stand only since the sheets have grown into their room
            boxes, axes = labelled_wall(heads, room.inset(left=beyond), self.tokens)
        self.wall_axes = VGroup(*axes)
        return heads.wall(boxes)

    def legend(self) -> VGroup:
        """What rows and columns are, and what the colours of weights mean."""
        ends = [Label(text, 0.2, self.theme.quiet) for text in "01"]
        axes = Label("   ".join(self.axes_texts("queries", "keys")), 0.2, self.theme.quiet)
        entries = legend((axes,), (self.label("weight", 0.2), ends[0], WeightRamp(self.theme), ends[1]))
        return entries.move_to([self.right.x, self.right.bottom + entries.height / 2, 0])
