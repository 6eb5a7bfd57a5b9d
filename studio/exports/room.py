"""What `check` says when it has looked through the chapters: which numbers have no room in the pictures, so that a lens
or colours stand for them; and how long rendering takes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from core.examples.example import Example
from core.examples.faults import listed
from scenes.storyboard import CHAPTERS, FILMS
from studio.engine.quality import QUALITIES, Picture
from studio.engine.shown import WAYS, Shown, cramped
from studio.films.keys import clip_key, digest, sources_key
from studio.films.local_processes import processors
from studio.films.pace import pace_of
from studio.machine import remember, remembered

if TYPE_CHECKING:
    from scenes.stage.chapter.settings import Settings

KIND = "checked"
MOST_NAMED = 4
KEYS = "step", "name", "cure"


@dataclass(frozen=True)
class Seen:
    """What was seen of a chapter: matrices without room for all digits, and how many seconds it has, about."""

    cramped: tuple[Shown, ...]
    seconds: float


def without_room(example: Example, language: str = "en", size: str = "normal") -> str:
    """For which numbers the chapters have no room in type of that size, and what would give them some; how long the
    films take.
    """
    from scenes.stage.chapter.settings import Settings

    chapters = [entry.name for entry in CHAPTERS if entry.suits(example)]
    seen = look_through_all(chapters, Settings(example, language, size=size))
    lines = told({chapter: one.cramped for chapter, one in seen.items()})
    room = ["Without room for all digits (what would make room)", *lines] if lines else ["Digits     for all numbers"]
    return "\n".join([*room, how_long({chapter: one.seconds for chapter, one in seen.items()}, QUALITIES["high"])])


def look_through_all(chapters: Sequence[str], settings: Settings) -> Mapping[str, Seen]:
    """What there is to be seen in chapters; what was seen before, and is made of the same, is not looked at again."""
    made_of = [clip_key(chapter, settings, QUALITIES["preview"]) for chapter in chapters]
    key = digest([sources_key(__name__), sources_key("studio.engine.readable"), made_of])
    with suppress(KeyError, TypeError, ValueError):  # nothing is there, or it is damaged
        kept = remembered(KIND, key)
        return {chapter: _unpacked(kept[chapter]) for chapter in chapters}
    from studio.engine.readable import look_through

    looks = {chapter: look_through(chapter, settings) for chapter in chapters}
    seen = {chapter: Seen(tuple(cramped(found)), seconds) for chapter, (found, seconds) in looks.items()}
    remember(KIND, key, {chapter: asdict(one) for chapter, one in seen.items()})
    return seen


def _unpacked(facts: Mapping[str, Any]) -> Seen:
    """Raises KeyError, TypeError or ValueError if these are not facts of a chapter."""
    found = tuple(Shown(**one) for one in facts["cramped"])
    if any(one.how not in WAYS for one in found):
        raise ValueError
    return Seen(found, float(facts["seconds"]))


def told(seen: Mapping[str, Sequence[Shown]]) -> list[str]:
    """For each chapter, and each way of showing that is not digits alone: the steps, the matrices, and the cures."""
    lines = []
    for chapter, found in seen.items():
        for how in WAYS:
            those = [one for one in found if one.how == how]
            if those:
                steps, names, cures = ([*dict.fromkeys(getattr(one, key) for one in those)] for key in KEYS)
                reach = " … ".join(dict.fromkeys((steps[0], steps[-1])))
                lines.append(f"  {chapter}:{reach}  {_few(names)} {how} ({_together(cures)})")
    return lines


def how_long(seconds: Mapping[str, float], picture: Picture) -> str:
    """Roughly how long rendering takes on all processors, and by what that is reckoned."""
    one, seen_here = pace_of(picture)
    pace = one * processors()
    films = {film: sum(seconds.get(chapter, 0.0) for chapter in chapters) for film, chapters in FILMS.items()}
    takes = [f"{_span(length * picture.fps / pace)} for {film} ({_span(length)})" for film, length in films.items()]
    source = "as this machine drew last" if seen_here else "a guess until this machine has drawn"
    return f"Rendering  about {listed(takes, 'and')} at {picture.height}p; {pace:.0f} frames a second, {source}"


def _span(seconds: float) -> str:
    """A time, roughly."""
    return f"{max(1, round(seconds))} s" if seconds < 90 else f"{round(seconds / 60)} min"


def _together(cures: Sequence[str]) -> str:
    """All that is needed: of several numbers of decimals the fewest."""
    decimals = sorted(cure for cure in cures if cure.startswith("decimals"))
    return ", ".join([*decimals[:1], *(cure for cure in cures if cure not in decimals)])


def _few(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names) if more <= 1 else f"{', '.join(names[:MOST_NAMED])} and {more} more"
