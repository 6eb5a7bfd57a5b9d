"""Stretches of frames: steps, chapters and the passages around them, and how a record in JSON has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from studio.engine.cue import Cue


@dataclass(frozen=True)
class Span:
    """A stretch of frames, `end` excluded: a step, a chapter with its steps, or a passage: the opening of a chapter or
    film, its closing, or the bridge between two chapters.

    captions: of a step, by language; tensors: the names of the trace's tensors that stand there when a step ends;
    key: of a step, the hash of everything that it is made from.
    """

    name: str
    title: str
    start: int
    end: int
    parts: tuple[Span, ...] = ()
    captions: Mapping[str, tuple[Cue, ...]] = field(default_factory=dict)
    tensors: tuple[str, ...] = ()
    key: str = ""

    @property
    def frames(self) -> int:
        return self.end - self.start

    def moved(self, frames: int) -> Span:
        parts = tuple(part.moved(frames) for part in self.parts)
        captions = {language: tuple(cue.moved(frames) for cue in cues) for language, cues in self.captions.items()}
        return replace(self, start=self.start + frames, end=self.end + frames, parts=parts, captions=captions)

    def as_dict(self, fps: float, parts: str) -> dict[str, Any]:
        """The span with its times in seconds; its parts, if any, under the name `parts`."""
        own: dict[str, Any] = {
            "name": self.name,
            "title": self.title,
            "start": round(self.start / fps, 6),
            "end": round(self.end / fps, 6),
            "start_frame": self.start,
            "end_frame": self.end,
        }
        if self.captions:
            own["captions"] = {name: [_cue(cue, fps) for cue in cues] for name, cues in self.captions.items()}
            own["tensors"] = list(self.tensors)
        if self.key:
            own["key"] = self.key
        return own | ({parts: [part.as_dict(fps, "") for part in self.parts]} if self.parts else {})


def _cue(cue: Cue, fps: float) -> dict[str, Any]:
    return {
        "start": round(cue.start / fps, 6),
        "end": round(cue.end / fps, 6),
        "start_frame": cue.start,
        "end_frame": cue.end,
        "text": cue.text,
    }


def spans_of(entries: Sequence[Mapping[str, Any]]) -> tuple[Span, ...]:
    """Spans read back from a record."""
    return tuple(
        Span(
            entry["name"],
            entry["title"],
            entry["start_frame"],
            entry["end_frame"],
            spans_of(entry.get("steps", ())),
            {
                language: tuple(Cue(cue["start_frame"], cue["end_frame"], cue["text"]) for cue in cues)
                for language, cues in entry.get("captions", {}).items()
            },
            tuple(entry.get("tensors", ())),
            entry.get("key", ""),
        )
        for entry in entries
    )
