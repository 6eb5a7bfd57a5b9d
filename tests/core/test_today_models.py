"""Models with anything that today's have, chosen by Hypothesis: the cache, causality, batches, and their arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.model.feed_forward import FUNCTIONS
from core.model.named_weights import assembled, expected_arrays, named_arrays
from core.model.rotary import Rotary
from core.model.transformer import Config, Transformer, decode, encode

EXAMPLES = settings(max_examples=40, deadline=None, derandomize=True)
WORDS = ("a", "b", "c", "d", "[PAD]", "[START]", "[END]")
SENTENCES = st.lists(st.integers(0, len(WORDS) - 1), min_size=1, max_size=6)


@st.composite
def models(draw: st.DrawFn) -> Transformer:
    """A model of random numbers, the optional arrays as well; rotary or ALiBi, or both, or neither."""
    kv_heads, groups, pairs = (draw(st.integers(1, 2)) for _ in range(3))
    experts = draw(st.sampled_from([0, 0, 2, 3]))
    widths = st.sampled_from([None, *range(2, 2 * pairs + 1, 2)])
    rotary = st.builds(Rotary, st.floats(2, 1e5), widths, st.booleans(), st.floats(0.5, 8))
    options: dict[str, Any] = {
        "kind": draw(st.sampled_from(["encoder-decoder", "decoder-only"])),
        "norm": draw(st.sampled_from(["post", "pre"])),
        "norm_kind": draw(st.sampled_from(["layer", "rms"])),
        "activation": draw(st.sampled_from(sorted(FUNCTIONS))),
        "positions": draw(st.sampled_from(["sinusoidal", "none"])),
        "final_norm": draw(st.booleans()),
        "kv_heads": kv_heads,
        "rotary": draw(st.none() | rotary),
        "alibi": draw(st.booleans()),
        "window": draw(st.none() | st.integers(1, 4)),
        "sinks": draw(st.integers(0, 2)),
        "soft_cap": draw(st.none() | st.floats(0.5, 5)),
        "experts": experts,
        "opened": draw(st.integers(1, max(1, experts))),
    }
    sizes = {"d_model": draw(st.integers(2, 6)), "heads": kv_heads * groups, "d_k": 2 * pairs, "d_v": 3, "d_ff": 4}
    config = Config(**sizes, layers=draw(st.integers(1, 2)), **options)
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    wanted = expected_arrays(config, len(WORDS))
    return assembled(config, WORDS, {name: rng.normal(size=[n or 9 for n in a.shape]) for name, a in wanted.items()})


def memory_of(model: Transformer, sentence: list[int]) -> np.ndarray | None:
    return encode(model, sentence).output if model.config.has_encoder else None


@EXAMPLES
@given(models(), SENTENCES, SENTENCES)
def test_the_cache_changes_nothing(model: Transformer, sentence: list[int], target: list[int]) -> None:
    memory = memory_of(model, sentence)
    whole, past = decode(model, target, memory), None
    for place, token in enumerate(target):
        past = decode(model, [token], memory, past=past)
        np.testing.assert_allclose(past.output[0], whole.output[place], rtol=0, atol=1e-9)


@EXAMPLES
@given(models(), SENTENCES, SENTENCES, st.data())
def test_later_tokens_never_change_earlier_rows(
    model: Transformer, sentence: list[int], target: list[int], data: st.DataObject
) -> None:
    first = data.draw(st.integers(0, len(target)))
    later = data.draw(st.lists(st.integers(0, 6), min_size=len(target) - first, max_size=len(target) - first))
    memory = memory_of(model, sentence)
    whole, other = decode(model, target, memory), decode(model, [*target[:first], *later], memory)
    np.testing.assert_allclose(whole.output[:first], other.output[:first], rtol=0, atol=1e-9)


@EXAMPLES
@given(models(), st.lists(SENTENCES, min_size=2, max_size=3))
def test_sentences_of_a_batch_do_not_see_each_other_nor_their_padding(
    model: Transformer, batch: list[list[int]]
) -> None:
    longest = max(map(len, batch))
    ids = np.array([[*sentence, *[4] * (longest - len(sentence))] for sentence in batch])
    real = np.array([np.arange(longest) < len(sentence) for sentence in batch])
    encoder = model.config.has_encoder
    memory = encode(model, ids, key_padding=real).output if encoder else None
    together = decode(model, ids, memory, key_padding=real, memory_padding=real if encoder else None).output
    for sentence, rows in zip(batch, together, strict=True):
        alone = decode(model, sentence, memory_of(model, sentence)).output
        np.testing.assert_allclose(rows[: len(sentence)], alone, rtol=0, atol=1e-8)


@EXAMPLES
@given(models())
def test_a_model_is_its_arrays(model: Transformer) -> None:
    arrays = named_arrays(model)
    assert set(expected_arrays(model.config, len(WORDS))) == set(arrays)
    for name, array in named_arrays(assembled(model.config, model.vocabulary, arrays)).items():
        assert array is arrays[name]
