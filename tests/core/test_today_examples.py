"""Today's models in example files and model files: what they mean, what they compute, what is wrong with them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.examples.completed_model import pooled_heads, repeated_heads
from core.examples.example import Example, ExampleError, parse_example
from core.examples.model_file import read_model, write_model
from core.examples.overview import summary
from core.model.alibi import alibi_bias, alibi_slopes
from core.model.attention import attention, split_heads
from core.model.decoding import greedy, sampled
from core.model.figures import kv_bytes_per_token
from core.model.kv_cache import KVCache
from core.model.named_weights import assembled, expected_arrays, named_arrays
from core.model.rotary import Rotary
from core.model.sampling import Sampling, pick
from core.model.transformer import Config, Transformer, decode, predict
from core.trace import Trace
from core.trace.claims import CLAIMS
from core.trace.pipeline import trace_example

SENTENCE = 'sentence = "the cat saw the dog"\nd_model = 8\nheads = 4\n'
ONLY = SENTENCE + '[model]\nkind = "decoder-only"\n'
TEXTS = {
    "rms": 'norm = "rms"',
    "swiglu": 'activation = "swiglu"',
    "geglu": 'activation = "geglu_tanh"',
    "rotary": 'positions = "rotary"',
    "rotary, neighbours": 'positions = "rotary"\nrotary_base = 100\nrotary_pairs = "neighbours"\nrotary_scaling = 2.0',
    "alibi": 'positions = "alibi"',
    "grouped": "kv_heads = 2",
    "multi-query": "kv_heads = 1",
    "window": "window = 2",
    "window, sinks": "window = 2\nsinks = 1",
    "soft cap": "soft_cap = 1.5",
    "experts": "experts = 4",
    "gated experts": 'experts = 3\nopened = 1\nactivation = "swiglu"',
    "all": 'norm = "rms"\nactivation = "geglu"\npositions = "rotary"\nkv_heads = 2\nwindow = 3\nsinks = 1\n'
    "soft_cap = 3\nexperts = 4\nopened = 2\nlayers = 3",
    "all, ALiBi": 'norm = "pre"\npositions = "alibi"\nkv_heads = 1\nwindow = 3\nsoft_cap = 3\nactivation = "swiglu"',
}


def example_of(lines: str, before: str = ONLY) -> Example:
    return parse_example(before + lines, "x.toml")


# --- what the fields mean ---------------------------------------------------------------------------------------------


def test_the_fields_are_the_configuration() -> None:
    config = example_of(TEXTS["all"]).config
    assert (config.norm, config.norm_kind, config.final_norm, config.activation) == ("pre", "rms", True, "geglu")
    assert (config.rotary, config.alibi, config.positions) == (Rotary(), False, "none")
    assert (config.kv_heads, config.window, config.sinks, config.soft_cap) == (2, 3, 1, 3.0)
    assert (config.experts, config.opened, config.layers) == (4, 2, 3)
    assert example_of(TEXTS["rotary, neighbours"]).config.rotary == Rotary(100, None, True, 2)
    wide = SENTENCE.replace("heads = 4", "heads = 2") + '[model]\nkind = "decoder-only"\n'
    partial = example_of('positions = "rotary"\nrotary_width = 2', wide)
    assert partial.config.rotary == Rotary(width=2)
    assert example_of(TEXTS["alibi"]).config.alibi


def test_without_them_everything_is_as_before() -> None:
    """Whatever else is drawn, the first attention and the embedding stay."""
    plain = example_of("")
    assert plain.config == Config(8, 4, 2, 2, 16, kind="decoder-only")
    for name, lines in TEXTS.items():
        other = example_of(lines)
        for part in ("w_q", "w_k", "w_v", "w_o", "embedding_table"):
            np.testing.assert_array_equal(getattr(other, part), getattr(plain, part), err_msg=name)


def test_shared_heads_are_the_means_of_their_groups() -> None:
    """And a matrix whose heads are alike in each group is pooled to these: the attention is the same."""
    example = example_of("kv_heads = 2")
    layer = example.model.decoder[0].self_attention
    assert (example.w_k.shape, layer.w_k.shape, layer.w_v.shape) == ((8, 8), (8, 4), (8, 4))
    heads = example.w_k.reshape(8, 4, 2)
    np.testing.assert_array_equal(layer.w_k.reshape(8, 2, 2), (heads[:, 0::2] + heads[:, 1::2]) / 2)
    few = np.random.default_rng(1).normal(size=(3, 8, 4))
    np.testing.assert_array_equal(pooled_heads(repeated_heads(few, 4, 2), 4, 2), few)
    q, x = np.random.default_rng(2).normal(size=(4, 5, 2)), np.random.default_rng(3).normal(size=(5, 8))
    k, v = (split_heads(x @ matrix, 2) for matrix in few[:2])
    wide = [split_heads(x @ repeated_heads(matrix, 4, 2), 4) for matrix in few[:2]]
    np.testing.assert_allclose(attention(q, k, v, grouped=True).output, attention(q, *wide).output, rtol=0, atol=1e-12)


def test_an_encoder_may_share_heads_and_cap_scores() -> None:
    example = example_of("[model]\nkv_heads = 1\nsoft_cap = 2\n", SENTENCE)
    model = example.model
    attentions = [model.encoder[0].self_attention, model.decoder[1].self_attention, model.decoder[1].cross_attention]
    assert all(weights is not None and weights.w_k.shape == weights.w_v.shape == (8, 2) for weights in attentions)
    assert_made_of_what_it_names(trace_example(example))


def test_networks_with_gates_and_experts_have_no_biases() -> None:
    names = set(named_arrays(example_of('experts = 3\nactivation = "swiglu"').model))
    feed = {name.split("feed_forward.")[1] for name in names if ".1.feed_forward" in name}
    assert feed == {"router", *(f"expert_{n}.{w}" for n in (1, 2, 3) for w in ("w_gate", "w_1", "w_2"))}
    assert not any(name.endswith(".shift") for name in named_arrays(example_of('norm = "rms"').model))


# --- what they compute ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TEXTS)
def test_token_by_token_or_all_at_once(name: str) -> None:
    """Kept keys and values give what all tokens anew give."""
    model = example_of(TEXTS[name]).model
    ids = [5, 0, 3, 1, 2, 0, 4]
    whole, past = decode(model, ids), None
    for place, token in enumerate(ids):
        past = decode(model, [token], past=past)
        np.testing.assert_allclose(past.output[0], whole.output[place], rtol=0, atol=1e-10)
    said, kept = (greedy(model, ids[:2], most_steps=5, cached=cached) for cached in (False, True))
    np.testing.assert_array_equal(said.ids, kept.ids)


@pytest.mark.parametrize("name", TEXTS)
def test_nobody_looks_ahead_nor_out_of_the_window(name: str) -> None:
    example = example_of(TEXTS[name])
    ids, config = [0, 1, 2, 3, 4, 0], example.config
    for layer in decode(example.model, ids).layers:
        weights = layer.self_attention.inner.heads.weights  # (heads, queries, keys)
        np.testing.assert_allclose(weights.sum(axis=-1), 1, rtol=0, atol=1e-12)
        for query, key in np.ndindex(6, 6):
            behind = query - key
            near = config.window is None or behind < config.window or key < config.sinks
            assert bool((weights[:, query, key] > 0).all()) == (behind >= 0 and near)


@pytest.mark.parametrize("name", TEXTS)
def test_the_cache_of_a_model_is_the_public_one(name: str) -> None:
    """The next token's attention by `KVCache` is that of the model, with its bytes counted."""
    example, ids = example_of(TEXTS[name]), [0, 1, 2, 3, 4]
    config = example.config
    before, whole = decode(example.model, ids[:4]), decode(example.model, ids)
    for earlier, layer in zip(before.layers, whole.layers, strict=True):
        heads, cache = layer.self_attention.inner.heads, KVCache.of(earlier.self_attention.inner.heads)
        assert (len(cache), cache.next_position) == (4, 4)
        assert cache.nbytes == 4 * kv_bytes_per_token(1, config.kv_heads or config.heads, config.d_k, bytes_each=8)
        cache = cache.append(heads.k[:, 4:], heads.v[:, 4:])
        bias = alibi_bias(alibi_slopes(config.heads), 1, 5, offset=4) if config.alibi else None
        look = {"window": config.window, "sinks": config.sinks, "soft_cap": config.soft_cap}
        output = cache.attend(heads.q[:, 4:], bias=bias, **look).output
        np.testing.assert_allclose(output, heads.output[:, 4:], rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", ["rms", "all"])
def test_sentences_are_drawn_from_the_model(name: str) -> None:
    """The same seed says the same; each word falls where the die falls; without temperature it is the likeliest."""
    model = example_of(TEXTS[name]).model
    sampling = Sampling(temperature=1.5, top_k=5, top_p=0.9)
    first, again, other = (sampled(model, [0, 1], sampling=sampling, seed=seed, most_steps=8) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.ids, again.ids)
    assert first.ids.tolist() != other.ids.tolist()
    np.testing.assert_array_equal(pick(first.drawn_from.output, first.thrown), first.ids)
    whole = predict(model, decode(model, [0, 1, *first.ids[:-1]]).output[1:])
    np.testing.assert_allclose(whole.logits, first.logits, rtol=0, atol=1e-10)
    cold = sampled(model, [0, 1], sampling=Sampling(temperature=0), seed=3, most_steps=8)
    np.testing.assert_array_equal(cold.ids, greedy(model, [0, 1], most_steps=8).ids)
    with pytest.raises(ValueError, match="found a prompt of 0 tokens"):
        sampled(model, [])


def test_order_is_told_by_turning_and_by_penalties() -> None:
    """Without positions the last row does not see the order of those before it; with them it does."""
    ids, other = [0, 1, 2, 3], [1, 0, 2, 3]
    for lines, told in (("layers = 1", False), (TEXTS["rotary"], True), (TEXTS["alibi"], True)):
        model = example_of(lines).model
        apart = np.abs(decode(model, ids).output[-1] - decode(model, other).output[-1]).max()
        assert (apart > 1e-6) == told


def test_rotary_models_do_not_know_where_a_text_begins() -> None:
    """With one layer, a row depends on the tokens in its window alone, wherever they stand."""
    model = example_of('positions = "rotary"\nwindow = 3\nlayers = 1\nnorm = "rms"').model
    rows = [decode(model, [*before, 1, 4, 2]).output[-1] for before in ([], [0], [3, 3, 0, 2])]
    for row in rows[1:]:
        np.testing.assert_allclose(row, rows[0], rtol=0, atol=1e-12)


# --- the trace --------------------------------------------------------------------------------------------------------


def assert_made_of_what_it_names(trace: Trace) -> None:
    for name, tensor in trace.items():
        again = trace.recomputed(name)
        size = max(1.0, np.abs(tensor.values[np.isfinite(tensor.values)]).max(initial=0))
        assert np.allclose(again, tensor.values, rtol=1e-9, atol=1e-12 * size), name
        last = tuple(length - 1 for length in tensor.shape)
        cell = trace.open(name, *last)
        assert cell.recomputed == pytest.approx(cell.result.value, rel=1e-9, abs=1e-9), name


@pytest.mark.parametrize("name", TEXTS)
def test_every_number_is_made_of_what_it_names(name: str) -> None:
    example = example_of(TEXTS[name] + "\n")
    trace = trace_example(example)
    assert_made_of_what_it_names(trace)
    output = decode(example.model, example.model.ids(example.decoder_tokens)).output
    np.testing.assert_array_equal(trace["decoder.output"].values, output)
    np.testing.assert_array_equal(trace["logits"].values, predict(example.model, output).logits)


@pytest.mark.parametrize("name", TEXTS)
def test_claims_answer_unless_they_are_of_what_the_model_does_not_have(name: str) -> None:
    """Those on layer norm and on the plain network are asked of models alone that have these."""
    example = example_of(TEXTS[name])
    trace, config = trace_example(example), example.config
    there = {"norm": config.norm_kind == "layer", "feed_forward": config.has_plain_networks}
    silent = {f"core.trace.claims.{room}" for room, answers in there.items() if not answers}
    for claim in CLAIMS.values():
        if claim.decide.__module__ not in silent:
            assert claim.outcome(trace, example) in claim.outcomes


def test_what_is_in_the_trace() -> None:
    trace = trace_example(example_of(TEXTS["all"]))
    heads = "decoder.1.self_attention.heads"
    tokens = len(trace["target.token_ids"].values)
    assert trace[f"{heads}.q"].axes == ("heads", "queries", "d_k")
    assert trace[f"{heads}.k"].axes == ("kv_heads", "keys", "d_k")
    assert (trace[f"{heads}.q"].shape, trace[f"{heads}.k"].shape) == ((4, tokens, 2), (2, tokens, 2))
    assert trace["rotary.frequencies"].values.tolist() == [1.0]
    assert trace[f"rotary.angles_{tokens}"].values[:, 0].tolist() == [*range(tokens)]
    for name in ("q", "k"):
        straight, turned = trace[f"{heads}.{name}_straight"].values, trace[f"{heads}.{name}"].values
        np.testing.assert_array_equal(straight[:, 0], turned[:, 0])
        assert np.abs(straight[:, 1] - turned[:, 1]).max() > 1e-3
    assert (np.abs(trace[f"{heads}.capped_scores"].values) < 3).all()
    feed = "decoder.1.feed_forward"
    assert trace[f"{feed}.shares"].axes == ("tokens", "experts")
    assert (trace[f"{feed}.opened"].values.sum(axis=-1) == 2).all()
    np.testing.assert_allclose(trace[f"{feed}.shares"].values.sum(axis=-1), 1, rtol=0, atol=1e-12)
    assert "decoder.1.norm_1.root" in trace and "decoder.1.norm_1.mean" not in trace
    assert not any(name.startswith(("layer_norm", "batch_norm", "placement", "feed_forward")) for name in trace)
    penalised = trace_example(example_of(TEXTS["alibi"]))
    assert penalised["alibi.slopes"].values.tolist() == [1 / 4, 1 / 16, 1 / 64, 1 / 256]
    assert penalised[f"{heads}.penalties"].values[0, 3].tolist()[:4] == [-0.75, -0.5, -0.25, 0]


# --- model files ------------------------------------------------------------------------------------------------------

WORDS = ("a", "b", "c", "[PAD]", "[START]", "[END]")
BASE = Config(8, 4, 2, 2, 6, kind="decoder-only", norm="pre", final_norm=True)
CONFIGS = {
    "plain": {},
    "today": {"norm_kind": "rms", "activation": "swiglu", "rotary": Rotary(500, 2, True, 4), "kv_heads": 2},
    "window": {"window": 3, "sinks": 2, "soft_cap": 2.5, "alibi": True},
    "experts": {"experts": 3, "opened": 1, "activation": "relu"},
}


def model_of(config: Config) -> Transformer:
    rng = np.random.default_rng(4)
    wanted = {name: array for name, array in expected_arrays(config, len(WORDS)).items() if not array.optional}
    arrays = {name: np.round(rng.normal(size=array.shape) * 64) / 64 for name, array in wanted.items()}
    return assembled(config, WORDS, arrays)


@pytest.mark.parametrize("name", CONFIGS)
def test_a_model_is_written_and_read(tmp_path: Path, name: str) -> None:
    model = model_of(replace(BASE, **CONFIGS[name]))
    write_model(model, tmp_path / "m.safetensors")
    read, faults = read_model("x.toml", tmp_path, "m.safetensors")
    assert not faults
    assert read is not None
    assert read.config == model.config
    for part, array in named_arrays(read).items():
        np.testing.assert_array_equal(array, named_arrays(model)[part])
    example = parse_example('sentence = "a b c"\n[model]\nfile = "m.safetensors"', tmp_path / "x.toml")
    assert_made_of_what_it_names(trace_example(example))


def test_of_a_file_with_shared_heads_each_is_as_often_as_it_is_shared(tmp_path: Path) -> None:
    model = model_of(replace(BASE, kv_heads=2))
    write_model(model, tmp_path / "m.safetensors")
    example = parse_example('sentence = "a b c"\n[model]\nfile = "m.safetensors"', tmp_path / "x.toml")
    own = model.decoder[0].self_attention
    np.testing.assert_array_equal(example.w_k, repeated_heads(own.w_k, 4, 2))
    np.testing.assert_array_equal(pooled_heads(example.w_v, 4, 2), own.w_v)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"eps": 2.0}, r"found eps 2.0, which a model file cannot have"),
        ({"position_base": 100.0}, "found position_base 100.0; expected 10000, as in every model file"),
        ({"rotary": Rotary(), "positions": "learned"}, "found positions learned; expected none"),
    ],
)
def test_what_a_file_cannot_have(tmp_path: Path, changed: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        write_model(model_of(replace(BASE, **changed)), tmp_path / "m.safetensors")


@pytest.mark.parametrize(
    ("entries", "messages"),
    [
        ({"kv_heads": 3}, ["config.kv_heads: found 3; allowed: a divisor of heads 4 (1, 2 or 4)"]),
        (
            {"positions": "rotary", "rotary_width": 4},
            ["config.rotary_width: found 4; allowed: an even number up to d_k 2"],
        ),
        ({"sinks": 2}, ["config.sinks: found 2; allowed: nothing without window"]),
        ({"norm_kind": "RMS"}, ['config.norm_kind: found "RMS"; allowed: "layer" or "rms"; did you mean "rms"?']),
    ],
)
def test_faulty_model_files(tmp_path: Path, entries: dict[str, Any], messages: list[str]) -> None:
    from safetensors.numpy import load_file, save_file

    write_model(model_of(BASE), tmp_path / "m.safetensors")
    config = {"kind": "decoder-only", "layers": 2, "heads": 4, "norm": "pre", "activation": "relu", "eps": 1e-5}
    config |= {"embedding_scale": False, "positions": "none", "tied": True, "final_norm": True, **entries}
    metadata = {"config": json.dumps(config), "vocabulary": json.dumps(WORDS)}
    save_file(load_file(tmp_path / "m.safetensors"), tmp_path / "m.safetensors", metadata)
    _, faults = read_model("x.toml", tmp_path, "m.safetensors")
    assert [str(fault) for fault in faults][: len(messages)] == [f"x.toml: m.safetensors: {text}" for text in messages]


# --- faults -----------------------------------------------------------------------------------------------------------

ENCODER = 'nothing such beside an encoder; with it goes kind = "decoder-only"'
NOTHING = '"nothing.safetensors"'
FAULTS: dict[str, tuple[str, list[str]]] = {
    "values": (
        ONLY
        + 'norm = "RMS"\npositions = "rope"\nkv_heads = 0\nwindow = "4"\nsinks = true\nsoft_cap = -1\nexperts = 1\n'
        'opened = 9\nrotary_base = 1\nrotary_pairs = "half"\nactivation = "swish"',
        [
            'model.norm: found "RMS"; allowed: "post", "pre" or "rms"; did you mean "rms"?',
            'model.activation: found "swish"; allowed: "relu", "gelu", "gelu_tanh", "swiglu", "geglu" or "geglu_tanh"',
            'model.positions: found "rope"; allowed: "rotary" or "alibi"',
            "model.kv_heads: found 0; allowed: a whole number from 1 to 512",
            'model.window: found "4"; allowed: a whole number from 1 to 64; did you mean 4?',
            "model.sinks: found true; allowed: a whole number from 1 to 64",
            "model.soft_cap: found -1; allowed: a number from 0.1 to 1000",
            "model.experts: found 1; allowed: a whole number from 2 to 8",
            "model.opened: found 9; allowed: a whole number from 1 to 8",
            "model.rotary_base: found 1; allowed: a number from 2 to 10000000",
            'model.rotary_pairs: found "half"; allowed: "halves" or "neighbours"; did you mean "halves"?',
        ],
    ),
    "beside an encoder": (
        SENTENCE + '[model]\nnorm = "rms"\nactivation = "swiglu"\npositions = "alibi"\nwindow = 4\nexperts = 4',
        [
            f'model.positions: found "alibi"; allowed: {ENCODER}',
            f"model.window: found 4; allowed: {ENCODER}",
            f"model.experts: found 4; allowed: {ENCODER}",
            f'model.norm: found "rms"; allowed: {ENCODER}',
            f'model.activation: found "swiglu"; allowed: {ENCODER}',
        ],
    ),
    "without what they belong to": (
        ONLY + "rotary_base = 100\nrotary_width = 2\nsinks = 1\nopened = 1",
        [
            'model.rotary_base: found 100.0; allowed: nothing without positions = "rotary"',
            'model.rotary_width: found 2; allowed: nothing without positions = "rotary"',
            "model.sinks: found 1; allowed: nothing without window",
            "model.opened: found 1; allowed: nothing without experts",
        ],
    ),
    "sizes": (
        ONLY.replace("heads = 4", "heads = 4\nd_k = 3") + 'positions = "rotary"\nkv_heads = 3\nexperts = 2\nopened = 3',
        [
            "model.opened: found 3; allowed: 1 to 2, as many as there are experts",
            "model.kv_heads: found 3; allowed: a divisor of heads 4 (1, 2 or 4)",
            'model.positions: found "rotary" with d_k 3; allowed: an even d_k, or an even rotary_width below it',
        ],
    ),
    "twice told": (
        ONLY.replace("[model]", "positions = true\n[model]") + 'positions = "rotary"\nrotary_width = 4',
        [
            'model.positions: found "rotary" beside positions = true; allowed: one of the two',
            "model.rotary_width: found 4; allowed: an even number up to d_k 2",
        ],
    ),
    "faulty themselves": (
        ONLY + "sinks = 1\nwindow = 0",
        ["model.window: found 0; allowed: a whole number from 1 to 64"],
    ),
    "beside a file": (
        'sentence = "robot"\n[model]\nfile = "nothing.safetensors"\nkv_heads = 2',
        [f"model.kv_heads: found a value beside model.file {NOTHING}; allowed: nothing: the model decides it"],
    ),
}


@pytest.mark.parametrize(("text", "messages"), FAULTS.values(), ids=FAULTS)
def test_faults(text: str, messages: list[str]) -> None:
    with pytest.raises(ExampleError) as error:
        parse_example(text, "x.toml")
    found = [str(fault) for fault in error.value.faults if "nothing.safetensors, no such" not in str(fault)]
    assert found[-len(messages) :] == [f"x.toml: {message}" for message in messages]


def test_the_summary_says_what_there_is() -> None:
    text = summary(example_of(TEXTS["all"]))
    for part in ("RMS norms", "2 kv heads", "window 3", "1 sinks", "soft cap 3", "2 of 4 experts", "rotary: queries"):
        assert part in text
    assert "ALiBi: scores get penalties" in summary(example_of(TEXTS["alibi"]))
