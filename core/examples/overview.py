"""Texts about example files: the template that a new one starts from, and the summary of a checked one."""

from __future__ import annotations

import json
import re

from core.examples.completed_model import model_vocabulary
from core.examples.example import Example
from core.examples.fields import LONGEST_TITLE
from core.examples.languages import FIRST, LANGUAGES, new_file_texts
from core.model.special_tokens import PAD
from core.model.transformer import Config


def template(name: str, language: str = FIRST, kind: str = "template") -> str:
    """A new file, valid as it stands, in which a comment explains every field and its default.

    kind: `template` for an example, `lesson` for a lesson. Raises ValueError for a language that is not there.
    """
    if language not in LANGUAGES:
        raise ValueError(f"language: found '{language}'; allowed: {', '.join(LANGUAGES)}")
    title = "".join(char for char in name if char.isprintable()).strip()[:LONGEST_TITLE].strip()
    texts = new_file_texts(language)
    filled = {"{title}": _toml(title or texts["sentence"]), "{sentence}": _toml(texts["sentence"])}
    return re.sub("|".join(filled), lambda hole: filled[hole[0]], texts[kind])


def _toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def summary(example: Example) -> str:
    """What a film of the example would show: its tokens, sizes, masks and model, a line each."""
    facts = [
        ("Title", " / ".join(dict.fromkeys(example.titles.values()))),
        ("Tokens", f"{len(example.tokens)}: {' · '.join(example.tokens)}"),
        *([("Batch", _batch(example))] if len(example.batch) > 1 else []),
        ("Sizes", _sizes(example)),
        ("Numbers", f"{example.decimals} decimal{'s' * (example.decimals != 1)}, {_origin(example)}"),
        ("Mask", _mask(example)),
        ("Positions", _positions(example)),
        ("Target", _target(example)),
        ("Model", _model(example)),
    ]
    return "\n".join(f"{label:<10} {text}" for label, text in facts)


def _batch(example: Example) -> str:
    lengths = ", ".join(str(len(sentence)) for sentence in example.batch)
    return f"{len(example.batch)} sentences of {lengths} tokens; sentence {example.show + 1} is the main one"


def _sizes(example: Example) -> str:
    heads = f"{example.heads} head" + ("s" if example.heads > 1 else "")
    return f"d_model {example.d_model}, {heads}, d_k {example.d_k} and d_v {example.d_v} in each"


def _positions(example: Example) -> str:
    kind, config = example.config.positions, example.config
    if config.rotary is not None:
        return "rotary: queries and keys are turned by them"
    if config.alibi:
        return "ALiBi: scores get penalties that grow with the distance"
    return "none added" if kind == "none" else f"{kind}, added to the embeddings"


def _target(example: Example) -> str:
    tokens = " · ".join(example.target)
    return f"{len(example.target)}: {tokens}" if example.target else "none: the model only reads the sentence"


def _model(example: Example) -> str:
    config = example.config
    parts = ("encoder and decoder" if config.has_encoder else "decoder only", f"{config.layers} layer")
    origin = "trained, from its file" if example.loaded else "completed from the seed"
    return (
        f"{parts[0]}, {parts[1]}{'s' * (config.layers > 1)}, d_ff {config.d_ff}, {config.norm}-norm, "
        f"{config.activation}, {_today(config)}{len(model_vocabulary(example))} words; {origin}"
    )


def _today(config: Config) -> str:
    """What of today's models it has."""
    parts = {
        "RMS norms": config.norm_kind == "rms",
        f"{config.kv_heads} kv heads": config.kv_heads,
        f"window {config.window}": config.window,
        f"{config.sinks} sinks": config.sinks,
        f"soft cap {config.soft_cap}": config.soft_cap,
        f"{config.opened} of {config.experts} experts": config.experts,
    }
    return "".join(f"{part}, " for part, there in parts.items() if there)


def _origin(example: Example) -> str:
    if example.loaded is not None:
        return "all of the trained model"
    if not example.drawn:
        return "all as given"
    return f"{', '.join(example.drawn)} drawn from the seed '{example.seed}'"


def _mask(example: Example) -> str:
    meanings = {
        "none": "none: every token looks at every token",
        "padding": f"padding: nobody looks at {PAD}",
        "causal": "causal: a token looks at itself and what comes before it",
        "both": f"padding and causal: nobody looks at {PAD} nor ahead",
        "literal": "as given, token by token",
    }
    padded = f"; the main sentence gets {example.length - len(example.tokens)} {PAD}" if example.padded else ""
    return meanings[example.mask] + padded
