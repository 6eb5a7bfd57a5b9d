"""Texts that are no TOML, or too much of it: what a person would say is wrong, where, and soon."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from core.examples.example import ExampleError, load_example, parse_example
from core.examples.faults import nearest, quote
from core.examples.toml_text import MOST_BYTES, MOST_NAMES
from tests.turn import turn

SENTENCE = 'sentence = "a b"\n'


def faults_of(text: str) -> str:
    with pytest.raises(ExampleError) as caught:
        parse_example(text, "x.toml")
    return str(caught.value)


# --- what is said of a line -------------------------------------------------------------------------------------------

TOLD = {
    "sentence = The cat": 'line 1: found "sentence = The cat", a text without quotes; allowed: sentence = "The cat"',
    "sentence = “a b”": 'with the quotation marks “; allowed: straight ones: "…"',
    "tokens = [“a”, “b”]": 'with the quotation marks “; allowed: straight ones: "…"',
    "sentence = `a`": "with the quotation marks `; allowed: straight ones",
    "“sentence” = 1": "with the quotation marks “; allowed: straight ones",
    "positions = True": "where True is no value; allowed: positions = true, in small letters",
    "positions = no": "where no is no value; allowed: positions = false, or the line left out",
    'sentence = "a b': 'found "sentence = "a b", a text without quotes at its end; allowed: sentence = "…"',
    'sentence = "say "hi""': "a text with quotes inside; allowed: \\\" for those inside, or the text in '…'",
    'file = "C:\\weights"': "with a \\ that begins no escape; allowed: \\\\ for a single one, or the text in '…'",
    'tokens = ["我"， "爱"]': 'with the wide character "，"; allowed: ",", as it is typed in English',
    'sentence ＝ "a b"': 'with the wide character "＝"; allowed: "="',
    "sentence：“a b”": 'with the wide character "："; allowed: "="',
    "heads = ２": 'with the wide character "２"; allowed: "2"',
    'sentence =\u3000"a"': "allowed: a plain space, or none",
    'sentence = "你好，世界': 'a text without quotes at its end; allowed: sentence = "…"',
    "sentence = 你好，世界": 'a text without quotes; allowed: sentence = "你好，世界"',
    '句子 = "a b"': 'a name that is no field\'s; allowed: fields by their English names: sentence = "…"',
    '{"sentence": "a b"}': "which is JSON, or another kind of file",
    "mask = [[100%, 0]]": "a number with %; allowed: a decimal: 0.5 for 50%",
    "mask = [[1/2, 0]]": "a fraction; allowed: a decimal: 0.5 for 1/2",
    "mask = [1 0; 0 1]": 'rows parted by ";"; allowed: each row in brackets, commas between',
    "mask = [[True]]": "where True is no value; allowed: true, in small letters",
    "mask = None": "where None is no value; allowed: the line left out",
    "w_q = np.eye(4)": "a formula, which is not computed; allowed: the numbers themselves",
    "mask = [[1, 0]\nheads = 1": "below a list that is not ended; allowed: a ] at the end of the list",
    "mask = [[1]]]": "with a ] too many; allowed: a ] for each [",
    'sentence = "a";': 'with a ";" at its end; allowed: the line without it',
    'tokens = "a", "b"': 'several values without brackets; allowed: a list: tokens = ["…", "…"]',
    'sentence = "a" heads = 2': "two fields in one line; allowed: a line for each",
    "mask = [1 0]": "a list without a comma or a ]; allowed: commas between its values, ] at its end",
    "mask = [\n[1, 0]\n[1, 1]\n]": 'line 3: found "[1, 1]", a list without a comma or a ]',
    "mask = [\n[1, 0],": 'last line: found a list of "mask" that is not ended; allowed: a ] at its end',
    "d_model = 0,5": "a number with a comma; allowed: a point: 0.5",
    "d_model = .5": "with a number that cannot be read; allowed: numbers such as 3, 0.5",
    "d_model = −1": "with a number that cannot be read; allowed: numbers such as 3, 0.5, -0.5 (with a hyphen)",
    "d_model =": "without a value; allowed: d_model = …, a value behind the =",
    "d_model: 4": "with a colon; allowed: d_model = …",
    "机器 = [1, 2]": 'a name that needs quotes; allowed: "机器" = [1, 2]',
    "it's = [1, 2]": 'a name that needs quotes; allowed: "it\'s" = [1, 2]',
    "[weights\nw_q = 1": 'line 1: found "[weights", a table without a ] or a name; allowed: a line such as [weights]',
    "[weights]\n[weights]": 'line 2: found "[weights]", a second time; allowed: each table once',
    "heads = 1\nheads = 2": 'line 2: found "heads = 2", a second value for one name; allowed: each name once',
    "title = { en = 1,\nzh = 2 }": "a table within a line that is not whole; allowed: { en = …, zh = … }, on one line",
    "a = 1 b = 2": "found",
    'a = "\0"': "with a character that cannot be seen",
    "seed = " + "9" * 5000: "line 1: found a number of 5,000 digits",
    ".".join("a" * 20_000) + " = 1": "a name of 20,000 parts; allowed: a name such as mask, or weights.w_q",
    "x = { " + ".".join(["'a'"] * 99) + " = 1 }": "a name of 99 parts",
}


@pytest.mark.parametrize(("text", "told"), TOLD.items(), ids=[text[:20] for text in TOLD])
def test_what_is_wrong_with_a_line(text: str, told: str) -> None:
    fault = faults_of(text)
    assert told in fault
    assert "\n" not in fault
    assert "TOMLDecode" not in fault
    assert len(fault) < 250


def test_dots_within_texts_and_remarks_are_none_of_names() -> None:
    text = 'sentence = "a.b.c.d.e.f.g.h.i.j.k b" # a.b.c.d.e.f.g.h.i.j.k\ntitle = """a.b.c.d.e.f.g.h.i.j.k.l.m"""'
    assert parse_example(text, "x.toml").tokens == ("a.b.c.d.e.f.g.h.i.j.k", "b")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (SENTENCE.encode("utf-16"), "found a file of UTF-16; allowed: text saved as UTF-8"),
        (SENTENCE.encode("utf-16-be"), "found a file of UTF-16; allowed"),
        (SENTENCE.encode("utf-32"), "found a file of UTF-32; allowed"),
        (b"PK\x03\x04\0\0\0" + bytes(90), "found a file that is no text, such as a picture"),
        (SENTENCE.encode() + 'title = "café"'.encode("latin-1"), "line 2: found the byte 0xe9, which is not UTF-8"),
        (b"#" * (MOST_BYTES + 1), "found more than 2 MB; allowed: at most 2 MB; large matrices belong in a"),
    ],
)
def test_files_that_are_no_texts(content: bytes, told: str, tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_bytes(content)
    with pytest.raises(ExampleError) as caught:
        load_example(tmp_path / "x.toml")
    assert told in str(caught.value)


# --- how long it takes ------------------------------------------------------------------------------------------------

FULL = MOST_BYTES - 100
MOST = {
    "cells": lambda: "embeddings = [[" + '"",' * (FULL // 3) + "]]",
    "rows": lambda: "mask = [" + "[]," * (FULL // 3) + "]",
    "numbers": lambda: "mask = [[" + "1," * (FULL // 2) + "]]",
    "widths": lambda: "mask = [" + ",".join("[" + "1," * width + "]" for width in range(1400)) + "]",
    "tables": lambda: "".join(f"[k{number}]\n" for number in range(FULL // 10)),
    "names": lambda: "".join(f"k{number} = 1\n" for number in range(MOST_NAMES - 2)),
    "words": lambda: "[embeddings]\n" + "".join(f"k{number} = [1, 2]\n" for number in range(MOST_NAMES - 2)),
    "meanings": lambda: "[glosses.en]\n" + "".join(f"k{number} = 1\n" for number in range(MOST_NAMES - 2)),
    "parts": lambda: ".".join("a" * (FULL // 2)) + " = 1",
    "marks": lambda: "[embeddings]\n'a" + "\u0315\u0300" * (FULL // 4) + "' = [1]",
    "a name": lambda: "x" * FULL + " = 1",
    "a title": lambda: 'title = "' + "\u202e" * (FULL // 3) + '"',
    "a seed": lambda: "seed = 0x" + "f" * FULL,
    "brackets": lambda: "a = " + "[" * FULL,
    "quotes": lambda: 'x = """' + '\\"""' * (FULL // 4),
    "blanks": lambda: "x =" + " " * FULL,
}
CHECK = """
import pathlib, resource, sys
from core.examples.example import ExampleError, load_example
try:
    load_example(sys.argv[1])
