"""Where numbers come from that are not made of others: the example, its seed, a model's file, a rule of the program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.model.transformer import Config
from core.trace.origin import Origin, given, made

if TYPE_CHECKING:
    from core.examples.example import Example

CONSTANT = given("constant")
WORDS = given("words")  # the places of words in the vocabulary
COUNTED = given("counted")  # of what the model is made of
RECORDED = given("recorded")  # measured when models were trained
CAUSAL = made("mask[ij]", note="causal")
CHOICE = Origin("choice")  # what the film looks at


def run(note: str) -> Origin:
    """Of numbers that a model gives which is run again; note: with what changed."""
    return Origin("run", note=note)


def given_weight(example: Example, name: str) -> Origin:
    """Where a weight comes from; name: ``w_q`` of the example, or ``encoder.1.norm_1.scale`` of its model."""
    if example.loaded is not None:
        return given("model")
    side = "encoder" if example.config.has_encoder else "decoder"
    *block, last = name.split(".")
    if not block or ".".join(block) == f"{side}.1.self_attention":
        return given("seed" if last in example.drawn else "example")
    return CONSTANT if last in ("scale", "shift") else given("seed")


def given_embedding(example: Example) -> Origin:
    """Where the model's embedding comes from: rows for words that the example does not give are drawn."""
    if example.loaded is not None:
        return given("model")
    return given("seed" if "embeddings" in example.drawn else "example and seed")


def positions_of(config: Config) -> Origin:
    """What is added to tell where a token stands: waves, or rows that were learned."""
    return made("position[td]", constant=config.d_model) if config.positions == "sinusoidal" else given("model")
