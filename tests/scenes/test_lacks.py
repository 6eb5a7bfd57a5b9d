"""Which chapters an example of a model of today is not shown in: those that are about what its model does not have."""

from __future__ import annotations

import pytest

from core.examples.example import parse_example
from scenes.storyboard import CHAPTERS

ONLY = 'sentence = "a b"\n[model]\nkind = "decoder-only"\n'
WITHOUT_ENCODER = {"encoder", "decoder"}


@pytest.mark.parametrize(
    ("lines", "left_out"),
    [
        ("", set()),
        ('norm = "pre"\npositions = "rotary"\nkv_heads = 1\nwindow = 2\nsinks = 1\nsoft_cap = 3', set()),
        ('norm = "rms"', {"layer_norm"}),
        ('activation = "swiglu"', {"feed_forward"}),
        ("experts = 3", {"feed_forward"}),
        ('norm = "rms"\nactivation = "geglu"\npositions = "alibi"', {"layer_norm", "feed_forward"}),
    ],
)
def test_chapters_ask_for_what_they_are_about(lines: str, left_out: set[str]) -> None:
    example = parse_example(ONLY + lines, "x.toml")
    lacks = {entry.name: entry.lacking(example) for entry in CHAPTERS}
    assert {name for name, lack in lacks.items() if lack is not None} == WITHOUT_ENCODER | left_out
