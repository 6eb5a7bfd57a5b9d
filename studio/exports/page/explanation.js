"use strict";
/* The panel that says where the number pointed at comes from, and lights what it is made of. */

const Explanation = (() => {
    const MANY_TERMS = 16;
    const { get, make, symbol } = Elements;
    const { words } = Words;
    let tensors = new Map();
    let tables = [];
    let shown = null; // the cell that is explained

    /** Explain cells of these tables from now on; tensors: all of the example. */
    function among(others, all) {
        tables = others;
        tensors = all;
        show(null);
    }

    function show(cell) {
        shown = cell;
        get("origin").classList.toggle("showing", Boolean(cell));
        for (const table of tables) {
            table.lit = new Set();
            table.shown = "";
        }
        get("origin-body").replaceChildren(...(cell ? explained(cell) : [make("p", { class: "hint" }, words("origin_hint"))]));
        for (const table of tables) table.paint();
    }

    function explained(cell) {
        const { tensor } = cell.table;
        const operands = Origins.operandsOf(tensor, cell, tensors);
        cell.table.shown = Tables.keyOf(cell.sheet, cell.row, cell.column);
        for (const operand of operands) tables.find((table) => table.tensor === operand.tensor)?.light(operand.places);
        const head = make("p", { class: "address", style: `--hue: var(--hue-${tensor.hue})` });
        if (tensor.symbol) head.append(symbol(tensor.symbol), " ");
        head.append(make("code", {}, tensor.name), " ", make("span", {}, tensor.address(cell.sheet, cell.row, cell.column)), " ", make("b", {}, textOf(cell)));
        return [head, ...(operands.length ? productLines(cell, operands) : valueLines(cell))];
    }

    const textOf = ({ table: { tensor }, sheet, row, column }) => tensor.text(sheet, row, column);
    const placeOf = ({ table: { tensor }, sheet, row, column }) => tensor.place(sheet, row, column);
    const signOf = (cell) => (cell.table.tensor.answer(cell.table.tensor.closes, placeOf(cell)) ? "=" : "≈");

    function productLines(cell, operands) {
        const { tensor } = cell.table;
        const [left, right] = operands;
        const terms = Origins.termsOf(operands);
        const sign = signOf(cell);
        const line = make("p", terms.length > MANY_TERMS ? { class: "sum long", tabindex: "0" } : { class: "sum" });
        const factor = (operand, text) => make("span", { style: `color: var(--hue-${operand.tensor.hue})` }, text);
        terms.forEach(([a, b], place) => {
            if (place) line.append(" + ");
            line.append(make("span", { class: "term" }, factor(left, a), " × ", factor(right, b)));
        });
        line.append(" ", make("span", { class: "term total" }, `${sign} `, make("b", {}, textOf(cell))));
        const said = words("is_product", { row: tensor.said(2, cell.row), column: tensor.said(1, cell.column), left: left.tensor.name, right: right.tensor.name });
        return [make("p", {}, said), line, make("p", { class: "note" }, words(sign === "=" ? "closes" : "about"))];
    }

    function valueLines(cell) {
        const { tensor } = cell.table;
        const exact = tensor.answer(tensor.exact, placeOf(cell));
        const notes = [words("only_value"), exact ? words("exact_value") : words("rounded_value", { decimals: tensor.decimals })];
        const uses = [...tensors.values()].filter((other) => other.product.includes(tensor.name)).map((other) => other.name);
        if (uses.length) notes.push(words("used_in", { names: uses.join(", ") }));
        return [make("p", { class: "note" }, notes.join(" "))];
    }

    /** What a screen reader is told of a cell that has the focus. */
    function spoken(cell) {
        const { tensor } = cell.table;
        const where = `${tensor.name}, ${tensor.address(cell.sheet, cell.row, cell.column)}`;
        const operands = Origins.operandsOf(tensor, cell, tensors);
        if (!operands.length) return `${where}: ${textOf(cell)}`;
        return `${where}: ${Origins.termsOf(operands).map((term) => term.join(" × ")).join(" + ")} ${signOf(cell)} ${textOf(cell)}`;
    }

    const isShown = (cell) => same(cell, shown);
    const same = (a, b) => a === b || (Boolean(a && b) && a.table === b.table && placeOf(a) === placeOf(b));
    const again = () => show(shown);

    return { among, show, again, isShown, spoken };
})();
