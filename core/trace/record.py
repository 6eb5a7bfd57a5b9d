"""The trace while it is written: names, axes, labels and decimals given once, at the place where a number is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from core.trace.trace import Tensor, decimals_needed

Labels = Mapping[str, tuple[str, ...]]


def token_labels(queries: tuple[str, ...], keys: tuple[str, ...] | None = None) -> dict[str, tuple[str, ...]]:
    """The texts at the axes tokens, queries and keys; the keys are the queries' tokens unless given."""
    return {"tokens": queries, "queries": queries, "keys": queries if keys is None else keys}


@dataclass
class Record:
    """Tensors in the order in which they are added; `record[name]` gives the values of one already there."""

    decimals: int
    tensors: dict[str, Tensor] = field(default_factory=dict)

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
        labels: Labels | None = None,
        product: tuple[str, str] | None = None,
        decimals: int | None = None,
    ) -> np.ndarray:
        """Add a tensor: labels of axes it does not have are left out, decimals are as few as print it exactly."""
        array = np.asarray(values, dtype=float)
        places = decimals_needed(array, self.decimals) if decimals is None else decimals
        kept = {axis: texts for axis, texts in (labels or {}).items() if axis in axes}
        self.tensors[name] = Tensor(name, array, axes, kept, product, places)
        return array

    def weights(self, name: str, values: object, labels: Labels, lead: str = "") -> np.ndarray:
        """Probabilities (queries, keys): always with the example's decimals."""
        axes = ("queries", "keys")
        return self.add(name, values, (lead, *axes) if lead else axes, labels=labels, decimals=self.decimals)

    def projection(
        self,
        name: str,
        product: tuple[str, str],
        bias: np.ndarray | None,
        axes: tuple[str, str],
        *,
        labels: Labels | None = None,
        bias_name: str = "",
    ) -> np.ndarray:
        """Add the product of two tensors; where there is a bias, the product as NAME_product, the bias and their sum.

        bias_name: b_NAME if not given.
        """
        left, right = (self[operand] for operand in product)
        result: np.ndarray = left @ right
        if bias is None:
            return self.add(name, result, axes, labels=labels, product=product)
        self.add(f"{name}_product", result, axes, labels=labels, product=product)
        self.add(bias_name or f"b_{name}", bias, axes[1:])
        return self.add(name, result + bias, axes, labels=labels)
