"use strict";
/* The table of a tensor: one sheet of it, of a long sheet a window, its keyboard, and what is marked in it. */

const Tables = (() => {
    const WINDOW = 24;
    const NARROW = 6; // columns whose heads stand level
    const { get, make, symbol } = Elements;
    const { words, axisName } = Words;
    const { number, span } = Tensors;
    const { copyText, plain, separated } = Copying;
    const clamp = (value, least, most) => Math.max(least, Math.min(value, most));
    const keyOf = (sheet, row, column) => `${sheet.join()}:${row},${column}`;

    class Table {
        constructor(tensor) {
            this.tensor = tensor;
            this.sheet = tensor.lead.map(() => 0);
            this.top = this.left = 0;
            this.active = { row: 0, column: 0 };
            this.anchor = null;
            this.lit = new Set(); // places that the number shown is made of
            this.found = new Set(); // keys of cells and labels
            this.current = ""; // key of the one that search stands at
            this.shown = ""; // key of the cell whose origin is shown
            this.awake = false; // drawn when it is first to be seen
            this.grid = make("div", { class: "scroller" });
            this.tools = make("div", { class: "tools" });
            this.corner = make("div", { class: "copy-corner" });
            this.element = make("section", { class: "tensor", style: `--hue: var(--hue-${tensor.hue})` }, this.corner, this.grid, this.tools);
        }

        wake() {
            if (this.awake) return;
            this.awake = true;
            this.draw();
        }

        draw() {
            if (!this.awake) return;
            this.drawTools();
            this.drawTable();
        }

        caption() {
            const { tensor } = this;
            const caption = make("caption", {});
            if (tensor.symbol) caption.append(symbol(tensor.symbol), " ");
            caption.append(make("code", {}, tensor.name), " ");
            const shape = tensor.axes.map((axis, place) => `${axisName(axis)} ${tensor.shape[place]}`).join(" × ");
            const facts = [shape || words("scalar")];
            if (tensor.origin.kind === "product") facts.unshift(`= ${tensor.origin.operands.map((operand) => operand.name).join(" · ")}`);
            if (tensor.exact !== "1") facts.push(words("rounded", { decimals: tensor.decimals }));
            caption.append(make("span", { class: "facts" }, facts.join("  ·  ")));
            return caption;
        }

        drawTools() {
            const { tensor } = this;
            const tools = tensor.lead.map((length, axis) => {
                const options = Array.from({ length }, (_, index) => make("option", { value: String(index) }, tensor.sheetLabel(axis, index)));
                const select = make("select", {}, ...options);
                select.value = String(this.sheet[axis]);
                select.addEventListener("change", () => this.turnTo(this.sheet.map((old, other) => (other === axis ? Number(select.value) : old))));
                return make("label", {}, make("span", {}, axisName(tensor.axes[axis])), select);
            });
            tools.push(...this.windowTools("rows", "top"), ...this.windowTools("columns", "left"));
            const copy = make("button", { type: "button", class: "copy", "aria-label": words("copy_table", { name: tensor.name }) }, words("copy"));
            copy.addEventListener("click", () => copyText(this.copied(0, 0, tensor.rows - 1, tensor.columns - 1)));
            this.tools.replaceChildren(...tools);
            this.corner.replaceChildren(copy);
        }

        windowTools(axis, edge) {
            const count = this.tensor[axis];
            if (count <= WINDOW) return [];
            const first = this[edge];
            const button = (key, sign, step, off) => {
                const element = make("button", { type: "button", class: "turn", "aria-label": `${words(key)}: ${this.tensor.name}`, disabled: off }, sign);
                element.addEventListener("click", () => {
                    this.move(axis, first + step);
                    this.tools.querySelector(`[aria-label^="${words(key)}"]`)?.focus();
                });
                return element;
            };
            const said = words(`window_${axis}`, { first: first + 1, last: Math.min(count, first + WINDOW), count });
            const signs = axis === "rows" ? "↑↓" : "←→";
            return [make("span", { class: "window" }, button(`earlier_${axis}`, signs[0], -WINDOW, first === 0), make("span", {}, said),
                button(`later_${axis}`, signs[1], WINDOW, first + WINDOW >= count))];
        }

        move(axis, first) {
            const edge = axis === "rows" ? "top" : "left";
            this[edge] = Math.max(0, Math.min(first, this.tensor[axis] - WINDOW));
            this.active.row = clamp(this.active.row, this.top, this.bottom - 1);
            this.active.column = clamp(this.active.column, this.left, this.right - 1);
            this.draw();
        }

        turnTo(sheet) {
            if (sheet.join() === this.sheet.join()) return;
            this.sheet = sheet;
            this.draw();
        }

        shows(row, column) {
            return row >= this.top && row < this.bottom && column >= this.left && column < this.right;
        }

        /** Bring a cell into the window. */
        reach(row, column) {
            if (this.shows(row, column)) return;
            const { rows, columns } = this.tensor;
            if (row < this.top || row >= this.bottom) this.top = clamp(row - WINDOW / 2, 0, Math.max(0, rows - WINDOW));
            if (column < this.left || column >= this.right) this.left = clamp(column - WINDOW / 2, 0, Math.max(0, columns - WINDOW));
            this.draw();
        }

        get bottom() {
            return Math.min(this.tensor.rows, this.top + WINDOW);
        }

        get right() {
            return Math.min(this.tensor.columns, this.left + WINDOW);
        }

        drawTable() {
            const { tensor } = this;
            const wide = this.right - this.left > NARROW ? { class: "wide" } : {};
            const table = make("table", { ...wide, role: "grid", "aria-rowcount": String(tensor.rows + 1), "aria-colcount": String(tensor.columns + 1) }, this.caption());
            const heads = [make("td", { class: "corner" })];
            for (let column = this.left; column < this.right; column++) {
                const text = tensor.axes.length ? tensor.columnLabel(column) : "";
                heads.push(text ? make("th", { scope: "col", "aria-colindex": String(column + 2), "data-column": String(column) }, text) : make("td", {}));
            }
            table.append(make("thead", {}, make("tr", { "aria-rowindex": "1" }, ...heads)));
            const body = make("tbody", {});
            for (let row = this.top; row < this.bottom; row++) body.append(this.row(row));
            table.append(body);
            table.addEventListener("keydown", (event) => this.key(event));
            this.grid.replaceChildren(table);
            this.paint();
        }

        row(row) {
            const { tensor } = this;
            const head = make("th", { scope: "row", "aria-colindex": "1", "data-row": String(row) }, tensor.rowLabel(row) || tensor.symbol || tensor.name);
            const cells = [head];
            for (let column = this.left; column < this.right; column++) {
                const text = tensor.text(this.sheet, row, column);
                const cell = make("td", { tabindex: "-1", "aria-colindex": String(column + 2), "data-row": String(row), "data-column": String(column) }, text);
                const value = number(text);
                if (Number.isFinite(value) && value !== 0) {
                    cell.style.setProperty("--heat", (Math.abs(value) / tensor.largest).toFixed(3));
                    if (value < 0) cell.classList.add("negative");
                }
                cells.push(cell);
            }
            return make("tr", { "aria-rowindex": String(row + 2) }, ...cells);
        }

        cell(row, column) {
            return this.grid.querySelector(`td[data-row="${row}"][data-column="${column}"]`);
        }

        /** Show which cell can be reached with Tab, what is selected, lit and found. */
        paint() {
            const lit = this.litHere();
            const [first, last] = this.range();
            for (const cell of this.grid.querySelectorAll("th, td[data-row]")) {
                const row = Number(cell.dataset.row ?? -1);
                const column = Number(cell.dataset.column ?? -1);
                const key = keyOf(this.sheet, row, column);
                cell.classList.toggle("lit", lit.has(key));
                cell.classList.toggle("found", this.found.has(key));
                cell.classList.toggle("current", this.current === key);
                if (cell.tagName !== "TD") continue;
                const inside = Boolean(this.anchor) && row >= first.row && row <= last.row && column >= first.column && column <= last.column;
                cell.tabIndex = row === this.active.row && column === this.active.column ? 0 : -1;
                cell.classList.toggle("selected", inside);
                if (this.anchor) cell.setAttribute("aria-selected", String(inside));
                else cell.removeAttribute("aria-selected");
                cell.classList.toggle("shown", this.shown === key);
            }
        }

        /** Keys of the lit cells of this sheet, and of the head of a row or column that holds all of them. */
        litHere() {
            const cells = [...this.lit].map((place) => this.tensor.cellAt(place)).filter((cell) => cell.sheet.join() === this.sheet.join());
            const keys = new Set(cells.map((cell) => keyOf(this.sheet, cell.row, cell.column)));
            const [rows, columns] = ["row", "column"].map((axis) => [...new Set(cells.map((cell) => cell[axis]))]);
            if (rows.length === 1) keys.add(keyOf(this.sheet, rows[0], -1));
            if (columns.length === 1) keys.add(keyOf(this.sheet, -1, columns[0]));
            return keys;
        }

        /** Light the cells at some places, and turn to them. */
        light(places) {
            this.lit = new Set(places);
            const cells = places.map((place) => this.tensor.cellAt(place));
            if (!cells.length) return;
            if (!cells.some((cell) => cell.sheet.join() === this.sheet.join())) this.turnTo(cells[0].sheet);
            const inView = cells.some((cell) => this.shows(cell.row, cell.column));
            if (!inView) this.reach(cells[0].row, cells[0].column);
        }

        range() {
            const [a, b] = [this.anchor ?? this.active, this.active];
            return [
                { row: Math.min(a.row, b.row), column: Math.min(a.column, b.column) },
                { row: Math.max(a.row, b.row), column: Math.max(a.column, b.column) },
            ];
        }

        /** Cells as tab-separated text with their labels. */
        copied(top, left, bottom, right) {
            const { tensor } = this;
            const columns = span(left, right);
            const head = ["", ...columns.map((column) => (tensor.axes.length ? tensor.columnLabel(column) : ""))];
            const line = (row) => [tensor.rowLabel(row) || tensor.name, ...columns.map((column) => plain(tensor.text(this.sheet, row, column)))];
            return separated([head, ...span(top, bottom).map(line)]);
        }

        /** What is selected, or the one number that can be reached with Tab. */
        selection() {
            const [first, last] = this.range();
            if (this.anchor) return this.copied(first.row, first.column, last.row, last.column);
            return plain(this.tensor.text(this.sheet, this.active.row, this.active.column));
        }

        focus(row, column) {
            this.active = { row, column };
            this.reach(row, column);
            this.paint();
            this.cell(row, column).focus();
        }

        key(event) {
            if (event.target.tagName !== "TD") return;
            const { rows, columns } = this.tensor;
            const { row, column } = this.active;
            const far = event.ctrlKey || event.metaKey;
            if (event.key === "Escape") {
                this.anchor = null;
                this.paint();
                get("film").focus();
                return event.stopPropagation();
            }
            if (far && event.key.toLowerCase() === "a") {
                event.preventDefault();
                this.anchor = { row: 0, column: 0 };
                return this.focus(rows - 1, columns - 1);
            }
            const goals = {
                ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
                Home: [far ? 0 : row, 0], End: [far ? rows - 1 : row, columns - 1], PageUp: [row - 10, column], PageDown: [row + 10, column],
            };
            const goal = goals[event.key];
            if (!goal) return undefined;
            event.preventDefault();
            event.stopPropagation();
            this.anchor = event.shiftKey ? (this.anchor ?? { row, column }) : null;
            return this.focus(clamp(goal[0], 0, rows - 1), clamp(goal[1], 0, columns - 1));
        }
    }

    return { Table, keyOf };
})();
