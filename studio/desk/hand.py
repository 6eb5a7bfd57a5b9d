"""A drawing process of the desk: told what stands in the example, it answers with the picture of a step.

`python -m studio.desk.hand ADDRESS` imports everything once, and from then on divides: each hand that is asked for is a
copy of it that can draw at once. So is each stand: a hand's copy at the beginning of a step, which waits to play it.
"""

from __future__ import annotations

import gc
import io
import os
import select
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from PIL import Image

from core.examples.example import Example, load_example, parse_example
from core.examples.faults import Fault, FileError
from core.trace.pipeline import trace_example
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.chapter.passages import opening
from scenes.stage.chapter.settings import Settings
from scenes.stage.chapter.texts import load_texts
from scenes.storyboard import entry_of
from studio.desk.facts import facts_of
from studio.desk.wire import SUPERSEDE, Line
from studio.engine.quality import QUALITIES
from studio.engine.redraw import Area
from studio.engine.run import EndedStep, end_here, import_chapters, run
from studio.engine.steps import tensors_in
from studio.errors import in_words
from studio.exports.page.numbers import described, with_operands
from studio.lessons.file import parse_lesson
from studio.options import check_drawable
from studio.selection import steps_of

STILL, MOVING = QUALITIES["medium"], QUALITIES["low"]
THUMB = 320  # pixels, the wider side


class Superseded(BaseException):
    """What was being drawn is not wanted any more."""


class Hand:
    """Does one job after the other, each as it comes; a job ends early when it is superseded."""

    def __init__(self, address: str, lane: str) -> None:
        self.address = address
        self.at_work = self.unwanted = False
        self.known: tuple[tuple[str, ...], Example] | None = None
        signal.signal(SUPERSEDE, self._supersede)
        self.line = Line(address, {"is": "hand", "lane": lane, "pid": os.getpid()})

    def live(self) -> None:
        """Do jobs until nobody is there to give any."""
        while (message := self.line.receive()) is not None:
            job = message.facts
            outcome = self._outcome(job)
            self.line.send({"number": job["number"], **outcome})
            self._tidy()

    def _tidy(self) -> None:
        """Collect what the last scene has left, if nobody waits; the next one then need not look through what stays."""
        if not select.select([self.line.socket], [], [], 0)[0]:
            gc.unfreeze()
            gc.collect()
            gc.freeze()

    def _outcome(self, job: Mapping[str, Any]) -> dict[str, Any]:
        """How a job ended: done, superseded, or what was wrong."""
        try:
            self.at_work, self.unwanted = True, False
            _JOBS[job["do"]](self, job)
        except Superseded:
            self.known = None  # its numbers may be half computed
            return {"is": "superseded"}
        except Exception as error:
            faults = error.faults if isinstance(error, FileError) else [_fault(error)]
            return {"is": "faults", "faults": [vars(fault) for fault in faults]}
        finally:
            self.at_work = False
        return {"is": "done"}

    def _supersede(self, signum: int, frame: object) -> None:
        if self.at_work:
            self.unwanted = True
            raise Superseded

    def _say(self, job: Mapping[str, Any], facts: Mapping[str, Any], body: bytes = b"") -> None:
        """Tell something of a job; whole, whatever comes. Raises Superseded, if a finalizer has swallowed that."""
        if self.unwanted:
            raise Superseded
        before = signal.pthread_sigmask(signal.SIG_BLOCK, [SUPERSEDE])
        try:
            self.line.send({"number": job["number"], **facts}, body)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    # --- jobs ---------------------------------------------------------------------------------------------------------

    def view(self, job: Mapping[str, Any]) -> None:
        """The picture that a step ends on, then what the editors show, and the numbers of the step."""
        example = self._example(job)
        self._say(job, {"is": "facts", "facts": facts_of(example)})

        def ended(step: EndedStep) -> bool:
            if step.name != job["step"]:
                return False
            self._say(job, {"is": "picture", **_told(step)}, jpeg(step.scene.renderer.still(step.scene)))
            if job["numbers"]:
                self._say(job, {"is": "numbers", **_numbers(step)})
            return True

        settings = _settings(example, job)
        run(job["chapter"], settings, STILL.in_frame(settings.frame), on_step=ended, straight=True)

    def strip(self, job: Mapping[str, Any]) -> None:
        """The pictures of all steps; at the beginning of each a stand is left, which can play it."""
        settings = _settings(self._example(job), job)
        stands = Stands(self, job, steps_of(job["chapter"]))

        def ended(step: EndedStep) -> None:
            stands.played(step)
            pixels = step.scene.renderer.still(step.scene)
            small = jpeg(pixels, THUMB)
            self._say(job, {"is": "strip", **_told(step), "small": len(small)}, small + jpeg(pixels))
            if settings.against is None:
                stands.leave(step.scene, step.name)

        arrival = stands.arrive if settings.against is None else None
        run(job["chapter"], settings, STILL.in_frame(settings.frame), on_step=ended, arrival=arrival, straight=True)

    def play(self, job: Mapping[str, Any]) -> None:
        """Go to the beginning of a step, and leave a stand that plays it.

        Two chapters side by side run in threads, and can be divided only before they begin.
        """
        settings = _settings(self._example(job), job)
        if settings.against is None:
            self._go_to(job, settings, forks=True)
        elif os.fork() == 0:
            self.line.close()
            try:
                self._go_to(job, settings, forks=False)
            finally:
                os._exit(1)

    def _go_to(self, job: Mapping[str, Any], settings: Settings, *, forks: bool) -> None:
        """forks: whether it is a copy that stays at the beginning of the step, or this process itself."""
        steps = ("", *steps_of(job["chapter"]))
        before = steps[steps.index(job["step"]) - 1]
        stands = Stands(self, job, steps[1:], only=job["step"], forks=forks)

        def ended(step: EndedStep) -> bool:
            stands.played(step)
            if step.name == before:
                stands.leave(step.scene, step.name)
            return stands.player is None and step.name == before

        def arrive(scene: Chapter) -> None:
            stands.arrive(scene)
            if stands.player is None and not before:
                end_here()

        run(job["chapter"], settings, STILL.in_frame(settings.frame), on_step=ended, arrival=arrive, straight=True)

    def _example(self, job: Mapping[str, Any]) -> Example:
        """The example as it stands in the text; the one of last time, if that has not changed."""
        key = (job["example"], job["example_path"])
        if self.known is None or self.known[0] != key:
            self.known = (key, check_drawable(parse_example(*key)))
        return self.known[1]


