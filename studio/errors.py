"""What can go wrong, as one line a person can act on, and the exit code that says so."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from tempfile import gettempdir
from typing import NamedTuple

from core.examples.faults import FileError, listed, nearest, quote

WORK_PREFIX = ".work-"  # folders of ours in which things are made; no message should lead a person there
OK, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130

_MEANINGS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EACCES: "no permission to write there",
    errno.EPERM: "no permission to write there",
    errno.EROFS: "the disk is read-only",
    errno.ENOTDIR: "a part of the path is a file, not a folder",
    errno.EEXIST: "a file of that name is in the way",
    errno.ENAMETOOLONG: "the name is too long",
}


# What people call options of ours.
_ALSO_CALLED = {
    "zh": "cn zh-cn zh_cn zh-hans chinese mandarin",
    "en": "eng en-us en-gb english",
    "light": "white bright print day",
    "dark": "black night",
    "projector": "beamer hall",
    "large": "big larger huge xl",
    "normal": "small medium default",
    "preview": "480p15 draft fast",
    "low": "480p sd",
    "medium": "720p normal",
    "high": "1080p hd fullhd full",
    "4k": "2160p uhd ultra",
    "pptx": "powerpoint keynote ppt",
    "reveal": "html browser web reveal.js revealjs",
    "png": "jpg jpeg bitmap",
    "svg": "vector eps",
    "mp4": "avi m4v mkv movie video",
}


_MESSAGE = re.compile(
    r"(?:(?P<field>.*?): )?found (?P<found>.*?); allowed: (?P<allowed>.*?)(?:; did you mean (?P<near>.*)\?)?", re.DOTALL
)


class BadInput(Exception):
    """Something that was asked for does not exist or is not allowed. Nothing has been written."""


class Failure(Exception):
    """What was asked for is fine, but could not be done."""


class Told(NamedTuple):
    """What a message says of something asked for: the field, what was found there, what is allowed, what may be meant.

    Of a message of another form `found` is all of it.
    """

    field: str
    found: str
    allowed: str = ""
    near: str | None = None


def told_by(error: BadInput) -> Told:
    """The parts of a message, for those who have a file to say it of."""
    parts = _MESSAGE.fullmatch(str(error))
    return Told(**parts.groupdict(default="") | {"near": parts["near"]}) if parts else Told("", str(error))


def typed(text: str) -> str:
    """What was typed, as a message has it: a number as it is, a text in quotes."""
    return text if re.fullmatch(r"[+-]?[0-9]{1,12}([./][0-9]{1,12})?", text) else quote(text)


def unknown(what: str, found: str, allowed: Iterable[str], elsewhere: str = "") -> BadInput:
    """`language: found "fr"; allowed: en or zh; did you mean …?` elsewhere: what else may be meant if none is near."""
    allowed = list(allowed)
    usual = next((name for name in allowed if found.casefold() in _ALSO_CALLED.get(name, "").split()), "")
    near = usual or nearest(found, allowed) or elsewhere
    hint = f"; did you mean {near}?" if near else ""
    return BadInput(f'{what}: found "{found}"; allowed: {listed(allowed)}{hint}')


def judge(error: BaseException) -> tuple[int, str] | None:
    """Exit code and message for an error that a person can do something about; None for a fault of the program."""
    if isinstance(error, BadInput | FileError) or _is_missing_characters(error):
        return BAD_INPUT, str(error)
    if isinstance(error, Failure):
        return FAILED, str(error)
    words = describe(error)
    return (FAILED, words) if words else None


def in_words(error: BaseException) -> str:
    """What went wrong as a sentence; a fault of the program by its kind."""
    verdict = judge(error)
    return verdict[1] if verdict else f"{type(error).__name__}: {error}"


def _is_missing_characters(error: BaseException) -> bool:
    if not isinstance(error, ValueError):
        return False
    from scenes.stage.paint.typography import MissingCharacters

    return isinstance(error, MissingCharacters)


def describe(error: BaseException) -> str | None:
    """A failure of the system (full disk, folder that cannot be written …) as a sentence; None for any other error."""
    for cause in _causes(error):
        meaning = reason(cause)
        if meaning:
            named = getattr(cause, "filename", None) or _place_of(error) or _passing(cause)
            place = None if isinstance(cause, MemoryError) else named
            return f"{_place(place)}: {meaning}." if place else f"{meaning[0].upper()}{meaning[1:]}."
    return None


@contextmanager
def placed(place: object) -> Iterator[None]:
    """What fails in the block without saying where has failed there."""
    try:
        yield
    except Exception as error:
        error.__dict__.setdefault("place", place)
        raise


def reason(error: BaseException) -> str | None:
    """Why the system refused, without saying where."""
    if isinstance(error, MemoryError):
        return "the memory does not suffice; try fewer --workers or a lower --quality"
    if isinstance(error, OSError) and error.errno is not None:
        return _MEANINGS.get(error.errno, error.strerror or str(error))
    return None


def _place(filename: object) -> str:
    return str(filename).partition(WORK_PREFIX)[0].rstrip("/") or "."


def _passing(cause: BaseException) -> str | None:
    """Where a disk is full and nobody has said which: all that is to stay is written by somebody who does."""
    return gettempdir() if isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT) else None


def _place_of(error: BaseException) -> object:
    """Where it happened, if somebody who knew has said so."""
    return next((place for cause in _causes(error) if (place := vars(cause).get("place"))), None)


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__
