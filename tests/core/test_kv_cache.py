"""The cache of keys and values, windows, sinks and latents: what is kept gives what computing all anew gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.model.alibi import alibi_bias, alibi_slopes
from core.model.attention import attention, multi_head_attention, split_heads
from core.model.kv_cache import KVCache
from core.model.latent import LatentWeights, absorbed_scores, latent_attention, latent_scale
from core.model.masks import causal_mask, positions_mask, window_mask
from core.model.rotary import Rotary, rotary_embedding

EXAMPLES = settings(deadline=None, max_examples=60, derandomize=True)


@st.composite
def sentences(draw: st.DrawFn) -> dict[str, Any]:
    """Arrays q (batch, heads, tokens, d_k), k and v of fewer heads, how they look, how many come at a time."""
    batch, kv_heads, groups, tokens, d_v = (draw(st.integers(1, 3)) for _ in range(5))
    tokens, d_k, rng = 3 * tokens, 2 * draw(st.integers(1, 2)), np.random.default_rng(draw(st.integers(0, 2**32)))
    shapes = {"q": (kv_heads * groups, d_k), "k": (kv_heads, d_k), "v": (kv_heads, d_v)}
    arrays = {name: rng.normal(size=(batch, heads, tokens, d)) for name, (heads, d) in shapes.items()}
    cuts = sorted(draw(st.sets(st.integers(1, tokens - 1))))
    return arrays | {
        "window": draw(st.none() | st.integers(1, 5)),
        "sinks": draw(st.integers(0, 3)),
        "cuts": [0, *cuts, tokens],
        "soft_cap": draw(st.none() | st.floats(0.5, 5)),
        "turned": draw(st.booleans()),
    }


def at_once(said: dict[str, Any]) -> np.ndarray:
    q, k = (turned(said[name], 0, said) for name in "qk")
    left = None if said["window"] is None else said["window"] - 1
    look: dict[str, Any] = {"window": (left, None), "sinks": said["sinks"], "soft_cap": said["soft_cap"]}
    return attention(q, k, said["v"], causal=True, grouped=True, **look).output


def turned(x: np.ndarray, first: int, said: dict[str, Any]) -> np.ndarray:
    return rotary_embedding(x, np.arange(first, first + x.shape[-2]), Rotary(100)) if said["turned"] else x


@EXAMPLES
@given(sentences(), st.booleans())
def test_kept_gives_what_all_at_once_gives(said: dict[str, Any], trimming: bool) -> None:
    """A few tokens at a time, each turned at its own position, with old keys let go of or not."""
    shape = said["k"].shape
    cache = KVCache.empty(kv_heads=shape[1], d_k=shape[-1], d_v=said["v"].shape[-1], batch=shape[:1])
    outputs = []
    for start, stop in zip(said["cuts"], said["cuts"][1:], strict=False):
        new = slice(start, stop)
        assert cache.next_position == start
        cache = cache.append(turned(said["k"][..., new, :], start, said), said["v"][..., new, :])
        q = turned(said["q"][..., new, :], start, said)
        look = {"window": said["window"], "sinks": said["sinks"], "soft_cap": said["soft_cap"]}
        outputs.append(cache.attend(q, **look).output)
        if trimming and said["window"] is not None:
            cache = cache.trimmed(said["window"], sinks=said["sinks"])
            assert len(cache) <= said["window"] - 1 + said["sinks"]
    np.testing.assert_allclose(np.concatenate(outputs, axis=-2), at_once(said), rtol=0, atol=1e-12)


def test_a_bias_may_be_added() -> None:
    rng = np.random.default_rng(3)
    q, k, v = (rng.normal(size=(2, 5, 4)) for _ in range(3))
    slopes = alibi_slopes(2)
    cache = KVCache.empty(kv_heads=2, d_k=4).append(k, v)
    kept = cache.attend(q[:, 3:], bias=alibi_bias(slopes, 2, 5, offset=3))
    whole = attention(q, k, v, mask=np.where(causal_mask(5), alibi_bias(slopes, 5), -np.inf))
    np.testing.assert_allclose(kept.output, whole.output[:, 3:], rtol=0, atol=1e-12)


def test_masks_are_as_wide_as_what_is_kept() -> None:
    rows = np.zeros((1, 6, 2))
    cache = KVCache.empty(kv_heads=1, d_k=2).append(rows, rows)
    np.testing.assert_array_equal(cache.mask(6), causal_mask(6))
    np.testing.assert_array_equal(cache.mask(2), causal_mask(2, 6, offset=4))
    np.testing.assert_array_equal(cache.mask(2, window=2, sinks=1), window_mask(2, 6, 1, 0, offset=4, sinks=1))
    small = cache.trimmed(3, sinks=1)
    assert small.positions.tolist() == [0, 4, 5]
    assert (len(small), small.next_position, small.nbytes) == (3, 6, 96)
    grown = small.append(rows[:, :1], rows[:, :1])
    assert grown.positions.tolist() == [0, 4, 5, 6]
    assert grown.mask(1, window=3, sinks=1).tolist() == [[True, True, True, True]]
    assert grown.mask(1, window=2).tolist() == [[False, False, True, True]]
    assert (len(cache), cache.seen) == (6, 6)


@EXAMPLES
@given(*[st.integers(0, 6)] * 4, *[st.none() | st.integers(0, 4)] * 2)
def test_windows_and_sinks_by_definition(
    queries: int, keys: int, offset: int, sinks: int, left: int | None, right: int | None
) -> None:
    mask = window_mask(queries, keys, left, right, offset=offset, sinks=sinks)
    places = np.arange(offset, offset + queries)
    np.testing.assert_array_equal(mask, positions_mask(places, np.arange(keys), left=left, right=right, sinks=sinks))
    for i, j in np.ndindex(queries, keys):
        behind = i + offset - j
        near = left is None or behind <= left or j < sinks
        assert mask[i, j] == (near and (right is None or -behind <= right))


def test_reach_grows_with_layers() -> None:
    """Jiang et al. (2023), "Mistral 7B", section 2: after k layers a token knows of those k · (W − 1) before it."""
    step, reach = window_mask(30, 30, 3, 0).astype(int), np.eye(30, dtype=int)
    for layers in range(1, 6):
        reach = step @ reach
        assert np.flatnonzero(reach[-1])[0] == 29 - 3 * layers


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda c: c.append(np.ones((2, 1, 4)), np.ones((2, 1, 3))),
            r"values have shape \(2, 1, 3\), kept \(2, 3, 4\)",
        ),
        (lambda c: c.append(np.ones((2, 1, 4)), np.ones((2, 2, 4))), "found 1 keys and 2 values; expected as many"),
        (lambda c: c.append(np.ones((1, 4)), np.ones((1, 4))), r"keys have shape \(1, 4\), kept \(2, 3, 4\)"),
        (lambda c: c.mask(4), "found 4 queries; expected 0 to 3, the tokens seen"),
        (lambda c: c.mask(1, window=0), "found a window of 0; expected at least 1"),
        (lambda c: c.trimmed(0), "found a window of 0"),
        (lambda c: c.trimmed(2, sinks=-1), "found -1 sinks; expected no negative number"),
        (lambda c: positions_mask([0], [0], left=-1), "found a window of -1 positions back"),
    ],
)
def test_what_is_refused(call: Any, message: str) -> None:
    cache = KVCache.empty(kv_heads=2, d_k=4).append(np.ones((2, 3, 4)), np.ones((2, 3, 4)))
    with pytest.raises(ValueError, match=message):
        call(cache)
    with pytest.raises(TypeError, match="found positions of dtype float64; expected integers"):
        positions_mask([0.5], [0])


# --- latents ----------------------------------------------------------------------------------------------------------


@st.composite
def latents(draw: st.DrawFn) -> tuple[np.ndarray, LatentWeights, int]:
    """Rows x (batch, tokens, d_model), weights and heads."""
    batch, heads, d_k, d_v, d_latent = (draw(st.integers(1, 3)) for _ in range(5))
    tokens, d_model, d_turned = draw(st.integers(2, 6)), 5, draw(st.sampled_from([0, 2, 4]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    shapes = ((d_model, heads * d_k), (d_model, d_latent), (d_latent, heads * d_k), (d_latent, heads * d_v))
    matrices = [rng.normal(size=shape) for shape in (*shapes, (heads * d_v, 4))]
    turned = (rng.normal(size=(d_model, heads * d_turned)), rng.normal(size=(d_model, d_turned))) if d_turned else ()
    return rng.normal(size=(batch, tokens, d_model)), LatentWeights(*matrices, *turned), heads


@EXAMPLES
@given(latents(), st.data())
def test_latents_kept_give_what_all_at_once_gives(
    drawn: tuple[np.ndarray, LatentWeights, int], data: st.DataObject
) -> None:
    x, weights, heads = drawn
    whole = latent_attention(x, weights, heads=heads)
    cut = data.draw(st.integers(1, x.shape[1] - 1))
    first = latent_attention(x[:, :cut], weights, heads=heads)
    rest = latent_attention(x[:, cut:], weights, heads=heads, past=first)
    np.testing.assert_allclose(rest.output, whole.output[:, cut:], rtol=0, atol=1e-10)
    np.testing.assert_allclose(rest.latent, whole.latent, rtol=0, atol=1e-12)


@EXAMPLES
@given(latents())
def test_latent_attention_is_multi_head_attention_of_narrow_matrices(
    drawn: tuple[np.ndarray, LatentWeights, int],
) -> None:
    """Without turned parts: W_K and W_V are products of two narrow matrices. Their keys need not be made."""
    x, weights, heads = drawn
    plain = LatentWeights(weights.w_q, weights.w_down, weights.w_k, weights.w_v, weights.w_o)
    steps = latent_attention(x, plain, heads=heads)
    w_k, w_v = plain.w_down @ plain.w_k, plain.w_down @ plain.w_v
    expected = multi_head_attention(x, None, plain.w_q, w_k, w_v, plain.w_o, heads=heads, causal=True)
    np.testing.assert_allclose(steps.output, expected.output, rtol=0, atol=1e-10)
    scores = absorbed_scores(x, steps.latent, plain, heads=heads)
    np.testing.assert_allclose(scores, steps.heads.scores, rtol=0, atol=1e-10)
    np.testing.assert_allclose(scores * latent_scale(plain, heads), steps.heads.scaled, rtol=0, atol=1e-10)


def test_the_turned_key_is_shared() -> None:
    """By the definition: each head's score is that of its own part plus that of the turned one."""
    rng = np.random.default_rng(6)
    x, shapes = rng.normal(size=(4, 5)), ((5, 6), (5, 3), (3, 6), (3, 4), (4, 5), (5, 8), (5, 4))
    weights = LatentWeights(*(rng.normal(size=shape) for shape in shapes))
    steps = latent_attention(x, weights, heads=2)
    own = absorbed_scores(x, x @ weights.w_down, weights, heads=2)
    q = rotary_embedding(split_heads(x @ weights.w_q_turned, 2), np.arange(4))
    k = rotary_embedding(x @ weights.w_k_turned, np.arange(4))
    np.testing.assert_allclose(steps.heads.scores, own + q @ k.T, rtol=0, atol=1e-12)
    assert latent_scale(weights, 2) == pytest.approx(1 / np.sqrt(3 + 4))
    np.testing.assert_allclose(steps.heads.scaled, steps.heads.scores / np.sqrt(7), rtol=0, atol=1e-12)
    np.testing.assert_array_equal(steps.turned_key, k)
    half = LatentWeights(*(np.eye(2),) * 5, w_q_turned=np.eye(2))
    with pytest.raises(ValueError, match="found one of w_q_turned and w_k_turned; expected both or neither"):
        latent_attention(x[:, :2], half, heads=1)
