"""The trace while it is written: names, axes, labels, decimals and origin given once, where a number is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

import numpy as np

from core.model.alibi import alibi_bias
from core.model.attention import AttentionSteps
from core.model.masks import as_additive
from core.model.softmax import softmax_steps
from core.trace.focus import TELLING, Focus
from core.trace.origin import All, Axis, Block, Operand, Origin, Sum, Within, made
from core.trace.reading import decimals_needed
from core.trace.tensor import Tensor

Labels = Mapping[str, tuple[str, ...]]


def token_labels(queries: tuple[str, ...], keys: tuple[str, ...] | None = None) -> dict[str, tuple[str, ...]]:
    """The texts at the axes tokens, queries and keys; the keys are the queries' tokens unless given."""
    return {"tokens": queries, "queries": queries, "keys": queries if keys is None else keys}


def softmax_of(name: str, letters: str = "ij", row: str = "*") -> Origin:
    """The origin of probabilities: each a number of the tensor `name` and the row in which it stands."""
    return made(f"softmax[{letters}]", f"{name}[{letters}]", f"{name}[{letters[:-1]}{row}]")


class Mask(NamedTuple):
    """Who may look at whom, boolean (queries, keys), and how that came about."""

    seen: np.ndarray
    origin: Origin


@dataclass
class Record:
    """Tensors in the order in which they are added; `record[name]` gives the values of one already there.

    focus: what is to be worked through, where choices are recorded; scale: whether scores are divided by √d_k.
    """

    decimals: int
    tensors: dict[str, Tensor] = field(default_factory=dict)
    focus: Focus = TELLING
    scale: bool = True

    @property
    def factor(self) -> float | None:
        """What scores are multiplied by, as `attention` takes it: None for 1/√d_k."""
        return None if self.scale else 1.0

    def __getitem__(self, name: str) -> np.ndarray:
        return self.tensors[name].values

    def __contains__(self, name: object) -> bool:
        return name in self.tensors

    def add(
        self,
        name: str,
        values: object,
        axes: tuple[str, ...] = (),
        *,
        origin: Origin,
        labels: Labels | None = None,
        decimals: int | None = None,
    ) -> np.ndarray:
        """Add a tensor: labels of axes it does not have are left out, decimals are as few as print it exactly."""
        array = np.asarray(values, dtype=float)
        places = decimals_needed(array, self.decimals) if decimals is None else decimals
        kept = {axis: texts for axis, texts in (labels or {}).items() if axis in axes}
        self.tensors[name] = Tensor(name, array, axes, kept, origin, places)
        return array

    def copy(
        self,
        name: str,
        source: str,
        axes: tuple[str, ...],
        *,
        labels: Labels | None = None,
        decimals: int | None = None,
    ) -> np.ndarray:
        """Add a tensor under another name too."""
        origin = made("copy[ij]", f"{source}[ij]") if len(axes) == 2 else made("copy[i]", f"{source}[i]")
        return self.add(name, self[source], axes, origin=origin, labels=labels, decimals=decimals)

    def weights(self, name: str, values: object, labels: Labels, lead: str = "", *, origin: Origin) -> np.ndarray:
        """Probabilities (queries, keys): always with the example's decimals."""
        axes = ("queries", "keys")
        lead_axes = (lead, *axes) if lead else axes
        return self.add(name, values, lead_axes, origin=origin, labels=labels, decimals=self.decimals)

    def row_sums(self, name: str, weights: str, labels: Labels) -> None:
        """Add the sums of the rows of probabilities, (queries,)."""
        origin = made("total[i]", f"{weights}[ij]")
        sums = self[weights].sum(axis=-1)
        self.add(name, sums, ("queries",), origin=origin, labels=labels, decimals=self.decimals)

    # --- projections

    def projection(
        self,
        name: str,
        product: tuple[str, str],
        bias: np.ndarray | None,
        axes: tuple[str, str],
        *,
        labels: Labels | None = None,
        bias_name: str = "",
        bias_origin: Origin,
    ) -> np.ndarray:
        """Add the product of two tensors; where there is a bias, the product as NAME_product, the bias and their sum.

        bias_name: b_NAME if not given.
        """
        left, right = product
        result: np.ndarray = self[left] @ self[right]
        origin = made("product[ij]", f"{left}[it]", f"{right}[tj]")
        if bias is None:
            return self.add(name, result, axes, origin=origin, labels=labels)
        bias_name = bias_name or f"b_{name}"
        self.add(f"{name}_product", result, axes, origin=origin, labels=labels)
        self.add(bias_name, bias, axes[1:], origin=bias_origin)
        total = made("sum[ij]", f"{name}_product[ij]", f"{bias_name}[j]")
        return self.add(name, result + bias, axes, origin=total, labels=labels)

    def projected(
        self, name: str, x: str, weight: str, bias: str, axes: tuple[str, str], *, labels: Labels | None = None
    ) -> np.ndarray:
        """Add x W + b by a weight and a bias that are already there; without the bias where it is not."""
        result: np.ndarray = self[x] @ self[weight]
        terms = (f"{x}[it]", f"{weight}[tj]")
        if bias not in self:
            return self.add(name, result, axes, origin=made("product[ij]", *terms), labels=labels)
        origin = made("projection[ij]", *terms, f"{bias}[j]")
        return self.add(name, result + self[bias], axes, origin=origin, labels=labels)

    # --- attention

    def attention(
        self,
        prefix: str,
        steps: AttentionSteps,
        labels: Labels,
        *,
        mask: str | Mask,
        root: str | None = None,
        in_steps: bool = False,
        soft_cap: float | None = None,
        slopes: str = "",
    ) -> np.ndarray:
        """Add what one attention makes of PREFIXq, PREFIXk and PREFIXv, and return its weights.

        These are, each with PREFIX: k_transposed, scores, scaled_scores (if nothing scales, the scores once more),
        masked_scores, weights and context; `in_steps`
        also softmax.max, .shifted, .exponentials and .sum. Of several heads the first axis is the heads.
        mask: the name of the additive mask, or one that is added as PREFIXmask; root: the name of what the scores are
        divided by, or None to add it as PREFIXsqrt_d_k. soft_cap: of scores, which adds PREFIXcapped_scores; slopes:
        the name of ALiBi's, which adds PREFIXpenalties and PREFIXpenalised_scores. Where there are fewer heads of keys
        and values than of queries, the first axis of PREFIXk, PREFIXk_transposed and PREFIXv is these.
        Source: Vaswani et al. (2017), "Attention Is All You Need", equation 1.
        """
        h, lead = ("h", ("heads",)) if steps.q.ndim == 3 else ("", ())
        square, cell = (*lead, "queries", "keys"), f"[{h}ij]"
        scores, scaled, masked = (f"{prefix}{name}scores" for name in ("", "scaled_", "masked_"))
        add = partial(self.add, labels=labels)
        transposed = made(f"transpose[{h}dj]", f"{prefix}k[{h}jd]")
        product = made(f"product{cell}", f"{prefix}q[{h}id]", column(f"{prefix}k_transposed", f"{h}dj", _group(steps)))
        add(f"{prefix}k_transposed", steps.k.swapaxes(-1, -2), (*_group_axes(steps), "d_k", "keys"), origin=transposed)
        add(scores, steps.scores, square, origin=product)
        root = root or self._root(f"{prefix}sqrt_d_k", steps.q.shape[-1])
        divided = made(f"scaling{cell}", f"{scores}{cell}", f"{root}[]")
        add(scaled, steps.scaled, square, origin=divided if self.scale else made(f"copy{cell}", f"{scores}{cell}"))
        before = scaled
        if soft_cap is not None and steps.capped is not None:
            before = f"{prefix}capped_scores"
            add(before, steps.capped, square, origin=made(f"cap{cell}", f"{scaled}{cell}", constant=soft_cap))
        before = self._penalised(prefix, before, slopes, labels) if slopes else before
        mask = mask if isinstance(mask, str) else self.mask(f"{prefix}mask", mask, labels)
        add(masked, steps.masked, square, origin=made(f"masking{cell}", f"{before}{cell}", f"{mask}[ij]"))
        origin = self._softmax(prefix, masked, labels) if in_steps else softmax_of(masked, f"{h}ij")
        weights = self.weights(f"{prefix}weights", steps.weights, labels, "heads" if h else "", origin=origin)
        mixing = made(f"product[{h}id]", f"{prefix}weights{cell}", column(f"{prefix}v", f"{h}jd", _group(steps)))
        add(f"{prefix}context", steps.output, (*lead, "queries", "d_v"), origin=mixing)
        return weights

    def _penalised(self, prefix: str, before: str, slopes: str, labels: Labels) -> str:
        """Add ALiBi's penalties (heads, queries, keys) and the scores with them; returns the name of these."""
        axes, after = ("heads", "queries", "keys"), f"{prefix}penalised_scores"
        penalties = alibi_bias(self[slopes], *self[before].shape[-2:])
        origin = made("penalty[hij]", f"{slopes}[h]")
        self.add(f"{prefix}penalties", penalties, axes, origin=origin, labels=labels)
        origin = made("sum[hij]", f"{before}[hij]", f"{prefix}penalties[hij]")
        self.add(after, self[before] + penalties, axes, origin=origin, labels=labels)
        return after

    def mask(self, name: str, mask: Mask, labels: Labels) -> str:
        """Add a mask as what it adds to scores, 0 or −∞; returns its name."""
        self.add(name, as_additive(mask.seen), ("queries", "keys"), origin=mask.origin, labels=labels)
        return name

    def _root(self, name: str, width: int) -> str:
        """Add √d_k; returns its name."""
        self.add(name, np.sqrt(width), origin=made("root[]", constant=width))
        return name

    def _softmax(self, prefix: str, masked: str, labels: Labels) -> Origin:
        """Add the steps of the softmax of `masked` (queries, keys); returns how its weights are made of them."""
        steps, square, rows = softmax_steps(self[masked]), ("queries", "keys"), ("queries",)
        maximum, shifted, exponentials, total = (
            f"{prefix}softmax.{name}" for name in ("max", "shifted", "exponentials", "sum")
        )
        self.add(maximum, steps.maximum, rows, origin=made("maximum[i]", f"{masked}[ij]"), labels=labels)
        shift = made("shift[ij]", f"{masked}[ij]", f"{maximum}[i]")
        self.add(shifted, steps.shifted, square, origin=shift, labels=labels)
        origin, places = made("exponential[ij]", f"{shifted}[ij]"), self.decimals
        self.add(exponentials, steps.exponentials, square, origin=origin, labels=labels, decimals=places)
        origin = made("total[i]", f"{exponentials}[ij]")
        self.add(total, steps.total, rows, origin=origin, labels=labels, decimals=places)
        return made("division[ij]", f"{exponentials}[ij]", f"{total}[i]")

    def heads(self, prefix: str, source: str, steps: AttentionSteps, labels: Labels, *, turned: bool = False) -> None:
        """Add PREFIXq, PREFIXk and PREFIXv (heads, tokens, d): SOURCEq, SOURCEk and SOURCEv cut into heads.

        turned: whether queries and keys are turned afterwards, so that these are PREFIXq_straight and PREFIXk_straight.
        Where there are fewer heads of keys and values, their first axis is these.
        """
        groups = _group_axes(steps)
        for name, values, lead, row in (
            ("q", steps.q, ("heads",), "queries"),
            ("k", steps.k, groups, "keys"),
            ("v", steps.v, groups, "keys"),
        ):
            axes, width = (*lead, row, "d_v" if name == "v" else "d_k"), values.shape[-1]
            straight = turned and name != "v"
            heads = _cut(self[f"{source}{name}"], width) if straight else values
            name_of_heads = f"{prefix}{name}{'_straight' * straight}"
            self.add(name_of_heads, heads, axes, origin=cut(f"{source}{name}", width), labels=labels)


