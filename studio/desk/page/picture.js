"use strict";
/* The picture in the middle: the step that is looked at, as it ends, and in motion as it is drawn. */

const Picture = (() => {
    const RATE = 30; // frames a second of a step in motion
    const { get } = Elements;
    const { words } = Words;
    const canvas = get("picture");
    const state = { still: null, said: "", seconds: 0, frames: [], ended: false, at: 0, playing: false, begun: 0, shown: -1, busy: false, lost: false };

    // --- the still ---------------------------------------------------------------------------------------------------

    /** Draw a JPEG; the facts of what it shows stand at the canvas once it is there. */
    async function draw(blob, facts = null) {
        const image = await createImageBitmap(blob);
        const size = [image.width, image.height];
        if (canvas.width !== size[0] || canvas.height !== size[1]) [canvas.width, canvas.height] = size;
        canvas.getContext("2d").drawImage(image, 0, 0);
        image.close();
        if (facts) Object.assign(canvas.dataset, facts);
    }

    async function still(facts, body) {
        state.still = new Blob([body], { type: "image/jpeg" });
        state.seconds = facts.seconds;
        state.said = facts.said.join(" ");
        describe();
        get("stage").parentElement.classList.remove("waiting");
        get("busy").textContent = "";
        showTime();
        const told = { version: facts.version, step: facts.step };
        if (state.playing) Object.assign(canvas.dataset, told);
        else await draw(state.still, told);
    }

    function describe() {
        canvas.setAttribute("aria-label", [get("now").textContent, state.said].filter(Boolean).join(". "));
    }

    /** Another picture is on its way. */
    function waiting() {
        rewind();
        get("stage").parentElement.classList.add("waiting");
        get("busy").textContent = words("drawing");
    }

    // --- motion ------------------------------------------------------------------------------------------------------

    /** Forget the frames: the step is another, or has changed. */
    function rewind() {
        Object.assign(state, { frames: [], ended: false, at: 0, playing: false, shown: -1 });
        showTime();
    }

    function frame(facts, body) {
        const blob = body.length ? new Blob([body], { type: "image/jpeg" }) : state.frames.at(-1);
        for (let count = 0; count < facts.repeat; count++) state.frames.push(blob);
        showTime();
    }

    function ended() {
        state.ended = true;
        showTime();
    }

    function play() {
        if (!state.frames.length && !state.playing) Bridge.wish("play");
        if (state.ended && state.at >= state.frames.length - 1) state.at = 0;
        state.playing = true;
        state.begun = null;
        requestAnimationFrame(tick);
        showTime();
    }

    function pause() {
        state.playing = false;
        showTime();
    }

    const toggle = () => (state.playing ? pause() : play());

    /** Show the frame whose time has come; where it is not drawn yet, wait for it. */
    function tick(now) {
        if (!state.playing) return;
        state.begun ??= now - (1000 * state.at) / RATE;
        const due = Math.floor(((now - state.begun) * RATE) / 1000);
        const last = state.frames.length - 1;
        if (due > last) state.begun = now - (1000 * Math.max(last, 0)) / RATE;
        state.at = Math.max(0, Math.min(due, last));
        show();
        if (state.ended && state.at >= last) pause();
        else requestAnimationFrame(tick);
    }

    /** Draw the frame that is due, one at a time. */
    async function show() {
        const { at } = state;
        const blob = state.frames[at];
        if (!blob || state.busy) return;
        state.busy = true;
        if (blob !== state.shown) await draw(blob);
        state.shown = blob;
        canvas.dataset.frame = at;
        state.busy = false;
        showTime();
        if (!state.playing && state.at !== at) show();
    }

    function seek(at) {
        pause();
        state.at = Math.max(0, Math.min(at, state.frames.length - 1));
        get("position").value = String(state.at);
        show();
    }

    function showTime() {
        const total = state.ended ? state.frames.length : Math.max(Math.round(state.seconds * RATE), state.frames.length);
        const position = get("position");
        position.max = String(Math.max(total - 1, 0));
        position.disabled = !state.frames.length;
        if (!position.matches(":active")) position.value = String(state.at);
        get("drawn").style.setProperty("--drawn", `${total ? (100 * state.frames.length) / total : 0}%`);
        const seconds = (frames) => (frames / RATE).toFixed(1);
        get("time").textContent = `${seconds(state.at)} / ${seconds(total)}`;
        position.setAttribute("aria-valuetext", words("position_seconds", { seconds: seconds(state.at), total: seconds(total) }));
        get("play").classList.toggle("playing", state.playing);
        for (const name of ["aria-label", "title"]) get("play").setAttribute(name, words(state.playing ? "pause_step" : "play_step"));
    }

    function listen() {
        get("play").addEventListener("click", toggle);
        canvas.addEventListener("click", toggle);
        get("position").addEventListener("input", ({ target }) => seek(Number(target.value)));
        Bridge.on("picture", still);
        Bridge.on("frame", frame);
        Bridge.on("end", ended);
        Bridge.on("faults", () => get("stage").parentElement.classList.remove("waiting"));
        Bridge.on("lost", () => Object.assign(state, { playing: false }));
    }

    return { listen, waiting, toggle, describe, showTime };
})();
