"""From the fields of a file to all that an example has: checked together, completed, or one list of faults."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from core.examples.completed_model import completed_config, repeated_heads
from core.examples.directions import turned_brackets
from core.examples.faults import ExampleError, Fault, listed, nearest, quote, shape_text
from core.examples.fields import (
    BIASES,
    LARGEST_MODEL,
    MOST_TOKENS,
    SMALLEST_MODEL,
    WEIGHTS,
    WIDEST,
    ExampleFile,
    ModelTable,
    has_ideographs,
    holds_switches,
    in_words,
    join_tokens,
)
from core.examples.model_file import read_model, shipped_models
from core.examples.seeded import projection, query_and_key, word_embeddings
from core.examples.today import clashes, size_clashes
from core.examples.weights_file import read_weights
from core.model.decoding import greedy
from core.model.embedding import sinusoidal_positions
from core.model.special_tokens import PAD, SPECIAL, START
from core.model.transformer import Config, Transformer, encode, scaled_embedding

DEFAULT_D_MODEL = 4
DECIDED_BY_MODEL = ("d_model", "heads", "d_k", "d_v", "positions", "scale", "embeddings", "weights")


class Resolver:
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
        self.read: tuple[str, ...] = ()
        self.unsure = any(name.startswith(("weights", "embeddings")) for name in bad)
        self.given = self._given_weights()
        self.embeddings = self._given_embeddings()

    def example_fields(self) -> dict[str, Any]:
        """Every field of the example. Raises ExampleError with all faults, those of the fields by themselves first."""
        self._check_show()
        self._check_mask()
        self._check_glosses()
        self._check_today()
        sizes = self._sizes() if self.fields.model.file is None else self._model_sizes()
        if sizes and self.model is None:
            self._check_shapes(*sizes)
            for clash in size_clashes(self.fields.model, sizes[1], sizes[2]):
                self._fault(f"model.{clash.field}", clash.found, clash.allowed)
            self._check_embeddings(sizes[0])
        if self.faults or sizes is None:
            raise ExampleError(self.faults)
        return self._built(*sizes)

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
        mask, switches = self.fields.mask, holds_switches(self.data.get("mask")) and "mask" not in self.bad
        if switches and self.fields.mask_true is None and "mask_true" not in self.bad:
            allowed = 'beside it mask_true = "hidden", if true may not look (as in PyTorch\'s attn_mask), or "visible"'
            self._fault("mask", "true and false, which some read the one way and some the other", allowed)
        if not switches and self.fields.mask_true is not None and "mask" not in self.bad:
            self._fault("mask_true", quote(self.fields.mask_true), "nothing, unless mask is a matrix of true and false")
        if isinstance(mask, np.ndarray) and 0 < self.fields.show <= len(self.batch):
            tokens = len(self.batch[self.fields.show - 1])
            if mask.shape != (tokens, tokens):
                expected = shape_text((tokens, tokens))
                self._fault("mask", shape_text(mask.shape), f"{expected} (tokens × tokens)")

    def _check_glosses(self) -> None:
        """A gloss of a token that is nowhere, where one that is misspelt so has none."""
        known = {*self._words(), *(self.target or ()), *(self.model.vocabulary if self.model else ())}
        for language, glosses in self.fields.glosses.items():
            for token in glosses:
                near = None if token in known else nearest(token, known - set(glosses))
                if near:
                    allowed = "tokens of the example"
                    self._fault(f"glosses.{language}", f"{quote(token)}, which is no token", allowed, quote(near))

    def _check_today(self) -> None:
        """What in `[model]` does not go together; nothing is said of what a faulty field leaves open."""
        table, bad = self.fields.model, self.bad
        if table.file is not None or "model.file" in bad:
            return
        encoder = table.kind != "decoder-only"
        for clash in clashes(table, encoder=encoder, norm=table.norm or "", activation=table.activation or ""):
            if f"model.{clash.needs}" not in bad:
                self._fault(f"model.{clash.field}", clash.found, clash.allowed)
        if table.positions is not None and self.fields.positions:
            self._fault("model.positions", f"{quote(table.positions)} beside positions = true", "one of the two")

    def _given_weights(self) -> dict[str, np.ndarray]:
        table = self.fields.weights
        literal = {name: getattr(table, name) for name in (*WEIGHTS, *BIASES) if getattr(table, name) is not None}
        if table.file is None:
            if table.prefix is not None:
                self._fault("weights.prefix", quote(table.prefix), "nothing without weights.file, whose names it is of")
            return literal
        allowed = ("embeddings", *WEIGHTS, *BIASES)
        read, faults = read_weights(self.file, self.path.parent, table.file, allowed, table.prefix)
        self.faults += faults
        self.unsure |= bool(faults)
        self.read = tuple(read)
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
        d_model = self._d_model()
        if not SMALLEST_MODEL <= d_model <= LARGEST_MODEL:
            names = listed(self._implied_d_models(), "and")
            self._fault("d_model", f"{d_model}, from {names}", f"{SMALLEST_MODEL} to {LARGEST_MODEL}")
            return None
        heads = self.fields.heads or (1 if d_model % 2 else 2)
        d_k = self._head_size("d_k", ("w_q", "w_k"), d_model, heads)
        d_v = self._head_size("d_v", ("w_v",), d_model, heads)
        for name, size in (("d_k", d_k), ("d_v", d_v)):
            if size and heads * size > WIDEST:
                self._fault(name, f"{heads} heads of {size}", f"heads × {name} up to {WIDEST}")
        return (d_model, heads, d_k, d_v) if d_k and d_v else None

    def _d_model(self) -> int:
        """As given; as all matrices have it, if they agree on another, which is a fault; or by default."""
        implied = self._implied_d_models()
        given, widths = self.fields.d_model, set(implied.values())
        if given and len(implied) > 1 and len(widths) == 1 and given not in widths:
            width = widths.pop()
            found = f"{given}, but {width} as the matrices have it: {listed(implied, 'and')}"
            self._fault("d_model", found, f"{width}, or matrices for {given}")
            return width
        return given or next(iter(implied.values()), DEFAULT_D_MODEL)

    def _implied_d_models(self) -> dict[str, int]:
        """d_model by the embeddings, then by the weights, as far as they are given."""
        rows, given = self.embeddings, self.given
        implied = {}
        if rows is not None:
            implied["embeddings"] = len(next(iter(rows.values()))) if isinstance(rows, dict) else rows.shape[1]
        implied |= {f"weights.{name}": given[name].shape[0] for name in ("w_q", "w_k", "w_v") if name in given}
        return implied | {f"weights.{name}": given[name].shape[-1] for name in ("w_o", "b_o") if name in given}

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
                found, allowed = self.given[name].shape, f"{shape_text(shape)} ({meaning})"
                turned = "its transpose (a Linear of PyTorch has output × input)" if found[::-1] == shape else None
                self._fault(f"weights.{name}", shape_text(found), allowed, turned)

    def _words(self) -> tuple[str, ...]:
        """The different words in order of appearance: rows that are given as a matrix are in this order."""
        return tuple(dict.fromkeys(token for sentence in self.batch for token in sentence))

    def _check_embeddings(self, d_model: int) -> None:
        words, embeddings = self._words(), self.embeddings
        if not words or embeddings is None:
            return
        if isinstance(embeddings, dict):
            for word in words:
                if word not in embeddings:
                    near = nearest(word, set(embeddings) - set(words))
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

    def _built(self, d_model: int, heads: int, d_k: int, d_v: int) -> dict[str, Any]:
        fields = self.fields
        vocabulary = (*sorted(self._words(), key=lambda word: (word.casefold(), word)), PAD)
        table = self._table(vocabulary, d_model)
        config = self._config(d_model, heads, d_k, d_v)
        mask = self._mask()
        main = self.batch[fields.show - 1]
        weights = self._weights(table[[vocabulary.index(token) for token in main]], heads * d_k, heads * d_v)
        further = self._further_embeddings(vocabulary)
        turned = turned_brackets(self.batch) if self.model is None else {}
        batch = tuple(tuple(turned.get(token, token) for token in sentence) for sentence in self.batch)
        return dict(
            path=self.path,
            titles=fields.title or {self._language(): join_tokens(main)},
            batch=batch,
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
            vocabulary=tuple(turned.get(word, word) for word in vocabulary),
            embedding_table=table,
            drawn=self._drawn(),
            read=self.read,
            further_embeddings=further,
            target=tuple(turned.get(word, word) for word in self.target or self._default_target(config, main)),
            config=config,
            loaded=self.model,
            shipped=fields.model.file if fields.model.file in shipped_models() else "",
            asks=bool(self.target),
            glosses=fields.glosses,
            scale=fields.scale,
            **weights,
        )

    def _mask(self) -> str | np.ndarray:
        """A name, or what is given, (queries, keys), True = may look."""
        mask = self.fields.mask
        return ~mask if isinstance(mask, np.ndarray) and self.fields.mask_true == "hidden" else mask

    def _config(self, d_model: int, heads: int, d_k: int, d_v: int) -> Config:
        if self.model is not None:
            return self.model.config
        return completed_config(d_model, heads, d_k, d_v, self.fields.model, positions=self.fields.positions)

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
        return "zh" if any(has_ideographs(word) for word in self._words()) else "en"

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
        words = self._words()
        rows = dict(zip((*words, PAD), given, strict=False))  # without a row for [PAD], if none is given
        return np.array([rows.get(word, np.zeros(d_model)) for word in vocabulary])

    def _weights(self, x: np.ndarray, key_width: int, value_width: int) -> dict[str, np.ndarray]:
        """All weights: the model's, as given, or drawn from the seed to suit the main sentence x (tokens, d_model)."""
        if self.model is not None:
            first = (self.model.encoder or self.model.decoder)[0].self_attention
            return {name: self._shared_out(name, array) for name, array in vars(first).items() if array is not None}
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

    def _shared_out(self, name: str, array: np.ndarray) -> np.ndarray:
        """An array of the model's attention, its heads of keys and values as often as they are shared."""
        config = self.model.config if self.model is not None else None
        if config is None or config.kv_heads is None or name not in ("w_k", "w_v", "b_k", "b_v"):
            return np.array(array)
        return repeated_heads(array, config.heads, config.kv_heads)
