"use strict";
/* Text for the clipboard, also where the browser gives a page from disk no clipboard. */

const Copying = (() => {
    const { get } = Elements;
    const { words } = Words;

    function say(text) {
        get("status").textContent = "";
        requestAnimationFrame(() => { get("status").textContent = text; });
        get("status").classList.add("told");
        clearTimeout(say.timer);
        say.timer = setTimeout(() => get("status").classList.remove("told"), 1800);
    }

    async function copyText(text) {
        try {
            await navigator.clipboard.writeText(text);
            say(words("copied"));
        } catch {
            say(words(copyByEvent(text) ? "copied" : "select_to_copy"));
        }
    }

    function copyByEvent(text) {
        let taken = false;
        const give = (event) => {
            event.clipboardData.setData("text/plain", text);
            event.preventDefault();
            event.stopImmediatePropagation();
            taken = true;
        };
        document.addEventListener("copy", give, { capture: true });
        document.execCommand("copy");
        document.removeEventListener("copy", give, { capture: true });
        return taken;
    }

    /** Signs as spreadsheets read them. */
    const plain = (text) => text.replace("−", "-").replace("∞", "inf");

    /** Lines of texts, separated by tabs. */
    const separated = (lines) => lines.map((line) => line.map((text) => text.replace(/[\t\n\r]/g, " ")).join("\t")).join("\n") + "\n";

    return { say, copyText, plain, separated };
})();
