"use strict";
/* The tables of a step: windows on large tensors, search, selection and copying, and where a number comes from. */

window.Numbers = (() => {
    const WINDOW = 24;
    const MANY_TERMS = 16;
    const MANY = 4; // so many operands are folded away at first
    const get = (id) => document.getElementById(id);
    let words = (key) => key;
    let axisName = (axis) => axis;
    let say = () => {};
    let tensors = new Map();
    let views = [];
    let shown = null; // the cell whose origin is shown
    let focused = null;
    let hits = [];
    let hit = -1;

    /** An element with texts and children; nothing is ever parsed as HTML. */
    function make(tag, properties = {}, ...children) {
        const element = document.createElement(tag);
        for (const [name, value] of Object.entries(properties)) {
            if (name === "class") element.className = value;
            else if (name in element && typeof value !== "string") element[name] = value;
            else element.setAttribute(name, value);
        }
        element.append(...children);
        return element;
    }

    /** `W_Q` with a lowered Q. */
    function symbol(text) {
        const element = make("span", { class: "symbol" });
        text.split(/_([A-Za-z0-9]+)/).forEach((part, place) => element.append(place % 2 ? make("sub", {}, part) : part));
        return element;
    }

    class Tensor {
        constructor(name, data) {
            Object.assign(this, data, { name });
            this.texts = data.cells.split(" ");
            this.lead = data.shape.slice(0, -2);
            this.rows = data.shape.length > 1 ? data.shape.at(-2) : 1;
            this.columns = data.shape.length > 0 ? data.shape.at(-1) : 1;
            this.largest = 0;
            for (const text of this.texts) {
                const size = Math.abs(number(text));
                if (Number.isFinite(size) && size > this.largest) this.largest = size;
            }
        }

        place(sheet, row, column) {
            const leading = sheet.reduce((flat, index, axis) => flat * this.lead[axis] + index, 0);
            return (leading * this.rows + row) * this.columns + column;
        }

        text(sheet, row, column) {
            return this.texts[this.place(sheet, row, column)];
        }

        answer(digits, sheet, row, column) {
            return (digits.length === 1 ? digits : digits[this.place(sheet, row, column)]) === "1";
        }

        /** The label at an axis, counted from the end: 1 columns, 2 rows. */
        label(fromEnd, index) {
            const axis = this.axes.at(-fromEnd);
            return fromEnd > this.axes.length ? "" : (this.labels[axis]?.[index] ?? String(index + 1));
        }

        /** A token in quotation marks, a number as it is. */
        said(fromEnd, index) {
            const text = this.label(fromEnd, index);
            return this.labels[this.axes.at(-fromEnd)] ? words("token", { token: text }) : text;
        }

        rowLabel(row) {
            return this.label(2, row);
        }

        columnLabel(column) {
            return this.label(1, column);
        }

        sheets() {
            return this.lead.reduce(
                (sheets, length) => sheets.flatMap((sheet) => Array.from({ length }, (_, index) => [...sheet, index])),
                [[]],
            );
        }

        sheetLabel(axis, index) {
            return this.labels[this.axes[axis]]?.[index] ?? String(index + 1);
        }
    }

    function number(text) {
        return Number(text.replace("−", "-").replace("∞", "Infinity"));
    }

    /** A tensor's table: one sheet of it, and of a long sheet a window. */
    class View {
        constructor(tensor) {
            this.tensor = tensor;
            this.sheet = tensor.lead.map(() => 0);
            this.top = this.left = 0;
            this.active = { row: 0, column: 0 };
            this.anchor = null;
            this.lit = null; // {row} of a left operand, {column} of a right one
            this.grid = make("div", { class: "scroller" });
            this.tools = make("div", { class: "tools" });
            this.corner = make("div", { class: "copy-corner" });
            this.element = make("section", { class: "tensor", style: `--hue: var(--hue-${tensor.hue})` }, this.corner, this.grid, this.tools);
            this.draw();
        }

        draw() {
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
            if (tensor.product.length) facts.unshift(`= ${tensor.product.join(" · ")}`);
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
            copy.addEventListener("click", () => copyText(this.separated(0, 0, tensor.rows - 1, tensor.columns - 1), say));
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

        /** Bring a cell into the window. */
        reach(row, column) {
            const inRows = row >= this.top && row < this.bottom;
            const inColumns = column >= this.left && column < this.right;
            if (inRows && inColumns) return;
            if (!inRows) this.top = clamp(row - WINDOW / 2, 0, Math.max(0, this.tensor.rows - WINDOW));
            if (!inColumns) this.left = clamp(column - WINDOW / 2, 0, Math.max(0, this.tensor.columns - WINDOW));
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
            const table = make("table", { role: "grid", "aria-rowcount": String(tensor.rows + 1), "aria-colcount": String(tensor.columns + 1) }, this.caption());
            const heads = [make("td", { class: "corner" })];
            for (let column = this.left; column < this.right; column++) {
                const text = tensor.axes.length ? tensor.columnLabel(column) : "";
                heads.push(make("th", { scope: "col", "aria-colindex": String(column + 2), "data-column": String(column) }, text));
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
            const found = new Set(hits.filter((place) => place.view === this && place.sheet.join() === this.sheet.join()).map((place) => `${place.row},${place.column}`));
            const current = hits[hit]?.view === this ? hits[hit] : null;
            const [first, last] = this.range();
            for (const cell of this.grid.querySelectorAll("th, td[data-row]")) {
                const row = Number(cell.dataset.row ?? -1);
                const column = Number(cell.dataset.column ?? -1);
                const inside = Boolean(this.anchor) && row >= first.row && row <= last.row && column >= first.column && column <= last.column;
                const isCell = cell.tagName === "TD";
                cell.classList.toggle("lit", Boolean(this.lit) && (row === this.lit.row || column === this.lit.column));
                cell.classList.toggle("found", found.has(`${row},${column}`));
                cell.classList.toggle("current", Boolean(current) && current.row === row && current.column === column);
                if (!isCell) continue;
                cell.tabIndex = row === this.active.row && column === this.active.column ? 0 : -1;
                cell.classList.toggle("selected", inside);
                if (this.anchor) cell.setAttribute("aria-selected", String(inside));
                else cell.removeAttribute("aria-selected");
                cell.classList.toggle("shown", shown?.view === this && shown.row === row && shown.column === column && shown.sheet.join() === this.sheet.join());
            }
        }

        range() {
            const [a, b] = [this.anchor ?? this.active, this.active];
            return [
                { row: Math.min(a.row, b.row), column: Math.min(a.column, b.column) },
                { row: Math.max(a.row, b.row), column: Math.max(a.column, b.column) },
            ];
        }

        /** Cells as tab-separated text with their labels, signs as spreadsheets read them. */
        separated(top, left, bottom, right) {
            const { tensor } = this;
            const lines = [["", ...span(left, right).map((column) => (tensor.axes.length ? tensor.columnLabel(column) : ""))]];
            for (const row of span(top, bottom)) {
                lines.push([tensor.rowLabel(row) || tensor.name, ...span(left, right).map((column) => tensor.text(this.sheet, row, column).replace("−", "-").replace("∞", "inf"))]);
            }
            return lines.map((line) => line.map((text) => text.replace(/[\t\n\r]/g, " ")).join("\t")).join("\n") + "\n";
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

    const clamp = (value, least, most) => Math.max(least, Math.min(value, most));
    const span = (first, last) => Array.from({ length: last - first + 1 }, (_, place) => first + place);

    // --- where a number comes from -----------------------------------------------------------------------------------

    /** The terms of a cell's sum, each a pair of texts; null for what is no product. As the core explains it. */
    function terms(tensor, sheet, row, column) {
        if (!tensor.product.length) return null;
        const [left, right] = tensor.product.map((name) => tensors.get(name));
        const own = (operand) => (operand.lead.length ? sheet : []);
        return Array.from({ length: left.columns }, (_, place) => [left.text(own(left), row, place), right.text(own(right), place, column)]);
    }

    const signed = (text, first) => (text.startsWith("−") && !first ? `(${text})` : text);

    /** `1.00 × 0.50 + … = 2.50`. */
    function sum(tensor, sheet, row, column) {
        const parts = terms(tensor, sheet, row, column).map(([a, b], place) => `${signed(a, place === 0)} × ${signed(b)}`);
        const sign = tensor.answer(tensor.closes, sheet, row, column) ? "=" : "≈";
        return { parts, sign, total: tensor.text(sheet, row, column) };
    }

    function address(tensor, sheet, row, column) {
        let cell = "";
        if (tensor.axes.length === 1) cell = words("cell_row", { row: tensor.said(1, column) });
        if (tensor.axes.length > 1) cell = words("cell", { row: tensor.said(2, row), column: tensor.said(1, column) });
        sheet.forEach((index, axis) => {
            cell = words("cell_sheet", { axis: axisName(tensor.axes[axis]), sheet: tensor.sheetLabel(axis, index), cell });
        });
        return cell;
    }

    function light(view, sheet, row, column) {
        for (const other of views) other.lit = null;
        const sides = view.tensor.product.map((name) => views.find((other) => other.tensor.name === name));
        sides.forEach((operand, side) => {
            if (!operand) return;
            if (operand.tensor.lead.length) operand.turnTo(sheet);
            operand.lit = { ...operand.lit, ...(side ? { column } : { row }) };
            operand.reach(side ? operand.top : row, side ? column : operand.left);
        });
    }

    function showOrigin(place) {
        const body = get("origin-body");
        shown = place;
        get("origin").classList.toggle("showing", Boolean(place));
        if (!place) {
            for (const view of views) view.lit = null;
            body.replaceChildren(make("p", { class: "hint" }, words("origin_hint")));
            views.forEach((view) => view.paint());
            return;
        }
        const { view, sheet, row, column } = place;
        const { tensor } = view;
        light(view, sheet, row, column);
        const text = tensor.text(sheet, row, column);
        const head = make("p", { class: "address", style: `--hue: var(--hue-${tensor.hue})` });
        if (tensor.symbol) head.append(symbol(tensor.symbol), " ");
        head.append(make("code", {}, tensor.name), " ", make("span", {}, address(tensor, sheet, row, column)), " ", make("b", {}, text));
        body.replaceChildren(head, ...(tensor.product.length ? productOrigin(place) : valueOrigin(place)));
        views.forEach((other) => other.paint());
    }

    function productOrigin({ view: { tensor }, sheet, row, column }) {
        const [left, right] = tensor.product.map((name) => tensors.get(name));
        const { parts, sign, total } = sum(tensor, sheet, row, column);
        const line = make("p", parts.length > MANY_TERMS ? { class: "sum long", tabindex: "0" } : { class: "sum" });
        const pairs = terms(tensor, sheet, row, column);
        parts.forEach((part, place) => {
            const [a, b] = [signed(pairs[place][0], place === 0), signed(pairs[place][1])];
            const factor = (operand, text) => make("span", { style: `color: var(--hue-${operand.hue})` }, text);
            if (place) line.append(" + ");
            line.append(make("span", { class: "term" }, factor(left, a), " × ", factor(right, b)));
        });
        line.append(" ", make("span", { class: "term total" }, `${sign} `, make("b", {}, total)));
        const said = words("is_product", { row: tensor.said(2, row), column: tensor.said(1, column), left: left.name, right: right.name });
        return [make("p", {}, said), line, make("p", { class: "note" }, words(sign === "=" ? "closes" : "about"))];
    }

    function valueOrigin({ view: { tensor }, sheet, row, column }) {
        const exact = tensor.answer(tensor.exact, sheet, row, column);
        const notes = [words("only_value"), exact ? words("exact_value") : words("rounded_value", { decimals: tensor.decimals })];
        const uses = [...tensors.values()].filter((other) => other.product.includes(tensor.name)).map((other) => other.name);
        if (uses.length) notes.push(words("used_in", { names: uses.join(", ") }));
        return [make("p", { class: "note" }, notes.join(" "))];
    }

    /** What a screen reader is told of a cell that has the focus. */
    function spoken({ view: { tensor }, sheet, row, column }) {
        const where = `${tensor.name}, ${address(tensor, sheet, row, column)}`;
        if (!tensor.product.length) return `${where}: ${tensor.text(sheet, row, column)}`;
        const { parts, sign, total } = sum(tensor, sheet, row, column);
        return `${where}: ${parts.join(" + ")} ${sign} ${total}`;
    }

    function placeOf(target) {
        const cell = target.closest?.("td[data-row]");
        const view = cell && views.find((other) => other.element.contains(cell));
        return view ? { view, sheet: [...view.sheet], row: Number(cell.dataset.row), column: Number(cell.dataset.column) } : null;
    }

    const same = (a, b) => Boolean(a && b) && a.view === b.view && a.row === b.row && a.column === b.column && a.sheet.join() === b.sheet.join();

    // --- search ------------------------------------------------------------------------------------------------------

    function search(query) {
        const wanted = query.trim().toLowerCase().replace(/^-/, "−");
        hit = -1;
        hits = wanted ? views.flatMap((view) => matches(view, wanted)) : [];
        for (const view of views) {
            view.element.classList.toggle("without", Boolean(wanted) && !hits.some((place) => place.view === view));
            view.paint();
        }
        const texts = { 0: words("found_none"), 1: words("found_one") };
        get("found").textContent = wanted ? (texts[hits.length] ?? words("found", { count: hits.length })) : "";
    }

    /** A number is found by its first digits, all else by any part; a label counts in the first sheet, a name as its table. */
    function matches(view, wanted) {
        const { tensor } = view;
        const places = [];
        const names = `${tensor.name} ${tensor.symbol}`.toLowerCase();
        const home = tensor.lead.map(() => 0);
        const isNumber = /^−?[\d.∞]/.test(wanted);
        if (!isNumber && names.includes(wanted)) places.push({ view, sheet: home, row: -1, column: -1 });
        const has = (label) => label.toLowerCase().includes(wanted);
        if (tensor.labels[tensor.axes.at(-2)]) span(0, tensor.rows - 1).forEach((row) => has(tensor.rowLabel(row)) && places.push({ view, sheet: home, row, column: -1 }));
        if (tensor.labels[tensor.axes.at(-1)]) span(0, tensor.columns - 1).forEach((column) => has(tensor.columnLabel(column)) && places.push({ view, sheet: home, row: -1, column }));
        if (!isNumber) return places;
        for (const sheet of tensor.sheets()) {
            for (let row = 0; row < tensor.rows; row++) {
                for (let column = 0; column < tensor.columns; column++) {
                    if (tensor.text(sheet, row, column).startsWith(wanted)) places.push({ view, sheet, row, column });
                }
            }
        }
        return places;
    }

    function visit(step) {
        if (!hits.length) return;
        hit = (hit + step + hits.length) % hits.length;
        const { view, sheet, row, column } = hits[hit];
        view.turnTo(sheet);
        view.reach(row < 0 ? view.top : row, column < 0 ? view.left : column);
        const fold = view.element.closest("details");
        if (fold) fold.open = true;
        for (const other of views) other.paint();
        (view.grid.querySelector(".current") ?? view.element).scrollIntoView({ block: "nearest", inline: "nearest" });
        if (row >= 0 && column >= 0) showOrigin({ view, sheet, row, column });
        get("found").textContent = words("found_at", { place: hit + 1, count: hits.length });
    }

    // --- copying -----------------------------------------------------------------------------------------------------

    async function copyText(text, tell) {
        try {
            await navigator.clipboard.writeText(text);
            tell(words("copied"));
        } catch {
            tell(words(copyByEvent(text) ? "copied" : "select_to_copy"));
        }
    }

    function copyByEvent(text) {
        let taken = false;
        const give = (event) => {
            event.clipboardData.setData("text/plain", text);
            event.preventDefault();
            event.stopImmediatePropagation();
            taken = true;
        };
        document.addEventListener("copy", give, { capture: true });
        document.execCommand("copy");
        document.removeEventListener("copy", give, { capture: true });
        return taken;
    }

    /** Ctrl C in a table: the cells selected with the keyboard, or the one number. */
    function copySelected(event) {
        const place = placeOf(document.activeElement ?? document.body);
        if (!place || !getSelection().isCollapsed) return;
        const { view } = place;
        const [first, last] = view.range();
        const text = view.anchor ? view.separated(first.row, first.column, last.row, last.column) : view.tensor.text(view.sheet, place.row, place.column).replace("−", "-");
        event.clipboardData.setData("text/plain", text);
        event.preventDefault();
        say(words("copied"));
    }

    // --- the tables of a step ----------------------------------------------------------------------------------------

    function operandsOf(names) {
        const found = [];
        const waiting = names.flatMap((name) => tensors.get(name).product);
        while (waiting.length) {
            const name = waiting.shift();
            if (names.includes(name) || found.includes(name)) continue;
            found.push(name);
            waiting.push(...tensors.get(name).product);
        }
        return found;
    }

    /** Show the tensors of a step of an example (a map of tensors), and what they are products of. */
    function show(example, names) {
        const kept = new Map(views.map((view) => [view.tensor, view]));
        const held = placeOf(document.activeElement ?? document.body);
        tensors = example;
        const present = names.filter((name) => tensors.has(name));
        const operands = operandsOf(present);
        const view = (name) => kept.get(tensors.get(name)) ?? new View(tensors.get(name));
        const onStage = present.map(view);
        const behind = operands.map(view);
        views = [...onStage, ...behind];
        const parts = onStage.map((one) => one.element);
        if (!parts.length) parts.push(make("p", { class: "hint" }, words("no_numbers")));
        if (behind.length) {
            const open = behind.length <= MANY;
            parts.push(make("details", { class: "operands", open }, make("summary", {}, words("operands")), ...behind.map((one) => one.element)));
        }
        get("tables").replaceChildren(...parts);
        focused = null;
        showOrigin(null);
        search(get("search").value);
        if (held && views.includes(held.view)) held.view.focus(held.row, held.column);
        else if (held) get("numbers").focus({ preventScroll: true });
    }

    function translate() {
        views.forEach((view) => view.draw());
        for (const summary of document.querySelectorAll(".operands > summary")) summary.textContent = words("operands");
        for (const hint of document.querySelectorAll("#tables > .hint")) hint.textContent = words("no_numbers");
        showOrigin(shown);
        search(get("search").value);
    }

    function listen() {
        const tables = get("tables");
        tables.addEventListener("pointerover", (event) => {
            const place = placeOf(event.target);
            if (place && !same(place, shown)) showOrigin(place);
        });
        tables.addEventListener("pointerleave", () => {
            if (!same(focused, shown)) showOrigin(focused);
        });
        tables.addEventListener("focusin", (event) => {
            const place = placeOf(event.target);
            if (!place) return;
            focused = place;
            place.view.active = { row: place.row, column: place.column };
            showOrigin(place);
            get("cell-status").textContent = spoken(place);
        });
        tables.addEventListener("focusout", () => {
            focused = null;
        });
        tables.addEventListener("pointerdown", (event) => {
            for (const view of views) view.anchor = null;
            if (!placeOf(event.target)) showOrigin(null);
        });
        get("origin-close").addEventListener("click", () => showOrigin(null));
        document.addEventListener("copy", copySelected);
        get("search").addEventListener("input", (event) => search(event.target.value));
        get("search").addEventListener("keydown", (event) => {
            if (event.key === "Enter") visit(event.shiftKey ? -1 : 1);
            if (event.key === "Escape" && !event.target.value) get("film").focus();
        });
    }

    function start(settings) {
        ({ words, axisName, say } = settings);
        listen();
    }

    const read = (data) => new Map(Object.entries(data).map(([name, tensor]) => [name, new Tensor(name, tensor)]));

    return { start, read, show, translate, make, copyText };
})();
