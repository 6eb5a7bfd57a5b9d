"""When what is seen: the frames of steps, chapters and seams, and their record as JSON beside each file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from studio.files import whole_file
from studio.engine.quality import Picture


@dataclass(frozen=True)
class Cue:
    """A caption: the frames in which it is shown, `end` excluded, and what it says."""

    start: int
    end: int
    text: str

    def moved(self, frames: int) -> Cue:
        return Cue(self.start + frames, self.end + frames, self.text)


@dataclass(frozen=True)
class Span:
    """A stretch of frames, `end` excluded: a step, a chapter with its steps, or the seam between two chapters.

    captions: of a step, by language; tensors: the names of the trace's tensors that stand there when a step ends.
    """

    name: str
    title: str
    start: int
    end: int
    parts: tuple[Span, ...] = ()
    captions: Mapping[str, tuple[Cue, ...]] = field(default_factory=dict)
    tensors: tuple[str, ...] = ()

    @property
    def frames(self) -> int:
        return self.end - self.start

    def moved(self, frames: int) -> Span:
        parts = tuple(part.moved(frames) for part in self.parts)
        captions = {language: tuple(cue.moved(frames) for cue in cues) for language, cues in self.captions.items()}
        return replace(self, start=self.start + frames, end=self.end + frames, parts=parts, captions=captions)

    def as_dict(self, fps: int, parts: str) -> dict[str, Any]:
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
        return own | ({parts: [part.as_dict(fps, "") for part in self.parts]} if self.parts else {})


def _cue(cue: Cue, fps: int) -> dict[str, Any]:
    return {
        "start": round(cue.start / fps, 6),
        "end": round(cue.end / fps, 6),
        "start_frame": cue.start,
        "end_frame": cue.end,
        "text": cue.text,
    }


def record_path(movie: Path) -> Path:
    return movie.with_suffix(".json")


def forget(movie: Path) -> None:
    """Remove the record of a file that is about to be replaced, so that no record ever speaks of another file."""
    record_path(movie).unlink(missing_ok=True)


def write_record(movie: Path, key: str, picture: Picture, spans: Mapping[str, Sequence[Span]]) -> None:
    """Write `movie`'s record: what it was made from (`key`), its size, and lists of spans by name."""
    fps = picture.fps
    frames = max(span.end for group in spans.values() for span in group)
    record: dict[str, Any] = {
        "file": movie.name,
        "bytes": movie.stat().st_size,
        "key": key,
        "width": picture.width,
        "height": picture.height,
        "fps": fps,
        "frames": frames,
        "seconds": round(frames / fps, 6),
    }
    record |= {name: [span.as_dict(fps, "steps") for span in group] for name, group in spans.items()}
    with whole_file(record_path(movie)) as part:
        part.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def read_record(movie: Path, key: str) -> dict[str, Any] | None:
    """The record of a finished file, if it was made from the same things and is still there as it was made."""
    try:
        record = record_of(movie)
        current = record["key"] == key and record["bytes"] == movie.stat().st_size
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return record if current else None


def record_of(movie: Path) -> dict[str, Any]:
    """The record of a finished file as it is."""
    record: dict[str, Any] = json.loads(record_path(movie).read_text(encoding="utf-8"))
    return record


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
        )
        for entry in entries
    )


def publish(movie: Path, target: Path, key: str, picture: Picture, spans: Mapping[str, Sequence[Span]]) -> None:
    """Move a whole movie into place; its record follows, and until then there is none."""
    forget(target)
    movie.replace(target)
    write_record(target, key, picture, spans)