def _group(steps: AttentionSteps) -> int:
    """How many heads of queries share one of keys and values."""
    return steps.q.shape[-3] // steps.k.shape[-3] if steps.q.ndim > 2 else 1


def _group_axes(steps: AttentionSteps) -> tuple[str, ...]:
    """The axes before keys and values: none, the heads, or, where these are fewer, the heads of keys and values."""
    if steps.q.ndim < 3:
        return ()
    return ("heads",) if _group(steps) == 1 else ("kv_heads",)


def column(name: str, letters: str, group: int) -> Operand | str:
    """A column of keys, `hdj`, or of values, `hjd`, for a cell (head, query, key) or (head, query, d_v).

    It is its own head's; where `group` heads of queries share one of keys and values, that one's.
    """
    return f"{name}[{letters}]" if group == 1 else Operand(name, (Block(0, group), All(), Axis(2)))


def _cut(rows: np.ndarray, width: int) -> np.ndarray:
    """Rows (rows, heads · width) as heads (heads, rows, width)."""
    heads: np.ndarray = rows.reshape(len(rows), -1, width).swapaxes(0, 1)
    return heads


def cut(name: str, width: int) -> Origin:
    """The origin of heads (heads, rows, width), cut out of the columns of the matrix `name`."""
    return Origin("cut", (Operand(name, (Axis(1), Sum((Axis(0, width), Axis(2))))),))


def merged(name: str, width: int) -> Origin:
    """The origin of a matrix (rows, heads · width): the heads of the tensor `name` side by side."""
    return Origin("concatenation", (Operand(name, (Block(1, width), Axis(0), Within(1, width))),))
