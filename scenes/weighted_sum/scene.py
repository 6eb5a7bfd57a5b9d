"""Weights × V. The output of a token is a mixture of values, each in proportion to its weight."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import DOWN, LEFT, Animation, Create, FadeIn, FadeOut, LaggedStart, VGroup, linear

from core.trace.mixing import by_weight, output_in_plane, values_are_flat, values_in_plane, way_of_output
from scenes.shared.arrows import Arrow, Plane
from scenes.stage.chapter.caption import percent
from scenes.stage.chapter.chapter import STAGE, Chapter, step
from scenes.stage.charts.ramp import signed_legend, weight_legend
from scenes.stage.matrix.cell_wave import CellWave
from scenes.stage.matrix.flight import fly_cells, transposed
from scenes.stage.matrix.level import place_level
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.matrix.products import place_product
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.label import Label, Run, shrink
from scenes.stage.paint.layout import GAP, LABEL, SMALL, SPACE, TEXT, TIGHT, WIDE, Box
from scenes.stage.paint.ribbons import Ribbons, row_ends
from scenes.weighted_sum.attention_map import AttentionMap
from scenes.weighted_sum.mixture import Mixture
from scenes.weighted_sum.walk import Walk

RIBBON, NARROW_RIBBON = 1.3, 0.8
HEADING = 0.66
COLUMN = 0.66
LARGEST = (0.74, 0.64)
ALONE = (1.3, 1.1)  # the widest cells of V and of its weights, as long as they stand alone
LEGENDS = 2.0  # the height that they need
APART = 3  # steps of the output that are seen one by one
MOST_NAMED, WIDEST_NAME = 8, 0.35  # values whose arrows all have names; the width of one, of the room of the arrows


class WeightedSum(Chapter):
    """Values scaled by weights and summed, for one query, in numbers and among arrows, and then for all; the whole."""

    def setup(self) -> None:
        super().setup()
        trace, theme = self.trace, self.theme
        self.query, _ = trace.telling_pair()
        self.best = trace.largest_in_row("weights", self.query)
        self.scores_name = "masked_scores" if trace["mask"].values.any() else "scaled_scores"
        self.shares = trace["weights"].values[self.query]  # (keys,)
        keys = trace["v"].axis_labels("keys")
        self.weights = self.matrix("weights", tokens="both", tag="top").reveal()
        self.v = self.matrix("v", tag="top")
        self.column = Matrix(trace["weights"].line(self.query, standing=True), "weights", theme, row_tokens=keys)
        self.mixture = Mixture(trace["v"], trace["weighted_values"].part(self.query), self.shares, theme)
        self.output = Matrix(trace["context"].line(self.query), "output", theme)
        self.place_parts()

    def place_parts(self) -> None:
        """Tokens, weights, V, the weighted values and the output side by side; a strip for arithmetic below."""
        place_level([self.weights], STAGE)
        table, self.strip = STAGE.rows(6, 0.8)
        n = self.v.rows
        heading = max(HEADING, self.v.whole.top - self.v.box.top)
        height = min(LARGEST[1], (table.height - heading) / n)
        self.column.place(Box(0, COLUMN, 0, n * height))
        tokens = self.column.row_tokens.box.width + SPACE if self.column.row_tokens else 0.0
        first = max(COLUMN, 1.02 * self.column.cells.smallest_numeric_pitch()[0])
        width, flow = self.block_and_flow(STAGE.width - tokens - first - SPACE)
        left = STAGE.x - (tokens + first + SPACE + 3 * width + 2 * flow) / 2 + tokens
        top = table.y - heading / 2 + n * height / 2
        self.column.place(Box(left, left + first, top - n * height, top))
        left += first + SPACE
        for matrix in (self.v, self.mixture):
            matrix.place(Box(left, left + width, top - n * height, top))
            left += width + flow
        middle = top - n * height / 2
        self.output.place(Box(left, left + width, middle - height / 2, middle + height / 2))
        self.row_height = height
        self.open_columns()
        self.home = {self.column: self.column.box, self.v: self.v.box}
        self.stand_alone(tokens, first)

    def stand_alone(self, tokens: float, first: float) -> None:
        """Weights and V in the middle of the stage, wide, as long as nothing else stands there."""
        room = STAGE.width - tokens - SPACE
        first = max(first, min(ALONE[1], room / (self.v.columns + 1)))
        width = max(self.v.box.width, min(self.v.columns * ALONE[0], room - first - WIDE))
        left = STAGE.x - (tokens + first + SPACE + width) / 2 + tokens
        self.column.place(self.column.box.but(left=left, right=left + first))
        self.v.place(self.v.box.but(left=left + first + SPACE, right=left + first + SPACE + width))

    def block_and_flow(self, room: float) -> tuple[float, float]:
        """The width of V, of its weighted rows and of the output, and of the ribbons between them: these give way
        where the numbers need it.
        """
        d = self.v.columns
        need = d * max(matrix.cells.smallest_numeric_pitch()[0] for matrix in (self.v, self.mixture, self.output))
        flow = RIBBON if 3 * need + 2 * RIBBON <= room else NARROW_RIBBON
        return min(d * LARGEST[0], (room - 2 * flow) / 3), flow

    def open_columns(self) -> None:
        """Where not all columns have room for their numbers, the first ones do."""
        blocks = (self.v, self.mixture, self.output)
        if all(m.cells.numeric and m.cells.smallest_numeric_pitch()[1] <= self.row_height for m in blocks):
            self.v.opening(range(self.v.columns), self.mixture, self.output)

    def names(self) -> dict[str, Run]:
        return {"query": self.token("queries", self.query), "best": self.token("keys", self.best, "weights")}

    def words_over(self, key: str, matrix: Matrix, meaning: str) -> Label:
        """Words over a matrix, in its hue."""
        label = self.label(key, LABEL, self.theme.hue(meaning), query=self.token("queries", self.query))
        x = min(matrix.box.x, STAGE.right - label.width / 2)
        return label.move_to([x, matrix.box.top + 0.26, 0])

    # --- one output row -----------------------------------------------------------------------------------------

    @step
    def weights_and_values(self) -> None:
        self.carry(self.weights)
        self.light("values")
        self.say(**self.names(), share=percent(self.trace["weights"].at(self.query, self.best)))
        frame = Frame(self.weights.row_box(self.query), self.theme)
        self.play(FadeIn(frame), self.weights.animate.spotlight(rows=self.query), run_time=0.8)
        row = Matrix(self.trace["weights"].line(self.query), "weights", self.theme).reveal().place(frame.box)
        self.add(row)
        self.play(FadeOut(self.weights, frame), run_time=0.6)
        self.play(row.animate.place(self.aside(row)), run_time=0.8)
        self.play(FadeIn(self.v, self.column.row_tokens), run_time=0.6)
        self.play(CellWave(self.v, Matrix.reveal, run_time=1.4))
        self.say(**self.names())
        fly_cells(self, row, self.column, transposed, order="columns", run_time=1.4)

    def aside(self, row: Matrix) -> Box:
        """Below the table, where the lifted row waits."""
        width, height, y = row.box.width, min(row.box.height, self.strip.height - TIGHT), self.strip.y
        return Box(STAGE.x - width / 2, STAGE.x + width / 2, y - height / 2, y + height / 2)

    @step
    def scale(self) -> None:
        self.say(share=percent(self.trace["weights"].at(self.query, self.best)), **self.names())
        self.play(*(matrix.animate.place(box) for matrix, box in self.home.items()), run_time=1.0)
        self.ribbons = self.value_ribbons()
        self.products = self.words_over("weighted", self.mixture, "v")
        self.result = self.words_over("output", self.output, "output")
        self.play(self.ribbons.animate.draw(), FadeIn(self.products, self.output, self.result), run_time=0.9)
        fly_cells(self, self.v, self.mixture, keep=True, run_time=1.4)
        widths = self.share_widths()
        starts, ends = self.thick(self.ribbons.starts, widths), self.thick(self.ribbons.ends, widths)
        self.play(
            self.mixture.animate.weigh(),
            self.ribbons.animate.flow(starts, ends, self.clearness()),
            self.v.animate.recede(),
            run_time=1.6,
        )

    def value_ribbons(self) -> Ribbons:
        """From every row of V to its place among the weighted rows, all equally broad as yet."""
        ends = self.mixture.edge("left")
        ends[:, 2] *= 0.8
        starts = ends.copy()
        starts[:, 0] = self.v.box.right + 0.03
        return Ribbons(starts, ends, np.full(len(ends), 0.22), self.theme.hue("v")).undrawn()

    def share_widths(self) -> np.ndarray:
        """Thickness of each ribbon: its weight, the largest as broad as a row.  # (keys,)"""
        return self.shares / (self.shares.max() or 1.0) * 0.86 * self.row_height

    def clearness(self) -> np.ndarray:
        """How strongly each ribbon shows; what has no weight has no ribbon.  # (keys,)"""
        return np.where(self.shares > 0, 0.25 + 0.35 * self.shares, 0.0)

    @staticmethod
    def thick(ends: np.ndarray, thickness: np.ndarray) -> np.ndarray:
        return np.column_stack([ends[:, :2], thickness])

    @step
    def first_number(self) -> None:
        self.say(**self.names())
        focus = Frame(self.mixture.column_box(0), self.theme)
        self.play(FadeIn(focus), run_time=0.8)
        self.line = self.arithmetic("context", self.query, 0, box=self.strip)
        self.play(self.line.opened())
        n = self.v.rows
        self.play(
            self.line.fly_in([self.column.cell_box(j, 0) for j in range(n)], [self.v.cell_box(j, 0) for j in range(n)])
        )
        self.play(self.line.result(), run_time=0.8)
        self.total = self.sum_sign()
        self.play(self.line.total_flight(self.output.cell_box(0, 0)), FadeOut(focus), run_time=0.8)
        self.play(self.output.animate.reveal(columns=0), FadeIn(self.total), run_time=0.3)

    def sum_sign(self) -> Label:
        """Between the weighted rows and the output: whether the printed columns add up to it."""
        label = self.label("adds_up", TEXT)
        return label.move_to([(self.mixture.box.right + self.output.box.left) / 2, self.output.box.y, 0])

    @step
    def mix(self) -> None:
        self.say(**self.names())
        stacked = self.mixture.copy().stack(0.9)
        self.play(
            FadeOut(self.line, self.total, run_time=0.6),
            self.mixture.animate(run_time=1.6).stack(0.9),
            self.ribbons.animate(run_time=1.6).flow(self.ribbons.starts, stacked.edge("left")),
        )
        ends = row_ends(self.output.box, self.shares, "left", 0.9)
        ends[:, 0] -= 0.03
        self.pouring = Ribbons(self.mixture.edge("right"), ends, self.clearness(), self.theme.hue("v")).undrawn()
        drop = self.mixture.copy()
        self.add(drop, self.output)
        self.play(self.pouring.animate.draw(), run_time=0.8)
        self.play(
            drop.animate(run_time=1.4).pour_into(self.output.box),
            CellWave(self.output, Matrix.reveal, order="columns", run_time=1.6),
        )
        self.remove(*drop.get_family())

    # --- among the values ---------------------------------------------------------------------------------------

    @step
    def among_values(self) -> None:
        self.say(**self.names())
        end, start = self.below_v(), self.output.box
        down = Box(start.x - end.width / 2, start.x + end.width / 2, end.bottom, end.top)
        self.play(
            FadeOut(self.ribbons, self.pouring, self.mixture, self.products, self.result),
            self.output.animate.place(down),
            run_time=0.6,
        )
        self.play(self.output.animate.place(end), self.v.animate.light_up(), run_time=0.6)
        plane = self.plane_of_values()
        order = by_weight(self.trace)
        result = self.words_over("output", self.output, "output")
        names = self.tip_names(plane, order)
        plane.name_tips({result: plane.query.tip} | names, plane.tips)
        self.play(FadeIn(plane.axes, plane.names), run_time=0.6)
        grown = [self.grow(arrow) for arrow in plane.keys]
        self.play(LaggedStart(*grown, lag_ratio=0.1), FadeIn(*names), run_time=1.4)
        self.say()
        walk = self.way_in(plane)
        self.play(*(arrow.animate.recede() for arrow in plane.keys), FadeIn(walk), run_time=0.6)
        for gone, key in enumerate(order[:APART], start=1):
            self.play(walk.animate.go(gone), self.v.animate.spotlight(rows=key), run_time=1.3 / gone**0.5)
        if len(order) > APART:
            self.play(walk.animate.go(len(order)), self.v.animate.spotlight(rows=order[APART:]), run_time=1.0)
        self.say(**self.names())
        self.play(self.grow(plane.query), FadeIn(result), self.v.animate.light_up(), run_time=1.2)
        self.remove(walk)
        self.add(walk)
        self.among = VGroup(plane, walk, result, *names)

    def below_v(self) -> Box:
        """Where the output stands as the sum of the rows above it."""
        v, height = self.v.box, self.output.box.height
        return Box(v.left, v.right, self.strip.y - height / 2, self.strip.y + height / 2)

    def plane_of_values(self) -> Plane:
        """The values and the output to the right of V, in the plane of the trace."""
        room = Box(self.v.box.right + GAP, STAGE.right, STAGE.bottom, STAGE.top)
        values, output = values_in_plane(self.trace), output_in_plane(self.trace)
        return Plane(output, values, self.axis_names(values.shape[1]), room, self.theme, ("output", "v"))

    def axis_names(self, count: int) -> list[Label]:
        if values_are_flat(self.trace):
            return [self.label("dimension", SMALL, number=number + 1) for number in range(count)]
        return [self.label(key, SMALL) for key in ("strongest", "second")[:count]]

    def tip_names(self, plane: Plane, order: Sequence[int]) -> dict[Label, np.ndarray]:
        """Names of the values at their tips: with their weights, of those that get most; of the others where all have
        room, once where several lie at one place.
        """
        tips: dict[Label, np.ndarray] = {}
        keys = dict.fromkeys([*order[:APART], *range(self.v.rows if self.v.rows <= MOST_NAMED else 0)])
        for key in keys:
            if not any(np.allclose(plane.tips[key], tip) for tip in tips.values()):
                tips[self.tip_name(key, weighed=key in order[:APART])] = plane.tips[key]
        return tips

    def tip_name(self, key: int, *, weighed: bool) -> Label:
        token, hue = self.token("keys", key), self.theme.hue("v")
        if not weighed:
            return Label([token], self.theme.size(SMALL), hue, structural=True)
        label = self.label("tip", LABEL, hue, token=token, share=percent(self.trace["weights"].at(self.query, key)))
        return shrink(label, WIDEST_NAME * (STAGE.right - self.v.box.right), self.theme, LABEL)

    def way_in(self, plane: Plane) -> Walk:
        """The way of the output in that plane."""
        way = way_of_output(self.trace)
        places = np.zeros((len(way), 2))
        places[:, : way.shape[1]] = way
        return Walk(plane.origin + plane.unit * places, self.theme.hue("v"), self.theme.hue("output"), self.theme)

    @staticmethod
    def grow(arrow: Arrow) -> Animation:
        tip = arrow.tip
        return arrow.at_origin().animate.point_to(tip)

    # --- all output rows ----------------------------------------------------------------------------------------

    @step
    def all_rows(self) -> None:
        weights = self.matrix("weights", tokens="both", tag="left").reveal()
        v, z = self.matrix("v", tag="right").reveal(), self.matrix("context", tag="right")
        place_product(weights, v, z, STAGE)
        self.make_room(weights, v, z)
        self.say()
        self.play(FadeOut(self.among, self.v.tag, self.column), run_time=0.6)
        landing = Matrix(self.output.tensor, "output", self.theme).place(z.row_box(self.query))
        self.play(FadeIn(v.tag, z.tag), run_time=0.4)
        self.add(v.empty())
        fly_cells(self, self.v, v, run_time=0.9)
        fly_cells(self, self.output, landing, run_time=0.7)
        self.play(FadeIn(weights, z.reveal(rows=self.query)), run_time=0.7)
        self.remove(*landing.get_family())
        self.play(CellWave(z, Matrix.reveal, run_time=2.2))
        self.table = (weights, v, z)

    @staticmethod
    def make_room(weights: Matrix, v: Matrix, z: Matrix) -> None:
        """Where the last label over the weights would reach into V, the weights stand further to the left."""
        reach = weights.column_tokens.box.right + TIGHT - v.box.left if weights.column_tokens else 0.0
        if reach > 0:
            place_product(weights, v, z, STAGE.inset(left=reach))
            weights.shift(LEFT * reach)

    @step
    def whole(self) -> None:
        self.say()
        view = AttentionMap(self.trace, self.scores_name, self.query, self.theme, STAGE)
        self.gather(view)
        self.light("all")
        p, focus = view.parts, self.theme.hue("focus")
        fans = [Create(fan, lag_ratio=0.1) for fan in view.fans.values()]
        self.play(FadeIn(view.tokens, p["q"], p["k"], *(view.names[key] for key in "qkv")), *fans, run_time=1.2)
        self.play(view.rows["scores"].animate.draw(), Create(view.cables, lag_ratio=0.1), run_time=0.9)
        words = self.label("softmax", SMALL)
        gap = (p["scores"].box.right + p["weights"].box.left) / 2
        words.move_to([gap, p["scores"].box.bottom - 0.2, 0])
        self.play(
            FadeIn(p["scores"], view.names["scores"], words, *view.columns[:1]),
            view.rows["weights"].animate.draw(),
            run_time=0.8,
        )
        row = Frame(p["weights"].row_box(self.query), self.theme, focus)
        self.play(FadeIn(row, *view.columns[1:]), view.rows["context"].animate.draw(), run_time=0.7)
        self.mix_in(view)

    def gather(self, view: AttentionMap) -> None:
        """Weights, V and Z leave their table for their places in the map."""
        pairs = list(zip(self.table, (view.parts[key] for key in ("weights", "v", "context")), strict=True))
        labels = [part for old, _ in pairs for part in old if part is not old.cells]
        self.play(*(old.animate.as_heat() for old, _ in pairs), FadeOut(*labels), run_time=0.6)
        self.play(*(old.cells.animate.set_box(new.box) for old, new in pairs), run_time=1.1)
        self.remove(*(part for old, _ in pairs for part in old.get_family()))
        self.add(*(new for _, new in pairs))
        self.play(FadeIn(view.names["weights"], view.names["context"]), run_time=0.6)

    def mix_in(self, view: AttentionMap) -> None:
        """The ribbons of one query run, and its output row is framed."""
        inflow = [ribbons.animate.draw() for ribbons in view.ribbons[:2]]
        self.play(*inflow, Create(view.drops, lag_ratio=0.1), FadeIn(view.dots), run_time=0.9)
        for ribbons in view.ribbons[2:]:
            self.play(ribbons.animate.draw(), run_time=0.4, rate_func=linear)
        row = Frame(view.parts["context"].row_box(self.query), self.theme)
        self.play(FadeIn(row, view.outputs, self.legends(view.corner)))

    def legends(self, box: Box) -> VGroup:
        """What the colours and the thickness mean, where the map leaves room for it."""
        if box.height < LEGENDS:
            return VGroup()
        column = VGroup(weight_legend(self.label("ramp", SMALL), self.theme), self.label("thickness", SMALL))
        scores = self.trace[self.scores_name]
        if np.isfinite(scores.values).any():
            column.submobjects.insert(0, signed_legend(self.label("score_ramp", SMALL), scores, "scores", self.theme))
        column.arrange(DOWN, buff=0.26)
        x = min(box.x, STAGE.right - column.width / 2)
        return column.move_to([x, box.y, 0])
