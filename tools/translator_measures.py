"""How well a translator does, computed by the numeric core: sentences that it never saw, and what it was taught."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from core.model.ablated import Ablated, encode_ablated, logits_ablated, write_ablated
from core.model.softmax import softmax
from core.model.transformer import Transformer, decode, encode
from tools.translator_grammar import (
    ADJECTIVES,
    END,
    LONGEST,
    PAD,
    START,
    VERBS,
    Pair,
    held_out_pairs,
    reversible,
    training_pairs,
    translations,
)

DIRECTIONS = ("zh → en", "en → zh")
KINDS = ("all", "reversible", "doubtful", "sampled")
SAMPLED = 20  # one of so many
CHOICES = {"zh → en": ADJECTIVES["小"], "en → zh": VERBS["saw"]}  # words that a source leaves open
MOST_WORDS = LONGEST + 2  # until a translation is taken for endless
LESSONS = 2000  # of each direction, that the loss is taken over

Words = tuple[str, ...]


@dataclass(frozen=True)
class Count:
    """How many sentences are translated rightly, of how many."""

    right: int
    of: int

    @property
    def share(self) -> float:
        return self.right / self.of

    @property
    def text(self) -> str:
        return f"{self.right} of {self.of} ({self.share:.1%})"


def sides(pair: Pair, direction: str) -> tuple[Words, Words]:
    """Source and target of a pair."""
    return (pair.chinese, pair.english) if direction == "zh → en" else (pair.english, pair.chinese)


def accepted(direction: str, source: Words) -> dict[Words, float]:
    """Every right translation, and how often it is the one of a lesson."""
    return translations(chinese_first=direction == "zh → en")[source]


def likeliest(direction: str, source: Words) -> Words:
    """The translation that is most often the one of a lesson."""
    shares = accepted(direction, source)
    return max(shares, key=shares.__getitem__)


@cache
def held_out_sources(direction: str, kind: str = "all") -> tuple[Words, ...]:
    """The sentences of a language that training never saw.

    kind: "all"; "reversible", whose words are another sentence in another order; "doubtful", with several translations;
    "sampled", few of all.
    """
    sources = tuple(dict.fromkeys(sides(pair, direction)[0] for pair in held_out_pairs()))
    if kind == "reversible":
        others = reversible(chinese_first=direction == "zh → en")
        return tuple(source for source in sources if source in others)
    if kind == "doubtful":
        return tuple(source for source in sources if len(accepted(direction, source)) > 1)
    return sources[::SAMPLED] if kind == "sampled" else sources


def padded(model: Ablated | Transformer, sentences: Sequence[Words], length: int) -> np.ndarray:
    """The ids of sentences, filled up with [PAD]: (sentences, length)."""
    places = {word: place for place, word in enumerate(model.vocabulary)}
    return np.array([[places[word] for word in (*words, *[PAD] * (length - len(words)))] for words in sentences])


def until_end(model: Ablated, ids: np.ndarray) -> Words:
    """What is written before [END]; all of it, where it never ends."""
    words = tuple(model.vocabulary[place] for place in ids)
    return words[: words.index(END)] if END in words else words


def written(model: Ablated, sources: Sequence[Words]) -> dict[Words, Words]:
    """What the model writes for each sentence."""
    ids = write_ablated(model, padded(model, sources, LONGEST), MOST_WORDS).ids
    return {source: until_end(model, row) for source, row in zip(sources, ids, strict=True)}


def counted(direction: str, answers: Mapping[Words, Words], kind: str = "all") -> Count:
    """How many of the held-out sentences of a kind are among the answers and right: a translation of the grammar.

    answers: what was written, by source.
    """
    sources = [source for source in held_out_sources(direction, kind) if source in answers]
    return Count(sum(answers[source] in accepted(direction, source) for source in sources), len(sources))


def taught(model: Ablated, direction: str, pairs: Sequence[Pair]) -> tuple[np.ndarray, np.ndarray]:
    """Fed with the right words before it: the probabilities of the next word, and the word that follows.

    (sentences, LONGEST + 1, vocabulary) and ids (sentences, LONGEST + 1), [PAD] where nothing follows.
    """
    sources, targets = zip(*(sides(pair, direction) for pair in pairs), strict=True)
    source = padded(model, sources, LONGEST)
    table = padded(model, [(START, *target, END) for target in targets], LONGEST + 2)
    expected = table[:, 1:]
    said = np.where(expected == model.vocabulary.index(PAD), model.vocabulary.index(PAD), table[:, :-1])
    return softmax(logits_ablated(model, said, encode_ablated(model, source), source)), expected


def training_loss(model: Ablated) -> float:
    """The cross-entropy of the next word over some of the lessons, as often as they are taught, in both directions."""
    pairs = training_pairs()
    shares = np.array([pair.share for pair in pairs])
    drawn = np.random.default_rng(0).choice(len(pairs), LESSONS, p=shares / shares.sum())
    losses = []
    for direction in DIRECTIONS:
        probabilities, expected = taught(model, direction, [pairs[row] for row in drawn])
        right = np.take_along_axis(probabilities, expected[..., None], axis=-1)[..., 0]
        losses.append(-np.log(right[expected != model.vocabulary.index(PAD)]))
    return float(np.concatenate(losses).mean())


def next_word(model: Ablated, direction: str) -> float:
    """How often the next word of a held-out sentence's likeliest translation is right, fed with the words before."""
    best = {source: likeliest(direction, source) for source in held_out_sources(direction)}
    pairs = [pair for pair in held_out_pairs() if best[sides(pair, direction)[0]] == sides(pair, direction)[1]]
    probabilities, expected = taught(model, direction, pairs)
    words = expected != model.vocabulary.index(PAD)
    return float((probabilities.argmax(axis=-1) == expected)[words].mean())


