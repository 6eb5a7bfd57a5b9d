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
_NOT_NEEDED = ("render", "make", "build", "run", "video", "movie")  # films are what is made without any command


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
        steps = steps_of(self.chapter)
        for stretch in stretches(self.chapter, self.steps):
            ends = (str(steps.index(step) + 1) for step in (stretch[0], stretch[-1]))
            yield REACH.join(dict.fromkeys(ends))


@dataclass(frozen=True)
class PartOfFilm:
    """A film, and its chapters in its order with those of their steps that are wanted.

    name: what a file of it is called, `attention`, or `attention_without_saturation+softmax_6`.
    """

    film: str
    name: str
    parts: tuple[PartOfChapter, ...]


@dataclass(frozen=True)
class Selection:
    """Films, and parts of chapters that are wanted as clips alone."""

    films: tuple[PartOfFilm, ...]
    clips: tuple[PartOfChapter, ...]

    @property
    def of_films(self) -> tuple[str, ...]:
        """The chapters that are wanted as parts of films."""
        return tuple(part.chapter for film in self.films for part in film.parts)

    @property
    def name(self) -> str:
        """What a file of all of it is called."""
        return "-".join([*(film.name for film in self.films), *(part.name for part in self.clips)])

    def without(self, chapters: Collection[str]) -> Selection:
        """The selection with some chapters left out of its films, which are called as before."""
        kept = {film: tuple(part for part in film.parts if part.chapter not in chapters) for film in self.films}
        return Selection(tuple(replace(film, parts=parts) for film, parts in kept.items() if parts), self.clips)


def all_chapters() -> tuple[str, ...]:
    return tuple(dict.fromkeys(chapter for film in FILMS.values() for chapter in film))


def steps_of(chapter: str) -> tuple[str, ...]:
    """The steps of a chapter, in order."""
    return tuple(load_texts(FIRST).chapters[chapter].steps)


def stretches(chapter: str, steps: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Steps of a chapter in groups, each of neighbours."""
    order = steps_of(chapter)
    groups = groupby(enumerate(steps), key=lambda pair: order.index(pair[1]) - pair[0])
    return tuple(tuple(step for _, step in group) for _, group in groups)


# --- words ------------------------------------------------------------------------------------------------------------


def parts_of(words: Sequence[str]) -> tuple[PartOfChapter, ...]:
    """What words name, in their order; without a word that names something, the default film.

    Words of one chapter that stand together make one part, in which each step is once. Raises BadInput.
    """
    named, left_out = _read(words)
    groups = groupby(named, key=lambda part: part.chapter)
    return _remaining([_together(chapter, group) for chapter, group in groups], left_out)


def select(words: Sequence[str], commands: Iterable[str] = ()) -> Selection:
    """What words of the command line name, in the order of the storyboard; none name the default film."""
    named, left_out = _read(words, commands)
    chapters = [chapter for chapter in all_chapters() if any(part.chapter == chapter for part in named)]
    merged = [_together(chapter, (part for part in named if part.chapter == chapter)) for chapter in chapters]
    kept = _remaining(merged, left_out)
    names = [*words] if any(not _leaves_out(word) for word in words) else [DEFAULT_FILM]
    films = [name for name in FILMS if name in names or EVERYTHING in names]
    shown = tuple(_part_of_film(name, [part for part in kept if part.chapter in FILMS[name]]) for name in films)
    covered = {chapter for name in films for chapter in FILMS[name]}
    return Selection(shown, tuple(part for part in kept if part.chapter not in covered))


def select_steps(words: Sequence[str]) -> tuple[PartOfChapter, ...]:
    """The steps whose last frames are wanted: of a whole chapter the last. `softmax divide` is one step, too."""
    match words:
        case [chapter, step] if STEPS not in chapter + step and not _leaves_out(step) and step not in all_chapters():
            return (PartOfChapter(check_chapter(chapter), (check_step(chapter, step),)),)
    for word in words:
        check_chapter(word.partition(STEPS)[0])
    whole = {word for word in words if STEPS not in word}
    parts = parts_of(words)
    return tuple(replace(part, steps=part.steps[-1:]) if part.chapter in whole else part for part in parts)


def as_word(typed: str) -> str:
    """What is typed on a command line: a hyphen before a name leaves out, and would otherwise begin an option."""
    name, colon, _ = typed[1:].partition(STEPS)
    is_name = name[:1].isalpha() and (bool(colon) or name in (*FILMS, *all_chapters()))
    return MINUS + typed[1:] if typed[:1] == HYPHEN and is_name else typed


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


def _part_of_film(film: str, parts: Sequence[PartOfChapter]) -> PartOfFilm:
    there = {*_each(parts)}
    missing = _remaining([PartOfChapter(name, steps_of(name)) for name in FILMS[film]], there)
    without = f"_without_{FURTHER.join(part.name for part in missing)}" if missing else ""
    return PartOfFilm(film, film + without, tuple(parts))


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
        meant = next(iter(owners), None) or nearest(step, all_chapters()) or ""
        raise unknown(f"step of {chapter}", step, [*steps, f"1 to {len(steps)}"], meant)
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
    if name.casefold() in _NOT_NEEDED:
        return f"./render.sh {next((other for other in names if other != name), DEFAULT_FILM)}, without {quote(name)}"
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
