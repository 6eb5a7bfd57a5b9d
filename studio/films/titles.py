"""What a film of an example is called, in files and above pages."""

from __future__ import annotations

from core.examples.example import Example
from scenes.stage.chapter.texts import load_texts


def film_title(film: str, example: Example, language: str) -> str:
    """`Attention in Motion · Rain`: the film's title and that of the example, if its file gives it one."""
    parts = (load_texts(language).films[film].title, example.own_title(language))
    return " · ".join(part for part in parts if part)
