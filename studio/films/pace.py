"""How fast this machine draws: noted when it has drawn enough to tell, and looked up to say how long a film takes."""

from __future__ import annotations

from studio.engine.quality import Picture
from studio.machine import remember, remembered

REFERENCE = 50.0  # frames a second of one process at 1080p, of benchmarks/README.md
FULL_HD = 1920 * 1080
ENOUGH = 300  # frames; before that, the processes' start counts for much
KIND = "pace"


def note_pace(picture: Picture, frames: int, seconds: float, workers: int) -> None:
    """Remember how many frames a second one of so many processes has drawn."""
    if frames >= ENOUGH and seconds > 0:
        remember(KIND, _size(picture), {"frames_per_second": frames / seconds / workers})


def pace_of(picture: Picture) -> tuple[float, bool]:
    """Frames a second of one process, and whether that was seen on this machine; a reference where it was not."""
    noted = remembered(KIND, _size(picture))
    pace = noted.get("frames_per_second") if isinstance(noted, dict) else None
    if isinstance(pace, (int, float)) and 0.001 < pace < 1e6:
        return float(pace), True
    return REFERENCE * FULL_HD / (picture.width * picture.height), False


def _size(picture: Picture) -> str:
    return f"{picture.width}x{picture.height}"
