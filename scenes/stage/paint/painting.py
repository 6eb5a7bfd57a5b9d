"""Mobjects that paint themselves: one mobject whose state is arrays, drawn with a brush on the camera's surface.

A `Painted` mobject is an ordinary VMobject to Manim: its points are the corners of its rectangle, so `next_to`,
`shift`, `scale`, `.animate`, `FadeIn` and `Transform` work on it; its fill opacity fades the whole of it. What it
shows beyond that are the arrays named in `STATE`, and interpolating it interpolates them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import cairo
import numpy as np
from manim import VMobject
from manim.camera.camera import Camera

from core.trace import Reading
from scenes.stage.paint.fonts import EM
from scenes.stage.paint.layout import FRAME_WIDTH, Box
from scenes.stage.paint.theme import DIM, Colour
from scenes.stage.paint.typography import CAP_HEIGHT, outline

HATCH = 0.09  # from line to line of a hatching

Ink = tuple[Colour | np.ndarray, float]  # a colour and its opacity


class Brush:
    """A cairo context in scene units, with the few strokes that the film is drawn with; camera: who holds it."""

    def __init__(self, context: cairo.Context, camera: StageCamera | None = None) -> None:
        self.context, self.camera = context, camera
        self._swap = isinstance(context.get_target(), cairo.ImageSurface)  # Manim's pixels are RGBA, cairo's BGRA

    @property
    def clip(self) -> Box:
        """What of the picture is being drawn."""
        left, bottom, right, top = self.context.clip_extents()
        return Box(left, right, bottom, top)

    def draw(self, mobject: VMobject) -> None:
        """Draw a mobject of any kind as the camera does. Raises TypeError for a brush that no camera holds."""
        if self.camera is None:
            raise TypeError(f"a {type(mobject).__name__} is drawn by a camera, and this brush has none")
        self.camera.display_vectorized(mobject, self.context)

    def colour(self, colour: Colour | np.ndarray, opacity: float = 1.0) -> None:
        red, green, blue = colour
        if self._swap:
            red, blue = blue, red
        self.context.set_source_rgba(red, green, blue, opacity)

    def rounded(self, left: float, bottom: float, width: float, height: float, radius: float) -> None:
        """Add a rounded rectangle to the path."""
        context = self.context
        radius = max(0.0, min(radius, width / 2, height / 2))
        if radius < 1e-4:
            context.rectangle(left, bottom, width, height)
            return
        quarter = np.pi / 2
        right, top = left + width - radius, bottom + height - radius
        context.new_sub_path()
        context.arc(right, bottom + radius, radius, -quarter, 0)
        context.arc(right, top, radius, 0, quarter)
        context.arc(left + radius, top, radius, quarter, 2 * quarter)
        context.arc(left + radius, bottom + radius, radius, 2 * quarter, 3 * quarter)
        context.close_path()

    def fill(self, colour: Colour | np.ndarray, opacity: float = 1.0) -> None:
        self.colour(colour, opacity)
        self.context.fill()

    def stroke(self, colour: Colour | np.ndarray, opacity: float, width: float) -> None:
        self.colour(colour, opacity)
        self.context.set_line_width(width)
        self.context.stroke()

    def plate(self, box: Box, radius: float, ground: Ink, edge: Ink, width: float, hatching: Ink | None = None) -> None:
        """Draw a rounded box: its ground, a hatching on it, and a line of that width as its edge."""
        self.rounded(box.left, box.bottom, box.width, box.height, radius)
        self.fill(*ground)
        if hatching is not None:
            self.hatch(box, radius, *hatching)
        self.rounded(box.left, box.bottom, box.width, box.height, radius)
        self.stroke(*edge, width)

    def stroke_blend(
        self,
        colours: tuple[Colour, Colour],
        ends: tuple[tuple[float, float], tuple[float, float]],
        opacity: float,
        width: float,
    ) -> None:
        """Stroke the path in a colour that turns from the first to the second between two points."""
        self._blend(colours, ends, opacity)
        self.context.set_line_width(width)
        self.context.stroke()

    def fill_blend(
        self, colours: tuple[Colour, Colour], ends: tuple[tuple[float, float], tuple[float, float]], opacity: float
    ) -> None:
        """Fill the path with a colour that turns from the first to the second between two points."""
        self._blend(colours, ends, opacity)
        self.context.fill()

    def _blend(
        self, colours: tuple[Colour, Colour], ends: tuple[tuple[float, float], tuple[float, float]], opacity: float
    ) -> None:
        blend = cairo.LinearGradient(*ends[0], *ends[1])
        for offset, (red, green, blue) in enumerate(colours):
            red, blue = (blue, red) if self._swap else (red, blue)
            blend.add_color_stop_rgba(offset, red, green, blue, opacity)
        self.context.set_source(blend)

    def hatch(self, box: Box, radius: float, colour: Colour | np.ndarray, opacity: float) -> None:
        """Hatch a rounded box."""
        context = self.context
        context.save()
        self.rounded(box.left, box.bottom, box.width, box.height, radius)
        context.clip()
        start = box.left - box.height
        for line in range(int((box.width + box.height) / HATCH) + 1):
            x = start + line * HATCH
            context.move_to(x, box.bottom)
            context.line_to(x + box.height, box.top)
        self.stroke(colour, 0.5 * opacity, 0.018)
        context.restore()

    def text(
        self, text: str, x: float, baseline: float, size: float, weight: str = "regular", turn: float = 0.0
    ) -> None:
        """Add a line of text to the path, starting at (x, baseline), turned by `turn` radians about that point."""
        context = self.context
        context.save()
        context.translate(x, baseline)
        if turn:
            context.rotate(turn)
        context.scale(size / EM, size / EM)
        context.append_path(outline(text, weight).path)
        context.restore()

    def text_centred(self, text: str, x: float, y: float, size: float, weight: str = "regular") -> None:
        """Add a line of text to the path, centred on (x, y) by its advance and the height of its capitals."""
        width = outline(text, weight).width / EM * size
        self.text(text, x - width / 2, y - CAP_HEIGHT * size / 2, size, weight)

    def write(self, texts: Iterable[PrintedText]) -> None:
        """Draw texts where they say that they stand."""
        for text in texts:
            self.text(text.text, text.box.left, text.box.bottom, text.size)
            self.fill(text.colour, text.opacity)

    def pixels(self, image: np.ndarray, box: Box, opacity: float) -> None:
        """Fill `box` with an image of colours (rows, columns, 3), each pixel a sharp-edged cell."""
        rows, columns, _ = image.shape
        shrinking = box.width / columns < 0.012 or box.height / rows < 0.012
        self._fill_with(image, cairo.FORMAT_RGB24, box, opacity, sharp=not shrinking)

    def image(self, image: np.ndarray, box: Box, opacity: float) -> None:
        """Fill `box` with an image of colours and how dense they are (rows, columns, 4), smoothed."""
        premultiplied = np.concatenate([image[..., :3] * image[..., 3:], image[..., 3:]], axis=-1)
        self._fill_with(premultiplied, cairo.FORMAT_ARGB32, box, opacity, sharp=False)

    def _fill_with(self, image: np.ndarray, form: cairo.Format, box: Box, opacity: float, *, sharp: bool) -> None:
        rows, columns, channels = image.shape
        stride = cairo.ImageSurface.format_stride_for_width(form, columns)
        data = np.zeros((rows, stride // 4, 4), dtype=np.uint8)
        order = ((0, 1, 2, 3) if self._swap else (2, 1, 0, 3))[:channels]
        data[:, :columns, :channels] = np.rint(np.clip(image, 0, 1) * 255)[..., order]
        surface = cairo.ImageSurface.create_for_data(data, form, columns, rows, stride)  # type: ignore[arg-type]
        context = self.context
        context.save()
        context.translate(box.left, box.top)
        context.scale(box.width / columns, -box.height / rows)
        context.set_source_surface(surface)
        context.get_source().set_filter(cairo.FILTER_NEAREST if sharp else cairo.FILTER_GOOD)
        context.get_source().set_extend(cairo.EXTEND_PAD)
        context.rectangle(0, 0, columns, rows)
        context.clip()
        context.paint_with_alpha(opacity)
        context.restore()


@dataclass(frozen=True)
class PrintedText:
    """A text as it stands on screen, for the checks of truth, legibility and layout.

    background: what it stands on (None: the film's background); readings: the numbers of the trace that it prints;
    structural: its digits are counts of the picture, not values; cell: the cell it must stay inside.
    """

    text: str
    box: Box
    size: float
    colour: np.ndarray
    background: np.ndarray | None
    readings: tuple[Reading, ...] = ()
    structural: bool = False
    cell: Box | None = None
    opacity: float = 1.0


class Painted(VMobject):
    """A rectangle that paints its own inside. Subclasses name their arrays in STATE and write `paint`.

    MARGIN says how far beyond its box it paints; one that does not say may paint anywhere, and costs more to move.
    STATE arrays are interpolated when the mobject is (Transform, `.animate`); keep them NumPy arrays of fixed shape.
    Arrays and texts are shared between copies, so a change replaces an array and never writes into it.
    """

    STATE: ClassVar[tuple[str, ...]] = ()
    MARGIN: ClassVar[float] = FRAME_WIDTH
    SHARED: ClassVar[tuple[type, ...]] = (np.ndarray, str, tuple)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "paint" in vars(cls) and "MARGIN" not in vars(cls):
            cls.MARGIN = Painted.MARGIN

    def __init__(self, box: Box, colour: Colour | np.ndarray = (1.0, 1.0, 1.0), **kwargs: Any) -> None:
        super().__init__(stroke_width=0, fill_opacity=1, **kwargs)
        self.set_fill(hexadecimal(colour), opacity=1)
        self.set_box(box)

    def __deepcopy__(self, memo: dict) -> Self:
        own = {id(self.points), id(self.fill_rgbas), id(self.stroke_rgbas), id(self.background_stroke_rgbas)}
        for value in vars(self).values():
            if isinstance(value, self.SHARED) and id(value) not in own:
                memo[id(value)] = value
        return super().__deepcopy__(memo)

    def set_box(self, box: Box) -> Self:
        """Move and stretch the rectangle to `box`."""
        left, right, bottom, top = box.left, box.right, box.bottom, box.top
        corners = [[left, top, 0], [right, top, 0], [right, bottom, 0], [left, bottom, 0], [left, top, 0]]
        self.set_points_as_corners(np.array(corners, dtype=float))
        return self

    @property
    def box(self) -> Box:
        """Where the rectangle stands now."""
        xs, ys = self.points[:, 0], self.points[:, 1]
        return Box(float(xs.min()), float(xs.max()), float(ys.min()), float(ys.max()))

    @property
    def opacity(self) -> float:
        return float(self.fill_rgbas[0, 3])

    @property
    def colour(self) -> np.ndarray:
        return self.fill_rgbas[0, :3]

    def interpolate_color(self, start: VMobject, target: VMobject, alpha: float) -> None:
        super().interpolate_color(start, target, alpha)
        for name in self.STATE:
            first, last = getattr(start, name, None), getattr(target, name, None)
            if first is not None and last is not None and first.shape == last.shape:
                setattr(self, name, first if first is last else first + (last - first) * alpha)

    @property
    def reach(self) -> Box:
        """A box that holds all that it paints."""
        return self.box.grown(self.MARGIN)

    def changed_box(self, before: Mapping[str, Any], changed: Collection[str]) -> Box | None:
        """The part of `reach` that looks other than with the attributes `before`, of which some `changed`.

        None if it cannot tell.
        """
        return None

    def printed(self) -> list[PrintedText]:
        """The texts that it prints, as they stand."""
        return []

    def paint(self, brush: Brush) -> None:
        """Draw the mobject as it stands."""
        raise TypeError(f"{type(self).__name__} does not say how it is painted")


class Drawn(Painted):
    """Something that can be drawn from its beginning on. Its state has `drawn` (0 nothing, 1 all of it)."""

    drawn: np.ndarray

    def undrawn(self) -> Self:
        self.drawn = np.zeros(1)
        return self

    def draw(self) -> Self:
        self.drawn = np.ones(1)
        return self


class Lit(Painted):
    """Something that can step back as a whole. Its state has `light` (1 lit, less where it has stepped back)."""

    light: np.ndarray
    dimmed = DIM  # `dim` is Manim's own: of how many dimensions a mobject is

    def recede(self) -> Self:
        self.light = np.array([self.dimmed])
        return self

    def light_up(self) -> Self:
        self.light = np.ones(1)
        return self


def hexadecimal(colour: Colour | np.ndarray) -> str:
    return "#" + "".join(f"{round(float(channel) * 255):02X}" for channel in colour)


class StageCamera(Camera):
    """Manim's camera, which lets `Painted` mobjects paint themselves."""

    def display_vectorized(self, vmobject: VMobject, ctx: cairo.Context) -> StageCamera:
        if isinstance(vmobject, Painted):
            if vmobject.opacity > 0:
                ctx.new_path()
                vmobject.paint(Brush(ctx, self))
        else:
            super().display_vectorized(vmobject, ctx)
        return self
