"""Saying a sentence word by word with a Transformer, with and without kept keys and values: always the likeliest word,
or one that is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.model.sampling import Sampling, SamplingSteps, pick, sampling_steps, throws
from core.model.special_tokens import END
from core.model.transformer import StackSteps, Transformer, decode, predict

Array = NDArray[Any]

MOST_STEPS = 20


@dataclass(frozen=True)
class GreedySteps:
    """A sentence said word by word, always the likeliest one.

    ids: (steps,); logits, probabilities: (steps, vocabulary), those each word was chosen by;
    cross_attention: (layers, heads, steps, keys), the weights of the last word said so far; without an encoder of no
    layers.
    """

    ids: Array
    logits: Array
    probabilities: Array
    cross_attention: Array


def greedy(
    model: Transformer,
    prompt: Sequence[int],
    memory: ArrayLike | None = None,
    *,
    memory_padding: ArrayLike | None = None,
    most_steps: int = MOST_STEPS,
    cached: bool = True,
) -> GreedySteps:
    """Say a sentence word by word, always the likeliest, until [END] or for at most so many steps.

    prompt: ids, [START] first; memory: (keys, d_model). cached: whether each step computes the new token alone and
    uses the keys and values of the others again, or all tokens anew: the same result, to rounding.

    Raises ValueError for a prompt that leaves no room for a word, and for logits that are no numbers.
    """
    end, room = model.vocabulary.index(END), _room(model, prompt, most_steps)
    ids, past = list(prompt), None
    rows: list[tuple[Array, Array, Array]] = []  # logits, probabilities, cross-attention of each step
    while len(rows) < room and (not rows or ids[-1] != end):
        new = ids if past is None else ids[-1:]
        steps = decode(model, new, memory, memory_padding=memory_padding, past=past)
        said = predict(model, steps.output[-1:])
        rows.append((said.logits[0], said.probabilities[0], _last_cross_attention(steps)))
        ids.append(_likeliest(said.logits[0]))
        past = steps if cached else None
    logits, probabilities, looks = (np.array(column) for column in zip(*rows, strict=True))
    return GreedySteps(np.array(ids[len(prompt) :]), logits, probabilities, np.moveaxis(looks, 0, 2))


def _likeliest(logits: Array) -> int:
    """The place of the largest logit; of several that are equal to rounding the first, on every machine the same."""
    largest = float(logits.max())
    if np.isnan(largest):
        raise ValueError("found a logit that is not a number; expected one to choose a word by")
    tolerance = 1e-9 * max(1.0, abs(largest)) if np.isfinite(largest) else 0.0
    return int(np.argmax(logits >= largest - tolerance))


def _last_cross_attention(steps: StackSteps) -> Array:
    """Where the last query looks in the memory, (layers, heads, keys); of no layers without cross-attention."""
    crossed = [layer.cross_attention for layer in steps.layers if layer.cross_attention is not None]
    weights = [layer.inner.heads.weights[..., -1, :] for layer in crossed]  # (heads, keys) each
    return np.array(weights) if weights else np.zeros((0, 0, 0))


@dataclass(frozen=True)
class SampledSteps:
    """A sentence said word by word, each word drawn.

    ids: (steps,); logits: (steps, vocabulary); drawn_from: how these became what was drawn from; thrown: (steps,), the
    numbers from 0 to 1 that the die showed.
    """

    ids: Array
    logits: Array
    drawn_from: SamplingSteps
    thrown: Array


def sampled(
    model: Transformer,
    prompt: Sequence[int],
    memory: ArrayLike | None = None,
    *,
    sampling: Sampling | None = None,
    seed: int = 0,
    memory_padding: ArrayLike | None = None,
    most_steps: int = MOST_STEPS,
) -> SampledSteps:
    """Say a sentence word by word, each word drawn from the model's distribution, until [END] or for so many steps.

    prompt, memory: as for `greedy`; sampling: temperature, top-k and top-p; seed: of the die, which shows the same
    numbers for the same seed, so that with a temperature of 0 the seed does not matter.

    Raises ValueError as `greedy` and `core.model.sampling.sampling_steps` do.
    """
    end, room = model.vocabulary.index(END), _room(model, prompt, most_steps)
    ids, past, thrown = list(prompt), None, throws(seed, room)
    rows: list[Array] = []
    while len(rows) < room and (not rows or ids[-1] != end):
        new = ids if past is None else ids[-1:]
        past = decode(model, new, memory, memory_padding=memory_padding, past=past)
        rows.append(predict(model, past.output[-1:]).logits[0])
        shares = sampling_steps(rows[-1], sampling).output
        ids.append(int(pick(shares, thrown[len(rows) - 1])))
    logits, said = np.array(rows), np.array(ids[len(prompt) :])
    return SampledSteps(said, logits, sampling_steps(logits, sampling), thrown[: len(rows)])


def _room(model: Transformer, prompt: Sequence[int], most_steps: int) -> int:
    """For how many words there is room after a prompt, at most so many."""
    room = most_steps if model.most_tokens is None else min(most_steps, model.most_tokens - len(prompt) + 1)
    if room < 1 or not len(prompt):
        raise ValueError(f"found a prompt of {len(prompt)} tokens; expected at least 1 and room for another one")
    return room
