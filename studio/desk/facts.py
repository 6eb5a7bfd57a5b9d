"""What the editors of the desk show of an example: its tokens, sizes, mask, weights, and where each comes from."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.examples.example import Example
from core.examples.fields import WEIGHTS, split_sentence
from core.trace.pipeline import main_mask

MOST_CELLS = 1024  # of a matrix that can be edited here; larger ones belong in a file


def facts_of(example: Example) -> dict[str, Any]:
    """All that editors need, as JSON can hold it. The mask is that of the main sentence, True = may look."""
    return {
        "title": dict(example.titles),
        "tokens": list(example.tokens),
        "rows": list(example.rows),
        "sentence": _typed(example),
        "language": example.language,
        "batch": [list(sentence) for sentence in example.batch],
        "show": example.show,
        "target": list(example.target),
        "sizes": {name: getattr(example, name) for name in ("d_model", "heads", "d_k", "d_v", "decimals")},
        "positions": example.positions,
        "seed": example.seed,
        "mask": {"name": example.mask, "rows": main_mask(example).astype(int).tolist()},
        "trained": example.loaded is not None,
        "drawn": list(example.drawn),
        "read": list(example.read),
        "weights": {name: _matrix(getattr(example, name)) for name in WEIGHTS},
        "embeddings": _embeddings(example),
    }


def _typed(example: Example) -> str:
    """The sentence so that its words are those again, once it is typed: with blanks between them, where need be."""
    is_plain = split_sentence(example.sentence) == tuple(example.tokens)
    return example.sentence if is_plain else " ".join(example.tokens)


def _matrix(values: np.ndarray) -> dict[str, Any]:
    """A matrix with its numbers, or, if there are too many, its shape alone."""
    shape = list(values.shape)
    return {"shape": shape, "values": values.tolist() if values.size <= MOST_CELLS else None}


def _embeddings(example: Example) -> dict[str, Any]:
    """The rows of the main sentence's words, each once, in the order in which they come."""
    words = list(dict.fromkeys(example.tokens))
    rows = example.embedding_table[[example.vocabulary.index(word) for word in words]]
    return {"words": words, **_matrix(rows)}
