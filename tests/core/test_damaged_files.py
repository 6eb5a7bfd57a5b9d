"""Files of weights and models, damaged, made to mislead or of unusual numbers: one clear fault and no exception."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from safetensors.numpy import save

from core.examples import weights_file
from core.examples.checks import LARGEST_NUMBER
from core.examples.example import EXAMPLES, ExampleError, load_example, parse_example
from core.examples.faults import MOST_FAULTS
from core.examples.model_file import MODELS, read_model, write_model
from core.examples.weights_file import read_weights
from core.model.transformer import Transformer
from tests.turn import turn

ALLOWED = ("embeddings", "w_q", "w_k", "w_v", "w_o", "b_q", "b_k", "b_v", "b_o")
DAMAGES = 400
KINDS = ("toml", "npz", "safetensors", "model")
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)


# --- damage -----------------------------------------------------------------------------------------------------------

EXAMPLE = """title = { en = "Rain", zh = "雨" }
tokens = ["雨", "停", "了", " f"]
mask = [[true, false, false, false], [true, true, false, false], [true, true, true, false], [true, true, true, true]]
mask_true = "visible"
d_model = 4
heads = 2
decimals = 2
positions = true
seed = "rain"
target = "it stopped"
glosses = { en = { "雨" = "rain" } }
[embeddings]
"雨" = [0.5, 0, -1, 1]
"停" = [1, 0.5, 0, -0.5]
"了" = [1e0, 1, 0, 1]
" f" = [0, 0, 1, 1]
[weights]
w_q = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]
b_q = [1, 2, 3, 4]
[model]
layers = 1
norm = "pre"
"""
BESIDE = 'sentence = "a cat saw a dog"\n[{table}]\nfile = "w.{suffix}"\n'
SNIPPETS = [
    *(b"[", b"]", b"{", b"}", b'"', b"'", b'"""', b"=", b".", b",", b"#", b"\n", b"\r", b"\\", b"\\u0000", b"-", b"_"),
    *(b"nan", b"-inf", b"1e400", b"0x", b"9" * 5000, b"true", b"True", b"None", b"[[x]]", b"[weights]", b"a.b.c.d" * 9),
    *("“".encode(), "\u202e".encode(), "\ufeff".encode(), "\u0301".encode() * 9, b"\xff", b"\0", b"[" * 9000),
    *(b"PK\x05\x06", b"\x93NUMPY", b"descr", b"(100000000, 100000000)", b"data_offsets", b"BF16", b"\xff" * 8),
]


def arrays() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(7)
    return {
        "w_q": rng.normal(size=(4, 4)),
        "w_k": rng.normal(size=(4, 4)).astype(np.float32),
        "w_v": rng.integers(-9, 9, (4, 4)),
        "b_o": rng.normal(size=4).astype(np.float16),
    }


def as_torch(linear: bool = True) -> dict[str, np.ndarray]:
    """One attention as PyTorch's MultiheadAttention saves it, or as GPT-2 does."""
    rng = np.random.default_rng(3)
    names = ("in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias")
    names = names if linear else ("c_attn.weight", "c_attn.bias", "c_proj.weight", "c_proj.bias")
    shapes = ((12, 4) if linear else (4, 12), (12,), (4, 4), (4,))
    return {name: rng.normal(size=shape) for name, shape in zip(names, shapes, strict=True)}


def npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def npz(members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return stream.getvalue()


@cache
def whole_files() -> list[tuple[str, bytes]]:
    """Every kind of file that is read: suffix and content."""
    members = {name: npy(array) for name, array in arrays().items()}
    archives = [("npz", npz(members, method)) for method in METHODS]
    model = (MODELS / "translator.safetensors").read_bytes()
    halves = safetensors({"w_q": ("BF16", (4, 4), bytes(range(32))), "w_k": ("F16", (4, 4), bytes(32))})
    texts = [EXAMPLE.encode(), *(path.read_bytes() for path in sorted(EXAMPLES.glob("*.toml"))[:4])]
    saved = [save(arrays()), save(as_torch()), save(as_torch(False)), halves]
    return [*(("toml", text) for text in texts), *archives, *(("safetensors", one) for one in saved), ("model", model)]


PLACE = st.floats(0, 1, exclude_max=True)
NEAR = st.integers(0, 400)
EDITS = st.lists(
    st.tuples(
        st.sampled_from(["cut", "flip", "overwrite", "drop", "insert", "double"]),
        st.one_of(PLACE, NEAR, NEAR.map(lambda back: -back - 1)),
        st.sampled_from(SNIPPETS) | st.binary(min_size=1, max_size=40),
        st.integers(0, 7),
    ),
    min_size=1,
    max_size=4,
)
Edit = tuple[str, float, bytes, int]


def damaged(content: bytes, edits: list[Edit]) -> bytes:
    """A file after some edits: at a share of its length, near its beginning or (from the end) near its end."""
    changed = bytearray(content)
    for kind, where, snippet, bit in edits:
        place = int(where * len(changed)) if isinstance(where, float) else where % max(1, len(changed))
        if kind == "cut":
            del changed[place:]
        elif kind == "flip" and changed:
            changed[place] ^= 1 << bit
        elif kind == "overwrite":
            changed[place : place + len(snippet)] = snippet
        elif kind == "drop":
            del changed[place : place + len(snippet)]
        elif kind == "insert":
            changed[place:place] = snippet
        elif kind == "double":
            changed[place:place] = changed[place // 2 : place]
    return bytes(changed)


def read_damaged(kind: str, content: bytes, folder: Path) -> bool:
    """Whether an example with a damaged file is refused: as faults of a line each, and never otherwise."""
    text = content
    if kind != "toml":
        suffix = "safetensors" if kind == "model" else kind
        (folder / f"w.{suffix}").write_bytes(content)
        text = BESIDE.format(table="model" if kind == "model" else "weights", suffix=suffix).encode()
    (folder / "x.toml").write_bytes(text)
    try:
        example = load_example(folder / "x.toml")
    except ExampleError as error:
        assert 0 < len(error.faults) <= 8 * MOST_FAULTS
        assert all("\n" not in str(fault) and len(str(fault)) < 900 for fault in error.faults)
        return True
    for name in (*example.read, "embedding_table"):
        if name != "embeddings":
            assert (np.abs(getattr(example, name)) <= 2 * LARGEST_NUMBER).all()
    return False


def test_however_a_file_is_damaged_it_is_read_or_named(
    request: pytest.FixtureRequest, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """No exception and no warning (tests run with warnings as errors), and most damages are noticed."""
    counts: Counter[tuple[str, bool]] = Counter()

    @seed(turn())
    @settings(
        max_examples=10_000 if request.config.getoption("--everything") else DAMAGES,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(range(len(whole_files()))), EDITS, st.booleans())
    def damage(number: int, edits: list[Edit], inside: bool) -> None:
        kind, content = whole_files()[number]
        if kind == "npz" and inside:
            content = npz({"w_q": damaged(npy(arrays()["w_q"]), edits)}, METHODS[number % len(METHODS)])
        else:
            content = damaged(content, edits)
        counts[kind, read_damaged(kind, content, tmp_path)] += 1

    damage()
    told = ", ".join(f"{counts[kind, True]} of {counts[kind, True] + counts[kind, False]} {kind}" for kind in KINDS)
    record_property("measured", f"damaged files refused: {told}; the others are whole examples; none ended otherwise")
    refused = sum(count for (_, told), count in counts.items() if told)
    assert 0.4 < refused / counts.total() < 1


# --- files that are whole, but mislead --------------------------------------------------------------------------------


def header(text: str) -> bytes:
    """A .npy file of the header alone, whatever it says."""
    padded = text.encode() + b" " * (63 - (10 + len(text.encode())) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(padded)) + padded


def shaped(shape: str, kind: str = "<f8") -> str:
    return f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}"


HEADERS = {
    "claims 1e8 × 1e8": shaped("(100000000, 100000000)"),
    "claims more than an integer holds": shaped(f"({10**30}, 4)"),
    "claims a negative size": shaped("(-4, 4)"),
    "claims numbers that are not there": shaped("(1000, 1000)"),
    "has 9,000 brackets": "[" * 9000,
    "has 9,000 pairs of brackets": "(" * 4500 + ")" * 4500,
    "has 9,000 signs": "-" * 9000 + "1",
    "has an odd escape": r"'\z'",
    "has an unknown type": shaped("(4, 4)", "<q99"),
    "has objects": shaped("(4, 4)", "|O"),
    "is empty": "",
}


def fault_of(folder: Path, content: bytes, suffix: str = "npz") -> str:
    (folder / f"w.{suffix}").write_bytes(content)
    read, faults = read_weights("x.toml", folder, f"w.{suffix}", ALLOWED)
    assert not read
    (fault,) = faults
    return str(fault)


@pytest.mark.parametrize("text", HEADERS.values(), ids=HEADERS)
def test_headers_that_mislead(text: str, tmp_path: Path) -> None:
    fault = fault_of(tmp_path, npz({"w_q": header(text)}))
    assert fault.startswith('x.toml: weights.file: found "w.npz", wh')
    assert "which cannot be read (" in fault or 'whose array "w_q" claims' in fault or "is of objects" in fault
    assert "; allowed: a whole .npz file of numbers" in fault


def test_a_header_of_an_old_python_is_read_quietly(tmp_path: Path) -> None:
    """NumPy warns of it, which would be an error here."""
    content = npz({"w_q": header(shaped("(2L, 2L)")) + np.eye(2).tobytes()})
    (tmp_path / "w.npz").write_bytes(content)
    read, faults = read_weights("x.toml", tmp_path, "w.npz", ALLOWED)
    assert not faults
    assert read["w_q"].tolist() == [[1, 0], [0, 1]]


@pytest.mark.parametrize("method", METHODS)
def test_a_member_that_does_not_unpack(method: int, tmp_path: Path) -> None:
    """Its compressed bytes are others, as zlib, bz2 and lzma notice each in their own way, or its checksum."""
    content = bytearray(npz({"w_q": npy(np.ones((40, 40)))}, method))
    content[60:75] = b"\xff" * 15
    assert 'found "w.npz", which cannot be read (' in fault_of(tmp_path, bytes(content))


def test_an_encrypted_member(tmp_path: Path) -> None:
    content = bytearray(npz({"w_q": npy(np.eye(4))}))
    for place in (6, content.index(b"PK\x01\x02") + 8):
        content[place] |= 1
    assert "is encrypted" in fault_of(tmp_path, bytes(content))


def test_a_method_that_nobody_knows(tmp_path: Path) -> None:
    content = bytearray(npz({"w_q": npy(np.eye(4))}))
    for place in (8, content.index(b"PK\x01\x02") + 10):
        content[place] = 77
    assert "which cannot be read (it is packed in a way that is not known here)" in fault_of(tmp_path, bytes(content))


@pytest.mark.parametrize(("suffix", "content"), [("npz", npz({})), ("safetensors", save({}))])
def test_a_file_without_arrays(suffix: str, content: bytes, tmp_path: Path) -> None:
    assert fault_of(tmp_path, content, suffix) == (
        f'x.toml: weights.file: found "w.{suffix}", which holds no arrays; allowed: a whole .{suffix} file of numbers, '
        f"as {'numpy.savez' if suffix == 'npz' else 'safetensors'} writes it"
    )


def test_a_want_of_memory_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(weights_file.np.lib.format, "read_magic", load)
    assert "which cannot be read (there is not enough memory for it)" in fault_of(
        tmp_path, npz({"w_q": npy(np.eye(2))})
    )


# --- numbers ----------------------------------------------------------------------------------------------------------


def safetensors(kinds: dict[str, tuple[str, tuple[int, ...], bytes]]) -> bytes:
    """A .safetensors file, written out by its format: the header's length, the header, the numbers."""
    entries, data = {}, b""
    for name, (kind, shape, numbers) in kinds.items():
        entries[name] = {"dtype": kind, "shape": shape, "data_offsets": [len(data), len(data) + len(numbers)]}
        data += numbers
    text = json.dumps(entries).encode()
    return struct.pack("<Q", len(text)) + text + data


def test_bfloat16_is_read(tmp_path: Path) -> None:
    """1, −2, 0.15625, 3.140625, 0 and −0, 2⁻¹³³ by their bits: sign, 8 bits of exponent, 7 of fraction."""
    bits = [0x3F80, 0xC000, 0x3E20, 0x4049, 0x0000, 0x8000, 0x0001, 0x4049]
    numbers = struct.pack("<8H", *bits)
    content = safetensors({"w_q": ("BF16", (2, 4), numbers), "w_k": ("F32", (2, 1), struct.pack("<2f", 0.5, 7))})
    (tmp_path / "w.safetensors").write_bytes(content)
    read, faults = read_weights("x.toml", tmp_path, "w.safetensors", ALLOWED)
    assert not faults
    assert read["w_q"].tolist() == [[1, -2, 0.15625, 3.140625], [0, -0.0, 2.0**-133, 3.140625]]
    assert np.signbit(read["w_q"]).tolist() == [[False, True, False, False], [False, True, False, False]]
    assert read["w_k"].tolist() == [[0.5], [7]]
    assert all(array.dtype == np.float64 for array in read.values())


def test_bfloat16_beyond_all_bounds_is_named(tmp_path: Path) -> None:
    for bits, found in (
        (0x7F80, "NaN or infinite numbers"),
        (0x7FC0, "NaN or infinite"),
        (0x7F7F, "3.389531e+38 in size"),
    ):
        content = safetensors({"w_q": ("BF16", (1, 1), struct.pack("<H", bits))})
        assert f"x.toml: w.safetensors: w_q: found {found}" in fault_of(tmp_path, content, "safetensors")


def test_a_model_of_bfloat16(tmp_path: Path) -> None:
    """The shipped translator with its numbers cut to bfloat16 is read as the translator of these numbers."""
    from safetensors import safe_open

    path = MODELS / "translator.safetensors"
    with safe_open(path, framework="numpy") as file:
        metadata = file.metadata()
        kept = {name: file.get_tensor(name).astype("<f4") for name in file.keys()}  # noqa: SIM118
    halves = {name: (array.view("<u4") >> 16).astype("<u2") for name, array in kept.items()}
    content = safetensors({name: ("BF16", array.shape, array.tobytes()) for name, array in halves.items()})
    length = struct.unpack("<Q", content[:8])[0]
    text = json.dumps(json.loads(content[8 : 8 + length]) | {"__metadata__": metadata}).encode()
    (tmp_path / "m.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + content[8 + length :])
    model, faults = read_model("x.toml", tmp_path, "m.safetensors")
    assert not faults
    assert model is not None
    whole, _ = read_model("x.toml", tmp_path, "translator")
    assert whole is not None
    np.testing.assert_allclose(model.embedding, whole.embedding, rtol=2**-7)
    assert not np.array_equal(model.embedding, whole.embedding)


EIGHT_BITS = (
    "allowed: F64, F32, F16, BF16 or whole numbers: convert it, in PyTorch with .to(torch.float32)",
    "holds numbers of type",
)


@pytest.mark.parametrize(("kind", "size"), [("F8_E4M3", 16), ("F8_E5M2", 16), ("F8_E8M0", 16), ("F4", 8)])
def test_numbers_that_numpy_has_not_are_named_with_the_cure(kind: str, size: int, tmp_path: Path) -> None:
    fault = fault_of(tmp_path, safetensors({"w_q": (kind, (4, 4), bytes(size))}), "safetensors")
    cure, holds = EIGHT_BITS
    assert fault == f'x.toml: weights.file: found "w.safetensors", whose array "w_q" {holds} {kind}; {cure}'


def test_all_arrays_of_eight_bits_are_named(tmp_path: Path) -> None:
    kinds = {name: ("F8_E4M3" if name < "w_q" else "F8_E5M2", (1, 1), b"\0") for name in ALLOWED[:4]}
    two = fault_of(tmp_path, safetensors(kinds), "safetensors")
    assert "whose arrays " in two
    assert all(f'"{name}"' in two for name in kinds)
    assert "hold numbers of type F8_E4M3 and F8_E5M2;" in two
    many = fault_of(tmp_path, safetensors(dict.fromkeys(ALLOWED, ("F8_E4M3", (1, 1), b"\0"))), "safetensors")
    assert " and 6 more hold numbers of type F8_E4M3;" in many


@pytest.mark.parametrize(
    ("array", "found"),
    [
        (np.full((4, 4), 1e160), "1e+160 in size"),
        (np.full((4, 4), -1_000_001.0), "1000001 in size"),
        (np.full((4, 4), 2**62), "4.611686e+18 in size"),
        (np.full((4, 4), -(2**63)), "9.223372e+18 in size"),
        (np.full((4, 4), 2**64 - 1, np.uint64), "1.844674e+19 in size"),
    ],
)
def test_numbers_are_bounded_as_in_the_example_itself(array: np.ndarray, found: str, tmp_path: Path) -> None:
    assert fault_of(tmp_path, npz({"w_q": npy(array)})) == (
        f"x.toml: w.npz: w_q: found {found}; allowed: numbers from −1,000,000 to 1,000,000"
    )
    (tmp_path / "w.npz").write_bytes(npz({"w_q": npy(np.full((4, 4), -LARGEST_NUMBER))}))
    read, faults = read_weights("x.toml", tmp_path, "w.npz", ALLOWED)
    assert not faults
    assert (read["w_q"] == -LARGEST_NUMBER).all()


def test_an_array_may_not_grow_beyond_the_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers of one byte become numbers of eight."""
    monkeypatch.setattr(weights_file, "MOST_NUMBERS", 512)
    assert fault_of(tmp_path, npz({"w_q": npy(np.ones((32, 32), np.int8))})) == (
        "x.toml: w.npz: w_q: found shape 32 × 32; allowed: at most 512 numbers"
    )


# --- how many faults --------------------------------------------------------------------------------------------------


def test_many_unknown_arrays_are_told_by_twenty(tmp_path: Path) -> None:
    (tmp_path / "w.npz").write_bytes(npz({f"x{place:02}": npy(np.eye(2)) for place in range(50)}))
    (tmp_path / "x.toml").write_text('sentence = "a b"\n[weights]\nfile = "w.npz"\n', encoding="utf-8")
    with pytest.raises(ExampleError) as caught:
        load_example(tmp_path / "x.toml")
    lines = str(caught.value).splitlines()
    assert len(lines) == MOST_FAULTS + 1
    assert lines[-1].endswith("x.toml: w.npz: and 30 more")


def test_unknown_arrays_are_not_read_whatever_their_name(tmp_path: Path) -> None:
    name = "w" * 5000
    (tmp_path / "w.npz").write_bytes(npz({name: npy(np.eye(2)), "w_q": npy(np.eye(2))}))
    read, (fault,) = read_weights("x.toml", tmp_path, "w.npz", ALLOWED)
    assert list(read) == ["w_q"]
    assert len(str(fault)) < 200


def test_a_field_has_at_most_twenty_faults() -> None:
    """The others keep theirs, and a line says how many more there are."""
    rows = ", ".join("[nan, inf]" for _ in range(100))
    with pytest.raises(ExampleError) as caught:
        parse_example(f'sentence = "a b"\nheads = 0\nembeddings = [{rows}]\nshow = 0\n', "x.toml")
    lines = str(caught.value).splitlines()
    assert sum("embeddings, row" in line for line in lines) == MOST_FAULTS
    assert "x.toml: embeddings: and 180 more" in lines
    assert any("x.toml: heads: " in line for line in lines)
    assert any("x.toml: show: " in line for line in lines)


# --- what a model file cannot hold ------------------------------------------------------------------------------------


@pytest.mark.parametrize("option", [{"position_base": 100.0}, {"input_norm": True}, {"output_bias": True}])
def test_a_model_that_its_file_would_change_is_not_written(option: dict[str, object], tmp_path: Path) -> None:
    model, _ = read_model("x.toml", tmp_path, "translator")
    assert isinstance(model, Transformer)
    write_model(model, tmp_path / "m.safetensors")
    (name,) = option
    changed = replace(model, config=replace(model.config, **option))
    with pytest.raises(ValueError, match=f"found {name} .*; expected .*, as in every model file"):
        write_model(changed, tmp_path / "other.safetensors")
    assert not (tmp_path / "other.safetensors").exists()