_JOBS: dict[str, Callable[[Hand, Mapping[str, Any]], None]] = {
    "view": Hand.view,
    "strip": Hand.strip,
    "play": Hand.play,
}


def _settings(example: Example, job: Mapping[str, Any]) -> Settings:
    """What the chapter is told: by the lesson, in the language that is looked at. Raises FileError."""
    if (lack := entry_of(job["chapter"]).lacking(example)) is not None:
        raise FileError([Fault(str(example.path), lack.field, lack.found, lack.needed)])
    if not job["lesson"]:
        return Settings(example, job["language"])
    lesson = parse_lesson(job["lesson"], job["lesson_path"], partial(_reading, example, job["stands_for"]))
    place = (job["chapter"], job["step"])
    there = [part for part in lesson.parts if part.chapter == place[0]]
    there.sort(key=lambda part: (part.number != job["part"], place[1] not in part.steps))
    part = next(iter(there), None)
    if part is not None:
        return part.settings(job["language"])
    return replace(lesson.parts[0].settings(job["language"]), example=example, words={}, steps={})


def _reading(example: Example, stands_for: str, path: str | Path) -> Example:
    """An example that a lesson names; the one on the desk as it stands there."""
    return example if Path(path).name in (stands_for, example.path.name) else load_example(path)


def _fault(error: Exception) -> Fault:
    """What a picture failed for, as a fault of the whole."""
    return Fault("", "", in_words(error), "")


def _told(step: EndedStep) -> dict[str, Any]:
    return {
        "step": step.name,
        "seconds": round(step.seconds, 2),
        "said": [text for _, text in step.scene.said],
        "wordings": _wordings(step),
        "tensors": list(tensors_in(step.scene)),
    }


def _wordings(step: EndedStep) -> list[str]:
    """What the film has to say in a step, before it is filled in: of several wordings those that are true."""
    scene = step.scene
    captions = load_texts(scene.settings.language).chapters[scene.entry.name].steps[step.name].captions
    return [wording.texts[wording.outcome(scene.trace, scene.example)] for wording in captions]


