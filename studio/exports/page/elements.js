"use strict";
/* Elements of the document, made and found; nothing is ever parsed as HTML. */

const Elements = (() => {
    const get = (id) => document.getElementById(id);

    /** An element with texts and children. */
    function make(tag, properties = {}, ...children) {
        const element = document.createElement(tag);
        for (const [name, value] of Object.entries(properties)) {
            if (name === "class") element.className = value;
            else if (name in element && typeof value !== "string") element[name] = value;
            else element.setAttribute(name, value);
        }
        element.append(...children);
        return element;
    }

    /** `W_Q` with a lowered Q. */
    function symbol(text) {
        const element = make("span", { class: "symbol" });
        text.split(/_([A-Za-z0-9]+)/).forEach((part, place) => element.append(place % 2 ? make("sub", {}, part) : part));
        return element;
    }

    return { get, make, symbol };
})();
