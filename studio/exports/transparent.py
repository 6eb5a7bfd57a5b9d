"""Movies with a transparent background, to lie over a slide of any colour: WebM for browsers, MOV for Keynote.

WebM is VP9 with an alpha channel, which Chrome, Edge and Firefox show. MOV is QuickTime's Animation: without loss, with
an alpha channel of 8 bits, and read by Keynote, PowerPoint on a Mac and video editors. It keeps what changes from frame
to frame: flat pictures such as these become thirty times smaller than as ProRes 4444, in a fiftieth of the time.

What frames a chapter (heading, formula, map, captions) is left out: a slide has a title of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream
from manim import Mobject

from scenes.stage.chapter.caption import Caption
from scenes.stage.chapter.framed_scene import FramedScene
from scenes.stage.paint.painting import StageCamera
from studio.engine.quality import Picture
from studio.engine.redraw import Area


@dataclass(frozen=True)
class Codec:
    """How the frames are encoded."""

    name: str
    pixels: str
    options: dict[str, str]

    @property
    def is_yuv(self) -> bool:
        return self.pixels.startswith("yuv")

    def frame(self, pixels: np.ndarray) -> av.VideoFrame:
        """Premultiplied RGBA as a frame to encode."""
        frame = av.VideoFrame.from_ndarray(straight(pixels), format="rgba")
        colours = {"dst_colorspace": Colorspace.ITU709, "dst_color_range": ColorRange.MPEG} if self.is_yuv else {}
        return frame.reformat(format=self.pixels, **colours)


CODECS: Final = {
    "webm": Codec(
        "libvpx-vp9",
        "yuva420p",
        {"crf": "24", "b": "0", "auto-alt-ref": "0", "deadline": "realtime", "cpu-used": "5", "row-mt": "1"},
    ),
    "mov": Codec("qtrle", "argb", {"g": "60"}),
}


class ClearCamera(StageCamera):
    """Draws on nothing at all, whatever colour a scene wants behind it; its pixels are premultiplied.

    hidden: the ids of what it leaves out.
    """

    hidden: frozenset[int] = frozenset()

    def init_background(self) -> None:
        super().init_background()
        self.background[:] = 0

    def get_mobjects_to_display(self, *args: Any, **kwargs: Any) -> list[Mobject]:
        return [part for part in super().get_mobjects_to_display(*args, **kwargs) if id(part) not in self.hidden]


def hide_frame(scene: FramedScene, step: str, ended: bool) -> None:
    """Leave out what stands around the stage in the animation that has begun, a caption that goes included."""
    if not ended:
        captions = [part for part in scene.get_mobject_family_members() if isinstance(part, Caption)]
        parts: list[Mobject] = [scene.heading, scene.header, scene.model_map, *scene.frame_parts, *captions]
        scene.camera.hidden = frozenset(id(part) for whole in parts for part in whole.get_family())


class Overlay:
    """Takes frames as the camera has them, premultiplied RGBA, and writes them to a movie with an alpha channel,
    which is whole at the end of the context.
    """

    def __init__(self, path: Path, picture: Picture) -> None:
        self.codec = CODECS[path.suffix[1:]]
        self.container = av.open(str(path), "w")
        stream = self.container.add_stream(self.codec.name, rate=picture.rate, options=self.codec.options)
        self.stream = cast("VideoStream", stream)
        self.stream.width, self.stream.height, self.stream.pix_fmt = picture.width, picture.height, self.codec.pixels
        context = self.stream.codec_context
        context.time_base = 1 / picture.rate
        context.color_primaries = context.color_trc = 1  # as BT.709 has them
        context.colorspace = Colorspace.ITU709
        context.color_range = ColorRange.MPEG if self.codec.is_yuv else ColorRange.JPEG
        self.count = 0

    def write(self, pixels: np.ndarray, repeat: int = 1, areas: Sequence[Area] | None = None) -> None:
        """Append a frame, shown for `repeat` frames."""
        frame = self.codec.frame(pixels)
        for _ in range(repeat):
            frame.pts, frame.time_base = self.count, self.stream.codec_context.time_base
            self.count += 1
            self.container.mux(self.stream.encode(frame))

    def __enter__(self) -> Overlay:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        """Finish the file, or let go of it."""
        if error is None:
            self.container.mux(self.stream.encode())
        self.container.close()


def straight(pixels: np.ndarray) -> np.ndarray:
    """Premultiplied pixels with their own colours, as files keep them.  # (height, width, 4)"""
    result = pixels.copy()
    partly = (pixels[..., 3] > 0) & (pixels[..., 3] < 255)
    alpha = pixels[partly][:, 3:].astype(np.uint16)  # (pixels, 1)
    result[partly, :3] = np.minimum((pixels[partly][:, :3].astype(np.uint16) * 255 + alpha // 2) // alpha, 255)
    return result
