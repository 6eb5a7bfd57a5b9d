"""The schema of an example file: what each field may hold, checked one field at a time.

What depends on several fields at once (shapes, words without an embedding) is checked in `core.examples.resolver`.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from itertools import chain, islice, pairwise
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator, Field, ValidationError

from core.examples.checks import (
    Cells,
    Flaw,
    Matrix,
    Table,
    Vector,
    file_name,
    flaw_faults,
    matrix,
    one_of,
    reject,
    row_flaws,
    switch,
    whole,
)
from core.examples.directions import RIGHT
from core.examples.faults import MOST_FAULTS, Fault, describe, further, listed, nearest, quote
from core.examples.languages import LANGUAGES
from core.examples.today import (
    Experts,
    KvHeads,
    Opened,
    Positions,
    RotaryBase,
    RotaryPairs,
    RotaryScaling,
    RotaryWidth,
    Sinks,
    SoftCap,
    WindowSize,
)
from core.model.feed_forward import FUNCTIONS
from core.model.layers import NORMS
from core.model.special_tokens import END, PAD, SPECIAL, START

KINDS = ("encoder-decoder", "decoder-only")
MASKS = ("none", "padding", "causal", "both")
MEANINGS_OF_TRUE = ("hidden", "visible")
WEIGHTS = ("w_q", "w_k", "w_v", "w_o")
BIASES = ("b_q", "b_k", "b_v", "b_o")
MOST_TOKENS = 16
MOST_SENTENCES = 6
SMALLEST_MODEL, LARGEST_MODEL = 2, 512
WIDEST = 1024
MOST_LAYERS = 6
WIDEST_FEED_FORWARD = 2048
LONGEST_TOKEN = 40
LONGEST_SENTENCE = 4000
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


_LINE_BREAKS = str.maketrans({"\n": "⏎", "\r": "⏎", "\t": "⇥"})
_BLANK_ENDS = re.compile("^[ \u00a0\u2000-\u200a\u3000⏎⇥]+|[ \u00a0\u2000-\u200a\u3000⏎⇥]+$")
_MARKS = ("␣", "⏎", "⇥")
_JOINING = (  # joiners, directions of single letters, the marks that span Arabic numbers and such
    "\u200c\u200d\u200e\u200f\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)

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
    if set(before) <= {*_OPENING, RIGHT} or set(after) <= {*_CLOSING, RIGHT}:
        return False
    ends = (before[-1], after[0])
    chinese = any(map(has_ideographs, ends)) and all(has_ideographs(end) or end in _EITHER_WIDTH for end in ends)
    return not chinese and not any(end in _FULL_WIDTH for end in ends)


def join_tokens(tokens: Sequence[str]) -> str:
    """Tokens as one text, with spaces between words, none between Chinese characters; or with those of a tokenizer."""
    if any(token.startswith(_MARKS) or token.endswith(_MARKS) for token in tokens):
        return "".join(tokens).replace("␣", " ").strip()
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


def as_shown(token: str) -> str:
    """A token as it is shown and named everywhere: composed, and the blanks that tokenizers leave in it made visible.

    " f" is ␣f, a line break ⏎, a tab ⇥; a space between letters stays one.
    """
    text = unicodedata.normalize("NFC", token).replace("\r\n", "\n").translate(_LINE_BREAKS)
    return _BLANK_ENDS.sub(lambda found: re.sub(r"[^⏎⇥]", "␣", found[0]), text)


def token_flaws(token: Any, where: str) -> list[Flaw]:
    """What is wrong with a token; `where` says which it is."""
    allowed = f"a text of 1 to {LONGEST_TOKEN} characters"
    if not isinstance(token, str):
        return [Flaw(where, describe(token), f"{allowed}, in quotes")]
    if len(token) > LONGEST_TOKEN:
        return [Flaw(where, f"{quote(token)} of {len(token):,} characters", allowed)]
    shown = as_shown(token)
    if hidden := sorted({char for char in shown if _is_hidden(char)} - _tag_characters(shown)):
        named = listed((f"U+{ord(char):04X}" for char in hidden), "and")
        return [Flaw(where, f"{quote(token)} with {named}, which cannot be seen", f"{allowed} that can be seen")]
    if all(unicodedata.category(char)[0] in "CZM" for char in shown):
        return [Flaw(where, "an empty token" if not token.strip() else quote(token), allowed)]
    if token.strip().upper() in SPECIAL:
        return [Flaw(where, quote(token), f"words only: {_ADDED[token.strip().upper()]}")]
    return []


def _is_hidden(char: str) -> bool:
    """Whether a character only steers others, or is none: joiners and the marks of Arabic numbers are letters' work."""
    category = unicodedata.category(char)
    return category in ("Cc", "Cs", "Zl", "Zp") or (category == "Cf" and char not in _JOINING)


