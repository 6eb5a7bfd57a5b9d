"""The sentences that the translator of `assets/models` is trained and tested on: who did what to whom, in the past.

A Chinese sentence is subject, time, place, verb, object (我 昨天 在 公园 看见 了 一只 黑 猫); the time comes first
where the subject is any of its kind (昨天 一只 猫 看见 了 一条 大 狗). The English one is subject, verb, object, place,
time (a cat saw a big dog yesterday). Time, place and adjectives may be absent. People and animals are subjects and
objects, so only the order tells who saw whom. No sentence is longer than nine words in either language.

Two words leave a choice: "saw" is 看见 or 看到, 小 is "small" or "little". Each choice has its share of the lessons.
"""

from __future__ import annotations

import hashlib
from collections import Counter
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
    """A part of a sentence in both languages. share: how often it, and not another phrase, says what it says."""

    chinese: tuple[str, ...] = ()
    english: tuple[str, ...] = ()
    links: Links = ()
    share: float = 1.0


@dataclass(frozen=True)
class Pair:
    """A sentence in both languages; `links` are the words that say the same: (Chinese place, English place).

    share: how often it is a lesson, beside the other pairs that say the same.
    """

    chinese: tuple[str, ...]
    english: tuple[str, ...]
    links: Links
    share: float = 1.0

    @property
    def meaning(self) -> str:
        """The same for all pairs that say the same."""
        return " ".join(_SAME.get(word, word) for word in self.chinese)

    @property
    def held_out(self) -> bool:
        """Whether training must never see the sentence, in either direction and in no choice of words."""
        digest = hashlib.sha256(self.meaning.encode()).digest()
        return int.from_bytes(digest[:8], "big") % 100 < HELD_OUT_PERCENT


def _word(chinese: str, english: str, share: float = 1.0) -> Phrase:
    return Phrase((chinese,), (english,), ((0, 0),), share)


NOTHING = Phrase()
PRONOUNS = {"我": ("I", "me"), "他": ("he", "him"), "她": ("she", "her"), "我们": ("we", "us")}
PEOPLE = {"老师": "teacher", "学生": "student"}
TIMES = (NOTHING, _word("昨天", "yesterday"), Phrase(("上周",), ("last", "week"), ((0, 0), (0, 1))))
PLACES = {"公园": "park", "花园": "garden", "商店": "shop"}
ANIMALS = {"猫": "cat", "狗": "dog", "鸟": "bird"}
THINGS = {"书": "book", "花": "flower"}
MEASURES = {"猫": "一只", "狗": "一条", "鸟": "一只", "书": "一本", "花": "一朵"}
# What a word may become, and in which share of the lessons.
ADJECTIVES = {
    "黑": {"black": 1.0},
    "白": {"white": 1.0},
    "红": {"red": 1.0},
    "小": {"small": 0.65, "little": 0.35},
    "大": {"big": 1.0},
}
VERBS = {
    "saw": {"看见": 0.7, "看到": 0.3},
    "found": {"发现": 1.0},
    "bit": {"咬": 1.0},
    "drew": {"画": 1.0},
    "bought": {"买": 1.0},
    "read": {"读": 1.0},
}
_SAME = {"看到": "看见"}
# The adjectives that go well with a noun.
SUITED = {"猫": "黑白小大", "狗": "黑白小大", "鸟": "黑白小大", "书": "红小大", "花": "红白小大"}
# Who may do it, to whom or what, and where; every verb may leave the place out.
EVERYBODY = (*PRONOUNS, *PEOPLE, *ANIMALS)
SUBJECTS = {
    "saw": EVERYBODY,
    "found": EVERYBODY,
    "bit": tuple(ANIMALS),
    "drew": (*PRONOUNS, *PEOPLE),
    "bought": (*PRONOUNS, *PEOPLE),
    "read": (*PRONOUNS, *PEOPLE),
}
OBJECTS = {
    "saw": (*EVERYBODY, *THINGS),
    "found": (*EVERYBODY, *THINGS),
    "bit": EVERYBODY,
    "drew": (*EVERYBODY, *THINGS),
    "bought": (*ANIMALS, *THINGS),
    "read": ("书",),
}
SCENES = {
    "saw": tuple(PLACES),
    "found": tuple(PLACES),
    "bit": ("公园", "花园"),
    "drew": ("公园", "花园"),
    "bought": ("商店",),
    "read": ("公园", "花园"),
}


