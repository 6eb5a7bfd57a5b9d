"""Positional encoding. Attention is blind to order; a table of waves, added to the input, cures it."""

from __future__ import annotations

from manim import RIGHT, Create, FadeIn, FadeOut, VGroup

from core.model.embedding import sinusoidal_positions
from core.trace import Reading
from core.trace.positions import moved_places, table_steps
from scenes.positional_encoding.code_run import CodeRun
from scenes.positional_encoding.formulas import COLUMN_PARTS, HEADER, PE, ROW_PARTS, FormulaTable
from scenes.positional_encoding.heat_maps import Fingerprints, HeatMap, MapWords, Sweep, heat_map, marked, product_map
from scenes.positional_encoding.input_sum import InputSum
from scenes.positional_encoding.poster import PositionsPoster
from scenes.positional_encoding.two_orders import TwoOrders
from scenes.positional_encoding.wave_board import WaveBoard
from scenes.stage.chapter.chapter import STAGE, Chapter, step
from scenes.stage.matrix.cell_wave import CellWave
from scenes.stage.matrix.flight import fly_cells
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.frame import Frame
from scenes.stage.paint.label import Label, Run, shrink
from scenes.stage.paint.layout import GAP, LABEL, TEXT, TIGHT, WIDE, Box
from scenes.stage.paint.painting import hexadecimal

BETWEEN_MAPS = 1.0
STOPS = (1, 2, 3, 8, 16, 32, 63)
FINGERPRINTS = (3, 20, 50)
NEAR_PAIRS, FAR_PAIR = ((3, 5), (40, 42)), (3, 33)


