"""The order of the chapters and the films made of them. Importing this imports no Manim."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scenes.stage.chapter import Chapter

ATTENTION = (
    "tokens",
    "qkv",
    "scores",
    "scaling",
    "padding_mask",
    "causal_mask",
    "softmax",
    "weighted_sum",
    "multi_head",
    "seven_forms",
)

MODEL = (
    "positional_encoding",
    "add_norm",
    "feed_forward",
    "encoder",
    "decoder",
    "output",
    "whole_model",
    "translation",
)

FILMS: dict[str, tuple[str, ...]] = {"attention": ATTENTION, "model": MODEL}
EXAMPLES = {"attention": "default", "model": "translation-zh-en"}
ABOUT_THE_ENCODER = ("encoder", "decoder")  # what they show, a model without an encoder does not have


def film_of(chapter: str) -> str:
    """The film that a chapter belongs to."""
    return next(film for film, chapters in FILMS.items() if chapter in chapters)


def example_of(chapter: str) -> str:
    """The name of the example that a chapter shows if it is given no other."""
    return EXAMPLES[film_of(chapter)]


def class_name(chapter: str) -> str:
    """The scene's class of a chapter: `padding_mask` → `PaddingMask`."""
    return "".join(word.capitalize() for word in chapter.split("_"))


def chapter_class(chapter: str) -> type[Chapter]:
    """The scene of a chapter, imported when asked for."""
    module = importlib.import_module(f"scenes.{chapter}")
    return getattr(module, class_name(chapter))
