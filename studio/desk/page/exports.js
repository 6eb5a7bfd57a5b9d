"use strict";
/* Exports: what is made of the example or the lesson, how far it is, and where it can be had. */

const Exports = (() => {
    const { get, make } = Elements;
    const { words } = Words;
    const { choice, field, group } = Editors;
    const { kinds, scopes, qualities } = window.DESK.exports;
    const wish = { kind: "film", scope: "chapter", quality: "medium" };
    const exports_ = new Map();

    function build() {
        const pick = (name, values) => {
            const element = choice(`export-${name}`, values.map((value) => [value, name === "quality" ? value : words(`export_${name}_${value}`)]), (value) => { wish[name] = value; });
            element.value = wish[name];
            return field(`export_${name}`, element);
        };
        const begin = make("button", { type: "button", id: "export-begin", class: "begin" }, words("export_begin"));
        begin.addEventListener("click", () => {
            const order = { ...wish };
            if (File.fresh) File.save(() => Bridge.wish("export", order));
            else Bridge.wish("export", order);
        });
        const links = ["example", "lesson"].map((kind) => make("a", { href: `texts/${kind}.toml`, download: "" }, words(`export_file_${kind}`)));
        get("exports").replaceChildren(
            group("export", "exports", make("div", { class: "fields" }, pick("kind", kinds), pick("scope", scopes), pick("quality", qualities)), make("div", { class: "row begin-row" }, begin),
                make("p", { class: "hint note" }, words("export_hint"))),
            make("ol", { id: "export-list", "aria-live": "polite" }), make("p", { class: "links" }, ...links));
        for (const told of exports_.values()) draw(told);
    }

    function draw(told) {
        exports_.set(told.number, told);
        const title = words(`export_kind_${told.kind}`);
        const bar = make("progress", { max: 1, "aria-label": title });
        if (told.part || told.state !== "running") bar.value = told.part;
        const item = make("li", { class: "export", "data-export": String(told.number), "data-state": told.state }, make("b", {}, title), " ", make("span", { class: "facts" }, words(`export_state_${told.state}`)));
        if (told.state === "running") {
            const cancel = make("button", { type: "button", "aria-label": `${words("export_cancel")}: ${title}` }, words("export_cancel"));
            cancel.addEventListener("click", () => Bridge.wish("cancel", { number: told.number }));
            item.append(bar, cancel);
        }
        if (told.told && ["running", "failed"].includes(told.state)) item.append(make("p", { class: "note" }, told.told));
        const base = document.body.dataset.made;
        if (told.state === "done") item.append(make("ul", {}, ...told.made.map((path) => make("li", {}, make("a", { href: `${base}/${path.split("/").map(encodeURIComponent).join("/")}`, target: "_blank", rel: "noopener" }, path)))));
        const old = get("export-list").querySelector(`[data-export="${told.number}"]`);
        if (old) old.replaceWith(item);
        else get("export-list").prepend(item);
    }

    function listen() {
        Bridge.on("export", ({ export: told }) => draw(told));
        Bridge.on("hello", ({ exports: all }) => {
            for (const told of all) exports_.set(told.number, told);
            build();
        });
    }

    return { listen, build };
})();