def measured(model: Ablated) -> dict[str, Any]:
    """All measures of a model, as the results file holds them; `right`: of how many, see `held_out_sources`."""
    answers = {direction: written(model, held_out_sources(direction)) for direction in DIRECTIONS}
    return {
        "training_loss": round(training_loss(model), 4),
        "next_word": {direction: round(next_word(model, direction), 4) for direction in DIRECTIONS},
        "right": {
            kind: {direction: counted(direction, answers[direction], kind).right for direction in DIRECTIONS}
            for kind in KINDS
        },
    }


# --- the whole model --------------------------------------------------------------------------------------------------


def linked_share(model: Transformer, direction: str) -> np.ndarray:
    """How much of its cross-attention a word gives, while it is said, to the words of the source that say the same.

    (layers, heads), the mean over all words of the held-out sentences; the links are those of the grammar.
    """
    pairs = held_out_pairs()
    sources, targets = zip(*(sides(pair, direction) for pair in pairs), strict=True)
    source, said = padded(model, sources, LONGEST), padded(model, [(START, *words) for words in targets], LONGEST + 1)
    real = source != model.vocabulary.index(PAD)
    steps = decode(model, said, encode(model, source, key_padding=real).output, memory_padding=real)
    linked = np.zeros((len(pairs), LONGEST + 1, LONGEST))
    for row, pair in enumerate(pairs):
        for chinese, english in pair.links:
            linked[(row, english, chinese) if direction == DIRECTIONS[0] else (row, chinese, english)] = 1
    words = linked.any(axis=-1)  # (sentences, queries)
    shares = []
    for layer in steps.layers:
        assert layer.cross_attention is not None
        weights = layer.cross_attention.inner.heads.weights  # (sentences, heads, queries, keys)
        shares.append((weights * linked[:, None]).sum(axis=-1).swapaxes(1, 2)[words].mean(axis=0))
    return np.array(shares)


def chance_of_linked(direction: str) -> float:
    """What `linked_share` would be if all words of the source had the same weight."""
    places: list[float] = []
    for pair in held_out_pairs():
        word, length = (1, len(pair.chinese)) if direction == DIRECTIONS[0] else (0, len(pair.english))
        links = Counter(link[word] for link in pair.links)
        places += [count / length for count in links.values()]
    return float(np.mean(places))


def doubts(model: Ablated, direction: str) -> dict[str, tuple[float, float]]:
    """The words of a choice: which share of the lessons has each, and its mean probability where either could follow.

    Taken over the held-out sentences in which the choice comes up.
    """
    choices = CHOICES[direction]
    pairs = [pair for pair in held_out_pairs() if any(word in choices for word in sides(pair, direction)[1])]
    probabilities, expected = taught(model, direction, pairs)
    ids = [model.vocabulary.index(word) for word in choices]
    here = np.isin(expected, ids)  # (sentences, tokens)
    return {
        word: (share, float(probabilities[here][:, place].mean()))
        for (word, share), place in zip(choices.items(), ids, strict=True)
    }


def report(model: Ablated) -> list[str]:
    """Lines that tell how well a translator does, how sure it is, and where its cross-attention looks."""
    lines = [f"{sum(array.size for array in model.weights.values())} weights, training loss {training_loss(model):.4f}"]
    for direction in DIRECTIONS:
        answers = written(model, held_out_sources(direction))
        lines += [f"{direction}, {kind}: {counted(direction, answers, kind).text}" for kind in KINDS]
        lines += [
            f"    {' '.join(source)} → {' '.join(answer)}"
            for source, answer in answers.items()
            if answer not in accepted(direction, source)
        ]
    return lines