except ExampleError as error:
    used = resource.getrusage(resource.RUSAGE_SELF)
    told, status = str(error), pathlib.Path("/proc/self/status")
    peaks = status.read_text().splitlines() if status.exists() else [f"VmHWM: {used.ru_maxrss}"]
    peak = next(int(line.split()[1]) for line in peaks if line.startswith("VmHWM"))
    print(round(used.ru_utime + used.ru_stime, 2), peak // 1024, len(told), len(told.splitlines()))
"""


def shown_at(kinds: list[str], everything: bool, count: int = 4) -> list[str]:
    """All, or some of them, others at the next commit."""
    start = turn() % len(kinds)
    return kinds if everything else (kinds * 2)[start : start + count]


def test_the_most_that_a_file_may_hold_is_refused_soon(
    request: pytest.FixtureRequest, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Within five seconds of work and 500 MB, in a few lines."""
    for kind in shown_at(list(MOST), request.config.getoption("--everything")):
        (tmp_path / "x.toml").write_text(SENTENCE + MOST[kind](), encoding="utf-8")
        told = subprocess.run([sys.executable, "-c", CHECK, str(tmp_path / "x.toml")], capture_output=True, text=True)
        seconds, megabytes, length, lines = told.stdout.split()
        record_property("measured", f"refusing the most {kind} of an example file: {seconds} s, {megabytes} MB")
        assert float(seconds) < 5, kind
        assert int(megabytes) < 500, kind
        assert int(length) < 10_000, kind
        assert int(lines) <= 45, kind


def test_long_texts_are_cut_before_they_are_escaped() -> None:
    begin = time.process_time()
    assert quote("\u202e" * 30_000_000) == '"' + "\\u202e" * 6 + '\\u2…"'
    assert time.process_time() - begin < 1


def test_the_nearest_of_very_many_names_is_found_soon() -> None:
    words = [f"word{number}" for number in range(50_000)] + ["overheated"]
    begin = time.process_time()
    assert nearest("overheeted", words) == "overheated"
    assert nearest("x" * 1_000_000, words) is None
    assert time.process_time() - begin < 1
