"""Numbers an example does not give: drawn from its named seed, with few decimals, the same on every machine."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np

from core.model.softmax import softmax

_FINE = 16  # from this d_model on numbers are drawn as heat maps and need not be few-decimal
_CANDIDATES = 48
_REDRAWS = 8


def generator(seed: str, *purpose: str) -> np.random.Generator:
    """A random generator that depends on nothing but the seed's name and what it is for."""
    digest = hashlib.sha256("\0".join((seed, *purpose)).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))


def word_embeddings(seed: str, words: Sequence[str], d_model: int, decimals: int) -> np.ndarray:
    """The embeddings (words, d_model) of different words.

    A word's numbers do not depend on the words beside it, except where they would repeat those of an earlier word.
    """
    rows: list[np.ndarray] = []
    for word in words:
        drawn = [_embedding(seed, word, attempt, d_model, decimals) for attempt in range(_REDRAWS)]
        new = (row for row in drawn if not any(np.array_equal(row, other) for other in rows))
        rows.append(next(new, drawn[0]))
    return np.array(rows)


def _embedding(seed: str, word: str, attempt: int, d_model: int, decimals: int) -> np.ndarray:
    purpose = ("embedding", word, str(attempt)) if attempt else ("embedding", word)
    if d_model >= _FINE:
        quantum = 0.1
    elif decimals >= 2:
        quantum = 0.5 if d_model >= 4 else 0.1
    else:
        quantum = 1.0
    row = _rounded(np.clip(generator(seed, *purpose).standard_normal(d_model), -2, 2), quantum)
    return row if row.any() else np.eye(d_model)[0] * quantum


def projection(seed: str, name: str, shape: tuple[int, int], variance: float, decimals: int) -> np.ndarray:
    """A weight matrix (rows, columns) that gives standard-normal rows products of about the given variance.

    Where so few decimals round a whole row or column to zero it is drawn again.
    """
    rows = shape[0]
    quantum = (0.01 if rows < 128 else 0.001) if rows >= _FINE else 0.5 if decimals >= 1 else 1.0
    for attempt in range(_REDRAWS):
        purpose = (name, str(attempt)) if attempt else (name,)
        drawn = _rounded(generator(seed, *purpose).standard_normal(shape) * np.sqrt(variance / rows), quantum)
        if drawn.any(axis=0).all() and drawn.any(axis=1).all():
            break
    return drawn


def bias(seed: str, name: str, width: int, decimals: int) -> np.ndarray:
    """A bias (width,): small numbers in steps of 0.01, of 0.5 (38% of them are 0 then) or of 1 (68%)."""
    quantum = 0.01 if width >= _FINE else 0.5 if decimals >= 1 else 1.0
    return _rounded(generator(seed, name).standard_normal(width) / 2, quantum)


def query_and_key(
    seed: str,
    x: np.ndarray,
    shape: tuple[int, int],
    decimals: int,
    given: Mapping[str, np.ndarray],
) -> tuple[np.ndarray, np.ndarray]:
    """W_Q and W_K (d_model, width), of which `given` may hold one, so that attention is neither flat nor one-hot.

    x: (tokens, d_model). Of several numbered draws the first is taken under which every row of x has its favourite
    but none gives it nearly everything, or else the one that comes nearest.
    """
    misses: list[float] = []
    for attempt in range(_CANDIDATES if shape[0] < _FINE else _CANDIDATES // 8):
        w_q, w_k = _query_and_key(seed, attempt, shape, decimals, given)
        misses.append(_miss(x @ w_q + given.get("b_q", 0), x @ w_k + given.get("b_k", 0)))
        if misses[-1] == 0:
            return w_q, w_k
    return _query_and_key(seed, int(np.argmin(misses)), shape, decimals, given)


def _query_and_key(
    seed: str, attempt: int, shape: tuple[int, int], decimals: int, given: Mapping[str, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    drawn = {name: projection(seed, f"{name} {attempt}", shape, 1.3, decimals) for name in ("w_q", "w_k")}
    return given.get("w_q", drawn["w_q"]), given.get("w_k", drawn["w_k"])


def _miss(q: np.ndarray, k: np.ndarray) -> float:
    """How far the largest weights of the rows, on average, are from being neither an even share nor nearly all."""
    largest = softmax(q @ k.T / np.sqrt(q.shape[1])).max(axis=1)  # (queries,)
    keys = len(k)
    low, high = (0.1 + 1 / keys, 0.8) if keys > 1 else (1, 1)
    return float(np.mean(np.maximum(0, low - largest) + np.maximum(0, largest - high)))


def _rounded(values: np.ndarray, quantum: float) -> np.ndarray:
    """Multiples of `quantum`, as the nearest decimal numbers, without negative zero."""
    return np.round(np.round(values / quantum) * quantum, 3) + 0.0
