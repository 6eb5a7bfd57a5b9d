"""Names of films, chapters and steps as they are typed, and the list of those there are. Imports no Manim."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.examples.faults import listed, nearest, quote
from core.examples.languages import FIRST
from scenes.stage.chapter.texts import load_texts
from scenes.storyboard import FILMS
from studio.errors import BadInput, unknown

DEFAULT_FILM = "attention"
EVERYTHING = "all"
_OTHERWISE = {"help": "--help", "list": "--list", "chapters": "--list", "film": "attention", "films": "all"}


@dataclass(frozen=True)
class Selection:
    """Whole films, and chapters that are wanted as clips alone."""

    films: tuple[str, ...]
    chapters: tuple[str, ...]

    @property
    def of_films(self) -> tuple[str, ...]:
        """The chapters that are wanted as parts of films."""
        return tuple(chapter for film in self.films for chapter in FILMS[film])

    @property
    def name(self) -> str:
        """What a file of all of it is called."""
        return "-".join((*self.films, *self.chapters))


def all_chapters() -> tuple[str, ...]:
    return tuple(dict.fromkeys(chapter for film in FILMS.values() for chapter in film))


def select(names: Sequence[str], commands: Iterable[str] = ()) -> Selection:
    """Films and chapters by name; nothing at all means the default film."""
    for name in names:
        _check(name, commands, names)
    wanted = list(names) or [DEFAULT_FILM]
    films = list(FILMS) if EVERYTHING in wanted else [name for name in FILMS if name in wanted]
    covered = {chapter for film in films for chapter in FILMS[film]}
    return Selection(tuple(films), tuple(n for n in all_chapters() if n in wanted and n not in covered))


def select_chapters(names: Sequence[str]) -> tuple[str, ...]:
    """Chapters by name, a film standing for its chapters, in the order of the storyboard."""
    selection = select(names)
    wanted = {*selection.chapters, *(chapter for film in selection.films for chapter in FILMS[film])}
    return tuple(name for name in all_chapters() if name in wanted)


def split_steps(names: Sequence[str]) -> tuple[tuple[str, ...], dict[str, set[str]]]:
    """`scores softmax:divide` as chapters and, of those of which only some steps are named, these steps."""
    steps: dict[str, set[str]] = {}
    for chapter, colon, step in (name.partition(":") for name in names):
        if colon:
            steps.setdefault(chapter, set()).add(check_step(check_chapter(chapter), step, FIRST))
    whole = {name for name in names if ":" not in name}
    covered = {*select_chapters(tuple(whole))} if whole else set()
    chapters = tuple(dict.fromkeys(name.partition(":")[0] for name in names))
    return chapters, {chapter: named for chapter, named in steps.items() if chapter not in covered}


def check_chapter(name: str) -> str:
    if name in FILMS:
        raise BadInput(f"chapter: found the film {quote(name)}; allowed: one chapter of it: {listed(FILMS[name])}")
    if name not in all_chapters():
        raise unknown("chapter", name, all_chapters(), _meant(name))
    return name


def check_step(chapter: str, step: str | None, language: str) -> str:
    """A step of a chapter by name or by number from 1; the last one if none is named."""
    chapters = load_texts(language).chapters
    steps = list(chapters[chapter].steps)
    if step is None:
        return steps[-1]
    if step.isdecimal() and 1 <= int(step) <= len(steps):
        return steps[int(step) - 1]
    if step not in steps:
        owners = [f"{name} {step}" for name in all_chapters() if step in chapters[name].steps]
        elsewhere = [step] if step in chapters else owners
        raise unknown(f"step of {chapter}", step, [*steps, f"1 to {len(steps)}"], "".join(elsewhere[:1]))
    return step


def chapter_list(language: str) -> str:
    """Chapters and steps, a line each: the name to type, and the title."""
    chapters = load_texts(language).chapters
    width = 2 + max(len(name) for chapter in chapters.values() for name in (*chapter.steps, *chapters))
    lines = []
    for name, chapter in chapters.items():
        lines.append(f"{name:<{width}}  {chapter.title}")
        lines += [f"  {step:<{width - 2}}  {text.title}" for step, text in chapter.steps.items()]
    return "\n".join(lines)


def _meant(name: str, names: Sequence[str] = ()) -> str:
    """What one means who types something else where chapters are named; "" if nobody knows."""
    chapters = load_texts(FIRST).chapters
    if name.casefold() in _OTHERWISE:
        return _OTHERWISE[name.casefold()]
    if name.endswith(".toml"):
        return f"--example {name}"
    if "," in name and {*name.split(",")} <= {*FILMS, *all_chapters()}:
        return name.replace(",", " ")
    chapter, colon, step = name.partition(":")
    if colon and step in (chapters[chapter].steps if chapter in chapters else ()):
        return f"clips {name}"
    beside = sorted(all_chapters(), key=lambda other: other not in names)
    return next((f"clips {chapter}:{name}" for chapter in beside if name in chapters[chapter].steps), "")


def _check(name: str, commands: Iterable[str], names: Sequence[str]) -> None:
    commands = [command for command in commands if not command.startswith("-")]
    if name in commands:
        raise BadInput(f"{name}: a command comes first, before chapters and options: ./render.sh {name} …")
    allowed = (*FILMS, EVERYTHING, *all_chapters())
    if name not in allowed:
        near = _meant(name, names) or nearest(name, (*allowed, *commands))
        told = f"{listed(allowed)}; or a command: {listed(commands)}" if near in commands else listed(allowed)
        hint = f"; did you mean {near}?" if near else ""
        raise BadInput(f"chapter: found {quote(name)}; allowed: {told}{hint}")
