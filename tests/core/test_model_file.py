"""Models from files: what is read, how an example then stands on it, and every fault a file can have."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from core.examples.example import Example, ExampleError, load_example
from core.examples.model_file import read_model, shipped_models, write_model
from core.examples.overview import summary
from core.model.named_weights import assembled, expected_arrays, named_arrays
from core.model.special_tokens import PAD
from core.model.transformer import Config, Transformer
from core.trace.pipeline import trace_example

WORDS = ("[PAD]", "[START]", "[END]", "cats", "sleep", "猫", "睡觉", "爱")
CONFIG = Config(d_model=6, heads=2, d_k=3, d_v=2, d_ff=5, layers=2, embedding_scale=True, positions="sinusoidal")
ONLY = {"kind": "decoder-only", "norm": "pre", "activation": "gelu_tanh", "positions": "learned", "final_norm": True}


def random_model(config: Config = CONFIG, *, optional: bool = True) -> Transformer:
    rng = np.random.default_rng(4)
    arrays = {
        name: np.round(rng.normal(size=(wanted.shape[0] or 40, *wanted.shape[1:])), 2)
        for name, wanted in expected_arrays(config, len(WORDS)).items()
        if optional or not wanted.optional
    }
    return assembled(config, WORDS, arrays)


def example_of(folder: Path, text: str, model: Transformer | None = None) -> Example:
    write_model(model or random_model(), folder / "m.safetensors")
    return load_with(folder, text)


def load_with(folder: Path, text: str, file: str = "m.safetensors") -> Example:
    path = folder / "x.toml"
    path.write_text(f'{text}\nmodel.file = "{file}"\n', encoding="utf-8")
    return load_example(path)


def faults_of(folder: Path, text: str = 'sentence = "cats sleep"', file: str = "m.safetensors") -> list[str]:
    with pytest.raises(ExampleError) as caught:
        load_with(folder, text, file)
    return [line.replace(f"{folder}{os.sep}", "") for line in str(caught.value).splitlines()]


# --- what is read -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [{}, {"norm": "pre", "final_norm": True, "tied": False, "activation": "gelu"}, ONLY, {"positions": "none"}],
)
@pytest.mark.parametrize("optional", [True, False])
def test_a_model_is_read_as_it_was_written(tmp_path: Path, options: dict[str, Any], optional: bool) -> None:
    model = random_model(Config(**{**vars(CONFIG), **options}), optional=optional)
    write_model(model, tmp_path / "m.safetensors")
    read, faults = read_model("x.toml", tmp_path, "m.safetensors")
    assert not faults
    assert read is not None
    assert (read.config, read.vocabulary) == (model.config, model.vocabulary)
    arrays = named_arrays(read)
    assert arrays.keys() == named_arrays(model).keys()
    for name, array in named_arrays(model).items():
        np.testing.assert_array_equal(arrays[name], array)
        assert not arrays[name].flags.writeable


def test_numbers_of_fewer_bits_are_read_as_float64(tmp_path: Path) -> None:
    arrays = {name: array.astype(np.float16) for name, array in named_arrays(random_model()).items()}
    save(tmp_path, arrays)
    read, _ = read_model("x.toml", tmp_path, "m.safetensors")
    assert read is not None
    assert read.embedding.dtype == np.float64


@pytest.mark.parametrize("options", [{}, {"norm": "pre", "final_norm": True}, ONLY, {"embedding_scale": False}])
def test_an_example_stands_on_its_model(tmp_path: Path, options: dict[str, Any]) -> None:
    model = random_model(Config(**{**vars(CONFIG), **options}))
    example = example_of(tmp_path, 'sentences = ["cats sleep", "cats"]\ntarget = "猫 睡觉"\nmask = "padding"', model)
    assert (example.d_model, example.heads, example.d_k, example.d_v) == (6, 2, 3, 2)
    assert example.vocabulary == ("cats", "sleep", PAD)
    assert example.drawn == ()
    assert example.config == model.config
    trace = trace_example(example)
    assert "nan" not in {str(value) for tensor in trace.values() for value in tensor.values.ravel()[:1]}
    ids = model.ids(example.vocabulary)
    scale = np.sqrt(6) if model.config.embedding_scale else 1
    np.testing.assert_array_equal(trace["embedding_table"].values, model.embedding[ids] * scale)
    np.testing.assert_allclose(
        trace["embedded"].values + trace["positions"].values, trace["x"].values, rtol=0, atol=1e-12
    )
    if not model.config.has_encoder:
        assert example.decoder_tokens == ("[START]", "cats", "sleep", "猫", "睡觉")
        assert not any(name.startswith(("source", "encoder", "memory")) for name in trace)
        return
    np.testing.assert_allclose(trace["x"].values, trace["source.input"].values, rtol=0, atol=1e-12)
    if model.config.norm == "post":
        for name, inner in (("q", "q"), ("heads.weights", "heads.weights"), ("multi_head_output", "output")):
            expected = trace[f"encoder.1.self_attention.{inner}"].values
            np.testing.assert_allclose(trace[name].values, expected, rtol=0, atol=1e-12)


def test_the_target_of_a_trained_model_is_what_it_says(tmp_path: Path) -> None:
    example = example_of(tmp_path, 'sentence = "cats sleep"')
    said = trace_example(example)["translation.token_ids"].labels["steps"]
    words = tuple(word for word in said if not word.startswith("["))
    assert example.target == (words[:16] or example.tokens)


@pytest.mark.parametrize("text", ['sentence = "爱猫"', 'tokens = ["爱", "猫"]', 'sentences = ["爱猫", ["猫"]]'])
def test_chinese_is_cut_into_the_words_of_the_model(tmp_path: Path, text: str) -> None:
    example = example_of(tmp_path, f'{text}\ntarget = "猫爱睡觉"')
    assert example.tokens == ("爱", "猫")
    assert example.target == ("猫", "爱", "睡觉")


def test_a_list_of_tokens_is_left_as_it_is(tmp_path: Path) -> None:
    write_model(random_model(), tmp_path / "m.safetensors")
    found = "which the model does not know"
    assert found in faults_of(tmp_path, 'tokens = ["睡", "觉"]')[0]


def test_the_summary_tells_about_the_model(tmp_path: Path) -> None:
    text = summary(example_of(tmp_path, 'sentence = "cats sleep"\ntarget = "猫"'))
    assert "Target     1: 猫\n" in text
    assert "Model      encoder and decoder, 2 layers, d_ff 5, post-norm, relu, 8 words; trained, from its file" in text
    assert "Numbers    2 decimals, all of the trained model\n" in text
    assert "Positions  sinusoidal, added to the embeddings\n" in text


@pytest.mark.parametrize("name", shipped_models())
def test_shipped_models(name: str) -> None:
    model, faults = read_model("x.toml", Path("nowhere"), name)
    assert not faults
    assert model is not None


# --- what stands beside it --------------------------------------------------------------------------------------------


def test_what_the_model_decides_is_not_given_beside_it(tmp_path: Path) -> None:
    write_model(random_model(), tmp_path / "m.safetensors")
    text = (
        'sentence = "cats sleep"\nd_model = 6\nheads = 2\nd_k = 3\nd_v = 2\npositions = true\nembeddings = [[1]]\n'
        'weights.w_q = [[1]]\nmodel.layers = 2\nmodel.norm = "post"'
    )
    decided = ("d_model", "heads", "d_k", "d_v", "positions", "embeddings", "weights", "model.layers", "model.norm")
    assert faults_of(tmp_path, text) == [
        f'x.toml: {name}: found a value beside model.file "m.safetensors"; allowed: nothing: the model decides it'
        for name in decided
    ]


def test_every_word_is_of_the_vocabulary(tmp_path: Path) -> None:
    write_model(random_model(), tmp_path / "m.safetensors")
    allowed = 'which the model does not know; allowed: the 5 words of the model "m.safetensors"'
    assert faults_of(tmp_path, 'sentences = ["cats slept", "Cats"]\ntarget = "狗"') == [
        f'x.toml: sentences, sentence 1: found "slept", {allowed}; did you mean "sleep"?',
        f'x.toml: sentences, sentence 2: found "Cats", {allowed}; did you mean "cats"?',
        f'x.toml: target: found "狗", {allowed}',
    ]


# --- files that cannot be used ----------------------------------------------------------------------------------------


def save(folder: Path, arrays: dict[str, np.ndarray], **metadata: str) -> None:
    """A model file as `write_model` writes it, with other arrays or metadata."""
    model = random_model()
    write_model(model, folder / "m.safetensors")
    config = {name: getattr(CONFIG, name) for name in CONFIG_FIELDS}
    texts = {"config": json.dumps(config), "vocabulary": json.dumps(WORDS)} | metadata
    save_file(
        {name: np.ascontiguousarray(array) for name, array in arrays.items()},
        folder / "m.safetensors",
        {name: text for name, text in texts.items() if text},
    )


CONFIG_FIELDS = (
    "kind",
    "layers",
    "heads",
    "norm",
    "activation",
    "embedding_scale",
    "positions",
    "tied",
    "final_norm",
    "eps",
)


def with_config(**changed: Any) -> str:
    config = {name: getattr(CONFIG, name) for name in CONFIG_FIELDS} | changed
    return json.dumps({name: value for name, value in config.items() if value is not None})


FIELDS = "kind, layers, heads, norm, activation, embedding_scale, positions, tied, final_norm"
TODAY = (
    "norm_kind, kv_heads, window, sinks, soft_cap, experts, opened, rotary_base, rotary_width, rotary_scaling or "
    "rotary_pairs"
)
METADATA: dict[str, tuple[dict[str, str], list[str]]] = {
    "no config": (
        {"config": "", "confg": "{}"},
        [
            f"config: found nothing in the metadata; allowed: a JSON object with {FIELDS} and eps; did you mean confg?",
        ],
    ),
    "config no JSON": (
        {"config": "{"},
        [f'config: found "{{"; allowed: a JSON object with {FIELDS} and eps'],
    ),
    "config a list": (
        {"config": "[1]"},
        [f"config: found a list of 1; allowed: a JSON object with {FIELDS} and eps"],
    ),
    "config deep": (
        {"config": "[" * 100_000},
        [f'config: found "{"[" * 39}…"; allowed: a JSON object with {FIELDS} and eps'],
    ),
    "config values": (
        {
            "config": with_config(
                kind="encoder", layers=7, heads=True, norm="Post", tied=1, positions="rope", eps="x", final_norm=None
            )
        },
        [
            (
                'config.kind: found "encoder"; allowed: "encoder-decoder" or "decoder-only"; '
                'did you mean "encoder-decoder"?'
            ),
            "config.layers: found 7; allowed: a whole number from 1 to 6",
            "config.heads: found true; allowed: a whole number from 1 to 512",
            'config.norm: found "Post"; allowed: "post" or "pre"; did you mean "post"?',
            'config.positions: found "rope"; allowed: "sinusoidal", "learned", "none", "rotary" or "alibi"',
            "config.tied: found 1; allowed: true or false; did you mean true?",
            "config.final_norm: found nothing; allowed: a value: every entry of config is needed",
            'config.eps: found "x"; allowed: a number from 0 to 1',
        ],
    ),
    "config unknown": (
        {"config": with_config(hed=2)},
        [f"config.hed: found an unknown entry; allowed: {FIELDS}, eps, {TODAY}; did you mean heads?"],
    ),
    "no vocabulary": (
        {"vocabulary": ""},
        [
            (
                "vocabulary: found nothing in the metadata; "
                "allowed: a JSON list of different words, among them [PAD], [START] and [END]"
            ),
        ],
    ),
    "vocabulary no list": (
        {"vocabulary": "{}"},
        [
            "vocabulary: found a table; allowed: a JSON list of different words, among them [PAD], [START] and [END]",
        ],
    ),
    "vocabulary words": (
        {"vocabulary": json.dumps(["[PAD]", "[END]", "", 3, "x" * 41])},
        [
            "vocabulary, word 3: found an empty token; allowed: a text of 1 to 40 characters",
            "vocabulary, word 4: found 3; allowed: a text of 1 to 40 characters, in quotes",
            (f'vocabulary, word 5: found "{"x" * 39}…" of 41 characters; allowed: a text of 1 to 40 characters'),
            (
                "vocabulary: found no [START]; "
                "allowed: a JSON list of different words, among them [PAD], [START] and [END]"
            ),
        ],
    ),
    "vocabulary twice": (
        {"vocabulary": json.dumps([*WORDS[:-1], "cats"])},
        [
            (
                'vocabulary: found "cats" more than once; '
                "allowed: a JSON list of different words, among them [PAD], [START] and [END]"
            ),
        ],
    ),
    "vocabulary short": (
        {"vocabulary": json.dumps(WORDS[:-1])},
        ["embedding: found shape 8 × 6; allowed: shape 7 × 6 (words × d_model)"],
    ),
}


@pytest.mark.parametrize(("metadata", "messages"), METADATA.values(), ids=METADATA)
def test_faulty_metadata(tmp_path: Path, metadata: dict[str, str], messages: list[str]) -> None:
    save(tmp_path, named_arrays(random_model()), **metadata)
    assert faults_of(tmp_path) == [f"x.toml: m.safetensors: {message}" for message in messages]


Arrays = dict[str, np.ndarray]


def renamed(arrays: Arrays) -> Arrays:
    return {name.replace("decoder.2.norm_3.scale", "decoder.2.norm3.scale"): array for name, array in arrays.items()}


ARRAYS: dict[str, tuple[Callable[[Arrays], Arrays], list[str]]] = {
    "missing": (
        lambda arrays: {name: array for name, array in arrays.items() if name != "encoder.2.feed_forward.w_2"},
        ["encoder.2.feed_forward.w_2: found no such array; allowed: shape 5 × 6 (d_ff × d_model)"],
    ),
    "misnamed": (
        renamed,
        [
            (
                "decoder.2.norm_3.scale: found no such array; allowed: 6 numbers (d_model); "
                "did you mean decoder.2.norm3.scale (as it is called there)?"
            ),
            (
                "decoder.2.norm3.scale: found an unknown array; "
                "allowed: the arrays of the model that config describes; did you mean decoder.2.norm_3.scale?"
            ),
        ],
    ),
    "shapes": (
        lambda arrays: (
            arrays | {"decoder.1.cross_attention.w_k": np.zeros((6, 5)), "encoder.1.norm_1.shift": np.zeros((1, 6))}
        ),
        [
            "encoder.1.norm_1.shift: found shape 1 × 6; allowed: 6 numbers (d_model)",
            "decoder.1.cross_attention.w_k: found shape 6 × 5; allowed: shape 6 × 6 (d_model × heads·d_k)",
        ],
    ),
    "segments": (
        lambda arrays: arrays | {"segment_embedding": np.zeros((2, 5))},
        ["segment_embedding: found shape 2 × 5; allowed: shape segments × 6 (segments × d_model)"],
    ),
    "numbers": (
        lambda arrays: (
            arrays | {"decoder.1.norm_1.scale": np.full(6, np.nan), "decoder.1.norm_2.scale": np.full(6, True)}
        ),
        [
            "decoder.1.norm_2.scale: found true and false; allowed: real numbers",
            "decoder.1.norm_1.scale: found NaN, infinite or huge numbers; allowed: numbers up to 1,000,000",
        ],
    ),
    "no embedding": (
        lambda arrays: {"embedding": arrays["embedding"][:, :1]},
        ["embedding: found d_model 1; allowed: 2 to 512"],
    ),
}


@pytest.mark.parametrize(("change", "messages"), ARRAYS.values(), ids=ARRAYS)
def test_faulty_arrays(tmp_path: Path, change: Callable[[Arrays], Arrays], messages: list[str]) -> None:
    save(tmp_path, change(named_arrays(random_model())))
    found = faults_of(tmp_path)
    assert [line for line in found if "no such array" not in line or "did you mean" in line or len(found) < 9] == [
        f"x.toml: m.safetensors: {message}" for message in messages
    ]


def test_learned_positions_must_reach_far_enough(tmp_path: Path) -> None:
    config = Config(**{**vars(CONFIG), "positions": "learned"})
    arrays = named_arrays(random_model(config)) | {"position_embedding": np.zeros((20, 6))}
    save(tmp_path, arrays, config=with_config(positions="learned"))
    [fault] = faults_of(tmp_path)
    assert fault.endswith(
        "position_embedding: found 20 places; allowed: at least 33, for a sentence and its continuation"
    )


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("m.safetensors", b"no model", '"m.safetensors", which cannot be read (it is a text)'),
        ("m.safetensors", b"", '"m.safetensors", which cannot be read ('),
        ("m.npz", b"", '"m.npz", a file of another kind; allowed: a .safetensors file in the example\'s own folder'),
        ("none.safetensors", None, '"none.safetensors", which does not exist; allowed: a .safetensors file'),
        ("../m.safetensors", None, '"../m.safetensors", which lies outside the example\'s folder; allowed: '),
        ("/etc/m.safetensors", None, '"/etc/m.safetensors", which lies outside the example\'s folder; allowed: '),
        ("translater", None, '"translater", no model of that name; allowed: "translator", or a .safetensors file'),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, name: str, content: bytes | None, found: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    [fault] = faults_of(tmp_path, file=name)
    assert fault.startswith(f"x.toml: model.file: found {found}")


def test_a_near_name_is_told(tmp_path: Path) -> None:
    assert faults_of(tmp_path, file="translater")[0].endswith('did you mean "translator"?')
