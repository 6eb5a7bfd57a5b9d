"""What an example's `[model]`, or the config of a model file, may have of today's models.

That is what each entry may hold, what they mean together, and what does not go together.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, NamedTuple, Protocol

from core.examples.checks import number, one_of, whole
from core.examples.faults import listed, quote
from core.model.feed_forward import GATES
from core.model.rotary import BASE, Rotary

POSITIONS = ("rotary", "alibi")
PAIRS = ("halves", "neighbours")
WIDEST_HEAD = 512
LONGEST_WINDOW = 64
MOST_EXPERTS = 8

Positions = Annotated[str, one_of(POSITIONS)]
KvHeads = Annotated[int, whole(1, WIDEST_HEAD)]
WindowSize = Annotated[int, whole(1, LONGEST_WINDOW)]
Sinks = Annotated[int, whole(1, LONGEST_WINDOW)]
SoftCap = Annotated[float, number(0.1, 1000)]
Experts = Annotated[int, whole(2, MOST_EXPERTS)]
Opened = Annotated[int, whole(1, MOST_EXPERTS)]
RotaryBase = Annotated[float, number(2, 10_000_000)]
RotaryWidth = Annotated[int, whole(2, WIDEST_HEAD)]
RotaryScaling = Annotated[float, number(0.01, 1000)]
RotaryPairs = Annotated[str, one_of(PAIRS)]

ROTARY = ("rotary_base", "rotary_width", "rotary_scaling", "rotary_pairs")
_AS_THEY_ARE = ("kv_heads", "window", "sinks", "soft_cap", "experts", "opened")
_WITHOUT_ENCODER = ("positions", "window", "experts")


class Today(Protocol):
    """The entries, None where they are not given."""

    @property
    def positions(self) -> str | None: ...
    @property
    def kv_heads(self) -> int | None: ...
    @property
    def window(self) -> int | None: ...
    @property
    def sinks(self) -> int | None: ...
    @property
    def soft_cap(self) -> float | None: ...
    @property
    def experts(self) -> int | None: ...
    @property
    def opened(self) -> int | None: ...
    @property
    def rotary_base(self) -> float | None: ...
    @property
    def rotary_width(self) -> int | None: ...
    @property
    def rotary_scaling(self) -> float | None: ...
    @property
    def rotary_pairs(self) -> str | None: ...


class Clash(NamedTuple):
    """An entry that does not go with others: its name, what was found and is allowed; needs: another that it lacks."""

    field: str
    found: str
    allowed: str
    needs: str = ""


def config_options(table: Today) -> dict[str, Any]:
    """What of `core.model.transformer.Config` the entries say; what they do not say is left out."""
    given = {name: getattr(table, name) for name in _AS_THEY_ARE}
    options = {name: value for name, value in given.items() if value is not None}
    if table.positions == "alibi":
        options["alibi"] = True
    if table.positions == "rotary":
        base, scaling = table.rotary_base or BASE, table.rotary_scaling or 1.0
        options["rotary"] = Rotary(base, table.rotary_width, table.rotary_pairs == "neighbours", scaling)
    return options


def entries(options: dict[str, Any]) -> dict[str, Any]:
    """The entries that mean the fields of a configuration, those alone that are not as by default."""
    found = {name: options[name] for name in _AS_THEY_ARE if options[name]}
    if not options["experts"]:
        found.pop("opened", None)
    if options["alibi"]:
        found["positions"] = "alibi"
    rotary: Rotary | None = options["rotary"]
    if rotary is not None:
        found |= {"positions": "rotary", "rotary_base": float(rotary.base), "rotary_scaling": float(rotary.scaling)}
        found["rotary_pairs"] = PAIRS[rotary.interleaved]
        found |= {} if rotary.width is None else {"rotary_width": rotary.width}
    return found


def clashes(table: Today, *, encoder: bool, norm: str, activation: str) -> Iterator[Clash]:
    """What among the entries does not go together, whatever the sizes are.

    encoder: whether the model has one; norm: "rms" for RMS norms; activation: of its networks.
    """
    if encoder:
        values = {name: getattr(table, name) for name in _WITHOUT_ENCODER}
        values |= {"norm": norm if norm == "rms" else None, "activation": activation if activation in GATES else None}
        for name, value in values.items():
            if value is not None and value not in ("sinusoidal", "learned", "none"):
                allowed = 'nothing such beside an encoder; with it goes kind = "decoder-only"'
                yield Clash(name, _said(value), allowed, "kind")
    for name in ROTARY:
        if getattr(table, name) is not None and table.positions != "rotary":
            yield Clash(name, _said(getattr(table, name)), 'nothing without positions = "rotary"', "positions")
    for name, other in (("sinks", "window"), ("opened", "experts")):
        if getattr(table, name) is not None and getattr(table, other) is None:
            yield Clash(name, _said(getattr(table, name)), f"nothing without {other}", other)
    if table.experts and table.opened and table.opened > table.experts:
        yield Clash("opened", str(table.opened), f"1 to {table.experts}, as many as there are experts")


def size_clashes(table: Today, heads: int, d_k: int) -> Iterator[Clash]:
    """What among the entries does not go with the sizes."""
    if table.kv_heads and heads % table.kv_heads:
        divisors = listed([size for size in range(1, heads + 1) if heads % size == 0])
        yield Clash("kv_heads", str(table.kv_heads), f"a divisor of heads {heads} ({divisors})")
    if table.positions != "rotary":
        return
    width = table.rotary_width
    if width is not None and (width % 2 or width > d_k):
        yield Clash("rotary_width", str(width), f"an even number up to d_k {d_k}")
    if width is None and d_k % 2:
        yield Clash("positions", f'"rotary" with d_k {d_k}', "an even d_k, or an even rotary_width below it")


def _said(value: Any) -> str:
    return quote(value) if isinstance(value, str) else str(value)
