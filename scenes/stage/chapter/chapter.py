"""A chapter: an ordinary Manim scene made of named steps.

Write the steps as methods, in order, each marked `@step`; say its captions with `self.say`. Everything that a step
has to be elsewhere (a Manim section, a caption cue, a clip, a still) follows from the mark.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from manim import Animation, FadeOut, Mobject, Wait, config

from core.examples.faults import ChapterError, Fault, listed, nearest, quote
from core.examples.text_files import place
from core.trace import Tensor
from core.trace.pipeline import trace_example
from scenes import storyboard
from scenes.stage.chapter.caption import Caption, Fact, TooLong, fill_in, lacking, names_cut
from scenes.stage.chapter.exits import exit_before_entry
from scenes.stage.chapter.framed_scene import FramedScene
from scenes.stage.chapter.model_map import ModelMap
from scenes.stage.chapter.own_words import chapter_text
from scenes.stage.chapter.pacing import CAPTION_LEAVES, Pacing, caption_change, moves_numbers
from scenes.stage.chapter.passages import closing, opening
from scenes.stage.chapter.settings import BURNT, LANGUAGES, OFF, Settings
from scenes.stage.chapter.texts import chapter_file, check_steps, load_texts, translations
from scenes.stage.chapter.wording import Wording
from scenes.stage.matrix.arithmetic import Arithmetic
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.matrix.threads_at_work import threads_at_work
from scenes.stage.matrix.token_axis import TokenAxis
from scenes.stage.paint.formula import ATTENTION_FORMULA, HeaderFormula, divide_scores
from scenes.stage.paint.label import Label, Run, shrink
from scenes.stage.paint.layout import (
    FORMULA_LINE,
    FRAME,
    GAP,
    HEADING_LINE,
    LABEL,
    STAGE,
    TEXT,
    WIDE,
    Box,
    Type,
    lay_out,
    layout_now,
)
from scenes.stage.paint.logo import small_logo
from scenes.stage.paint.painting import StageCamera, hexadecimal
from scenes.stage.paint.symbols import Symbol, symbol_of
from scenes.stage.paint.theme import Colour

WIDEST_HEADING = 0.27  # of the header's width, beside the formula
LIGHTING = 0.7  # seconds in which terms of the header's formula light
StepListener = Callable[[str, float, float], None]
CaptionListener = Callable[[Caption], float]
Passage = Callable[["Chapter"], None]


def step(method: Callable[[Any], None]) -> Callable[[Any], None]:
    """Mark a method of a chapter as one of its steps. Steps run in the order in which they are written."""
    method.is_step = True  # type: ignore[attr-defined]
    return method


class Chapter(FramedScene):
    """Base of all chapters.

    settings: example, language, theme (default: from the environment); only: the steps to animate, the others are
    run with their animations skipped; on_step: called as (name, start, end) in seconds when a step's last frame stands;
    on_passage: likewise when the chapter has opened or closed, which it does before its first step and after its last;
    said: the captions of the step so far, each with the second at which it appeared;
    claimed: the claims that wordings depended on so far, with the outcomes that held;
    chapter: the name of its entry in the storyboard, where the class's own name does not say it;
    arrival: how it opens, once its first picture stands; departure: what comes after its last step, and how;
    on_caption: called with each caption before it is said, returns how long it is read, if somebody else shows it.
    """

    steps: ClassVar[tuple[str, ...]] = ()
    formula: str = ATTENTION_FORMULA
    chapter: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.steps = tuple(name for name, member in vars(cls).items() if getattr(member, "is_step", False))

    @classmethod
    def check(cls, chapter: str) -> None:
        """See that the scene and the texts of a chapter have the same steps. Raises ChapterError."""
        check_steps(chapter, cls.__name__, cls.steps)

    def __init__(
        self,
        settings: Settings | None = None,
        only: Collection[str] | None = None,
        on_step: StepListener | None = None,
        on_passage: StepListener | None = None,
        **kwargs: Any,
    ) -> None:
        self.entry = storyboard.entry_of_class(type(self))
        self.settings = settings or Settings.from_environment(self.entry.film)
        lay_out(self.settings.layout)
        divide_scores(self.settings.example.scale)
        config.frame_width, config.frame_height = FRAME.width, FRAME.height
        super().__init__(camera_class=StageCamera, random_seed=0, **kwargs)
        self.only = only
        self.on_step, self.on_passage = on_step, on_passage
        self.before_opening: tuple[str, ...] = ()
        self.until_closing = self.steps
        self.arrival: Passage | None = opening
        self.departure: tuple[str, Passage] = (storyboard.CLOSING, closing)
        self.on_caption: CaptionListener | None = None
        self.theme = self.settings.palette
        self.example = self.settings.example
        self.trace = trace_example(self.example, self.settings.focus)
        self.texts = load_texts(self.settings.language)
        told = {one: chapter_text(self.entry.name, one, self.settings.words) for one in LANGUAGES}
        self.text = told.pop(self.settings.language)
        self.translations = translations(self.text, told)
        self.step = ""
        self.captions: list[Wording] = []
        self.claimed: dict[str, str] = {}
        self.said: list[tuple[float, str]] = []
        self.caption: Caption | None = None
        self.pacing = Pacing()
        self.joining: dict[str, Sequence[Any]] = {}

    def show_only(self, steps: Sequence[str]) -> None:
        """Open before the first of these steps, and close after the last."""
        self.before_opening = self.steps[: self.steps.index(steps[0])]
        self.until_closing = self.steps[: self.steps.index(steps[-1]) + 1]

    # --- the run of a chapter -----------------------------------------------------------------------------------

    def setup(self) -> None:
        self.camera.background_color = hexadecimal(self.theme.background)
        self.header = HeaderFormula(self.formula, self.theme)
        self.heading = Label(self.text.title, self.theme.size(TEXT), self.theme.ink, "semibold", structural=True)
        self.model_map = ModelMap(self.entry, self.theme)
        alone = self.model_map.box.left - WIDE - HEADING_LINE.left
        shrink(self.heading, alone if layout_now().is_narrow else WIDEST_HEADING * HEADING_LINE.width, self.theme)
        self.heading.move_to([HEADING_LINE.left + self.heading.width / 2, HEADING_LINE.y, 0])
        self._place_header()
        self.add(self.heading, self.header, self.model_map)
        if self.settings.logo is not None:
            self.logo = small_logo(self.settings.logo)
            self.add(self.logo)

    def _place_header(self) -> None:
        """The header's formula between heading and map, or below them where the frame is narrow; no taller than its
        band.
        """
        ends = float(self.heading.get_right()[0] + GAP), self.model_map.box.left - GAP
        left, right = layout_now().beside_heading(*ends)
        self.header.scale(min(1.0, (right - left) / self.header.width, FORMULA_LINE.height / self.header.height))
        x = np.clip(0.0, left + self.header.width / 2, right - self.header.width / 2)
        self.header.move_to([x, FORMULA_LINE.y, 0])

    def construct(self) -> None:
        for name in self.until_closing:
            self._enter(name)
            self._drop_caption()
            self.step, self.captions, self.said = name, list(self.text.steps[name].captions), []
            getattr(self, name)()
            self._expect_all_said()
            self.rest()
            if self.on_step is not None:
                self.on_step(name, self.entered, float(self.time))
        self._pass(*self.departure)

    def _enter(self, section: str) -> None:
        """A section begins: a step, or a passage before or after the steps."""
        self.next_section(section, skip_animations=self.only is not None and section not in self.only)
        self.entered = float(self.time)
        self.pacing = Pacing(self.settings.pace_of(section))

    def _pass(self, section: str, passage: Passage) -> None:
        self._enter(section)
        self.pacing.shortest, self.said = 0.0, []
        passage(self)
        if self.on_passage is not None:
            self.on_passage(section, self.entered, float(self.time))

    def open_up(self) -> None:
        """Open the chapter, if that has not been: the first picture to be shown stands, and nothing has moved yet."""
        if self.arrival is not None and self.step not in self.before_opening:
            arrival, self.arrival = self.arrival, None
            self._pass(storyboard.OPENING, arrival)
            self._enter(self.step)

    def play(self, *animations: Any, **kwargs: Any) -> None:
        """As Manim's; before its first animation the chapter opens, and numbers wait until one can look at them.

        What was to come with the next animation does: a caption, the light of the header.
        """
        self.open_up()
        played = self.compile_animations(*animations, **kwargs)
        if any(isinstance(animation, Wait) for animation in played):
            self._stand(max(animation.run_time for animation in played) / self.pacing.pace)
            return
        numbers = any(map(moves_numbers, played))
        if numbers:
            self._wait_if(self.pacing.until_numbers(float(self.time)))
        played = exit_before_entry(self.pacing.unhurried(played))
        super().play(*played, *threads_at_work(self.mobjects, played), *self._joining())
        if numbers:
            self.pacing.settled = float(self.time)

    def _joining(self) -> list[Any]:
        """What waits for the next animation, which has now come."""
        joining, self.joining = self.joining, {}
        return [animation for animations in joining.values() for animation in animations]

    def _stand(self, seconds: float) -> None:
        """Stand still, once what waits for the next animation has come: there is none."""
        end, joining = float(self.time) + seconds, self._joining()
        if joining:
            super().play(*joining)
        left = round(end - float(self.time), 6)
        if left > 0:
            super().play(Wait(run_time=left))

    def _wait_if(self, seconds: float) -> None:
        if seconds > 0:
            self._stand(seconds)

    # --- words ------------------------------------------------------------------------------------------------------

    def say(self, instead: str = "", /, **facts: Fact) -> None:
        """Show the step's next caption, filled in with `facts`, once the last one has been read and results have stood.

        It comes with the next animation; if this moves numbers, or if there is none, before it.
        instead: the key of a label that is said in its place.
        """
        self.open_up()
        if instead:
            self.say_instead(instead)
        self._wait_if(self.pacing.until_settled(float(self.time)))
        caption = self._next_caption(facts)
        if self.settings.captions != OFF:
            self._tell(caption)

    def _tell(self, caption: Caption) -> None:
        """A caption begins to be read: in the picture, or beside it."""
        reading = self._reading(caption) if self.on_caption is None else self.on_caption(caption)
        begins, last = float(self.time) + (0.0 if self.caption is None else CAPTION_LEAVES), self.caption
        self.said.append((begins, caption.text))
        self.pacing.say(begins, reading)
        if self.settings.captions == BURNT:
            self.joining["caption"] = caption_change(last, caption)
            self.caption = caption

    def _reading(self, caption: Caption) -> float:
        """The seconds in which a caption is read at the pace of the step."""
        return caption.reading_time(self.pacing.pace)

    def say_instead(self, label: str) -> None:
        """Put one of the chapter's labels in the place of the step's next caption."""
        self._expect_caption()
        self.captions[0] = self.text.labels[label]

    def template(self, key: str) -> str:
        """A label of the chapter before it is filled in: of several wordings the one that is true of the example."""
        return self._worded(self.text.labels[key])

    def _worded(self, wording: Wording) -> str:
        outcome = wording.outcome(self.trace, self.example)
        if wording.claim:
            self.claimed[wording.claim] = outcome
        return wording.texts[outcome]

    def _next_caption(self, facts: Mapping[str, Fact]) -> Caption:
        """The next caption, filled in. Raises ChapterError if there is none left, or if it cannot be said here."""
        self._expect_caption()
        template, language = self._worded(self.captions.pop(0)), self.settings.language
        others = self.translations.get(template, {})
        for other, text in ({language: template} | others).items():
            self._expect_facts(text, facts, f"steps.{self.step}.captions", other)
        try:
            return Caption(template, facts, self.theme, language, others)
        except TooLong as error:
            raise self._fault(str(error), "two lines") from None

    def _expect_caption(self) -> None:
        """Raises ChapterError if the step has said all its captions."""
        if not self.captions:
            count = len(self.text.steps[self.step].captions)
            raise self._fault(f"a list of {count}", "a text for each time that the scene says something in this step")

    def _expect_all_said(self) -> None:
        """Raises ChapterError if the step has left a caption unsaid."""
        if any(caption.all != ("",) for caption in self.captions):
            count = len(self.text.steps[self.step].captions)
            raise self._fault(f"a list of {count}", f"{count - len(self.captions)}: no more are said in this step")

    def _expect_facts(self, text: str, facts: Mapping[str, Fact], key: str, language: str) -> None:
        """Raises ChapterError if a text names what the scene does not say there."""
        for name in lacking(text, facts):
            file = place(chapter_file(self.entry.name, language))
            allowed = listed(f"{{{fact}}}" for fact in facts) or "words alone"
            raise ChapterError([Fault(file, key, f"{{{name}}} in {quote(text)}", allowed, nearest(name, facts))])

    def _fault(self, found: str, allowed: str) -> ChapterError:
        return ChapterError([Fault(place(self.text.file), f"steps.{self.step}.captions", found, allowed)])

    def _drop_caption(self) -> None:
        """A caption ends with its step, as a subtitle does: what a step looks like depends on its own words alone."""
        if self.caption is not None:
            self.remove(*self.caption.get_family())
        self.caption = None

    def rest(self) -> None:
        """The last picture stands for a while, at least until the caption has been read."""
        self.open_up()
        self._stand(self.pacing.until_over(float(self.time)) + self.settings.hold_of(self.step))

    def words(self, key: str, **facts: Fact) -> str:
        """A label of the chapter (or one that all chapters share), filled in."""
        return "".join(run.text for run in self._filled_in(key, facts))

    def _filled_in(self, key: str, facts: Mapping[str, Fact]) -> list[Run]:
        template = self.template(key)
        self._expect_facts(template, facts, f"labels.{key}", self.settings.language)
        return fill_in(template, facts)

    def label(
        self, key: str, size: Type = LABEL, colour: Colour | None = None, weight: str = "regular", **facts: Fact
    ) -> Label:
        """A label of the chapter's texts as a mobject; names in it are shortened as on axes."""
        height = self.theme.size(size)
        runs = names_cut(self._filled_in(key, facts), TokenAxis.LONGEST / height, weight)
        return Label(runs, height, colour or self.theme.quiet, weight)

    def token(self, axis: str, index: int, tensor: str = "scores") -> Run:
        """A token of the example in the hue of its axis, for captions: queries amber, keys blue."""
        labels = self.trace[tensor].axis_labels(axis) or self.example.tokens
        meaning = {"queries": "q", "keys": "k"}.get(axis, "x")
        return Run(labels[index], self.theme.hue(meaning), name=True)

    def gloss(self, token: str) -> str:
        """What a token means in the language of the texts, "" where the example does not say."""
        return self.example.gloss(token, self.settings.language)

    def light(self, *terms: str) -> None:
        """Light terms of the header's formula ("all": the whole of it), with the next animation."""
        self.open_up()
        self.joining["light"] = [self.header.animate(run_time=LIGHTING / self.pacing.pace).light(*terms)]

    # --- things -----------------------------------------------------------------------------------------------------

    def matrix(
        self,
        tensor: str | Tensor,
        *,
        tokens: str = "",
        tag: str = "above",
        symbol: str | None = None,
        meaning: str | None = None,
        reserve: Collection[str] = (),
    ) -> Matrix:
        """A matrix of the trace, with its name and shape.

        tokens: where token labels stand: "rows", "columns", "both" or "" ; tag: the side of the name, "" for none;
        reserve: other tensors whose numbers these cells will hold later (so that they fit).
        """
        source = self.trace[tensor] if isinstance(tensor, str) else tensor
        known = Symbol(meaning, symbol or "") if meaning and (symbol or not tag) else symbol_of(source.name)
        rows, columns = source.axes[-2:]
        return Matrix(
            source,
            meaning or known.meaning,
            self.theme,
            symbol=(symbol or known.source) if tag else None,
            axes=self.axes_texts(rows, columns),
            tag_side=tag or "above",
            row_tokens=source.axis_labels(rows) if tokens in ("rows", "both") else None,
            column_tokens=source.axis_labels(columns) if tokens in ("columns", "both") else None,
            reserve=[self.trace[name] for name in reserve],
        )

    def axes_texts(self, rows: str, columns: str) -> list[str]:
        """What the rows and the columns of a matrix are, for those axes that have a word."""
        labels = self.texts.labels
        parts = [labels["rows"] + labels[rows]] if rows in ("queries", "keys", "tokens", "vocabulary") else []
        parts += [labels["columns"] + labels[columns]] if columns in ("queries", "keys", "tokens") else []
        return parts

    def arithmetic(self, tensor: str, *index: int, box: Box) -> Arithmetic:
        """One cell of a matrix product written out in the middle of `box`, each number in the hue of its tensor."""
        product = self.trace.explain(tensor, *index)
        numbers = (product.left[0], product.right[0], product.total)
        left, right, total = (self.theme.hue(symbol_of(reading.name).meaning) for reading in numbers)
        return Arithmetic(product, left, right, total, self.theme, box)

    def carry(self, *mobjects: Mobject) -> None:
        """Begin with what the last chapter ended on, already standing."""
        self.add(*mobjects)

    def leaving(self, *staying: Mobject) -> Animation:
        """All that is on stage goes, but for what stays."""
        frame = (self.heading, self.header, self.model_map, self.logo, self.caption, *staying)
        return FadeOut(*(mobject for mobject in self.mobjects if mobject not in frame))


__all__ = ["STAGE", "Chapter", "step"]
