"""What a clip is made from, as one hash: when it is unchanged, the clip need not be rendered again."""

from __future__ import annotations

import hashlib
import json
import platform
import re
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from core.examples.example import Example
from scenes.stage.chapter.settings import LANGUAGES, Settings
from scenes.stage.chapter.texts import SCENES, TEXTS, load_texts
from scenes.storyboard import CHAPTERS
from studio.engine.quality import CODEC, CODEC_OPTIONS, PIXEL_FORMAT, Picture

ROOT = Path(__file__).resolve().parents[2]
# settings that change a step only by what stands in its pictures, and for how long
SHOWN = ("example", "against", "language", "focus", "words", "pace", "hold", "steps")
DRAWING = ("manim", "manimpango", "numpy", "pillow", "pycairo", "fonttools", "python-bidi", "typst", "uharfbuzz", "av")
_PACKAGES = ("core", "scenes", "studio")
_IMPORT = re.compile(r"^\s*(?:import\s+([\w.]+)|from\s+([\w.]+)\s+import\s+(\([^)]*\)|.*))", re.MULTILINE)
_NAME = re.compile(r"\w+")


def clip_key(chapter: str, settings: Settings, picture: Picture) -> str:
    """Hash of all settings, the example by its content, and of picture, sources, texts, fonts and versions that draw.

    The texts are those of every language: a clip's record has its captions in all of them.
    """
    facts = {
        "drawing": drawing_key(chapter, settings, picture),
        "settings": _facts(settings),
        "texts": [_texts_hash(chapter, language) for language in LANGUAGES],
    }
    return digest(facts)


def drawing_key(chapter: str, settings: Settings, picture: Picture) -> str:
    """Hash of how a chapter is drawn, whatever it shows: picture, encoder, sources, fonts, versions, and all settings
    but those that matter by what they show.
    """
    facts = {
        "chapter": chapter,
        "settings": {name: fact for name, fact in _facts(settings).items() if name not in SHOWN},
        "picture": [picture.width, picture.height, picture.fps, CODEC, CODEC_OPTIONS, PIXEL_FORMAT],
        "sources": _files_hash(sorted(sources(f"scenes.{chapter}.scene") | sources("studio.engine.steps"))),
        "assets": _files_hash(_shared_assets()),
        "versions": _versions(),
    }
    return digest(facts)


def _facts(settings: Settings) -> dict[str, Any]:
    """Every field of the settings, also of those to come, as something that can be hashed."""
    return {field.name: fact_of(getattr(settings, field.name)) for field in fields(settings)}


def fact_of(value: Any) -> Any:
    """A setting as JSON can hold it: an example and a file by what they hold, whatever they are called."""
    if isinstance(value, Example):
        return example_hash(value)
    if isinstance(value, Path):
        return hashlib.sha256(value.read_bytes()).hexdigest()
    if is_dataclass(value):
        return {field.name: fact_of(getattr(value, field.name)) for field in fields(value)}
    return {key: fact_of(one) for key, one in value.items()} if isinstance(value, Mapping) else value


def digest(facts: Any) -> str:
    """A hash of anything that JSON can hold."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def example_hash(example: Example) -> str:
    """Hash of everything in the example but the place and the wording of its file."""
    hasher = hashlib.sha256()
    for name in sorted(type(example).model_fields):
        value = getattr(example, name)
        if name in ("path", "source"):
            continue
        hasher.update(name.encode())
        if isinstance(value, np.ndarray):
            hasher.update(f"{value.dtype}{value.shape}".encode())
            hasher.update(np.ascontiguousarray(value).tobytes())
        else:
            hasher.update(repr(sorted(value.items()) if name == "titles" else value).encode())
    return hasher.hexdigest()


@cache
def _versions() -> dict[str, str]:
    return {package: version(package) for package in DRAWING}


@cache
def versions_that_draw() -> dict[str, str]:
    """What draws on this machine: Python, the packages, and the project's own sources and assets by their hash.

    Of two machines on which it is the same, frames are the same.
    """
    scenes = (sources(f"scenes.{entry.name}.scene") for entry in CHAPTERS)
    own = [_files_hash(sorted(sources("studio.engine.steps").union(*scenes))), _files_hash(_shared_assets())]
    python = ".".join(platform.python_version_tuple()[:2])
    return {"Python": python, **_versions(), "this project": digest(own)[:12]}


def sources(module: str) -> set[Path]:
    """The project's source files that a module is made of: its own, and those it imports, however far."""
    found: set[Path] = set()
    waiting = [module]
    while waiting:
        for path in _module_files(ROOT, waiting.pop()):
            if path not in found:
                found.add(path)
                waiting += _imports(path)
    return found


def sources_key(module: str) -> str:
    """Hash of the project's source files that a module is made of."""
    return _files_hash(sorted(sources(module)))


@cache
def _module_files(root: Path, name: str) -> tuple[Path, ...]:
    """The file of a module and those of the packages around it."""
    parts = name.split(".")
    bases = [root.joinpath(*parts[:end]) for end in range(1, len(parts) + 1)]
    return tuple(path for base in bases for path in (base / "__init__.py", base.with_suffix(".py")) if path.is_file())


@cache
def _imports(path: Path) -> tuple[str, ...]:
    """The project's modules that a file names in its imports, and more where these name functions or a text reads so.

    To parse the files would take longer than all else that has to be known to find that nothing has changed.
    """
    names: list[str] = []
    for whole, module, things in _IMPORT.findall(path.read_text(encoding="utf-8")):
        names += [whole, module, *(f"{module}.{thing}" for thing in _NAME.findall(things))]
    return tuple(dict.fromkeys(name for name in names if name.split(".")[0] in _PACKAGES))


def _texts_hash(chapter: str, language: str) -> str:
    titles = [text.title for text in load_texts(language).chapters.values()]
    return digest([_files_hash([TEXTS / f"{language}.toml", SCENES / chapter / f"{language}.toml"]), titles])


def _shared_assets() -> list[Path]:
    """Fonts and whatever else is drawn with: all assets but the texts and the examples."""
    assets = TEXTS.parent
    folders = (folder for folder in assets.iterdir() if folder.name not in (TEXTS.name, "examples"))
    return sorted(path for folder in folders for path in folder.rglob("*") if path.is_file())


def _files_hash(paths: Iterable[Path]) -> str:
    hasher = hashlib.sha256()
    for path in paths:
        hasher.update(f"{path.relative_to(ROOT)}\0".encode())
        state = path.stat()
        hasher.update(_file_digest(path, state.st_mtime_ns, state.st_size))
    return hasher.hexdigest()


@cache
def _file_digest(path: Path, changed: int, size: int) -> bytes:
    """Hash of a file as it was at that time."""
    return hashlib.sha256(path.read_bytes()).digest()
