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
from scenes.stage.chapter.texts import load_texts
from scenes.storyboard import entry_of
from studio.engine.cue import Cue
from studio.engine.quality import Picture
from studio.films.fulfil import fulfil
from studio.films.order import Order
from studio.films.publish import record_of
from studio.films.scheduler import Scheduler
from studio.films.spans import Span, spans_of
from studio.selection import Selection


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
    """A chapter: its place in its film (from 1), its titles by language, its movie, and its steps."""

    number: int
    name: str
    titles: Mapping[str, str]
    movie: Path
    picture: Picture
    settings: Settings
    steps: tuple[StepScript, ...]

    @property
    def file_name(self) -> str:
        """`03-scores`: sorts as the story goes."""
        return entry_of(self.name).file_name

    @property
    def film(self) -> str:
        return entry_of(self.name).film

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
    """The chapters of an order, films taken as their chapters, rendered where they are not there yet."""
    movies = fulfil(replace(order, selection=Selection((), order.chapters)), scheduler)
    return [script for movie in movies for script in scripts_in(movie, order)]


def scripts_in(movie: Path, order: Order) -> list[ChapterScript]:
    """What a movie of an order shows: its chapter, or all those of a film, at their times in it."""
    record = record_of(movie)
    if "chapters" in record:
        return [_script(span.name, movie, order, span.parts) for span in spans_of(record["chapters"])]
    return [_script(movie.stem.partition("-")[2], movie, order, spans_of(record["steps"]))]


def _script(chapter: str, movie: Path, order: Order, spans: Sequence[Span]) -> ChapterScript:
    texts = {language: load_texts(language).chapters[chapter] for language in LANGUAGES}
    return ChapterScript(
        entry_of(chapter).place,
        chapter,
        {language: text.title for language, text in texts.items()},
        movie,
        order.picture,
        order.settings(chapter),
        tuple(
            _step(number, span, {language: text.steps[span.name].title for language, text in texts.items()})
            for number, span in enumerate(spans, start=1)
        ),
    )


def _step(number: int, span: Span, titles: Mapping[str, str]) -> StepScript:
    return StepScript(number, span.name, titles, span.captions, span.start, span.end, span.tensors)
