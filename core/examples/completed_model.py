"""A whole Transformer around an example that only gives a sentence and the weights of one attention.

The encoder's first self-attention is the example's own; everything else is drawn from its seed. Where the model has
fewer heads of keys and values than of queries, those of the example are pooled: each is the mean of its group.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from core.examples.fields import ModelTable
from core.examples.seeded import bias, projection, word_embeddings
from core.examples.today import config_options
from core.model.feed_forward import GATES
from core.model.named_weights import Expected, assembled, expected_arrays
from core.model.special_tokens import END, PAD, START
from core.model.transformer import Config, Transformer

MOST_EXACT = 16  # up to this d_model the feed-forward network is twice as wide, so that its numbers can be read
WIDEST = 1024
OWN = ("w_q", "w_k", "w_v", "w_o", "b_q", "b_k", "b_v", "b_o")


class Given(Protocol):
    """What of an example its model is completed from; `core.examples.example.Example` says what each is."""

    batch: tuple[tuple[str, ...], ...]
    loaded: Transformer | None
    vocabulary: tuple[str, ...]
    target: tuple[str, ...]
    embedding_table: np.ndarray
    further_embeddings: Mapping[str, np.ndarray]
    seed: str
    d_model: int
    decimals: int


def completed_config(d_model: int, heads: int, d_k: int, d_v: int, table: ModelTable, *, positions: bool) -> Config:
    """The configuration of a completed model; what the table does not say is as by default. Pre-norm stacks end with a
    norm. positions: whether sinusoids are added to the embeddings.

    Source of the final norm: Xiong et al. (2020), "On Layer Normalization in the Transformer Architecture", table 1.
    """
    given = {
        name: getattr(table, name) for name in ("kind", "layers", "activation") if getattr(table, name) is not None
    }
    norm = "pre" if table.norm == "rms" else table.norm or "post"
    return Config(
        d_model,
        heads,
        d_k,
        d_v,
        table.d_ff or (2 * d_model if d_model <= MOST_EXACT else min(4 * d_model, WIDEST)),
        norm=norm,
        norm_kind="rms" if table.norm == "rms" else "layer",
        positions="sinusoidal" if positions else "none",
        final_norm=norm == "pre",
        **given,
        **config_options(table),
    )


def model_vocabulary(example: Given) -> tuple[str, ...]:
    """The words of the model: those of its file; or those of the example and the target, then [PAD], [START], [END].

    They are in order of appearance: so what is drawn for each place is the same for a sentence in another language.
    """
    if example.loaded is not None:
        return example.loaded.vocabulary
    words = dict.fromkeys((*(token for sentence in example.batch for token in sentence), *example.target))
    return (*words, PAD, START, END)


def completed_model(example: Given, config: Config) -> Transformer:
    """The model of `config` whose first self-attention is the example's; no other attention has biases, nor have
    networks with a gate or experts.

    Source of the pooling: Ainslie et al. (2023), "GQA", section 2.1.
    """
    vocabulary = model_vocabulary(example)
    own = f"{'encoder' if config.has_encoder else 'decoder'}.1.self_attention"
    arrays = {f"{own}.{name}": getattr(example, name) for name in OWN if getattr(example, name) is not None}
    if config.kv_heads is not None:
        pooled = {f"{own}.{name}" for name in ("w_k", "w_v", "b_k", "b_v")} & arrays.keys()
        arrays |= {name: pooled_heads(arrays[name], config.heads, config.kv_heads) for name in pooled}
    arrays["embedding"] = _embedding(example, vocabulary)
    for name, expected in expected_arrays(config, len(vocabulary)).items():
        bent = ".feed_forward.b_" in name and config.activation not in GATES
        if name not in arrays and (bent or not expected.optional):
            arrays[name] = _drawn(example, name, expected)
    return assembled(config, vocabulary, arrays)


def pooled_heads(weight: np.ndarray, heads: int, kv_heads: int) -> np.ndarray:
    """Of a matrix or bias (…, heads · d) the mean of each run of heads that is to share one, (…, kv_heads · d)."""
    *lead, width = weight.shape
    groups = weight.reshape(*lead, kv_heads, heads // kv_heads, width // heads)
    pooled: np.ndarray = groups.mean(axis=-2).reshape(*lead, -1)
    return pooled


def repeated_heads(weight: np.ndarray, heads: int, kv_heads: int) -> np.ndarray:
    """A matrix or bias (…, kv_heads · d) with each head as often as it is shared, (…, heads · d)."""
    *lead, width = weight.shape
    each = weight.reshape(*lead, kv_heads, width // kv_heads)
    repeated: np.ndarray = np.repeat(each, heads // kv_heads, axis=-2).reshape(*lead, -1)
    return repeated


def _embedding(example: Given, vocabulary: tuple[str, ...]) -> np.ndarray:
    """(vocabulary, d_model): the example's own rows, rows given for words it has not, and drawn ones."""
    rows = dict(zip(example.vocabulary, example.embedding_table, strict=True)) | dict(example.further_embeddings)
    missing = [word for word in vocabulary if word not in rows]
    drawn = word_embeddings(example.seed, missing, example.d_model, example.decimals)
    rows |= dict(zip(missing, drawn, strict=True))
    return np.array([rows[word] for word in vocabulary])


def _drawn(example: Given, name: str, expected: Expected) -> np.ndarray:
    """Ones and zeros for a norm's scale and shift; matrices under which rows keep their size; small biases."""
    *_, last = name.split(".")
    if last in ("scale", "shift"):
        return np.full(expected.shape, 1.0 if last == "scale" else 0.0)
    if len(expected.shape) == 1:
        return bias(example.seed, name, expected.shape[0], example.decimals)
    rows, columns = expected.shape
    return projection(example.seed, name, (rows, columns), 1.3 if last in ("w_q", "w_k") else 1.5, example.decimals)