def _place(chinese: str) -> Phrase:
    return Phrase(("在", chinese), ("in", "the", PLACES[chinese]), ((0, 0), (1, 1), (1, 2)))


def _verbs(english: str) -> Iterator[Phrase]:
    for chinese, share in VERBS[english].items():
        yield Phrase((chinese, "了"), (english,), ((0, 0), (1, 0)), share)


def _named(word: str, *, as_object: bool) -> Iterator[Phrase]:
    """A person, an animal or a thing, with every adjective that suits it."""
    if word in PRONOUNS:
        yield _word(word, PRONOUNS[word][as_object])
        return
    if word in PEOPLE:
        yield Phrase((word,), ("the", PEOPLE[word]), ((0, 0), (0, 1)))
        return
    measure, noun = MEASURES[word], (ANIMALS | THINGS)[word]
    yield Phrase((measure, word), ("a", noun), ((0, 0), (1, 1)))
    for chinese in SUITED[word]:
        for english, share in ADJECTIVES[chinese].items():
            yield Phrase((measure, chinese, word), ("a", english, noun), ((0, 0), (1, 1), (2, 2)), share)


def _differ(subject: Phrase, object_: Phrase) -> bool:
    """Whether they are two: nobody sees himself, and "we" are not to see "me"."""
    both = {*subject.chinese, *object_.chinese}
    return subject.chinese != object_.chinese and not both >= {"我", "我们"}


def _sentence(subject: Phrase, time: Phrase, place: Phrase, verb: Phrase, object_: Phrase) -> Pair:
    one_of_a_kind = len(subject.chinese) == 1
    order = (subject, time, place, verb, object_) if one_of_a_kind else (time, subject, place, verb, object_)
    chinese: list[str] = []
    starts = {}
    for phrase in order:
        starts[id(phrase)] = len(chinese)
        chinese.extend(phrase.chinese)
    english: list[str] = []
    links: list[tuple[int, int]] = []
    for phrase in (subject, verb, object_, place, time):
        links.extend((starts[id(phrase)] + source, len(english) + target) for source, target in phrase.links)
        english.extend(phrase.english)
    return Pair(tuple(chinese), tuple(english), tuple(links), subject.share * verb.share * object_.share)


def _sentences(english: str) -> Iterator[Pair]:
    """Every sentence with a verb."""
    subjects = [phrase for word in SUBJECTS[english] for phrase in _named(word, as_object=False)]
    objects = [phrase for word in OBJECTS[english] for phrase in _named(word, as_object=True)]
    places = (NOTHING, *(_place(place) for place in SCENES[english]))
    for subject, time, place, verb, object_ in product(subjects, TIMES, places, _verbs(english), objects):
        if _differ(subject, object_):
            yield _sentence(subject, time, place, verb, object_)


@cache
def all_pairs() -> tuple[Pair, ...]:
    """Every sentence of the grammar, in a fixed order."""
    pairs = (pair for verb in VERBS for pair in _sentences(verb))
    return tuple(pair for pair in pairs if max(len(pair.chinese), len(pair.english)) <= LONGEST)


@cache
def translations(*, chinese_first: bool) -> dict[tuple[str, ...], dict[tuple[str, ...], float]]:
    """Every sentence of a language with all its translations, and how often each of them is the one of a lesson."""
    found: dict[tuple[str, ...], dict[tuple[str, ...], float]] = {}
    for pair in all_pairs():
        source, target = (pair.chinese, pair.english) if chinese_first else (pair.english, pair.chinese)
        found.setdefault(source, {})[target] = pair.share
    for targets in found.values():
        total = sum(targets.values())
        targets.update({target: share / total for target, share in targets.items()})
    return found


@cache
def reversible(*, chinese_first: bool) -> frozenset[tuple[str, ...]]:
    """The sentences of a language whose words, in another order, are another sentence: the order tells who did it."""
    sources = translations(chinese_first=chinese_first)
    orders = Counter(tuple(sorted(source)) for source in sources)
    return frozenset(source for source in sources if orders[tuple(sorted(source))] > 1)


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
