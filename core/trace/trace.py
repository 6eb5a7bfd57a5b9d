"""The trace: an ordered, named, immutable record of every intermediate of one example.

A scene, a test, an export and a person ask for a number by its name (``trace["scores"]``), every number that leaves
the trace remembers where it stood (`Tensor.at` gives a `Reading`), and every number can be opened into the numbers it
is made of (``trace.open("scores", 2, 5)``), so that what is printed can be checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from core.model.special_tokens import PAD
from core.trace.focus import TELLING, Focus, place_in, within
from core.trace.opened import Opened, closing, opened, recomputed
from core.trace.reading import Reading
from core.trace.tensor import Tensor
from core.trace.views import Views, telling_views, views

ROUNDED = 9  # decimals beyond which numbers that are chosen between count as equal


@dataclass(frozen=True)
class DotProduct:
    """One cell of a matrix product, opened: its terms and their sum, each a `Reading`."""

    left: tuple[Reading, ...]
    right: tuple[Reading, ...]
    total: Reading

    @property
    def largest(self) -> int:
        """The term that counts most, the first of equals."""
        sizes = [abs(a.value * b.value) for a, b in zip(self.left, self.right, strict=True)]
        return sizes.index(max(sizes))

    @property
    def closes(self) -> bool:
        """Whether the printed operands give the printed total at its printed precision, nothing rounded away."""
        again = sum(a.printed * b.printed for a, b in zip(self.left, self.right, strict=True))
        return self.total.exact and abs(again - self.total.printed) < 1e-9


@dataclass(frozen=True)
class Quotient:
    """One number of the trace divided by another, and the result."""

    numerator: Reading
    denominator: Reading
    result: Reading

    @property
    def closes(self) -> bool:
        """Whether the printed operands give exactly the printed result."""
        return abs(self.numerator.printed / self.denominator.printed - self.result.printed) < 1e-9


class Trace(Mapping[str, Tensor]):
    """An ordered, immutable mapping from names to tensors.

    later: gives further tensors, computed only when one of them, or everything, is asked for; focus: what is worth
    talking about, where somebody says it.
    """

    def __init__(
        self,
        tensors: Mapping[str, Tensor],
        later: Callable[[], Mapping[str, Tensor]] | None = None,
        focus: Focus = TELLING,
    ) -> None:
        self._tensors = MappingProxyType(dict(tensors))
        self._later = later
        self.focus = focus
        self.beside: Trace | None = None

    def shown_beside(self, other: Trace) -> Trace:
        """The same numbers, each tensor with that of the same name in `other` beside it, and with as many decimals."""
        trace = Trace(self._tensors, self._later, self.focus)
        trace.beside = other
        return trace

    def _all(self) -> Mapping[str, Tensor]:
        if self._later is not None:
            self._tensors = MappingProxyType({**self._tensors, **self._later()})
            self._later = None
        return self._tensors

    def __getitem__(self, name: str) -> Tensor:
        tensor = self._found(name)
        if self.beside is None or name not in self.beside:
            return tensor
        other = self.beside[name]
        return replace(tensor, beside=other, decimals=max(tensor.decimals, other.decimals))

    def _found(self, name: str) -> Tensor:
        if name in self._tensors:
            return self._tensors[name]
        try:
            return self._all()[name]
        except KeyError:
            raise KeyError(f"no '{name}' in the trace; it has: {', '.join(self._tensors)}") from None

    def __deepcopy__(self, memo: dict) -> Trace:
        return self

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    # --- where numbers come from

    def open(self, name: str, *index: int) -> Opened:
        """The cell `index` of the tensor `name`, opened into the numbers it is made of."""
        return opened(self, name, index)

    def recomputed(self, name: str) -> np.ndarray:
        """All cells of a tensor made once more from the numbers they are made of, in the tensor's shape."""
        return recomputed(self, name)

    def closing(self, name: str) -> np.ndarray:
        """Which cells of a tensor are made, as printed, of the printed numbers: `Opened.closes` of all, boolean."""
        return closing(self, name)

    def explain(self, name: str, *index: int) -> DotProduct:
        """Open the cell `index` of the product `name` into the terms of its sum."""
        cell = self.open(name, *index)
        if cell.kind != "product":
            raise ValueError(f"{name} is not a matrix product")
        left, right = cell.operands
        return DotProduct(left, right, cell.result)

    # --- what is worth talking about

    def largest_in_row(self, name: str, row: int | tuple[int, ...]) -> int:
        """The column of the largest number in one row of a matrix; of a stack of matrices `row` is (head, row)."""
        return int(np.argmax(self[name].values[row]))

    def telling_pair(self) -> tuple[int, int]:
        """The query and the key worth talking about: the largest attention weight between two different words.

        Between two places of the same word only if there is no other word. A query of padding, which nobody uses, is
        not worth it. Those in focus, whatever they are.
        """
        weights = self["weights"].values.copy()  # (queries, keys)
        queries = np.array(self["weights"].axis_labels("queries") or ())
        keys = np.array(self["weights"].axis_labels("keys") or ())
        weights[queries[:, None] == keys] -= 1.0
        if min(weights.shape) > 1:
            np.fill_diagonal(weights, -1.0)
        weights[queries == PAD] -= 2.0
        weights = within(weights, self.focus.query, self.focus.key)
        best_query, best_key = np.unravel_index(np.argmax(weights), weights.shape)
        return int(best_query), int(best_key)

    def telling_look(self, block: str) -> tuple[int, int, int, int]:
        """Of a block of attention the head and query that mix most, and the two keys that they look at most.

        That is the row whose second largest weight is largest, between two different words if there is one; not the
        last row, which only has to say that the sentence is over, unless there is no other. Of the head and the word
        in focus, whatever they are. With one key it is twice the same.
        block: such as `decoder.1.cross_attention`; returns (head, query, key, other key).
        """
        weights = self[f"{block}.heads.weights"]  # (heads, queries, keys)
        word = place_in(self.focus.word, weights.shape[1])
        rows = weights.values.round(ROUNDED)
        order = np.argsort(-rows, axis=-1, kind="stable")
        words = np.array(weights.axis_labels("keys") or range(weights.shape[2]))
        first, second = order[..., 0], order[..., min(1, weights.shape[2] - 1)]
        seconds = np.take_along_axis(rows, second[..., None], axis=-1)[..., 0]
        worth = np.where(words[first] == words[second], seconds - 1, seconds)  # (heads, queries)
        if word is None:
            worth[:, max(1, weights.shape[1] - 1) :] = -np.inf
        worth = within(worth, self.focus.head, word)
        head, query = np.unravel_index(int(worth.argmax()), worth.shape)
        return int(head), int(query), int(first[head, query]), int(second[head, query])

    def telling_rows(self) -> tuple[int, int]:
        """The two tokens of the source whose rows' similarity changes most in the encoder; not of padding.

        One of them is that in focus, whatever it is. Where there is one token alone, it is that token twice.
        """
        words = self["encoder.stages.change"].axis_labels("queries") or ()
        real = [place for place, word in enumerate(words) if word != PAD]
        focused = place_in(self.focus.row, len(words))
        rows = real if focused is None else [focused]
        pairs = [(row, other) for row in rows for other in real if row < other or row == focused != other]
        change = np.abs(self["encoder.stages.change"].values).round(ROUNDED)
        return max(pairs, key=change.__getitem__, default=(rows[0], rows[0]))

    def dearest_answer(self) -> int:
        """The position whose right next token costs most, the first of equals."""
        return int(self["loss"].values.round(ROUNDED).argmax())

    def views(self, name: str, query: int) -> Views:
        """What two heads of the stack of weights `name` look at most from `query`, at different keys if any do; the one
        in focus is among them.
        """
        return views(self[name].values, query, self.focus.head)

    def telling_views(self) -> Views:
        """The query from which two heads look at different keys: that of the telling pair, or else another word's; that
        in focus, whatever it is.
        """
        if place_in(self.focus.query, self["weights"].shape[0]) is not None:
            return self.views("heads.weights", self.telling_pair()[0])
        weights, tokens = self["heads.weights"], self["heads.weights"].axis_labels("queries") or ()
        words = (query for query, token in enumerate(tokens) if token != PAD)
        return telling_views(weights.values, self.telling_pair()[0], words, self.focus.head)
