"use strict";
/* The editors at the side: words, sizes, mask and weights of the example, how it looks, and its text. */

const Editors = (() => {
    const MATRICES = { w_q: ["W_Q", "q"], w_k: ["W_K", "k"], w_v: ["W_V", "v"], w_o: ["W_O", "output"], embeddings: ["X", "x"] };
    const SIZES = ["heads", "d_model", "d_k", "d_v", "decimals"];
    const MASKS = ["none", "padding", "causal", "both"];
    const PIXELS = 6; // of a drag, for a step of the number
    const { get, make, symbol } = Elements;
    const { words } = Words;
    let facts = null; // what the example has
    let faults = [];
    let matrix = "w_q";
    let bursts = 0;
    let burst = "";

    const edit = (what, given) => Bridge.wish("edit", { edit: { do: what, ...given }, burst });
    const newBurst = () => { burst = `${Date.now()}-${++bursts}`; };
    const isFree = (element) => element !== document.activeElement;

    // --- pieces ------------------------------------------------------------------------------------------------------

    function field(key, control, kind = "") {
        return make("label", { class: `field ${kind}` }, make("span", { "data-text": key }, words(key)), control);
    }

    function group(name, key, ...parts) {
        return make("fieldset", { class: "group", "data-group": name }, make("legend", { "data-text": key }, words(key)), ...parts, make("div", { class: "wrong", "data-wrong": name, id: `wrong-${name}` }));
    }

    function textField(id, action, kind = "text") {
        const element = make("input", { type: kind, id, autocomplete: "off", spellcheck: "false" });
        element.addEventListener("focus", newBurst);
        element.addEventListener("input", () => action(element.value));
        return element;
    }

    function choice(id, options, action) {
        const element = make("select", { id }, ...options.map(([value, text]) => make("option", { value }, text)));
        element.addEventListener("change", () => action(element.value));
        return element;
    }

    // --- words -------------------------------------------------------------------------------------------------------

    function wordsGroup() {
        const sentence = make("textarea", { id: "sentence", rows: "2", spellcheck: "false" });
        sentence.addEventListener("focus", newBurst);
        sentence.addEventListener("input", () => edit("sentence", { text: sentence.value }));
        const target = textField("target", (value) => edit("field", { name: "target", value }));
        const title = textField("title", (value) => edit("field", { name: "title", value }));
        return group("words", "sentence", field("sentence", sentence, "wide"), make("div", { class: "tokens", id: "tokens", role: "group", "aria-label": words("tokens") }),
            make("div", { class: "fields", style: "padding-top: 12px" }, field("target", target, "wide"), field("title_field", title, "wide")));
    }

    function drawTokens() {
        const tokens = [...facts.tokens];
        const held = get("tokens").contains(document.activeElement);
        if (held && get("tokens").querySelectorAll("input").length === tokens.length) return;
        const chips = tokens.map((token, place) => chip(tokens, token, place));
        const add = make("button", { type: "button", class: "add", "aria-label": words("token_add") }, "+");
        add.addEventListener("click", () => {
            newBurst();
            edit("tokens", { tokens: [...tokens, "…"] });
        });
        const place = [...get("tokens").children].findIndex((old) => old.contains(document.activeElement));
        get("tokens").replaceChildren(...chips, add);
        if (place >= 0) (chips[place]?.querySelector("button") ?? add).focus();
    }

    function chip(tokens, token, place) {
        const input = make("input", { type: "text", "aria-label": words("token_number", { number: place + 1 }), spellcheck: "false", autocomplete: "off" });
        input.value = token;
        input.addEventListener("focus", newBurst);
        input.addEventListener("input", () => edit("tokens", { tokens: facts.tokens.map((other, at) => (at === place ? input.value : other)) }));
        const remove = make("button", { type: "button", "aria-label": words("token_remove", { token }) }, "×");
        remove.addEventListener("click", () => {
            newBurst();
            edit("tokens", { tokens: tokens.filter((other, at) => at !== place) });
        });
        return make("span", { class: "chip" }, input, remove);
    }

    // --- sizes -------------------------------------------------------------------------------------------------------

    function sizesGroup() {
        const number = (name) => {
            const element = textField(`size-${name}`, (value) => edit("field", { name, value: value === "" ? null : Number(value) }), "number");
            element.min = name === "decimals" ? "0" : "1";
            return field(name, element);
        };
        const positions = make("input", { type: "checkbox", id: "positions" });
        positions.addEventListener("change", () => edit("field", { name: "positions", value: positions.checked || null }));
        return group("sizes", "sizes", make("div", { class: "fields" }, ...SIZES.map(number)),
            make("label", { class: "field check" }, positions, make("span", { "data-text": "positions_field" }, words("positions_field"))));
    }

    // --- mask --------------------------------------------------------------------------------------------------------

    function maskGroup() {
        const names = choice("mask-name", [...MASKS, "literal"].map((name) => [name, words(`mask_name_${name}`)]), (value) => value !== "literal" && edit("field", { name: "mask", value: value === "none" ? null : value }));
        return group("mask", "mask", make("div", { class: "row" }, field("mask", names)), make("p", { class: "hint note", id: "mask-hint", "data-text": "mask_hint" }, words("mask_hint")), make("div", { class: "grid", id: "mask" }));
    }

    function drawMask() {
        get("mask-name").value = facts.mask.name;
        get("mask-name").querySelector('[value="literal"]').hidden = facts.mask.name !== "literal";
        const { cell: place, focus } = document.activeElement?.dataset ?? {};
        const held = get("mask").contains(document.activeElement) && (place ? `[data-cell="${place}"]` : focus && `[data-focus="${focus}"]`);
        const { rows } = facts.mask;
        const body = rows.map((row, at) => make("tr", {}, make("th", { scope: "row" }, Lesson.focusOn("query", at, facts.rows[at] ?? "")), ...row.map((seen, column) => make("td", {}, maskCell(at, column, seen)))));
        get("mask").replaceChildren(make("table", { class: "wide", "aria-describedby": "mask-hint" }, heads(facts.rows.map((name, at) => Lesson.focusOn("key", at, name))), make("tbody", {}, ...body)));
        if (held) get("mask").querySelector(held)?.focus();
    }

    const heads = (names) => make("thead", {}, make("tr", {}, make("td", {}), ...names.map((name) => make("th", { scope: "col" }, name))));

    function maskCell(row, column, seen) {
        const said = words("mask_cell", { row: facts.rows[row], column: facts.rows[column] });
        const button = make("button", { type: "button", class: "turnable", "aria-pressed": String(Boolean(seen)), "aria-label": said, title: said, "data-cell": `${row},${column}`, tabindex: row || column ? "-1" : "0" });
        button.addEventListener("click", () => {
            newBurst();
            edit("cell", { row, column });
        });
        button.addEventListener("keydown", (event) => walk(event, get("mask"), row, column));
        return button;
    }

    /** Arrow keys go from cell to cell. */
    function walk(event, area, row, column) {
        const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
        const cell = step && area.querySelector(`[data-cell="${row + step[0]},${column + step[1]}"]`);
        if (!cell) return;
        event.preventDefault();
        for (const other of area.querySelectorAll("[data-cell]")) other.tabIndex = -1;
        cell.tabIndex = 0;
        cell.focus();
    }

    // --- weights -----------------------------------------------------------------------------------------------------

    function weightsGroup() {
        const options = Object.entries(MATRICES).map(([name, [sign]]) => [name, name === "embeddings" ? words("embeddings") : sign]);
        const which = choice("matrix-name", options, (value) => {
            matrix = value;
            drawMatrix();
        });
        const seed = textField("seed", (value) => edit("field", { name: "seed", value }));
        const again = make("button", { type: "button", id: "redraw", "data-text": "redraw" }, words("redraw"));
        again.addEventListener("click", redraw);
        return group("weights", "weights", make("div", { class: "row" }, field("matrix", which), field("seed_field", seed), again),
            make("p", { class: "hint note", id: "weights-hint" }), make("div", { class: "grid", id: "matrix" }));
    }

    /** Draw the matrix that is shown from the seed, from the next one if it is drawn already. */
    function redraw() {
        newBurst();
        const drawn = facts.drawn.includes(matrix);
        const [, stem, number] = facts.seed.match(/^(.*?)(?: (\d+))?$/);
        edit("redraw", { names: [matrix], ...(drawn ? { seed: `${stem} ${Number(number ?? 1) + 1}` } : {}) });
    }

    const shownMatrix = () => (matrix === "embeddings" ? facts.embeddings : facts.weights[matrix]);

    function drawMatrix() {
        const { shape, values } = shownMatrix();
        const area = get("matrix");
        get("matrix-name").value = matrix;
        get("redraw").disabled = facts.trained;
        const origin = words(facts.drawn.includes(matrix) ? "weights_drawn" : "weights_given");
        const hint = facts.trained ? words("weights_trained") : `${origin}. ${words("weights_hint")}`;
        get("weights-hint").textContent = values ? hint : words("weights_large", { shape: shape.join(" × ") });
        if (!values) return area.replaceChildren();
        const inputs = [...area.querySelectorAll("input")];
        if (area.dataset.of === `${matrix} ${shape}` && inputs.length === values.flat().length) return fill(inputs, values);
        area.dataset.of = `${matrix} ${shape}`;
        area.style.setProperty("--hue", `var(--hue-${MATRICES[matrix][1]})`);
        const names = matrix === "embeddings" ? facts.embeddings.words : values.map((row, at) => String(at + 1));
        const rows = values.map((row, at) => make("tr", {}, make("th", { scope: "row" }, names[at]), ...row.map((value, column) => make("td", {}, cell(names[at], at, column)))));
        area.replaceChildren(make("table", { "aria-label": words(matrix === "embeddings" ? "embeddings" : "matrix") }, heads(values[0].map((value, column) => String(column + 1))), make("tbody", {}, ...rows)));
        return fill([...area.querySelectorAll("input")], values);
    }

    const written = (value) => String(Math.round(value * 1e6) / 1e6);

    function fill(inputs, values) {
        const largest = Math.max(...values.flat().map(Math.abs), 1e-9);
        values.flat().forEach((value, place) => {
            const input = inputs[place];
            if (isFree(input) || input.dataset.dragged) input.value = written(value);
            input.dataset.value = value;
            input.disabled = facts.trained;
            input.style.setProperty("--heat", (Math.abs(value) / largest).toFixed(3));
            if (matrix === "embeddings") input.closest("tr").firstChild.textContent = facts.embeddings.words[Number(input.dataset.cell.split(",")[0])];
        });
    }

    function cell(name, row, column) {
        const input = make("input", { type: "text", class: "number", inputmode: "decimal", "data-cell": `${row},${column}`, "aria-label": words("cell_value", { row: name, column: column + 1 }), autocomplete: "off" });
        const put = (value) => {
            const given = { row, column, value };
            if (matrix === "embeddings") edit("embedding", { word: facts.embeddings.words[row], column, value });
            else edit("weight", { name: matrix, ...given });
        };
        input.addEventListener("focus", newBurst);
        input.addEventListener("input", () => {
            const value = typed(input.value);
            input.toggleAttribute("aria-invalid", Number.isNaN(value));
            if (!Number.isNaN(value)) put(value);
        });
        input.addEventListener("keydown", (event) => {
            const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
            if (!step) return;
            event.preventDefault();
            put(stepped(typed(input.value), step, event.shiftKey, input));
        });
        dragged(input, put);
        return input;
    }

    const typed = (text) => (/^\s*[-−+]?(\d+([.,]\d*)?|[.,]\d+)\s*$/.test(text) ? Number(text.replace("−", "-").replace(",", ".")) : NaN);
    const unit = () => (facts.sizes.decimals >= 1 ? 0.1 : 1);

    function stepped(value, steps, large, input) {
        const next = Math.round(((Number.isNaN(value) ? 0 : value) + steps * unit() * (large ? 10 : 1)) * 1e6) / 1e6;
        input.value = written(next);
        return next;
    }

    /** A number follows the mouse sideways. */
    function dragged(input, put) {
        let from = null;
        input.addEventListener("pointerdown", (event) => {
            if (event.button || input.disabled) return;
            from = { x: event.clientX, value: typed(input.value), steps: 0 };
            input.setPointerCapture(event.pointerId);
        });
        input.addEventListener("pointermove", (event) => {
            if (!from) return;
            const steps = Math.trunc((event.clientX - from.x) / PIXELS);
            if (steps === from.steps) return;
            from.steps = steps;
            input.dataset.dragged = "1";
            put(stepped(from.value, steps, event.shiftKey, input));
        });
        for (const end of ["pointerup", "pointercancel"]) input.addEventListener(end, () => {
            from = null;
            delete input.dataset.dragged;
        });
    }

    // --- text --------------------------------------------------------------------------------------------------------

    function drawSource() {
        const source = get("source");
        if (isFree(source)) source.value = File.texts[get("source-kind").value] ?? "";
    }

    // --- faults ------------------------------------------------------------------------------------------------------

    const HOMES = { sentence: "words", tokens: "words", sentences: "words", show: "words", target: "words", title: "words", mask: "mask", mask_true: "mask", seed: "weights", embeddings: "weights", weights: "weights" };
    const LESSON_HOMES = { lesson: "look", focus: "focus", words: "own-words", parts: "shown" };
    const PARTS = [[/^part \d+, (against|without|change)/, "what-if"], [/^part \d+, focus/, "focus"], [/^part \d+/, "shown"]];
    const FIELDS = { target: "target", title: "title", sentence: "sentence", seed: "seed", mask: "mask-name" };

    function homeOf(fault) {
        const part = PARTS.find(([pattern]) => pattern.test(fault.field));
        if (part) return part[1];
        const name = fault.field.split(/[.,]/)[0];
        return SIZES.includes(name) || name === "positions" ? "sizes" : (HOMES[name] ?? LESSON_HOMES[name] ?? "");
    }

    function controlOf(fault) {
        const name = fault.field.split(/[.,]/)[0];
        if (["tokens", "sentences"].includes(name)) return get("sentence");
        return get(SIZES.includes(name) ? `size-${name}` : (FIELDS[name] ?? ""));
    }

    function drawFaults() {
        for (const place of document.querySelectorAll("[data-wrong]")) place.replaceChildren();
        for (const control of document.querySelectorAll("#panel [aria-invalid]")) {
            control.removeAttribute("aria-invalid");
            control.removeAttribute("aria-describedby");
        }
        const outside = [];
        for (const fault of faults) {
            const home = document.querySelector(`[data-wrong="${homeOf(fault)}"]`);
            const told = make("p", { class: "fault" }, Faults.told(fault));
            if (home) home.append(told);
            else outside.push(told);
            const control = controlOf(fault);
            control?.setAttribute("aria-invalid", "true");
            if (home) control?.setAttribute("aria-describedby", home.id);
        }
        const wrong = faults.find(isMisfit);
        if (wrong) document.querySelector(`[data-wrong="${homeOf(wrong)}"]`)?.append(misfit());
        get("faults").replaceChildren(...outside);
    }

    /** Given numbers that do not fit the sizes can be drawn anew. */
    const isMisfit = ({ field: name }) => /^(weights\.|embeddings|d_model|heads|d_k|d_v)/.test(name);

    function misfit() {
        const button = make("button", { type: "button" }, words("draw_instead"));
        button.addEventListener("click", () => {
            newBurst();
            edit("redraw", { names: Object.keys(MATRICES) });
        });
        return make("p", { class: "cure" }, button);
    }

    // --- all together ------------------------------------------------------------------------------------------------

    function build() {
        get("edit").replaceChildren(wordsGroup(), sizesGroup(), maskGroup(), weightsGroup());
        if (facts) show();
        drawFaults();
    }

    function show() {
        const put = (id, value) => { if (isFree(get(id))) get(id).value = value; };
        put("sentence", facts.sentence);
        put("target", facts.target.join(" "));
        put("title", facts.title[Words.language] ?? Object.values(facts.title)[0] ?? "");
        put("seed", facts.seed);
        for (const name of SIZES) put(`size-${name}`, String(facts.sizes[name]));
        get("positions").checked = facts.positions;
        for (const name of ["heads", "d_model", "d_k", "d_v"]) get(`size-${name}`).disabled = facts.trained;
        get("positions").disabled = facts.trained;
        drawTokens();
        drawMask();
        drawMatrix();
    }

    function listen() {
        Bridge.on("facts", ({ facts: told }) => {
            facts = told;
            faults = [];
            show();
            drawFaults();
        });
        Bridge.on("faults", ({ faults: told }) => {
            faults = told;
            drawFaults();
        });
        Bridge.on("hello", drawSource);
        Bridge.on("document", drawSource);
        get("source-kind").addEventListener("change", drawSource);
        get("source").addEventListener("focus", newBurst);
        get("source").addEventListener("input", ({ target }) => Bridge.wish("write", { kind: get("source-kind").value, text: target.value, number: File.number, burst }));
        get("source").addEventListener("blur", () => setTimeout(drawSource));
    }

    return { listen, build, edit, newBurst, field, group, textField, choice, isFree, get facts() { return facts; }, letGo: () => document.activeElement?.blur?.() };
})();
