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
    let shown = []; // chapters with the steps that are shown of them, and the parts (from 1) that they are in
    let next = ""; // the control that the keyboard goes to
    let ownFocus = false; // whether what is chosen next is worked through in the part in view alone
    const wordings = new Map(); // what the film says in a step, of several wordings those that are true
    let view = () => ({});

    const table = (name) => said[name] ?? {};
    const look = (name, value) => {
        newBurst();
        edit("look", { name, value });
    };

    // --- steps -------------------------------------------------------------------------------------------------------

    const stepsOf = (chapter) => Object.keys(DESK.chapters[chapter].steps);
    const titleOf = (chapter) => DESK.chapters[chapter].titles[Words.language];
    const partOf = (item) => said.parts?.[(item?.of ?? 0) - 1] ?? {};

    /** The chapter in view as it is shown, if it is. */
    function inView() {
        const { chapter, part } = view();
        const there = shown.filter((item) => item.chapter === chapter);
        return there.find((item) => item.of === part) ?? there[0];
    }

    /** A box at a step of the chapter in view: is it shown in the lesson? */
    function tick(chapter, step, title) {
        const own = inView();
        const box = make("input", { type: "checkbox", class: "tick", "data-tick": step, "aria-label": words("step_shown", { step: title }), title: words("step_shown", { step: title }) });
        box.checked = own?.steps.includes(step) ?? false;
        box.addEventListener("change", () => {
            const steps = stepsOf(chapter).filter((other) => (other === step ? box.checked : own?.steps.includes(other)));
            if (!own) put([...shown, { of: 0, chapter, steps }]);
            else if (steps.length || shown.length > 1) put(shown.map((item) => (item === own ? { ...own, steps } : item)).filter((item) => item.steps.length));
            else box.checked = true;
        });
        return box;
    }

    const namesOf = ({ chapter, steps }) => (steps.length === stepsOf(chapter).length ? [chapter] : steps.map((step) => `${chapter}:${step}`));

    /** What is shown from now on; neighbours that come from one part stay one. */
    function put(items) {
        const parts = [];
        for (const item of items) {
            const last = parts.at(-1);
            if (last && last.of === item.of && !last.beside && !item.beside) last.words.push(...namesOf(item));
            else parts.push({ of: item.of, words: namesOf(item), ...(item.beside ? { beside: item.beside } : {}) });
        }
        newBurst();
        edit("parts", { parts });
    }

    /** The chapters in order; each can be taken out, and dragged or moved to another place. */
    function shownGroup() {
        const add = choice("add-chapter", [["", words("chapter_add")], ...Object.keys(DESK.chapters).map((name) => [name, titleOf(name)])],
            (name) => name && put([...shown, { of: 0, chapter: name, steps: stepsOf(name) }]));
        const only = make("button", { type: "button", id: "only-chapter", disabled: shown.length === 1 && Boolean(inView()) }, words("chapter_only"));
        only.addEventListener("click", () => put([inView() ?? { of: 0, chapter: view().chapter, steps: stepsOf(view().chapter) }]));
        return group("shown", "steps_shown", make("div", { class: "row" }, only), make("ol", { class: "chapters" }, ...shown.map(chapterItem)), make("label", { class: "field" }, make("span", { class: "unseen" }, words("chapter_add")), add));
    }

    function chapterItem(item, at) {
        const title = titleOf(item.chapter);
        const move = (from, to) => {
            const items = [...shown];
            items.splice(to, 0, ...items.splice(from, 1));
            put(items);
        };
        const button = (key, sign, action, off = false) => {
            const element = make("button", { type: "button", id: `${key}-${at}`, "aria-label": `${words(key)}: ${title}`, title: words(key), disabled: off }, sign);
            element.addEventListener("click", action);
            return element;
        };
        const name = make("button", { type: "button", class: "name", id: `chapter-show-${at}`, title, ...(item === inView() ? { "aria-current": "true" } : {}) }, title);
        name.addEventListener("click", () => Strip.goTo(item.chapter, item.steps.at(-1), item.of));
        const beside = besideOf(item) ? make("span", { class: "facts", title: words("what_if") }, `⇄ ${toldBeside(besideOf(item))}`) : "";
        const line = make("li", { draggable: true }, name, beside, make("span", { class: "facts" }, `${item.steps.length} / ${stepsOf(item.chapter).length}`),
            button("chapter_up", "↑", () => { move(at, at - 1); next = `chapter_up-${at - 1}`; }, at === 0),
            button("chapter_down", "↓", () => { move(at, at + 1); next = `chapter_down-${at + 1}`; }, at === shown.length - 1),
            button("chapter_out", "×", () => put(shown.filter((other) => other !== item)), shown.length === 1));
        line.addEventListener("dragstart", (event) => event.dataTransfer.setData("text/plain", String(at)));
        line.addEventListener("dragover", (event) => event.preventDefault());
        line.addEventListener("drop", (event) => {
            event.preventDefault();
            move(Number(event.dataTransfer.getData("text/plain")), at);
        });
        return line;
    }

    // --- what if -----------------------------------------------------------------------------------------------------

    const BESIDE = ["against", "without", "change"];

    /** What a part is shown beside, as its table has it: `{ without: "scaling" }`; null: nothing. */
    function besideOf(item) {
        const own = partOf(item);
        const name = BESIDE.find((one) => own[one] !== undefined);
        return name ? { [name]: own[name] } : null;
    }

    function toldBeside({ against, without, change }) {
        if (against) return against;
        if (without) return words(`without_${without}`);
        return Object.entries(change).map(([name, value]) => `${name} = ${typeof value === "object" ? "…" : value}`).join(", ");
    }

    /** Whether the example has what it could be shown without. */
    function lacks(without) {
        const { facts } = Editors;
        if (!facts || partOf(inView()).example) return false;
        return { scaling: view().chapter === "scaling", mask: facts.mask.name === "none", positions: !facts.positions, heads: facts.sizes.heads === 1 }[without] ?? false;
    }

    function whatIfGroup() {
        const item = inView() ?? { of: 0, chapter: view().chapter, steps: stepsOf(view().chapter) };
        const own = besideOf(item);
        const option = (beside, disabled = false) => make("option", { value: JSON.stringify(beside), disabled }, toldBeside(beside));
        const plain = [...DESK.without.map((name) => option({ without: name }, lacks(name))), ...["causal", "none"].map((mask) => option({ change: { mask } }, Editors.facts?.mask.name === mask))];
        const others = [...File.there.files, ...File.there.shipped].filter((name) => name !== table("lesson").example);
        const select = make("select", { id: "what-if" }, make("option", { value: "" }, words("what_if_nothing")), make("optgroup", { label: words("what_if_change") }, ...plain), make("optgroup", { label: words("what_if_against") }, ...others.map((name) => option({ against: name }))));
        if (own && ![...select.options].some(({ value }) => value === JSON.stringify(own))) select.append(option(own));
        select.value = own ? JSON.stringify(own) : "";
        select.addEventListener("change", () => {
            const changed = { ...item, beside: select.value ? JSON.parse(select.value) : {} };
            put(shown.includes(item) ? shown.map((other) => (other === item ? changed : other)) : [...shown, changed]);
        });
        return group("what-if", "what_if", make("p", { class: "hint note" }, words("what_if_hint")), make("div", { class: "fields" }, field("what_if_beside", select, "wide")));
    }

    // --- focus -------------------------------------------------------------------------------------------------------

    const focusNow = () => ({ ...table("focus"), ...(partOf(inView()).focus ?? {}) });

    /** Of the part in view, if that has a focus or is to have one; else of the whole lesson. */
    const focusPart = () => (inView()?.of && (ownFocus || partOf(inView()).focus) ? inView().of : 0);

    function putFocus(name, place) {
        newBurst();
        edit("focus", { name, place, part: focusPart() });
    }

    /** A name that can be clicked to be worked through; again, to leave it to the numbers. */
    function focusOn(kind, at, name) {
        const place = focusNow()[kind];
        const pressed = place === at + 1 || (typeof place === "string" && place === name);
        const button = make("button", { type: "button", class: "name", "data-focus": `${kind} ${at}`, "aria-pressed": String(pressed), "aria-label": words("focus_on", { kind: words(`focus_${kind}`), name }), title: words("focus_on", { kind: words(`focus_${kind}`), name }) }, name);
        button.addEventListener("click", () => putFocus(kind, pressed ? null : at + 1));
        return button;
    }

    function focusGroup() {
        const { facts } = Editors;
        const names = facts?.rows ?? [];
        const heads = Array.from({ length: facts?.sizes.heads ?? 1 }, (_, at) => String(at + 1));
        const pick = (kind, options) => {
            const element = choice(`focus-${kind}`, [["", words("by_the_numbers")], ...options.map((name, at) => [String(at + 1), options === heads ? name : `${at + 1} ${name}`])],
                (value) => putFocus(kind, value ? Number(value) : null));
            const place = focusNow()[kind];
            element.value = typeof place === "string" ? String(options.indexOf(place) + 1) : String(place ?? "");
            return field(`focus_${kind}`, element);
        };
        const item = inView();
        const only = make("input", { type: "checkbox", id: "focus-part" });
        only.checked = focusPart() > 0;
        only.disabled = Boolean(partOf(item).focus);
        only.addEventListener("change", () => { ownFocus = only.checked; });
        const scope = item?.of ? [make("label", { class: "field check" }, only, make("span", {}, words("focus_part", { part: item.of })))] : [];
        return group("focus", "focus", make("div", { class: "fields" }, pick("query", names), pick("key", names), pick("head", heads), pick("row", names), pick("word", facts?.target ?? [])), ...scope);
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
        make("label", { class: "field check" }, header, make("span", { "data-text": "header_field" }, words("header_field"))), logo(own.logo), colours(own.colours ?? {}, own.theme ?? DESK.themes[0]));
    }

    function logo(name) {
        const names = [...new Set([...File.there.logos, ...(name ? [name] : [])])];
        const which = choice("look-logo", [["", words("logo_none")], ...names.map((one) => [one, one])], (value) => look("logo", value || null));
        which.value = name ?? "";
        const file = make("input", { type: "file", id: "logo-file", accept: ".svg,.png", hidden: true, "aria-label": words("logo_choose") });
        file.addEventListener("change", () => {
            if (file.files.length) upload(file.files[0]);
            file.value = ""; // the same one may be chosen again, once it has been mended
        });
        const button = make("button", { type: "button", id: "logo-choose" }, words("logo_choose"));
        button.addEventListener("click", () => file.click());
        return make("div", { class: "row logo-row" }, field("logo_field", which), button, file);
    }

    /** A picture goes into the folder of the lesson. */
    function upload(file) {
        if (file.size > DESK.most_logo) {
            File.refuse(words("logo_large", { size: DESK.most_logo / 2 ** 20 }));
            return;
        }
        const reader = new FileReader();
        reader.addEventListener("load", () => Bridge.wish("logo", { name: file.name, data: reader.result.slice(reader.result.indexOf(",") + 1) }));
        reader.readAsDataURL(file);
    }

    function colours(own, theme) {
        const swatches = Object.entries(DESK.hues[theme] ?? DESK.hues[DESK.themes[0]]).map(([meaning, hue]) => {
            const input = make("input", { type: "color", id: `colour-${meaning}` });
            input.value = own[meaning] ?? hue.slice(0, 7);
            input.addEventListener("focus", newBurst);
            input.addEventListener("input", () => edit("colour", { meaning, value: input.value }));
            const reset = make("button", { type: "button", id: `colour-reset-${meaning}`, "aria-label": words("colour_reset", { colour: words(`accent_${meaning}`) }), disabled: !own[meaning] }, "×");
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
        const originals = wordings.get(`${language} ${chapter} ${step}`) ?? texts.captions[language];
        const captions = originals.map((original, at) =>
            make("label", { class: "field wide" }, make("span", {}, words("caption_number", { number: at + 1 })), line(`caption-${at}`, `captions.${at}`, original, plain(own.captions?.[at]))));
        const title = make("label", { class: "field wide" }, make("span", {}, words("step_title")), line("step-title", "title", texts.titles[language], own.title ?? ""));
        return group("own-words", "own_words", make("p", { class: "hint note" }, words("own_words_hint")), make("div", { class: "fields" }, ...captions, title));
    }

    // --- all together ------------------------------------------------------------------------------------------------

    const GROUPS = [aboutGroup, lookGroup, focusGroup, ownWordsGroup, whatIfGroup, shownGroup];

    /** Draw the editors anew, but for one that is being typed in; the keyboard stays where it was. */
    function build() {
        const panel = get("lesson");
        const held = panel.contains(document.activeElement) ? document.activeElement : null;
        const isTyped = held?.matches("textarea, input:not([type=checkbox])");
        const stays = [...panel.children].findIndex((old) => isTyped && old.contains(held));
        const wide = panel.querySelector(".accents")?.open;
        GROUPS.forEach((one, at) => {
            if (at === stays) return;
            const fresh = one();
            if (panel.children[at]) panel.children[at].replaceWith(fresh);
            else panel.append(fresh);
        });
        if (wide && stays !== 1) panel.querySelector(".accents").open = true;
        if (!held || isTyped) return;
        const wanted = get(next || held.id);
        next = "";
        (wanted?.disabled ? wanted.parentElement.querySelector("button:not([disabled])") : wanted)?.focus();
    }

    /** What the film says in the step in view, while nothing else stands there. */
    function worded({ step, wordings: told }) {
        const { chapter } = view();
        wordings.set(`${Words.language} ${chapter} ${step}`, told);
        if (step === view().step) told.forEach((text, at) => get(`caption-${at}`)?.setAttribute("placeholder", text));
    }

    function listen(told) {
        view = told;
        const hear = ({ document: facts }) => {
            said = facts.said;
            shown = facts.shown.map(([of, chapter, steps]) => ({ of, chapter, steps }));
            build();
            Strip.list();
        };
        Bridge.on("hello", hear);
        Bridge.on("document", hear);
        Bridge.on("folder", build);
        Bridge.on("facts", build);
        Bridge.on("picture", worded);
    }

    return { listen, build, tick, focusOn, isFree };
})();
