"use strict";
/* What the page says, in the language that it speaks. */

const Words = (() => {
    const { LECTURE } = window;
    let language = LECTURE.language;

    function words(key, values = {}) {
        return LECTURE.texts[language][key].replace(/\{(\w+)\}/g, (hole, name) => (name in values ? String(values[name]) : hole));
    }

    /** A text that may be missing. */
    const known = (key) => LECTURE.texts[language][key];

    const axisName = (axis) => LECTURE.axes[language][axis] ?? axis;

    function speak(other) {
        language = other;
    }

    return { words, known, axisName, speak, get language() { return language; } };
})();
