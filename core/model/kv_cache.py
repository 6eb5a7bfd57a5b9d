"""The cache of keys and values: what a model that says one word after another keeps, so that it makes each only once.

A cache never changes: `append` gives another one. It knows at which position each of its keys stands, so that masks
have the right width and the right offset, also after it has let go of old keys.

    cache = KVCache.empty(kv_heads=2, d_k=4)
    cache = cache.append(k, v)                  # (2, new, 4) each, keys already turned, if they are to be
    cache.attend(q, window=4).output            # q: (heads, queries, 4), of the newest tokens
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from core.model.attention import AttentionSteps, attention
from core.model.masks import positions_mask

Array = NDArray[Any]


@dataclass(frozen=True)
class KVCache:
    """Keys (…, kv_heads, kept, d_k), values (…, kv_heads, kept, d_v), and the position of each, integers (kept,).

    seen: how many tokens have been appended in all, which is the position of the next one.
    """

    keys: Array
    values: Array
    positions: Array
    seen: int

    @classmethod
    def empty(
        cls, *, kv_heads: int, d_k: int, d_v: int | None = None, batch: tuple[int, ...] = (), dtype: DTypeLike = float
    ) -> KVCache:
        """A cache of no token; d_v: d_k if not given; batch: the axes before the heads."""
        lead = (*batch, kv_heads, 0)
        keys, values = np.zeros((*lead, d_k), dtype), np.zeros((*lead, d_k if d_v is None else d_v), dtype)
        return cls(keys, values, np.zeros(0, dtype=int), 0)

    @classmethod
    def of(cls, steps: AttentionSteps) -> KVCache:
        """What one attention of a model keeps of all tokens so far: its keys, turned if they are to be, and its values.

        steps: with heads, (…, kv_heads, keys, d); as `layer.self_attention.inner.heads` of a decoder's steps has them.
        """
        seen = steps.k.shape[-2]
        return cls(steps.k, steps.v, np.arange(seen), seen)

    def __len__(self) -> int:
        """How many tokens are kept."""
        return len(self.positions)

    @property
    def next_position(self) -> int:
        """Where the next token stands: the offset of its query, and by how much it is turned."""
        return self.seen

    @property
    def nbytes(self) -> int:
        """Bytes of keys and values."""
        return self.keys.nbytes + self.values.nbytes

    def append(self, keys: ArrayLike, values: ArrayLike) -> KVCache:
        """The cache with the keys and values of the tokens that come next, (…, kv_heads, new, d_k) and (…, new, d_v).

        Raises ValueError, naming the shapes, if these do not fit those that are kept.
        """
        keys, values = np.asarray(keys), np.asarray(values)
        for name, new, old in (("keys", keys, self.keys), ("values", values, self.values)):
            if new.ndim != old.ndim or new.shape[:-2] + new.shape[-1:] != old.shape[:-2] + old.shape[-1:]:
                raise ValueError(f"{name} have shape {new.shape}, kept {old.shape}; expected all but axis −2 equal")
        if keys.shape[-2] != values.shape[-2]:
            raise ValueError(f"found {keys.shape[-2]} keys and {values.shape[-2]} values; expected as many")
        new = np.arange(self.seen, self.seen + keys.shape[-2])
        return KVCache(
            np.concatenate([self.keys, keys], axis=-2),
            np.concatenate([self.values, values], axis=-2),
            np.concatenate([self.positions, new]),
            self.seen + len(new),
        )

    def mask(self, queries: int, *, window: int | None = None, sinks: int = 0) -> NDArray[np.bool_]:
        """Who of the newest `queries` tokens, which are kept already, may look at whom: boolean (queries, kept).

        Each looks back, at itself and, with a window, at as many tokens as that counts, itself among them; besides at
        the first `sinks` tokens of all.

        Raises ValueError for a window below 1, or for other numbers that cannot be.
        """
        if not 0 <= queries <= self.seen:
            raise ValueError(f"found {queries} queries; expected 0 to {self.seen}, the tokens seen")
        left = _reach(window)
        return positions_mask(np.arange(self.seen - queries, self.seen), self.positions, left=left, sinks=sinks)

    def attend(
        self,
        q: ArrayLike,
        *,
        window: int | None = None,
        sinks: int = 0,
        bias: ArrayLike | None = None,
        **options: Any,
    ) -> AttentionSteps:
        """Attention of the newest tokens to all that is kept. q: (…, heads, queries, d_k).

        bias: what else is added to the scores, such as ALiBi's, broadcasting to (…, heads, queries, kept); options:
        scale, soft_cap, as for `core.model.attention.attention`.

        Raises ValueError as `mask` and `attention`.
        """
        q = np.asarray(q)
        seen = self.mask(q.shape[-2], window=window, sinks=sinks)
        mask = seen if bias is None else np.where(seen, bias, -np.inf)
        return attention(q, self.keys, self.values, mask=mask, grouped=True, **options)

    def trimmed(self, window: int, *, sinks: int = 0) -> KVCache:
        """The cache without what no later token looks at: what is before the last `window` − 1 tokens, sinks excepted.

        Raises ValueError for a window below 1 or a negative number of sinks.
        Source: Jiang et al. (2023), "Mistral 7B", section 2, rolling buffer cache; sinks: Xiao et al. (2023),
        "Efficient Streaming Language Models with Attention Sinks", section 3.2.
        """
        left = _reach(window)
        kept = positions_mask(np.array([self.seen]), self.positions, left=left, sinks=sinks)[0]
        return KVCache(self.keys[..., kept, :], self.values[..., kept, :], self.positions[kept], self.seen)


def _reach(window: int | None) -> int | None:
    """How many positions back a window reaches."""
    if window is not None and window < 1:
        raise ValueError(f"found a window of {window}; expected at least 1, the query's own position")
    return None if window is None else window - 1
