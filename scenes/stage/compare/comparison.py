"""A chapter for two examples at once: the same steps side by side, and in the end of each what differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from manim import Animation, FadeIn, FadeOut, Mobject, VGroup, Wait

from core.examples.example import Example
from core.trace.pipeline import trace_example
from scenes.stage.chapter.bridge import Address
from scenes.stage.chapter.caption import Caption, Fact, TooLong
from scenes.stage.chapter.chapter import Chapter, step
from scenes.stage.chapter.settings import BURNT, LANGUAGES, OFF
from scenes.stage.chapter.texts import load_texts
from scenes.stage.compare.halves import HalfLayout
from scenes.stage.compare.marks import Pair, pairs, unlike
from scenes.stage.compare.side import Played, Said, Side
from scenes.stage.compare.words import names, what_changed, what_differs
from scenes.stage.paint.label import Label
from scenes.stage.paint.layout import lay_out, layout_now

FADE = 0.4
MINUS_A = "B − A"
MAP_STANDS = 1.6  # seconds that the differences stand in the place of the second matrix


class TwoCaptions(Caption):
    """What the two sides say, each in its half of the caption's band."""

    def __init__(self, first: Caption, second: Caption, text: str) -> None:
        VGroup.__init__(self, *first, *second)
        self.parts, self.text = (first, second), text

    def reading_time(self, pace: float = 1.0) -> float:
        return sum(caption.reading_time(pace) for caption in self.parts)