def _tag_characters(token: str) -> set[str]:
    """The characters that tell which flag a black flag is."""
    return {char for char in token if "\U000e0020" <= char <= "\U000e007f"} if "\U0001f3f4" in token else set()


def _tokens(value: Any, where: str) -> tuple[tuple[str, ...], list[Flaw]]:
    if isinstance(value, str):
        if len(value) > LONGEST_SENTENCE:
            found = f"{quote(value)} of {len(value):,} characters"
            return (), [Flaw(where, found, f"1 to {MOST_TOKENS} words, at most {LONGEST_SENTENCE:,} characters")]
        tokens: Sequence[Any] = split_sentence(value)
        if not tokens:
            return (), [Flaw(where, "an empty sentence", f"1 to {MOST_TOKENS} words")]
    elif isinstance(value, list | tuple):
        tokens = value
        if not tokens:
            return (), [Flaw(where, "an empty list", f"1 to {MOST_TOKENS} tokens")]
    else:
        return (), [Flaw(where, describe(value), 'a sentence in quotes or a list of tokens ["…", "…"]')]
    first = enumerate(tokens[:MOST_TOKENS], 1)
    flaws = [flaw for number, token in first for flaw in token_flaws(token, _join(where, number))]
    if len(tokens) > MOST_TOKENS:
        flaws.append(Flaw(where, f"{len(tokens):,} tokens", f"1 to {MOST_TOKENS} tokens in a sentence"))
    return () if flaws else tuple(map(as_shown, tokens)), flaws


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
    checked = [_tokens(sentence, f"sentence {number}") for number, sentence in enumerate(value[:MOST_SENTENCES], 1)]
    flaws = [flaw for _, found in checked for flaw in found]
    if not 1 <= len(value) <= MOST_SENTENCES:
        found = f"{len(value):,} sentences" if value else "an empty list"
        flaws.append(Flaw("", found, f"a list of 1 to {MOST_SENTENCES} sentences"))
    if flaws:
        raise reject(*flaws)
    return tuple(tokens for tokens, _ in checked)


# --- numbers ----------------------------------------------------------------------------------------------------------


def _embeddings(value: Any) -> np.ndarray | dict[str, np.ndarray]:
    if not isinstance(value, dict):
        return matrix(value)
    if not value:
        raise reject(Flaw("", "an empty table", "one row of numbers for each word"))
    flaws: list[Flaw] = []
    more = 0
    for word, row in value.items():
        found, further = _word_flaws(word, row, MOST_FAULTS - len(flaws))
        flaws, more = flaws + found, more + further
    if flaws:
        raise reject(*flaws, more=more)
    return {as_shown(word): np.array(row, dtype=float) for word, row in value.items()}


def _word_flaws(word: str, row: Any, most: int) -> tuple[list[Flaw], int]:
    """What is wrong with the row of a word, at most so many flaws, and how many more."""
    if len(word) > LONGEST_TOKEN:
        found = f"a word of {len(word):,} characters"
        return [Flaw(quote(word), found, f"words of 1 to {LONGEST_TOKEN} characters")][:most], int(not most)
    flaws, more = row_flaws(row, "", most=most)
    named = [f"{quote(word)}, {flaw.where}" if flaw.where else quote(word) for flaw in flaws]
    elsewhere = _elsewhere(f"embeddings.{word}")
    return [
        flaw._replace(where=where, suggestion=flaw.suggestion or elsewhere)
        for flaw, where in zip(flaws, named, strict=True)
    ], more


# --- the other fields -------------------------------------------------------------------------------------------------


_ZERO_OR_ONE = Cells(lambda value: value in (0, 1), "0 (may not look) or 1 (may look)")
_TRUE_OR_FALSE = Cells(lambda value: isinstance(value, bool), "true or false, as in the rest of the mask")
_ADDED_TO_SCORES = Cells(
    lambda value: not isinstance(value, bool) and value in (0, -math.inf),
    "0 (may look) or -inf (may not), as it is added to the scores",
)


def _mask(value: Any) -> str | np.ndarray:
    """A name; or what a matrix says, (queries, keys): of numbers True = may look, of true and false as they stand."""
    allowed = f"{listed(map(quote, MASKS), 'or')}, or a matrix of 0 and 1 (1 = may look)"
    if isinstance(value, str):
        if value not in MASKS:
            close = nearest(value, MASKS)
            raise reject(Flaw("", quote(value), allowed, quote(close) if close else None))
        return value
    if not isinstance(value, list | tuple):
        raise reject(Flaw("", describe(value), allowed))
    if holds_switches(value):
        return matrix(value, _TRUE_OR_FALSE).astype(bool)
    if any(cell == -math.inf for cell in _cells(value) if isinstance(cell, float)):
        return matrix(value, _ADDED_TO_SCORES) == 0
    return matrix(value, _ZERO_OR_ONE).astype(bool)


