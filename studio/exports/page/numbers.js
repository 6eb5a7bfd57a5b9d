"use strict";
/* The numbers of a step: its tables and those of their operands, and what pointing at a cell does. */

const Numbers = (() => {
    const MANY = 4; // so many operands are folded away at first
    const { get, make } = Elements;
    const { words } = Words;
    let tables = [];
    let focused = null; // the cell that has the focus

    function cellOf(target) {
        const cell = target?.closest?.("td[data-row]");
        const table = cell && tables.find((other) => other.element.contains(cell));
        return table ? { table, sheet: [...table.sheet], row: Number(cell.dataset.row), column: Number(cell.dataset.column) } : null;
    }

    function operandsOf(tensors, names) {
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
    function show(tensors, names) {
        const kept = new Map(tables.map((table) => [table.tensor, table]));
        const held = cellOf(document.activeElement);
        const table = (name) => kept.get(tensors.get(name)) ?? new Tables.Table(tensors.get(name));
        const present = names.filter((name) => tensors.has(name));
        const onStage = present.map(table);
        const behind = operandsOf(tensors, present).map(table);
        tables = [...onStage, ...behind];
        const parts = onStage.map((one) => one.element);
        if (!parts.length) parts.push(make("p", { class: "hint" }, words("no_numbers")));
        if (behind.length) parts.push(fold("operands", behind, behind.length <= MANY));
        get("tables").replaceChildren(...parts);
        focused = null;
        Explanation.among(tables, tensors);
        Search.among(tables);
        if (held && tables.includes(held.table)) held.table.focus(held.row, held.column);
        else if (held) get("numbers").focus({ preventScroll: true });
    }

    function fold(key, folded, open) {
        return make("details", { class: "operands", open }, make("summary", {}, words(key)), ...folded.map((one) => one.element));
    }

    function translate() {
        tables.forEach((table) => table.draw());
        for (const summary of document.querySelectorAll(".operands > summary")) summary.textContent = words("operands");
        for (const hint of document.querySelectorAll("#tables > .hint")) hint.textContent = words("no_numbers");
        Explanation.again();
        Search.among(tables);
    }

    // --- pointing ----------------------------------------------------------------------------------------------------

    function entered(cell) {
        focused = cell;
        cell.table.active = { row: cell.row, column: cell.column };
        Explanation.show(cell);
        get("cell-status").textContent = Explanation.spoken(cell);
    }

    function pressed(target) {
        for (const table of tables) table.anchor = null;
        if (!cellOf(target)) Explanation.show(null);
    }

    /** Ctrl C in a table: the cells selected with the keyboard, or the one number. */
    function copied(event) {
        const cell = cellOf(document.activeElement);
        if (!cell || !getSelection().isCollapsed) return;
        event.clipboardData.setData("text/plain", cell.table.selection());
        event.preventDefault();
        Copying.say(words("copied"));
    }

    function listen() {
        const area = get("tables");
        const on = (event, action) => area.addEventListener(event, action);
        on("pointerover", ({ target }) => {
            const cell = cellOf(target);
            if (cell && !Explanation.isShown(cell)) Explanation.show(cell);
        });
        on("pointerleave", () => !Explanation.isShown(focused) && Explanation.show(focused));
        on("focusin", ({ target }) => {
            const cell = cellOf(target);
            if (cell) entered(cell);
        });
        on("focusout", () => { focused = null; });
        on("pointerdown", ({ target }) => pressed(target));
        get("origin-close").addEventListener("click", () => Explanation.show(null));
        document.addEventListener("copy", copied);
        Search.start({ open: Explanation.show });
    }

    return { listen, show, translate };
})();