def _numbers(step: EndedStep) -> dict[str, Any]:
    """The tensors that a step shows and all that these are made of, as a page has them."""
    example = step.scene.example
    trace = trace_example(example)
    shown = tensors_in(step.scene)
    names = with_operands(trace, shown)
    return {"shown": list(shown), "seed": example.seed, "tensors": {name: described(trace, name) for name in names}}


def jpeg(pixels: np.ndarray, width: int = 0, quality: int = 90) -> bytes:
    """Pixels, (height, width, 4) RGBA, as a JPEG, of another width if one is given."""
    image, stream = Image.fromarray(pixels).convert("RGB"), io.BytesIO()
    if width:
        image.thumbnail((width, width), Image.Resampling.BOX)
    image.save(stream, "JPEG", quality=quality, subsampling=0)
    return stream.getvalue()


# --- motion -----------------------------------------------------------------------------------------------------------


class Stands:
    """Copies of a hand in the midst of a chapter, each at the beginning of a step, waiting to be told to play it."""

    def __init__(
        self, hand: Hand, job: Mapping[str, Any], steps: Sequence[str], only: str = "", forks: bool = True
    ) -> None:
        self.hand, self.job, self.steps, self.only, self.forks = hand, job, steps, only, forks
        self.player: Player | None = None

    def arrive(self, scene: Chapter) -> None:
        """The chapter opens, after a stand is left that opens it and plays its first step."""
        if self.only in ("", self.steps[0]):
            self._divide(scene, self.steps[0])
        opening(scene)

    def leave(self, scene: Chapter, step: str) -> None:
        """A step has ended: a stand is left that plays the next one."""
        following = self.steps[self.steps.index(step) + 1 :]
        if following and self.only in ("", following[0]):
            self._divide(scene, following[0])

    def played(self, step: EndedStep) -> None:
        """In a stand, its step has been played: that was its life."""
        if self.player is not None:
            self.player.end(step)

    def _divide(self, scene: Chapter, step: str) -> None:
        if self.forks and os.fork():
            return
        try:
            signal.signal(SUPERSEDE, signal.SIG_IGN)
            self.hand.line.close()
            facts = {"is": "stand", "number": self.job["number"], "step": step, "pid": os.getpid()}
            self.player = Player(Line(self.hand.address, facts))
            if self.player.line.receive() is None:
                os._exit(0)
            self.player.take_over(scene)
        except BaseException:
            os._exit(1)


class Player:
    """Plays a step: its frames go out as they are drawn."""

    def __init__(self, line: Line) -> None:
        self.line = line

    def take_over(self, scene: Chapter) -> None:
        """From here on frames are drawn, of the size of motion."""
        renderer = scene.renderer
        renderer.straight, renderer.sink = False, lambda step: self
        renderer.frames = round(renderer.time * MOVING.fps)
        picture = MOVING.in_frame(scene.settings.frame)
        scene.camera.reset_pixel_shape(picture.height, picture.width)

    def write(self, pixels: np.ndarray, repeat: int = 1, areas: Sequence[Area] | None = None) -> None:
        """A frame; where nothing has changed since the last, only that it stands longer."""
        try:
            self.line.send({"is": "frame", "repeat": repeat}, b"" if areas == [] else jpeg(pixels, quality=85))
        except OSError:  # nobody looks any more
            os._exit(0)

    def end(self, step: EndedStep) -> NoReturn:
        """The step is over; that is said, with the captions and the frames at which each appeared."""
        said = [[round((time - step.start) * MOVING.fps), text] for time, text in step.scene.said]
        self.line.send({"is": "end", "said": said})
        os._exit(0)


# --- the process that divides -----------------------------------------------------------------------------------------


def main(address: str) -> None:
    """Import all chapters, then be divided, until nobody asks any more."""
    for language in ("en", "zh"):
        load_texts(language)
    import_chapters()
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # who has ended is gone
    line = Line(address, {"is": "source", "pid": os.getpid()})
    while (message := line.receive()) is not None:
        if os.fork() == 0:
            line.close()
            try:
                Hand(address, message.facts["lane"]).live()
            except OSError:  # the desk has ended
                pass
            finally:
                os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
