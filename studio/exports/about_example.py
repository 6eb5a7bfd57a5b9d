"""What notes, hand-outs and slides say of the example: its sentence, and how it is set up."""

from __future__ import annotations

from collections.abc import Iterable

from core.examples.directions import kept_apart
from core.examples.example import Example, join_tokens
from scenes.stage.chapter.settings import Settings
from scenes.stage.chapter.texts import load_texts


def about_examples(told: Iterable[Settings]) -> tuple[str, ...]:
    """The lines on each example that chapters are told, once."""
    different = dict.fromkeys(about_example(settings.example, settings.language) for settings in told)
    return tuple(line for lines in different for line in lines)


def about_example(example: Example, language: str) -> tuple[str, ...]:
    """Lines: the title, if there is one, the sentence, what is to be said, sizes, mask, positions, whose numbers."""
    texts = load_texts(language).example
    own = example.own_title(language)
    lines = [*([own] if own else []), texts["sentence"].format(sentence=kept_apart(example.sentence))]
    if example.asks:
        lines.append(texts["target"].format(sentence=kept_apart(join_tokens(example.target))))
    setup = [_sizes(example, texts["sizes"]), texts[f"mask_{example.mask}"], *_numbers(example, language)]
    if len(example.batch) > 1:
        setup.insert(0, texts["batch"].format(count=len(example.batch), number=example.show + 1))
    return (*lines, " · ".join(setup))


def _sizes(example: Example, text: str) -> str:
    sizes = {name: getattr(example, name) for name in ("d_model", "heads", "d_k", "d_v", "decimals")}
    return text.format(tokens=len(example.rows), **sizes)


def _numbers(example: Example, language: str) -> tuple[str, str]:
    texts, kind = load_texts(language).example, example.config.positions
    positions = texts["positions_none"] if kind == "none" else texts["positions"].format(kind=kind)
    if example.loaded is not None:
        return positions, texts["trained"]
    drawn = texts["drawn"].format(seed=example.seed, names=", ".join(example.drawn))
    return positions, drawn if example.drawn else texts["given"]
