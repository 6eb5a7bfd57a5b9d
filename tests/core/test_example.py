"""Example files: what is read, what is drawn, and every fault a file can have."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

from core.examples import weights_file
from core.examples.example import ExampleError, load_example, parse_example, shipped_examples
from core.examples.fields import MOST_TOKENS, split_sentence
from core.examples.overview import summary, template
from core.examples.seeded import projection, word_embeddings
from core.model.softmax import softmax
from core.model.special_tokens import PAD

SENTENCE = 'sentence = "a b"\n'
FOUR = "[[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]"


def faults_of(text: str, path: str | Path = "x.toml") -> list[str]:
    with pytest.raises(ExampleError) as caught:
        parse_example(text, path)
    assert str(caught.value).splitlines() == [str(fault) for fault in caught.value.faults]
    return str(caught.value).splitlines()


# --- what is read -----------------------------------------------------------------------------------------------------


def test_the_smallest_file_is_one_line_with_the_sentence() -> None:
    example = parse_example('sentence = "The robot stopped"', "folder/short.toml")
    assert example.name == "short"
    assert example.tokens == ("The", "robot", "stopped")
    assert example.batch == (example.tokens,)
    assert (example.d_model, example.heads, example.d_k, example.d_v, example.decimals) == (4, 2, 2, 2, 2)
    assert (example.mask, example.positions, example.language, example.seed) == ("none", False, "en", "attention")
    assert example.title("en") == example.title("zh") == "The robot stopped"
    assert example.vocabulary == ("robot", "stopped", "The", PAD)
    assert example.b_q is None
    assert not example.embedding_table[-1].any()


@pytest.mark.parametrize(
    ("sentence", "tokens"),
    [
        ("  one   two ", ("one", "two")),
        ("one\ttwo", ("one", "two")),
        ("床前明月光", tuple("床前明月光")),
        ("床前，明月。", ("床", "前", "，", "明", "月", "。")),
        ("我爱GPT模型2号", ("我", "爱", "GPT", "模", "型", "2", "号")),
        ("机器人 停了", ("机器人", "停了")),
        ("It's over.", ("It's", "over.")),
        ("cafe\u0301", ("café",)),
    ],
)
def test_sentences_are_split(sentence: str, tokens: tuple[str, ...]) -> None:
    assert split_sentence(sentence) == tokens


def test_titles_tokens_and_batch() -> None:
    example = parse_example(
        'title = { en = "A", zh = "甲" }\nsentences = ["it works", ["New York", "is", "big"]]\nshow = 2', "x.toml"
    )
    assert (example.title("en"), example.title("zh"), example.title("fr")) == ("A", "甲", "A")
    assert example.tokens == ("New York", "is", "big")
    assert example.padded_sentence(0) == ("it", "works", PAD)
    assert example.rows == example.tokens
    assert parse_example('title = "A"\nsentence = "x"', "x.toml").title("zh") == "A"
    assert parse_example('sentence = "床前明月光"', "x.toml").sentence == "床前明月光"
    assert parse_example('sentence = "床前明月光"', "x.toml").language == "zh"


def test_the_main_sentence_is_padded_where_the_mask_hides_padding() -> None:
    text = 'sentences = ["a", "b c d"]\nmask = "{}"'
    assert parse_example(text.format("padding"), "x.toml").rows == ("a", PAD, PAD)
    assert parse_example(text.format("both"), "x.toml").rows == ("a", PAD, PAD)
    assert parse_example(text.format("causal"), "x.toml").rows == ("a",)


def test_literal_matrices() -> None:
    example = parse_example(
        f'sentence = "a b a"\nmask = [[1, 0, 0], [1, 1, 0], [1, 1, 1]]\n'
        f"[embeddings]\na = [1, 2, 3, 4]\nb = [0.5, 0, 0, 0]\nunused = [9, 9, 9, 9]\n"
        f"[weights]\nw_q = {FOUR}\nb_v = [1, 2, 3, 4]",
        "x.toml",
    )
    assert example.embedding_table.tolist() == [[1, 2, 3, 4], [0.5, 0, 0, 0], [0, 0, 0, 0]]
    assert np.array_equal(example.w_q, np.eye(4))
    assert example.b_v is not None
    assert example.b_v.tolist() == [1, 2, 3, 4]
    assert example.mask == "literal"
    assert example.mask_matrix is not None
    assert example.mask_matrix.tolist() == [[True, False, False], [True, True, False], [True, True, True]]
    assert example.drawn == ("w_k", "w_v", "w_o")


@pytest.mark.parametrize(
    "mask",
    [
        "mask = [[1, 0, 0], [1, 1, 0], [0, 0, 0]]",
        "mask = [[1.0, 0.0, 0], [1, 1, 0], [0, 0, 0]]",
        "mask = [[0, -inf, -inf], [0, 0, -inf], [-inf, -inf, -inf]]",
        'mask = [[true, false, false], [true, true, false], [false, false, false]]\nmask_true = "visible"',
        'mask = [[false, true, true], [false, false, true], [true, true, true]]\nmask_true = "hidden"',
    ],
)
def test_a_mask_in_each_of_its_readings(mask: str) -> None:
    """Of numbers, added to the scores, or of true and false, which the file says the meaning of."""
    matrix = parse_example(f'sentence = "a b c"\n{mask}', "x.toml").mask_matrix
    assert matrix is not None
    assert matrix.tolist() == [[True, False, False], [True, True, False], [False, False, False]]


def test_what_true_means_is_asked_and_never_guessed() -> None:
    mask = "mask = [[false, true], [false, false]]"
    [fault] = faults_of(f"{SENTENCE}{mask}")
    assert fault == (
        "x.toml: mask: found true and false, which some read the one way and some the other; allowed: beside it "
        'mask_true = "hidden", if true may not look (as in PyTorch\'s attn_mask), or "visible"'
    )
    assert faults_of(f'{SENTENCE}mask = "causal"\nmask_true = "hidden"') == [
        'x.toml: mask_true: found "hidden"; allowed: nothing, unless mask is a matrix of true and false'
    ]
    assert "mask_true" in faults_of(f'{SENTENCE}{mask}\nmask_true = "hiden"')[0]
    assert faults_of(f"{SENTENCE}mask = [[true, 0], [false, true]]") == [
        "x.toml: mask, row 1, column 2: found 0; allowed: true or false, as in the rest of the mask"
    ]
    assert faults_of(f"{SENTENCE}mask = [[-inf, 0], [1, 0]]") == [
        "x.toml: mask, row 2, column 1: found 1; allowed: 0 (may look) or -inf (may not), as it is added to the scores"
    ]


def test_blanks_of_tokenizers_are_seen() -> None:
    example = parse_example(
        'tokens = ["if", " f", "\\n", "\\t", " ", "New York", "x\\r\\n"]\n'
        'glosses = { zh = { " f" = "函数" } }\n[embeddings]\n"if" = [1, 2]\n" f" = [3, 4]\n"\\n" = [5, 6]\n'
        '"\\t" = [7, 8]\n" " = [9, 0]\n"New York" = [1, 1]\n"x\\r\\n" = [2, 2]',
        "x.toml",
    )
    assert example.tokens == ("if", "␣f", "⏎", "⇥", "␣", "New York", "x⏎")
    assert example.embedding_table[example.vocabulary.index("␣f")].tolist() == [3, 4]
    assert example.gloss("␣f", "zh") == "函数"
    assert parse_example('tokens = ["it", " was", " late", "."]', "x.toml").sentence == "it was late."


@pytest.mark.parametrize("char", ["\u202e", "\u2066", "\u200b", "\u00ad", "\ufeff", "\u0007", "\u2028", "\u0085"])
def test_characters_that_only_steer_others_are_refused(char: str) -> None:
    """In tokens, titles and meanings: they would reorder or split what stands around them."""
    escaped = f"\\u{ord(char):04x}"
    for text in (f'tokens = ["a{escaped}b"]', f'{SENTENCE}title = "a{escaped}b"', f'{SENTENCE}target = ["{escaped}b"]'):
        [fault] = faults_of(text)
        assert f"U+{ord(char):04X}" in fault or "a line break" in fault
        assert char not in fault


@pytest.mark.parametrize("token", ["می‌خواهم", "क्‍ष", "👩‍🚀", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "א‎", "؁٢"])
def test_joiners_and_marks_of_scripts_stay(token: str) -> None:
    assert parse_example(f'tokens = ["{token}"]', "x.toml").tokens == (token,)


def test_a_title_is_told_why() -> None:
    assert faults_of(f'{SENTENCE}title = "one\\ntwo"') == [
        'x.toml: title: found "one\\ntwo" with a line break; allowed: a text of 1 to 120 characters, all on one line'
    ]


def test_the_title_of_a_file_is_told_from_its_sentence() -> None:
    assert parse_example(f'{SENTENCE}title = "Rain"', "x.toml").own_title("zh") == "Rain"
    assert parse_example(SENTENCE, "x.toml").own_title("en") == ""


def test_a_d_model_that_no_matrix_has_is_one_fault() -> None:
    rows = "[embeddings]\na = [1, 0, 0, 0]\nb = [0, 1, 0, 0]\n"
    weights = "".join(f"{name} = {FOUR}\n" for name in ("w_q", "w_k", "w_v", "w_o"))
    assert faults_of(f"{SENTENCE}d_model = 6\n{rows}[weights]\n{weights}") == [
        (
            "x.toml: d_model: found 6, but 4 as the matrices have it: embeddings, weights.w_q, weights.w_k, "
            "weights.w_v and weights.w_o; allowed: 4, or matrices for 6"
        )
    ]


@pytest.mark.parametrize(("width", "field"), [(1, "weights.w_q"), (513, "weights.w_q")])
def test_sizes_of_matrices_keep_to_the_bounds_of_fields(width: int, field: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", w_q=np.ones((width, 4)))
    [fault] = read_faults(beside(tmp_path))
    assert fault == f"x.toml: d_model: found {width}, from {field}; allowed: 2 to 512"


def test_a_missing_row_is_not_taken_for_that_of_another_word() -> None:
    rows = "[embeddings]\ndogs = [1, 2]\nchase = [3, 4]\ncat = [5, 6]"
    assert faults_of(f'sentence = "dogs chase cats"\n{rows}')[0].endswith('did you mean "cat"?')
    rows = "[embeddings]\ndogs = [1, 2]\nchase = [3, 4]"
    assert faults_of(f'sentence = "dogs chase cats"\n{rows}')[0].endswith("a row for every word")


def test_a_padding_row_may_be_given() -> None:
    by_matrix = parse_example('sentence = "a b"\nembeddings = [[1, 2], [3, 4], [5, 6]]', "x.toml")
    by_word = parse_example('sentence = "a b"\n[embeddings]\na = [1, 2]\nb = [3, 4]\n"[PAD]" = [5, 6]', "x.toml")
    assert by_matrix.embedding_table.tolist() == by_word.embedding_table.tolist() == [[1, 2], [3, 4], [5, 6]]


def test_sizes_follow_the_matrices() -> None:
    example = parse_example('sentence = "a b"\nembeddings = [[1, 2, 3], [3, 4, 5]]', "x.toml")
    assert (example.d_model, example.heads, example.d_k, example.d_v) == (3, 1, 3, 3)
    example = parse_example(
        'sentence = "a"\n[weights]\nw_k = [[1, 2, 3, 4], [3, 4, 5, 6]]\nw_v = [[1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6]]',
        "x.toml",
    )
    assert (example.d_model, example.heads, example.d_k, example.d_v) == (2, 2, 2, 3)
    assert example.w_o.shape == (6, 2)
    example = parse_example('sentence = "a"\nd_model = 5\nheads = 3\nd_k = 2\nd_v = 1', "x.toml")
    assert (example.w_q.shape, example.w_v.shape, example.w_o.shape) == ((5, 6), (5, 3), (3, 5))


def test_an_example_cannot_be_changed() -> None:
    example = parse_example(SENTENCE, "x.toml")
    with pytest.raises(ValueError, match="frozen"):
        example.decimals = 3  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        example.w_q[0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        example.embedding_table[0, 0] = 1


def test_an_example_can_be_a_key() -> None:
    example = parse_example(SENTENCE, "x.toml")
    assert {example: 1}[example] == 1
    assert example != parse_example(SENTENCE, "x.toml")


def test_names_and_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_example("default").name == "default"
    path = tmp_path / "mine.toml"
    path.write_text("\ufeff" + SENTENCE, encoding="utf-8")
    assert load_example(path).tokens == load_example(str(path)).tokens == ("a", "b")
    monkeypatch.chdir(tmp_path)
    assert load_example("mine.toml").path == Path("mine.toml")


# --- what is drawn ----------------------------------------------------------------------------------------------------


def test_the_same_seed_draws_the_same_numbers_for_ever() -> None:
    assert word_embeddings("attention", ["robot", "机器人"], 4, 2).tolist() == RECORDED_EMBEDDINGS
    assert projection("attention", "w_v", (4, 2), 1.5, 2).tolist() == RECORDED_PROJECTION
    example = parse_example('sentence = "The robot stopped"', "x.toml")
    assert example.w_q.tolist() == RECORDED_W_Q


RECORDED_EMBEDDINGS = [[-0.5, 2.0, 0.5, -1.5], [0.0, 0.5, 0.5, 0.5]]
RECORDED_PROJECTION = [[-0.5, 0.0], [-1.0, 0.0], [0.0, -1.0], [-1.0, 0.0]]
RECORDED_W_Q = [[0.0, 0.0, 0.5, 0.0], [0.0, -0.5, -0.5, -0.5], [0.5, 0.5, -1.0, 0.0], [0.5, -1.0, 0.5, -0.5]]


def test_a_word_has_the_same_embedding_in_every_sentence() -> None:
    one = parse_example('sentence = "The robot stopped"', "x.toml")
    other = parse_example('sentence = "Look at the robot"', "y.toml")
    rows = [example.embedding_table[example.vocabulary.index("robot")] for example in (one, other)]
    assert np.array_equal(*rows)
    renamed = parse_example('sentence = "The robot stopped"\nseed = "another"', "x.toml")
    assert not np.array_equal(one.embedding_table, renamed.embedding_table)
    assert np.array_equal(
        parse_example('sentence = "a"\nseed = 7', "x.toml").w_o,
        parse_example('sentence = "a"\nseed = "7"', "x.toml").w_o,
    )


@pytest.mark.parametrize("d_model", [2, 3, 4, 5, 8])
@pytest.mark.parametrize("decimals", [0, 1, 2, 3])
def test_drawn_numbers_print_exactly(d_model: int, decimals: int) -> None:
    example = parse_example(f'sentence = "We saw a robot fall"\nd_model = {d_model}\ndecimals = {decimals}', "x.toml")
    x = example.embedding_table
    for values in (x, example.w_q, x @ example.w_q, x @ example.w_k, x @ example.w_v):
        assert np.allclose(values, np.round(values, decimals), rtol=0, atol=1e-9)
    assert x[:-1].any(axis=1).all()


def test_different_words_have_different_embeddings() -> None:
    words = [f"word{number}" for number in range(96)]
    for d_model in (2, 4, 8):
        table = word_embeddings("attention", words, d_model, 2)
        assert len(np.unique(table, axis=0)) == len(words)


@pytest.mark.parametrize("d_model", [2, 4, 8, 16, 64, 512])
@pytest.mark.parametrize("sentence", ["we saw it", "the old robot did not stop at the red light", "床前明月光"])
def test_drawn_attention_is_neither_flat_nor_all_on_one(d_model: int, sentence: str) -> None:
    example = parse_example(f'sentence = "{sentence}"\nd_model = {d_model}', "x.toml")
    x = example.embedding_table[[example.vocabulary.index(token) for token in example.tokens]]
    weights = softmax(x @ example.w_q @ (x @ example.w_k).T / np.sqrt(d_model))
    largest = weights.max(axis=1)
    assert 0.05 + 1 / len(x) < largest.mean() < 0.85


# --- weights beside the example ---------------------------------------------------------------------------------------


def beside(folder: Path, text: str = SENTENCE, file: str = "w.npz") -> Path:
    path = folder / "x.toml"
    path.write_text(f'{text}[weights]\nfile = "{file}"\n', encoding="utf-8")
    return path


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
def test_weights_are_read_from_a_file(tmp_path: Path, suffix: str) -> None:
    arrays = {"w_q": np.arange(16, dtype=np.float32).reshape(4, 4), "embeddings": np.ones((2, 4)), "b_o": np.arange(4)}
    if suffix == ".npz":
        np.savez(tmp_path / "w.npz", **arrays)
    else:
        save_file(arrays, tmp_path / "w.safetensors")
    example = load_example(beside(tmp_path, file="w" + suffix))
    assert example.w_q.dtype == np.float64
    assert example.w_q.tolist() == arrays["w_q"].tolist()
    assert example.embedding_table.tolist() == [[1] * 4, [1] * 4, [0] * 4]
    assert example.b_o is not None
    assert example.b_o.tolist() == [0, 1, 2, 3]


def read_faults(path: Path) -> list[str]:
    with pytest.raises(ExampleError) as caught:
        load_example(path)
    return [line.replace(f"{path.parent}{os.sep}", "") for line in str(caught.value).splitlines()]


@pytest.mark.parametrize("name", ["../w.npz", "/etc/w.npz", "sub/../../w.npz", "link.npz", "linked/w.npz"])
def test_no_path_leads_out_of_the_examples_folder(tmp_path: Path, name: str) -> None:
    np.savez(tmp_path / "w.npz", w_q=np.eye(4))
    folder = tmp_path / "inner"
    folder.mkdir()
    (folder / "sub").mkdir()
    (folder / "link.npz").symlink_to(tmp_path / "w.npz")
    (folder / "linked").symlink_to(tmp_path)
    [fault] = read_faults(beside(folder, file=name))
    assert fault == (
        f'x.toml: weights.file: found "{name}", which lies outside the example\'s folder; '
        "allowed: a .safetensors or .npz file in the example's own folder"
    )


def test_a_pickle_is_not_opened(tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", w_q=np.array([{"a": 1}], dtype=object))
    [fault] = read_faults(beside(tmp_path))
    assert fault == (
        'x.toml: weights.file: found "w.npz", whose array "w_q" is of objects; '
        "allowed: a whole .npz file of numbers, as numpy.savez writes it: objects could be programs"
    )


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("w.npz", b"not a zip", 'weights.file: found "w.npz", which cannot be read (it is a text); allowed: a whole'),
        ("w.npz", b"", 'weights.file: found "w.npz", which cannot be read (it is empty)'),
        ("w.safetensors", b"not it", 'weights.file: found "w.safetensors", which cannot be read (it is a text)'),
        ("w.safetensors", b"", 'weights.file: found "w.safetensors", which cannot be read (it is empty)'),
        ("w.npz", b"PK\x03\x04\x14", 'weights.file: found "w.npz", which cannot be read (it ends too early: perhaps'),
        ("w.npz", b"\x93NUMPY\x01", 'weights.file: found "w.npz", which cannot be read (it is a single array, as'),
        ("w.safetensors", b"\x80\x02}q", 'weights.file: found "w.safetensors", which cannot be read (it is a pickle'),
        ("w.safetensors", b"PK\x03\x04", 'weights.file: found "w.safetensors", which cannot be read (it is a zip file'),
        (
            "w.safetensors",
            b"\x02\0\0\0\0\0\0\0{x",
            'weights.file: found "w.safetensors", which cannot be read (it is damaged',
        ),
        ("w.pt", b"", 'weights.file: found "w.pt", a file of another kind; allowed: a .safetensors or .npz file'),
        ("none.npz", None, 'weights.file: found "none.npz", which does not exist; allowed: '),
    ],
)
def test_faulty_weights_files(tmp_path: Path, name: str, content: bytes | None, found: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    [fault] = read_faults(beside(tmp_path, file=name))
    assert fault.startswith(f"x.toml: {found}")


def test_a_small_file_may_not_unpack_to_a_huge_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights_file, "MOST_BYTES", 2**20)
    np.savez_compressed(tmp_path / "w.npz", w_q=np.zeros((512, 512)))
    [fault] = read_faults(beside(tmp_path))
    assert 'found "w.npz", which unpacks to more than 1 MB;' in fault
    np.savez(tmp_path / "w.npz", w_q=np.zeros((512, 512)))
    [fault] = read_faults(beside(tmp_path))
    assert 'found "w.npz", a file of 2 MB; allowed: at most 1 MB' in fault


def test_every_faulty_array_is_named(tmp_path: Path) -> None:
    np.savez(
        tmp_path / "w.npz",
        w_q=np.full((4, 4), np.nan),
        w_k=np.eye(3),
        w_v=np.zeros((4, 4), dtype=complex),
        w_o=np.zeros(4),
        b_q=np.zeros((1, 4)),
        wv=np.eye(4),
        embeddings=np.array([["a"]]),
    )
    assert read_faults(beside(tmp_path, f"{SENTENCE}d_model = 4\nd_k = 2\nd_v = 2\n")) == [
        "x.toml: w.npz: w_q: found NaN or infinite numbers; allowed: finite numbers",
        "x.toml: w.npz: w_v: found complex numbers; allowed: real numbers",
        "x.toml: w.npz: w_o: found 4 numbers; allowed: a matrix, rows of numbers (two dimensions)",
        "x.toml: w.npz: b_q: found shape 1 × 4; allowed: a list of numbers (one dimension)",
        "x.toml: w.npz: embeddings: found texts; allowed: real numbers",
        (
            "x.toml: w.npz: wv: found an unknown array; allowed: embeddings, w_q, w_k, w_v, w_o, b_q, b_k, b_v or b_o; "
            "did you mean w_v?"
        ),
        "x.toml: weights.w_k: found shape 3 × 3; allowed: shape 4 × 4 (d_model × heads·d_k)",
    ]


def test_a_matrix_is_given_once(tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", w_q=np.eye(4), embeddings=np.ones((2, 4)))
    path = beside(tmp_path, f"{SENTENCE}embeddings = [[1, 0, 0, 0], [0, 1, 0, 0]]\n")
    path.write_text(path.read_text() + f"w_q = {FOUR}\n")
    assert read_faults(path) == [
        'x.toml: weights.w_q: found numbers here and in "w.npz"; allowed: one of the two',
        'x.toml: embeddings: found numbers here and in "w.npz"; allowed: one of the two',
    ]


# --- faults -----------------------------------------------------------------------------------------------------------

FIELDS = (
    "title, sentence, tokens, sentences, show, d_model, heads, d_k, d_v, decimals, mask, mask_true, positions, scale, "
    "seed, embeddings, weights, target, model or glosses"
)
MODEL_FIELDS = (
    *("file", "kind", "layers", "d_ff", "norm", "activation", "positions", "kv_heads", "window", "sinks", "soft_cap"),
    *("experts", "opened", "rotary_base", "rotary_width", "rotary_scaling", "rotary_pairs"),
)
ALL_MODEL_FIELDS = f"{', '.join(MODEL_FIELDS[:-1])} or {MODEL_FIELDS[-1]}"
NUMBERS = "finite numbers from −1,000,000 to 1,000,000"
FAULTS: dict[str, tuple[str, list[str]]] = {
    "no sentence": (
        "",
        [
            'sentence: found nothing; allowed: the words, in one of sentence, tokens or sentences: sentence = "…"',
        ],
    ),
    "empty sentence": (
        'sentence = ""',
        [
            "sentence: found an empty sentence; allowed: 1 to 16 words",
        ],
    ),
    "blank sentence": (
        'sentence = "  "',
        [
            "sentence: found an empty sentence; allowed: 1 to 16 words",
        ],
    ),
    "number as sentence": (
        "sentence = 3",
        [
            "sentence: found 3; allowed: a sentence in quotes (a list of tokens is called tokens)",
        ],
    ),
    "list as sentence": (
        'sentence = ["a"]',
        [
            "sentence: found a list of 1; allowed: a sentence in quotes (a list of tokens is called tokens)",
        ],
    ),
    "no tokens": (
        "tokens = []",
        [
            "tokens: found an empty list; allowed: 1 to 16 tokens",
        ],
    ),
    "text as tokens": (
        'tokens = "a b"',
        [
            'tokens: found "a b"; allowed: a list of tokens ["…", "…"]; did you mean sentence?',
        ],
    ),
    "faulty tokens": (
        'tokens = ["a", "", 3, "x\\u0000y", "\\u200b", "\\u202ecba"]',
        [
            "tokens, token 2: found an empty token; allowed: a text of 1 to 40 characters",
            "tokens, token 3: found 3; allowed: a text of 1 to 40 characters, in quotes",
            (
                'tokens, token 4: found "x\\x00y" with U+0000, which cannot be seen; '
                "allowed: a text of 1 to 40 characters that can be seen"
            ),
            (
                'tokens, token 5: found "\\u200b" with U+200B, which cannot be seen; '
                "allowed: a text of 1 to 40 characters that can be seen"
            ),
            (
                'tokens, token 6: found "\\u202ecba" with U+202E, which cannot be seen; '
                "allowed: a text of 1 to 40 characters that can be seen"
            ),
        ],
    ),
    "pad in sentence": (
        'sentence = "a [PAD]"',
        [
            (
                'sentence, token 2: found "[PAD]"; '
                "allowed: words only: [PAD] is added by itself where sentences differ in length"
            ),
        ],
    ),
    "pad in tokens": (
        'tokens = ["[pad]"]',
        [
            (
                'tokens, token 1: found "[pad]"; '
                "allowed: words only: [PAD] is added by itself where sentences differ in length"
            ),
        ],
    ),
    "start in tokens": (
        'tokens = ["[start]", "a"]\ntarget = "a [END]"',
        [
            (
                'tokens, token 1: found "[start]"; '
                "allowed: words only: [START] is added by itself before what the decoder says"
            ),
            (
                'target, token 2: found "[END]"; '
                "allowed: words only: [END] is added by itself after what the decoder says"
            ),
        ],
    ),
    "too many tokens": (
        'sentence = "' + "a " * 17 + '"',
        [
            "sentence: found 17 tokens; allowed: 1 to 16 tokens in a sentence",
        ],
    ),
    "long token": (
        'tokens = ["' + "x" * 41 + '"]',
        [
            (
                'tokens, token 1: found "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…" of 41 characters; '
                "allowed: a text of 1 to 40 characters"
            ),
        ],
    ),
    "no sentences": (
        "sentences = []",
        [
            "sentences: found an empty list; allowed: a list of 1 to 6 sentences",
        ],
    ),
    "text as sentences": (
        'sentences = "a b"',
        [
            'sentences: found "a b"; allowed: a list of 1 to 6 sentences',
        ],
    ),
    "faulty sentences": (
        'sentences = [[], "a", 1]',
        [
            "sentences, sentence 1: found an empty list; allowed: 1 to 16 tokens",
            'sentences, sentence 3: found 1; allowed: a sentence in quotes or a list of tokens ["…", "…"]',
        ],
    ),
    "too many sentences": (
        'sentences = ["a", "a", "a", "a", "a", "a", "a"]',
        [
            "sentences: found 7 sentences; allowed: a list of 1 to 6 sentences",
        ],
    ),
    "two kinds of sentence": (
        SENTENCE + 'tokens = ["a"]',
        [
            "tokens: found sentence and tokens in one file; allowed: only one of sentence, tokens or sentences",
        ],
    ),
    "show beyond one": (
        SENTENCE + "show = 2",
        [
            "show: found 2; allowed: 1, as there is 1 sentence",
        ],
    ),
    "show beyond two": (
        'sentences = ["a", "b"]\nshow = 3',
        [
            "show: found 3; allowed: 1 or 2, as there are 2 sentences",
        ],
    ),
    "show zero": (
        SENTENCE + "show = 0",
        [
            "show: found 0; allowed: a whole number from 1 to 6",
        ],
    ),
    "near field": (
        SENTENCE + 'titel = "x"',
        [
            "titel: found an unknown field; allowed: " + FIELDS + "; did you mean title?",
        ],
    ),
    "unknown field": (
        SENTENCE + "colour = 1",
        [
            "colour: found an unknown field; allowed: " + FIELDS,
        ],
    ),
    "weight at top": (
        SENTENCE + "w_q = " + FOUR,
        [
            "w_q: found an unknown field; allowed: " + FIELDS + "; did you mean w_q below [weights]?",
        ],
    ),
    "near weight": (
        SENTENCE + "[weights]\nwq = " + FOUR,
        [
            (
                "weights.wq: found an unknown field; "
                "allowed: file, prefix, w_q, w_k, w_v, w_o, b_q, b_k, b_v or b_o; did you mean w_q?"
            ),
        ],
    ),
    "field in weights": (
        SENTENCE + '[weights]\nmask = "none"',
        [
            (
                "weights.mask: found an unknown field; "
                "allowed: file, prefix, w_q, w_k, w_v, w_o, b_q, b_k, b_v or b_o; did you mean mask above [weights]?"
            ),
        ],
    ),
    "field in embeddings": (
        SENTENCE + '[embeddings]\na = [1, 2]\nb = [3, 4]\nmask = "none"',
        [
            (
                'embeddings, "mask": found "none"; '
                "allowed: a list of numbers [1, 2, …]; did you mean mask above [embeddings]?"
            ),
        ],
    ),
    "weights no table": (
        SENTENCE + "weights = 3",
        [
            "weights: found 3; allowed: a table [weights]",
        ],
    ),
    "near table": (
        SENTENCE + "[weight]\nw_q = " + FOUR,
        [
            "weight: found an unknown field; allowed: " + FIELDS + "; did you mean weights?",
        ],
    ),
    "title number": (
        SENTENCE + "title = 3",
        [
            'title: found 3; allowed: a text, or one for each language { en = "…", zh = "…" }',
        ],
    ),
    "title empty": (
        SENTENCE + 'title = ""',
        [
            'title: found ""; allowed: a text of 1 to 120 characters',
        ],
    ),
    "title languages": (
        SENTENCE + 'title = { en = "x", de = "y", zh = "" }',
        [
            'title, "de": found an unknown language; allowed: en or zh',
            'title, zh: found ""; allowed: a text of 1 to 120 characters',
        ],
    ),
    "title without languages": (
        SENTENCE + "title = {}",
        [
            'title: found a table; allowed: a text, or one for each language { en = "…", zh = "…" }',
        ],
    ),
    "d_model small": (
        SENTENCE + "d_model = 1",
        [
            "d_model: found 1; allowed: a whole number from 2 to 512",
        ],
    ),
    "d_model large": (
        SENTENCE + "d_model = 513",
        [
            "d_model: found 513; allowed: a whole number from 2 to 512",
        ],
    ),
    "d_model float": (
        SENTENCE + "d_model = 4.0",
        [
            "d_model: found 4.0; allowed: a whole number from 2 to 512; did you mean 4?",
        ],
    ),
    "d_model text": (
        SENTENCE + 'd_model = "4"',
        [
            'd_model: found "4"; allowed: a whole number from 2 to 512; did you mean 4?',
        ],
    ),
    "heads no divisor": (
        SENTENCE + "heads = 3",
        [
            "heads: found 3; allowed: a divisor of d_model 4 (1, 2 or 4), or give d_k and d_v",
        ],
    ),
    "heads zero": (
        SENTENCE + "heads = 0",
        [
            "heads: found 0; allowed: a whole number from 1 to 512",
        ],
    ),
    "heads true": (
        SENTENCE + "heads = true",
        [
            "heads: found true; allowed: a whole number from 1 to 512",
        ],
    ),
    "d_k zero": (
        SENTENCE + "d_k = 0",
        [
            "d_k: found 0; allowed: a whole number from 1 to 512",
        ],
    ),
    "too wide": (
        SENTENCE + "heads = 512\nd_k = 4\nd_v = 1",
        [
            "d_k: found 512 heads of 4; allowed: heads × d_k up to 1024",
        ],
    ),
    "decimals large": (
        SENTENCE + "decimals = 5",
        [
            "decimals: found 5; allowed: a whole number from 0 to 4",
        ],
    ),
    "decimals negative": (
        SENTENCE + "decimals = -1",
        [
            "decimals: found -1; allowed: a whole number from 0 to 4",
        ],
    ),
    "mask near": (
        SENTENCE + 'mask = "casual"',
        [
            (
                'mask: found "casual"; '
                'allowed: "none", "padding", "causal" or "both", or a matrix of 0 and 1 (1 = may look); '
                'did you mean "causal"?'
            ),
        ],
    ),
    "mask unknown": (
        SENTENCE + 'mask = "xyz"',
        [
            'mask: found "xyz"; allowed: "none", "padding", "causal" or "both", or a matrix of 0 and 1 (1 = may look)',
        ],
    ),
    "mask number": (
        SENTENCE + "mask = 3",
        [
            'mask: found 3; allowed: "none", "padding", "causal" or "both", or a matrix of 0 and 1 (1 = may look)',
        ],
    ),
    "mask shape": (
        SENTENCE + "mask = [[1, 0]]",
        [
            "mask: found shape 1 × 2; allowed: shape 2 × 2 (tokens × tokens)",
        ],
    ),
    "mask numbers": (
        SENTENCE + 'mask = [[1, "a"], [2, 0.5]]',
        [
            'mask, row 1, column 2: found "a"; allowed: 0 (may not look) or 1 (may look)',
            "mask, row 2, column 1: found 2; allowed: 0 (may not look) or 1 (may look)",
            "mask, row 2, column 2: found 0.5; allowed: 0 (may not look) or 1 (may look)",
        ],
    ),
    "mask ragged": (
        SENTENCE + "mask = [[1, 0], [1]]",
        [
            "mask, row 2: found 1 number; allowed: 2, as in row 1: all rows of a matrix are equally long",
        ],
    ),
    "mask empty": (
        SENTENCE + "mask = []",
        [
            "mask: found an empty list; allowed: a matrix: a list of rows [[1, 2], [3, 4]]",
        ],
    ),
    "positions number": (
        SENTENCE + "positions = 1",
        [
            "positions: found 1; allowed: true or false; did you mean true?",
        ],
    ),
    "seed true": (
        SENTENCE + "seed = true",
        [
            "seed: found true; allowed: a name in quotes or a whole number, at most 100 characters",
        ],
    ),
    "seed empty": (
        SENTENCE + 'seed = ""',
        [
            'seed: found ""; allowed: a name in quotes or a whole number, at most 100 characters',
        ],
    ),
    "seed float": (
        SENTENCE + "seed = 1.5",
        [
            "seed: found 1.5; allowed: a name in quotes or a whole number, at most 100 characters",
        ],
    ),
    "embeddings number": (
        SENTENCE + "embeddings = 3",
        [
            "embeddings: found 3; allowed: a matrix: a list of rows [[1, 2], [3, 4]]",
        ],
    ),
    "embeddings empty": (
        SENTENCE + "embeddings = []",
        [
            "embeddings: found an empty list; allowed: a matrix: a list of rows [[1, 2], [3, 4]]",
        ],
    ),
    "embeddings vector": (
        SENTENCE + "embeddings = [1, 2]",
        [
            "embeddings: found a list of 2 without rows; allowed: a matrix: a list of rows [[1, 2], [3, 4]]",
        ],
    ),
    "embeddings ragged": (
        SENTENCE + "embeddings = [[1, 2], [3]]",
        [
            "embeddings, row 2: found 1 number; allowed: 2, as in row 1: all rows of a matrix are equally long",
        ],
    ),
    "embeddings rows": (
        SENTENCE + "embeddings = [[1, 2]]",
        [
            (
                "embeddings: found shape 1 × 2; "
                "allowed: shape 2 × 2 (different words × d_model), in this order: a, b; one more row is [PAD]'s"
            ),
        ],
    ),
    "embeddings width": (
        SENTENCE + "embeddings = [[1, 2, 3, 4], [1, 2, 3, 4]]\nd_model = 2",
        [
            (
                "embeddings: found shape 2 × 4; "
                "allowed: shape 2 × 2 (different words × d_model), in this order: a, b; one more row is [PAD]'s"
            ),
        ],
    ),
    "embeddings numbers": (
        SENTENCE + 'embeddings = [[1, nan], [inf, true], ["2", 1e9]]',
        [
            "embeddings, row 1, column 2: found nan; allowed: " + NUMBERS,
            "embeddings, row 2, column 1: found inf; allowed: " + NUMBERS,
            "embeddings, row 2, column 2: found true; allowed: " + NUMBERS,
            'embeddings, row 3, column 1: found "2"; allowed: ' + NUMBERS + "; did you mean 2?",
            "embeddings, row 3, column 2: found 1000000000.0; allowed: " + NUMBERS,
        ],
    ),
    "word missing": (
        SENTENCE + "[embeddings]\na = [1, 2]",
        [
            'embeddings: found no row for "b"; allowed: a row for every word',
        ],
    ),
    "word near": (
        SENTENCE + "[embeddings]\na = [1, 2]\nB = [1, 2]",
        [
            'embeddings: found no row for "b"; allowed: a row for every word; did you mean "B"?',
        ],
    ),
    "word width": (
        SENTENCE + "[embeddings]\na = [1, 2]\nb = [1, 2, 3]",
        [
            'embeddings, "b": found 3 numbers; allowed: 2 (d_model)',
        ],
    ),
    "word number": (
        SENTENCE + "[embeddings]\na = [1, 2]\nb = 3",
        [
            'embeddings, "b": found 3; allowed: a list of numbers [1, 2, …]',
        ],
    ),
    "no words": (
        SENTENCE + "[embeddings]",
        [
            "embeddings: found an empty table; allowed: one row of numbers for each word",
        ],
    ),
    "word empty": (
        SENTENCE + "[embeddings]\na = []\nb = [1]",
        [
            'embeddings, "a": found an empty row; allowed: a list of numbers [1, 2, …]',
        ],
    ),
    "weight shapes": (
        SENTENCE + "d_model = 4\n[weights]\nw_q = [[1, 2], [3, 4]]\nw_o = [[1]]\nb_q = [1]",
        [
            "weights.w_q: found shape 2 × 2; allowed: shape 4 × 2 (d_model × heads·d_k)",
            "weights.w_o: found shape 1 × 1; allowed: shape 4 × 4 (heads·d_v × d_model)",
            "weights.b_q: found 1 number; allowed: 2 numbers (heads·d_k)",
        ],
    ),
    "weight kinds": (
        SENTENCE + "[weights]\nw_q = 3\nb_q = [[1]]\nb_o = [true]\nfile = 3",
        [
            "weights.file: found 3; allowed: the name of a .safetensors or .npz file beside the example",
            "weights.w_q: found 3; allowed: a matrix: a list of rows [[1, 2], [3, 4]]",
            "weights.b_q, number 1: found a list of 1; allowed: " + NUMBERS,
            "weights.b_o, number 1: found true; allowed: " + NUMBERS,
        ],
    ),
    "weight infinite": (
        SENTENCE + "[weights]\nw_q = [[1e400]]",
        [
            "weights.w_q, row 1, column 1: found inf; allowed: " + NUMBERS,
        ],
    ),
    "weight huge": (
        SENTENCE + "[weights]\nw_q = [[1" + "0" * 400 + "]]",
        [
            "weights.w_q, row 1, column 1: found a whole number of more than 18 digits; allowed: " + NUMBERS,
        ],
    ),
    "target empty": (
        SENTENCE + 'target = ""',
        [
            "target: found an empty sentence; allowed: 1 to 16 words",
        ],
    ),
    "target number": (
        SENTENCE + "target = 3",
        [
            'target: found 3; allowed: a sentence in quotes or a list of tokens ["…", "…"]',
        ],
    ),
    "model no table": (
        SENTENCE + 'model = "translator"',
        [
            'model: found "translator"; allowed: a table [model] and below it file = "translator"',
        ],
    ),
    "model fields": (
        SENTENCE + '[model]\nlayers = 7\nd_ff = 0\nnorm = "past"\nactivation = "gelu-tanh"\nkind = 1\nfile = ""',
        [
            'model.file: found ""; allowed: the name of a model, or of a .safetensors file beside the example',
            'model.kind: found 1; allowed: "encoder-decoder" or "decoder-only"',
            "model.layers: found 7; allowed: a whole number from 1 to 6",
            "model.d_ff: found 0; allowed: a whole number from 1 to 2048",
            'model.norm: found "past"; allowed: "post", "pre" or "rms"; did you mean "post"?',
            (
                'model.activation: found "gelu-tanh"; allowed: "relu", "gelu", "gelu_tanh", "swiglu", "geglu" or '
                '"geglu_tanh"; did you mean "gelu_tanh"?'
            ),
        ],
    ),
    "model field unknown": (
        SENTENCE + "[model]\nlayer = 2\nmask = 1\nw_q = 1",
        [
            (f"model.layer: found an unknown field; allowed: {ALL_MODEL_FIELDS}; did you mean layers?"),
            (f"model.mask: found an unknown field; allowed: {ALL_MODEL_FIELDS}; did you mean mask above [model]?"),
            (f"model.w_q: found an unknown field; allowed: {ALL_MODEL_FIELDS}; did you mean w_q below [weights]?"),
        ],
    ),
    "model field at top": (
        SENTENCE + "layers = 2",
        [
            "layers: found an unknown field; allowed: " + FIELDS + "; did you mean layers below [model]?",
        ],
    ),
    "open text": (
        'sentence = "a',
        [
            'line 1: found "sentence = "a", a text without quotes at its end; allowed: sentence = "…"',
        ],
    ),
    "twice": (
        'sentence = "a"\nsentence = "b"\n',
        [
            'line 2: found "sentence = "b"", a second value for one name; allowed: each name once',
        ],
    ),
    "open list": (
        "x = [1,\n2",
        [
            'last line: found a list of "x" that is not ended; allowed: a ] at its end',
        ],
    ),
    "no name": (
        "\n= 3",
        [
            'line 2: found "= 3", which is no name with a value; allowed: lines such as mask = …',
        ],
    ),
    "deep": (
        "a = " + "[" * 5000,
        [
            "line 1: found lists within lists, hundreds deep; allowed: two deep: a list of rows",
        ],
    ),
}


@pytest.mark.parametrize(("text", "messages"), FAULTS.values(), ids=FAULTS)
def test_faults(text: str, messages: list[str]) -> None:
    assert faults_of(text) == [f"x.toml: {message}" for message in messages]


def test_all_faults_come_at_once() -> None:
    text = (
        'titel = "x"\nsentences = ["a b", "", 3]\nshow = 7\nd_model = true\nheads = 0\nmask = "casual"\n'
        "decimals = 2.5\n[embeddings]\na = [1, nan]\n[weights]\nw_q = [[1, 2], [3]]\nb_k = 3"
    )
    assert [fault.split(": ")[1] for fault in faults_of(text)] == [
        "sentences, sentence 2",
        "sentences, sentence 3",
        "show",
        "d_model",
        "heads",
        "decimals",
        "mask",
        'embeddings, "a", number 2',
        "weights.w_q, row 2",
        "weights.b_k",
        "titel",
    ]


def test_faulty_sizes_do_not_hide_other_faults_nor_invent_any() -> None:
    text = 'sentence = "a"\nd_model = 1\nshow = 2\nembeddings = [[1, 2, 3, 4]]\n[weights]\nw_q = [[1]]'
    assert [fault.split(": ")[1] for fault in faults_of(text)] == ["d_model", "show"]
    text = 'sentence = "a"\nembeddings = [[true, 2]]\n[weights]\nw_q = [[1]]'
    assert [fault.split(": ")[1] for fault in faults_of(text)] == ["embeddings, row 1, column 1"]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(SENTENCE)
    (tmp_path / "latin.toml").write_bytes('sentence = "café"'.encode("latin-1"))
    (tmp_path / "loop.toml").symlink_to(tmp_path / "loop.toml")
    (tmp_path / "folder.toml").mkdir()
    os.mkfifo(tmp_path / "pipe.toml")
    messages = {
        "mien.toml": f"found no such file; allowed: a readable .toml file; did you mean {tmp_path / 'mine.toml'}?",
        "folder.toml": "found a folder; allowed: a readable .toml file",
        "latin.toml": "line 1: found the byte 0xe9, which is not UTF-8; allowed: text saved as UTF-8",
        "pipe.toml": "found something that is not a file; allowed: a readable .toml file",
        "far/away.toml": "found no such file; allowed: a readable .toml file",
        "x" * 300 + ".toml": "found a file that cannot be read (File name too long); allowed: a readable .toml file",
        "line\n.toml": f"{tmp_path}/line\\n.toml: found no such file; allowed: a readable .toml file",
        "nul\0.toml": "found no such file; allowed: a readable .toml file",
    }
    for name, message in messages.items():
        with pytest.raises(ExampleError, match=re.escape(message)):
            load_example(tmp_path / name)
    with pytest.raises(ExampleError, match=r"loop\.toml: found"):
        load_example(tmp_path / "loop.toml")


def test_unknown_names_get_the_nearest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shipped = ", ".join(shipped_examples()[:-1]) + f" or {shipped_examples()[-1]}"
    allowed = f"found no example of that name; allowed: the path of a .toml file, or one of {shipped}"
    for name, fault in {
        "defualt": f"defualt: {allowed}; did you mean default?",
        "zzzz": f"zzzz: {allowed}",
        "": ".: found a folder; allowed: a readable .toml file",
    }.items():
        with pytest.raises(ExampleError) as caught:
            load_example(name)
        assert str(caught.value) == fault
    (tmp_path / "mine.toml").write_text(SENTENCE)
    with pytest.raises(ExampleError, match=r"did you mean mine\.toml\?$"):
        load_example("mine")


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from([*FIELDS.replace(" or ", ", ").split(", "), "w_q", *MODEL_FIELDS, "x"])


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(NAMES, JUNK | st.dictionaries(NAMES, JUNK, max_size=3), max_size=5))
def test_whatever_a_file_holds_it_is_an_example_or_a_list_of_faults(data: dict[str, Any]) -> None:
    try:
        parse_example(as_toml(data), "x.toml")
    except ExampleError as error:
        assert error.faults
        assert all("\n" not in str(fault) for fault in error.faults)


def as_toml(value: Any) -> str:
    """A parsed file as TOML text, tables inline."""
    return "\n".join(f"{key} = {_inline(item)}" for key, item in value.items() if item is not None)


def _inline(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(char):08x}" for char in value) + '"'
    if isinstance(value, list):
        return "[" + ", ".join(_inline(item) for item in value if item is not None) + "]"
    if isinstance(value, dict):
        return (
            "{"
            + ", ".join(f"{_inline(key)} = {_inline(item)}" for key, item in value.items() if item is not None)
            + "}"
        )
    return str(value)


# --- the texts about examples -----------------------------------------------------------------------------------------


def test_glosses_say_what_tokens_mean_to_the_readers_of_a_language() -> None:
    example = parse_example('sentence = "一只 猫"\nglosses = { en = { "猫" = "cat" } }', "x.toml")
    assert example.gloss("猫", "en") == "cat"
    assert example.gloss("猫", "zh") == example.gloss("一只", "en") == ""


@pytest.mark.parametrize(
    ("glosses", "message"),
    [
        ("3", "glosses: found 3; allowed: a table for each language"),
        ('{ de = { "a" = "b" } }', 'glosses, "de": found an unknown language; allowed: en or zh'),
        ("{ en = 1 }", "glosses, en: found 1; allowed: a table of tokens"),
        ('{ en = { "a" = 3 } }', 'glosses, en, "a": found 3; allowed: a text of 1 to 40 characters'),
    ],
)
def test_wrong_glosses_are_told_by_language_and_token(glosses: str, message: str) -> None:
    with pytest.raises(ExampleError, match=re.escape(message)):
        parse_example(f'sentence = "a"\nglosses = {glosses}', "x.toml")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_template_is_valid_and_names_every_field(language: str) -> None:
    text = template('my "first" \\ example\n', language)
    example = parse_example(text, "mine.toml")
    assert example.title(language) == 'my "first" \\ example'
    assert example.language == language
    for field in [*FIELDS.replace(" or ", ", ").split(", "), *MODEL_FIELDS, "w_q", "w_k", "w_v", "w_o", "b_q"]:
        assert field in text
    assert max(len(line) for line in text.splitlines()) <= 120


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_commented_field_of_the_template_is_valid(language: str) -> None:
    lines = template("x", language).splitlines()
    fields = [line[2:] for line in lines if re.match(r'# (\[?[\w"]+\]?)( = |$)', line)]
    assert len(fields) >= 18
    for field in fields:
        if field.startswith("mask_true"):
            parse_example(f"{SENTENCE}mask = [[false, true], [false, false]]\n{field}", "x.toml")
        elif field.startswith("d_ff"):
            parse_example(f"{SENTENCE}[model]\n{field}", "x.toml")
        elif field.startswith(("title", "show", "d_", "heads", "decimals", "mask", "positions", "seed", "target")):
            parse_example(f"{SENTENCE}{field}".replace("show = 1", ""), "x.toml")
        elif field.startswith(("tokens", "sentences")):
            parse_example(field, "x.toml")
        elif field.startswith("w_q"):
            parse_example(f"{SENTENCE}[weights]\n{field}", "x.toml")
        elif field.startswith(("layers", "norm", "activation", "kind", "kv_heads")):
            parse_example(f"{SENTENCE}[model]\n{field}", "x.toml")


def test_the_template_has_two_languages() -> None:
    with pytest.raises(ValueError, match="language: found 'fr'; allowed: en, zh"):
        template("x", "fr")
    assert parse_example(template("", "en"), "x.toml").title("en")
    assert len(parse_example(template("x" * 500, "en"), "x.toml").title("en")) == 120


def test_the_summary_says_what_is_shown() -> None:
    text = summary(
        parse_example(
            'title = { en = "A", zh = "甲" }\nsentences = ["a b", "a b c d"]\nmask = "both"\nd_model = 128', "x.toml"
        )
    )
    for part in (
        "Title      A / 甲",
        "Tokens     2: a · b",
        "2 sentences of 2, 4 tokens; sentence 1 is the main one",
        "d_model 128, 2 heads, d_k 64 and d_v 64 in each",
        "2 decimals, embeddings, w_q, w_k, w_v, w_o drawn from the seed 'attention'",
        "padding and causal: nobody looks at [PAD] nor ahead; the main sentence gets 2 [PAD]",
        "Target     2: a · b\n",
        "Model      encoder and decoder, 2 layers, d_ff 512, post-norm, relu, 7 words; completed from the seed",
    ):
        assert part in text


@pytest.mark.parametrize("name", shipped_examples())
def test_shipped_examples_are_complete(name: str) -> None:
    example = load_example(name)
    assert set(example.titles) == {"en", "zh"}
    assert len(example.tokens) <= MOST_TOKENS
    assert name in str(example.path)
    assert summary(example)
