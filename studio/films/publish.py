"""Publish: a whole movie moves into place, and beside it its record, which says what it shows and is made from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio.engine.quality import Picture
from studio.files import whole_file
from studio.films.join import Joined, Parts
from studio.films.keys import digest
from studio.films.spans import spans_of

SEAL = "seal"


def publish(joined: Joined, target: Path, key: str, picture: Picture) -> None:
    """Move a whole movie into place; its record follows, and until then there is none: none ever speaks of another."""
    record_path(target).unlink(missing_ok=True)
    record = _record(target.name, joined, key, picture)
    joined.movie.replace(target)
    with whole_file(record_path(target)) as part:
        part.write_text(json.dumps(_sealed(record), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def is_published(movie: Path, key: str) -> bool:
    """Whether a movie that was made from the same things is there, as it was made."""
    return _current_record(movie, key) is not None


def published_parts(movie: Path, key: str) -> Parts | None:
    """What a chapter's movie shows when, if one that was made from the same things is there; else nothing."""
    record = _current_record(movie, key)
    return Parts(spans_of(record["steps"]), spans_of(record["passages"])) if record else None


def record_path(movie: Path) -> Path:
    return movie.with_suffix(".json")


def record_of(movie: Path) -> dict[str, Any]:
    """The record of a finished file as it is."""
    record: dict[str, Any] = json.loads(record_path(movie).read_text(encoding="utf-8"))
    return record


def _record(name: str, joined: Joined, key: str, picture: Picture) -> dict[str, Any]:
    """The record of a movie: what it was made from (`key`), what it holds, its size, and lists of spans by name."""
    fps, movie = picture.fps, joined.movie
    frames = max(span.end for group in joined.spans.values() for span in group)
    record: dict[str, Any] = {
        "file": name,
        "bytes": movie.stat().st_size,
        "sha256": _hash(movie),
        "key": key,
        "width": picture.width,
        "height": picture.height,
        "fps": fps,
        "frames": frames,
        "seconds": round(frames / fps, 6),
    }
    return record | {name: [span.as_dict(fps, "steps") for span in group] for name, group in joined.spans.items()}


def _sealed(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record with a hash of all that it says, so that a change by hand is seen."""
    return {**record, SEAL: digest({name: value for name, value in record.items() if name != SEAL})}


def _hash(movie: Path) -> str:
    with movie.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _current_record(movie: Path, key: str) -> dict[str, Any] | None:
    try:
        record = record_of(movie)
        current = record["key"] == key and record == _sealed(record) and record["sha256"] == _hash(movie)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return record if current else None
