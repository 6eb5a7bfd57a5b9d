"""Chapter 11: positional encoding. Attention is blind to order; a table of waves, added to the input, cures it."""

from __future__ import annotations

import numpy as np
from manim import RIGHT, Create, FadeIn, FadeOut, Mobject, VGroup

from core.embedding import sinusoidal_positions
from core.positions_trace import table_steps
from core.trace import Reading
from scenes.props.positions_board import WaveBoard
from scenes.props.positions_chapter import (
    COLUMN_PARTS,
    HEADER,
    PE,
    ROW_PARTS,
    Fingerprints,
    HeatMap,
    Sweep,
    both_formulas,
    heat_map,
    parts,
    product_map,
)
from scenes.props.positions_orders import TwoOrders
from scenes.props.positions_poster import PositionsPoster
from scenes.props.positions_table import TablePicture
from scenes.stage.chapter import STAGE, Chapter, step
from scenes.stage.code_listing import CodeListing
from scenes.stage.flight import fly_cells
from scenes.stage.focus import Focus, Panel
from scenes.stage.label import Label, Run
from scenes.stage.layout import Box
from scenes.stage.level import place_level
from scenes.stage.matrix import Matrix
from scenes.stage.painting import hexadecimal
from scenes.stage.wave import Wave

STOPS = (1, 2, 3, 4, 8, 16, 32, 63)
FINGERPRINTS = (3, 20, 50)
NEAR_PAIRS, FAR_PAIR = ((3, 5), (40, 42)), (3, 33)
LISTING = 5.9


