"""Plan: what the steps of chapters will be, and the passages around them, found by running each chapter without
drawing, once for every language.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from scenes.stage.chapter.settings import LANGUAGES, Settings
from scenes.storyboard import PASSAGES
from studio.engine.quality import Picture
from studio.films.failures import Failures
from studio.films.keys import digest, drawing_key
from studio.films.order import Part
from studio.films.scheduler import Job, Scheduler, results
from studio.films.spans import Span
from studio.films.titles import step_title


@dataclass(frozen=True)
class PlannedChapter:
    """A part of a chapter that is to be made, and what it is made of: its opening, its steps and its closing."""

    part: Part
    spans: tuple[Span, ...]

    @property
    def frames(self) -> int:
        return self.spans[-1].end


@dataclass(frozen=True)
class PlanJob(Job[None, tuple[Span, ...]]):
    """Find out what some steps of a chapter will be; their captions are in the language of the settings alone."""

    chapter: str
    settings: Settings
    picture: Picture
    kept: tuple[str, ...] = ()

    def run(self, report: Callable[[None], None]) -> tuple[Span, ...]:
        """Run the chapter without drawing."""
        from studio.engine.steps import plan_steps

        language = self.settings.language
        base = drawing_key(self.chapter, self.settings, self.picture)
        planned: list[Span] = []
        for step in plan_steps(self.chapter, self.settings, self.picture, self.kept):
            start = planned[-1].end if planned else 0
            span = Span(
                step.name,
                "" if step.name in PASSAGES else step_title(self.chapter, step.name, self.settings, language),
                0,
                step.frames,
                captions={language: step.cues},
                tensors=step.tensors,
                key=digest([base, step.name, step.shows]),
            )
            planned.append(span.moved(start))
        return tuple(planned)


def plan(
    parts: Sequence[Part], picture: Picture, scheduler: Scheduler, failed: Failures | None = None
) -> list[PlannedChapter]:
    """Plan parts of chapters, with the captions of all languages at the times of the one that each is shown in.

    failed: where what cannot be planned is noted, by its path; without it the first error is raised.
    """
    spoken = [tuple(dict.fromkeys([part.settings.language, *LANGUAGES])) for part in parts]
    owned = [(place, language) for place, languages in enumerate(spoken) for language in languages]
    jobs = [_job(parts[place], language, picture) for place, language in owned]
    if failed is None:
        plans = dict(enumerate(results(scheduler, jobs)))
    else:
        plans = {}
        scheduler.run(jobs, _nothing, plans.__setitem__, lambda n, error: failed.note(parts[owned[n][0]].path, error))
    told: dict[int, list[tuple[Span, ...]]] = {place: [] for place in range(len(parts))}
    for number, spans in sorted(plans.items()):
        told[owned[number][0]].append(spans)
    return [
        PlannedChapter(part, tuple(_in_all_languages(*steps) for steps in zip(*told[place], strict=True)))
        for place, part in enumerate(parts)
        if len(told[place]) == len(spoken[place])
    ]


def _job(part: Part, language: str, picture: Picture) -> PlanJob:
    return PlanJob(part.chapter, replace(part.settings, language=language), picture, part.steps)


def _nothing(number: int, news: None) -> None:
    """Planning has no news."""


def _in_all_languages(shown: Span, *others: Span) -> Span:
    """The step with what is said in the others, too."""
    captions = dict(shown.captions)
    (cues,) = captions.values()
    for language, told in (caption for other in others for caption in other.captions.items()):
        captions[language] = tuple(replace(cue, text=one.text) for cue, one in zip(cues, told, strict=True))
    return replace(shown, captions=captions)
