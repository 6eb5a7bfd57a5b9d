"""Movies with a transparent background, to lie over a slide of any colour: WebM for browsers, MOV for Keynote.

WebM is VP9 with an alpha channel, which Chrome, Edge and Firefox show. MOV is ProRes 4444, the one format with an alpha
channel that Keynote, PowerPoint on a Mac, Final Cut and other editors all read; it is large, for that is how it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream

from scenes.stage.paint.painting import StageCamera
from studio.engine.quality import Picture
from studio.engine.redraw import Area


@dataclass(frozen=True)
class Codec:
    """How the frames are encoded."""

    name: str
    pixels: str
    options: dict[str, str]


CODECS: Final = {
    "webm": Codec(
        "libvpx-vp9",
        "yuva420p",
        {"crf": "24", "b": "0", "auto-alt-ref": "0", "deadline": "good", "cpu-used": "4", "row-mt": "1"},
    ),
    "mov": Codec(
        "prores_ks", "yuva444p10le", {"profile": "4444", "vendor": "apl0", "alpha_bits": "8", "bits_per_mb": "1600"}
    ),
}


class ClearCamera(StageCamera):
    """Draws on nothing at all, whatever colour a scene wants behind it; its pixels are premultiplied."""

    def init_background(self) -> None:
        super().init_background()
        self.background[:] = 0


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
        context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
        context.color_primaries = context.color_trc = 1  # as BT.709 has them
        self.count = 0

    def write(self, pixels: np.ndarray, repeat: int = 1, areas: Sequence[Area] | None = None) -> None:
        """Append a frame, shown for `repeat` frames."""
        frame = av.VideoFrame.from_ndarray(straight(pixels), format="rgba").reformat(
            format=self.codec.pixels, dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
        )
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
