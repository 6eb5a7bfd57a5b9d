"use strict";
/* The file: what it is called, whether it is saved, undo and redo, open and save, and what the disk says. */

const File = (() => {
    const { get, make } = Elements;
    const { words } = Words;
    const { say } = Copying;
    let document_ = { name: "", number: 0, changed: false };
    let there = { files: [], shipped: [], logos: [] };
    let afterwards = null; // what waits until there is a file

    function shown({ document: told }) {
        const saving = document_.changed && !told.changed && document_.number;
        document_ = told;
        get("file-name").textContent = told.name;
        get("file-state").textContent = told.changed ? words("unsaved") : "";
        document.title = `${told.changed ? "• " : ""}${told.name}`;
        get("undo").disabled = !told.undo;
        get("redo").disabled = !told.redo;
        if (saving) say(words("saved", { name: told.name }));
        if (get("notice").dataset.kind === "refused") tell("");
        if (afterwards && !told.fresh) {
            afterwards();
            afterwards = null;
        }
        if (told.conflict) ask();
        else if (get("notice").dataset.kind === "conflict") tell("");
    }

    // --- notices -----------------------------------------------------------------------------------------------------

    function tell(text, kind = "", ...buttons) {
        get("notice").hidden = !text;
        get("notice").dataset.kind = kind;
        get("notice-text").textContent = text;
        get("notice-buttons").replaceChildren(...buttons);
    }

    function button(key, action) {
        const element = make("button", { type: "button" }, words(key));
        element.addEventListener("click", action);
        return element;
    }

    function ask() {
        const settle = (keep) => () => Bridge.wish("settle", { keep });
        tell(words("conflict", { name: document_.conflict }), "conflict", button("keep_mine", settle(true)), button("take_disk", settle(false)));
    }

    // --- open and save -----------------------------------------------------------------------------------------------

    const refuse = (why) => tell(why, "refused", button("close_help", () => tell("")));

    /** then: what is done once there is a file. */
    function save(then = null) {
        afterwards = typeof then === "function" ? then : null;
        if (document_.fresh) name();
        else Bridge.wish("save");
    }

    function name() {
        get("naming-name").value = document_.name;
        get("naming").showModal();
        get("naming-name").select();
    }

    function named({ target }) {
        if (target.returnValue !== "save") return;
        const typed = get("naming-name").value.trim();
        if (typed) Bridge.wish("save", { name: typed.endsWith(".toml") ? typed : `${typed}.toml` });
    }

    function open() {
        const group = (key, names) => [make("div", {}, make("h3", {}, words(key)), make("div", { class: "names" }, ...names.map((name) => choice(name, name))))];
        get("opening-list").replaceChildren(choice("", words("new")), ...(there.files.length ? group("files_here", there.files) : []), ...group("files_shipped", there.shipped));
        get("opening").showModal();
    }

    function choice(name, text) {
        const element = make("button", { type: "button" }, text);
        element.addEventListener("click", () => {
            Bridge.wish("open", { name });
            get("opening").close();
        });
        return element;
    }

    function listen() {
        get("undo").addEventListener("click", () => Bridge.wish("undo"));
        get("redo").addEventListener("click", () => Bridge.wish("redo"));
        get("save").addEventListener("click", () => save());
        get("open").addEventListener("click", open);
        get("naming").addEventListener("close", named);
        Bridge.on("hello", (facts) => {
            there = facts;
            tell(facts.restored ? words("restored") : "");
            shown(facts);
        });
        Bridge.on("document", shown);
        Bridge.on("lost", () => tell(words("lost"), "lost"));
        Bridge.on("folder", (facts) => { there = { ...there, ...facts }; });
        Bridge.on("refused", ({ why }) => refuse(why));
    }

    return { listen, save, refuse, get there() { return there; }, get number() { return document_.number; }, get fresh() { return document_.fresh; }, get texts() { return document_.texts ?? {}; }, translate: () => shown({ document: document_ }) };
})();
