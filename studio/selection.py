"""Names of films, chapters and steps as they are typed, and the list of those there are. Imports no Manim.

A word names a film, a chapter, or steps of a chapter, by name or by number from 1: `softmax`, `softmax:divide`,
`softmax:lift..divide`, `softmax:..3`, `softmax:4..`. What a word with a hyphen before it names is left out of what the
others name: `-softmax:nothing_to_see`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from core.examples.faults import listed, nearest, quote
from core.examples.languages import FIRST
from scenes.stage.chapter.texts import load_texts
from scenes.storyboard import FILMS
from studio.errors import BadInput, unknown

DEFAULT_FILM = "attention"
EVERYTHING = "all"
HYPHEN, MINUS = "-", "−"  # both leave out; a hyphen that begins a word of the command line would begin an option
STEPS, REACH, FURTHER = ":", "..", "+"
_OTHERWISE = {"help": "--help", "list": "--list", "chapters": "--list", "film": "attention", "films": "all"}


@dataclass(frozen=True)
class PartOfChapter:
    """A chapter, and those of its steps that are wanted, in the order in which it has them."""

    chapter: str
    steps: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        return self.steps == steps_of(self.chapter)

    @property
    def name(self) -> str:
        """What a file of it is called: `softmax`, or with the numbers of its steps `softmax_2`, `softmax_1..3+5`."""
        return self.chapter if self.is_whole else f"{self.chapter}_{FURTHER.join(self._numbers)}"

    @property
    def _numbers(self) -> Iterator[str]:
        """The numbers of its steps, of those that are neighbours the first and the last."""
        numbers = [steps_of(self.chapter).index(step) + 1 for step in self.steps]
        for _, group in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
            stretch = [str(number) for _, number in group]
            yield REACH.join(dict.fromkeys((stretch[0], stretch[-1])))


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


def steps_of(chapter: str) -> tuple[str, ...]:
    """The steps of a chapter, in order."""
    return tuple(load_texts(FIRST).chapters[chapter].steps)


# --- words ------------------------------------------------------------------------------------------------------------


def parts_of(words: Sequence[str]) -> tuple[PartOfChapter, ...]:
    """What words name, in their order; without a word that names something, the default film.

    Words of one chapter that stand together make one part, in which each step is once. Raises BadInput.
    """
    named, left_out = _read(words)
    groups = groupby(named, key=lambda part: part.chapter)
    return _remaining([_together(chapter, group) for chapter, group in groups], left_out)


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
            steps.setdefault(chapter, set()).add(check_step(check_chapter(chapter), step))
    whole = {name for name in names if ":" not in name}
    covered = {*select_chapters(tuple(whole))} if whole else set()
    chapters = tuple(dict.fromkeys(name.partition(":")[0] for name in names))
    return chapters, {chapter: named for chapter, named in steps.items() if chapter not in covered}


def _read(words: Sequence[str], commands: Iterable[str] = ()) -> tuple[list[PartOfChapter], set[tuple[str, str]]]:
    """What words name, and the steps that they leave out, each with its chapter."""
    naming = [word for word in words if not _leaves_out(word)] or [DEFAULT_FILM]
    named = [part for word in naming for part in _named(word, commands, words)]
    there, left_out = {*_each(named)}, set[tuple[str, str]]()
    for word in filter(_leaves_out, words):
        steps = {*_each(_named(word[1:], (), words))}
        if not steps & there:
            raise BadInput(f"{HYPHEN}{word[1:]}: found nothing to leave out; allowed: steps that other words name")
        left_out |= steps
    if there <= left_out:
        raise BadInput(f"chapter: found {quote(' '.join(words))}; allowed: words that leave something")
    return named, left_out


def _leaves_out(word: str) -> bool:
    return word[:1] in (HYPHEN, MINUS)


def _each(parts: Iterable[PartOfChapter]) -> Iterator[tuple[str, str]]:
    return ((part.chapter, step) for part in parts for step in part.steps)


def _named(word: str, commands: Iterable[str], words: Sequence[str]) -> Iterator[PartOfChapter]:
    """What a word names: a film each of its chapters."""
    chapter, colon, steps = word.partition(STEPS)
    if colon:
        yield PartOfChapter(check_chapter(chapter), _reach(chapter, steps))
        return
    _check(word, commands, words)
    for name in all_chapters() if word == EVERYTHING else FILMS.get(word, (word,)):
        yield PartOfChapter(name, steps_of(name))


def _reach(chapter: str, typed: str) -> tuple[str, ...]:
    """The steps that `divide`, `lift..divide`, `..divide` or `lift..` names."""
    first, reach, last = typed.partition(REACH)
    steps = steps_of(chapter)
    start = steps.index(check_step(chapter, first)) if first or not reach else 0
    end = steps.index(check_step(chapter, last or None)) if reach else start
    if start > end:
        hint = f"{chapter}{STEPS}{last}{REACH}{first}"
        raise BadInput(f'steps of {chapter}: found "{typed}"; allowed: the first step first; did you mean {hint}?')
    return steps[start : end + 1]


def _together(chapter: str, parts: Iterable[PartOfChapter]) -> PartOfChapter:
    """Parts of one chapter as one."""
    wanted = {step for part in parts for step in part.steps}
    return PartOfChapter(chapter, tuple(step for step in steps_of(chapter) if step in wanted))


def _remaining(parts: Iterable[PartOfChapter], left_out: Collection[tuple[str, str]]) -> tuple[PartOfChapter, ...]:
    """The parts without the steps that are left out; what has none then is none."""
    kept = (replace(one, steps=tuple(s for s in one.steps if (one.chapter, s) not in left_out)) for one in parts)
    return tuple(part for part in kept if part.steps)


# --- names one by one -------------------------------------------------------------------------------------------------


def check_chapter(name: str) -> str:
    if name in FILMS:
        raise BadInput(f"chapter: found the film {quote(name)}; allowed: one chapter of it: {listed(FILMS[name])}")
    if name not in all_chapters():
        raise unknown("chapter", name, all_chapters(), _meant(name))
    return name


def check_step(chapter: str, step: str | None) -> str:
    """A step of a chapter by name or by number from 1; the last one if none is named."""
    steps = steps_of(chapter)
    if step is None:
        return steps[-1]
    if step.isdecimal() and 1 <= int(step) <= len(steps):
        return steps[int(step) - 1]
    if step not in steps:
        owners = [f"{name}{STEPS}{step}" for name in all_chapters() if step in steps_of(name)]
        elsewhere = [step] if step in all_chapters() else owners
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
    if name.casefold() in _OTHERWISE:
        return _OTHERWISE[name.casefold()]
    if name.endswith(".toml"):
        return f"--example {name}"
    if "," in name and {*name.split(",")} <= {*FILMS, *all_chapters()}:
        return name.replace(",", " ")
    beside = sorted(all_chapters(), key=lambda other: other not in names)
    return next((f"{chapter}{STEPS}{name}" for chapter in beside if name in steps_of(chapter)), "")


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
