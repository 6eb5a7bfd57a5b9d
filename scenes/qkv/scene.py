"""Queries, keys, values. Three products from the one X; only the W's are learned."""

from __future__ import annotations

from collections.abc import Sequence

from manim import DOWN, LEFT, RIGHT, UP, Animation, Create, FadeIn, FadeOut, LaggedStart, VGroup, VMobject

from scenes.qkv.branches import BAND, BETWEEN, LARGEST, Branches, branch
from scenes.stage.chapter.caption import broken
from scenes.stage.chapter.chapter import STAGE, Chapter, step
from scenes.stage.matrix.arithmetic import sideways_first
from scenes.stage.matrix.cell_wave import CellWave
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.formula import formula
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.label import Label, Run, shrink
from scenes.stage.paint.layout import GAP, HAIR, LABEL, SMALL, SPACE, TEXT, TIGHT, WIDE, Box, Type, layout_now
from scenes.stage.paint.threads import Follow, Thread, column_threads, edge, pulse, row, thread

NAMES = ("q", "k", "v")
ROLES = {"q": ("query", "looks_for"), "k": ("key", "offers"), "v": ("value", "passes_on")}
MOST_SINGLE = 8
BIAS_ROW = 0.34
BIAS_SPACE = TIGHT
TAG = (0.55, 0.48)  # the height of a matrix's name above and below it
SINGLE_BAND = 0.42
LANE = 0.38  # over a result: where the thread from X runs
TRUNK = 7.0  # in hundredths of a unit: the thread from all of X to all of a result
QUESTION, QUESTIONS = 0.38, 0.62  # room below for questions on one line, or on more
LINES = 0.18  # of the stage's width, for each of them on more lines
WIDEST_QUESTION = 0.22  # of the stage's width
LETTER = 1.1  # the size of a role's letter, and of the output's


