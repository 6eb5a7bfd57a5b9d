"""Plan: what the steps of chapters will be, and the passages around them, found by running each chapter without
drawing, once for every language.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from scenes.stage.chapter.settings import LANGUAGES, Settings
from scenes.stage.chapter.texts import load_texts
from scenes.storyboard import PASSAGES
from studio.engine.quality import Picture
from studio.films.keys import digest, drawing_key
from studio.films.order import Clip
from studio.films.scheduler import Job, Scheduler, results
from studio.films.spans import Span


@dataclass(frozen=True)
class PlannedChapter:
    """A chapter that is to be made: its parts in order, which are its opening, its steps and its closing."""

    clip: Clip
    parts: tuple[Span, ...]

    @property
    def steps(self) -> tuple[Span, ...]:
        return tuple(part for part in self.parts if part.name not in PASSAGES)

    @property
    def passages(self) -> tuple[Span, ...]:
        passages = (part for part in self.parts if part.name in PASSAGES)
        return tuple(Span(part.name, "", part.start, part.end, key=part.key) for part in passages)

    @property
    def frames(self) -> int:
        return self.parts[-1].end


@dataclass(frozen=True)
class PlanJob(Job[None, tuple[Span, ...]]):
    """Find out what the steps of a chapter will be; their captions are in the language of the settings alone."""

    chapter: str
    settings: Settings
    picture: Picture

    def run(self, report: Callable[[None], None]) -> tuple[Span, ...]:
        """Run the chapter without drawing."""
        from studio.engine.steps import plan_steps

        language = self.settings.language
        base = drawing_key(self.chapter, self.settings, self.picture)
        steps = load_texts(language).chapters[self.chapter].steps
        titles = {name: step.title for name, step in steps.items()}
        planned: list[Span] = []
        for step in plan_steps(self.chapter, self.settings, self.picture):
            start = planned[-1].end if planned else 0
            span = Span(
                step.name,
                titles.get(step.name, ""),
                0,
                step.frames,
                captions={language: step.cues},
                tensors=step.tensors,
                key=digest([base, step.name, step.shows]),
            )
            planned.append(span.moved(start))
        return tuple(planned)


def plan(clips: Sequence[Clip], picture: Picture, scheduler: Scheduler) -> list[PlannedChapter]:
    """Plan chapters, with the captions of all languages at the times of the one that each is shown in."""
    spoken = [tuple(dict.fromkeys([clip.settings.language, *LANGUAGES])) for clip in clips]
    jobs = [
        PlanJob(clip.chapter, replace(clip.settings, language=language), picture)
        for clip, languages in zip(clips, spoken, strict=True)
        for language in languages
    ]
    plans = iter(results(scheduler, jobs))
    versions = [[next(plans) for _ in languages] for languages in spoken]
    return [
        PlannedChapter(clip, tuple(_in_all_languages(*steps) for steps in zip(*told, strict=True)))
        for clip, told in zip(clips, versions, strict=True)
    ]


def _in_all_languages(shown: Span, *others: Span) -> Span:
    """The step with what is said in the others, too."""
    captions = dict(shown.captions)
    (cues,) = captions.values()
    for language, told in (caption for other in others for caption in other.captions.items()):
        captions[language] = tuple(replace(cue, text=one.text) for cue, one in zip(cues, told, strict=True))
    return replace(shown, captions=captions)
