"""Numbers an example does not give: drawn from its named seed, with few decimals, the same on every machine."""

from __future__ import annotations

import hashlib

import numpy as np

_FINE = 16  # from this d_model on numbers are drawn as heat maps and need not be few-decimal
_EVEN_SPREAD = (0.9, 1.5)
_CANDIDATES = 48


def generator(seed: str, *purpose: str) -> np.random.Generator:
    """A random generator that depends on nothing but the seed's name and what it is for."""
    digest = hashlib.sha256("\0".join((seed, *purpose)).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))


def word_embedding(seed: str, word: str, d_model: int, decimals: int) -> np.ndarray:
    """The embedding (d_model,) of a word: whatever words stand beside it, it stays the same."""
    quantum = 0.1 if d_model >= _FINE else 0.5 if decimals >= 2 else 1.0
    drawn = generator(seed, "embedding", word).standard_normal(d_model)
    row = _rounded(np.clip(drawn, -2, 2), quantum)
    if not row.any():
        row[0] = quantum
    return row


def projection(seed: str, name: str, shape: tuple[int, int], variance: float, decimals: int) -> np.ndarray:
    """A weight matrix (rows, columns) whose column sums over standard-normal rows have the given variance."""
    rows = shape[0]
    quantum = (0.01 if rows < 128 else 0.001) if rows >= _FINE else 0.5 if decimals >= 1 else 1.0
    drawn = generator(seed, name).standard_normal(shape) * np.sqrt(variance / rows)
    return _rounded(drawn, quantum)


def query_and_key(
    seed: str,
    x: np.ndarray,
    shape: tuple[int, int],
    decimals: int,
    given: dict[str, np.ndarray],
) -> tuple[np.ndarray, np.ndarray]:
    """W_Q and W_K (d_model, width), of which `given` may hold one, so that attention is neither flat nor one-hot.

    x: (tokens, d_model). Of several numbered draws the first is taken under which a row of scaled scores spreads by
    about 1, or else the one that comes nearest.
    """
    best: tuple[float, np.ndarray, np.ndarray] | None = None
    low, high = _EVEN_SPREAD
    for attempt in range(_CANDIDATES if shape[0] < _FINE else _CANDIDATES // 8):
        w_q, w_k = (
            given.get(name, projection(seed, f"{name} {attempt}", shape, 1.3, decimals)) for name in ("w_q", "w_k")
        )
        q, k = x @ w_q + given.get("b_q", 0), x @ w_k + given.get("b_k", 0)
        spread = float(np.mean(np.std(q @ k.T / np.sqrt(shape[1]), axis=1)))
        miss = max(low - spread, spread - high, 0.0)
        if best is None or miss < best[0]:
            best = (miss, w_q, w_k)
        if miss == 0:
            break
    assert best is not None
    return best[1], best[2]


def _rounded(values: np.ndarray, quantum: float) -> np.ndarray:
    """Multiples of `quantum`, as the nearest decimal numbers, without negative zero."""
    return np.round(np.round(values / quantum) * quantum, 3) + 0.0