def holds_switches(mask: Any) -> bool:
    """Whether a mask as it stands in a file is one of true and false."""
    return any(isinstance(cell, bool) for cell in _cells(mask))


def _cells(mask: Any) -> Iterable[Any]:
    return chain.from_iterable(row for row in mask if isinstance(row, list)) if isinstance(mask, list) else ()


_NO_TITLE = f"a text of 1 to {LONGEST_TITLE} characters"


def text_in_languages(value: Any) -> dict[str, str]:
    """A text by language: one for all, or one for each."""
    titles = dict.fromkeys(LANGUAGES, value) if isinstance(value, str) else value
    if not isinstance(titles, dict) or not titles:
        raise reject(Flaw("", describe(value), 'a text, or one for each language { en = "…", zh = "…" }'))
    flaws = [Flaw(quote(key), "an unknown language", listed(LANGUAGES)) for key in titles if key not in LANGUAGES]
    for key, text in list(titles.items())[: 1 if isinstance(value, str) else None]:
        flaws += title_flaws("" if isinstance(value, str) else quote(key)[1:-1], text)
    if flaws:
        raise reject(*flaws)
    return {key: unicodedata.normalize("NFC", text.strip()) for key, text in titles.items()}


def title_flaws(where: str, text: Any) -> list[Flaw]:
    """What is wrong with a text of one line; `where` says which it is."""
    if not isinstance(text, str) or not text.strip():
        return [Flaw(where, describe(text), _NO_TITLE)]
    if len(text) > LONGEST_TITLE:
        return [Flaw(where, f"{quote(text)} of {len(text):,} characters", _NO_TITLE)]
    if hidden := next((char for char in text if _is_hidden(char) and char not in _tag_characters(text)), ""):
        breaks = "a line break" if hidden in "\n\r\u2028\u2029" else f"U+{ord(hidden):04X}, which cannot be seen"
        return [Flaw(where, f"{quote(text)} with {breaks}", f"{_NO_TITLE}, all on one line")]
    return []


def _glosses(value: Any) -> dict[str, dict[str, str]]:
    """What tokens mean to readers of a language, by language and token."""
    if not isinstance(value, dict) or not value:
        raise reject(Flaw("", describe(value), 'a table for each language { en = { chat = "cat" } }'))
    flaws = [Flaw(quote(key), "an unknown language", listed(LANGUAGES)) for key in value if key not in LANGUAGES]
    for language, words in ((key, words) for key, words in value.items() if key in LANGUAGES):
        named = quote(language)[1:-1]
        if not isinstance(words, dict):
            flaws.append(Flaw(named, describe(words), 'a table of tokens and their meanings { chat = "cat" }'))
            continue
        for token, gloss in words.items():
            found = token_flaws(gloss, "") or (token_flaws(token, "") if len(token) > LONGEST_TOKEN else [])
            flaws += [Flaw(f"{named}, {quote(token)}", flaw.found, flaw.allowed) for flaw in found]
    if flaws:
        raise reject(*flaws)
    return {
        language: {as_shown(token): as_shown(gloss) for token, gloss in of.items()} for language, of in value.items()
    }


def _seed(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int) or not _name_of(value):
        raise reject(Flaw("", describe(value), "a name in quotes or a whole number, at most 100 characters"))
    return _name_of(value)


def _name_of(seed: str | int) -> str:
    """A seed as a text, "" if it is none or too long; a whole number of many digits is no text."""
    text = seed if isinstance(seed, str) else str(seed) if abs(seed) < 10**100 else ""
    return text if text.strip() and len(text) <= 100 else ""


class WeightsTable(Table):
    """`[weights]`: literal matrices, or a file that holds them."""

    file: Annotated[str, file_name("the name of a .safetensors or .npz file beside the example")] | None = None
    prefix: Annotated[str, file_name("what the names of one attention's arrays in the file begin with")] | None = None
    w_q: Matrix | None = None
    w_k: Matrix | None = None
    w_v: Matrix | None = None
    w_o: Matrix | None = None
    b_q: Vector | None = None
    b_k: Vector | None = None
    b_v: Vector | None = None
    b_o: Vector | None = None