class PositionalEncoding(Chapter):
    """Order lost, the two formulas, the table as its code fills it, waves and map, a constant; order kept."""

    formula = HEADER

    def setup(self) -> None:
        super().setup()
        self.order = self.trace["positions.order"].values.astype(int)
        self.moved = [place for place, row in enumerate(self.order) if place != row]

    def say_instead(self, label: str) -> None:
        """Put one of the chapter's labels in the place of the step's next caption."""
        self.captions[0] = self.text.labels[label]

    def clear_stage(self, *kept: Mobject) -> None:
        """All that stands on the stage leaves, but for `kept`."""
        frame = (self.heading, self.header, self.rail, *kept)
        staying = {id(part) for thing in frame for part in thing.get_family()}
        leaving = [thing for thing in self.mobjects if id(thing) not in staying]
        self.play(FadeOut(*leaving), run_time=0.5)
        self.remove(*(part for thing in leaving for part in thing.get_family()))

    # --- order is lost --------------------------------------------------------------------------------------------

    @step
    def order_blind(self) -> None:
        orders = TwoOrders(self.trace, "blind", "x", ("X", "X'"), self.theme, STAGE.inset(bottom=0.3))
        x, shuffled = orders.inputs
        self.carry(x.reveal(), orders.names[0])
        if not self.moved:
            self.say_instead("alone_blind")
        self.say(**self.moved_words)
        self.play(FadeIn(shuffled, orders.names[1]), run_time=0.4)
        places = {int(row): place for place, row in enumerate(self.order)}
        fly_cells(self, x, shuffled, lambda i, j: (places[i], j), keep=True, run_time=1.4)
        self.through_attention(orders)
        self.compare(orders, "blind")

    @property
    def moved_words(self) -> dict[str, Run]:
        """The words that change places."""
        tokens, hue = self.example.tokens, self.theme.hue("focus")
        first, last = (self.moved[0], self.moved[-1]) if self.moved else (0, 0)
        return {"first": Run(tokens[first], hue), "last": Run(tokens[last], hue)}

    def through_attention(self, orders: TwoOrders) -> None:
        """The inputs go through the same attention, and the outputs appear."""
        threads, names = (VGroup(*(passage[part] for passage in orders.passages)) for part in (0, 1))
        self.play(Create(threads), FadeIn(names), run_time=0.8)
        self.play(FadeIn(*orders.outputs, *orders.names[2:]), run_time=0.3)
        self.play(*(Wave(output, Matrix.reveal, run_time=1.2) for output in orders.outputs))

    def compare(self, orders: TwoOrders, run: str) -> None:
        """Threads between the rows of the same words, and how far they are apart."""
        value = self.trace[f"positions.{run}.difference"].at()
        note = orders.note(self.label("difference", 0.3, self.theme.ink, value=value))
        place = self.moved[-1] if self.moved else 0
        row = int(self.order[place])
        outputs = self.trace[f"positions.{run}.output"], self.trace[f"positions.{run}.shuffled_output"]
        if not self.moved:
            self.say_instead(f"alone_{run}_result")
        self.say(word=self.moved_words["first"], before=outputs[0].at(row, 0), after=outputs[1].at(place, 0))
        self.play(Create(orders.threads), run_time=1.2)
        boxes = (orders.outputs[0].row_box(row), orders.outputs[1].row_box(place))
        self.play(FadeIn(*(Focus(box, self.theme) for box in boxes)), FadeIn(note))

    # --- the formulas ---------------------------------------------------------------------------------------------

    @step
    def formulas(self) -> None:
        self.clear_stage()
        above, below = STAGE.rows(1, 1.2, gap=0.35)
        lines = both_formulas(self.theme, 0.45, above)
        panel, table = self.empty_table(below)
        self.say()
        self.play(FadeIn(lines, panel, table))
        self.point(lines, ROW_PARTS, self.row_pointers(table))
        self.point(lines, COLUMN_PARTS, self.pair_pointers(table))

    def empty_table(self, box: Box) -> tuple[Panel, Matrix]:
        tensor = self.trace["positions.table"]
        tokens = tensor.axis_labels("tokens")
        table = Matrix(tensor, "positions", self.theme, symbol=PE, tag_side="left", row_tokens=tokens)
        place_level([table], box.inset(bottom=0.75), right=1.6, largest=(0.95, 0.36))
        return Panel(table.box.grown(0.08), self.theme), table

    def point(self, lines: VGroup, names: tuple[str, ...], pointers: list[VGroup]) -> None:
        """Light parts of the formulas and show, one after the other, what they stand for."""
        focus = hexadecimal(self.theme.hue("focus"))
        pointer = pointers[0]
        self.play(*(part.animate.set_color(focus) for part in parts(lines, *names)), FadeIn(pointer), run_time=0.6)
        for following in pointers[1:]:
            self.play(FadeOut(pointer), FadeIn(following), run_time=0.45)
            pointer = following

    def pointer(self, box: Box, words: str, x: float, y: float) -> VGroup:
        """A frame and what it frames; the words begin at x, or end there if that is the middle of the frame."""
        name = Label(words, 0.24, self.theme.hue("focus"), "code", structural=True)
        return VGroup(Focus(box, self.theme), name.move_to([x + name.width / 2, y, 0]))

    def row_pointers(self, table: Matrix) -> list[VGroup]:
        boxes = [table.row_box(row) for row in range(min(3, table.rows))]
        return [self.pointer(box, f"pos = {row}", box.right + 0.24, box.y) for row, box in enumerate(boxes)]

    def pair_pointers(self, table: Matrix) -> list[VGroup]:
        """The first pairs of columns, whose sine and cosine share an angle."""
        pointers = []
        for pair in range(min(2, (table.columns + 1) // 2)):
            first, last = (table.column_box(min(2 * pair + place, table.columns - 1)) for place in (0, 1))
            box = Box(first.left, last.right, first.bottom, first.top)
            pointers.append(self.pointer(box, f"i = {pair}: sin, cos", box.left, box.bottom - 0.28))
        return pointers

    # --- code beside picture ----------------------------------------------------------------------------------------

    @step
    def table(self) -> None:
        self.clear_stage()
        steps = table_steps(self.example)
        left, right = STAGE.columns(LISTING, STAGE.width - LISTING, gap=0.35)
        code, self.worked_box = left.rows(5, 0.8)
        hues = {name: self.theme.hue("positions" if name == self.result_name else "x") for name in self.variables}
        self.listing = CodeListing(sinusoidal_positions, code, hues, self.theme)
        self.picture = TablePicture(self.trace, steps, hues, "positions", self.theme, right.inset(top=0.1, bottom=0.1))
        self.say()
        self.play(FadeIn(self.listing))
        for number, line in enumerate(steps):
            self.run_line(number, line.line)
            if line.wave and number == self.first_wave:
                self.say()
            if line.name:
                self.fill(number)

    @property
    def variables(self) -> list[str]:
        return list(dict.fromkeys(line.name for line in table_steps(self.example) if line.name))

    @property
    def result_name(self) -> str:
        """The variable that holds the table in the end."""
        return self.variables[-1]

    @property
    def first_wave(self) -> int:
        return next((number for number, line in enumerate(table_steps(self.example)) if line.wave), -1)

    def run_line(self, number: int, line: int) -> None:
        """The light goes on to the line that runs; with a wave, the header's formula of it is lit."""
        if self.listing.running is None:
            self.listing.begin(line)
        self.play(self.listing.animate.run(line), run_time=0.4)
        wave = self.picture.steps[number].wave
        if wave:
            self.light(wave)

    def fill(self, number: int) -> None:
        """What the line computes appears: a first cell in full, then all."""
        line = self.picture.steps[number]
        if line.wave:
            worked = self.worked_cell(number)
            self.play(FadeIn(*worked), run_time=0.5)
            self.wait(0.4)
            self.picture.show(self, number, 1.1)
            self.play(FadeOut(*worked), run_time=0.3)
        else:
            self.picture.show(self, number, 0.9)

    def worked_cell(self, number: int) -> list[Mobject]:
        """One cell: the number it is made of, the wave of it, and frames around both."""
        line, picture = self.picture.steps[number], self.picture
        source, target = picture.matrices[picture.steps[line.operand].name], picture.matrices[line.name]
        operand, result = picture.tensors[line.operand].at(*line.cell), picture.tensors[number].at(*line.cell)
        sign = "=" if operand.exact and result.exact else "≈"
        runs = (
            Run(f"{line.wave} ( "),
            Run(operand.text, self.theme.hue("x"), (operand,)),
            Run(f" )  {sign}  "),
            Run(result.text, self.theme.hue("positions"), (result,)),
        )
        words = Label(runs, 0.34, self.theme.ink).move_to(self.worked_box.centre)
        return [words, *(Focus(m.cell_box(*line.cell), self.theme) for m in (source, target))]

    # --- waves and map ------------------------------------------------------------------------------------------------

    @step
    def curves(self) -> None:
        self.clear_stage()
        board = self.board = WaveBoard(self.trace, STAGE.inset(left=0.4, right=0.4, top=0.05), self.theme)
        rows, columns = self.trace["positions.map"].shape
        self.light("sin", "cos")
        self.say(positions=rows, columns=columns)
        self.play(FadeIn(board.waves, board.heads, board.scale))
        for pair in range(0, len(board.heads), 2):
            self.play(board.waves.animate.draw(pair, pair + 1), run_time=0.6)
        self.say()
        self.play(board.waves.animate.at(0), FadeIn(board.cells), run_time=0.5)
        self.play(Wave(board.cells, Matrix.reveal, order="columns", run_time=0.6))
        for stop in STOPS:
            self.play(board.waves.animate.at(stop), board.cells.animate.set_values(board.row(stop)), run_time=0.45)

    @step
    def heat_map(self) -> None:
        left, right = STAGE.inset(top=0.1).columns(1.15, 1, gap=0.7)
        table = self.map = heat_map(self.trace["positions.map"], self.theme, left.inset(left=1.3, bottom=0.45, top=0.2))
        self.say(columns=self.trace["positions.map"].shape[1])
        self.board_to_map(table)
        words = self.map_words(table)
        self.play(Sweep(table, run_time=1.6))
        self.play(FadeOut(self.board.waves), FadeIn(*words), run_time=0.5)
        rows = Fingerprints(self.trace, table, FINGERPRINTS, right.inset(top=0.3, bottom=0.6), self.theme)
        frame = Focus(table.row_box(0), self.theme)
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
        self.play(board.waves.animate.stand(table.box, strips, 0.012), run_time=1.0)
        self.add(table, board.waves)

    def map_words(self, table: HeatMap) -> list[Label]:
        fast, slow = self.label("fast", 0.22), self.label("slow", 0.22)
        y = table.box.bottom - 0.24
        fast.move_to([table.box.left + fast.width / 2, y, 0])
        slow.move_to([table.box.right - slow.width / 2, y, 0])
        last = self.trace["positions.map"].shape[0] - 1
        ends = [(row, table.row_box(row).y) for row in (0, last)]
        names = [Label(f"pos = {row}", 0.22, self.theme.quiet, "code", structural=True) for row, _ in ends]
        for name, (_, height) in zip(names, ends, strict=True):
            name.move_to([table.box.left - 0.18 - name.width / 2, height, 0])
        return [fast, slow, *names]

    # --- a constant ---------------------------------------------------------------------------------------------------

    @step
    def constant(self) -> None:
        self.clear_stage(self.map)
        left, right = STAGE.inset(top=0.1, bottom=0.1).columns(1.25, 1, gap=0.9)
        self.say()
        learned = self.learned(left)
        self.play(self.map.animate.set_box(self.square(right)), run_time=0.9)
        heads = self.two_heads(left, self.map.box)
        self.play(FadeIn(*learned, heads[0]), run_time=0.7)
        self.play(FadeIn(heads[1]), run_time=0.5)
        self.say(**self.products())
        self.play(FadeOut(*learned, heads[0]), run_time=0.5)
        self.show_products(left)

    @staticmethod
    def square(box: Box) -> Box:
        side = min(box.width, box.height - 0.7)
        return Box(box.x - side / 2, box.x + side / 2, box.bottom + 0.1, box.bottom + 0.1 + side)

    def learned(self, box: Box) -> list[Matrix]:
        """The matrices that training changes, as they are."""
        names = ("embedding_table", "w_q", "w_k", "w_v", "w_o")
        matrices = [self.matrix(name).without_axes().reveal().as_heat() for name in names]
        top, bottom = box.inset(top=0.8).rows(1, 1, gap=0.75)
        places = [*top.inset(left=0.2, right=0.2).columns(1.25, 1, 1, gap=0.55)[:3], *bottom.columns(1, 1, gap=0.9)]
        for matrix, place in zip(matrices, places, strict=True):
            matrix.tag.scale(0.85)
            side = min(place.width, place.height, 1.75)
            matrix.place(Box(place.x - side / 2, place.x + side / 2, place.y - side / 2, place.y + side / 2))
            matrix.tag.move_to([place.x, matrix.box.top + 0.28, 0])
        return matrices

    def two_heads(self, left: Box, right: Box) -> list[Label]:
        learned = self.label("learned", 0.26, self.theme.hue("learned"), "semibold")
        constant = self.label("constant", 0.26, self.theme.hue("positions"), "semibold")
        y = STAGE.top - 0.2
        return [learned.move_to([left.x, y, 0]), constant.move_to([right.x, y, 0])]

    def products(self) -> dict[str, Reading | int]:
        """Dot products of rows two apart, here and there, and of rows far apart."""
        table = self.trace["positions.map.products"]
        (a, b), (c, d) = NEAR_PAIRS
        facts: dict[str, Reading | int] = {"a": a, "b": b, "c": c, "d": d, "e": FAR_PAIR[0], "f": FAR_PAIR[1]}
        return facts | {"here": table.at(a, b), "there": table.at(c, d), "far": table.at(*FAR_PAIR)}

    def show_products(self, box: Box) -> None:
        side = self.square(box)
        image = product_map(self.trace["positions.map.products"], self.theme, side)
        name = self.label("products", 0.24, self.theme.ink).move_to([side.x, STAGE.top - 0.2, 0])
        self.play(FadeIn(name), Sweep(image, run_time=1.6))
        marks = [Focus(image.part(*pair).grown(0.05), self.theme) for pair in (*NEAR_PAIRS, FAR_PAIR)]
        numbers = []
        for mark, pair in zip(marks, (*NEAR_PAIRS, FAR_PAIR), strict=True):
            reading = self.trace["positions.map.products"].at(*pair)
            number = Label((Run(reading.text, None, (reading,)),), 0.24, self.theme.ink)
            back = Panel(Box(0, number.width + 0.2, 0, 0.34), self.theme)
            number = VGroup(back, number.move_to(back)).next_to(mark, RIGHT, buff=0.1)
            numbers.append(number)
        self.play(FadeIn(*marks, *numbers), run_time=0.7)

    # --- added --------------------------------------------------------------------------------------------------------

    @step
    def added(self) -> None:
        self.clear_stage()
        x, table, total = self.sum_matrices()
        place_level([x, table, total], STAGE.inset(bottom=0.2), (0.7, 0.7), largest=(0.95, 0.6))
        signs = self.signs(x, table, total)
        self.say()
        self.play(FadeIn(x.reveal()))
        self.play(FadeIn(table.reveal(), shift=0.3 * RIGHT), FadeIn(signs[0]))
        self.play(FadeIn(total, signs[1]), run_time=0.4)
        self.play(Wave(total, Matrix.reveal, order="rows", run_time=1.8))
        row = min(1, x.rows - 1)
        self.play(FadeIn(*(Focus(m.row_box(row), self.theme) for m in (x, table, total))), run_time=0.5)

    def sum_matrices(self) -> tuple[Matrix, Matrix, Matrix]:
        tokens = self.trace["positions.x"].axis_labels("tokens")
        entries = (("x", "X", "x", tokens), ("table", PE, "positions", None), ("input", f"X + {PE}", "x", None))
        x, table, total = (
            Matrix(self.trace[f"positions.{name}"], hue, self.theme, symbol=symbol, row_tokens=rows, tag_side="top")
            for name, symbol, hue, rows in entries
        )
        return x, table, total

    def signs(self, *matrices: Matrix) -> VGroup:
        """Plus and equals between the matrices; ≈ where rounded numbers would not add up."""
        exact = all(self.trace["positions.x"].at(i, j).exact for i, j in np.ndindex(matrices[0].tensor.shape))
        signs = [Label(text, 0.42, self.theme.ink) for text in ("+", "=" if exact else "≈")]
        for sign, left, right in zip(signs, matrices[:-1], matrices[1:], strict=True):
            sign.move_to([(left.box.right + right.box.left) / 2, left.box.y, 0])
        return VGroup(*signs)

    # --- order is kept ------------------------------------------------------------------------------------------------

    @step
    def cured(self) -> None:
        self.clear_stage()
        symbols = (f"X + {PE}", f"X' + {PE}")
        orders = TwoOrders(self.trace, "cured", "input", symbols, self.theme, STAGE.inset(bottom=0.3))
        self.play(FadeIn(*(x.reveal() for x in orders.inputs), *orders.names[:2]))
        self.through_attention(orders)
        self.compare(orders, "cured")

    @step
    def whole(self) -> None:
        self.clear_stage()
        poster = PositionsPoster(self.trace, STAGE, self.theme, self.label)
        self.light("all")
        self.say()
        for part in poster.parts:
            self.play(FadeIn(*part), run_time=0.6)
        self.play(Create(poster.threads), run_time=1.0)
