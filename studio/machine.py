"""What was found out on this machine before, kept in the user's cache: it may be lost or damaged at any time."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from studio.files import whole_file

MOST_KEPT = 200  # of each kind; what was kept first goes first


def remembered(kind: str, name: str) -> Any:
    """What was kept under that name; None if nothing was, or if it cannot be read."""
    with suppress(OSError, ValueError, RuntimeError):  # RuntimeError: there is no home; brackets without end
        return json.loads(_file(kind, name).read_text(encoding="utf-8"))
    return None


def remember(kind: str, name: str, facts: Any) -> None:
    """Keep what JSON can hold; where nothing can be written, nothing is kept."""
    with suppress(OSError, RuntimeError):
        target = _file(kind, name)
        with whole_file(target) as part:
            part.write_text(json.dumps(facts), encoding="utf-8")
        _trim(target.parent)


def _trim(folder: Path) -> None:
    """Leave the newest."""
    files = sorted(folder.glob("*.json"), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in files[MOST_KEPT:]:
        file.unlink(missing_ok=True)


def _file(kind: str, name: str) -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "attention-in-motion" / kind / f"{name}.json"
