"""Multi-head attention. The same cost, several points of view."""

from __future__ import annotations

from functools import partial

from manim import FadeIn, FadeOut, LaggedStart, VGroup

from scenes.multi_head.cost import HeadsCost
from scenes.multi_head.mixing import HeadsSum, rows_of_heads
from scenes.multi_head.poster import HeadsPoster
from scenes.multi_head.product import StackLine, StackProduct
from scenes.multi_head.tags import heads_tag, named_value, pattern_notes, weights_note
from scenes.shared.heads import MARGIN, TAB, Heads
from scenes.shared.heads_layout import CutRow, labelled_wall, opened
from scenes.shared.heads_motion import Deal, InParallel
from scenes.shared.masks import masked_cells
from scenes.stage.chapter.caption import about, percent
from scenes.stage.chapter.chapter import STAGE, Chapter, step
from scenes.stage.matrix.arithmetic import Arithmetic
from scenes.stage.matrix.cell_wave import CellWave
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.matrix.products import place_product
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.layout import GAP, TIGHT, Box, around

MULTI_HEAD = (
    'O = {{ op("Concat")_i : concat }} lr(( {{ "softmax" : weights }} '
    "lr(( {{ Q_i K_i^top slash sqrt(d_k) : scores }} {{ + M : mask }} )) thin {{ V_i : values }} )) "
    "thin {{ W_O : output }}"
)
HEADS = ("weights", "scores", "mask", "values")  # what the formula says of a head
CUT = 0.34


