"""Formulas as outlines, set by Typst once and kept: in memory, and on disk by what they say."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import BadZipFile

import numpy as np
from manim import MathTypst, tempconfig

EM = 0.4608  # scene units per em of Manim's default 48-point setting
UNREADABLE = (OSError, ValueError, KeyError, EOFError, RuntimeError, BadZipFile)  # what a damaged file may raise


@dataclass(frozen=True)
class Typeset:
    """The outlines of a formula at one unit per em, each (points, 3), and which of them make up each named part."""

    outlines: tuple[np.ndarray, ...]
    parts: Mapping[str, tuple[int, ...]]


@cache
def typeset(source: str) -> Typeset:
    """Set `source` (Typst mathematics; `{{ part : name }}` names a part)."""
    kept = _folder() / f"{_key(source)}.npz"
    names = _names(source)
    with suppress(*UNREADABLE), kept.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        return _unpacked({name: arrays[name] for name in arrays.files}, names)
    fresh = _set(source, names)
    with suppress(OSError):
        _keep(fresh, kept)
    return fresh


def _set(source: str, names: list[str]) -> Typeset:
    with TemporaryDirectory() as passing, tempconfig({"media_dir": passing}):
        formula = MathTypst(source)
    marks = formula.family_members_with_points()
    number = {id(mark): index for index, mark in enumerate(marks)}
    parts = {name: tuple(number[id(m)] for m in formula.select(name).family_members_with_points()) for name in names}
    return Typeset(tuple(mark.points / EM for mark in marks), parts)


def _names(source: str) -> list[str]:
    return [group.partition("}}")[0].rpartition(":")[2].strip() for group in source.split("{{")[1:]]


def _folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "attention-in-motion" / "formulas"


def _key(source: str) -> str:
    return hashlib.sha256("\0".join([source, version("typst"), version("manim")]).encode()).hexdigest()[:32]


def _unpacked(arrays: Mapping[str, np.ndarray], names: list[str]) -> Typeset:
    """Points of all outlines one after the other, their lengths, and the indices of each part."""
    ends = np.cumsum(arrays["lengths"])[:-1]
    outlines = tuple(np.split(arrays["points"], ends))
    return Typeset(outlines, {name: tuple(int(i) for i in arrays[f"part_{name}"]) for name in names})


def _keep(made: Typeset, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    arrays = {f"part_{name}": np.array(indices, dtype=np.int64) for name, indices in made.parts.items()}
    with part.open("wb") as file:
        np.savez(
            file,
            allow_pickle=False,
            points=np.concatenate(made.outlines),
            lengths=np.array([len(outline) for outline in made.outlines]),
            **arrays,
        )
    part.replace(target)
