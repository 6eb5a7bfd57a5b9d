"""A picture made of named parts, each of which can be shown, lit and taken out by its name."""

from __future__ import annotations

from typing import ClassVar, NamedTuple, Self

import numpy as np

from scenes.stage.paint.layout import Box
from scenes.stage.paint.painting import Painted
from scenes.stage.paint.theme import Colour, Theme


class PartState(NamedTuple):
    """How far a part is there (0 to 1), how bright it is (less than 1: stepped back), and how far it is taken out."""

    shown: float
    light: float
    taken: float


class NamedParts(Painted):
    """All changes return the picture, so that `.animate` works; they concern the named parts, or all if none is named.

    A name that ends with a dot means all parts that begin so. Absent parts belong to the picture but are not there.
    """

    STATE: ClassVar[tuple[str, ...]] = ("shown", "light", "taken")
    theme: Theme

    def __init__(self, names: tuple[str, ...], absent: tuple[str, ...], box: Box, colour: Colour) -> None:
        self.names, self.absent = names, absent
        self.shown, self.light, self.taken = np.ones(len(names)), np.ones(len(names)), np.zeros(len(names))
        super().__init__(box, colour)

    def state_of(self, name: str) -> PartState:
        """How far a part is shown, lit and taken out."""
        if name in self.absent:
            return PartState(0.0, 0.0, 0.0)
        place = self.names.index(name)
        return PartState(float(self.shown[place]), float(self.light[place]), float(self.taken[place]))

    def visible(self, name: str) -> float:
        """The opacity of a part."""
        shown, light, taken = self.state_of(name)
        return self.opacity * shown * light * (1 - taken)

    def reveal(self, *names: str) -> Self:
        """Show these parts."""
        return self._with("shown", 1.0, names)

    def hide(self, *names: str) -> Self:
        return self._with("shown", 0.0, names)

    def light_up(self, *names: str) -> Self:
        """Give these parts their full brightness."""
        return self._with("light", 1.0, names)

    def recede(self, *names: str) -> Self:
        """Step these parts back."""
        return self._with("light", self.theme.dim, names)

    def spotlight(self, *names: str) -> Self:
        """Light these parts and dim all others."""
        return self.recede().light_up(*names)

    def take_out(self, *names: str) -> Self:
        """Take parts out: a gap remains."""
        return self._with("taken", 1.0, names)

    def put_back(self, *names: str) -> Self:
        return self._with("taken", 0.0, names)

    def _with(self, state: str, value: float, names: tuple[str, ...]) -> Self:
        values = getattr(self, state).copy()
        values[self._places(names)] = value
        setattr(self, state, values)
        return self

    def _places(self, names: tuple[str, ...]) -> list[int]:
        """Where the parts of these names stand among all; raises KeyError for a name that means none."""
        if not names:
            return list(range(len(self.names)))
        unknown = [name for name in names if not any(means(name, part) for part in self.names)]
        if unknown:
            raise KeyError(f"no part {', '.join(unknown)}; there are: {', '.join(self.names)}")
        return [i for i, part in enumerate(self.names) if any(means(name, part) for name in names)]


def means(name: str, part: str) -> bool:
    """Whether `name` names this part: itself, or with a dot at its end all that begins so."""
    return part.startswith(name) if name.endswith(".") else part == name
