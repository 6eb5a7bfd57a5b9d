"""What a film says and shows, as text: for screen readers, and as the lecturer's notes."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from core.examples.languages import FIRST
from core.trace import Tensor, Trace
from core.trace.report import MOST_LINES, as_table
from scenes.stage.chapter.texts import LanguageTexts, load_texts
from scenes.stage.paint.symbols import SYMBOLS
from studio.exports.escape import fenced, markdown
from studio.films.film_script import ChapterScript, StepScript

_ROUNDED = re.compile(r"rounded to (\d+) decimals")  # as the trace's table says it
_MATHEMATICS = (("K^top", "Kᵀ"), (" slash ", " / "), ("sqrt(d_k)", "√d_k"))
STACKS = ("encoder", "decoder")


def transcript(title: str, chapters: Sequence[ChapterScript], language: str) -> str:
    """Title, chapters, steps with their times, all that is said, and the numbers that stand there at the end.

    A matrix is printed where it first stands; later its name says that it is as before.
    """
    parts, printed = [f"# {markdown(title)}"], Printed(language)
    for chapter in chapters:
        if len(chapters) > 1:
            parts.append(f"## {markdown(f'{chapter.number}. {chapter.titles[language]}')}")
        heading = "###" if len(chapters) > 1 else "##"
        parts += [_step(chapter, step, heading, language, printed) for step in chapter.steps]
    return "\n\n".join(parts) + "\n"


def _step(chapter: ChapterScript, step: StepScript, heading: str, language: str, printed: Printed) -> str:
    second = int(step.start / chapter.picture.fps)
    said = [markdown(cue.text) for cue in step.captions[language]]
    numbers = printed.text(chapter.tensors(step))
    head = f"{heading} {markdown(step.titles[language])} ({second // 60}:{second % 60:02})"
    return "\n\n".join([head, *said, *([fenced(numbers)] if numbers else [])])


class Printed:
    """Tables of tensors, each of which is printed once."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.seen: set[tuple[object, ...]] = set()

    def text(self, tensors: Iterable[Tensor]) -> str:
        """The tensors that have not been printed yet as tables, and the names of the others."""
        new: list[Tensor] = []
        known: list[Tensor] = []
        for tensor in tensors:
            same = (tensor.values.tobytes(), tensor.shape, tensor.decimals, repr(sorted(tensor.labels.items())))
            (known if same in self.seen else new).append(tensor)
            self.seen.add(same)
        parts = [numbers_text(new, self.language)] if new else []
        if known:
            named = load_texts(self.language).transcript
            names = dict.fromkeys(tensor_title(tensor.name, self.language) for tensor in known)
            parts.append(named["as_before"].format(names=named["between"].join(names)))
        return "\n\n".join(parts)


def numbers_text(tensors: Iterable[Tensor], language: str = FIRST) -> str:
    """Tensors as tables in text, one below the other: symbol or name, axes with their lengths, every number.

    Of an axis longer than some twenty only the first and last entries are printed, and that is said.
    """
    return "\n\n".join(_table(tensor, language) for tensor in tensors)


def tensor_title(name: str, language: str) -> str:
    """What a tensor is called: `encoder.1.feed_forward.hidden` → "encoder, layer 1, feed-forward: H"."""
    texts = load_texts(language)
    *place, last = _parts(name, texts)
    if symbol := symbol_text(name):
        last = symbol
    return texts.transcript["of"].format(place=texts.transcript["between"].join(place), name=last) if place else last


def _parts(name: str, texts: LanguageTexts) -> list[str]:
    """The parts of a name in words; the number behind a stack is that of a layer."""
    parts = name.split(".")
    return [
        texts.transcript["layer"].format(number=part)
        if part.isdecimal() and before in STACKS
        else texts.tensors.get(part, part.replace("_", " "))
        for before, part in zip(["", *parts], parts, strict=False)
    ]


def symbol_text(name: str) -> str:
    """The symbol of a tensor as plain text, `scores` → `Q Kᵀ`; nothing for one that has none."""
    symbol = SYMBOLS.get(name.rpartition(".")[2])
    text = symbol.source if symbol else ""
    for mathematics, plain in _MATHEMATICS:
        text = text.replace(mathematics, plain)
    return text


def axis_name(axis: str, language: str) -> str:
    """What an axis is called in a language: its own name where it has no other."""
    return load_texts(language).axes.get(axis, axis)


def _table(tensor: Tensor, language: str) -> str:
    words = load_texts(language).transcript
    head, *lines = as_table(Trace({"": _axes_named(tensor, language)})).split("\n")
    head = _ROUNDED.sub(lambda said: words["rounded"].format(decimals=said[1]), head)
    if _is_long(tensor):
        lines.append(f"  {words['left_out']}")
    return "\n".join([f"{tensor_title(tensor.name, language)}{_product(tensor)}{head}", *lines])


def _product(tensor: Tensor) -> str:
    """What it is the product of, where both have symbols."""
    symbols = [symbol_text(name) for name in tensor.product or ()]
    return f" = {' · '.join(symbols)}" if symbols and all(symbols) else ""


def _axes_named(tensor: Tensor, language: str) -> Tensor:
    """The tensor with its axes called as in that language, and without its own name."""
    names = {axis: axis_name(axis, language) for axis in tensor.axes}
    labels = {names[axis]: texts for axis, texts in tensor.labels.items() if axis in names}
    axes = tuple(names[axis] for axis in tensor.axes)
    return Tensor("", tensor.values, axes, labels, None, tensor.decimals)


def _is_long(tensor: Tensor) -> bool:
    """Whether the table leaves something out."""
    return max(math.prod(tensor.shape[:-2]), *tensor.shape[-2:], 0) > MOST_LINES
