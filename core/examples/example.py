"""One example: its tokens, sizes, weights and mask, read from a TOML file and checked as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, InstanceOf

from core.examples.completed_model import completed_model
from core.examples.faults import ExampleError, Fault, listed, nearest
from core.examples.fields import has_ideographs, join_tokens, read_fields
from core.examples.resolver import Resolver
from core.examples.toml_text import parse_toml, read_text
from core.model.embedding import sinusoidal_positions
from core.model.special_tokens import PAD, START
from core.model.transformer import Config, Transformer, added_rows

__all__ = [
    "Example",
    "ExampleError",
    "Fault",
    "build_example",
    "join_tokens",
    "load_example",
    "locate",
    "parse_example",
    "shipped_examples",
]

EXAMPLES = Path(__file__).resolve().parents[2] / "assets" / "examples"


class Example(BaseModel):
    """A whole, valid example.

    batch: the sentences, each as long as it is; show: which of them (from 0) is the main one;
    d_k, d_v: per head, so that W_Q is (d_model, heads · d_k); mask: `none`, `padding`, `causal`, `both` or `literal`;
    mask_matrix: boolean (queries, keys), True = may look, only for a literal mask;
    vocabulary: the different words in alphabetical order, then [PAD]; embedding_table: (vocabulary, d_model);
    w_q, w_k: (d_model, heads · d_k); w_v: (d_model, heads · d_v); w_o: (heads · d_v, d_model);
    b_q, b_k, b_v, b_o: as wide as their matrix, None if not given; drawn: the names of all that is drawn from the seed;
    read: the names of all that is read from a file of weights;
    further_embeddings: rows (d_model,) given for words that no sentence has;
    target: the words that the decoder is to say; config: what the model around the attention is made of;
    loaded: the model of a file, None if it is completed from the seed; shipped: its name, if it comes with the program;
    asks: whether the file gives a target, which is chosen for it otherwise;
    glosses: what tokens mean to readers of a language, by language and token;
    scale: whether scores are divided by √d_k; source: the fields as the file has them.

    With the model of a file the attention is that of its first layer (the encoder's, if it has one) over x, also where
    the model norms x before: embedding_table holds its rows for the vocabulary, times √d_model if the model scales
    them, so that embedding + positions = x. Where a model has fewer heads of keys and values than of queries, w_k and
    w_v have them as often as they are shared; a model completed from the seed has the means of theirs.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", arbitrary_types_allowed=True)

    path: Path
    titles: Mapping[str, str]
    batch: tuple[tuple[str, ...], ...]
    show: int
    d_model: int
    heads: int
    d_k: int
    d_v: int
    decimals: int
    mask: str
    mask_matrix: np.ndarray | None
    positions: bool
    seed: str
    vocabulary: tuple[str, ...]
    embedding_table: np.ndarray
    w_q: np.ndarray
    w_k: np.ndarray
    w_v: np.ndarray
    w_o: np.ndarray
    b_q: np.ndarray | None = None
    b_k: np.ndarray | None = None
    b_v: np.ndarray | None = None
    b_o: np.ndarray | None = None
    drawn: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    further_embeddings: Mapping[str, np.ndarray]
    target: tuple[str, ...]
    config: InstanceOf[Config]
    loaded: InstanceOf[Transformer] | None = None
    shipped: str = ""
    asks: bool = False
    glosses: Mapping[str, Mapping[str, str]] = {}
    scale: bool = True
    source: Mapping[str, Any] = {}

    def model_post_init(self, context: Any) -> None:
        for value in self.__dict__.values():
            if isinstance(value, np.ndarray):
                value.flags.writeable = False

    def __eq__(self, other: object) -> bool:
        return self is other  # arrays have no single truth to compare by

    def __hash__(self) -> int:
        return id(self)

    def title(self, language: str) -> str:
        """The title in a language, or in another if it has none in this one."""
        return self.titles.get(language) or next(iter(self.titles.values()))

    def own_title(self, language: str) -> str:
        """The title in a language, "" if the file has none and the sentence stands for it."""
        title = self.title(language)
        return title if title != self.sentence else ""

    def gloss(self, token: str, language: str) -> str:
        """What a token means to readers of a language, "" if the file does not say."""
        return self.glosses.get(language, {}).get(token, "")

    @property
    def name(self) -> str:
        """The file's name without its suffix."""
        return self.path.stem

    @property
    def tokens(self) -> tuple[str, ...]:
        """The main sentence as written."""
        return self.batch[self.show]

    @property
    def length(self) -> int:
        """The length of the batch: its longest sentence."""
        return max(len(sentence) for sentence in self.batch)

    @property
    def padded(self) -> bool:
        """Whether the main sentence is worked with at the length of the batch, [PAD] at its end."""
        return self.mask in ("padding", "both") and len(self.tokens) < self.length

    @property
    def rows(self) -> tuple[str, ...]:
        """The tokens of the main sentence as worked with, one for each row of X."""
        return self.padded_sentence(self.show) if self.padded else self.tokens

    @property
    def language(self) -> str:
        """The language the tokens are written in, `zh` or `en`."""
        return "zh" if any(has_ideographs(token) for sentence in self.batch for token in sentence) else "en"

    @property
    def sentence(self) -> str:
        """The main sentence as one text."""
        return join_tokens(self.tokens)

    @cached_property
    def model(self) -> Transformer:
        """The whole Transformer: that of the file, or the example's own attention with a model drawn around it."""
        return self.loaded or completed_model(self, self.config)

    def position_rows(self, length: int) -> np.ndarray | None:
        """What is added to the embeddings of so many tokens, (length, d_model); None if nothing is."""
        if self.loaded is not None:
            return added_rows(self.loaded, length)
        return sinusoidal_positions(length, self.d_model) if self.positions else None

    @property
    def prompt(self) -> tuple[str, ...]:
        """What the decoder is given before it says its first word: [START]; without an encoder also the sentence."""
        return (START,) if self.config.has_encoder else (START, *self.tokens)

    @property
    def decoder_tokens(self) -> tuple[str, ...]:
        """The decoder's input in training: the prompt, then the target, which thereby stands one place to the right."""
        return (*self.prompt, *self.target)

    def padded_sentence(self, number: int) -> tuple[str, ...]:
        """Sentence `number` (from 0), filled with [PAD] to the length of the batch."""
        sentence = self.batch[number]
        return sentence + (PAD,) * (self.length - len(sentence))


# --- from file to example ---------------------------------------------------------------------------------------------


def shipped_examples() -> tuple[str, ...]:
    """The names of the examples that come with the program."""
    return tuple(sorted(path.stem for path in EXAMPLES.glob("*.toml")))


def load_example(path_or_name: str | Path) -> Example:
    """Read an example: the file at a path, or, for a name without suffix, the shipped example of that name.

    Raises ExampleError with every fault of the file.
    """
    path = locate(path_or_name)
    return parse_example(read_text(path), path)


def parse_example(text: str, path: str | Path) -> Example:
    """An example from the text of its file; `path` names it in faults and is where a weights file is looked for.

    Raises ExampleError with every fault.
    """
    return build_example(parse_toml(named(Path(path)), text), path)


def build_example(data: dict[str, Any], path: str | Path) -> Example:
    """An example from its fields as a file has them: texts, numbers, lists and tables; `path` as for `parse_example`.

    Raises ExampleError with every fault.
    """
    path, file = Path(path), named(Path(path))
    fields, faults, bad = read_fields(file, data)
    return Example(**Resolver(path, file, fields, bad, list(faults), data).example_fields(), source=data)


def named(path: Path) -> str:
    """What faults call a file: that of a shipped example by its name alone."""
    return path.name if path.parent == EXAMPLES else str(path)


def locate(path_or_name: str | Path) -> Path:
    """The file at a path, or, for a name without suffix, that of the shipped example. Raises ExampleError."""
    given = str(path_or_name)
    path = Path(path_or_name)
    if path.suffix or len(path.parts) != 1:
        return path
    names = shipped_examples()
    if given in names:
        return EXAMPLES / f"{given}.toml"
    beside = f"{given}.toml" if _exists(Path(f"{given}.toml")) else nearest(given, names)
    allowed = f"the path of a .toml file, or one of {listed(names)}"
    raise ExampleError([Fault(given or '""', "", "no example of that name", allowed, beside)])


def _exists(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
