"""What each kind of origin computes, from the numbers that the cells of a tensor are made of.

One table, `OPERATIONS`: a kind and a small function, for one cell as for all cells of a tensor at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

import numpy as np

from core.model.alibi import alibi_slopes
from core.model.feed_forward import FUNCTIONS
from core.model.sampling import ranks

NOISE = 1e-9
Array = np.ndarray

TAKEN = ("given", "choice", "run")  # what is not made of other tensors' numbers: the example's, the film's, a model's


@dataclass(frozen=True)
class Made:
    """What cells are made of.

    terms: for each operand an array (cells…, terms); index: the cells' places along each axis of the result, arrays
    that broadcast to (cells…); constant, note: as in the origin.
    """

    terms: tuple[Array, ...]
    index: tuple[Array, ...]
    constant: float = 0.0
    note: str = ""

    @property
    def cells(self) -> tuple[Array, ...]:
        """For each operand the first of its terms, (cells…): the only one where nothing is run over."""
        return tuple(terms[..., 0] for terms in self.terms)

    @property
    def everything(self) -> Array:
        """The terms of all operands one after the other, (cells…, terms)."""
        lead = np.broadcast_shapes(*(terms.shape[:-1] for terms in self.terms))
        return np.concatenate([np.broadcast_to(terms, (*lead, terms.shape[-1])) for terms in self.terms], axis=-1)


def _only(made: Made) -> Array:
    return made.cells[0]


def _stack(made: Made) -> Array:
    """Cell (s, …) is the one of the operand with number s."""
    shape = np.broadcast_shapes(*(cells.shape for cells in made.cells), *(places.shape for places in made.index))
    return np.choose(made.index[0], [np.broadcast_to(cells, shape) for cells in made.cells])


# --- arithmetic -------------------------------------------------------------------------------------------------------


def _sum_of_products(made: Made) -> Array:
    total: Array = np.einsum("...t,...t->...", made.terms[0], made.terms[1])
    return total if len(made.terms) == 2 else total + made.cells[2]


def _sum(made: Made) -> Array:
    return reduce(np.add, made.cells)


def _quotient(made: Made) -> Array:
    """The first by the second, or by the constant where there is no second; by 0: 0."""
    numerator, denominator = made.cells if len(made.cells) == 2 else (made.cells[0], np.array(made.constant))
    numerator, denominator = np.broadcast_arrays(numerator, denominator)
    return np.divide(numerator, denominator, out=np.zeros(numerator.shape), where=denominator != 0)


def _affine(made: Made) -> Array:
    x, scale, shift = made.cells
    return x * scale + shift


def _root(made: Made) -> Array:
    """√(x + constant), or √constant where there is no operand: the ε of a norm stands inside the root."""
    return np.sqrt((made.cells[0] if made.cells else 0.0) + np.array(made.constant))


def _interpolation(made: Made) -> Array:
    """From the first to the second, the third's share of the way; or the place's, of as many as the constant says."""
    start, end, *way = made.cells
    return start + (way[0] if way else made.index[0] / made.constant) * (end - start)


# --- attention --------------------------------------------------------------------------------------------------------


def _masking(made: Made) -> Array:
    score, mask = made.cells
    return np.where(mask == -np.inf, mask, score + mask)


def _mask(made: Made) -> Array:
    """0 where a query (second-last axis) may look at a key (last axis), else −∞.

    The note says which masks; the operand of a padding mask are the keys' ids, the constant is the id of [PAD].
    """
    query, key = made.index[-2:]
    seen = np.ones(np.broadcast_shapes(query.shape, key.shape), dtype=bool)
    if made.note in ("causal", "both"):
        seen = seen & (key <= query)
    if made.note in ("padding", "both"):
        seen = seen & (made.cells[0] != made.constant)
    return np.where(seen, 0.0, -np.inf)


def _shift(made: Made) -> Array:
    """The difference from the maximum, which is itself at 0; a row of −∞ stays at −∞."""
    x, maximum = np.broadcast_arrays(*made.cells)
    return np.where(maximum == -np.inf, -np.inf, np.where(x == maximum, 0.0, x - maximum))


def _softmax(made: Made) -> Array:
    """Of a number and the row it stands in: its exponential by the sum of the row's."""
    maximum = made.terms[1].max(axis=-1, initial=-np.inf)
    exponential = np.exp(_shift(Made((made.terms[0], maximum[..., None]), ())))
    total = np.exp(_shift(Made((made.terms[1][..., None], maximum[..., None, None]), ()))).sum(axis=-1)
    return _quotient(Made((exponential[..., None], total[..., None]), ()))


