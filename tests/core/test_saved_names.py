"""Weights as others save them: PyTorch's, Hugging Face's and GPT-2's names and orientations, read or told the cure."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from core.examples.example import Example, ExampleError, load_example
from core.examples.model_file import MODELS, read_model
from core.model.named_weights import named_arrays

Arrays = dict[str, np.ndarray]
RNG = np.random.default_rng(5)
W = {name: RNG.normal(size=(4, 6)) for name in ("w_q", "w_k", "w_v")} | {"w_o": RNG.normal(size=(6, 4))}
B = {name: RNG.normal(size=6) for name in ("b_q", "b_k", "b_v")} | {"b_o": RNG.normal(size=4)}


def linear(names: str, out: str, prefix: str = "") -> Arrays:
    """As Linears of PyTorch: a row for each output. `names` holds a {} for q, k, v or for query, key, value."""
    long = dict(zip("qkv", ("query", "key", "value"), strict=True))
    called = {of: prefix + (names.format(long[of]) if "self" in names else names.format(of)) for of in "qkv"}
    arrays = {f"{name}.weight": W[f"w_{of}"].T for of, name in called.items()}
    arrays |= {f"{name}.bias": B[f"b_{of}"] for of, name in called.items()}
    return arrays | {f"{prefix}{out}.weight": W["w_o"].T, f"{prefix}{out}.bias": B["b_o"]}


def multihead(prefix: str = "") -> Arrays:
    """As torch.nn.MultiheadAttention."""
    return {
        f"{prefix}in_proj_weight": np.vstack([W["w_q"].T, W["w_k"].T, W["w_v"].T]),
        f"{prefix}in_proj_bias": np.concatenate([B["b_q"], B["b_k"], B["b_v"]]),
        f"{prefix}out_proj.weight": W["w_o"].T,
        f"{prefix}out_proj.bias": B["b_o"],
    }


def gpt2(prefix: str = "", *, linears: bool = False) -> Arrays:
    """As GPT-2's Conv1D, a row for each input; or, as in re-implementations, with Linears of the same names."""
    fused, out = np.hstack([W["w_q"], W["w_k"], W["w_v"]]), W["w_o"]
    return {
        f"{prefix}c_attn.weight": fused.T if linears else fused,
        f"{prefix}c_attn.bias": np.concatenate([B["b_q"], B["b_k"], B["b_v"]]),
        f"{prefix}c_proj.weight": out.T if linears else out,
        f"{prefix}c_proj.bias": B["b_o"],
    }


def example(folder: Path, arrays: Arrays, extra: str = "") -> Example:
    save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, folder / "w.safetensors")
    text = f'sentence = "a b"\nd_model = 4\nheads = 2\nd_k = 3\nd_v = 3\n[weights]\nfile = "w.safetensors"\n{extra}\n'
    (folder / "x.toml").write_text(text, encoding="utf-8")
    return load_example(folder / "x.toml")


def fault(folder: Path, arrays: Arrays, extra: str = "") -> str:
    with pytest.raises(ExampleError) as caught:
        example(folder, arrays, extra)
    return str(caught.value).replace(f"{folder}/", "")


SAVED: dict[str, Arrays] = {
    "MultiheadAttention": multihead(),
    "MultiheadAttention in a layer": multihead("self_attn."),
    "GPT-2": gpt2(),
    "GPT-2 in a block": gpt2("h.0.attn.") | {"h.0.attn.bias": np.zeros((1, 1, 8, 8))},
    "GPT-2 of Linears": gpt2(linears=True),
    "Llama": linear("{}_proj", "o_proj", "model.layers.0.self_attn."),
    "BART": linear("{}_proj", "out_proj", "self_attn."),
    "BERT": linear("self.{}", "output.dense", "attention."),
    "by hand": linear("W_{}", "W_o"),
    "diffusers": linear("to_{}", "to_out.0"),
    "names of here": W | B,
    "names of here in a module": {f"attn.{name}": array for name, array in (W | B).items()},
}


@pytest.mark.parametrize("arrays", SAVED.values(), ids=SAVED)
def test_each_is_read_as_what_it_is(arrays: Arrays, tmp_path: Path) -> None:
    read = example(tmp_path, arrays)
    for name, array in (W | B).items():
        np.testing.assert_array_equal(getattr(read, name), array, err_msg=name)
    assert sorted(read.read) == sorted(W | B)


@pytest.mark.parametrize("prefix", ["layers.1.self_attn", "layers.1.self_attn."])
def test_of_several_attentions_one_is_named(prefix: str, tmp_path: Path) -> None:
    other = {name: array + 1 for name, array in multihead("layers.0.self_attn.").items()}
    both = other | multihead("layers.1.self_attn.") | {"layers.1.linear1.weight": np.ones((8, 4))}
    assert fault(tmp_path, both) == (
        'x.toml: weights.file: found "w.safetensors", with the arrays of 2 attentions; '
        'allowed: one of them: below [weights] prefix = "layers.0.self_attn" or "layers.1.self_attn"'
    )
    read = example(tmp_path, both, f'prefix = "{prefix}"')
    np.testing.assert_array_equal(read.w_k, W["w_k"])
    assert fault(tmp_path, both, 'prefix = "layers.1.self_atn"').endswith('did you mean "layers.1.self_attn"?')


