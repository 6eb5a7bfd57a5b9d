"""The Transformer without a part: the whole one is the model's own, and each part left out is left out, no other."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from core.model.ablated import PARTS, Ablated, encode_ablated, logits_ablated, write_ablated
from core.model.decoding import greedy
from core.model.named_weights import assembled, expected_arrays, named_arrays
from core.model.special_tokens import PAD, START
from core.model.transformer import Config, Transformer, decode, encode, predict

WORDS = ("[PAD]", "[START]", "[END]", "cats", "sleep", "dogs", "猫", "睡觉", "爱")
CONFIG = Config(d_model=8, heads=2, d_k=4, d_v=4, d_ff=6, layers=2, embedding_scale=True, positions="sinusoidal")
SOURCE = ("cats", "sleep", "dogs")
TARGET = (START, "猫", "睡觉", "爱")


def whole() -> Transformer:
    rng = np.random.default_rng(7)
    arrays = {
        name: rng.normal(size=wanted.shape)
        for name, wanted in expected_arrays(CONFIG, len(WORDS)).items()
        if not wanted.optional or ".feed_forward.b_" in name
    }
    return assembled(CONFIG, WORDS, arrays)


def ablated(part: str = "", changes: Iterable[tuple[str, float]] = ()) -> Ablated:
    """The model without a part; changes: arrays whose name ends so are multiplied by a number."""
    arrays = named_arrays(whole())
    for ending, factor in changes:
        arrays |= {name: array * factor for name, array in arrays.items() if name.endswith(ending)}
    return Ablated(CONFIG, WORDS, arrays, part)


def logits(model: Ablated, source: tuple[str, ...] = SOURCE, target: tuple[str, ...] = TARGET) -> np.ndarray:
    ids = model.ids(source)
    return logits_ablated(model, model.ids(target), encode_ablated(model, ids), ids)


def core_logits(model: Transformer) -> np.ndarray:
    memory = encode(model, model.ids(SOURCE)).output
    return predict(model, decode(model, model.ids(TARGET), memory).output).logits


def test_without_nothing_it_is_the_model_itself() -> None:
    np.testing.assert_allclose(logits(ablated()), core_logits(whole()), rtol=0, atol=1e-12)


def test_it_writes_what_greedy_decoding_says() -> None:
    model, ids = whole(), ablated().ids(SOURCE)
    steps = greedy(model, [WORDS.index(START)], encode(model, ids).output, most_steps=6)
    written = write_ablated(ablated(), ids, 6)
    np.testing.assert_array_equal(written.ids, steps.ids)
    np.testing.assert_allclose(written.probabilities, steps.probabilities, rtol=0, atol=1e-12)


@pytest.mark.parametrize("part", ["", *PARTS])
def test_padding_and_company_change_nothing(part: str) -> None:
    model = ablated(part)
    batch = np.array([model.ids((*SOURCE, PAD)), model.ids((*SOURCE[::-1], "cats"))])
    together = write_ablated(model, batch, 3)
    for ids, row, probabilities in zip((batch[0, :3], batch[1]), together.ids, together.probabilities, strict=True):
        alone = write_ablated(model, ids, 3)
        np.testing.assert_array_equal(row[: len(alone.ids)], alone.ids)
        np.testing.assert_allclose(probabilities[: len(alone.ids)], alone.probabilities, rtol=0, atol=1e-12)


@pytest.mark.parametrize("part", PARTS)
def test_every_part_left_out_changes_what_is_computed(part: str) -> None:
    assert np.abs(logits(ablated(part)) - logits(ablated())).max() > 1e-3


def test_without_positions_the_order_of_the_source_is_lost() -> None:
    one, other = (logits(ablated("positions"), source) for source in (SOURCE, SOURCE[::-1]))
    np.testing.assert_allclose(one, other, rtol=0, atol=1e-12)


def test_without_the_causal_mask_earlier_rows_hear_of_later_words() -> None:
    other = (*TARGET[:-1], "猫")
    for part, changed in (("", False), ("causal_mask", True)):
        before, after = (logits(ablated(part), target=target)[0] for target in (TARGET, other))
        assert (np.abs(before - after).max() > 1e-6) == changed


def test_without_scaling_scores_are_as_large_as_with_larger_queries() -> None:
    larger = ablated("", [(".w_q", 2.0)])  # √d_k = 2
    np.testing.assert_allclose(logits(ablated("scaling")), logits(larger), rtol=0, atol=1e-9)


def test_without_residuals_a_sub_layer_of_zeros_leaves_nothing() -> None:
    def spread(part: str, zero: str) -> float:
        """How far the rows of the memory are apart, where a sub-layer gives zeros."""
        model = ablated(part, [(zero, 0.0)])
        return float(np.ptp(encode_ablated(model, model.ids(SOURCE)), axis=0).max())

    assert spread("residuals", ".w_o") < 1e-9
    assert spread("attention_residuals", ".w_o") < 1e-9
    assert spread("residuals", ".w_2") < 1e-9
    assert spread("attention_residuals", ".w_2") > 1e-3
    assert spread("", ".w_o") > 1e-3


def test_without_feed_forward_or_norm_their_weights_are_not_read() -> None:
    for part, names in (("feed_forward", (".feed_forward.", ".norm_3.")), ("layer_norm", (".norm_",))):
        model = ablated(part)
        kept = {name: array for name, array in model.weights.items() if not any(each in name for each in names)}
        np.testing.assert_array_equal(logits(Ablated(CONFIG, WORDS, kept, part)), logits(model))
        with pytest.raises(KeyError):
            logits(Ablated(CONFIG, WORDS, kept))


def test_without_layer_norm_rows_keep_their_size() -> None:
    small, large = (encode_ablated(ablated("layer_norm", [("embedding", by)]), [3]) for by in (1.0, 100.0))
    assert np.linalg.norm(large) > 10 * np.linalg.norm(small)


def test_what_is_refused() -> None:
    with pytest.raises(ValueError, match="found the part 'wings'"):
        ablated("wings")
    with pytest.raises(ValueError, match="post-norm"):
        Ablated(Config(8, 2, 4, 4, 6, norm="pre"), WORDS, {})
