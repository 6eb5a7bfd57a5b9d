"use strict";
/* The desk: its parts set up, its languages and colours, its tabs and keys. */

(() => {
    const { DESK } = window;
    const { get, make } = Elements;
    const { words } = Words;
    const TABS = ["edit", "lesson", "numbers", "text", "exports"];
    const KEYS = [["Ctrl Z, Ctrl Shift Z", "key_undo"], ["Ctrl S", "key_save"], ["Space", "key_play"], ["← →", "key_step"], ["?", "key_help"]];
    let tab = "edit";

    // --- what is looked at -------------------------------------------------------------------------------------------

    function look() {
        Picture.waiting();
        Lesson.build();
        Bridge.wish("view", { ...Strip.view, numbers: tab === "numbers", language: Words.language });
    }

    // --- words and colours -------------------------------------------------------------------------------------------

    function label(element, text) {
        element.setAttribute("aria-label", text);
        if (element.tagName === "BUTTON") element.title = text;
    }

    function translate() {
        document.documentElement.lang = Words.language;
        for (const element of document.querySelectorAll("[data-text]")) element.textContent = words(element.dataset.text);
        for (const element of document.querySelectorAll("[data-label]")) label(element, words(element.dataset.label));
        for (const element of document.querySelectorAll("[data-language]")) element.setAttribute("aria-pressed", String(element.dataset.language === Words.language));
        get("search").placeholder = words("search");
        nameTheme();
        get("keys").replaceChildren(...KEYS.flatMap(([keys, key]) => [make("dt", {}, make("kbd", {}, keys)), make("dd", {}, words(key))]));
        Strip.translate();
        Editors.build();
        Lesson.build();
        Exports.build();
        File.translate();
        Picture.showTime();
        Picture.describe();
        Numbers.translate();
    }

    function speak(language) {
        Words.speak(language);
        try { localStorage.setItem("desk-language", language); } catch { /* not allowed here */ }
        translate();
        look();
    }

    const theme = () => document.documentElement.dataset.theme;
    const nameTheme = () => label(get("theme"), words(theme() === "dark" ? "theme_light" : "theme_dark"));

    function turnTheme() {
        document.documentElement.dataset.theme = theme() === "dark" ? "light" : "dark";
        nameTheme();
    }

    // --- tabs --------------------------------------------------------------------------------------------------------

    function choose(name, focus = false) {
        tab = name;
        for (const other of TABS) {
            const button = get(`tab-${other}`);
            button.setAttribute("aria-selected", String(other === name));
            button.tabIndex = other === name ? 0 : -1;
            get(other).hidden = other !== name;
        }
        if (focus) get(`tab-${name}`).focus();
        if (name === "numbers") look();
    }

    function turnTab(event) {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (step) choose(TABS[(TABS.indexOf(tab) + step + TABS.length) % TABS.length], true);
    }

    function numbers({ shown, seed, tensors }) {
        Numbers.show(Tensors.read(tensors, seed), shown);
    }

    // --- keys --------------------------------------------------------------------------------------------------------

    const isTyping = ({ target }) => target.closest("input:not([type=range]), textarea, select, [role=tab], td, button, summary, dialog") !== null;

    function pressed(event) {
        const key = event.key.toLowerCase();
        if ((event.ctrlKey || event.metaKey) && !event.altKey) {
            const action = { z: () => undo(event.shiftKey), y: () => undo(true), s: File.save }[key];
            if (!action) return;
            event.preventDefault();
            action();
            return;
        }
        const inStrip = event.target.closest("#strip") && key.startsWith("arrow");
        if ((isTyping(event) && !inStrip) || event.altKey) return;
        const action = { " ": Picture.toggle, arrowleft: () => Strip.turn(-1), arrowright: () => Strip.turn(1), "?": () => get("help").showModal() }[key];
        if (!action || (event.target.id === "position" && key.startsWith("arrow"))) return;
        event.preventDefault();
        action();
    }

    /** What is typed in is let go of, so that it shows what it was before. */
    function undo(again) {
        Editors.letGo();
        Bridge.wish(again ? "redo" : "undo");
    }

    function remembered() {
        try { return localStorage.getItem("desk-language"); } catch { return null; }
    }

    function start() {
        get("languages").replaceChildren(...Object.entries(DESK.languages).map(([code, name]) => {
            const button = make("button", { type: "button", "data-language": code, lang: code }, name);
            button.addEventListener("click", () => speak(code));
            return button;
        }));
        const wanted = remembered() ?? navigator.languages.map((name) => name.slice(0, 2)).find((code) => code in DESK.languages);
        if (wanted in DESK.languages) Words.speak(wanted);
        if (matchMedia("(prefers-color-scheme: light)").matches) document.documentElement.dataset.theme = "light";
        Picture.listen();
        File.listen();
        Strip.listen(look);
        Editors.listen();
        Lesson.listen(() => Strip.view);
        Exports.listen();
        Numbers.listen();
        Bridge.on("hello", look);
        Bridge.on("document", Picture.waiting);
        Bridge.on("numbers", numbers);
        get("theme").addEventListener("click", turnTheme);
        get("help-button").addEventListener("click", () => get("help").showModal());
        for (const name of TABS) get(`tab-${name}`).addEventListener("click", () => choose(name));
        get("tabs").addEventListener("keydown", turnTab);
        document.addEventListener("keydown", pressed);
        translate();
        Bridge.connect();
    }

    start();
})();