class PositionalEncoding(Chapter):
    """Order lost, the two formulas, the table as its code fills it, waves and map, a constant; order kept."""

    formula = HEADER

    def setup(self) -> None:
        super().setup()
        self.order = self.trace["positions.order"].values.astype(int)
        self.moved = moved_places(self.trace)

    # --- order is lost --------------------------------------------------------------------------------------------

    @step
    def order_blind(self) -> None:
        orders = TwoOrders(self.trace, "blind", "x", ("X", "X'"), self.theme, STAGE)
        x, shuffled = orders.inputs
        home, name = x.box, orders.names[0]
        aside = (STAGE.x - name.get_center()[0]) * RIGHT
        x.place(Box(STAGE.x - home.height / 2, STAGE.x + home.height / 2, home.bottom, home.top))
        self.carry(x.reveal(), name.shift(aside))
        self.say()
        self.play(x.animate.place(home), name.animate.shift(-aside), run_time=0.8)
        self.say(**self.moved_words)
        self.play(FadeIn(shuffled, orders.names[1]), run_time=0.3)
        places = {int(row): place for place, row in enumerate(self.order)}
        fly_cells(self, x, shuffled, lambda i, j: (places[i], j), keep=True, run_time=1.1)
        self.through_attention(orders)
        self.compare(orders, "blind")
        self.say()

    @property
    def moved_words(self) -> dict[str, Run]:
        """The words that change places."""
        tokens, hue = self.example.tokens, self.theme.hue("focus")
        first, last = (self.moved[0], self.moved[-1]) if self.moved else (0, 0)
        return {"first": Run(tokens[first], hue), "last": Run(tokens[last], hue)}

    def through_attention(self, orders: TwoOrders) -> None:
        """The inputs go through the same attention, and the outputs appear."""
        threads, names = (VGroup(*(passage[part] for passage in orders.passages)) for part in (0, 1))
        self.play(Create(threads), FadeIn(names), run_time=0.7)
        self.play(FadeIn(*orders.outputs, *orders.names[2:]), run_time=0.3)
        self.play(*(CellWave(output, Matrix.reveal, run_time=1.2) for output in orders.outputs))

    def compare(self, orders: TwoOrders, run: str) -> None:
        """Threads between the rows of the same words, and how far these are apart, cell by cell."""
        value = self.trace[f"positions.{run}.difference"].at()
        self.play(FadeOut(*orders.leaving()), run_time=0.3)
        self.play(*orders.moves_side_by_side(), run_time=0.7)
        self.play(orders.words.animate.set_opacity(1.0), run_time=0.3)
        notes = orders.notes(self.label("difference", TEXT, self.theme.ink, value=value))
        before, after = (matrix.tensor.at(row, 0) for matrix, row in zip(orders.outputs, orders.compared, strict=True))
        word = Run(self.example.tokens[orders.compared[0]], self.theme.hue("focus"))
        self.say(word=word, before=before, after=after, difference=value)
        self.play(Create(orders.threads()), FadeIn(orders.frames()), run_time=0.9)
        self.play(FadeIn(orders.difference, orders.apart), Create(orders.levels()), run_time=0.4)
        self.play(CellWave(orders.difference, Matrix.reveal, order="rows", run_time=0.8), FadeIn(notes, run_time=0.8))

    # --- the formulas ---------------------------------------------------------------------------------------------

    @step
    def formulas(self) -> None:
        self.play(self.leaving(), run_time=0.4)
        board = FormulaTable(self.trace, STAGE, self.theme)
        self.say()
        self.play(FadeIn(board.lines, board.panel, board.table))
        self.point(board.parts(*ROW_PARTS), board.rows())
        self.say()
        self.point(board.parts(*COLUMN_PARTS), board.pairs())

    def point(self, letters: list[VGroup], pointers: list[VGroup]) -> None:
        """Light parts of the formulas and show, one after the other, what they stand for."""
        focus, pointer = hexadecimal(self.theme.hue("focus")), pointers[0]
        self.play(*(letter.animate.set_color(focus) for letter in letters), FadeIn(pointer), run_time=0.6)
        for following in pointers[1:]:
            self.play(FadeOut(pointer), FadeIn(following), run_time=0.45)
            pointer = following

    # --- code beside picture ----------------------------------------------------------------------------------------

    @step
    def table(self) -> None:
        self.play(self.leaving(), run_time=0.4)
        steps = table_steps(self.example)
        run = CodeRun(sinusoidal_positions, self.trace, steps, STAGE, self.theme)
        self.say()
        self.play(FadeIn(run.listing))
        for number, line in enumerate(steps):
            run.light(self, number)
            if line.wave:
                self.light(line.wave)
            if number == run.first_wave:
                self.say()
            run.fill(self, number)

    # --- waves and map ------------------------------------------------------------------------------------------------

    @step
    def curves(self) -> None:
        self.play(self.leaving(), run_time=0.4)
        board = self.board = WaveBoard(self.trace, STAGE.inset(left=WIDE, right=WIDE, top=0.05), self.theme)
        rows, columns = self.trace["positions.map"].shape
        self.light("sin", "cos")
        self.say(positions=rows, columns=columns)
        self.play(FadeIn(board.waves, board.heads, board.scale))
        for pair in range(0, len(board.heads), 2):
            self.play(board.waves.animate.draw(pair, pair + 1), run_time=0.6)
        self.say()
        self.play(board.waves.animate.at(0), FadeIn(board.cells), run_time=0.5)
        self.play(CellWave(board.cells, Matrix.reveal, order="columns", run_time=0.6))
        for stop in STOPS:
            self.play(board.waves.animate.at(stop), board.cells.animate.set_values(board.row(stop)), run_time=0.4)

    @step
    def heat_map(self) -> None:
        left, right = STAGE.inset(top=TIGHT).columns(1.15, 1, gap=0.7)
        table = self.map = heat_map(self.trace["positions.map"], self.theme, left.inset(left=1.3, bottom=0.45, top=0.2))
        self.say(columns=self.trace["positions.map"].shape[1])
        self.board_to_map(table)
        words = MapWords(table, self.label("fast", LABEL), self.label("slow", LABEL), self.theme)
        self.play(Sweep(table, run_time=1.6))
        self.play(FadeOut(self.board.waves), FadeIn(words), run_time=0.5)
        rows = Fingerprints(self.trace, table, FINGERPRINTS, right.inset(top=0.3, bottom=0.6), self.theme)
        frame = Frame(table.row_box(0), self.theme)
        for row, *parts_of_row in zip(FINGERPRINTS, rows.threads, rows.strips, rows.names, strict=True):
            self.play(frame.animate.around(table.row_box(row)), run_time=0.35)
            line, strip, name = parts_of_row
            self.play(Create(line), FadeIn(strip, name), run_time=0.5)
        self.play(FadeOut(frame), run_time=0.3)

    def board_to_map(self, table: HeatMap) -> None:
        """The curves come together, each over its column of the map."""
        board = self.board
        columns = [table.column_box(int(c)) for c in self.trace["positions.curves.columns"].values]
        self.play(FadeOut(board.heads, board.scale, board.cells), board.waves.animate.without_line(), run_time=0.4)
        strips = [(column.left, column.right) for column in columns]
        self.play(board.waves.animate.place(table.box, strips, 0.012), run_time=1.0)
        self.add(table, board.waves)

    # --- a constant ---------------------------------------------------------------------------------------------------

    @step
    def constant(self) -> None:
        self.play(self.leaving(self.map), run_time=0.4)
        left, right = STAGE.inset(top=TIGHT, bottom=TIGHT).split(1, 1, gap=GAP if STAGE.is_tall else BETWEEN_MAPS)
        self.say()
        learned = self.learned(left)
        place = self.square(right)
        aside = 0.0 if STAGE.is_tall else right.left - place.left
        self.play(self.map.animate.set_box(place.shifted(x=aside)), run_time=0.9)
        heads = self.two_heads(left, right.but(left=self.map.box.left, right=self.map.box.right))
        self.play(FadeIn(*learned, heads[0]), run_time=0.7)
        self.play(FadeIn(heads[1]), run_time=0.5)
        self.say()
        self.play(FadeOut(*learned, heads[0]), run_time=0.5)
        self.show_products(left)

    @staticmethod
    def square(box: Box) -> Box:
        side = min(box.width, box.height - 0.7)
        return Box(box.x - side / 2, box.x + side / 2, box.bottom + TIGHT, box.bottom + TIGHT + side)

    def learned(self, box: Box) -> list[Matrix]:
        """The matrices that training changes, as they are."""
        names = ("embedding_table", "w_q", "w_k", "w_v", "w_o")
        matrices = [self.matrix(name).without_axes().reveal().as_heat() for name in names]
        top, bottom = box.inset(top=0.8).rows(1, 1, gap=0.75)
        places = [*top.inset(left=0.2, right=0.2).columns(1.25, 1, 1, gap=0.55)[:3], *bottom.columns(1, 1, gap=0.9)]
        for matrix, place in zip(matrices, places, strict=True):
            side = min(place.width, place.height, 1.75)
            matrix.place(Box(place.x - side / 2, place.x + side / 2, place.y - side / 2, place.y + side / 2))
            matrix.tag.move_to([place.x, matrix.box.top + 0.28, 0])
        return matrices

    def two_heads(self, left: Box, right: Box) -> list[Label]:
        learned = self.label("learned", LABEL, self.theme.hue("learned"), "semibold")
        constant = self.label("constant", LABEL, self.theme.hue("positions"), "semibold")
        pairs = ((learned, left), (constant, right))
        return [label.move_to([box.x, box.top + TIGHT - 0.2, 0]) for label, box in pairs]

    def products(self) -> dict[str, Reading]:
        """Dot products of rows two apart, here and there, and of rows far apart."""
        table = self.trace["positions.map.products"]
        here, there = (table.at(*pair) for pair in NEAR_PAIRS)
        return {"here": here, "there": there, "far": table.at(*FAR_PAIR)}

    def show_products(self, box: Box) -> None:
        side = self.square(box)
        side = side if STAGE.is_tall else side.shifted(x=box.right - side.right)
        products = self.trace["positions.map.products"]
        image = product_map(products, self.theme, side)
        name = shrink(self.label("products", LABEL, self.theme.ink), box.width, self.theme, LABEL)
        name.move_to([max(side.x, STAGE.left + name.width / 2), box.top + TIGHT - 0.2, 0])
        self.play(FadeIn(name), Sweep(image, run_time=1.3))
        step, far_step = (second - first for first, second in (NEAR_PAIRS[0], FAR_PAIR))
        self.say(step=step, far_step=far_step, **self.products())
        self.play(FadeIn(marked(image, products, (*NEAR_PAIRS, FAR_PAIR), self.theme)), run_time=0.7)

    # --- added --------------------------------------------------------------------------------------------------------

    @step
    def added(self) -> None:
        self.play(self.leaving(), run_time=0.4)
        board = InputSum(self.trace, STAGE.inset(bottom=0.2), self.theme)
        self.say(d_model=board.x.columns)
        self.play(FadeIn(board.x.reveal()))
        self.play(FadeIn(board.table.reveal(), shift=0.3 * RIGHT))
        self.play(FadeIn(board.total, board.signs), run_time=0.4)
        self.play(CellWave(board.total, Matrix.reveal, order="rows", run_time=1.8))
        self.play(FadeIn(board.frames(min(1, board.x.rows - 1))), run_time=0.5)

    # --- order is kept ------------------------------------------------------------------------------------------------

    @step
    def cured(self) -> None:
        self.play(self.leaving(), run_time=0.4)
        symbols = (f"X + {PE}", f"X' + {PE}")
        orders = TwoOrders(self.trace, "cured", "input", symbols, self.theme, STAGE)
        self.play(FadeIn(*(x.reveal() for x in orders.inputs), *orders.names[:2]))
        self.through_attention(orders)
        self.compare(orders, "cured")

    @step
    def whole(self) -> None:
        self.play(self.leaving(), run_time=0.4)
        poster = PositionsPoster(self.trace, STAGE, self.theme, self.label)
        self.light("all")
        self.say()
        for part in poster.parts:
            self.play(FadeIn(*part), run_time=0.5)
        self.play(Create(poster.threads), run_time=0.8)