def _filtered(made: Made) -> Array:
    """The first where the mask, the second, is 0; else 0."""
    value, mask = made.cells
    return np.where(mask == -np.inf, 0.0, value)


def _window_mask(made: Made) -> Array:
    """0 where a query (second-last axis) may look at a key (last axis): not ahead, and no further back than the first
    operand says, except at the keys before the second; else −∞.
    """
    query, key = made.index[-2:]
    reach, sinks = made.cells
    seen = (key <= query) & ((query - key <= reach) | (key < sinks))
    return np.where(seen, 0.0, -np.inf)


def _penalty(made: Made) -> Array:
    """How far a key (last axis) is from a query (second-last axis), times minus the head's slope."""
    query, key = made.index[-2:]
    return -made.cells[0] * np.abs(query - key) + 0.0


def _rotation(made: Made) -> Array:
    """A number of a pair turned by an angle. Operands: the number, its partner, the angle, the partner's column.

    The first of a pair is x cos − y sin, the second x cos + y sin, where y is the other; its own partner stays.
    """
    number, other, angle, partner = made.cells
    column = made.index[-1]
    turned = number * np.cos(angle) + np.where(partner > column, -1.0, 1.0) * other * np.sin(angle)
    return np.where(partner == column, number, turned)


# --- experts ----------------------------------------------------------------------------------------------------------


def _opened(made: Made) -> Array:
    """1 if the number at the place of the last index is among the largest of the row, so many as the constant says."""
    places = ranks(made.terms[0])
    places = np.broadcast_to(places, (*_extent(made), places.shape[-1]))
    last = np.broadcast_to(made.index[-1], _extent(made))
    chosen = np.take_along_axis(places, last[..., None], axis=-1)[..., 0] < made.constant
    return chosen.astype(float)


def _share_of_opened(made: Made) -> Array:
    """A probability by the sum of those of the experts opened; 0 if it is closed. Operands: it, whether it is opened,
    and both for the whole row.
    """
    return _quotient(Made((made.terms[0] * made.terms[1], (made.terms[2] * made.terms[3]).sum(-1, keepdims=True)), ()))


def _mixture(made: Made) -> Array:
    """The other operands, times the terms of the first, added up."""
    return reduce(np.add, (made.terms[0][..., place] * cells for place, cells in enumerate(made.cells[1:])))


# --- rows -------------------------------------------------------------------------------------------------------------


def _standardisation(made: Made) -> Array:
    """A number less the mean of its company, the other operands, by √(variance + ε). ε: the constant."""
    company = Made(made.terms[1:], made.index).everything
    centred = made.cells[0] - company.mean(axis=-1)
    deviation = np.sqrt(company.var(axis=-1) + made.constant)
    return _quotient(Made((centred[..., None], deviation[..., None]), ()))


def _cosine(made: Made) -> Array:
    first, second = made.terms
    lengths = np.linalg.norm(first, axis=-1) * np.linalg.norm(second, axis=-1)
    product = np.einsum("...t,...t->...", first, second)
    return _quotient(Made((product[..., None], lengths[..., None]), ()))


def _largest_difference(made: Made) -> Array:
    largest: Array = np.abs(made.terms[0] - made.terms[1]).max(axis=-1)
    return largest


