"""The seven forms on one sheet: three that build on each other, four that each change one thing about the third."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from manim import DOWN, LEFT, RIGHT, Create, LaggedStart, VGroup, VMobject

from scenes.seven_forms.badges import Badges
from scenes.seven_forms.formula import FORMS, lit_formula
from scenes.shared.heads import MARGIN, Heads, fan_room
from scenes.shared.heads_layout import wall_boxes
from scenes.shared.masks import masked_cells
from scenes.stage.chapter.caption import in_lines
from scenes.stage.chapter.chapter import STAGE, Chapter
from scenes.stage.charts.legend import Swatch, legend, weight_entry
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.cable import Cable
from scenes.stage.paint.formula import Formula
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.label import Label, shrink
from scenes.stage.paint.layout import LABEL, SMALL, SPACE, TIGHT, Box, layout_now
from scenes.stage.paint.painting import hexadecimal

ACROSS = 4
BETWEEN = (0.3, 0.38)
LEGIBLE = 0.88  # of the size of formulas, at which they can be read; smaller, they are left out
ASIDE = TIGHT  # how far formulas may reach beyond their stations
NAME, FORMULA, PURPOSE, PURPOSES = 0.36, 0.42, 0.28, 0.4  # the last for words on two lines
AIR = 0.08
LARGEST = (0.36, 0.3)
LONGEST = 1.05
MOST_APART = 4
BUILDING = 3
RAMP, NARROW_RAMP, BETWEEN_ENTRIES = 1.3, 0.35, 0.5


class FormsPoster:
    """stations: the forms one after another, then the legend; flow(): what each form is made from."""

    def __init__(self, chapter: Chapter) -> None:
        self.chapter, self.trace, self.theme = chapter, chapter.trace, chapter.theme
        across = ACROSS // 2 if STAGE.is_tall else ACROSS
        rows = STAGE.rows(*[1] * ((len(FORMS) + 1) // across), gap=BETWEEN[1])
        boxes = [box for row in rows for box in row.columns(*[1] * across, gap=BETWEEN[0])]
        legend = boxes.pop(BUILDING)
        self.boxes = dict(zip(FORMS, boxes, strict=True))
        self.formulas = self._formulas(self.boxes["bare"].width)
        self.stations = [self._station(form, box) for form, box in self.boxes.items()]
        self.stations.append(self._legend(legend))

    def _formulas(self, room: float) -> dict[str, Formula]:
        """The formulas of all forms, in one size at which each of them fits."""
        formulas = {form: lit_formula(form, self.theme) for form in FORMS}
        scale = min(1.0, *((room + ASIDE) / sign.width for sign in formulas.values()))
        if layout_now().is_narrow and scale < LEGIBLE:
            return {}
        return {form: sign.scale(scale) for form, sign in formulas.items()}

    def _station(self, form: str, box: Box) -> VGroup:
        """Number and name, the formula with its new term lit, the weights, and what the ingredient is for."""
        below = PURPOSES if layout_now().is_narrowest else PURPOSE
        formula = VGroup(*(sign for sign in (self.formulas.get(form),) if sign is not None))
        over = FORMULA
        if layout_now().is_narrow:
            over = max(FORMULA, formula.height + AIR) if self.formulas else AIR
        name, sign, body, foot = box.rows(NAME, over, box.height - NAME - over - below, below)
        body = body.inset(bottom=AIR)
        formula.move_to(sign.centre)
        purpose = in_lines(self.chapter.label(f"{form}_purpose", SMALL), foot.width, self.theme, SMALL)
        purpose.move_to(foot.centre)
        picture = self._heads(body) if form == "multi_head" else self._matrix(form, body)
        return VGroup(self._name(form, name), formula, picture, purpose)

    def _name(self, form: str, box: Box) -> VGroup:
        badge = Badges([FORMS.index(form) + 1], self.theme)
        name = self.chapter.label(form, LABEL, self.theme.ink, "semibold")
        room = box.width - badge.width - SPACE
        name = in_lines(name, room, self.theme, LABEL)
        return VGroup(badge, name).arrange(RIGHT, buff=SPACE).move_to(box.centre)

    def _matrix(self, form: str, box: Box) -> VGroup:
        tensor = self.trace[f"forms.{form}.weights"]
        rows, columns = tensor.shape
        height = min(box.height, rows * LARGEST[1])
        named = height / rows >= self.theme.size(SMALL)
        matrix = self.chapter.matrix(tensor, tokens="rows" if named else "", tag="").reveal().as_heat()
        if form in ("padding", "causal"):
            matrix.veil(masked_cells(self.trace[f"forms.{form}.mask"]))
        left = 0.0
        if matrix.row_tokens is not None:
            matrix.row_tokens.LONGEST = LONGEST
            left = matrix.row_tokens.place(Box(0, 1, 0, height)).box.width + SPACE
        width = min(box.width - left, columns * LARGEST[0])
        x = box.x + left / 2
        matrix.place(Box(x - width / 2, x + width / 2, box.y - height / 2, box.y + height / 2))
        return VGroup(matrix, self._focus(form, matrix))

    def _focus(self, form: str, matrix: Matrix) -> Frame:
        query, key = (int(place) for place in self.trace[f"forms.{form}.telling"].values)
        return Frame(matrix.cell_box(query, key), self.theme)

    def _heads(self, box: Box) -> Heads:
        self.heads_box = box
        name = self.chapter.template("head")
        return self.place(Heads(self.trace["forms.multi_head.weights"], self.theme, name).reveal())

    def place(self, heads: Heads) -> Heads:
        """Place these heads where the poster has them: a few side by side, many as a stack."""
        box = self.heads_box
        if heads.count <= MOST_APART:
            return heads.wall(wall_boxes(heads, box))
        right, above = fan_room(heads.count)
        room = box.inset(left=MARGIN, right=right, bottom=MARGIN, top=above)
        width = min(room.width, heads.columns * LARGEST[0])
        left = room.x - width / 2
        heads.fan(Box(left, left + width, room.bottom, room.top))
        heads.front.numbers = np.zeros(1)
        return heads

    def _legend(self, box: Box) -> VGroup:
        theme, narrow = self.theme, layout_now().is_narrow
        telling = in_lines(self.chapter.label("telling", SMALL), box.width - BETWEEN_ENTRIES, theme, SMALL)
        rows = VGroup(
            *(
                legend((Label(text, theme.size(SMALL), theme.quiet),))
                for text in self.chapter.axes_texts("queries", "keys")
            ),
            legend(weight_entry(self.chapter.label("weight", SMALL), theme, NARROW_RAMP if narrow else RAMP)),
            legend((Swatch(theme, masked=True), self.chapter.label("may_not", SMALL))),
            legend((Frame(Box(0, 0.32, 0, theme.size(SMALL)), theme), telling)),
        )
        rows.arrange(DOWN, buff=0.2, aligned_edge=LEFT)
        return shrink(rows, box.width, theme, SMALL).move_to(box.centre)

    # --- flow -------------------------------------------------------------------------------------------------------

    def flow(self) -> LaggedStart:
        """From each of the first three to the next, and from the third to the four made from it."""
        building = list(self.boxes)[:BUILDING]
        level = [pair for pair in pairwise(building) if self._name_of(pair[0]).left < self._name_of(pair[1]).left]
        cables = [self._next(*pair) for pair in level]
        if not STAGE.is_tall:
            cables += [self._branch(form) for form in list(self.boxes)[BUILDING:]]
        lines = VGroup(*(self._line(cable) for cable in cables))
        return LaggedStart(*(Create(line) for line in lines), lag_ratio=0.15, run_time=1.6)

    def _next(self, source: str, target: str) -> Cable:
        a, b = self._name_of(source), self._name_of(target)
        return Cable(((a.right + TIGHT, a.y), (b.left - TIGHT, b.y)))

    def _branch(self, form: str) -> Cable:
        """Down from the third form, along between the two rows, and down to the form."""
        third, name = self.boxes["scaled"], self._name_of(form)
        level = third.bottom - BETWEEN[1] / 2
        x = name.left + 0.18
        if abs(x - third.x) < 1e-3:
            return Cable(((third.x, third.bottom), (x, name.top)))
        return Cable(((third.x, third.bottom), (third.x, level), (x, level), (x, name.top + 0.04)))

    def _name_of(self, form: str) -> Box:
        group = self.stations[FORMS.index(form)][0]
        left, right = group.get_left()[0], group.get_right()[0]
        return Box(float(left), float(right), float(group.get_bottom()[1]), float(group.get_top()[1]))

    def _line(self, cable: Cable) -> VMobject:
        return cable.path().set_stroke(hexadecimal(self.theme.quiet), 2.5, 0.7)
