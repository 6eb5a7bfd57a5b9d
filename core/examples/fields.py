"""The schema of an example file: what each field may hold, checked one field at a time.

What depends on several fields at once (shapes, words without an embedding) is checked in `core.examples.resolver`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator, Field, ValidationError

from core.examples.checks import (
    Flaw,
    Matrix,
    Table,
    Vector,
    file_name,
    matrix,
    one_of,
    reject,
    row_flaws,
    switch,
    whole,
)
from core.examples.faults import Fault, describe, listed, nearest, quote
from core.examples.languages import LANGUAGES
from core.model.feed_forward import ACTIVATIONS
from core.model.layers import NORMS
from core.model.special_tokens import END, PAD, SPECIAL, START

KINDS = ("encoder-decoder", "decoder-only")
MASKS = ("none", "padding", "causal", "both")
WEIGHTS = ("w_q", "w_k", "w_v", "w_o")
BIASES = ("b_q", "b_k", "b_v", "b_o")
MOST_TOKENS = 16
MOST_SENTENCES = 6
LARGEST_MODEL = 512
WIDEST = 1024
MOST_LAYERS = 6
WIDEST_FEED_FORWARD = 2048
LONGEST_TOKEN = 40
LONGEST_TITLE = 120

_IDEOGRAPH = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3040-\u30ff\U00020000-\U0003ffff"
_IDEOGRAPHS = re.compile(f"[{_IDEOGRAPH}]")
_FULL_WIDTH = "，。、；：！？（）《》「」『』【】～"
_EITHER_WIDTH = "“”‘’…—·"
_OPENING, _CLOSING = "([{", ".,;:!?)]}%"
_PIECES = re.compile(rf"[{_IDEOGRAPH}]|(?:(?![{_IDEOGRAPH}])[\w'’-])+|[^\w\s]")


_ADDED = {
    PAD: f"{PAD} is added by itself where sentences differ in length",
    START: f"{START} is added by itself before what the decoder says",
    END: f"{END} is added by itself after what the decoder says",
}


# --- tokens -----------------------------------------------------------------------------------------------------------


def has_ideographs(text: str) -> bool:
    """Whether a text has Chinese (or Japanese) characters, which are written without spaces."""
    return bool(_IDEOGRAPHS.search(text))


def split_sentence(sentence: str) -> tuple[str, ...]:
    """The tokens of a sentence: its words, or, where it is Chinese without spaces, its characters.

    In a Chinese sentence punctuation is a token of its own and a run of Latin letters or digits is one token.
    """
    sentence = unicodedata.normalize("NFC", sentence).strip()
    if has_ideographs(sentence) and not re.search(r"\s", sentence):
        return tuple(_PIECES.findall(sentence))
    return tuple(sentence.split())


def spaced(before: str, after: str) -> bool:
    """Whether a space parts two tokens where they stand in one text: not within Chinese, nor before a full stop."""
    if set(before) <= set(_OPENING) or set(after) <= set(_CLOSING):
        return False
    ends = (before[-1], after[0])
    chinese = any(map(has_ideographs, ends)) and all(has_ideographs(end) or end in _EITHER_WIDTH for end in ends)
    return not chinese and not any(end in _FULL_WIDTH for end in ends)


def join_tokens(tokens: Sequence[str]) -> str:
    """Tokens as one text, with spaces between words, none between Chinese characters."""
    gaps = [" " if spaced(*pair) else "" for pair in pairwise(tokens)]
    return "".join(part for pair in zip(tokens, [*gaps, ""], strict=False) for part in pair)


def in_words(tokens: tuple[str, ...], words: Collection[str]) -> tuple[str, ...]:
    """The tokens of a text without spaces joined into `words`, each time into the longest one that comes next."""
    joined: list[str] = []
    start = 0
    while start < len(tokens):
        ends = range(len(tokens), start, -1)
        end = next((end for end in ends if "".join(tokens[start:end]) in words), start + 1)
        joined.append("".join(tokens[start:end]))
        start = end
    return tuple(joined)


def token_flaws(token: Any, where: str) -> list[Flaw]:
    """What is wrong with a token; `where` says which it is."""
    allowed = f"a text of 1 to {LONGEST_TOKEN} characters"
    if not isinstance(token, str):
        return [Flaw(where, describe(token), f"{allowed}, in quotes")]
    if all(unicodedata.category(char)[0] in "CZM" for char in token):
        return [Flaw(where, "an empty token", allowed)]
    if token.strip().upper() in SPECIAL:
        return [Flaw(where, quote(token), f"words only: {_ADDED[token.strip().upper()]}")]
    if len(token) > LONGEST_TOKEN:
        return [Flaw(where, f"{quote(token)} of {len(token)} characters", allowed)]
    if token != token.strip() or any(unicodedata.category(char) in ("Cc", "Zl", "Zp", "Cs") for char in token):
        return [Flaw(where, quote(token), "a token without line breaks, tabs or spaces at its ends")]
    return []


def _tokens(value: Any, where: str) -> tuple[tuple[str, ...], list[Flaw]]:
    if isinstance(value, str):
        tokens: Sequence[Any] = split_sentence(value)
        if not tokens:
            return (), [Flaw(where, "an empty sentence", f"1 to {MOST_TOKENS} words")]
    elif isinstance(value, list | tuple):
        tokens = value
        if not tokens:
            return (), [Flaw(where, "an empty list", f"1 to {MOST_TOKENS} tokens")]
    else:
        return (), [Flaw(where, describe(value), 'a sentence in quotes or a list of tokens ["…", "…"]')]
    flaws = [flaw for number, token in enumerate(tokens, 1) for flaw in token_flaws(token, _join(where, number))]
    if len(tokens) > MOST_TOKENS:
        flaws.append(Flaw(where, f"{len(tokens)} tokens", f"1 to {MOST_TOKENS} tokens in a sentence"))
    return tuple(unicodedata.normalize("NFC", token) for token in tokens if isinstance(token, str)), flaws


def _join(where: str, number: int) -> str:
    return f"{where}, token {number}" if where else f"token {number}"


def _sentence(value: Any) -> tuple[str, ...]:
    if not isinstance(value, str):
        raise reject(Flaw("", describe(value), "a sentence in quotes (a list of tokens is called tokens)"))
    return _one_sentence(value)


def _token_list(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        hint = "sentence" if isinstance(value, str) else None
        raise reject(Flaw("", describe(value), 'a list of tokens ["…", "…"]', hint))
    return _one_sentence(value)


def _one_sentence(value: Any) -> tuple[str, ...]:
    tokens, flaws = _tokens(value, "")
    if flaws:
        raise reject(*flaws)
    return tokens


def _batch(value: Any) -> tuple[tuple[str, ...], ...]:
    if not isinstance(value, list | tuple):
        raise reject(Flaw("", describe(value), f"a list of 1 to {MOST_SENTENCES} sentences"))
    checked = [_tokens(sentence, f"sentence {number}") for number, sentence in enumerate(value, 1)]
    flaws = [flaw for _, found in checked for flaw in found]
    if not 1 <= len(value) <= MOST_SENTENCES:
        found = f"{len(value)} sentences" if value else "an empty list"
        flaws.append(Flaw("", found, f"a list of 1 to {MOST_SENTENCES} sentences"))
    if flaws:
        raise reject(*flaws)
    return tuple(tokens for tokens, _ in checked)


# --- numbers ----------------------------------------------------------------------------------------------------------


def _may_look_flaw(value: Any, where: str) -> Flaw | None:
    return None if value in (0, 1) else Flaw(where, describe(value), "0 (may not look) or 1 (may look)")


def _embeddings(value: Any) -> np.ndarray | dict[str, np.ndarray]:
    if not isinstance(value, dict):
        return matrix(value)
    if not value:
        raise reject(Flaw("", "an empty table", "one row of numbers for each word"))
    flaws = [
        flaw._replace(
            where=f"{quote(word)}, {flaw.where}" if flaw.where else quote(word),
            suggestion=_elsewhere(f"embeddings.{word}"),
        )
        for word, row in value.items()
        for flaw in row_flaws(row, "")
    ]
    if flaws:
        raise reject(*flaws)
    return {unicodedata.normalize("NFC", word): np.array(row, dtype=float) for word, row in value.items()}


# --- the other fields -------------------------------------------------------------------------------------------------


def _mask(value: Any) -> str | np.ndarray:
    allowed = f"{listed(map(quote, MASKS), 'or')}, or a matrix of 0 and 1 (1 = may look)"
    if isinstance(value, str):
        if value not in MASKS:
            close = nearest(value, MASKS)
            raise reject(Flaw("", quote(value), allowed, quote(close) if close else None))
        return value
    if not isinstance(value, list | tuple):
        raise reject(Flaw("", describe(value), allowed))
    return matrix(value, _may_look_flaw).astype(bool)


def _title(value: Any) -> dict[str, str]:
    titles = dict.fromkeys(LANGUAGES, value) if isinstance(value, str) else value
    if not isinstance(titles, dict) or not titles:
        raise reject(Flaw("", describe(value), 'a text, or one for each language { en = "…", zh = "…" }'))
    flaws = [Flaw(quote(key), "an unknown language", listed(LANGUAGES)) for key in titles if key not in LANGUAGES]
    flaws += [
        Flaw("" if isinstance(value, str) else key, describe(text), f"a text of 1 to {LONGEST_TITLE} characters")
        for key, text in list(titles.items())[: 1 if isinstance(value, str) else None]
        if not isinstance(text, str) or not text.strip() or len(text) > LONGEST_TITLE or not text.isprintable()
    ]
    if flaws:
        raise reject(*flaws)
    return {key: unicodedata.normalize("NFC", text.strip()) for key, text in titles.items()}


def _glosses(value: Any) -> dict[str, dict[str, str]]:
    """What tokens mean to readers of a language, by language and token."""
    if not isinstance(value, dict) or not value:
        raise reject(Flaw("", describe(value), 'a table for each language { en = { chat = "cat" } }'))
    flaws = [Flaw(quote(key), "an unknown language", listed(LANGUAGES)) for key in value if key not in LANGUAGES]
    for language, words in value.items():
        if not isinstance(words, dict):
            flaws.append(Flaw(language, describe(words), 'a table of tokens and their meanings { chat = "cat" }'))
            continue
        for token, gloss in words.items():
            flaws += [Flaw(f"{language}, {quote(token)}", flaw.found, flaw.allowed) for flaw in token_flaws(gloss, "")]
    if flaws:
        raise reject(*flaws)
    return {
        language: {
            unicodedata.normalize("NFC", token): unicodedata.normalize("NFC", gloss) for token, gloss in of.items()
        }
        for language, of in value.items()
    }


def _seed(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip() or len(str(value)) > 100:
        raise reject(Flaw("", describe(value), "a name in quotes or a whole number, at most 100 characters"))
    return str(value)


class WeightsTable(Table):
    """`[weights]`: literal matrices, or a file that holds them."""

    file: Annotated[str, file_name("the name of a .safetensors or .npz file beside the example")] | None = None
    w_q: Matrix | None = None
    w_k: Matrix | None = None
    w_v: Matrix | None = None
    w_o: Matrix | None = None
    b_q: Vector | None = None
    b_k: Vector | None = None
    b_v: Vector | None = None
    b_o: Vector | None = None


class ModelTable(Table):
    """`[model]`: the Transformer around the attention, from a file or completed from the seed."""

    file: Annotated[str, file_name("the name of a model, or of a .safetensors file beside the example")] | None = None
    kind: Annotated[str, one_of(KINDS)] | None = None
    layers: Annotated[int, whole(1, MOST_LAYERS)] | None = None
    d_ff: Annotated[int, whole(1, WIDEST_FEED_FORWARD)] | None = None
    norm: Annotated[str, one_of(NORMS)] | None = None
    activation: Annotated[str, one_of(tuple(ACTIVATIONS))] | None = None


TABLES: dict[str, type[Table]] = {"weights": WeightsTable, "model": ModelTable}


class ExampleFile(Table):
    """An example file as written, each field valid in itself."""

    title: Annotated[dict[str, str], BeforeValidator(_title)] | None = None
    sentence: Annotated[tuple[str, ...], BeforeValidator(_sentence)] | None = None
    tokens: Annotated[tuple[str, ...], BeforeValidator(_token_list)] | None = None
    sentences: Annotated[tuple[tuple[str, ...], ...], BeforeValidator(_batch)] | None = None
    show: Annotated[int, whole(1, MOST_SENTENCES)] = 1
    d_model: Annotated[int, whole(2, LARGEST_MODEL)] | None = None
    heads: Annotated[int, whole(1, LARGEST_MODEL)] | None = None
    d_k: Annotated[int, whole(1, LARGEST_MODEL)] | None = None
    d_v: Annotated[int, whole(1, LARGEST_MODEL)] | None = None
    decimals: Annotated[int, whole(0, 4)] = 2
    mask: Annotated[str | np.ndarray, BeforeValidator(_mask)] = "none"
    positions: Annotated[bool, switch()] = False
    seed: Annotated[str, BeforeValidator(_seed)] = "attention"
    embeddings: Annotated[np.ndarray | dict[str, np.ndarray], BeforeValidator(_embeddings)] | None = None
    weights: WeightsTable = WeightsTable()
    target: Annotated[tuple[str, ...], BeforeValidator(_one_sentence)] | None = None
    model: ModelTable = ModelTable()
    glosses: Annotated[dict[str, dict[str, str]], BeforeValidator(_glosses)] = Field(default_factory=dict)


def read_fields(file: str, data: dict[str, Any]) -> tuple[ExampleFile, tuple[Fault, ...], frozenset[str]]:
    """Check each field of a parsed file by itself.

    Returns the fields that are valid (the others at their defaults), the faults, and the names of the faulty fields.
    """
    try:
        return ExampleFile.model_validate(data), (), frozenset()
    except ValidationError as error:
        problems = error.errors(include_url=False)
    faults = tuple(fault for problem in problems for fault in _faults(file, problem))
    bad = frozenset(_path(problem["loc"]) for problem in problems)
    return ExampleFile.model_validate(_without(data, bad)), faults, bad


def _path(location: Iterable[str | int]) -> str:
    """`weights.w_q` from pydantic's location; what follows a field's name (the branch of a union) is not part of it."""
    parts = [str(part) for part in location]
    return ".".join(parts[:2] if parts[0] in TABLES else parts[:1])


def _without(data: dict[str, Any], bad: frozenset[str]) -> dict[str, Any]:
    kept = {key: value for key, value in data.items() if key not in bad}
    for table in TABLES:
        if isinstance(kept.get(table), dict):
            kept[table] = {key: value for key, value in kept[table].items() if f"{table}.{key}" not in bad}
    return kept


def _faults(file: str, problem: Any) -> Iterable[Fault]:
    field = _path(problem["loc"]) or '""'
    if problem["type"] == "flaws":
        for flaw in problem["ctx"]["flaws"]:
            where = f"{field}, {flaw.where}" if flaw.where else field
            yield Fault(file, where, flaw.found, flaw.allowed, flaw.suggestion)
    elif problem["type"] == "extra_forbidden":
        table, _, name = field.rpartition(".")
        known = TABLES.get(table, ExampleFile).model_fields
        yield Fault(file, field, "an unknown field", listed(known), _elsewhere(field) or nearest(name, known))
    else:
        yield Fault(file, field, describe(problem["input"]), f"a table [{field}]")


def _elsewhere(field: str) -> str | None:
    """Where a field belongs that stands in the wrong table."""
    table, _, name = field.rpartition(".")
    if table and name in ExampleFile.model_fields:
        return f"{name} above [{table}]"
    return next(
        (f"{name} below [{other}]" for other, kind in TABLES.items() if other != table and name in kind.model_fields),
        None,
    )
