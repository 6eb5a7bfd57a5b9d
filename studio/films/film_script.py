"""The script of what has been rendered: chapters and their steps with times, words and numbers, for all that is made
of a film beside the film.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from core.examples.languages import language_of
from core.trace import Tensor, Trace
from scenes.stage.chapter.settings import LANGUAGES, Settings
from studio.engine.cue import Cue
from studio.engine.quality import Picture
from studio.films.fulfil import fulfil
from studio.films.order import Order, Part
from studio.films.publish import record_of
from studio.films.scheduler import Scheduler
from studio.films.spans import Span, spans_of
from studio.films.titles import Heading, chapter_title, step_title
from studio.selection import steps_of


@dataclass(frozen=True)
class StepScript:
    """A step: its place in the chapter (from 1), its titles and captions by language, its frames in the chapter's
    movie, and the names of the tensors that stand at its end.
    """

    number: int
    name: str
    titles: Mapping[str, str]
    captions: Mapping[str, tuple[Cue, ...]]
    start: int
    end: int
    tensors: tuple[str, ...]

    @property
    def file_name(self) -> str:
        """`02-first_score`: sorts as the chapter goes."""
        return f"{self.number:02}-{self.name}"

    def words(self, language: str) -> str:
        """All that is said, as one text."""
        return language_of(language).gap.join(cue.text for cue in self.captions[language])

    def moved(self, frames: int) -> StepScript:
        """The step as many frames later."""
        captions = {name: tuple(cue.moved(frames) for cue in cues) for name, cues in self.captions.items()}
        return replace(self, start=self.start + frames, end=self.end + frames, captions=captions)


@dataclass(frozen=True)
class ChapterScript:
    """A chapter, or a part of it: its titles by language, the movie that it is in, and its steps."""

    part: Part
    movie: Path
    titles: Mapping[str, str]
    steps: tuple[StepScript, ...]

    @property
    def name(self) -> str:
        return self.part.chapter

    @property
    def number(self) -> int:
        """Its place in its film, from 1."""
        return self.part.number

    @property
    def picture(self) -> Picture:
        return self.part.picture

    @property
    def settings(self) -> Settings:
        return self.part.settings

    @property
    def headings(self) -> Mapping[str, Heading]:
        """What stands above its film, by language."""
        return self.part.headings

    @property
    def file_name(self) -> str:
        """`03-scores`: sorts as the story goes."""
        return self.part.path.stem

    @property
    def start(self) -> int:
        return self.steps[0].start

    @cached_property
    def trace(self) -> Trace:
        from core.trace.pipeline import trace_example

        return trace_example(self.settings.example, self.settings.focus)

    def tensors(self, step: StepScript) -> Iterator[Tensor]:
        """The tensors of a step, as the trace has them."""
        trace = self.trace
        return (trace[name] for name in step.tensors if name in trace)


def scripts(order: Order, scheduler: Scheduler) -> list[ChapterScript]:
    """The parts of an order, films taken as their parts, rendered where they are not there yet."""
    clips = order.as_clips
    return [script for movie in fulfil(clips, scheduler) for script in scripts_in(movie, clips)]


def scripts_in(movie: Path, order: Order) -> list[ChapterScript]:
    """What a movie of an order shows: its part, or all those of a film, at their times in it."""
    record = record_of(movie)
    for film in order.films:
        if film.path == movie:
            spans = spans_of(record["chapters"])
            return [_script(part, movie, span.parts) for part, span in zip(film.parts, spans, strict=True)]
    part = next(part for part in order.parts if part.path == movie)
    return [_script(part, movie, spans_of(record["steps"]))]


def _script(part: Part, movie: Path, spans: Sequence[Span]) -> ChapterScript:
    titles = {language: chapter_title(part.chapter, part.settings, language) for language in LANGUAGES}
    return ChapterScript(part, movie, titles, tuple(_step(part, span) for span in spans))


def _step(part: Part, span: Span) -> StepScript:
    number = steps_of(part.chapter).index(span.name) + 1
    titles = {language: step_title(part.chapter, span.name, part.settings, language) for language in LANGUAGES}
    return StepScript(number, span.name, titles, span.captions, span.start, span.end, span.tensors)