class Qkv(Chapter):
    """X times W_Q, W_K and W_V: one cell in full, one row, then Q, K and V."""

    formula = "{{ Q = X W_Q : q }} wide {{ K = X W_K : k }} wide {{ V = X W_V : v }}"

    def setup(self) -> None:
        self.biased = [name for name in NAMES if f"b_{name}" in self.trace]
        for name in self.biased:
            symbol = f"W_{name.upper()}"
            self.formula = self.formula.replace(f"{symbol} ", f"{symbol} + b_{name.upper()} ").replace(
                " wide", ", thin"
            )
        super().setup()
        asking = self.trace.telling_pair()[0]
        self.row = asking if asking < len(self.example.tokens) else 0
        self.column = self.telling_column()
        self.x = self.matrix("x", tokens="rows").reveal()
        self.w = {name: self.weights(name) for name in NAMES}
        self.results = {name: self.result(name) for name in NAMES}
        self.b = {name: self.bias(name) for name in self.biased}
        self.plus = {name: formula("+ b", self.theme.hue("learned"), self.theme.size(TEXT)) for name in self.biased}
        self.shorten_tags(self.branches(NAMES, STAGE))

    def shorten_tags(self, plan: Branches) -> None:
        """Tags that would reach into each other say no more than name and shape."""
        if self.x.tag.width > plan.left.width:
            self.x.without_axes()
        narrow = min(box.width for box in plan.results)
        if max(result.tag.width for result in self.results.values()) > narrow + BETWEEN / 2:
            for result in self.results.values():
                result.without_axes()

    def open_columns(self, *, opened: bool) -> None:
        """Where not all numbers fit, those of the column that is worked through do, and of as many more as can."""
        first = [self.column, *range(self.results["q"].columns)] if opened else []
        for name in NAMES:
            biases = [self.b[name]] if name in self.biased else []
            self.results[name].opening(dict.fromkeys(first), self.w[name], *biases)
        self.x.opening(range(self.x.columns) if opened else ())

    def product(self, name: str) -> str:
        """The tensor that X W is: before the bias, if there is one."""
        return f"{name}_product" if name in self.biased else name

    def result(self, name: str) -> Matrix:
        product = self.trace[self.product(name)]
        return self.matrix(name, tag="below", reserve=[product.name]).set_values(product)

    def weights(self, name: str) -> Matrix:
        if layout_now().is_narrowest:
            return self.matrix(f"w_{name}", tag="top").reveal().with_small_tag()
        return self.matrix(f"w_{name}").reveal()

    def bias(self, name: str) -> Matrix:
        return self.matrix(self.trace[f"b_{name}"].line(), tag="").reveal()

    def telling_column(self) -> int:
        """The column whose product with the row has the most terms that are not zero."""
        columns = range(self.trace["w_q"].shape[1])
        return max(columns, key=lambda column: self.terms(column))

    def terms(self, column: int) -> int:
        product = self.trace.explain(self.product("q"), self.row, column)
        return sum(a.value != 0 and b.value != 0 for a, b in zip(product.left, product.right, strict=True))

    @property
    def word(self) -> Run:
        labels = self.trace["x"].axis_labels("tokens") or self.example.rows
        return Run(labels[self.row], self.theme.hue("x"))

    # --- what for ---------------------------------------------------------------------------------------------------

    @step
    def roles(self) -> None:
        shares = (1, 1.5) if layout_now().is_narrowest else (1, 1)
        left, right = STAGE.inset(top=0.5).columns(*shares, gap=1.0)
        self.place_centred(STAGE.inset(top=0.5), left.width)
        self.carry(self.x)
        aside = (left.x - STAGE.x) * RIGHT
        self.play(self.x.animate.shift(aside), run_time=0.8)
        cards = VGroup(*(self.card(name, box) for name, box in zip(NAMES, right.rows(1, 1, 1), strict=True)))
        self.say(token=self.word)
        frame = Frame(self.x.row_box(self.row), self.theme)
        self.play(FadeIn(frame), self.x.animate.spotlight(rows=self.row))
        threads = VGroup()
        for name, card in zip(NAMES, cards, strict=True):
            ends = row(self.x, self.row, "right"), edge(card, "left")
            line = thread(*ends, self.theme.hue(name), width=3, opacity=0.7)
            self.play(LaggedStart(Create(line), FadeIn(card, shift=0.15 * RIGHT), lag_ratio=0.5), run_time=1.0)
            threads.add(line)
        self.cards = VGroup(frame, threads, cards)

    def place_centred(self, box: Box, width: float) -> None:
        """X with its words in the middle of `box`, no wider than `width`."""
        high = min(box.height * 0.8, 0.52 * self.x.rows)
        self.x.place(Box(0, 1, 0, high))
        words = -self.x.whole.left
        wide = min(width - words, 0.8 * self.x.columns)
        left, bottom = box.x - (words + wide) / 2 + words, box.y - high / 2
        self.x.place(Box(left, left + wide, bottom, bottom + high))

    def card(self, name: str, box: Box) -> VGroup:
        """A role: its letter, its name and its question."""
        role, question = ROLES[name]
        hue = self.theme.hue(name)
        words = VGroup(self.label(role, TEXT, hue, "semibold"), self.label(question, TEXT, self.theme.ink))
        words.arrange(DOWN, buff=0.2, aligned_edge=LEFT)
        middle, left = (WIDE + TIGHT, 3 * WIDE) if layout_now().is_narrowest else (1.2, 1.9)
        letter = formula(name.upper(), hue, LETTER).move_to([box.left + middle, box.y, 0])
        shrink(words, box.width - left, self.theme)
        words.move_to([box.left + left + words.width / 2, box.y, 0])
        return VGroup(letter, words)

    # --- Q ----------------------------------------------------------------------------------------------------------

    @step
    def first_cell(self) -> None:
        self.say()
        x, w, q = self.x, self.w["q"], self.results["q"]
        self.play(FadeOut(self.cards), x.animate.light_up(), run_time=0.6)
        plan, line_box = self.places()
        self.play(x.animate.place(plan.left), run_time=0.8)
        self.enter(plan, "q")
        self.frames = [Frame(x.row_box(self.row), self.theme), Frame(w.column_box(self.column), self.theme)]
        lit = (x.animate.spotlight(rows=self.row), w.animate.spotlight(columns=self.column))
        self.play(*lit, FadeIn(*self.frames))
        self.line = self.arithmetic(self.product("q"), self.row, self.column, box=line_box)
        self.say(token=self.word, column=self.column + 1)
        self.play(self.line.opened())
        self.play(self.line.fly_in(*self.operand_cells()))
        self.play(self.line.result())
        self.frames.append(Frame(q.cell_box(self.row, self.column), self.theme))
        self.play(self.line.total_flight(q.cell_box(self.row, self.column)), FadeIn(self.frames[-1]))
        self.play(q.animate.reveal(rows=self.row, columns=self.column), run_time=0.5)

    def branches(self, names: Sequence[str], box: Box) -> Branches:
        """Where X, the weights and the results stand; `band` holds the biases and the lanes of the threads."""
        rights, results = [self.w[name] for name in names], [self.results[name] for name in names]
        inside = box.inset(top=TAG[0] * self.theme.scale, bottom=TAG[1] * self.theme.scale)
        band = BAND if len(names) > 1 else SINGLE_BAND
        below = [self.question(name).width for name in names] if len(names) > 1 else []
        band += BIAS_ROW + BIAS_SPACE if self.biased else 0.0
        self.open_columns(opened=all(matrix.cells.numeric for matrix in (self.x, *rights, *results)))
        plan = branch(self.x, rights, results, inside, band, below)
        if plan.left.height / self.x.rows >= max(m.cells.smallest_numeric_pitch()[1] for m in (self.x, *results)):
            return plan
        self.open_columns(opened=False)
        return branch(self.x, rights, results, inside, band, below)

    def enter(self, plan: Branches, name: str) -> None:
        """The weights of a role appear above the place of its result."""
        self.w[name].place(plan.rights[-1])
        self.results[name].place(plan.results[-1])
        self.light(name)
        self.play(FadeIn(self.w[name], self.results[name]), run_time=0.8)

    def places(self) -> tuple[Branches, Box]:
        """Where the first product stands, and its line: in the free corner over X if it has room there, else below."""
        line = self.arithmetic(self.product("q"), self.row, self.column, box=STAGE)
        plan = self.branches(["q"], STAGE.inset(left=3 * WIDE))
        weights = plan.rights[0]
        corner = Box(STAGE.left, weights.left - GAP, weights.bottom, weights.top)
        if line.width * LABEL.value / TEXT.value <= corner.width:
            return plan, corner
        table, below = STAGE.rows(6, 0.9)
        return self.branches(["q"], table), below

    def operand_cells(self) -> tuple[list[Box], list[Box]]:
        length = range(self.x.columns)
        w = self.w["q"]
        return [self.x.cell_box(self.row, t) for t in length], [w.cell_box(t, self.column) for t in length]

    @step
    def queries(self) -> None:
        x, w, q = self.x, self.w["q"], self.results["q"]
        self.say()
        self.play(FadeOut(self.line), run_time=0.4)
        self.reminder = self.card_over_x()
        self.play(FadeIn(self.reminder), run_time=0.6)
        if q.columns <= MOST_SINGLE:
            for column in range(q.columns):
                self.play(*self.go_to(column), run_time=0.4)
            self.play(FadeOut(*self.frames[1:]), w.animate.light_up(), run_time=0.5)
        else:
            self.play(FadeOut(*self.frames[1:]), w.animate.light_up(), run_time=0.5)
            self.play(CellWave(q, lambda m: m.reveal(rows=self.row), order="columns", run_time=1.6))
        self.play(FadeOut(self.frames[0]), x.animate.light_up(), run_time=0.5)
        self.sweep("q", run_time=1.8)
        self.add_bias("q")

    def card_over_x(self) -> VGroup:
        """What a query is for, in the free corner over X, where that has room."""
        weights = self.w["q"].box
        corner = Box(STAGE.left, weights.left - GAP, weights.bottom, weights.top)
        card = self.card("q", corner)
        if card.width > corner.width or card.height > corner.height:
            return VGroup()
        return card.move_to(corner.centre)

    def go_to(self, column: int) -> list[Animation]:
        """The lit column, and the cell where it meets the row, go on to another column; its number appears."""
        w, q = self.w["q"], self.results["q"]
        return [
            self.frames[1].animate.around(w.column_box(column)),
            self.frames[2].animate.around(q.cell_box(self.row, column)),
            w.animate.spotlight(columns=column),
            q.animate.reveal(rows=self.row, columns=column),
        ]

    def sweep(self, name: str, run_time: float) -> None:
        """Row after row of X goes through the weights; the row of the result appears level with it."""
        result = self.results[name]
        frame = Frame(self.x.row_box(0), self.theme)
        down = frame.animate(run_time=run_time).around(self.x.row_box(self.x.rows - 1))
        self.play(FadeIn(frame), run_time=0.3)
        self.play(CellWave(result, Matrix.reveal, order="rows", run_time=run_time), down)
        self.play(FadeOut(frame), run_time=0.3)

    def add_bias(self, name: str) -> None:
        """The same bias, under the weights, is added to every row."""
        if name not in self.biased:
            return
        self.b[name].place(self.bias_box(self.w[name].box))
        self.plus[name].next_to(self.b[name], LEFT, buff=HAIR)
        self.play(FadeIn(self.b[name], self.plus[name]))
        self.play(CellWave(self.results[name], lambda m: m.set_values(self.trace[name]), order="rows", run_time=1.6))

    @staticmethod
    def bias_box(weights: Box) -> Box:
        top = weights.bottom - BIAS_SPACE
        return Box(weights.left, weights.right, top - BIAS_ROW, top)

    # --- K and V ----------------------------------------------------------------------------------------------------

    @step
    def keys(self) -> None:
        self.say()
        self.plan = self.branches(NAMES[:2], self.over_questions())
        self.play(FadeOut(self.reminder), *self.moves("q"), run_time=1.2)
        self.questions, self.trunks = [self.question("q")], [self.trunk("q")]
        back = (self.w["q"].animate.recede(), self.results["q"].animate.recede())
        self.play(FadeIn(self.questions[0], self.trunks[0]), *back, run_time=0.6)
        self.one_more("k")

    @step
    def values(self) -> None:
        self.say()
        self.plan = self.branches(NAMES, self.over_questions())
        for trunk, result in zip(self.trunks, self.plan.results, strict=False):
            trunk.lane = result.top + LANE
        under = [self.under(question, box) for question, box in zip(self.questions, self.plan.results, strict=False)]
        self.play(*self.moves("q", "k"), *under, Follow(self.trunks), run_time=1.2)
        self.one_more("v")

    def moves(self, *names: str) -> list[Animation]:
        """X goes to its place in the plan, and so do the parts of these roles; they step back, all but a first one."""
        moves = [self.x.animate.place(self.plan.left)]
        for name, right, result in zip(names, self.plan.rights, self.plan.results, strict=False):
            parts = (self.w[name].animate.place(right), self.results[name].animate.place(result))
            moves += parts if len(names) == 1 else [part.recede() for part in parts]
            if name in self.biased:
                bias = self.bias_box(right)
                moves.append(self.b[name].animate.place(bias))
                moves.append(self.plus[name].animate.move_to([bias.left - HAIR - self.plus[name].width / 2, bias.y, 0]))
        return moves

    def under(self, question: VMobject, box: Box) -> Animation:
        """A question goes along with its result to that box."""
        result = self.results[NAMES[self.questions.index(question)]]
        there = _below(question.copy(), result.copy().place(box))
        return question.animate.move_to(there.get_center())

    def one_more(self, name: str) -> None:
        """Weights, result, bias and question of another role."""
        place = NAMES.index(name)
        plan = Branches(self.plan.left, [self.plan.rights[place]], [self.plan.results[place]], self.plan.band)
        self.enter(plan, name)
        self.trunks.append(self.trunk(name))
        self.play(Create(self.trunks[-1]), run_time=0.8)
        self.sweep(name, run_time=1.4)
        self.add_bias(name)
        self.questions.append(self.question(name))
        self.play(FadeIn(self.questions[-1]))

    @staticmethod
    def over_questions() -> Box:
        """The stage without the room for the questions below."""
        return STAGE.inset(bottom=QUESTIONS if layout_now().is_narrowest else QUESTION)

    def question(self, name: str) -> VMobject:
        """What a role is for, under its result."""
        result = self.results[name]
        return _below(self.asking(name, LABEL), result)

    def asking(self, name: str, size: Type) -> VMobject:
        """The question of a role, in the largest size at which all of them have room; in a narrow frame, in lines."""
        if layout_now().is_narrowest:
            font, hue = self.theme.size(SMALL), self.theme.hue(name)
            lines = broken(self.words(ROLES[name][1]), font, LINES * STAGE.width)
            return VGroup(*(Label(line, font, hue) for line in lines)).arrange(DOWN, buff=TIGHT)
        label = self.label(ROLES[name][1], size, self.theme.hue(name))
        widest = max(self.label(question, size).width for _, question in ROLES.values())
        return shrink(label, WIDEST_QUESTION * STAGE.width * label.width / widest, self.theme, size)

    # --- why two ----------------------------------------------------------------------------------------------------

    @step
    def key_and_value(self) -> None:
        asked = self.trace.largest_in_row("weights", self.row)
        self.say(token=self.token("keys", asked))
        cards = self.row_cards(asked)
        standing = [self.x, *self.w.values(), *self.results.values(), *self.b.values(), *self.plus.values()]
        self.add(*cards.values())
        self.play(FadeOut(*standing, *self.questions, *self.trunks), run_time=0.6)
        places = self.card_boxes()
        self.lay_out(cards, places)
        for matrix in (*self.w.values(), *self.results.values()):
            matrix.light_up()
        names = {name: self.card_name(name, asked, box) for name, box in places.items()}
        x, key, value = (edge(cards[name].cells, "right") for name in ("x", "k", "v"))
        made = [thread(x, edge(cards[name].cells, "left"), self.theme.hue(name)) for name in ("k", "v")]
        self.play(FadeIn(*names.values()), *map(Create, made), run_time=0.8)
        output = formula("Z", self.theme.hue("output"), LETTER).move_to([places["q"].x, places["v"].y, 0])
        receiver = self.receiver(places["q"]).next_to(output, UP, buff=GAP)
        meets = thread(edge(cards["q"].cells, "left"), key, self.theme.hue("q"))
        on = thread(value, edge(output, "left"), self.theme.hue("v"))
        self.say()
        self.play(Create(meets), run_time=0.8)
        self.play(pulse([meets]), run_time=0.8)
        self.play(FadeIn(output, receiver), Create(on), run_time=0.8)
        self.play(pulse([made[1], on]), run_time=0.8)
        self.roads = VGroup(*cards.values(), *names.values(), *made, meets, on, output, receiver)

    def receiver(self, box: Box) -> Label:
        """The token that asks, over the output that it gets."""
        token = self.label("token_itself", TEXT, self.theme.ink, token=self.token("queries", self.row))
        return shrink(token, box.width + WIDE, self.theme)

    def row_cards(self, asked: int) -> dict[str, Matrix]:
        """The rows of X, K and V of the token that is asked, and the query that asks, each lying on its row."""
        matrices = {"x": (self.x, asked), "q": (self.results["q"], self.row)}
        matrices |= {name: (self.results[name], asked) for name in ("k", "v")}
        return {
            name: Matrix(self.trace[name].line(index), name, self.theme).reveal().place(matrix.row_box(index))
            for name, (matrix, index) in matrices.items()
        }

    def card_boxes(self) -> dict[str, Box]:
        """X at the left; its key above and its value below; the query level with the key."""
        left, middle, right = STAGE.inset(left=WIDE, right=WIDE).columns(1, 1, 1, gap=min(4 * WIDE, STAGE.width / 8))
        upper, lower = (y.y for y in STAGE.rows(1, 1))
        spots = {"x": (left, STAGE.y), "k": (middle, upper), "v": (middle, lower), "q": (right, upper)}
        return {name: self.card_box(name, column.x, y, column.width) for name, (column, y) in spots.items()}

    def card_box(self, name: str, x: float, y: float, width: float) -> Box:
        half = min(width, LARGEST[0] * self.trace[name].shape[1]) / 2
        return Box(x - half, x + half, y - WIDE, y + WIDE)

    def lay_out(self, cards: dict[str, Matrix], places: dict[str, Box]) -> None:
        """The query goes along below, then up at the right, while the value leaves its place for it."""
        corner = places["q"].shifted(0, places["v"].y - places["q"].y)
        ways = {"x": places["x"], "k": places["k"], "q": corner}
        self.play(*(self.laid(cards[name], box) for name, box in ways.items()), run_time=0.7)
        self.play(*(self.laid(cards[name], places[name]) for name in "vq"), run_time=0.7)

    @staticmethod
    def laid(card: Matrix, box: Box) -> Animation:
        return card.animate(path_func=sideways_first).place(box).build()

    def card_name(self, name: str, asked: int, box: Box) -> VGroup:
        """Whose row it is, above a card, and below it the question that it answers."""
        index, axis = (self.row, "queries") if name == "q" else (asked, "keys")
        token = self.label("token_itself", TEXT, self.theme.ink, token=self.token(axis, index))
        parts = [shrink(token, box.width + WIDE, self.theme)]
        parts[0].move_to([box.x, box.top + GAP + parts[0].height / 2, 0])
        if name in ROLES:
            question = self.asking(name, TEXT)
            parts.append(question.move_to([box.x, box.bottom - GAP - question.height / 2, 0]))
        return VGroup(*parts)

    # --- what is learned, and all of it -----------------------------------------------------------------------------

    @step
    def learned(self) -> None:
        self.say()
        self.light()
        computed = [self.x, *self.results.values()]
        for part in computed:
            part.recede()
        for question in self.questions:
            question.set_opacity(self.theme.dim)
        learned = [*self.w.values(), *self.b.values()]
        self.play(FadeOut(self.roads), run_time=0.6)
        self.play(FadeIn(*computed, *learned, *self.questions, *self.plus.values()), run_time=0.8)
        hue = self.theme.hue("learned")
        frames = [Frame(self.learned_box(name), self.theme, hue) for name in NAMES]
        self.play(LaggedStart(*(FadeIn(frame) for frame in frames), lag_ratio=0.4), run_time=1.4)
        self.learned_frames = frames

    def learned_box(self, name: str) -> Box:
        """The weights of a role, with its bias."""
        box = self.w[name].box
        return Box(box.left, box.right, self.bias_box(box).bottom if name in self.biased else box.bottom, box.top)

    @step
    def whole(self) -> None:
        self.say()
        self.play(FadeOut(*self.learned_frames), run_time=0.4)
        computed = [self.x, *self.results.values()]
        self.play(*(m.animate.light_up() for m in computed), *(q.animate.set_opacity(1) for q in self.questions))
        self.light("all")
        columns = [self.columns(name) for name in NAMES]
        self.play(*map(Create, self.trunks), *map(Create, columns), run_time=1.2)
        self.play(pulse(self.trunks))
        rows = [Frame(matrix.row_box(self.row), self.theme) for matrix in computed]
        self.play(FadeIn(*rows))

    def trunk(self, name: str) -> Thread:
        """From X between the storeys to the result."""
        result = self.results[name]
        ends, lane = (edge(self.x.cells, "right"), edge(result.cells, "top")), result.box.top + LANE
        return thread(*ends, self.theme.hue("x"), width=TRUNK, opacity=0.6, lane=lane)

    def columns(self, name: str) -> VGroup:
        """From every column of the weights, or of their bias, down to the result's."""
        source = self.b[name] if name in self.biased else self.w[name]
        return column_threads(source, self.results[name], self.theme.hue("learned"))


def _below(question: VMobject, result: Matrix) -> VMobject:
    """A question under the tag of a result, within the stage."""
    question.next_to(result.tag, DOWN, buff=SPACE)
    return question.shift(min(0.0, STAGE.right - question.get_right()[0]) * RIGHT)
