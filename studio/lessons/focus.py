"""The focus of a lesson: tokens and numbers from 1, as they are shown, become places in an example."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.examples.example import Example
from core.examples.faults import Fault, listed, nearest, quote
from core.trace.focus import Focus
from studio.lessons.fields import FocusTable


def focus_in(example: Example, table: FocusTable, file: str, prefix: str) -> tuple[Focus, list[Fault]]:
    """The places that are meant, from 0, and what the example has not; prefix: what stands before fields in faults."""
    places: dict[str, int] = {}
    faults: list[Fault] = []
    for name in FocusTable.model_fields:
        wanted = getattr(table, name)
        if wanted is None:
            continue
        there = _there(example, name)
        found = _places(wanted, there)
        if len(found) == 1:
            places[name] = found[0]
        else:
            faults += _faults(example, f"{prefix}{name}", wanted, there, found, file)
    return Focus(**places), faults


def _there(example: Example, name: str) -> Sequence[str]:
    """What a focus may be on, in order: tokens, or the numbers of heads."""
    if name == "head":
        return [str(number) for number in range(1, example.heads + 1)]
    return example.target if name == "word" else example.rows


def _places(wanted: str | int, there: Sequence[str]) -> list[int]:
    """Every place that may be meant."""
    if isinstance(wanted, int):
        return [wanted - 1] if wanted <= len(there) else []
    return [place for place, token in enumerate(there) if token == wanted]


def _faults(
    example: Example, field: str, wanted: str | int, there: Sequence[str], found: Sequence[int], file: str
) -> Iterator[Fault]:
    """What is said of a focus that is nowhere, or in several places."""
    of = f"of the example {example.name}"
    if found:
        numbers = listed(place + 1 for place in found)
        yield Fault(file, field, f"{quote(str(wanted))}, which is there {len(found)} times", f"its number: {numbers}")
    elif not there:
        yield Fault(file, field, str(wanted), f"nothing: the output {of} has no words")
    elif field.endswith("head"):
        yield Fault(file, field, str(wanted), f"the {len(there)} heads {of}: 1 to {len(there)}")
    else:
        near = nearest(wanted, there) if isinstance(wanted, str) else None
        numbered = listed(f"{number} {quote(token)}" for number, token in enumerate(there, 1))
        named = quote(wanted) if isinstance(wanted, str) else str(wanted)
        yield Fault(file, field, named, f"the tokens {of}, by word or number: {numbered}", near and quote(near))
