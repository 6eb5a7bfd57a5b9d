"""What of an order could not be made, where that is to stop nothing else, and what had to be drawn."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Failures:
    """Errors by the movies that they cost, and by the keys of segments that they cost.

    drawn, found: the keys of the segments that had to be drawn, and of those that were there.
    """

    movies: dict[Path, Exception] = field(default_factory=dict)
    segments: dict[str, Exception] = field(default_factory=dict)
    drawn: set[str] = field(default_factory=set)
    found: set[str] = field(default_factory=set)

    def note(self, movie: Path, error: Exception) -> None:
        """A movie cannot be made; the first reason counts."""
        self.movies.setdefault(movie, error)

    def cost(self, movie: Path, *keys: str) -> bool:
        """Whether one of the segments that a movie needs could not be made. Notes that."""
        errors = [self.segments[key] for key in keys if key in self.segments]
        if errors:
            self.note(movie, errors[0])
        return bool(errors)
