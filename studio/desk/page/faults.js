"use strict";
/* What is wrong, said in the language of the page: its texts have the phrases that faults are made of. */

const Faults = (() => {
    const { words } = Words;
    const HOLE = /\{(\d?)\}/g;
    const phrases = new Map(); // of a language: pairs of a pattern and what is said instead

    const literally = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

    function phrasesOf(language) {
        if (!phrases.has(language)) {
            const lines = words("fault_phrases").replaceAll("`", "").split("\n").filter((line) => line.includes(" => "));
            phrases.set(language, lines.map((line) => {
                const [said, instead] = line.split(" => ");
                return [new RegExp(`^${said.split("{}").map(literally).join("(.+?)")}$`), instead];
            }));
        }
        return phrases.get(language);
    }

    /** Numbers to choose from, `1, 2 or 4`; all else stays as it is. */
    const choices = (text) => text.replace(/^([\d, ]*\d) or (\d+)$/, `$1${words("or")}$2`);

    /** A phrase in the language of the page, as far as that has it; what stands in its holes is kept. */
    function inLanguage(phrase) {
        for (const [pattern, instead] of phrasesOf(Words.language)) {
            const found = phrase.match(pattern);
            if (!found) continue;
            let next = 1;
            return instead.replace(HOLE, (hole, place) => choices(found[place === "" ? next++ : Number(place) + 1]));
        }
        return phrase;
    }

    function told({ field, found, allowed, suggestion }) {
        const what = allowed ? words("fault", { found: inLanguage(found), allowed: inLanguage(allowed) }) : words("fault_only", { found: inLanguage(found) });
        const near = suggestion ? ` ${words("did_you_mean", { suggestion })}` : "";
        return `${field ? `${words("fault_elsewhere", { field })} ` : ""}${what}${near}`;
    }

    return { told };
})();
