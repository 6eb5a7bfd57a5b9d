"use strict";
/* The film of the page: chapters and steps, captions, keyboard. The lecture is in data.js, its tables in numbers.js. */

(() => {
    const { LECTURE } = window;
    const SPEEDS = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 3];
    const WITHIN = 0.25; // of a frame: a time that surely lies in it
    const { get, make } = Elements;
    const { words } = Words;
    const { say } = Copying;
    const video = get("video");
    const chapters = LECTURE.chapters;
    const steps = chapters.flatMap((chapter, place) => chapter.steps.map((step, number) => ({ ...step, chapter, place, number: number + 1 })));
    const examples = LECTURE.examples.map((example) => ({ ...example, tensors: Tensors.read(example.tensors, example.seed) }));
    const state = { at: -1, loop: false, stop: false, captions: "", lastCaptions: "all", goal: null, clip: "" };
    const whole = new Map(); // clips that had to be fetched whole, and where they are
    const refused = new Set(); // clips that cannot be fetched whole, though they would have to be
    const FADING = 0.5; // seconds in which a caption of the film goes

    // --- words -------------------------------------------------------------------------------------------------------

    const titleOf = (thing) => thing.titles[Words.language].replace(/\s+/g, " ");
    const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

    function translate() {
        document.documentElement.lang = Words.language;
        for (const element of document.querySelectorAll("[data-text]")) element.textContent = words(element.dataset.text);
        for (const element of document.querySelectorAll("[data-label]")) label(element, words(element.dataset.label));
        for (const element of document.querySelectorAll("[data-language]")) element.setAttribute("aria-pressed", String(element.dataset.language === Words.language));
        get("title").textContent = LECTURE.titles[Words.language];
        get("given").textContent = LECTURE.given[Words.language];
        get("search").placeholder = words("search");
        nameTheme();
        listSteps();
        listKeys();
        if (state.at >= 0) describe();
        Numbers.translate();
        showPlaying();
        drawTime();
    }

    function label(element, text) {
        element.setAttribute("aria-label", text);
        if (element.tagName === "BUTTON") element.title = text;
    }

    function setLanguage(language) {
        if (state.captions === below(Words.language)) {
            chooseCaptions(below(language));
        }
        Words.speak(language);
        translate();
    }

    const theme = () => document.documentElement.dataset.theme;
    const nameTheme = () => label(get("theme"), words(theme() === "dark" ? "theme_light" : "theme_dark"));

    function turnTheme() {
        document.documentElement.dataset.theme = theme() === "dark" ? "light" : "dark";
        nameTheme();
    }

    // --- chapters and steps ------------------------------------------------------------------------------------------

    function listSteps() {
        get("chapters").replaceChildren(...chapters.map((chapter, place) => listed(chapter, place)));
        markStep();
    }

    function listed(chapter, place) {
        const list = make("ol", { id: `chapter-${place}`, hidden: true });
        steps.forEach((step, at) => {
            if (step.place !== place) return;
            const seconds = Math.round((step.end - step.start) / chapter.fps);
            const button = make("button", { type: "button", class: "step", "data-at": String(at) },
                make("span", { class: "number" }, String(step.number)), make("span", {}, titleOf(step)), make("span", { class: "seconds" }, words("seconds", { seconds })));
            button.addEventListener("click", () => go(at));
            list.append(make("li", {}, button));
        });
        const head = make("button", { type: "button", class: "chapter", "aria-expanded": "false", "aria-controls": list.id }, titleOf(chapter));
        head.addEventListener("click", () => unfold(list, list.hidden));
        return make("li", {}, head, list);
    }

    function unfold(list, open) {
        list.hidden = !open;
        list.previousElementSibling.setAttribute("aria-expanded", String(open));
    }

    /** Mark the step in the list; of the chapters only its own is open when it begins. */
    function markStep() {
        for (const button of document.querySelectorAll(".step")) {
            if (Number(button.dataset.at) === state.at) button.setAttribute("aria-current", "step");
            else button.removeAttribute("aria-current");
        }
        const list = get(`chapter-${steps[state.at]?.place}`);
        if (list?.hidden) document.querySelectorAll("#chapters > li > ol").forEach((other) => unfold(other, other === list));
        const current = document.querySelector('.step[aria-current="step"]');
        const nav = document.querySelector("nav");
        if (current && nav.scrollHeight > nav.clientHeight) nav.scrollTop = current.offsetTop - nav.clientHeight / 2;
    }

    /** The frame that is shown, or that will be when the clip has been read. */
    function frame() {
        const { fps } = chapters[steps[state.at].place];
        return state.goal ?? Math.floor(video.currentTime * fps + 0.01);
    }

    function load(chapter) {
        if (state.clip === chapter.clip) return;
        state.clip = chapter.clip;
        loadClip();
        get("stage").style.setProperty("--shape", `${chapter.width} / ${chapter.height}`);
        for (const [name, value] of Object.entries(LECTURE.film)) get("stage").style.setProperty(`--film-${name}`, value);
        get("position").max = String(chapter.frames - 1);
        const ends = [0, ...chapter.steps.slice(0, -1).map((step) => step.end), chapter.frames];
        get("marks").replaceChildren(...ends.slice(1).map((end, number) => make("span", { style: `flex-grow: ${end - ends[number]}` })));
    }

    function loadClip() {
        const rate = video.playbackRate;
        video.setAttribute("src", whole.get(state.clip) ?? state.clip);
        video.load();
        video.playbackRate = rate;
    }

    const canSeek = () => video.readyState > 0 && (!video.duration || (video.seekable.length > 0 && video.seekable.end(0) > 0));

    /** What is to be shown is gone to; from a server that sends no parts of files, only when the clip is here whole. */
    function clipReady() {
        if (!canSeek() && location.protocol.startsWith("http") && !whole.has(state.clip) && !refused.has(state.clip)) fetchWhole(state.clip);
        else if (state.goal !== null) seek(state.goal);
    }

    async function fetchWhole(clip) {
        state.goal ??= 0;
        try {
            const answer = await fetch(clip);
            whole.set(clip, URL.createObjectURL(await answer.blob()));
        } catch { // a frame that is kept apart may not
            refused.add(clip);
        }
        if (state.clip !== clip) return;
        if (refused.has(clip)) {
            state.goal = null;
            drawTime();
            say(words("cannot_seek"));
            return;
        }
        loadClip();
        if (state.playing) play();
    }

    function seek(target) {
        const { fps } = chapters[steps[state.at].place];
        if (canSeek()) {
            state.goal = null;
            video.currentTime = (target + WITHIN) / fps;
        } else state.goal = refused.has(state.clip) ? null : target;
        drawTime();
    }

    /** To the first frame of a step (or another of it); what plays goes on playing. */
    function go(at, target = null) {
        const step = steps[Math.max(0, Math.min(at, steps.length - 1))];
        const playing = !video.paused || video.ended;
        const changed = step !== steps[state.at];
        state.at = steps.indexOf(step);
        const fresh = state.clip !== step.chapter.clip;
        load(step.chapter);
        seek(target ?? step.start);
        if (fresh && playing && state.playing) play();
        if (changed) enter();
    }

    function enter() {
        const step = steps[state.at];
        describe();
        markStep();
        Numbers.show(examples[step.chapter.example].tensors, step.tensors);
        try {
            history.replaceState(null, "", `#${step.chapter.name}/${step.name}`);
        } catch { /* some browsers keep the address of a file as it is */ }
    }

    function describe() {
        const step = steps[state.at];
        get("now").textContent = titleOf(step);
        get("steps-now").textContent = `${titleOf(step.chapter)} · ${step.number} ${titleOf(step)}`;
        get("numbers-title").textContent = words("numbers_of", { step: titleOf(step) });
        get("example").textContent = `${titleOf(step.chapter)}  —  ${examples[step.chapter.example].titles[Words.language]}`;
        get("snippet").value = snippet(step);
        document.title = `${titleOf(step)} · ${titleOf(step.chapter)} · ${LECTURE.titles[Words.language]}`;
    }

    // --- embedding ---------------------------------------------------------------------------------------------------

    const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

    function snippet(step) {
        const seconds = (frames) => String(Math.ceil((1000 * frames) / step.chapter.fps) / 1000);
        const source = `${step.chapter.clip}#t=${seconds(step.start)},${seconds(step.end)}`;
        return `<video controls preload="metadata" width="960" src="${source}" title="${escaped(titleOf(step))}"></video>`;
    }

    // --- playing -----------------------------------------------------------------------------------------------------

    function play() {
        state.playing = true;
        const step = steps[state.at];
        if (state.stop && frame() >= step.end - 1 && state.at + 1 < steps.length) go(state.at + 1);
        video.play().catch(() => { /* interrupted by another clip, or not allowed: the button shows it */ });
    }

    function pause() {
        state.playing = false;
        video.pause();
    }

    const toggle = () => (video.paused ? play() : pause());

    /** What stands at the frame shown: the step, its captions, the time. */
    function follow() {
        const step = steps[state.at];
        const shown = frame();
        if (shown >= step.end) passEnd(step, shown);
        else if (shown < step.start) toStepAt(shown);
        drawCaptions();
        drawTime();
    }

    function passEnd(step, shown) {
        if (video.paused || video.seeking) return toStepAt(shown);
        if (state.loop) return seek(step.start);
        if (!state.stop) return toStepAt(shown);
        pause();
        return seek(step.end - 1);
    }

    function toStepAt(shown) {
        const { place } = steps[state.at];
        const at = steps.findIndex((step) => step.place === place && shown < step.end);
        if (at >= 0 && at !== state.at) {
            state.at = at;
            enter();
        }
    }

    function ended() {
        if (state.loop) {
            seek(steps[state.at].start);
            return play();
        }
        if (!state.stop && state.at + 1 < steps.length) return go(state.at + 1);
        state.playing = false;
        return showPlaying();
    }

    function tick() {
        if (video.paused) return;
        follow();
        requestAnimationFrame(tick);
    }

    function showPlaying() {
        const playing = !video.paused;
        get("play").classList.toggle("playing", playing);
        label(get("play"), words(playing ? "pause" : "play"));
    }

    function drawTime() {
        const step = steps[state.at];
        if (!step) return;
        const { fps } = step.chapter;
        const [shown, total] = [frame() / fps, step.chapter.frames / fps];
        const time = `${clock(shown)} / ${clock(total)}`;
        const position = get("position");
        if (document.activeElement !== position || !position.matches(":active")) position.value = String(Math.round(shown * fps));
        position.style.setProperty("--part", `${(100 * shown) / total}%`);
        position.setAttribute("aria-valuetext", words("position_text", { time: clock(shown), total: clock(total), number: step.number, step: titleOf(step) }));
        if (get("time").textContent !== time) get("time").textContent = time;
        [...get("marks").children].forEach((mark, number) => mark.classList.toggle("now", number + 1 === step.number));
    }

    function setSpeed(speed) {
        video.defaultPlaybackRate = speed;
        video.playbackRate = speed;
        get("speed").value = String(speed);
    }

    function changeSpeed(places) {
        const place = SPEEDS.indexOf(video.playbackRate) + places;
        setSpeed(SPEEDS[Math.max(0, Math.min(place, SPEEDS.length - 1))]);
        say(`${words("speed")}: ${video.playbackRate} ×`);
    }

    function toggleOption(name) {
        state[name] = !state[name];
        get(name).setAttribute("aria-pressed", String(state[name]));
    }

    function fullScreen() {
        const stage = get("stage");
        (document.fullscreenElement ? document.exitFullscreen() : stage.requestFullscreen()).catch(() => { /* not allowed here */ });
    }

    // --- captions ----------------------------------------------------------------------------------------------------

    /** The captions to show beside the film's own: none in its language, which it says itself. */
    const below = (language) => (language === LECTURE.language ? "" : language);

    function chooseCaptions(choice) {
        state.captions = choice;
        if (choice) state.lastCaptions = choice;
        get("captions-choice").value = choice;
        drawCaptions();
    }

    function drawCaptions() {
        const step = steps[state.at];
        if (!step) return;
        const shown = frame();
        const box = get("captions");
        const together = state.captions === "all";
        const others = Object.keys(LECTURE.texts).filter((language) => language !== LECTURE.language);
        const languages = together ? others : [state.captions].filter(Boolean);
        const cues = step.captions[languages[0]] ?? [];
        const fading = FADING * step.chapter.fps;
        box.classList.toggle("covering", !together && cues.some(([start, end]) => shown >= start - 1 && shown < end + fading));
        box.classList.toggle("over", !together);
        const said = languages.map((language) => [language, step.captions[language].find(([start, end]) => shown >= start && shown < end)?.[2] ?? ""]);
        const key = JSON.stringify(said);
        if (box.dataset.key === key) return;
        box.dataset.key = key;
        box.hidden = !languages.length;
        box.replaceChildren(...said.map(([language, text]) => make("p", { lang: language }, text)));
    }

    // --- keyboard ----------------------------------------------------------------------------------------------------

    const KEYS = {
        " ": toggle,
        ArrowRight: () => go(state.at + 1),
        ArrowLeft: () => go(state.at - 1),
        Home: () => go(state.at),
        ArrowUp: () => changeSpeed(1),
        ArrowDown: () => changeSpeed(-1),
        l: () => toggleOption("loop"),
        s: () => toggleOption("stop"),
        c: () => chooseCaptions(state.captions ? "" : state.lastCaptions),
        f: fullScreen,
        "/": () => get("search").focus(),
        "?": () => get("help").showModal(),
    };
    const HELP = [["Space", "key_space"], ["→ ←", "key_steps"], ["Home", "key_home"], ["↑ ↓", "key_speed"], ["L", "key_loop"], ["S", "key_stop"],
        ["C", "key_captions"], ["F", "key_full_screen"], ["/", "key_search"], ["?", "key_help"], ["Tab  ← ↑ → ↓", "key_table"]];

    function listKeys() {
        get("keys").replaceChildren(...HELP.flatMap(([key, text]) => [make("dt", {}, make("kbd", {}, key)), make("dd", {}, words(text))]));
    }

    /** Whether a key belongs to the element that has the focus. */
    function isTaken(element, key) {
        if (element.matches("input[type=search], textarea, select")) return true;
        if (element.matches("input[type=range]")) return key.startsWith("Arrow") || key === "Home";
        return element.matches("button, summary, a") && key === " ";
    }

    function pressed(event) {
        const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
        const action = KEYS[key];
        if (!action || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || get("help").open) return;
        if (isTaken(event.target, key)) return;
        event.preventDefault();
        if (!event.repeat || key.startsWith("Arrow")) action();
    }

    // --- start -------------------------------------------------------------------------------------------------------

    function listen() {
        const click = { previous: KEYS.ArrowLeft, next: KEYS.ArrowRight, play: toggle, loop: KEYS.l, stop: KEYS.s, theme: turnTheme,
            "full-screen": fullScreen, "help-button": KEYS["?"], video: toggle, "copy-snippet": () => Copying.copyText(get("snippet").value) };
        for (const [id, action] of Object.entries(click)) get(id).addEventListener("click", action);
        for (const button of document.querySelectorAll("[data-language]")) button.addEventListener("click", () => setLanguage(button.dataset.language));
        get("steps-button").addEventListener("click", () => {
            const open = document.querySelector("nav").classList.toggle("open");
            get("steps-button").setAttribute("aria-expanded", String(open));
        });
        get("speed").addEventListener("change", (event) => setSpeed(Number(event.target.value)));
        get("captions-choice").addEventListener("change", (event) => chooseCaptions(event.target.value));
        get("position").addEventListener("input", (event) => {
            const target = Number(event.target.value);
            toStepAt(target);
            seek(target);
        });
        get("embed").addEventListener("toggle", () => get("snippet").select());
        document.addEventListener("keydown", pressed);
        window.addEventListener("hashchange", fromAddress);
        for (const event of ["play", "pause"]) video.addEventListener(event, showPlaying);
        for (const event of ["seeked", "timeupdate"]) video.addEventListener(event, () => !video.seeking && follow());
        video.addEventListener("play", tick);
        video.addEventListener("ended", ended);
        video.addEventListener("loadedmetadata", clipReady);
    }

    function fromAddress() {
        const [chapter, name] = decodeURIComponent(location.hash.slice(1)).split("/");
        const at = steps.findIndex((step) => step.chapter.name === chapter && (!name || step.name === name));
        if (at >= 0 && at !== state.at) go(at);
        return at >= 0;
    }

    get("speed").append(...SPEEDS.map((speed) => make("option", { value: String(speed) }, `${speed} ×`)));
    setSpeed(1);
    chooseCaptions("");
    Numbers.listen();
    listen();
    translate();
    if (!fromAddress()) go(0);
})();