class MultiHead(Chapter):
    """Q, K and V cut into heads, attention in all heads at once, and the results laid together and mixed by W_O."""

    formula = MULTI_HEAD

    def setup(self) -> None:
        super().setup()
        self.count = self.example.heads
        self.query, self.key = self.trace.telling_pair()
        self.views = self.trace.telling_views()
        self.table, self.line_box = STAGE.rows(6.1, 0.9)
        self.wall_room, self.strip = STAGE.rows(6.1, 0.7)
        self.tokens = self.trace["scores"].axis_labels("queries") or self.example.tokens

    def heads(self, name: str) -> Heads:
        return Heads(self.trace[f"heads.{name}"], self.theme, self.template("head"))

    # --- the cut --------------------------------------------------------------------------------------------------

    @step
    def cut(self) -> None:
        whole = [self.matrix(name, tokens="rows" if name == "q" else "", tag="below").reveal() for name in "qkv"]
        self.stacks = [self.heads(name).reveal() for name in "qkv"]
        row = CutRow(whole, self.count, STAGE, CUT)
        self.carry(*whole)
        self.light(*HEADS)
        self.say()
        frames = self.one_wide_look(*whole[:2])
        self.say(heads=self.count)
        self.place_cut(whole, row)
        apart = [s.animate.side_by_side(b, row.gap) for s, b in zip(self.stacks, row.opened, strict=True)]
        self.play(*apart, FadeOut(frames, *(matrix.tag for matrix in whole)))
        self.tags = VGroup(*(heads_tag(s, n, self.theme) for s, n in zip(self.stacks, "QKV", strict=True)))
        for tag, matrix in zip(self.tags, whole, strict=True):
            x = min(matrix.tag.get_x(), STAGE.right - tag.width / 2)
            tag.move_to([x, matrix.tag.get_y() - MARGIN, 0])
        self.play(
            *(Deal(s, partial(Heads.fan, box=b)) for s, b in zip(self.stacks, row.stacked, strict=True)),
            FadeIn(self.tags),
            run_time=1.6,
        )
        self.rows = whole[0].row_tokens

    def one_wide_look(self, q: Matrix, k: Matrix) -> VGroup:
        """The telling query, at full width, is held against the keys from first to last, then against its best."""
        query = Frame(q.row_box(self.query), self.theme)
        key = Frame(k.row_box(0), self.theme)
        self.play(FadeIn(query, key), run_time=0.6)
        for row, seconds in ((k.rows - 1, 1.2), (self.key, 0.8)):
            self.play(key.animate.around(k.row_box(row)), run_time=seconds)
        return VGroup(query, key)

    def place_cut(self, whole: list[Matrix], row: CutRow) -> None:
        """The sheets stand exactly where the matrices stood, edge to edge."""
        for matrix, stack in zip(whole, self.stacks, strict=True):
            self.remove(matrix.cells)
            self.remove(*matrix.get_family())
            self.add(matrix.tag, *([matrix.row_tokens] if matrix.row_tokens is not None else []))
            self.add(stack.side_by_side(matrix.box, 0.0, tabs=False))

    # --- one W, or one W per head -----------------------------------------------------------------------------------

    @step
    def slices(self) -> None:
        q, weights = self.stacks[0], self.heads("w_q").reveal()
        x = self.matrix("x", tokens="rows").reveal()
        w_q, result = self.matrix("w_q", tag="right"), self.matrix("q", tag="right").without_axes()
        gap = min(CUT, 1.5 / max(1, self.count - 1))
        room = gap * (self.count - 1)
        place_product(x, w_q, result, self.table.inset(right=room, top=TAB))
        weights.side_by_side(w_q.box, 0.0, tabs=False)
        tags = VGroup(w_q.tag, result.tag).shift([room, 0, 0])
        self.say()
        self.play(FadeOut(*self.stacks[1:], self.tags, self.rows), run_time=0.6)
        self.play(Deal(q, lambda h: h.side_by_side(opened(result.box, room), gap)), run_time=0.9)
        self.play(FadeIn(x, weights, tags), run_time=0.5)
        self.play(weights.animate.side_by_side(opened(w_q.box, room), gap), run_time=0.6)
        line = self.slice_arithmetic(x, weights)
        self.sliced = VGroup(x, weights, tags, *line)

    def slice_arithmetic(self, x: Matrix, weights: Heads) -> list[Arithmetic]:
        """One number of the first head's Q, from a row of X and a column of its own slice of W."""
        if "b_q" in self.trace:
            return []
        line = self.arithmetic("heads.q", 0, self.query, 0, box=self.line_box)
        frames = self.frames(x.row_box(self.query), weights.front.part_box(columns=0), self.stacks[0], 0)
        lit = (x.animate.spotlight(rows=self.query), weights.animate.spotlight(0), self.stacks[0].animate.spotlight(0))
        self.play(*lit, FadeIn(frames, line))
        self.wait(1.0)
        self.play(*(part.animate.light_up() for part in (x, weights, self.stacks[0])), FadeOut(frames), run_time=0.6)
        return [line]

    def frames(self, row: Box, column: Box, result: Heads, j: int) -> VGroup:
        cell = result.cell_box(0, self.query, j)
        return VGroup(*(Frame(box, self.theme) for box in (row, column, cell)))

    # --- attention in every head --------------------------------------------------------------------------------------

    @step
    def attend(self) -> None:
        self.q, self.k_transposed = self.stacks[0], self.heads("k_transposed").reveal()
        self.scores = self.heads("scores").reserve(self.trace["heads.scaled_scores"], self.trace["heads.weights"])
        table = StackProduct(self.q, self.k_transposed, self.scores, self.table, self.tokens, self.theme)
        self.k_transposed.fan(table.right)
        self.scores.fan(table.result)
        self.one_head = table.formula.light("scores")
        tags = table.tags("Q_i", "K_i^top", "Q_i K_i^top")
        self.light("scores")
        self.say_of_scores()
        self.play(FadeOut(self.sliced), run_time=0.6)
        self.play(Deal(self.q, lambda h: h.fan(table.left)), run_time=1.2)
        self.play(FadeIn(self.k_transposed, table.axes, tags, self.one_head, self.scores), run_time=0.8)
        frames = self.one_score()
        self.play(FadeOut(frames), InParallel(self.scores, Heads.reveal), run_time=1.6)
        self.table_parts = VGroup(self.q, self.k_transposed, table.axes, tags, self.line)

    def say_of_scores(self) -> None:
        pair = {"query": self.token("queries", self.query), "key": self.token("keys", self.key)}
        self.say(**pair, score=self.trace["heads.scores"].at(0, self.query, self.key), heads=self.count)

    def one_score(self) -> VGroup:
        row, column = self.q.front.part_box(rows=self.query), self.k_transposed.front.part_box(columns=self.key)
        frames = self.frames(row, column, self.scores, self.key)
        self.line = self.arithmetic("heads.scores", 0, self.query, self.key, box=self.line_box)
        self.play(FadeIn(frames, self.line), run_time=0.8)
        self.wait(0.8)
        self.play(self.line.total_flight(self.scores.cell_box(0, self.query, self.key)), run_time=0.8)
        return frames

    @step
    def weights(self) -> None:
        boxes, self.wall_axes = labelled_wall(self.scores, self.wall_room, self.tokens)
        self.say(root=about(self.trace["heads.sqrt_d_k"].at()), wide=about(self.trace["sqrt_d_k"].at()))
        self.play(FadeOut(self.table_parts, self.one_head), run_time=0.6)
        self.play(Deal(self.scores, lambda h: h.wall(boxes)), run_time=1.4)
        root = named_value("sqrt(d_k)", self.trace["heads.sqrt_d_k"].at(), "scores", self.theme)
        self.note = root.move_to(self.strip.centre) if self.example.scale else VGroup()
        self.play(FadeIn(*self.wall_axes, self.note), run_time=0.6)
        self.play(InParallel(self.scores, lambda h: h.set_values(self.trace["heads.scaled_scores"])), run_time=1.2)
        self.light("weights", "mask")
        self.play(FadeOut(self.note), run_time=0.6)
        self.lay_mask()
        self.play(InParallel(self.scores, lambda h: h.set_values(self.trace["heads.weights"])), run_time=1.6)
        self.note = weights_note(self.scores, self.theme)
        self.note.move_to([self.strip.x, self.strip.bottom + self.note.height / 2, 0])
        self.play(FadeIn(self.note), run_time=0.6)

    def lay_mask(self) -> None:
        """The example's own mask, the same for every head."""
        closed = masked_cells(self.trace["mask"])
        if closed.any():
            masked = self.trace["heads.masked_scores"]
            self.play(InParallel(self.scores, lambda h: h.veil(closed).set_values(masked)), run_time=1.2)

    @step
    def patterns(self) -> None:
        query, heads = self.views.query, tuple(dict.fromkeys(self.views.heads))
        notes = pattern_notes(self, self.views, self.strip)
        self.play(FadeOut(self.note), run_time=0.4)
        self.frames_of_heads = VGroup()
        for number, (head, key) in enumerate(zip(heads, self.views.keys, strict=False)):
            share = percent(self.trace["heads.weights"].at(head, query, key))
            self.say(head=head + 1, query=self.token("queries", query), key=self.token("keys", key), share=share)
            frame = Frame(self.scores.sheets[head].part_box(rows=query), self.theme)
            lit = heads[: number + 1]
            self.play(FadeIn(frame), self.scores.animate.spotlight(*lit, rows=query))
            self.play(FadeIn(notes[number]), run_time=0.6)
            self.frames_of_heads.add(frame)
        if self.count == 1:
            self.say()
        self.frames_of_heads.add(notes)

    # --- results laid together ----------------------------------------------------------------------------------

    @step
    def contexts(self) -> None:
        self.v, self.context = self.heads("v").reveal(), self.heads("context")
        table = self.context_table()
        self.v.fan(table.right)
        self.context.fan(table.result)
        self.light("values")
        formula = table.formula.light("values") if isinstance(table, StackProduct) else table.formula
        tags = table.tags("A_i", "V_i", 'op("head")_i')
        self.say()
        self.play(FadeOut(*self.wall_axes, self.frames_of_heads), self.scores.animate.light_up(), run_time=0.6)
        self.play(Deal(self.scores, lambda h: h.fan(table.left)), run_time=1.2)
        self.play(FadeIn(self.v, table.axes, tags, formula, self.context), run_time=0.8)
        row = self.scores.front.part_box(rows=self.query)
        frames = self.frames(row, self.v.front.part_box(columns=0), self.context, 0)
        self.play(FadeIn(frames), run_time=0.6)
        self.play(InParallel(self.context, Heads.reveal), FadeOut(frames), run_time=1.4)
        self.around_context = VGroup(self.scores, self.v, table.axes, tags, formula)

    def context_table(self) -> StackProduct | StackLine:
        """Weights, values and their mixtures: as a table, or in a line, where only that has room for the numbers."""
        stacks = self.scores, self.v, self.context
        table = StackProduct(*stacks, STAGE, self.tokens, self.theme)
        line = StackLine(*stacks, STAGE, self.tokens, self.theme)
        return line if line.fits and not table.fits else table

    @step
    def concat(self) -> None:
        whole = self.matrix("concat", tokens="rows", tag="below", symbol='op("Concat")')
        row = CutRow([whole], self.count, STAGE, CUT)
        self.light("concat")
        self.say(heads=self.count)
        self.play(FadeOut(self.around_context), run_time=0.6)
        opened_out = Deal(self.context, lambda h: h.side_by_side(row.opened[0], row.gap, cards=row.gap == CUT))
        self.play(opened_out, FadeIn(whole.row_tokens), run_time=1.2)
        self.play(self.context.animate.side_by_side(whole.box, 0.0), FadeIn(whole.tag), run_time=1.0)
        self.concat_labels = VGroup(whole.row_tokens, whole.tag)

    @step
    def output(self) -> None:
        concat = self.matrix("concat", tokens="rows", tag="below", symbol='op("Concat")')
        w_o = self.matrix("w_o", tag="right").reveal()
        self.result = self.matrix("multi_head_output", tag="right")
        opened = self.place_output(concat, w_o)
        bars = rows_of_heads(w_o, self.count, self.theme)
        self.light("output")
        self.say()
        self.play(FadeOut(self.concat_labels), run_time=0.4)
        self.play(self.context.animate.side_by_side(concat.box, 0.0), run_time=1.0)
        self.play(FadeIn(concat.row_tokens, concat.tag, w_o, bars, self.result), run_time=0.8)
        frames = self.open_output(w_o, *opened)
        self.play(FadeOut(frames), CellWave(self.result, Matrix.reveal, order="rows", run_time=1.4))
        self.say()
        self.product = VGroup(self.context, concat.row_tokens, concat.tag, w_o, bars, self.result, *opened)

    def place_output(self, concat: Matrix, w_o: Matrix) -> list[HeadsSum]:
        """The product, and one number of it opened: in the free corner over the heads if that has room, else below."""
        place_product(concat, w_o, self.result, STAGE)
        if "b_o" in self.trace:
            return []
        opened = HeadsSum(self, self.query, 0, STAGE, stacked=True)
        corner = Box(STAGE.left, w_o.box.left - GAP, w_o.box.bottom, w_o.box.top)
        if opened.fits(corner):
            return [HeadsSum(self, self.query, 0, corner, stacked=True)]
        table, below = STAGE.rows(5.7, 1.3, gap=TIGHT)
        place_product(concat, w_o, self.result, table)
        return [HeadsSum(self, self.query, 0, below)]

    def open_output(self, w_o: Matrix, opened: HeadsSum | None = None) -> VGroup:
        """One number of O: a row through all heads, times a column of W_O, head by head and summed. The frames."""
        if opened is None:
            return VGroup()
        row = around(*(sheet.part_box(rows=self.query) for sheet in self.context.sheets))
        boxes = (row, w_o.column_box(0), self.result.cell_box(self.query, 0))
        frames = VGroup(*(Frame(box, self.theme) for box in boxes))
        self.play(FadeIn(frames), opened.opened(), run_time=0.6)
        self.play(opened.fly_in(self.context, w_o), run_time=1.8)
        self.play(opened.results(), run_time=0.6)
        if opened.parts:
            self.play(opened.sum_up())
        self.play(opened.total.flight(boxes[-1]), self.result.animate.reveal(rows=self.query, columns=0), run_time=0.8)
        return frames

    # --- what it costs, and the whole ------------------------------------------------------------------------------

    @step
    def cost(self) -> None:
        self.bill = HeadsCost(self)
        self.light()
        self.say(heads=self.count)
        self.play(FadeOut(self.product), run_time=0.6)
        self.play(LaggedStart(FadeIn(self.bill.wide), FadeIn(self.bill.narrow), lag_ratio=0.5), run_time=1.2)
        self.play(LaggedStart(*(FadeIn(line) for line in self.bill.lines), lag_ratio=0.5), run_time=1.2)
        self.say(heads=self.count)

    @step
    def whole(self) -> None:
        poster = HeadsPoster(self)
        self.say(heads=self.count)
        self.play(FadeOut(self.bill.group), run_time=0.6)
        self.light("all")
        self.play(LaggedStart(*map(FadeIn, poster.stations), lag_ratio=0.5), run_time=1.6)
        self.play(poster.flow(), run_time=1.6)
