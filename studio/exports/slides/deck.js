"use strict";

// A step's slide shows the picture that the step ends on; while its movie plays, and after, the movie itself.
(() => {
    const movieOf = (slide) => slide?.querySelector("video");

    function play(slide) {
        const movie = movieOf(slide);
        if (!movie) return;
        slide.classList.add("moving");
        movie.currentTime = 0;
        movie.play().catch(() => settle(slide));
    }

    function settle(slide) {
        movieOf(slide)?.pause();
        slide?.classList.remove("moving");
    }

    function playOrPause(slide) {
        const movie = movieOf(slide);
        if (!movie) return;
        if (!slide.classList.contains("moving") || movie.ended) play(slide);
        else if (movie.paused) movie.play();
        else movie.pause();
    }

    let shown = null;
    Reveal.on("ready", (event) => {
        shown = event.indexh;
    });
    Reveal.on("slidechanged", (event) => {
        settle(event.previousSlide);
        settle(event.currentSlide);
        if (shown !== null && event.indexh > shown && !Reveal.isSpeakerNotes()) play(event.currentSlide);
        if (shown !== null) shown = event.indexh;
    });
    document.querySelector(".slides").addEventListener("click", (event) => {
        const slide = event.target.closest(".step");
        if (slide && slide === Reveal.getCurrentSlide() && !Reveal.isOverview()) playOrPause(slide);
    });

    Reveal.initialize({
        width: 1280,
        height: 720,
        margin: 0,
        minScale: 0.05,
        maxScale: 20,
        center: false,
        controls: false,
        hash: true,
        transition: "none",
        backgroundTransition: "none",
        viewDistance: 2,
        mobileViewDistance: 2,
        plugins: [RevealNotes],
        keyboard: {
            80: () => playOrPause(Reveal.getCurrentSlide()),
            82: () => play(Reveal.getCurrentSlide()),
        },
    });
    Reveal.registerKeyboardShortcut("P", document.body.dataset.play);
    Reveal.registerKeyboardShortcut("R", document.body.dataset.again);
})();
