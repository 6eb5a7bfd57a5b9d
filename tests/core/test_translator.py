"""The shipped translator: what its card says of it is true of the numeric core, on every held-out sentence."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

from core.examples.example import load_example
from core.examples.model_file import MODELS, read_model
from core.model.ablated import Ablated
from core.model.decoding import greedy
from core.model.named_weights import named_arrays
from core.model.transformer import Transformer, decode, encode, predict
from tools.translator_grammar import (
    LONGEST,
    PAD,
    START,
    all_pairs,
    held_out_pairs,
    reversible,
    training_pairs,
    translations,
    vocabulary,
)
from tools.translator_measures import (
    DIRECTIONS,
    Words,
    accepted,
    chance_of_linked,
    doubts,
    held_out_sources,
    likeliest,
    linked_share,
    padded,
    until_end,
)

CARD = MODELS / "translator.md"
LEAST = 0.99  # of the held-out sentences are to be right
ONE_BY_ONE = 80  # every so many sentences are also translated by `greedy`
Measured = Callable[[str, object], None]


@pytest.fixture(scope="module")
def translator() -> Transformer:
    model, faults = read_model("test", Path(), "translator")
    assert model is not None, faults
    return model


def as_ablated(model: Transformer) -> Ablated:
    return Ablated(model.config, model.vocabulary, named_arrays(model))


def translated(model: Transformer, sources: tuple[Words, ...]) -> list[Words]:
    """Greedy translations of many sentences at once."""
    ids = padded(model, sources, LONGEST)
    real = ids != model.vocabulary.index(PAD)
    memory = encode(model, ids, key_padding=real).output
    said = np.full((len(sources), 1), model.vocabulary.index(START))
    for _ in range(LONGEST + 2):
        logits = predict(model, decode(model, said, memory, memory_padding=real).output[:, -1]).logits
        said = np.concatenate([said, logits.argmax(-1)[:, None]], axis=1)
    return [until_end(model, row) for row in said[:, 1:]]


def card_numbers(pattern: str) -> tuple[float, ...]:
    """The numbers that the card gives where it reads like `pattern`."""
    found = re.search(pattern, CARD.read_text(encoding="utf-8"))
    assert found, pattern
    return tuple(float(number) for number in found.groups())


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_held_out_sentences_are_translated_as_the_card_says(
    direction: str, translator: Transformer, record_property: Measured
) -> None:
    sources = held_out_sources(direction)
    answers = translated(translator, sources)
    wrong = [
        f"  {' '.join(source)} → {' '.join(answer)}, not {' '.join(likeliest(direction, source))}"
        for source, answer in zip(sources, answers, strict=True)
        if answer not in accepted(direction, source)
    ]
    right = len(sources) - len(wrong)
    share = right / len(sources)
    measured = f"translator, {direction}: {right} of {len(sources)} held-out sentences right ({share:.1%})"
    record_property("measured", "\n".join([measured, *wrong]))
    expected, count = card_numbers(rf"\| {direction} \| (\d+) of (\d+) ")
    assert len(sources) == count
    assert right >= expected
    assert share >= LEAST


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_one_sentence_at_a_time_gives_the_same_words(direction: str, translator: Transformer) -> None:
    sources = held_out_sources(direction)[::ONE_BY_ONE]
    for source, answer in zip(sources, translated(translator, sources), strict=True):
        memory = encode(translator, translator.ids(source)).output
        said = greedy(translator, translator.ids([START]).tolist(), memory).ids
        assert until_end(translator, said) == answer


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_where_words_are_a_choice_their_probabilities_are_the_shares_of_the_lessons(
    direction: str, translator: Transformer, record_property: Measured
) -> None:
    for word, (share, probability) in doubts(as_ablated(translator), direction).items():
        record_property(
            "measured", f"translator, {direction}: {word} in {share:.0%} of the lessons, said with {probability:.1%}"
        )
        assert card_numbers(rf"\| {word} \| {share:.0%} \| ([\d.]+)% \|") == (round(100 * probability, 1),)
        assert abs(probability - share) < 0.03


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_cross_attention_looks_where_the_card_says(
    direction: str, translator: Transformer, record_property: Measured
) -> None:
    shares = linked_share(translator, direction).ravel()  # (layers · heads,)
    texts = [f"{share:.0%}" for share in (*shares, chance_of_linked(direction))]
    record_property("measured", f"translator, {direction}: attention on the words being said: {' '.join(texts)}")
    assert f"| {direction} | {' | '.join(texts)} |" in CARD.read_text(encoding="utf-8")


# --- the sentences ----------------------------------------------------------------------------------------------------


def test_held_out_sentences_are_in_no_lesson() -> None:
    lessons = {words for pair in training_pairs() for words in (pair.chinese, pair.english)}
    assert not any(pair.chinese in lessons or pair.english in lessons for pair in held_out_pairs())


def test_of_some_held_out_sentences_the_reversed_one_is_a_lesson() -> None:
    lessons = {tuple(sorted(pair.english)) for pair in training_pairs()}
    reversed_ones = [source for source in held_out_sources("en → zh", "reversible") if tuple(sorted(source)) in lessons]
    assert len(reversed_ones) > 100


def test_the_order_alone_tells_who_saw_whom() -> None:
    one, other = (tuple(f"a {order} yesterday".split()) for order in ("cat saw a big dog", "big dog saw a cat"))
    assert {one, other} <= reversible(chinese_first=False)
    assert ("昨天", "一只", "猫", "看见", "了", "一条", "大", "狗") in translations(chinese_first=False)[one]
    assert ("昨天", "一条", "大", "狗", "看见", "了", "一只", "猫") in translations(chinese_first=False)[other]


def test_links_join_every_word() -> None:
    for pair in all_pairs():
        chinese, english = zip(*pair.links, strict=True)
        assert set(chinese) == set(range(len(pair.chinese)))
        assert set(english) == set(range(len(pair.english)))


def test_translations_of_a_sentence_share_the_lessons() -> None:
    for chinese_first in (True, False):
        for shares in translations(chinese_first=chinese_first).values():
            assert sum(shares.values()) == pytest.approx(1)
    both = translations(chinese_first=True)[("我", "看见", "了", "一条", "小", "狗")]
    assert both == {tuple(f"I saw a {word} dog".split()): share for word, share in (("small", 0.65), ("little", 0.35))}


@pytest.mark.parametrize("name", ["translation-zh-en", "translation-en-zh"])
def test_the_example_sentences_were_never_seen_and_leave_a_choice(name: str) -> None:
    example = load_example(name)
    direction = "en → zh" if example.tokens[0].isascii() else "zh → en"
    assert example.tokens in held_out_sources(direction, "reversible")
    assert example.tokens in held_out_sources(direction, "doubtful")
    assert example.target == likeliest(direction, example.tokens)


# --- the file ---------------------------------------------------------------------------------------------------------


def test_words_and_weights_are_those_of_the_card(translator: Transformer) -> None:
    assert translator.vocabulary == vocabulary()
    with safe_open(MODELS / "translator.safetensors", framework="numpy") as file:
        weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        config = json.loads(file.metadata()["config"])
    assert (config["layers"], config["heads"]) == (2, 2)
    assert weights["embedding"].shape == (len(vocabulary()), 8)
    assert not weights["embedding"][0].any()
    for name, weight in weights.items():
        assert np.array_equal(weight, np.round(weight, 2)), name
        assert np.abs(weight).max() <= 3, name
    card = CARD.read_text(encoding="utf-8")
    assert f"{sum(weight.size for weight in weights.values())} weights" in card
    assert f"The {len(all_pairs())} sentence pairs" in card
    assert f"{len(vocabulary())} words" in card


def test_torch_computes_the_same(translator: Transformer) -> None:
    torch = pytest.importorskip("torch")
    trainer = pytest.importorskip("tools.train_translator")
    weights = {name: torch.from_numpy(array.copy()) for name, array in named_arrays(translator).items()}
    model = trainer.Transformer(weights, trainer.Sizes(len(vocabulary())))
    for chinese_first in (True, False):
        data = trainer.sentences(held_out_pairs()[::ONE_BY_ONE], chinese_first=chinese_first)
        real = data.source.numpy() != 0
        memory = encode(translator, data.source.numpy(), key_padding=real).output
        logits = predict(translator, decode(translator, data.target.numpy(), memory, memory_padding=real).output).logits
        assert np.abs(logits - model.logits(data.source, data.target).numpy()).max() < 1e-9
