"""A shot: what stands in one part of the picture, shown in another, as large or as small as that is.

It is how the camera moves: the stage stays where it is, and a shot of it is placed where the camera has come to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from manim import Mobject, VMobject
from manim.utils.family import extract_mobject_family_members

from scenes.stage.paint.layout import Box
from scenes.stage.paint.painting import Brush, Painted, PrintedText
from scenes.stage.paint.theme import Colour

CORNER = 0.07  # how round a shot's corners are, by its height, where it doesn't fill the frame


class Shot(Painted):
    """The inside of `source` with some mobjects as they stand, drawn in the shot's box on the film's background.

    content: the mobjects one by one, in the order in which they are drawn. A shot that is larger than its source shows
    what lies inside it: `source` is the window of the camera, too.
    """

    MARGIN = 0.0

    def __init__(self, mobjects: Iterable[Mobject], source: Box, background: Colour) -> None:
        self.content = leaves(mobjects)
        self.source = source
        super().__init__(source, background)

    def place(self, box: Box) -> Shot:
        """Show it in `box`, of the same shape as its source."""
        return self.set_box(box)

    @property
    def reach(self) -> Box:
        return self.source

    @property
    def scale_now(self) -> float:
        return self.box.width / self.source.width

    def _placed(self, box: Box) -> Box:
        """Where a part of the source is in the shot."""
        scale, source, own = self.scale_now, self.source, self.box
        x, y = own.x + (box.x - source.x) * scale, own.y + (box.y - source.y) * scale
        half_width, half_height = box.width * scale / 2, box.height * scale / 2
        return Box(x - half_width, x + half_width, y - half_height, y + half_height)

    def printed(self) -> list[PrintedText]:
        texts = [text for part in self.content if isinstance(part, Painted) for text in part.printed()]
        return [
            replace(
                text,
                box=self._placed(text.box),
                size=text.size * self.scale_now,
                cell=None if text.cell is None else self._placed(text.cell),
                opacity=text.opacity * self.opacity,
            )
            for text in texts
            if self.source.contains(text.box) and self.source.contains(self._placed(text.box))
        ]

    def paint(self, brush: Brush) -> None:
        box, source, context = self.box, self.source, brush.context
        apart = min(1.0, 2 * abs(1 - self.scale_now))
        context.save()
        context.rectangle(source.left, source.bottom, source.width, source.height)
        context.clip()
        brush.rounded(box.left, box.bottom, box.width, box.height, CORNER * apart * box.height)
        context.clip()
        context.push_group()
        brush.colour(self.colour)
        context.paint()
        context.translate(box.x, box.y)
        context.scale(self.scale_now, self.scale_now)
        context.translate(-source.x, -source.y)
        for part in self.content:
            brush.draw(part)
        context.pop_group_to_source()
        context.paint_with_alpha(self.opacity)
        context.restore()


def leaves(mobjects: Iterable[Mobject]) -> tuple[VMobject, ...]:
    """All that is drawn of some mobjects, one by one, in the order in which it is drawn."""
    return tuple(extract_mobject_family_members(list(mobjects), use_z_index=True, only_those_with_points=True))
