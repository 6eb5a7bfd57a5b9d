"""The sentences that the translator of `assets/models` is trained and tested on: short, in the past tense.

A Chinese sentence is subject, time, place, verb, object (我 昨天 在 公园 看见 了 一只 黑 猫); the English one is
subject, verb, object, place, time (I saw a black cat in the park yesterday). Time, place and adjective may be absent.
Every sentence has one translation. No sentence is longer than nine words in either language.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product

PAD, START, END = "[PAD]", "[START]", "[END]"
LONGEST = 9
HELD_OUT_PERCENT = 18

# Which words of a Chinese phrase say which words of the English one: (Chinese place, English place).
Links = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Phrase:
    """A part of a sentence in both languages."""

    chinese: tuple[str, ...] = ()
    english: tuple[str, ...] = ()
    links: Links = ()


@dataclass(frozen=True)
class Pair:
    """A sentence in both languages; `links` are the words that say the same: (Chinese place, English place)."""

    chinese: tuple[str, ...]
    english: tuple[str, ...]
    links: Links

    @property
    def held_out(self) -> bool:
        """Whether training must never see the sentence, in either direction."""
        digest = hashlib.sha256(" ".join(self.chinese).encode()).digest()
        return int.from_bytes(digest[:8], "big") % 100 < HELD_OUT_PERCENT


def _word(chinese: str, english: str) -> Phrase:
    return Phrase((chinese,), (english,), ((0, 0),))


NOTHING = Phrase()
SUBJECTS = (
    _word("我", "I"),
    _word("他", "he"),
    _word("她", "she"),
    _word("我们", "we"),
    Phrase(("老师",), ("the", "teacher"), ((0, 0), (0, 1))),
)
TIMES = (
    NOTHING,
    _word("昨天", "yesterday"),
    _word("今天", "today"),
    Phrase(("上周",), ("last", "week"), ((0, 0), (0, 1))),
)
PLACES = {"公园": "park", "花园": "garden", "商店": "shop", "图书馆": "library"}
MEASURES = {"猫": "一只", "狗": "一只", "鸟": "一只", "书": "一本", "花": "一朵", "杯子": "一个"}
NOUNS = {"猫": "cat", "狗": "dog", "鸟": "bird", "书": "book", "花": "flower", "杯子": "cup"}
ADJECTIVES = {"黑": "black", "白": "white", "红": "red", "小": "small", "大": "big", "新": "new"}
# The adjectives that go well with a noun.
SUITED = {"猫": "黑白小大", "狗": "黑白小大", "鸟": "黑白小大", "书": "新小", "花": "红白小大", "杯子": "黑白红小大新"}
VERBS = {"看见": "saw", "发现": "found", "买": "bought", "画": "drew", "读": "read"}
# Of what and where a verb may speak; every verb may leave the place out.
OBJECTS = {
    "看见": tuple(NOUNS),
    "发现": tuple(NOUNS),
    "买": tuple(NOUNS),
    "画": (*tuple("猫狗鸟花"), "杯子"),
    "读": ("书",),
}
SCENES = {
    "看见": tuple(PLACES),
    "发现": tuple(PLACES),
    "买": ("商店",),
    "画": ("公园", "花园"),
    "读": ("公园", "花园", "图书馆"),
}


def _place(chinese: str) -> Phrase:
    return Phrase(("在", chinese), ("in", "the", PLACES[chinese]), ((0, 0), (1, 1), (1, 2)))


def _verb(chinese: str) -> Phrase:
    return Phrase((chinese, "了"), (VERBS[chinese],), ((0, 0), (1, 0)))


def _objects(noun: str) -> Iterator[Phrase]:
    measure = MEASURES[noun]
    yield Phrase((measure, noun), ("a", NOUNS[noun]), ((0, 0), (1, 1)))
    for adjective in SUITED[noun]:
        yield Phrase((measure, adjective, noun), ("a", ADJECTIVES[adjective], NOUNS[noun]), ((0, 0), (1, 1), (2, 2)))


def _predicates() -> Iterator[tuple[Phrase, Phrase, Phrase]]:
    """Every place, verb and object that go together."""
    for verb in VERBS:
        places = (NOTHING, *(_place(place) for place in SCENES[verb]))
        objects = [phrase for noun in OBJECTS[verb] for phrase in _objects(noun)]
        for place, phrase in product(places, objects):
            yield place, _verb(verb), phrase


def _sentence(subject: Phrase, time: Phrase, place: Phrase, verb: Phrase, object_: Phrase) -> Pair:
    chinese: list[str] = []
    starts = {}
    for phrase in (subject, time, place, verb, object_):
        starts[phrase] = len(chinese)
        chinese.extend(phrase.chinese)
    english: list[str] = []
    links: list[tuple[int, int]] = []
    for phrase in (subject, verb, object_, place, time):
        links.extend((starts[phrase] + source, len(english) + target) for source, target in phrase.links)
        english.extend(phrase.english)
    return Pair(tuple(chinese), tuple(english), tuple(links))


@cache
def all_pairs() -> tuple[Pair, ...]:
    """Every sentence of the grammar, in a fixed order."""
    pairs = (
        _sentence(subject, time, *predicate) for subject, time, predicate in product(SUBJECTS, TIMES, _predicates())
    )
    return tuple(pair for pair in pairs if max(len(pair.chinese), len(pair.english)) <= LONGEST)


def training_pairs() -> tuple[Pair, ...]:
    """The sentences to train on."""
    return tuple(pair for pair in all_pairs() if not pair.held_out)


def held_out_pairs() -> tuple[Pair, ...]:
    """The sentences that training never sees."""
    return tuple(pair for pair in all_pairs() if pair.held_out)


@cache
def vocabulary() -> tuple[str, ...]:
    """[PAD], [START], [END], the Chinese words, the English words: each once, in the order of first use."""
    chinese = (word for pair in all_pairs() for word in pair.chinese)
    english = (word for pair in all_pairs() for word in pair.english)
    return tuple(dict.fromkeys((PAD, START, END, *chinese, *english)))
