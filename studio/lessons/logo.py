"""A logo: an SVG or PNG beside the lesson, small, readable, with nothing in it that runs or is fetched."""

from __future__ import annotations

import re
import xml.parsers.expat
from collections.abc import Iterator, Mapping
from pathlib import Path

from core.examples.faults import Fault, listed, quote

SUFFIXES = (".svg", ".png")
MOST_BYTES = 2 * 2**20
MOST_PIXELS = 4096  # on a side
MOST_ELEMENTS = 20_000
FIELD = "lesson.logo"
_BESIDE = f"an {listed(SUFFIXES)} file in the lesson's own folder"
_PLAIN = "a drawing of shapes alone"
_RUNNING = ("script", "handler", "set", "animate", "animateMotion", "animateTransform", "a")
_FETCHED = ("foreignObject", "iframe", "image", "feImage", "audio", "video")
_NOT_DRAWN = {*_RUNNING, *_FETCHED, "use"}  # what is used many times over can be made to fill the memory
_FETCHING = re.compile(r"url\(\s*['\"]?(?!#)|@import|javascript:", re.IGNORECASE)


class _Refused(Exception):
    """What there is in a drawing that must not be."""


def logo_faults(file: str, folder: Path, name: str) -> Iterator[Fault]:
    """What is wrong with a logo; `folder` is that of the lesson."""
    path = folder / name
    flaw = _place_flaw(path, folder) or _content_flaw(path)
    if flaw:
        yield Fault(file, FIELD, f"{quote(name)}, {flaw[0]}", flaw[1])


def _place_flaw(path: Path, folder: Path) -> tuple[str, str] | None:
    """What is found and what is allowed, if the file may not be read."""
    try:
        target = path.resolve()
        if not target.is_relative_to(folder.resolve()):
            return "which lies outside the lesson's folder", _BESIDE
        if not {path.suffix.lower(), target.suffix.lower()} <= set(SUFFIXES):
            return "a file of another kind", _BESIDE
        if not target.is_file():
            return "a folder" if target.is_dir() else "which does not exist", _BESIDE
        size = target.stat().st_size
    except (OSError, RuntimeError, ValueError):
        return "which cannot be read", _BESIDE
    return (f"a file of {size / 2**20:.1f} MB", f"at most {MOST_BYTES // 2**20} MB") if size > MOST_BYTES else None


def _content_flaw(path: Path) -> tuple[str, str] | None:
    return _svg_flaw(path.read_bytes()) if path.suffix.lower() == ".svg" else _png_flaw(path)


def _png_flaw(path: Path) -> tuple[str, str] | None:
    from PIL import Image

    try:
        with Image.open(path, formats=("PNG",)) as image:
            if max(image.size) > MOST_PIXELS:
                return f"of {image.width:,} × {image.height:,} pixels", f"at most {MOST_PIXELS:,} on a side"
            image.load()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return "which is no readable PNG", "a whole PNG"
    return None


def _svg_flaw(content: bytes) -> tuple[str, str] | None:
    """Parsed without entities: what declares any is refused before it means anything."""
    parser = xml.parsers.expat.ParserCreate()
    parser.buffer_text = True
    watcher = _Watcher()
    parser.StartDoctypeDeclHandler = watcher.doctype
    parser.ProcessingInstructionHandler = watcher.instruction
    parser.StartElementHandler = watcher.element
    parser.CharacterDataHandler = watcher.text
    try:
        parser.Parse(content, True)
    except _Refused as refused:
        return f"which has {refused}", _PLAIN
    except (xml.parsers.expat.ExpatError, ValueError, LookupError):
        return "which is no readable SVG", "well-formed SVG"
    return None if watcher.draws else ("which draws nothing", _PLAIN)


class _Watcher:
    """Sees every part of an SVG as it is parsed, and refuses what runs, fetches or expands."""

    def __init__(self) -> None:
        self.elements = 0
        self.draws = False

    def doctype(self, name: str, system: str | None, public: str | None, subset: bool) -> None:
        if subset:
            raise _Refused("declarations of its own (entities)")

    def instruction(self, target: str, data: str) -> None:
        raise _Refused(f"an instruction {quote(target)}")

    def element(self, name: str, attributes: Mapping[str, str]) -> None:
        self.elements += 1
        kind = name.rpartition(":")[2]
        if self.elements == 1 and kind != "svg":
            raise _Refused(f"{quote(kind)} where svg should be")
        if self.elements > MOST_ELEMENTS:
            raise _Refused(f"more than {MOST_ELEMENTS:,} elements")
        if kind in _NOT_DRAWN:
            raise _Refused(f"the element {quote(kind)}")
        self.draws |= self.elements > 1
        for attribute, value in attributes.items():
            self._attribute(attribute.rpartition(":")[2], value)

    def _attribute(self, name: str, value: str) -> None:
        if name.lower().startswith("on"):
            raise _Refused(f"the attribute {quote(name)}")
        if name == "href" and not value.startswith("#"):
            raise _Refused("a reference to another file")
        self.text(value)

    def text(self, value: str) -> None:
        if _FETCHING.search(value):
            raise _Refused("a reference to another file")
