"""The values as arrows in a plane, and how their weights carry the output of the telling query among them."""

from __future__ import annotations

import numpy as np

from core.trace.trace import Trace

FLAT = 1e-9  # of the strongest direction: a weaker second one is none


def values_are_flat(trace: Trace) -> bool:
    """Whether the values have no more than the two dimensions in which they are drawn."""
    return trace["v"].shape[1] <= 2


def value_directions(trace: Trace) -> np.ndarray:
    """Unit vectors of the plane in which values are drawn: the dimensions themselves, where there are one or two, else
    the one or two directions through the origin along which V is largest, its right singular vectors.

    Each points where its largest component is positive.  # (dimensions, 1 or 2)
    """
    values = trace["v"].values
    if values_are_flat(trace):
        return np.eye(values.shape[1])
    _, strengths, directions = np.linalg.svd(values, full_matrices=False)
    strong = directions[: 1 + int(len(strengths) > 1 and strengths[1] > FLAT * strengths[0])]
    largest = np.take_along_axis(strong, np.abs(strong).argmax(axis=1)[:, None], axis=1)
    turned: np.ndarray = (strong * np.sign(largest)).T
    return turned


def values_in_plane(trace: Trace) -> np.ndarray:
    """The values there.  # (keys, 1 or 2)"""
    points: np.ndarray = trace["v"].values @ value_directions(trace)
    return points


def output_in_plane(trace: Trace) -> np.ndarray:
    """The output of the telling query there.  # (1 or 2,)"""
    point: np.ndarray = trace["context"].values[trace.telling_pair()[0]] @ value_directions(trace)
    return point


def by_weight(trace: Trace) -> list[int]:
    """The keys to which the telling query gives any weight, the largest weights first."""
    shares = trace["weights"].values[trace.telling_pair()[0]]
    return [int(key) for key in np.argsort(-shares, kind="stable") if shares[key] > 0]


def way_of_output(trace: Trace) -> np.ndarray:
    """Where the output has come to from the origin after each of these keys: weight × value, added one to the other.

    # (1 + keys with weight, 1 or 2)
    """
    keys = by_weight(trace)
    steps = trace["weights"].values[trace.telling_pair()[0], keys, None] * values_in_plane(trace)[keys]
    return np.vstack([np.zeros((1, steps.shape[1])), np.cumsum(steps, axis=0)])
