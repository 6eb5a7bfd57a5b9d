"""Lesson files: told from examples, and read."""

from __future__ import annotations

from pathlib import Path

from core.examples.example import Example, load_example
from core.examples.toml_text import parse_toml, read_text
from studio.lessons.lesson import Lesson
from studio.lessons.resolver import Reading, Resolver


def load_lesson(path: str | Path, instead: Example | None = None) -> Lesson:
    """Read a lesson file; instead: as for `parse_lesson`.

    Raises FileError with every fault of it, and of the examples that it names.
    """
    return parse_lesson(read_text(Path(path)), path, instead=instead)


def parse_lesson(
    text: str, path: str | Path, reading: Reading = load_example, instead: Example | None = None
) -> Lesson:
    """A lesson from the text of its file; `path` names it in faults, and beside it lie its examples and its logo.

    reading: what reads an example, by the name of a shipped one or by its path; instead: the example that is shown in
    the place of those that the file names. Raises FileError with every fault.
    """
    return Resolver(Path(path), str(path), parse_toml(str(path), text), reading, instead).resolved()
