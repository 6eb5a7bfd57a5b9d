"use strict";
/* The lesson about the example: how it looks, what is worked through, which steps are shown, its own words. */

const Lesson = (() => {
    const { get, make } = Elements;
    const { words } = Words;
    const { DESK } = window;
    const { edit, newBurst, field, group, textField, choice, isFree } = Editors;
    const META = ["title", "author", "occasion", "date", "minutes"];
    const TIMES = { pace: ["0.5", "2", "0.1"], hold: ["0", "10", "0.5"] };
    let said = {}; // the tables of the lesson
    let shown = []; // chapters with their steps
    let view = () => ({});

    const table = (name) => said[name] ?? {};
    const look = (name, value) => {
        newBurst();
        edit("look", { name, value });
    };

    // --- steps -------------------------------------------------------------------------------------------------------

    const stepsOf = (chapter) => Object.keys(DESK.chapters[chapter].steps);
    const chosen = (chapter) => shown.filter(([name]) => name === chapter).flatMap(([, steps]) => steps);

    /** A box at a step: is it shown in the lesson? */
    function tick(chapter, step, title) {
        const box = make("input", { type: "checkbox", class: "tick", "aria-label": words("step_shown", { step: title }), title: words("step_shown", { step: title }) });
        box.checked = chosen(chapter).includes(step);
        box.addEventListener("change", () => {
            const steps = stepsOf(chapter).filter((other) => (other === step ? box.checked : chosen(chapter).includes(other)));
            change(chapter, steps);
        });
        return box;
    }

    function change(chapter, steps) {
        const there = shown.some(([name]) => name === chapter);
        const parts = there ? shown.map(([name, own]) => [name, name === chapter ? steps : own]) : [...shown, [chapter, steps]];
        put(parts);
    }

    function put(parts) {
        newBurst();
        edit("steps", { words: parts.flatMap(([name, steps]) => (steps.length === stepsOf(name).length ? [name] : steps.map((step) => `${name}:${step}`))) });
    }

    /** The chapters in order; each can be taken out, and dragged or moved to another place. */
    function drawChapters() {
        const place = get("shown");
        if (!place) return;
        const items = shown.map(([name, steps], at) => chapterItem(name, steps, at));
        const absent = Object.keys(DESK.chapters).filter((name) => !shown.some(([other]) => other === name));
        const add = choice("add-chapter", [["", words("chapter_add")], ...absent.map((name) => [name, DESK.chapters[name].titles[Words.language]])], (name) => name && put([...shown, [name, stepsOf(name)]]));
        place.replaceChildren(make("ol", { class: "chapters" }, ...items), make("label", { class: "field" }, make("span", { class: "unseen" }, words("chapter_add")), add));
    }

    function chapterItem(name, steps, at) {
        const title = DESK.chapters[name].titles[Words.language];
        const all = stepsOf(name).length;
        const move = (to) => {
            const parts = [...shown];
            parts.splice(to, 0, ...parts.splice(at, 1));
            put(parts);
        };
        const button = (key, sign, action, off = false) => {
            const element = make("button", { type: "button", "aria-label": `${words(key)}: ${title}`, title: words(key), disabled: off }, sign);
            element.addEventListener("click", action);
            return element;
        };
        const item = make("li", { draggable: true }, make("span", { class: "name" }, title), make("span", { class: "facts" }, `${steps.length} / ${all}`),
            button("chapter_up", "↑", () => move(at - 1), at === 0), button("chapter_down", "↓", () => move(at + 1), at === shown.length - 1),
            button("chapter_out", "×", () => put(shown.filter((part, other) => other !== at)), shown.length === 1));
        item.addEventListener("dragstart", (event) => event.dataTransfer.setData("text/plain", String(at)));
        item.addEventListener("dragover", (event) => event.preventDefault());
        item.addEventListener("drop", (event) => {
            event.preventDefault();
            const from = Number(event.dataTransfer.getData("text/plain"));
            const parts = [...shown];
            parts.splice(at, 0, ...parts.splice(from, 1));
            put(parts);
        });
        return item;
    }

    // --- focus -------------------------------------------------------------------------------------------------------

    /** A name that can be clicked to be worked through; again, to leave it to the numbers. */
    function focusOn(kind, at, name) {
        const pressed = table("focus")[kind] === at + 1;
        const button = make("button", { type: "button", class: "name", "aria-pressed": String(pressed), title: words(`focus_${kind}`) }, name);
        button.addEventListener("click", () => {
            newBurst();
            edit("focus", { name: kind, place: pressed ? null : at + 1 });
        });
        return button;
    }

    function focusGroup() {
        const { facts } = Editors;
        const names = facts?.rows ?? [];
        const heads = Array.from({ length: facts?.sizes.heads ?? 1 }, (_, at) => String(at + 1));
        const pick = (kind, options) => {
            const element = choice(`focus-${kind}`, [["", words("by_the_numbers")], ...options.map((name, at) => [String(at + 1), options === heads ? name : `${at + 1} ${name}`])], (value) => {
                newBurst();
                edit("focus", { name: kind, place: value ? Number(value) : null });
            });
            const place = table("focus")[kind];
            element.value = typeof place === "string" ? String(names.indexOf(place) + 1) : String(place ?? "");
            return field(`focus_${kind}`, element);
        };
        return group("focus", "focus", make("div", { class: "fields" }, pick("query", names), pick("key", names), pick("head", heads), pick("row", names), pick("word", facts?.target ?? [])));
    }

    // --- looks -------------------------------------------------------------------------------------------------------

    function lookGroup() {
        const own = table("lesson");
        const pick = (name, options, value) => {
            const element = choice(`look-${name}`, options, (chosenValue) => look(name, chosenValue === options[0][0] ? null : chosenValue));
            element.value = value ?? options[0][0];
            return element;
        };
        const time = (name) => {
            const [min, max, step] = TIMES[name];
            const element = make("input", { type: "number", id: `look-${name}`, min, max, step });
            element.value = own[name] ?? "";
            element.placeholder = name === "pace" ? "1" : "0";
            element.addEventListener("focus", newBurst);
            element.addEventListener("input", () => edit("look", { name, value: element.value === "" ? null : Number(element.value) }));
            return field(`look_${name}`, element);
        };
        const header = make("input", { type: "checkbox", id: "look-header" });
        header.checked = own.header ?? true;
        header.addEventListener("change", () => look("header", header.checked ? null : false));
        return group("look", "look", make("div", { class: "fields" },
            field("theme_field", pick("theme", DESK.themes.map((name) => [name, words(`theme_name_${name}`)]), own.theme)),
            field("size_field", pick("size", DESK.sizes.map((name) => [name, words(`size_name_${name}`)]), own.size)),
            field("frame_field", pick("frame", DESK.frames.map((name) => [name, name]), own.frame)),
            field("captions_field", pick("captions", DESK.captions.map((name) => [name, words(`captions_name_${name}`)]), own.captions)),
            time("pace"), time("hold")),
        make("label", { class: "field check", style: "padding-top: 10px" }, header, make("span", { "data-text": "header_field" }, words("header_field"))), colours(own.colours ?? {}));
    }

    function colours(own) {
        const swatches = Object.entries(DESK.accents).map(([meaning, hue]) => {
            const input = make("input", { type: "color", id: `colour-${meaning}` });
            input.value = own[meaning] ?? getComputedStyle(document.documentElement).getPropertyValue(`--hue-${hue}`).trim().slice(0, 7);
            input.addEventListener("focus", newBurst);
            input.addEventListener("input", () => edit("colour", { meaning, value: input.value }));
            const reset = make("button", { type: "button", "aria-label": words("colour_reset", { colour: words(`accent_${meaning}`) }), disabled: !own[meaning] }, "×");
            reset.addEventListener("click", () => {
                newBurst();
                edit("colour", { meaning, value: null });
            });
            return make("div", { class: "swatch" }, make("label", {}, input, make("span", {}, words(`accent_${meaning}`))), reset);
        });
        return make("details", { class: "accents", open: Object.keys(own).length > 0 }, make("summary", {}, words("colours_field")), make("div", { class: "swatches" }, ...swatches));
    }

    function aboutGroup() {
        const own = table("lesson");
        const inputs = META.map((name) => {
            const element = textField(`lesson-${name}`, (value) => edit("look", { name, value: name === "minutes" ? (value === "" ? null : Number(value)) : value }), name === "minutes" ? "number" : "text");
            const value = own[name];
            element.value = typeof value === "object" ? (value[Words.language] ?? Object.values(value)[0] ?? "") : (value ?? "");
            return field(`lesson_${name}`, element, name === "title" ? "wide" : "");
        });
        return group("about", "lesson_about", make("div", { class: "fields" }, ...inputs));
    }

    // --- words -------------------------------------------------------------------------------------------------------

    function ownWordsGroup() {
        const { chapter, step } = view();
        const language = Words.language;
        const texts = DESK.chapters[chapter].steps[step];
        const own = table("words")[language]?.[chapter]?.steps?.[step] ?? {};
        const plain = (text) => (typeof text === "object" ? (text.text ?? "") : (text ?? ""));
        const line = (id, key, original, value) => {
            const element = make("textarea", { id, rows: "2", placeholder: original });
            element.value = value;
            element.addEventListener("focus", newBurst);
            element.addEventListener("input", () => edit("words", { language, chapter, key: `steps.${step}.${key}`, text: element.value || null }));
            return element;
        };
        const captions = texts.captions[language].map((original, at) =>
            make("label", { class: "field wide" }, make("span", {}, words("caption_number", { number: at + 1 })), line(`caption-${at}`, `captions.${at}`, original, plain(own.captions?.[at]))));
        const title = make("label", { class: "field wide" }, make("span", {}, words("step_title")), line("step-title", "title", texts.titles[language], own.title ?? ""));
        return group("own-words", "own_words", make("p", { class: "hint note" }, words("own_words_hint")), make("div", { class: "fields" }, ...captions, title));
    }

    // --- all together ------------------------------------------------------------------------------------------------

    /** Draw the editors anew, but for one that is being typed in. */
    function build() {
        const panel = get("lesson");
        const held = panel.contains(document.activeElement) ? document.activeElement : null;
        const groups = [aboutGroup, lookGroup, focusGroup, ownWordsGroup, shownGroup];
        if (!panel.children.length || !held) {
            panel.replaceChildren(...groups.map((one) => one()));
        } else {
            [...panel.children].forEach((old, at) => old.contains(held) ? null : old.replaceWith(groups[at]()));
            if (held.tagName === "SELECT" || held.type === "checkbox" || held.tagName === "BUTTON") {
                [...panel.children].forEach((old, at) => old.contains(held) && renew(old, groups[at](), held));
            }
        }
        drawChapters();
    }

    function renew(old, fresh, held) {
        old.replaceWith(fresh);
        if (held.id) get(held.id)?.focus();
    }

    function shownGroup() {
        return group("shown", "steps_shown", make("div", { id: "shown" }));
    }

    function listen(told) {
        view = told;
        const hear = ({ document: facts }) => {
            ({ said, shown } = facts);
            build();
            Strip.list();
        };
        Bridge.on("hello", hear);
        Bridge.on("document", hear);
        Bridge.on("facts", build);
    }

    return { listen, build, tick, focusOn, isFree };
})();
