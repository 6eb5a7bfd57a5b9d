"use strict";
/* Search in the tables of a step: numbers, tokens, names. */

const Search = (() => {
    const { get } = Elements;
    const { words } = Words;
    const { span } = Tensors;
    let tables = [];
    let hits = [];
    let hit = -1;
    let open = () => {}; // called with the cell that search stands at

    const keyOf = ({ sheet, row, column }) => Tables.keyOf(sheet, row, column);

    /** Search for what is asked, among these tables from now on. */
    function among(others) {
        tables = others;
        ask(get("search").value);
    }

    function ask(query) {
        const wanted = query.trim().toLowerCase().replace(/^-/, "−");
        hit = -1;
        hits = wanted ? tables.flatMap((table) => matches(table, wanted)) : [];
        for (const table of tables) {
            const own = hits.filter((place) => place.table === table);
            table.element.classList.toggle("without", Boolean(wanted) && !own.length);
            table.found = new Set(own.map(keyOf));
            table.current = "";
            table.paint();
        }
        const texts = { 0: words("found_none"), 1: words("found_one") };
        get("found").textContent = wanted ? (texts[hits.length] ?? words("found", { count: hits.length })) : "";
    }

    /** A number is found by its first digits, all else by any part; a label counts in the first sheet, a name as its table. */
    function matches(table, wanted) {
        const { tensor } = table;
        const sheet = tensor.lead.map(() => 0);
        const isNumber = /^−?[\d.∞]/.test(wanted);
        const has = (label) => label.toLowerCase().includes(wanted);
        const labelled = (fromEnd) => tensor.labels[tensor.axes.at(-fromEnd)] ?? [];
        const places = [];
        if (!isNumber && has(`${tensor.name} ${tensor.symbol}`)) places.push({ table, sheet, row: -1, column: -1 });
        labelled(2).forEach((label, row) => has(label) && places.push({ table, sheet, row, column: -1 }));
        labelled(1).forEach((label, column) => has(label) && places.push({ table, sheet, row: -1, column }));
        return isNumber ? [...places, ...numbersOf(table, wanted)] : places;
    }

    function numbersOf(table, wanted) {
        const places = span(0, table.tensor.texts.length - 1).filter((place) => table.tensor.texts[place].startsWith(wanted));
        return places.map((place) => ({ table, ...table.tensor.cellAt(place) }));
    }

    function visit(step) {
        if (!hits.length) return;
        hit = (hit + step + hits.length) % hits.length;
        const { table, sheet, row, column } = hits[hit];
        table.wake();
        table.turnTo(sheet);
        table.reach(row < 0 ? table.top : row, column < 0 ? table.left : column);
        for (let fold = table.element.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
        for (const other of tables) other.current = other === table ? keyOf(hits[hit]) : "";
        for (const other of tables) other.paint();
        (table.grid.querySelector(".current") ?? table.element).scrollIntoView({ block: "nearest", inline: "nearest" });
        if (row >= 0 && column >= 0) open({ table, sheet, row, column });
        get("found").textContent = words("found_at", { place: hit + 1, count: hits.length });
    }

    function start(settings) {
        ({ open } = settings);
        get("search").addEventListener("input", (event) => ask(event.target.value));
        get("search").addEventListener("keydown", (event) => {
            if (event.key === "Enter") visit(event.shiftKey ? -1 : 1);
            if (event.key === "Escape" && !event.target.value) get("film").focus();
        });
    }

    return { start, among };
})();
