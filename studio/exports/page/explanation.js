"use strict";
/* The panel that says where the number pointed at comes from, and lights what it is made of. */

const Explanation = (() => {
    const MANY_TERMS = 16;
    const MANY_USES = 6;
    const NARROW = matchMedia("(max-width: 1279px)"); // the film stands above the numbers, not beside them
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

    /** Below the film; where that stands above the numbers, below these, at the edge of what is seen of them: the film stays free. */
    function dock() {
        const within = get(NARROW.matches ? "numbers" : "film");
        const origin = get("origin");
        if (origin.parentElement !== within) within.insertBefore(origin, within.querySelector("#embed"));
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
        const made = Origins.opened(tensor, cell, tensors);
        cell.table.shown = Tables.keyOf(cell.sheet, cell.row, cell.column);
        light([...made.operands, ...made.looked]);
        const head = make("p", { class: "address", style: `--hue: var(--hue-${tensor.hue})` });
        if (tensor.symbol) head.append(symbol(tensor.symbol), " ");
        head.append(make("code", {}, tensor.name), " ", make("span", {}, tensor.address(cell.sheet, cell.row, cell.column)), " ", make("b", {}, textOf(cell)));
        return [head, make("p", {}, Sentences.sentence(made)), ...lines(cell, made)];
    }

    /** Light the cells of some operands in their tables; of two operands in one table both. */
    function light(operands) {
        for (const table of tables) {
            const places = operands.filter((operand) => operand.tensor === table.tensor).flatMap((operand) => operand.places);
            if (places.length) table.light(places);
        }
    }

    const textOf = ({ table: { tensor }, sheet, row, column }) => tensor.text(sheet, row, column);
    const placeOf = ({ table: { tensor }, sheet, row, column }) => tensor.place(sheet, row, column);
    const formulaOf = (made) => Formulas.formula(made.tensor.origin.kind, made);
    const signOf = (made) => (Origins.closes(made) ? "=" : "≈");

    function lines(cell, made) {
        const parts = formulaOf(made);
        if (!parts.length) return [make("p", { class: "note" }, valueNotes(cell))];
        const sign = signOf(made);
        const long = made.everything.length > MANY_TERMS;
        const line = make("p", long ? { class: "sum long", tabindex: "0" } : { class: "sum" }, ...parts.map((part) => drawn(part, made)));
        line.append(" ", make("span", { class: "term total" }, `${sign} `, make("b", {}, textOf(cell))));
        return [line, make("p", { class: "note" }, words(sign === "=" ? "closes" : "about"))];
    }

    /** A part of a formula as an element: numbers in the hue of their operand. */
    function drawn(part, made) {
        if (typeof part === "string") return part;
        if (part.term) return make("span", { class: "term" }, ...part.term.map((inner) => drawn(inner, made)));
        if (part.raised) return make("sup", {}, ...part.raised.map((inner) => drawn(inner, made)));
        return make("span", { style: `color: var(--hue-${made.operands[part.side].tensor.hue})` }, part.text);
    }

    /** What there is to say of a number that nothing is computed for. */
    function valueNotes({ table: { tensor }, ...cell }) {
        const exact = tensor.answer(tensor.exact, tensor.place(cell.sheet, cell.row, cell.column));
        const notes = [exact ? words("exact_value") : words("rounded_value", { decimals: tensor.decimals })];
        const uses = [...tensors.values()].filter((other) => Origins.namesIn(other).includes(tensor.name)).map((other) => other.name);
        if (uses.length) notes.push(words("used_in", { names: uses.slice(0, MANY_USES).join(", ") + (uses.length > MANY_USES ? ", …" : "") }));
        return notes.join(" ");
    }

    /** What a screen reader is told of a cell that has the focus. */
    function spoken(cell) {
        const { tensor } = cell.table;
        const made = Origins.opened(tensor, cell, tensors);
        const where = `${tensor.name}, ${tensor.address(cell.sheet, cell.row, cell.column)}`;
        const parts = formulaOf(made);
        if (!parts.length) return `${where}: ${textOf(cell)}. ${Sentences.sentence(made)}`;
        return `${where}: ${parts.map(plainly).join("")} ${signOf(made)} ${textOf(cell)}`;
    }

    /** A part of a formula as text, what is raised after ^. */
    function plainly(part) {
        if (part.term) return part.term.map(plainly).join("");
        if (part.raised) return `^(${part.raised.map(plainly).join("")})`;
        return part.text ?? part;
    }

    NARROW.addEventListener("change", dock);
    dock();

    const isShown = (cell) => same(cell, shown);
    const same = (a, b) => a === b || (Boolean(a && b) && a.table === b.table && placeOf(a) === placeOf(b));
    const again = () => show(shown);

    return { among, show, again, isShown, spoken };
})();
