"""The shipped translator: what its card says of it is true of the numeric core, on every held-out sentence."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

from core.examples.model_file import MODELS, read_model
from core.model.decoding import greedy
from core.model.transformer import Transformer, decode, encode, predict
from tools.translator_grammar import END, LONGEST, PAD, START, all_pairs, held_out_pairs, training_pairs, vocabulary

CARD = MODELS / "translator.md"
DIRECTIONS = ("zh → en", "en → zh")
ONE_BY_ONE = 40  # every so many sentences are also translated by `greedy`


@pytest.fixture(scope="module")
def translator() -> Transformer:
    model, faults = read_model("test", Path(), "translator")
    assert model is not None, faults
    return model


def sentences(direction: str) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """The held-out sentences and their translations."""
    pairs = [(pair.chinese, pair.english) for pair in held_out_pairs()]
    return pairs if direction == "zh → en" else [(english, chinese) for chinese, english in pairs]


def until_end(words: list[str]) -> tuple[str, ...]:
    return tuple(words[: words.index(END) + 1] if END in words else words)


def translated(model: Transformer, sources: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Greedy translations of many sentences at once, each with its [END]."""
    ids = np.array([model.ids([*source, *[PAD] * (LONGEST - len(source))]) for source in sources])
    real = ids != model.vocabulary.index(PAD)
    memory = encode(model, ids, key_padding=real).output
    said = np.full((len(sources), 1), model.vocabulary.index(START))
    for _ in range(LONGEST + 2):
        logits = predict(model, decode(model, said, memory, memory_padding=real).output[:, -1]).logits
        said = np.concatenate([said, logits.argmax(-1)[:, None]], axis=1)
    return [until_end([model.vocabulary[number] for number in row]) for row in said[:, 1:]]


def card_counts(direction: str) -> tuple[int, int]:
    """How many held-out sentences the card says are right, and of how many."""
    found = re.search(rf"\| {direction} \| (\d+) of (\d+) ", CARD.read_text(encoding="utf-8"))
    assert found
    return int(found[1]), int(found[2])


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_held_out_sentences_are_translated_as_the_card_says(
    direction: str, translator: Transformer, record_property: Callable[[str, object], None]
) -> None:
    pairs = sentences(direction)
    answers = translated(translator, [source for source, _ in pairs])
    wrong = [
        f"  {' '.join(source)} → {' '.join(answer)}, not {' '.join(target)}"
        for (source, target), answer in zip(pairs, answers, strict=True)
        if answer != (*target, END)
    ]
    right = len(pairs) - len(wrong)
    measured = f"translator, {direction}: {right} of {len(pairs)} held-out sentences right ({right / len(pairs):.1%})"
    record_property("measured", "\n".join([measured, *wrong]))
    expected, count = card_counts(direction)
    assert len(pairs) == count
    assert right >= expected


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_one_sentence_at_a_time_gives_the_same_words(direction: str, translator: Transformer) -> None:
    sources = [source for source, _ in sentences(direction)][::ONE_BY_ONE]
    for source, answer in zip(sources, translated(translator, sources), strict=True):
        memory = encode(translator, translator.ids(source)).output
        said = greedy(translator, translator.ids([START]).tolist(), memory).ids
        assert tuple(translator.vocabulary[number] for number in said) == answer


def test_held_out_sentences_are_in_no_lesson() -> None:
    lessons = {pair.chinese for pair in training_pairs()} | {pair.english for pair in training_pairs()}
    assert not any(pair.chinese in lessons or pair.english in lessons for pair in held_out_pairs())
    assert 0.15 < len(held_out_pairs()) / len(all_pairs()) < 0.2


def test_every_sentence_has_one_translation_of_four_to_nine_words() -> None:
    pairs = all_pairs()
    for language in ("chinese", "english"):
        texts = [getattr(pair, language) for pair in pairs]
        assert len(set(texts)) == len(pairs)
        assert {len(text) for text in texts} <= set(range(4, LONGEST + 1))


def test_links_join_every_word() -> None:
    for pair in all_pairs():
        chinese, english = zip(*pair.links, strict=True)
        assert set(chinese) == set(range(len(pair.chinese)))
        assert set(english) == set(range(len(pair.english)))


def test_words_and_weights_are_those_of_the_card(translator: Transformer) -> None:
    assert translator.vocabulary == vocabulary()
    with safe_open(MODELS / "translator.safetensors", framework="numpy") as file:
        weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        config = json.loads(file.metadata()["config"])
    assert (config["layers"], config["heads"]) == (1, 2)
    assert weights["embedding"].shape == (len(vocabulary()), 8)
    assert not weights["embedding"][0].any()
    for name, weight in weights.items():
        assert np.array_equal(weight, np.round(weight, 2)), name
        assert np.abs(weight).max() <= 3, name
    card = CARD.read_text(encoding="utf-8")
    assert f"{sum(weight.size for weight in weights.values())} weights" in card
    assert f"The {len(all_pairs())} sentence pairs" in card
    assert f"{len(vocabulary())} words" in card


def test_cross_attention_points_at_the_words_being_said(translator: Transformer) -> None:
    for pair in held_out_pairs()[::ONE_BY_ONE]:
        memory = encode(translator, translator.ids(pair.chinese)).output
        steps = greedy(translator, translator.ids([START]).tolist(), memory)
        peaks = steps.cross_attention[-1].mean(axis=0).argmax(axis=-1)  # (steps,)
        for word in range(len(pair.english)):
            assert (peaks[word], word) in pair.links, pair


def test_torch_computes_the_same(translator: Transformer) -> None:
    torch = pytest.importorskip("torch")
    trainer = pytest.importorskip("tools.train_translator")
    with safe_open(MODELS / "translator.safetensors", framework="numpy") as file:
        weights = {name: torch.from_numpy(file.get_tensor(name)) for name in file.keys()}  # noqa: SIM118
    model = trainer.Transformer(weights, trainer.Sizes(len(vocabulary())))
    for chinese_first in (True, False):
        data = trainer.sentences(held_out_pairs()[::ONE_BY_ONE], chinese_first=chinese_first)
        real = data.source.numpy() != 0
        memory = encode(translator, data.source.numpy(), key_padding=real).output
        logits = predict(translator, decode(translator, data.target.numpy(), memory, memory_padding=real).output).logits
        assert np.abs(logits - model.logits(data.source, data.target).numpy()).max() < 1e-9
