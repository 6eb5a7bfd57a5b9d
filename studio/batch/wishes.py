"""From the rows of a batch file to what is wanted: for each example or lesson, language, theme, size and quality."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from glob import has_magic
from itertools import product
from pathlib import Path

from core.examples.example import shipped_examples
from core.examples.faults import Fault, FileError, quote
from studio.batch.fields import BatchError, Row, read_batch
from studio.errors import BadInput, Told, told_by
from studio.films.order import Order
from studio.options import Look, Making, Output


@dataclass(frozen=True)
class Wish:
    """What to make: words as on the command line, with what options, and as what."""

    words: tuple[str, ...]
    making: Making
    exports: tuple[str, ...]

    @property
    def name(self) -> str:
        """What a person recognises it by."""
        look = self.making.look
        said = (look.example or "", *self.words, str(look.language), str(look.theme), str(look.size))
        return " ".join(word for word in said if word)

    @cached_property
    def orders(self) -> Sequence[Order]:
        """What is to be rendered: films, or only their clips where no film is among the exports."""
        orders = self.making.orders(self.words)
        return orders if "film" in self.exports else [order.as_clips for order in orders]


def wishes_of(path: Path, out: Path) -> list[Wish]:
    """All that a batch file wants, each once. Raises FileError with all faults, those of its examples among them."""
    rows, faults = read_batch(path)
    wishes: dict[tuple[object, ...], Wish] = {}
    for number, row in rows.items():
        for wish in _wishes(path, number, row, out, faults):
            wishes[(wish.words, wish.making.look, wish.making.output, wish.exports)] = wish
    faults += _faults(path, wishes.values())
    if faults:
        raise BatchError(dict.fromkeys(faults))
    return list(wishes.values())


def _faults(path: Path, wishes: Iterable[Wish]) -> Iterator[Fault]:
    """What is wrong with what is wished for, and two wishes whose files would have the same name."""
    takers: dict[Path, tuple[str, str]] = {}
    for wish in wishes:
        try:
            orders = wish.orders
        except FileError as error:
            yield from error.faults
            continue
        except BadInput as error:
            yield _as_fault(path, wish, told_by(error))
            continue
        for part in (part for order in orders for part in order.parts):
            key, name = takers.setdefault(part.path, (part.key, wish.name))
            if key != part.key:
                found = f"{part.path}, as does {quote(name)}"
                yield Fault(str(path), wish.name, found, "examples and lessons whose files have different names")
                break


def _as_fault(path: Path, wish: Wish, told: Told) -> Fault:
    """What a command would say of a wish, as a fault of the file."""
    where = ", ".join(filter(None, (wish.name, told.field)))
    return Fault(str(path), where, told.found, told.allowed or "what one command can make", told.near)


def _wishes(path: Path, number: int, row: Row, out: Path, faults: list[Fault]) -> Iterator[Wish]:
    examples, lessons = (
        list(_files(path, f"films {number}, {field}", getattr(row, field), faults)) for field in ("examples", "lessons")
    )
    things: list[tuple[str | None, tuple[str, ...]]] = [(example, row.show) for example in examples]
    things += [(None, (lesson, *row.show)) for lesson in lessons]
    if not row.examples and not row.lessons:
        things = [(None, row.show)]
    for (example, words), language, theme, size, quality in product(
        things, row.languages or (None,), row.themes, row.sizes, row.qualities
    ):
        kept = {"language": language} if language else {}
        asked = kept | _unless_first(row, theme=theme, size=size)
        yield Wish(words, Making(Look(example, **asked), Output(quality, None, out)), row.exports)


def _unless_first(row: Row, **given: str) -> dict[str, str]:
    """What was asked for: a lesson may say otherwise where nothing was."""
    fields = {"theme": "themes", "size": "sizes"}
    return {name: value for name, value in given.items() if fields[name] in row.model_fields_set}


def _files(path: Path, where: str, names: Iterable[str], faults: list[Fault]) -> Iterator[str]:
    """Examples by name, and the files that names and patterns stand for, from the batch file's folder."""
    for name in names:
        beside = path.parent / name
        if has_magic(name):
            found = sorted(map(str, path.parent.glob(name)))
            yield from found
            if not found:
                faults.append(Fault(str(path), where, f'no file for "{name}"', "a pattern of files beside the batch"))
        elif name in shipped_examples() and not beside.is_file():
            yield name
        else:
            yield str(beside)