class ModelTable(Table):
    """`[model]`: the Transformer around the attention, from a file or completed from the seed.

    norm: "rms" is an RMS norm before each sub-layer.
    """

    file: Annotated[str, file_name("the name of a model, or of a .safetensors file beside the example")] | None = None
    kind: Annotated[str, one_of(KINDS)] | None = None
    layers: Annotated[int, whole(1, MOST_LAYERS)] | None = None
    d_ff: Annotated[int, whole(1, WIDEST_FEED_FORWARD)] | None = None
    norm: Annotated[str, one_of((*NORMS, "rms"))] | None = None
    activation: Annotated[str, one_of(tuple(FUNCTIONS))] | None = None
    positions: Positions | None = None
    kv_heads: KvHeads | None = None
    window: WindowSize | None = None
    sinks: Sinks | None = None
    soft_cap: SoftCap | None = None
    experts: Experts | None = None
    opened: Opened | None = None
    rotary_base: RotaryBase | None = None
    rotary_width: RotaryWidth | None = None
    rotary_scaling: RotaryScaling | None = None
    rotary_pairs: RotaryPairs | None = None


TABLES: dict[str, type[Table]] = {"weights": WeightsTable, "model": ModelTable}


class ExampleFile(Table):
    """An example file as written, each field valid in itself."""

    title: Annotated[dict[str, str], BeforeValidator(text_in_languages)] | None = None
    sentence: Annotated[tuple[str, ...], BeforeValidator(_sentence)] | None = None
    tokens: Annotated[tuple[str, ...], BeforeValidator(_token_list)] | None = None
    sentences: Annotated[tuple[tuple[str, ...], ...], BeforeValidator(_batch)] | None = None
    show: Annotated[int, whole(1, MOST_SENTENCES)] = 1
    d_model: Annotated[int, whole(SMALLEST_MODEL, LARGEST_MODEL)] | None = None
    heads: Annotated[int, whole(1, LARGEST_MODEL)] | None = None
    d_k: Annotated[int, whole(1, LARGEST_MODEL)] | None = None
    d_v: Annotated[int, whole(1, LARGEST_MODEL)] | None = None
    decimals: Annotated[int, whole(0, 4)] = 2
    mask: Annotated[str | np.ndarray, BeforeValidator(_mask)] = "none"
    mask_true: Annotated[str, one_of(MEANINGS_OF_TRUE)] | None = None
    positions: Annotated[bool, switch()] = False
    scale: Annotated[bool, switch()] = True
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
    data, unknown = _few_unknown(file, data)
    try:
        return ExampleFile.model_validate(data), unknown, frozenset()
    except ValidationError as error:
        problems = error.errors(include_url=False)
    faults = tuple(fault for problem in problems for fault in _faults(file, problem))
    bad = frozenset(_path(problem["loc"]) for problem in problems)
    return ExampleFile.model_validate(_without(data, bad)), faults + unknown, bad


def _few_unknown(file: str, data: dict[str, Any]) -> tuple[dict[str, Any], tuple[Fault, ...]]:
    """A parsed file with at most 20 unknown names in each table, and what is said of the others."""
    kept, faults = dict(data), []
    tables: dict[str, type[Table]] = {"": ExampleFile, **TABLES}
    for table, kind in tables.items():
        names = kept if not table else kept.get(table)
        if not isinstance(names, dict):
            continue
        unknown = list(islice((name for name in names if name not in kind.model_fields), MOST_FAULTS, None))
        if unknown:
            faults.append(further(file, table, len(unknown), "unknown fields"))
            dropped = set(unknown)
            few = {name: value for name, value in names.items() if name not in dropped}
            kept = kept | {table: few} if table else few
    return kept, tuple(faults)


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
    field = _shown(_path(problem["loc"])) or '""'
    if problem["type"] == "flaws":
        yield from flaw_faults(file, field, problem)
    elif problem["type"] == "extra_forbidden":
        table, _, name = field.rpartition(".")
        known = TABLES.get(table, ExampleFile).model_fields
        yield Fault(file, field, "an unknown field", listed(known), _elsewhere(field) or nearest(name, known))
    else:
        given = problem["input"]
        below = f" and below it file = {quote(given)}" if isinstance(given, str) else ""
        yield Fault(file, field, describe(given), f"a table [{field}]{below}")


def _shown(field: str) -> str:
    """The name of a field, long ones cut."""
    return field if len(field) <= 2 * LONGEST_TOKEN else quote(field)[1:-1]


def _elsewhere(field: str) -> str | None:
    """Where a field belongs that stands in the wrong table."""
    table, _, name = field.rpartition(".")
    if table and name in ExampleFile.model_fields:
        return f"{name} above [{table}]"
    return next(
        (f"{name} below [{other}]" for other, kind in TABLES.items() if other != table and name in kind.model_fields),
        None,
    )
