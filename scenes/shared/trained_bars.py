"""Bars of how often the small translator is right, trained with all its parts or without one of them."""

from __future__ import annotations

from collections.abc import Sequence

from core.trace.trained_without import WHOLE
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.charts.candidates import Candidate, Candidates
from scenes.stage.paint.layout import Box


def results_of(chapter: Chapter, part: str) -> Candidate:
    """How often the model trained without a part (of none: "nothing") is right, as a line of bars."""
    shares, percentages = chapter.trace["trained_without.right"], chapter.trace["trained_without.percentages"]
    line = (shares.axis_labels("parts") or ()).index(part)
    name = "evidence_whole" if part == WHOLE else f"evidence_{part}"
    return Candidate(chapter.words(name), shares.at(line), percentages.at(line))


def bars_of(chapter: Chapter, parts: Sequence[str], box: Box) -> Candidates:
    """Bars of the models trained without these parts, filling the box, flat; `grow` lets them grow."""
    entries = [results_of(chapter, part) for part in parts]
    bars = Candidates(len(entries), [entry.word for entry in entries], box, chapter.theme, rest=False)
    return bars.show(entries, grown=False)
