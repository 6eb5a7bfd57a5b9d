"use strict";
/* What was done to make a number, as a sentence: which cells of which tensors, and the operation. */

const Sentences = (() => {
    const { words } = Words;

    /** Where the cells of an operand stand: a cell, a row, a column or all of a tensor. */
    function where({ tensor, places }) {
        if (!tensor.axes.length || (places.length === tensor.texts.length && places.length > 1)) return tensor.name;
        const cells = places.map((place) => tensor.cellAt(place));
        const alike = (key) => cells.every((cell) => String(cell[key]) === String(cells[0][key]));
        const [row, column] = [tensor.said(2, cells[0].row), tensor.said(1, cells[0].column)];
        const values = { name: tensor.name, row, column };
        if (tensor.axes.length === 1) return alike("column") ? words("where_place", values) : tensor.name;
        if (!alike("sheet")) return tensor.name;
        const kind = alike("row") ? (alike("column") ? "where_cell" : "where_row") : alike("column") ? "where_column" : "where_all";
        return tensor.inSheet(cells[0].sheet, words(kind, values));
    }

    const LETTERS = ["a", "b", "c", "d"];

    /** What the holes of every sentence may be filled with. */
    function holesOf(made) {
        const places = made.operands.map(where);
        const count = made.everything.length;
        const looked = made.looked.map((operand) => words("looked_is", { where: where(operand), value: operand.tensor.texts[operand.places[0]] }));
        const operands = Object.fromEntries(places.map((place, side) => [LETTERS[side] ?? side, place]));
        return { ...operands, all: places.join(words("list_between")), count, looked: looked.join(words("list_between")), by: places[1] ?? made.constant, constant: made.constant, name: made.operands[0]?.tensor.name };
    }

    /** Kinds that are said more plainly, and when. */
    const PLAIN = { deviation: ({ constant }) => !constant, counting: ({ constant }) => constant === 1 };

    /** What else the sentence of a kind is filled with. */
    const MORE = {
        cut: ({ index: [head], tensor }) => ({ head: head + 1, first: head * tensor.columns + 1, last: (head + 1) * tensor.columns }),
        activation: ({ note }) => ({ activation: words(`activation_${note}`) }),
        mask: (made) => ({ seen: words(`mask_${made.note}`), answer: words(Operations.seen(made) ? "mask_seen" : "mask_hidden") }),
        standardisation: ({ terms }) => ({ count: terms.slice(1).flat().length }),
        wave: (made) => ({ wave: words(`wave_${Operations.filledWave(made) || "empty"}`) }),
        rank: ({ index }) => ({ rank: index.at(-1) + 1 }),
        share: ({ index, constant }) => ({ share: words(index.at(-1) < constant ? "share_rank" : "share_rest", { rank: index.at(-1) + 1, constant }) }),
        histogram: (made) => ({ seen: Operations.samplesSeen(made) }),
        ticks: (made) => ({ step: Operations.tickStep(made) }),
    };

    /** What was changed in another run of the model; what has no words of its own is said as it is. */
    function changed(note) {
        return note.split(", ").map((part) => Words.known(`run_${part.replaceAll(" ", "_")}`) ?? part).join(words("list_between"));
    }

    /** How a cell was made. */
    function sentence(made) {
        const { kind, note } = made.tensor.origin;
        if (kind === "run") return words("run", { how: changed(note) });
        if (kind === "given") return words(`given_${note.replaceAll(" ", "_")}`, { seed: made.tensor.seed });
        if (kind === "choice") return words("choice");
        return words(`made_${kind}${PLAIN[kind]?.(made) ? "_plain" : ""}`, { ...holesOf(made), ...MORE[kind]?.(made) });
    }

    return { sentence };
})();
