"""What fails without a part of the model: positions, residual lanes, the causal mask, the feed-forward network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.examples.example import load_example
from core.trace import Trace
from core.trace.ablation import STAGES, distances
from core.trace.pipeline import trace_example

EXAMPLES = ("default", "padded-batch", "causal", "wide")
SINGLE = 'sentence = "one"\n'


@pytest.fixture(scope="module", params=EXAMPLES)
def trace(request: pytest.FixtureRequest) -> Trace:
    return trace_example(load_example(request.param))


def test_without_positions_the_order_of_the_words_is_lost(trace: Trace) -> None:
    np.testing.assert_allclose(trace["ablation.positions.without.distance"].values, 0, atol=1e-12)
    assert trace["ablation.positions.whole.distance"].values.max() > 0.05


def test_reordered_rows_are_those_of_the_sentence_read_backwards(trace: Trace) -> None:
    forth, back = (trace[f"ablation.positions.whole.{name}"] for name in ("output", "reordered"))
    assert forth.labels["tokens"] == back.labels["tokens"][::-1]
    apart = distances(forth.values, back.values[::-1])
    np.testing.assert_allclose(trace["ablation.positions.whole.distance"].values, apart)


def test_with_the_lane_every_row_is_more_like_its_input(trace: Trace) -> None:
    whole, without = (trace[f"ablation.residual.{name}.kept"].values for name in ("whole", "without"))
    assert (whole >= without - 1e-12).all()
    assert trace["ablation.residual.whole.mean_kept"].values > trace["ablation.residual.without.mean_kept"].values
    assert trace["ablation.residual.whole.recognised"].values >= trace["ablation.residual.without.recognised"].values


def test_with_the_mask_no_earlier_row_hears_of_the_last_word(trace: Trace) -> None:
    whole, without = (trace[f"ablation.mask.{name}.change"].values for name in ("whole", "without"))
    np.testing.assert_allclose(whole[:-1], 0, atol=1e-12)
    assert whole[-1] > 0
    assert without[:-1].max() > 0.01


def test_without_the_mask_there_is_attention_on_the_future(trace: Trace) -> None:
    weights, future = (trace[f"ablation.mask.without.{name}"].values for name in ("weights", "future"))
    np.testing.assert_allclose(weights.sum(axis=-1), 1)
    np.testing.assert_allclose(np.triu(weights, 1).sum(axis=-1), future)
    assert future[0] > 0
    assert np.triu(trace["ablation.mask.whole.weights"].values, 1).max() == 0


def test_only_the_last_word_is_another(trace: Trace) -> None:
    before, after = (trace[name].labels["tokens"] for name in ("target.token_ids", "ablation.mask.changed"))
    assert before[:-1] == after[:-1]
    assert before[-1] != after[-1]


def test_a_straight_way_stays_straight_in_attention_and_bends_in_the_network(trace: Trace) -> None:
    without, whole = ("ablation.feed_forward.without", "ablation.feed_forward.whole")
    np.testing.assert_allclose(trace[f"{without}.line"].values, trace[f"{without}.chord"].values, atol=1e-10)
    assert trace[f"{without}.bend"].values < 1e-10
    assert trace[f"{whole}.bend"].values > 0.05
    assert trace[f"{whole}.line"].shape == (STAGES,)


def test_a_single_token_has_no_order_to_lose(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text(SINGLE, encoding="utf-8")
    trace = trace_example(load_example(str(tmp_path / "one.toml")))
    assert trace["ablation.positions.whole.distance"].values == 0
    assert trace["ablation.feed_forward.ends"].labels["ends"] == ("one", "one")
