"""What `check` says of an example: every chapter of the storyboard, with the tensors that it is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.examples.example import load_example, parse_example, shipped_examples
from core.trace.pipeline import trace_example
from scenes.stage.matrix import cells
from scenes.storyboard import CHAPTERS
from studio.examples import MOST_NUMBERS, shown


def chapters_of(text: str) -> dict[str, str]:
    lines = text.partition("\nChapters\n")[2].splitlines()
    return {line.split()[0]: " ".join(line.split()[1:]) for line in lines}


def test_every_chapter_says_what_it_shows() -> None:
    text = 'sentences = ["a b", "a b c d"]\nmask = "both"\nd_model = 128'
    told = chapters_of(shown(parse_example(text, Path("x.toml"))))
    assert list(told) == [entry.name for entry in CHAPTERS]
    assert told["tokens"] == "embedding_table 5 × 128 as a heat map, x 4 × 128 as a heat map"
    assert told["softmax"] == "scaled_scores 4 × 4, weights 4 × 4"
    assert told["multi_head"] == "heads.weights 2 × 4 × 4, w_o 128 × 128 as a heat map"
    assert MOST_NUMBERS == cells.MOST_NUMBERS


@pytest.mark.parametrize("name", shipped_examples())
def test_the_storyboard_names_tensors_of_the_trace(name: str) -> None:
    example = load_example(name)
    missing = {tensor for entry in CHAPTERS for tensor in entry.shows} - set(trace_example(example))
    assert not missing
    assert all(chapters_of(shown(example)).values())
