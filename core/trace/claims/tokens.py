"""Claims about tokens and how they become rows: what a token is, which batch is shown, where E comes from."""

from __future__ import annotations

from core.examples.example import Example
from core.examples.fields import has_ideographs
from core.trace.claims.claim import claim
from core.trace.opened import closing
from core.trace.trace import Trace

MARKS = ("##", "Ġ", "▁")  # of the tokenizers WordPiece, byte-level BPE and SentencePiece


@claim("characters", "marked", "other")
def token_kinds(trace: Trace, example: Example) -> str:
    """Is each token a Chinese character; or do tokens carry the marks of a tokenizer?"""
    tokens = example.tokens
    if any(token.startswith(MARKS) and token not in MARKS for token in tokens):
        return "marked"
    characters = all(len(token) == 1 for token in tokens) and any(has_ideographs(token) for token in tokens)
    return "characters" if characters else "other"


@claim()
def sentence_filled_up(trace: Trace, example: Example) -> bool:
    """Is the main sentence worked with at the length of its batch, [PAD] at its end?"""
    return example.padded


@claim()
def ids_as_in_model(trace: Trace, example: Example) -> bool:
    """Has every token of the sentence the id that the model of the file gives it, if it has one?"""
    return example.loaded is None or bool((example.model.ids(example.rows) == trace["token_ids"].values).all())


@claim("model", "scaled", "drawn", "file", "hand")
def embedding_source(trace: Trace, example: Example) -> str:
    """Where the numbers of E come from: a model's file, as they are or times √d_model; a seed; a file of weights; the
    example itself.
    """
    if example.loaded is not None:
        return "scaled" if example.config.embedding_scale else "model"
    if "embeddings" in example.drawn:
        return "drawn"
    return "file" if "embeddings" in example.read else "hand"


@claim()
def a_token_repeats(trace: Trace, example: Example) -> bool:
    """Does a row of E become several rows of X?"""
    return len(set(example.rows)) < len(example.rows)


@claim()
def positions_added(trace: Trace, example: Example) -> bool:
    """Are positions added to the rows of E?"""
    return example.positions


@claim()
def positions_sum_closes(trace: Trace, example: Example) -> bool:
    """Do the printed rows of E and the printed positions add up to the printed X, in every cell?"""
    return not example.positions or bool(closing(trace, "x").all())
