"use strict";
/* The chapters, and the strip of all steps of the one in view. */

const Strip = (() => {
    const { get, make } = Elements;
    const { DESK } = window;
    const addresses = new Map(); // of the small pictures, by step
    const view = { chapter: "softmax", step: "whole", part: 0 };
    let changed = () => {}; // called when another step is looked at

    const title = (thing) => thing.titles[Words.language];
    const steps = () => Object.keys(DESK.chapters[view.chapter].steps);
    const stepTitle = (step) => title(DESK.chapters[view.chapter].steps[step]);

    function listChapters() {
        const groups = Object.entries(DESK.films).map(([film, chapters]) =>
            make("optgroup", { label: film }, ...chapters.map((name) => make("option", { value: name }, title(DESK.chapters[name])))));
        get("chapter").replaceChildren(...groups);
        get("chapter").value = view.chapter;
    }

    function list() {
        const held = document.activeElement?.closest("#strip") && document.activeElement;
        get("strip").replaceChildren(...steps().map((step) => {
            const address = addresses.get(step);
            const picture = address ? make("img", { src: address, alt: "", width: "160", height: "90" }) : make("span", { class: "empty" });
            const button = make("button", { type: "button", class: "still", "data-step": step }, picture, make("span", { class: "name" }, stepTitle(step)));
            button.addEventListener("click", () => go(step));
            return make("li", {}, button, Lesson.tick(view.chapter, step, stepTitle(step)));
        }));
        mark();
        if (held) get("strip").querySelector(held.dataset.tick ? `[data-tick="${held.dataset.tick}"]` : `[data-step="${held.dataset.step}"]`)?.focus();
    }

    function mark() {
        for (const button of get("strip").querySelectorAll("button")) {
            if (button.dataset.step === view.step) button.setAttribute("aria-current", "step");
            else button.removeAttribute("aria-current");
        }
        get("strip").querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
        get("now").textContent = stepTitle(view.step);
    }

    function go(step) {
        view.step = step;
        mark();
        changed();
    }

    function turn(places) {
        const at = steps().indexOf(view.step) + places;
        if (!steps()[at]) return;
        const held = get("strip").contains(document.activeElement);
        go(steps()[at]);
        if (held) get("strip").querySelector("[aria-current]").focus();
    }

    /** To a chapter, at a step of it or at its end; part: of the lesson, 0 for the first that has it. */
    function goTo(chapter, step = null, part = 0) {
        view.chapter = chapter;
        view.part = part;
        view.step = step ?? steps().at(-1);
        get("chapter").value = chapter;
        for (const address of addresses.values()) URL.revokeObjectURL(address);
        addresses.clear();
        list();
        changed();
    }

    function pictured(facts, body) {
        if (facts.chapter !== view.chapter) return;
        const old = addresses.get(facts.step);
        addresses.set(facts.step, URL.createObjectURL(new Blob([body], { type: "image/jpeg" })));
        const place = get("strip").querySelector(`[data-step="${facts.step}"]`);
        place?.firstChild.replaceWith(make("img", { src: addresses.get(facts.step), alt: "", width: "160", height: "90" }));
        if (old) URL.revokeObjectURL(old);
    }

    function listen(action) {
        changed = action;
        get("chapter").addEventListener("change", ({ target }) => goTo(target.value));
        Bridge.on("strip", pictured);
    }

    function translate() {
        listChapters();
        list();
    }

    return { listen, list, translate, turn, goTo, view };
})();
