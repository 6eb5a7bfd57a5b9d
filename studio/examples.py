"""The commands about example files: a new one, what one shows, and its numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from core.examples.example import Example
from core.examples.faults import listed, nearest, quote
from core.examples.overview import summary, template
from core.trace import Tensor, Trace
from core.trace.pipeline import trace_example
from core.trace.report import as_json, as_table, mask_grid, save_npz
from scenes.storyboard import CHAPTERS, Entry
from studio.errors import BadInput, Failure, reason
from studio.files import ENDINGS, check_length, writable_folder

MOST_NUMBERS = 400  # a matrix of more cells is drawn as a heat map


def write_new(name: str, language: str, folder: Path, kind: str = "template") -> Path:
    """Write a template of that name into a folder; an existing file is left alone. kind: as for `template`."""
    plain = name.removesuffix(".toml")
    if not plain.strip() or plain.endswith(("/", "/.", "/..")) or plain in (".", ".."):
        raise BadInput(f"NAME: found {quote(name)}; allowed: a name for the new file")
    if (ending := Path(plain).suffix[1:].lower()) in ENDINGS:
        near = f"{plain[: -len(ending) - 1]}.toml"
        raise BadInput(
            f"NAME: found {quote(name)}; allowed: a name that ends in .toml, or has no ending; did you mean {near}?"
        )
    path = folder / f"{plain}.toml"
    if not path.parent.is_dir() and folder == Path():
        raise BadInput(f"NAME: found {quote(name)}; allowed: a name in a folder that is there; {path.parent} is not")
    check_length(*path.parts, field="NAME")
    if folder != Path():
        writable_folder(folder)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(template(path.stem, language, kind))
    except FileExistsError:
        raise BadInput(f"{path} is there already; give another name") from None
    except OSError as error:
        raise Failure(f"Cannot write {path}: {reason(error)}.") from None
    return path


def shown(example: Example) -> str:
    """What a film of the example would show: its facts, and the tensors of each chapter with their sizes."""
    trace = trace_example(example)
    width = max(len(entry.name) for entry in CHAPTERS)
    there = [entry for entry in CHAPTERS if entry.suits(example)]
    lines = [f"  {entry.name:<{width}}  {', '.join(_shown(entry, trace))}".rstrip() for entry in there]
    lacks = {entry.name: lack for entry in CHAPTERS if (lack := entry.lacking(example)) is not None}
    without = [
        f"Left out   {listed((name for name, its in lacks.items() if its == lack), 'and')}: {lack.why}"
        for lack in dict.fromkeys(lacks.values())
    ]
    grid = [f"           {line}" for line in mask_grid(trace["mask"])] if example.mask != "none" else []
    return "\n".join([*_with_mask(summary(example).split("\n"), grid), "Chapters", *lines, *without])


def _with_mask(lines: list[str], grid: list[str]) -> list[str]:
    """The lines of a summary, the grid of the mask below what is said of it."""
    place = next(number for number, line in enumerate(lines, 1) if line.startswith("Mask "))
    return [*lines[:place], *grid, *lines[place:]]


def _shown(entry: Entry, trace: Trace) -> list[str]:
    """What a chapter shows of an example: the sizes of its tensors."""
    shows = [name.replace("encoder.", "decoder.", 1) if name not in trace else name for name in entry.shows]
    return [_size(trace[name]) for name in shows if name in trace]


def _size(tensor: Tensor) -> str:
    """`weights 6 × 6`, as `numbers` calls it."""
    heat = " as a heat map" if math.prod(tensor.shape[-2:]) > MOST_NUMBERS else ""
    return f"{tensor.name} {' × '.join(map(str, tensor.shape))}{heat}"


def numbers_of(names: Sequence[str], example: Example, as_json_text: bool, npz: Path | None) -> object:
    """The numbers as text; or where they have been written, if to a file."""
    trace = _chosen(trace_example(example), names)
    if npz is not None:
        if npz.exists() and not npz.is_file():
            raise BadInput(f"--npz: {npz} is there and not a file")
        if not npz.absolute().parent.is_dir():
            raise BadInput(f"--npz: found {quote(str(npz))}; allowed: a file in a folder that is there")
        try:
            return save_npz(trace, npz)
        except OSError as error:
            raise Failure(f"Cannot write {npz}: {reason(error)}.") from None
    return as_json(trace) if as_json_text else as_table(trace)


def _chosen(trace: Trace, names: Sequence[str]) -> Trace:
    """The tensors named; `heads` stands for all of `heads.…`."""
    groups = dict.fromkeys(name.partition(".")[0] for name in trace)
    for name in names:
        if name not in trace and name not in groups:
            near = f"--example {name}" if name.endswith(".toml") else nearest(name, [*trace, *groups])
            hint = f"; did you mean {near}?" if near else ""
            raise BadInput(f'name: found "{name}"; allowed: {listed(groups)}, or one of the names within them{hint}')
    chosen = {tensor: trace[tensor] for tensor in trace if not names or _is_named(tensor, names)}
    return Trace(chosen)


def _is_named(tensor: str, names: Sequence[str]) -> bool:
    return any(tensor == name or tensor.startswith(f"{name}.") for name in names)