class Comparison(Chapter):
    """A chapter of `kind`, for the example of its settings and for the one against which they set it.

    Both begin each animation together, the shorter waits; captions come when both have come to them.
    """

    kind: ClassVar[type[Chapter]]

    def setup(self) -> None:
        super().setup()
        self.marks: list[Mobject] = []
        self.told: set[str] = set()
        self.compared: set[Address] = set()
        other = self._against
        self.named = names(self.example, other, self.texts.compare, self.settings.language)
        whole = layout_now()
        self.sides = tuple(self._side(number, example) for number, example in enumerate((self.example, other)))
        lay_out(whole)
        first, second = (side.scene for side in self.sides)
        first.trace, second.trace = first.trace.shown_beside(second.trace), second.trace.shown_beside(first.trace)
        self._next(*self.sides)
        self.remove(self.header)

    @property
    def _against(self) -> Example:
        if self.settings.against is None:
            raise ValueError("against: found no example to compare with")
        return self.settings.against

    def _side(self, number: int, example: Example) -> Side:
        layout = HalfLayout(self.settings.frame, self.settings.header, self.settings.captions == BURNT, number)
        name = self.texts.compare["side"].format(letter="AB"[number], name=self.named[number])
        return Side(self.kind, replace(self.settings, example=example, focus=self._focus), layout, name)

    @property
    def _focus(self) -> Any:
        """Both work through what is most telling of the first, where both have the same tokens."""
        focus, other = self.settings.focus, self._against
        if self.example.rows != other.rows:
            return focus
        query, key = trace_example(self.example, focus).telling_pair()
        return replace(focus, query=query, key=key if focus.key is None else focus.key)

    def construct(self) -> None:
        for side in self.sides:
            side.scene.until_closing = self.until_closing
        try:
            super().construct()
        finally:
            for side in self.sides:
                side.turns.stop()

    # --- a step of both ---------------------------------------------------------------------------------------------

    def side_by_side(self) -> None:
        """A step of the chapter, on both sides."""
        self.captions, self.marks = [], []
        self._next(*self.sides)
        self._stage()
        self.open_up()
        self._tell_once(*what_changed(self.example, self._against, self.named))
        while any(not side.has_ended for side in self.sides):
            self._go_on()
        self._show_differences()

    def _next(self, *sides: Side) -> None:
        for side in sides:
            side.go_on(float(self.time))

    def _go_on(self) -> None:
        """What is next: what one plays while the other has something to say, or waits; else what both do."""
        going = [side for side in self.sides if not side.has_ended]
        playing = [side for side in going if isinstance(side.event, Played)]
        waiting = [side for side in playing if isinstance(side.event, Played) and side.event.is_wait]
        if playing:
            going = waiting if waiting and len(waiting) < len(playing) else playing
            self._play(*going)
        else:
            self._say(*going)
        self._next(*going)
        self._stage()

    def _play(self, *sides: Side) -> None:
        """What they play at once; animations of a frame that is not shown are passed over."""
        events = [side.event for side in sides if isinstance(side.event, Played)]
        hidden = [part for side in self.sides for part in side.around]
        shown = [
            animation
            for event in events
            for animation in event.animations
            if not isinstance(animation, Wait) and all(animation.mobject is not part for part in hidden)
        ]
        if shown:
            self._perform(*shown)
        else:
            self._stand(max(event.seconds for event in events))

    def _perform(self, *animations: Animation) -> None:
        """As Manim plays them: the sides have seen to their pace."""
        super(Chapter, self).play(*animations, *self._joining())
        self.pacing.settled = float(self.time)

    def _say(self, *sides: Side) -> None:
        """The captions of both: one where they say the same."""
        captions = [side.event.caption for side in sides if isinstance(side.event, Said)]
        first, last = captions[0], captions[-1]
        if first.text == last.text:
            caption = self._again(first)
        else:
            first, last = (self._in_half(*pair) for pair in zip(self.sides, (first, last), strict=True))
            texts = {"first": first.text, "second": last.text}
            caption = TwoCaptions(first, last, self.texts.compare["both"].format(**texts))
        for side in sides:
            side.reading = self._reading(caption)
        self._tell(caption)

    def _in_half(self, side: Side, caption: Caption) -> Caption:
        """A caption of a side in its half of the band, in the type of the whole where that has room."""
        whole = layout_now()
        lay_out(side.layout)
        try:
            return self._again(caption)
        except TooLong:
            return caption
        finally:
            lay_out(whole)

    def _again(self, caption: Caption) -> Caption:
        """What a side says, in the type of the whole."""
        others = self.translations.get(caption.template)
        return Caption(caption.template, caption.facts, self.theme, caption.language, others)

    def _stage(self) -> None:
        """All of both, in one frame."""
        frame = [self.heading, self.model_map, self.logo, *self.marks]
        caption = [self.caption] if "caption" not in self.joining else []
        standing = [mobject for side in self.sides for mobject in side.standing]
        self.mobjects = [*standing, *(part for part in (*frame, *caption) if part is not None)]

    # --- what differs -----------------------------------------------------------------------------------------------

    def _tell_of(self, key: str, facts: Mapping[str, Fact]) -> None:
        """Say one of the texts of comparisons."""
        if self.settings.captions == OFF:
            return
        language = self.settings.language
        others = {one: load_texts(one).compare[key] for one in LANGUAGES if one != language}
        self._wait_if(self.pacing.until_settled(float(self.time)))
        self._tell(Caption(self.texts.compare[key], facts, self.theme, language, others))

    def _tell_once(self, key: str, facts: Mapping[str, Fact]) -> None:
        """Say a text in the first of the steps that are shown in which there is reason to, and let it be read."""
        if key not in self.told and self.step not in self.before_opening:
            self.told.add(key)
            self._tell_of(key, facts)
            self._stand(self.pacing.until_read(float(self.time)))

    def _show_differences(self) -> None:
        """Light the cells that differ, and show by how much."""
        first, second = (side.scene.on_stage for side in self.sides)
        found = sorted(pairs(first, second), key=lambda pair: pair.address in self.compared)  # new ones first
        self.compared |= {pair.address for pair in found}
        shapes = unlike(first, second)
        if shapes is not None:
            told = (" × ".join(map(str, cells.shape)) for cells in shapes)
            self._tell_once("unlike", dict(zip(("first", "second"), told, strict=True)))
        if not found:
            return
        self._tell_of(*what_differs(found, self.texts.compare))
        apart = [pair for pair in found if pair.count]
        if not apart:
            return
        rings = [ring for pair in apart for ring in pair.rings(self.theme, told=pair is apart[0])]
        self._perform(*map(FadeIn, rings))
        self.marks = list(rings)
        if printed := [pair for pair in apart if pair.second.numeric]:
            self._turn_over(printed)
        self._stage()

    def _turn_over(self, printed: list[Pair]) -> None:
        """The differences, B − A, stand for a while in the place of the second matrices."""
        name = self.sides[1].scene.heading
        sign = Label(MINUS_A, name.size, self.theme.hue("focus"), "semibold", structural=True)
        sign.move_to([name.box.left + sign.width / 2, name.box.y, 0])
        covered = [name, *(pair.second for pair in printed)]
        maps = [sign, *(pair.map(self.sides[1].scene.theme) for pair in printed)]
        self._perform(*(FadeOut(one, run_time=FADE) for one in covered))
        self._perform(*(FadeIn(one, run_time=FADE) for one in maps))
        self._stand(MAP_STANDS)
        self._perform(*(FadeOut(one, run_time=FADE) for one in maps))
        self._perform(*(FadeIn(one, run_time=FADE) for one in covered))

    def _expect_all_said(self) -> None:
        """The sides have seen to that."""


def comparison(kind: type[Chapter], chapter: str) -> type[Comparison]:
    """The scene in which a chapter stands beside itself."""

    def one(name: str) -> Any:
        def method(self: Comparison) -> None:
            self.side_by_side()

        method.__name__ = name
        return step(method)

    members = {name: one(name) for name in kind.steps}
    return type(kind.__name__, (Comparison,), {"kind": kind, "chapter": chapter, "formula": kind.formula, **members})
