"""One example: its tokens, sizes, weights and mask, read from a TOML file and checked as a whole."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, InstanceOf

from core.completed_model import completed_config, completed_model
from core.embedding import sinusoidal_positions
from core.example_file import (
    BIASES,
    END,
    MOST_TOKENS,
    PAD,
    SPECIAL,
    START,
    WEIGHTS,
    WIDEST,
    ExampleFile,
    ModelTable,
    has_ideographs,
    in_words,
    read_fields,
)
from core.faults import ExampleError, Fault, listed, nearest, quote, shape_text
from core.model_file import read_model
from core.overview import summary, template
from core.seeded import projection, query_and_key, word_embeddings
from core.transformer import Config, Transformer, added_rows, encode, greedy, scaled_embedding
from core.weights_file import read_weights

__all__ = [
    "END",
    "PAD",
    "START",
    "Example",
    "ExampleError",
    "Fault",
    "load_example",
    "parse_example",
    "shipped_examples",
    "summary",
    "template",
]

EXAMPLES = Path(__file__).resolve().parents[1] / "assets" / "examples"
MOST_BYTES = 32 * 2**20
DEFAULT_D_MODEL = 4
DECIDED_BY_MODEL = ("d_model", "heads", "d_k", "d_v", "positions", "embeddings", "weights")


class Example(BaseModel):
    """A whole, valid example.

    batch: the sentences, each as long as it is; show: which of them (from 0) is the main one;
    d_k, d_v: per head, so that W_Q is (d_model, heads · d_k); mask: `none`, `padding`, `causal`, `both` or `literal`;
    mask_matrix: boolean (queries, keys), True = may look, only for a literal mask;
    vocabulary: the different words in order of appearance, then [PAD]; embedding_table: (vocabulary, d_model);
    w_q, w_k: (d_model, heads · d_k); w_v: (d_model, heads · d_v); w_o: (heads · d_v, d_model);
    b_q, b_k, b_v, b_o: as wide as their matrix, None if not given; drawn: the names of all that is drawn from the seed;
    further_embeddings: rows (d_model,) given for words that no sentence has;
    target: the words that the decoder is to say; config: what the model around the attention is made of;
    loaded: the model of a file, None if it is completed from the seed.

    With the model of a file the attention is that of its first layer (the encoder's, if it has one) over x, also where
    the model norms x before: embedding_table holds its rows for the vocabulary, times √d_model if the model scales
    them, so that embedding + positions = x.
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
    further_embeddings: Mapping[str, np.ndarray]
    target: tuple[str, ...]
    config: InstanceOf[Config]
    loaded: InstanceOf[Transformer] | None = None

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


def join_tokens(tokens: tuple[str, ...]) -> str:
    """Tokens as one text: with spaces, or without where they are Chinese."""
    return ("" if any(has_ideographs(token) for token in tokens) else " ").join(tokens)


# --- from file to example ---------------------------------------------------------------------------------------------


def shipped_examples() -> tuple[str, ...]:
    """The names of the examples that come with the program."""
    return tuple(sorted(path.stem for path in EXAMPLES.glob("*.toml")))


def load_example(path_or_name: str | Path) -> Example:
    """Read an example: the file at a path, or, for a name without suffix, the shipped example of that name.

    Raises ExampleError with every fault of the file.
    """
    path = _locate(path_or_name)
    return parse_example(_read_text(path), path)


def parse_example(text: str, path: str | Path) -> Example:
    """An example from the text of its file; `path` names it in faults and is where a weights file is looked for.

    Raises ExampleError with every fault.
    """
    path = Path(path)
    file = path.name if path.parent == EXAMPLES else str(path)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ExampleError([_syntax_fault(file, str(error), text)]) from None
    except (RecursionError, ValueError):
        raise ExampleError([Fault(file, "", "text that cannot be read", "a TOML file (see toml.io)")]) from None
    fields, faults, bad = read_fields(file, data)
    return _Resolver(path, file, fields, bad, list(faults), data).example()


def _locate(path_or_name: str | Path) -> Path:
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


def _read_text(path: Path) -> str:
    file, allowed = str(path), "a readable .toml file"
    try:
        if path.is_dir():
            raise ExampleError([Fault(file, "", "a folder", allowed)])
        if not path.exists():
            near = nearest(path.name, (other.name for other in path.parent.glob("*.toml")))
            raise ExampleError([Fault(file, "", "no such file", allowed, near and str(path.with_name(near)))])
        if not path.is_file():
            raise ExampleError([Fault(file, "", "something that is not a file", allowed)])
        if path.stat().st_size > MOST_BYTES:
            raise ExampleError([Fault(file, "", "a huge file", f"at most {MOST_BYTES // 2**20} MB")])
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        found = f"a byte that is not UTF-8, the {error.start + 1}th of the file"
        raise ExampleError([Fault(file, "", found, "text saved as UTF-8")]) from None
    except (OSError, ValueError) as error:
        if isinstance(error, ExampleError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise ExampleError([Fault(file, "", f"a file that cannot be read ({reason})", allowed)]) from None


def _syntax_fault(file: str, message: str, text: str) -> Fault:
    """A TOML syntax error with its line."""
    reason, _, place = message.rpartition(" (at ")
    place = place.rstrip(")")
    if place.startswith("line "):
        number = int(place.split(",")[0].removeprefix("line "))
        lines = text.splitlines()
        content = lines[number - 1].strip() if number <= len(lines) else ""
        return Fault(file, place, f"{quote(content)} ({reason[:1].lower()}{reason[1:]})", "valid TOML (see toml.io)")
    return Fault(file, "last line", message[:1].lower() + message[1:], "valid TOML (see toml.io)")


class _Resolver:
    """Checks what depends on several fields at once and fills in what is not given."""

    def __init__(
        self,
        path: Path,
        file: str,
        fields: ExampleFile,
        bad: frozenset[str],
        faults: list[Fault],
        data: Mapping[str, Any],
    ) -> None:
        """data: the file as parsed, before any field was read."""
        self.path, self.file, self.fields, self.bad, self.faults, self.data = path, file, fields, bad, faults, data
        self.model = self._given_model()
        self.batch = self._batch()
        self.target = self._target()
        self.unsure = any(name.startswith(("weights", "embeddings")) for name in bad)
        self.given = self._given_weights()
        self.embeddings = self._given_embeddings()

    def example(self) -> Example:
        self._check_show()
        self._check_mask()
        sizes = self._sizes() if self.fields.model.file is None else self._model_sizes()
        if sizes and self.model is None:
            self._check_shapes(*sizes)
            self._check_embeddings(sizes[0])
        if self.faults or sizes is None:
            raise ExampleError(self.faults)
        return self._build(*sizes)

    def _fault(self, field: str, found: str, allowed: str, suggestion: str | None = None) -> None:
        self.faults.append(Fault(self.file, field, found, allowed, suggestion))

    def _batch(self) -> tuple[tuple[str, ...], ...]:
        names = ("sentence", "tokens", "sentences")
        present = [name for name in names if name in self.fields.model_fields_set or name in self.bad]
        if not present:
            self._fault("sentence", "nothing", f'the words, in one of {listed(names)}: sentence = "…"')
        if len(present) > 1:
            self._fault(present[1], f"{listed(present, 'and')} in one file", f"only one of {listed(names)}")
        fields, data = self.fields, self.data
        if fields.sentences:
            texts = zip(fields.sentences, data["sentences"], strict=True)
            return tuple(self._known(*both, f"sentences, sentence {number}") for number, both in enumerate(texts, 1))
        for name in ("sentence", "tokens"):
            if getattr(fields, name):
                return (self._known(getattr(fields, name), data[name], name),)
        return ()

    # --- the model of a file

    def _given_model(self) -> Transformer | None:
        """The model of the file that `model.file` names, if it can be read and nothing it decides is given as well."""
        table = self.fields.model
        if table.file is None:
            return None
        model, faults = read_model(self.file, self.path.parent, table.file)
        self.faults += faults
        given = {name.split(".")[0] for name in self.fields.model_fields_set | self.bad}
        found = [name for name in DECIDED_BY_MODEL if name in given]
        found += [f"model.{name}" for name in ModelTable.model_fields if name in table.model_fields_set - {"file"}]
        for name in found:
            self._fault(name, f"a value beside model.file {quote(table.file)}", "nothing: the model decides it")
        return model

    def _known(self, tokens: tuple[str, ...], text: Any, field: str) -> tuple[str, ...]:
        """The tokens of a field, where a model is given in its words; text: as it stands in the file.

        A text without spaces is cut into the longest words of the model.
        """
        if self.model is None:
            return tokens
        words = [word for word in self.model.vocabulary if word not in SPECIAL]
        if isinstance(text, str) and len(text.split()) == 1 and not set(tokens) <= set(words):
            tokens = in_words(tokens, words)
        for token in dict.fromkeys(tokens):
            if token not in words:
                near = nearest(token, words)
                allowed = f"the {len(words)} words of the model {quote(str(self.fields.model.file))}"
                self._fault(field, f"{quote(token)}, which the model does not know", allowed, near and quote(near))
        return tokens

    def _target(self) -> tuple[str, ...] | None:
        target = self.fields.target
        return target and self._known(target, self.data["target"], "target")

    def _model_sizes(self) -> tuple[int, int, int, int] | None:
        if self.model is None:
            return None
        config = self.model.config
        return config.d_model, config.heads, config.d_k, config.d_v

    def _said(self, model: Transformer, main: tuple[str, ...]) -> tuple[str, ...]:
        """What a model with an encoder makes of the main sentence by itself."""
        memory = encode(model, model.ids(main)).output
        said = greedy(model, model.ids([START]).tolist(), memory, most_steps=MOST_TOKENS).ids
        return tuple(word for word in (model.vocabulary[place] for place in said) if word not in SPECIAL)

    # --- what depends on several fields

    def _check_show(self) -> None:
        if self.batch and self.fields.show > len(self.batch):
            count = len(self.batch)
            sentences = f"as there are {count} sentences" if count > 1 else "as there is 1 sentence"
            self._fault("show", str(self.fields.show), f"{listed(range(1, count + 1))}, {sentences}")

    def _check_mask(self) -> None:
        mask = self.fields.mask
        if isinstance(mask, np.ndarray) and 0 < self.fields.show <= len(self.batch):
            tokens = len(self.batch[self.fields.show - 1])
            if mask.shape != (tokens, tokens):
                expected = shape_text((tokens, tokens))
                self._fault("mask", shape_text(mask.shape), f"{expected} (tokens × tokens)")

    def _given_weights(self) -> dict[str, np.ndarray]:
        table = self.fields.weights
        literal = {name: getattr(table, name) for name in (*WEIGHTS, *BIASES) if getattr(table, name) is not None}
        if table.file is None:
            return literal
        allowed = ("embeddings", *WEIGHTS, *BIASES)
        read, faults = read_weights(self.file, self.path.parent, table.file, allowed)
        self.faults += faults
        self.unsure |= bool(faults)
        for name in sorted(set(read) & set(literal)):
            self._fault(f"weights.{name}", f"numbers here and in {quote(table.file)}", "one of the two")
        return read | literal

    def _given_embeddings(self) -> np.ndarray | dict[str, np.ndarray] | None:
        read = self.given.pop("embeddings", None)
        if read is not None and self.fields.embeddings is not None:
            self._fault("embeddings", f"numbers here and in {quote(str(self.fields.weights.file))}", "one of the two")
        return self.fields.embeddings if read is None else read

    def _sizes(self) -> tuple[int, int, int, int] | None:
        """d_model, heads, d_k, d_v: as given, else as the matrices have them, else by default.

        None if they are faulty themselves, or left to matrices that are.
        """
        fields = self.fields
        given = fields.d_model and fields.d_k and fields.d_v
        if self.bad & {"d_model", "heads", "d_k", "d_v"} or (self.unsure and not given):
            return None
        d_model = fields.d_model or self._implied_d_model()
        heads = self.fields.heads or (1 if d_model % 2 else 2)
        d_k = self._head_size("d_k", ("w_q", "w_k"), d_model, heads)
        d_v = self._head_size("d_v", ("w_v",), d_model, heads)
        for name, size in (("d_k", d_k), ("d_v", d_v)):
            if size and heads * size > WIDEST:
                self._fault(name, f"{heads} heads of {size}", f"heads × {name} up to {WIDEST}")
        return (d_model, heads, d_k, d_v) if d_k and d_v else None

    def _implied_d_model(self) -> int:
        embeddings = self.embeddings
        if isinstance(embeddings, dict):
            return len(next(iter(embeddings.values())))
        if embeddings is not None:
            return int(embeddings.shape[1])
        return next((len(self.given[name]) for name in ("w_q", "w_k", "w_v") if name in self.given), DEFAULT_D_MODEL)

    def _head_size(self, name: str, matrices: tuple[str, ...], d_model: int, heads: int) -> int | None:
        given: int | None = getattr(self.fields, name)
        widths = [self.given[matrix].shape[1] for matrix in matrices if matrix in self.given]
        if given or (widths and widths[0] % heads == 0):
            return given or widths[0] // heads
        if d_model % heads == 0:
            return d_model // heads
        divisors = [size for size in range(1, d_model + 1) if d_model % size == 0]
        fault = Fault(
            self.file, "heads", str(heads), f"a divisor of d_model {d_model} ({listed(divisors)}), or give d_k and d_v"
        )
        if fault not in self.faults:
            self.faults.append(fault)
        return None

    def _check_shapes(self, d_model: int, heads: int, d_k: int, d_v: int) -> None:
        meanings = {
            "w_q": ((d_model, heads * d_k), "d_model × heads·d_k"),
            "w_k": ((d_model, heads * d_k), "d_model × heads·d_k"),
            "w_v": ((d_model, heads * d_v), "d_model × heads·d_v"),
            "w_o": ((heads * d_v, d_model), "heads·d_v × d_model"),
            "b_q": ((heads * d_k,), "heads·d_k"),
            "b_k": ((heads * d_k,), "heads·d_k"),
            "b_v": ((heads * d_v,), "heads·d_v"),
            "b_o": ((d_model,), "d_model"),
        }
        for name, (shape, meaning) in meanings.items():
            if name in self.given and self.given[name].shape != shape:
                self._fault(f"weights.{name}", shape_text(self.given[name].shape), f"{shape_text(shape)} ({meaning})")

    def _vocabulary(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(token for sentence in self.batch for token in sentence))

    def _check_embeddings(self, d_model: int) -> None:
        words, embeddings = self._vocabulary(), self.embeddings
        if not words or embeddings is None:
            return
        if isinstance(embeddings, dict):
            for word in words:
                if word not in embeddings:
                    near = nearest(word, embeddings)
                    self._fault("embeddings", f"no row for {quote(word)}", "a row for every word", near and quote(near))
            for word, row in embeddings.items():
                if len(row) != d_model:
                    self._fault(f"embeddings, {quote(word)}", f"{len(row)} numbers", f"{d_model} (d_model)")
            return
        count = len(words)
        if embeddings.shape[1] != d_model or embeddings.shape[0] not in (count, count + 1):
            order = ", ".join(words)
            allowed = f"{shape_text((count, d_model))} (different words × d_model), in this order: {order}"
            self._fault("embeddings", shape_text(embeddings.shape), f"{allowed}; one more row is {PAD}'s")

    def _build(self, d_model: int, heads: int, d_k: int, d_v: int) -> Example:
        fields = self.fields
        vocabulary = (*self._vocabulary(), PAD)
        table = self._table(vocabulary, d_model)
        config = self._config(d_model, heads, d_k, d_v)
        mask = fields.mask
        main = self.batch[fields.show - 1]
        return Example(
            path=self.path,
            titles=fields.title or {self._language(): join_tokens(main)},
            batch=self.batch,
            show=fields.show - 1,
            d_model=d_model,
            heads=heads,
            d_k=d_k,
            d_v=d_v,
            decimals=fields.decimals,
            mask=mask if isinstance(mask, str) else "literal",
            mask_matrix=None if isinstance(mask, str) else mask,
            positions=config.positions != "none",
            seed=fields.seed,
            vocabulary=vocabulary,
            embedding_table=table,
            drawn=self._drawn(),
            further_embeddings=self._further_embeddings(vocabulary),
            target=self.target or self._default_target(config, main),
            config=config,
            loaded=self.model,
            **self._weights(table[[vocabulary.index(token) for token in main]], heads * d_k, heads * d_v),
        )

    def _config(self, d_model: int, heads: int, d_k: int, d_v: int) -> Config:
        if self.model is not None:
            return self.model.config
        given = self.fields.model.model_dump(exclude={"file"})
        return completed_config(d_model, heads, d_k, d_v, positions=self.fields.positions, **given)

    def _default_target(self, config: Config, main: tuple[str, ...]) -> tuple[str, ...]:
        """The sentence itself, or what a trained model makes of it; without an encoder nothing."""
        if not config.has_encoder:
            return ()
        return (self._said(self.model, main) if self.model else ()) or main

    def _drawn(self) -> tuple[str, ...]:
        if self.model is not None:
            return ()
        embeddings = () if self.embeddings is not None else ("embeddings",)
        return (*embeddings, *(name for name in WEIGHTS if name not in self.given))

    def _further_embeddings(self, vocabulary: tuple[str, ...]) -> dict[str, np.ndarray]:
        given = self.embeddings if isinstance(self.embeddings, dict) else {}
        return {word: row for word, row in given.items() if word not in vocabulary}

    def _language(self) -> str:
        return "zh" if any(has_ideographs(word) for word in self._vocabulary()) else "en"

    def _table(self, vocabulary: tuple[str, ...], d_model: int) -> np.ndarray:
        """(vocabulary, d_model): the model's rows, or those given and the others drawn; [PAD] is zero unless given."""
        if self.model is not None:
            return scaled_embedding(self.model)[self.model.ids(vocabulary)]
        given = self.embeddings
        if given is None:
            drawn = word_embeddings(self.fields.seed, vocabulary[:-1], d_model, self.fields.decimals)
            return np.vstack([drawn, np.zeros(d_model)])
        if isinstance(given, dict):
            return np.array([given.get(word, np.zeros(d_model)) for word in vocabulary])
        return given if len(given) == len(vocabulary) else np.vstack([given, np.zeros(d_model)])

    def _weights(self, x: np.ndarray, key_width: int, value_width: int) -> dict[str, np.ndarray]:
        """All weights: the model's, as given, or drawn from the seed to suit the main sentence x (tokens, d_model)."""
        if self.model is not None:
            first = (self.model.encoder or self.model.decoder)[0].self_attention
            return {name: np.array(array) for name, array in vars(first).items() if array is not None}
        fields, given, d_model = self.fields, self.given, x.shape[1]
        if fields.positions:
            x = x + sinusoidal_positions(len(x), d_model)
        w_q, w_k = query_and_key(fields.seed, x, (d_model, key_width), fields.decimals, given)
        drawn = {
            "w_q": w_q,
            "w_k": w_k,
            "w_v": projection(fields.seed, "w_v", (d_model, value_width), 1.5, fields.decimals),
            "w_o": projection(fields.seed, "w_o", (value_width, d_model), 1.5, fields.decimals),
        }
        return {name: np.array(array) for name, array in (drawn | given).items()}
