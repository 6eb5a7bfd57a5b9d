"use strict";
/* The numbers of a step: its tables and those of their operands, and what pointing at a cell does. */

const Numbers = (() => {
    const MANY = 8; // so many operands are folded away at first
    const { get, make } = Elements;
    const { words } = Words;
    let tables = [];
    let focused = null; // the cell that has the focus

    function cellOf(target) {
        const cell = target?.closest?.("td[data-row]");
        const table = cell && tables.find((other) => other.element.contains(cell));
        return table ? { table, sheet: [...table.sheet], row: Number(cell.dataset.row), column: Number(cell.dataset.column) } : null;
    }

    /** What tensors are made of, that in turn, and so on, without themselves. */
    function operandsOf(tensors, names) {
        const found = new Set(names);
        for (const name of found) for (const operand of Origins.namesIn(tensors.get(name))) found.add(operand);
        return [...found].slice(names.length);
    }

    /** Show the tensors of a step of an example (a map of tensors), what they are made of, and what that is made of. */
    function show(tensors, names) {
        const kept = new Map(tables.map((table) => [table.tensor, table]));
        const held = cellOf(document.activeElement);
        const table = (name) => kept.get(tensors.get(name)) ?? new Tables.Table(tensors.get(name));
        const present = names.filter((name) => tensors.has(name));
        const near = present.flatMap((name) => Origins.namesIn(tensors.get(name)));
        const behind = operandsOf(tensors, present);
        const rooms = [present, behind.filter((name) => near.includes(name)), behind.filter((name) => !near.includes(name))];
        const [onStage, operands, further] = rooms.map((room) => room.map(table));
        tables = [...onStage, ...operands, ...further];
        for (const one of onStage) one.wake();
        const parts = onStage.map((one) => one.element);
        if (!parts.length) parts.push(make("p", { class: "hint", "data-text": "no_numbers" }, words("no_numbers")));
        if (operands.length) parts.push(fold("operands", operands, operands.length <= MANY));
        if (further.length) parts.push(fold("further", further, false));
        get("tables").replaceChildren(...parts);
        focused = null;
        Explanation.among(tables, tensors);
        Search.among(tables);
        if (held && tables.includes(held.table)) held.table.focus(held.row, held.column);
        else if (held) get("numbers").focus({ preventScroll: true });
    }

    function fold(key, folded, open) {
        const details = make("details", { class: "operands", open }, make("summary", { "data-text": key }, words(key)), ...folded.map((one) => one.element));
        const wake = () => details.open && folded.forEach((one) => one.wake());
        details.addEventListener("toggle", wake);
        wake();
        return details;
    }

    function translate() {
        for (const table of tables) table.draw();
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
        on("pointerleave", ({ relatedTarget }) => {
            if (!get("origin").contains(relatedTarget) && !Explanation.isShown(focused)) Explanation.show(focused);
        });
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
