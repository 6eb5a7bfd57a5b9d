"""Translators trained without a part: the results file, the shipped weights, and what they write in the trace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from core.examples.example import load_example
from core.examples.model_file import read_ablated, read_model
from core.examples.weights_file import UnreadableError
from core.model.ablated import PARTS
from core.model.special_tokens import END
from core.trace import Trace
from core.trace.pipeline import trace_example
from core.trace.trained_without import (
    FOLDER,
    INTO,
    MODELS,
    NOWHERE,
    compared,
    direction_of,
    model_without,
    results,
    said,
    telling_sentence,
)
from tools.ablation_results import SEEDS, first_difference, rightness, sizes_of_held_out, table, text_of, with_table
from tools.translator_grammar import held_out_pairs
from tools.translator_measures import DIRECTIONS, accepted, held_out_sources, taught, written

LARGEST_FILE = 30_000
CARD = MODELS / "translator.md"


# --- the results file -------------------------------------------------------------------------------------------------


def test_every_part_was_left_out_with_three_seeds(record_property: Callable[[str, object], None]) -> None:
    record_property("measured", f"translators trained without a part, {len(SEEDS)} seeds each:\n{table(results())}")
    runs = [(run["without"], run["seed"]) for run in results()["runs"]]
    assert runs == [(part, seed) for part in ("", *PARTS) for seed in SEEDS]
    assert results()["held_out"] == sizes_of_held_out()


def test_the_whole_model_is_right_with_every_seed() -> None:
    for run in results()["runs"]:
        if not run["without"]:
            for direction in DIRECTIONS:
                assert rightness(results(), run, "all", [direction]) >= 0.99, run


def test_no_count_is_larger_than_what_it_is_part_of() -> None:
    for run in results()["runs"]:
        for direction in DIRECTIONS:
            right = {kind: counts[direction] for kind, counts in run["right"].items()}
            assert all(0 <= right[kind] <= results()["held_out"][kind][direction] for kind in right)
            assert max(right.values()) == right["all"]
            assert 0 <= run["next_word"][direction] <= 1


def test_the_card_has_the_table_of_the_results_file() -> None:
    card = CARD.read_text(encoding="utf-8")
    assert with_table(card, results()) == card
    assert text_of(results()) == (MODELS / "ablations.json").read_text(encoding="utf-8")


# --- the weights ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["", *PARTS])
def test_shipped_weights_do_as_recorded(part: str) -> None:
    model = model_without(part)
    run = next(run for run in results()["runs"] if (run["without"], run["seed"]) == (part, SEEDS[0]))
    for direction in DIRECTIONS:
        answers = written(model, held_out_sources(direction, "sampled"))
        right = sum(answer in accepted(direction, source) for source, answer in answers.items())
        assert right == run["right"]["sampled"][direction]


@pytest.mark.parametrize("part", PARTS)
def test_shipped_weights_are_small_and_of_two_decimals(part: str) -> None:
    model = model_without(part)
    assert (FOLDER / f"{part}.safetensors").stat().st_size <= LARGEST_FILE
    whole = model_without("").config
    assert (model.without, replace(model.config, d_ff=whole.d_ff)) == (part, whole)
    assert model.vocabulary == model_without("").vocabulary
    for name, weight in model.weights.items():
        np.testing.assert_allclose(weight, np.round(weight, 2), rtol=0, atol=1e-6, err_msg=name)
        assert np.abs(weight).max() <= 3, name


def test_an_example_cannot_stand_on_a_model_without_a_part() -> None:
    _, faults = read_model("x.toml", FOLDER, "positions.safetensors")
    assert any("config.without" in str(fault) for fault in faults)


def test_the_whole_model_is_no_model_without_a_part() -> None:
    with pytest.raises(UnreadableError, match="without"):
        read_ablated(MODELS / "translator.safetensors")


@pytest.mark.parametrize("part", ["", "residuals", "attention_residuals"])
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_without_residuals_every_place_gets_the_same_probabilities(part: str, direction: str) -> None:
    probabilities, expected = taught(model_without(part), direction, held_out_pairs()[::200])
    spreads = [np.ptp(row[words], axis=0).max() for row, words in zip(probabilities, expected != 0, strict=True)]
    assert max(spreads) < 1e-9 if part else min(spreads) > 0.5


# --- telling sentences ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_telling_sentence_is_what_it_is_said_to_be(part: str, direction: str) -> None:
    source, found = telling_sentence(part, direction), results()["telling"][part][direction]
    if source is None:
        run = next(run for run in results()["runs"] if (run["without"], run["seed"]) == (part, SEEDS[0]))
        assert run["right"]["all"][direction] == results()["held_out"]["all"][direction]
        return
    comparison = compared(part, source)
    translations = accepted(direction, source)
    assert source in held_out_sources(direction)
    assert direction_of(source) == direction
    assert comparison.whole.words[:-1] in translations
    place = comparison.differs
    assert place == found["first_wrong"]
    wrong = comparison.without.words[: place + 1]
    assert not any((*translation, END)[: place + 1] == wrong for translation in translations)
    assert (" ".join(comparison.whole.words), " ".join(comparison.without.words)) == (found["whole"], found["without"])
    assert comparison.without.chosen[place] == pytest.approx(found["probability"], abs=1e-4)


def test_the_first_difference_counts_the_end_of_a_sentence() -> None:
    assert first_difference(("a", "b"), ("a", "c")) == 1
    assert first_difference(("a", "b"), ("a",)) == 1
    assert first_difference(("a",), ("a",)) is None


# --- the trace --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["translation-zh-en", "translation-en-zh"])
@pytest.mark.parametrize("part", PARTS)
def test_the_trace_has_what_each_model_writes(name: str, part: str) -> None:
    example = load_example(name)
    trace = trace_example(example)
    lead = f"trained_without.{part}"
    assert trace[f"{lead}.own.source"].labels["tokens"] == example.tokens
    check_difference(trace, f"{lead}.own", trace["translation.token_ids"].labels["steps"])
    telling = telling_sentence(part, direction_of(example.tokens))
    assert (f"{lead}.telling.source" in trace) == (telling is not None)
    if telling is not None:
        assert trace[f"{lead}.telling.source"].labels["tokens"] == telling
        assert trace[f"{lead}.telling.differs"].values >= 0
        check_difference(trace, f"{lead}.telling", trace[f"{lead}.telling.whole.ids"].labels["steps"])


def check_difference(trace: Trace, lead: str, right: tuple[str, ...]) -> None:
    """What is written is the same up to the place where it differs, and there another word, the likeliest of all."""
    words, place = trace[f"{lead}.without.ids"].labels["steps"], int(trace[f"{lead}.differs"].values)
    if place == NOWHERE:
        assert words == right
        return
    assert words[:place] == right[:place]
    assert words[place] != right[place]
    row = trace[f"{lead}.without.probabilities"].values[place]
    assert trace[f"{lead}.without.chosen"].values[place] == pytest.approx(row.max())


def test_what_the_whole_translator_writes_is_the_models_own() -> None:
    example = load_example("translation-en-zh")
    trace, one = trace_example(example), said(model_without(""), example.tokens)
    np.testing.assert_array_equal(one.ids, trace["translation.token_ids"].values)
    np.testing.assert_allclose(one.probabilities, trace["translation.probabilities"].values, rtol=0, atol=1e-9)


def test_all_but_probabilities_and_places_is_made_of_other_numbers() -> None:
    kinds: dict[str, set[str]] = {}
    for name, tensor in trace_example(load_example("translation-zh-en")).items():
        if name.startswith("trained_without."):
            assert tensor.origin is not None
            kinds.setdefault(name.split(".")[-1], set()).add(tensor.origin.kind)
    expected = {"probabilities": "run", "differs": "choice", "source": "given", "ids": "place", "chosen": "lookup"}
    expected |= {"runs": "given", "loss_runs": "given", "held_out": "given"}
    expected |= {"right": "mean", "loss": "mean", "percentages": "percentage"}
    assert kinds == {last: {kind} for last, kind in expected.items()}


@pytest.mark.parametrize(("example", "language"), [("default", "en"), ("moonlight", "zh")])
def test_other_examples_are_told_of_the_translator_in_their_language(example: str, language: str) -> None:
    trace = trace_example(load_example(example))
    assert not any(".own." in name for name in trace if name.startswith("trained_without"))
    for part in PARTS:
        telling = f"trained_without.{part}.telling.whole.ids"
        assert (telling in trace) is (telling_sentence(part, INTO[language]) is not None)
    words = trace["trained_without.positions.telling.whole.ids"].labels["steps"]
    assert all(word.isascii() for word in words[:-1]) is (language == "en")


def test_what_the_chapter_says_of_the_trainings_holds() -> None:
    """Who wrote what is shown, and how the recorded results compare, as the captions of `whole_model` have it."""
    trace = trace_example(load_example("default"))
    right = dict(zip(("", *PARTS), trace["trained_without.right"].values, strict=True))
    loss = dict(zip(("", *PARTS), trace["trained_without.loss"].values, strict=True))
    assert right["positions"] < 0.8 < 0.99 < right[""]
    assert right["residuals"] == right["causal_mask"] == 0
    assert loss["causal_mask"] == min(loss.values())
    assert abs(right["feed_forward"] - right[""]) < 0.005
    assert {len(run) for run in trace["trained_without.runs"].values} == {3}
    for language in INTO:
        same = compared("residuals", telling_sentence("residuals", INTO[language]) or ())
        assert len(set(same.without.words)) == 1
        swapped = compared("positions", telling_sentence("positions", INTO[language]) or ())
        assert swapped.whole.words != swapped.without.words
