"""A picture taken out of a movie."""

from __future__ import annotations

from pathlib import Path

import av
from PIL import Image

from studio.errors import Failure


def frame_at(movie: Path, index: int) -> Image.Image:
    """The frame with that index, counted from 0; only what it takes to know it is decoded."""
    with av.open(movie) as container:
        stream = container.streams.video[0]
        rate, base = stream.average_rate, stream.time_base
        if rate and base:
            container.seek(int(index / rate / base), stream=stream)
            for frame in container.decode(stream):
                if frame.pts is not None and round(frame.pts * base * rate) >= index:
                    return frame.to_image()
    raise Failure(f"{movie} has no frame {index}.")