def _ticks(made: Made) -> Array:
    """Five whole numbers, evenly apart around 0, that reach as far as a row does, and at least to ± the constant."""
    reach = np.maximum(made.constant, np.abs(made.terms[0]).max(axis=-1))
    return (made.index[0] - 2) * np.ceil(reach / 2)


# --- positions --------------------------------------------------------------------------------------------------------


def _angle(made: Made) -> Array:
    """Position / 10000^(2i / d): of a position and i; d: the constant."""
    position, i = made.cells
    return position / 10_000 ** (2 * i / made.constant)


def _position(made: Made) -> Array:
    """Sine or cosine of a position, for the column of a table of as many columns as the constant says.

    The position and the column are the cell's own, unless they are given.
    """
    position, column = made.cells or made.index
    angle = position / 10_000 ** (2 * (column // 2) / made.constant)
    return np.where(column % 2 == 0, np.sin(angle), np.cos(angle))


def _wave(made: Made) -> Array:
    """The table while it is filled: sines of the angles in even columns, cosines in odd ones; not yet filled, 0.

    The note names the waves that are there.
    """
    angle = made.cells[0] if made.cells else np.zeros(())
    even, odd = (WAVES[wave](angle) if wave in made.note else np.zeros(()) for wave in WAVES)
    return np.where(made.index[-1] % 2 == 0, even, odd)


# --- words and counts -------------------------------------------------------------------------------------------------


def _place(made: Made) -> Array:
    """The place of the largest number; of several that are equal to rounding the first."""
    terms = made.terms[0]
    largest = terms.max(axis=-1, keepdims=True)
    margin = 1e-9 * np.maximum(1.0, np.abs(terms).max(axis=-1, keepdims=True))
    return np.argmax(terms >= largest - margin, axis=-1)


def _rank(made: Made) -> Array:
    """The place of the largest number, of the second largest, …: as the cell's last index says; the first of equals."""
    order = np.argsort(-made.terms[0], axis=-1, kind="stable")
    order = np.broadcast_to(order, (*_extent(made), order.shape[-1]))
    last = np.broadcast_to(made.index[-1], _extent(made))
    return np.take_along_axis(order, last[..., None], axis=-1)[..., 0]


def _share(made: Made) -> Array:
    """The largest number, the second largest, …, as the last index says; at the place `constant` what is left to 1."""
    shares = -np.sort(-made.terms[0], axis=-1, kind="stable")
    most = int(made.constant)
    rest = np.clip(1 - shares[..., :most].sum(axis=-1, keepdims=True), 0, 1)
    lines = np.concatenate([shares[..., :most], rest], axis=-1)
    lines = np.broadcast_to(lines, (*_extent(made), most + 1))
    last = np.broadcast_to(made.index[-1], _extent(made))
    return np.take_along_axis(lines, last[..., None], axis=-1)[..., 0]


def _extent(made: Made) -> tuple[int, ...]:
    return np.broadcast_shapes(*(places.shape for places in made.index))


def _cross_entropy(made: Made) -> Array:
    """−ln of the softmax of a number in its row, by the logarithm of the sum: finite where the softmax is 0."""
    number, row = made.cells[0], made.terms[1]
    largest = row.max(axis=-1)
    return np.log(np.exp(row - largest[..., None]).sum(axis=-1)) - (number - largest)


def _histogram(made: Made) -> Array:
    """How many of the samples seen so far lie between two edges, those beyond the outer edges in the outer bins.

    Seen are the first ones, stage by stage (the second axis) as many more, after as many stages as the constant says
    all. Operands: the samples, all edges, the lower and the upper edge.
    """
    samples, edges = made.terms[:2]
    lower, upper = (places[..., None] for places in made.cells[2:])
    inside = np.clip(samples, edges.min(), edges.max())
    count = samples.shape[-1]
    ends = np.linspace(0, count, int(made.constant) + 1)[1:].astype(int)
    seen = np.arange(count) < ends[made.index[1]][..., None]
    below = (inside < upper) | (upper == edges.max())
    return (seen & (inside >= lower) & below).sum(axis=-1)


def _multiplications(made: Made) -> Array:
    """How many multiplications two matrix products take, as one wide head and as all narrow ones.

    Operands in pairs: all the product's cells, and one row of what is multiplied.
    """
    sizes = [first.shape[-1] * second.shape[-1] for first, second in zip(*[iter(made.terms)] * 2, strict=True)]
    return np.array(sizes).reshape(2, 2)[made.index]


# --- the table --------------------------------------------------------------------------------------------------------

WAVES: dict[str, Callable[[Array], Array]] = {"sin": np.sin, "cos": np.cos}


def _outside(made: Made) -> Array:
    """1 where the first is beyond the smallest or the largest number of the second, else 0."""
    number, column = made.cells[0], made.terms[1]
    beyond = (number < column.min(axis=-1) - NOISE) | (number > column.max(axis=-1) + NOISE)
    return beyond.astype(float)


OPERATIONS: dict[str, Callable[[Made], Array]] = {
    # taken over as they are
    "copy": _only,
    "lookup": _only,
    "cut": _only,
    "concatenation": _only,
    "transpose": _only,
    "stack": _stack,
    # arithmetic
    "product": _sum_of_products,
    "projection": _sum_of_products,
    "sum": _sum,
    "difference": lambda made: made.cells[0] - made.cells[1],
    "quotient": _quotient,
    "multiple": lambda made: made.cells[0] * made.constant,
    "percentage": lambda made: 100 * made.cells[0],
    "root": _root,
    "total": lambda made: made.everything.sum(axis=-1),
    "mean": lambda made: made.everything.mean(axis=-1),
    "variance": lambda made: made.everything.var(axis=-1),
    "interpolation": _interpolation,
    # attention
    "scaling": _quotient,
    "mask": _mask,
    "masking": _masking,
    "window_mask": _window_mask,
    "cap": lambda made: np.array(made.constant) * np.tanh(made.cells[0] / made.constant),
    "slope": lambda made: alibi_slopes(int(made.constant))[made.index[0]],
    "penalty": _penalty,
    "maximum": lambda made: made.everything.max(axis=-1, initial=-np.inf),
    "shift": _shift,
    "exponential": lambda made: np.exp(made.cells[0]),
    "division": _quotient,
    "softmax": _softmax,
    "filter": _filtered,
    "gradient": lambda made: made.cells[0] * (1 - made.cells[0]),
    # norms and networks
    "mean_square": lambda made: np.square(made.everything).mean(axis=-1),
    "deviation": _root,
    "normalisation": _quotient,
    "affine": _affine,
    "standardisation": _standardisation,
    "activation": lambda made: FUNCTIONS[made.note](made.cells[0]),
    # experts
    "opened": _opened,
    "share_of_opened": _share_of_opened,
    "mixture": _mixture,
    # rows side by side
    "cosine": _cosine,
    "distance": lambda made: np.abs(made.cells[0] - made.cells[1]),
    "largest_difference": _largest_difference,
    # positions
    "counting": lambda made: made.index[0] // made.constant,
    "angle": _angle,
    "position": _position,
    "wave": _wave,
    "turn": lambda made: made.index[0] * made.cells[0],
    "rotation": _rotation,
    # words, probabilities, counts
    "place": _place,
    "rank": _rank,
    "share": _share,
    "logarithm": lambda made: -np.log(made.cells[0]),
    "cross_entropy": _cross_entropy,
    "outside": _outside,
    "cell_count": lambda made: np.array(float(made.everything.shape[-1])),
    "negative_count": lambda made: (made.everything < 0).sum(axis=-1),
    "word_count": lambda made: (made.everything != made.constant).sum(axis=-1),
    "histogram": _histogram,
    "multiplications": _multiplications,
    "ticks": _ticks,
}
KINDS = (*TAKEN, *OPERATIONS)
