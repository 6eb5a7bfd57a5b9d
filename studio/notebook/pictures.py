"""What a notebook shows of a step: a picture or a clip, with its title for those who cannot see it."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from html import escape
from io import BytesIO
from pathlib import Path

from PIL import Image

from studio.exports.stills import save_image
from studio.files import whole_file

WIDE = "max-width: 100%; height: auto"


@dataclass(frozen=True)
class Still:
    """The last picture of a step; `image` is Pillow's."""

    title: str
    image: Image.Image

    def png(self) -> bytes:
        file = BytesIO()
        self.image.save(file, format="PNG")
        return file.getvalue()

    def save(self, path: str | Path) -> Path:
        """Write it as a PNG."""
        return save_image(self.image, Path(path))

    def _repr_html_(self) -> str:
        width, source = self.image.width, data_address("image/png", self.png())
        return f'<img alt="{escape(self.title)}" width="{width}" style="{WIDE}" src="{source}">'


@dataclass(frozen=True)
class Clip:
    """A step in motion; `movie` is an MP4."""

    title: str
    movie: bytes

    def save(self, path: str | Path) -> Path:
        """Write it as an MP4."""
        with whole_file(Path(path)) as part:
            part.write_bytes(self.movie)
        return Path(path)

    def _repr_html_(self) -> str:
        source = data_address("video/mp4", self.movie)
        return f'<video controls aria-label="{escape(self.title)}" style="{WIDE}" src="{source}"></video>'


def data_address(kind: str, content: bytes) -> str:
    """The address that holds a file itself."""
    return f"data:{kind};base64,{b64encode(content).decode()}"