def test_a_layer_of_pytorch_is_told_the_prefix(tmp_path: Path) -> None:
    layer = multihead("self_attn.") | {"linear1.weight": np.ones((8, 4)), "norm1.weight": np.ones(4)}
    assert fault(tmp_path, layer) == (
        'x.toml: weights.file: found "w.safetensors", which also holds "linear1.weight" and "norm1.weight"; '
        'allowed: below [weights] prefix = "self_attn", for its attention alone'
    )
    np.testing.assert_array_equal(example(tmp_path, layer, 'prefix = "self_attn"').w_o, W["w_o"])


@pytest.mark.parametrize(
    ("arrays", "told"),
    [
        (
            {"qkv.weight": np.ones((18, 4))},
            "qkv.weight: found an unknown array; allowed: three arrays w_q, w_k and w_v",
        ),
        (
            {"query_key_value.weight": np.ones((18, 4))},
            "query_key_value.weight: found an unknown array; allowed: three",
        ),
        ({"in_proj_weight": np.ones((7, 4))}, "in_proj_weight: found an unknown array; allowed: three arrays w_q"),
        (
            {"c_attn.weight": np.ones((6, 6))},
            "c_attn.weight: found an unknown array; allowed: c_attn.weight of d_model",
        ),
        (
            {"c_proj.weight": np.ones((6, 4))},
            "c_proj.weight: found an unknown array; allowed: c_attn.weight of d_model",
        ),
        ({"w_q": W["w_q"].T}, "shape 4 × 6 (d_model × heads·d_k); did you mean its transpose (a Linear of PyTorch"),
        (W | {"q_proj.weight": W["w_q"].T}, "q_proj.weight: found w_q a second time; allowed: one of the two"),
    ],
)
def test_what_could_be_meant_in_two_ways_is_told_the_cure(arrays: Arrays, told: str, tmp_path: Path) -> None:
    assert told in fault(tmp_path, arrays)


def test_a_prefix_is_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text('sentence = "a"\n[weights]\nprefix = "h.0.attn"\n')
    with pytest.raises(ExampleError, match=r"weights\.prefix: found .* allowed: nothing without weights\.file"):
        load_example(tmp_path / "x.toml")


# --- models -----------------------------------------------------------------------------------------------------------


def as_transformer(arrays: Arrays) -> Arrays:
    """The arrays of a model as torch.nn.Transformer saves them."""
    saved: Arrays = {}
    turned: Callable[[np.ndarray], np.ndarray] = np.transpose
    for name, array in arrays.items():
        stack, _, rest = name.partition(".")
        number, _, part = rest.partition(".")
        if part.startswith(("self_attention", "cross_attention")):
            theirs = f"{stack}.layers.{int(number) - 1}.{'self_attn' if part.startswith('self') else 'multihead_attn'}."
            kind, of = part[-3], part[-1]
            if of == "o":
                saved[f"{theirs}out_proj.{'weight' if kind == 'w' else 'bias'}"] = turned(array)
            elif of == "q":
                three = [arrays[f"{name[:-1]}{one}"] for one in "qkv"]
                saved[f"{theirs}in_proj_{'weight' if kind == 'w' else 'bias'}"] = np.concatenate(
                    list(map(turned, three))
                )
        elif part.startswith("feed_forward"):
            kind = "weight" if part[-3] == "w" else "bias"
            saved[f"{stack}.layers.{int(number) - 1}.linear{part[-1]}.{kind}"] = turned(array)
        elif part.startswith("norm_"):
            kind = "weight" if part.endswith("scale") else "bias"
            saved[f"{stack}.layers.{int(number) - 1}.norm{part[5]}.{kind}"] = array
        elif name.endswith(("final_norm.scale", "final_norm.shift")):
            saved[f"{stack}.norm.{'weight' if name.endswith('scale') else 'bias'}"] = array
        else:
            saved[{"embedding": "embedding.weight"}.get(name, name)] = array
    return saved


def test_a_model_by_the_names_of_pytorch(tmp_path: Path) -> None:
    """The shipped translator, renamed and turned as nn.Transformer has it, is read as the translator."""
    from safetensors import safe_open

    model, _ = read_model("x.toml", tmp_path, "translator")
    assert model is not None
    arrays = named_arrays(model)
    with safe_open(MODELS / "translator.safetensors", framework="numpy") as file:
        metadata = file.metadata()
    renamed = as_transformer(arrays)
    assert not set(renamed) & set(arrays) - {"output.w"}
    save_file({name: np.ascontiguousarray(one) for name, one in renamed.items()}, tmp_path / "m.safetensors", metadata)
    read, faults = read_model("x.toml", tmp_path, "m.safetensors")
    assert not faults
    assert read is not None
    for name, array in named_arrays(read).items():
        np.testing.assert_array_equal(array, arrays[name], err_msg=name)
    assert json.loads(metadata["vocabulary"])[0] == read.vocabulary[0]
