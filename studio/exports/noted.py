"""What has been made from a movie, noted beside it: each file's size, and a key of what else it was made from.

Of a movie that is another one, which its record shows, nothing is noted: no clock is asked what is newer.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from studio.files import whole_file
from studio.films.keys import digest
from studio.films.publish import record_of

Notes = dict[str, dict[str, Any]]


def unmade(movie: Path, targets: Iterable[Path], key: str) -> tuple[Path, ...]:
    """Those of some files that are not there as made from the movie as it is, and from what the key stands for."""
    noted = _notes(movie)
    return tuple(path for path in targets if not path.is_file() or noted.get(path.name) != _note(path, key))


def note_made(movie: Path, targets: Iterable[Path], key: str) -> None:
    """Note that files have been made."""
    files = _notes(movie) | {target.name: _note(target, key) for target in targets}
    text = json.dumps({"movie": digest(record_of(movie)), "files": files}, ensure_ascii=False, indent=1)
    with whole_file(_path(movie)) as part:
        part.write_text(text + "\n", encoding="utf-8")


def _path(movie: Path) -> Path:
    return movie.with_suffix(".made.json")


def _notes(movie: Path) -> Notes:
    try:
        noted = json.loads(_path(movie).read_text(encoding="utf-8"))
        return dict(noted["files"]) if noted["movie"] == digest(record_of(movie)) else {}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}


def _note(target: Path, key: str) -> dict[str, Any]:
    return {"bytes": target.stat().st_size, "key": key}
