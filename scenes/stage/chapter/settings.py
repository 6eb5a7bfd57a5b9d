"""What a scene is told from outside: the example, the language of its texts, the theme, the size of type."""

from __future__ import annotations

import os
from dataclasses import dataclass

from core.examples import languages
from core.examples.example import Example, load_example
from scenes.stage.paint.theme import SCALES
from scenes.stage.paint.theme import THEMES as PALETTES
from scenes.storyboard import example_of

LANGUAGES = languages.LANGUAGES
THEMES = tuple(PALETTES)
SIZES = tuple(SCALES)


@dataclass(frozen=True)
class Settings:
    """Example, language, theme and size of type of a scene.

    What is added here reaches scenes, jobs and keys without further ado.

    `from_environment` reads ATTENTION_EXAMPLE (a shipped example's name or a file), ATTENTION_LANGUAGE,
    ATTENTION_THEME and ATTENTION_SIZE, so that the stock `manim` command can be told too; if no example is named, it is
    the one of the film.
    """

    example: Example
    language: str = "en"
    theme: str = "dark"
    size: str = "normal"

    def __post_init__(self) -> None:
        for field, allowed in (("language", LANGUAGES), ("theme", THEMES), ("size", SIZES)):
            if (value := getattr(self, field)) not in allowed:
                raise ValueError(f"{field}: found '{value}'; allowed: {', '.join(allowed)}")

    @classmethod
    def from_environment(cls, film: str = "attention") -> Settings:
        language = os.environ.get("ATTENTION_LANGUAGE", "en")
        return cls(
            load_example(os.environ.get("ATTENTION_EXAMPLE", example_of(film, language))),
            language,
            os.environ.get("ATTENTION_THEME", "dark"),
            os.environ.get("ATTENTION_SIZE", "normal"),
        )
