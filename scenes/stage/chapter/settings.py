"""What a scene is told from outside: the example, the language of its texts, how it looks, how fast it goes, and what
it works through.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.examples import languages
from core.examples.example import Example, load_example
from core.trace.focus import TELLING, Focus
from scenes.stage.paint.layout import FRAMES as FRAME_SIZES
from scenes.stage.paint.layout import FrameLayout
from scenes.stage.paint.theme import ACCENTS, SCALES, Theme, theme_named
from scenes.stage.paint.theme import THEMES as PALETTES
from scenes.storyboard import example_of

LANGUAGES = languages.LANGUAGES
THEMES = tuple(PALETTES)
SIZES = tuple(SCALES)
FRAMES = tuple(FRAME_SIZES)
CAPTIONS = BURNT, BESIDE, OFF = "burnt", "beside", "off"
SLOWEST, FASTEST, LONGEST_HOLD = 0.5, 2.0, 60.0
LOGOS = (".svg", ".png")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class StepSettings:
    """What is other in one step: how fast it goes, the seconds that its last picture stands longer. None: as in all."""

    pace: float | None = None
    hold: float | None = None


@dataclass(frozen=True)
class Settings:
    """What a scene shows, and how.

    frame: width to height; pace: how fast it goes, 1 as it is made; hold: seconds more that each step's last picture
    stands; steps: steps that differ in this; captions: `burnt` into the picture, `beside` it, where the picture has
    their place, or `off`; header: whether there is one; colours: hues by what they mean (`theme.ACCENTS`), as
    `#rrggbb`; logo: a file, SVG or PNG; focus: what is worked through; words: by language, own texts of the chapter
    that these settings are for, by key: `title`, `labels.KEY`, `steps.STEP.title`, `steps.STEP.captions.N` from 0;
    against: the example beside which it is shown, if it is to be compared with one.
    What is added here reaches scenes, jobs and keys without further ado.

    `from_environment` reads ATTENTION_EXAMPLE (a shipped example's name or a file), ATTENTION_LANGUAGE,
    ATTENTION_THEME, ATTENTION_SIZE, ATTENTION_FRAME, ATTENTION_PACE, ATTENTION_HOLD, ATTENTION_CAPTIONS,
    ATTENTION_HEADER (on, off) and ATTENTION_LOGO, so that the stock `manim` command can be told too; if no example is
    named, it is the one of the film.

    Raises ValueError with every value that is not allowed.
    """

    example: Example
    language: str = "en"
    theme: str = "dark"
    size: str = "normal"
    frame: str = "16:9"
    pace: float = 1.0
    hold: float = 0.0
    captions: str = BURNT
    header: bool = True
    colours: Mapping[str, str] = field(default_factory=dict, hash=False)
    logo: Path | None = None
    focus: Focus = TELLING
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict, hash=False)
    steps: Mapping[str, StepSettings] = field(default_factory=dict, hash=False)
    against: Example | None = None

    def __post_init__(self) -> None:
        faults = [*self._other_than_named(), *_wrong_times("", self.pace, self.hold), *self._wrong_looks()]
        for name, step in self.steps.items():
            faults += _wrong_times(f"steps.{name}.", step.pace, step.hold)
        if faults:
            raise ValueError("\n".join(faults))

    def _other_than_named(self) -> Iterator[str]:
        """Names that are none of those there are."""
        choices = (("language", LANGUAGES), ("theme", THEMES), ("size", SIZES), ("frame", FRAMES))
        for name, allowed in (*choices, ("captions", CAPTIONS)):
            yield from _not_among(name, getattr(self, name), allowed)
        for meaning in self.colours:
            yield from _not_among("colours", meaning, tuple(ACCENTS))
        for language in self.words:
            yield from _not_among("words", language, LANGUAGES)

    def _wrong_looks(self) -> Iterator[str]:
        """Colours that are none, and a logo that cannot be drawn."""
        for meaning, colour in self.colours.items():
            if not _COLOUR.fullmatch(colour):
                yield f"colours.{meaning}: found '{colour}'; allowed: a colour such as #e0a030"
        if self.logo is not None and not (self.logo.suffix.lower() in LOGOS and self.logo.is_file()):
            yield f"logo: found '{self.logo}'; allowed: a file that is there, {' or '.join(LOGOS)}"

    @property
    def palette(self) -> Theme:
        """Its colours and its sizes of type."""
        return theme_named(self.theme, self.size, self.colours)

    @property
    def layout(self) -> FrameLayout:
        """The bands of its frame."""
        return FrameLayout(self.frame, self.header, self.captions == BURNT)

    def pace_of(self, step: str) -> float:
        """How fast a step goes."""
        own = self.steps.get(step, StepSettings()).pace
        return self.pace if own is None else own

    def hold_of(self, step: str) -> float:
        """The seconds more that a step's last picture stands."""
        own = self.steps.get(step, StepSettings()).hold
        return self.hold if own is None else own

    @classmethod
    def from_environment(cls, film: str = "attention") -> Settings:
        told = {name: os.environ.get(f"ATTENTION_{name.upper()}") for name in _TOLD}
        said = {name: convert(value) for name, convert in _TOLD.items() if (value := told[name]) is not None}
        example = os.environ.get("ATTENTION_EXAMPLE", example_of(film, told["language"] or "en"))
        return cls(load_example(example), **said)


def _is_on(text: str) -> bool:
    """`on` or `off`. Raises ValueError for anything else."""
    if faults := list(_not_among("header", text, ("on", "off"))):
        raise ValueError(*faults)
    return text == "on"


_TOLD: dict[str, Callable[[str], Any]] = {
    "language": str,
    "theme": str,
    "size": str,
    "frame": str,
    "captions": str,
    "pace": float,
    "hold": float,
    "header": _is_on,
    "logo": Path,
}


def _not_among(name: str, value: str, allowed: Collection[str]) -> Iterator[str]:
    if value not in allowed:
        yield f"{name}: found '{value}'; allowed: {', '.join(allowed)}"


def _wrong_times(where: str, pace: float | None, hold: float | None) -> Iterator[str]:
    """A pace and a hold that are out of their ranges; None is neither."""
    if pace is not None and not SLOWEST <= pace <= FASTEST:
        yield f"{where}pace: found {pace}; allowed: from {SLOWEST} to {FASTEST}"
    if hold is not None and not 0 <= hold <= LONGEST_HOLD:
        yield f"{where}hold: found {hold}; allowed: from 0 to {LONGEST_HOLD} seconds"
