"""Drafts: what is on the desk and not yet in a file, kept in the user's folder of states, so that nothing is lost."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from studio.files import whole_file

MOST = 100  # drafts that are kept, the newest


def keep(path: Path, draft: dict[str, Any]) -> None:
    """Keep the draft of a file; where nothing can be written, nothing is kept."""
    with suppress(OSError, RuntimeError):
        target = _place(path)
        with whole_file(target) as part:
            part.write_text(json.dumps(draft, ensure_ascii=False), encoding="utf-8")
        drafts = sorted(target.parent.glob("*.json"), key=lambda file: file.stat().st_mtime, reverse=True)
        for old in drafts[MOST:]:
            old.unlink(missing_ok=True)


def kept(path: Path) -> dict[str, Any] | None:
    """The draft of a file, if there is one that can be read."""
    with suppress(OSError, ValueError, RuntimeError):
        draft = json.loads(_place(path).read_text(encoding="utf-8"))
        return draft if isinstance(draft, dict) else None
    return None


def drop(path: Path) -> None:
    """The file has all of it."""
    with suppress(OSError, RuntimeError):
        _place(path).unlink(missing_ok=True)


def _place(path: Path) -> Path:
    """Raises RuntimeError where the user has no home."""
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    name = hashlib.sha256(str(path.absolute()).encode(errors="surrogateescape")).hexdigest()[:32]
    return Path(base) / "attention-in-motion" / "drafts" / f"{name}.json"
