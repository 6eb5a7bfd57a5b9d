"""What a film says and shows, as text: for screen readers, and as the lecturer's notes."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from core.examples.languages import FIRST
from core.trace import Tensor, Trace
from core.trace.report import MOST_LINES, as_table
from scenes.stage.chapter.texts import load_texts
from scenes.stage.paint.symbols import SYMBOLS
from studio.films.film_script import ChapterScript, StepScript

_ROUNDED = re.compile(r"rounded to (\d+) decimals")  # as the trace's table says it
_MATHEMATICS = (("K^top", "Kᵀ"), (" slash ", " / "), ("sqrt(d_k)", "√d_k"))


def transcript(title: str, chapters: Sequence[ChapterScript], language: str) -> str:
    """Title, chapters, steps with their times, all that is said, and the numbers that stand there at the end."""
    parts = [f"# {title}"]
    for chapter in chapters:
        if len(chapters) > 1:
            parts.append(f"## {chapter.number}. {chapter.titles[language]}")
        parts += [_step(chapter, step, "###" if len(chapters) > 1 else "##", language) for step in chapter.steps]
    return "\n\n".join(parts) + "\n"


def _step(chapter: ChapterScript, step: StepScript, heading: str, language: str) -> str:
    second = int(step.start / chapter.picture.fps)
    said = [cue.text for cue in step.captions[language]]
    numbers = numbers_text(chapter.tensors(step), language)
    parts = [f"{heading} {step.titles[language]} ({second // 60}:{second % 60:02})", *said]
    return "\n\n".join([*parts, f"```text\n{numbers}\n```"] if numbers else parts)


def numbers_text(tensors: Iterable[Tensor], language: str = FIRST) -> str:
    """Tensors as tables in text, one below the other: symbol, name, axes with their lengths, every number.

    Of an axis longer than some twenty only the first and last entries are printed, and that is said.
    """
    return "\n\n".join(_table(tensor, language) for tensor in tensors)


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
    named = _axes_named(tensor, language)
    head, *lines = as_table(Trace({named.name: named})).split("\n")
    words = load_texts(language).transcript
    head = _ROUNDED.sub(lambda said: words["rounded"].format(decimals=said[1]), head)
    symbol = symbol_text(tensor.name)
    if _is_long(tensor):
        lines.append(f"  {words['left_out']}")
    return "\n".join([f"{symbol}:  {head}" if symbol else head, *lines])


def _axes_named(tensor: Tensor, language: str) -> Tensor:
    """The tensor with its axes called as in that language."""
    names = {axis: axis_name(axis, language) for axis in tensor.axes}
    labels = {names[axis]: texts for axis, texts in tensor.labels.items() if axis in names}
    axes = tuple(names[axis] for axis in tensor.axes)
    return Tensor(tensor.name, tensor.values, axes, labels, tensor.origin, tensor.decimals)


def _is_long(tensor: Tensor) -> bool:
    """Whether the table leaves something out."""
    return max(math.prod(tensor.shape[:-2]), *tensor.shape[-2:], 0) > MOST_LINES
