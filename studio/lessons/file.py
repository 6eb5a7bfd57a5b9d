"""Lesson files: told from examples, and read."""

from __future__ import annotations

from pathlib import Path

from core.examples.example import load_example
from core.examples.toml_text import parse_toml, read_text
from studio.lessons.lesson import Lesson
from studio.lessons.resolver import Reading, Resolver


def load_lesson(path: str | Path) -> Lesson:
    """Read a lesson file. Raises FileError with every fault of it, and of the examples that it names."""
    return parse_lesson(read_text(Path(path)), path)


def parse_lesson(text: str, path: str | Path, reading: Reading = load_example) -> Lesson:
    """A lesson from the text of its file; `path` names it in faults, and beside it lie its examples and its logo.

    reading: what reads an example, by the name of a shipped one or by its path.
    Raises FileError with every fault.
    """
    return Resolver(Path(path), str(path), parse_toml(str(path), text), reading).resolved()
