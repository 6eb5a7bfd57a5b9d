"""A trained model from a file: safetensors, which holds numbers and texts and nothing that could be executed.

Its arrays are named as in the trace (`encoder.1.self_attention.w_q`); its metadata are `vocabulary`, a JSON list of
words, and `config`, a JSON object. What is wrong with a file is told all at once, as faults of the example that names
it.
"""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import ValidationError

from core.examples.checks import LARGEST_NUMBER, Flaw, Table, number, one_of, switch, whole
from core.examples.faults import MOST_FAULTS, Fault, describe, few, further, listed, nearest, quote, shape_text
from core.examples.fields import (
    KINDS,
    LARGEST_MODEL,
    MOST_LAYERS,
    MOST_TOKENS,
    WIDEST,
    WIDEST_FEED_FORWARD,
    as_shown,
    token_flaws,
)
from core.examples.saved_names import Arrays, Stored, model_arrays
from core.examples.today import (
    POSITIONS as TURNED,
)
from core.examples.today import (
    Experts,
    KvHeads,
    Opened,
    RotaryBase,
    RotaryPairs,
    RotaryScaling,
    RotaryWidth,
    Sinks,
    SoftCap,
    WindowSize,
    clashes,
    config_options,
    entries,
    size_clashes,
)
from core.examples.weights_file import UnreadableError, numbers_flaw, path_flaw, read_safetensors
from core.model.ablated import Ablated
from core.model.feed_forward import FUNCTIONS
from core.model.layers import NORMS
from core.model.named_weights import Expected, assembled, expected_arrays, named_arrays
from core.model.special_tokens import SPECIAL
from core.model.transformer import NORM_KINDS, POSITIONS, Config, Transformer

MODELS = Path(__file__).resolve().parents[2] / "assets" / "models"
SUFFIX = ".safetensors"
MOST_WORDS = 50_000
_MOST_ENTRIES = 100
FEWEST_PLACES = 2 * MOST_TOKENS + 1
_METADATA = ("config", "vocabulary")
_SIZES = ("d_model", "d_k", "d_v", "d_ff")


class ConfigTable(Table):
    """The metadata `config`. The sizes are those of the arrays. The entries without a default are needed."""

    kind: Annotated[str, one_of(KINDS)]
    layers: Annotated[int, whole(1, MOST_LAYERS)]
    heads: Annotated[int, whole(1, LARGEST_MODEL)]
    norm: Annotated[str, one_of(NORMS)]
    activation: Annotated[str, one_of(tuple(FUNCTIONS))]
    embedding_scale: Annotated[bool, switch()]
    positions: Annotated[str, one_of((*POSITIONS, *TURNED))]
    tied: Annotated[bool, switch()]
    final_norm: Annotated[bool, switch()]
    eps: Annotated[float, number(0, 1)]
    norm_kind: Annotated[str, one_of(NORM_KINDS)] = "layer"
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


NEEDED = tuple(name for name, field in ConfigTable.model_fields.items() if field.is_required())


def shipped_models() -> tuple[str, ...]:
    """The names of the models that come with the program."""
    return tuple(sorted(path.stem for path in MODELS.glob(f"*{SUFFIX}")))


def read_model(file: str, folder: Path, name: str) -> tuple[Transformer | None, list[Fault]]:
    """The model `name`, a shipped one or a .safetensors file in `folder`, and what is wrong with it.

    file: the example that names it, for the faults.
    """
    path = folder / name
    if "." not in name and name in shipped_models():
        folder, path = MODELS, MODELS / f"{name}{SUFFIX}"
    elif "." not in name and "/" not in name:
        shipped = shipped_models()
        allowed = f"{listed(map(quote, shipped))}, or a {SUFFIX} file in the example's own folder"
        near = nearest(name, shipped)
        return None, [Fault(file, "model.file", f"{quote(name)}, no model of that name", allowed, near and quote(near))]
    if flaw := path_flaw(path, folder, (SUFFIX,)):
        return None, [Fault(file, "model.file", f"{quote(name)}, {flaw[0]}", flaw[1])]
    try:
        return _Reader(f"{file}: {name}", *read_safetensors(path)).model()
    except UnreadableError as error:
        return None, [Fault(file, "model.file", f"{quote(name)}, {error}", error.allowed)]


def read_ablated(path: Path) -> Ablated:
    """A model trained without a part: a model file whose `config` says besides what is left out, as `without`.

    Raises UnreadableError for a file that is none.
    """
    arrays, metadata = read_safetensors(path)
    try:
        config = json.loads(metadata["config"])
        without = config.pop("without")
    except (KeyError, ValueError, AttributeError):
        raise UnreadableError("no part that the model is without", "one of the parts as config.without") from None
    reader = _Reader(path.name, arrays, metadata | {"config": json.dumps(config)})
    return reader.ablated(without)


def write_model(model: Transformer, path: Path) -> None:
    """Write a model as a file that `read_model` reads.

    Raises OSError if it cannot be written, ValueError for a configuration that such a file cannot have.
    """
    from safetensors.numpy import save_file

    config = _written(model.config)
    metadata = {
        "config": json.dumps(config),
        "vocabulary": json.dumps(list(model.vocabulary), ensure_ascii=False),
    }
    arrays = {name: np.ascontiguousarray(array) for name, array in named_arrays(model).items()}
    save_file(arrays, path, metadata)


def _written(config: Config) -> dict[str, Any]:
    """The metadata `config`: what is needed, and what is not as by default."""
    options = {field.name: getattr(config, field.name) for field in dataclasses.fields(Config)}
    written = {name: options[name] for name in NEEDED} | entries(options)
    if config.norm_kind != "layer":
        written["norm_kind"] = config.norm_kind
    try:
        table = ConfigTable.model_validate(written)
    except ValidationError as error:
        name = error.errors()[0]["loc"][0]
        raise ValueError(f"found {name} {written[str(name)]}, which a model file cannot have") from None
    read = Config(**{**{name: options[name] for name in _SIZES}, **_options(table)})
    for name, value in options.items():
        if getattr(read, name) != value and not (name == "opened" and not config.experts):
            raise ValueError(f"found {name} {value}; expected {getattr(read, name)}, as in every model file")
    return written


def _options(table: ConfigTable) -> dict[str, Any]:
    """What of a configuration the metadata say: all but the sizes."""
    options = {name: getattr(table, name) for name in (*NEEDED, "norm_kind")} | config_options(table)
    return options | {"positions": "none"} if table.positions in TURNED else options


class _Reader:
    """Checks a file's metadata, then its arrays against them: names and shapes, and only then the numbers."""

    def __init__(self, file: str, arrays: Arrays, metadata: Mapping[str, str]) -> None:
        self.file, self.arrays, self.metadata = file, model_arrays(arrays), metadata
        self.faults: list[Fault] = []

    def model(self) -> tuple[Transformer | None, list[Fault]]:
        vocabulary = self._vocabulary()
        table = self._config()
        if table is not None and not self.faults:
            config = self._sized(table)
            self._check_today(table, config)
            self._check(config, len(vocabulary))
            arrays = self._numbers()
            if not self.faults:
                return assembled(config, vocabulary, arrays), []
        return None, self.faults

    def _numbers(self) -> dict[str, np.ndarray]:
        """The numbers of all arrays that are what is expected, as float64."""
        numbers = {}
        faulty = {fault.field for fault in self.faults}
        for name, array in self.arrays.items():
            if name in faulty:
                continue
            found = array.read()
            if numbers_flaw(found):
                self._fault(name, "NaN, infinite or huge numbers", f"numbers up to {LARGEST_NUMBER:,.0f}")
            else:
                numbers[name] = found.astype(float)
                numbers[name].flags.writeable = False
        return numbers

    def ablated(self, without: str) -> Ablated:
        """The model without a part, its arrays unchecked. Raises UnreadableError with the first fault there is."""
        vocabulary, table = self._vocabulary(), self._config()
        if table is None or self.faults:
            raise UnreadableError(self.faults[0].found, self.faults[0].allowed)
        arrays = {name: array.read().astype(float) for name, array in self.arrays.items()}
        return Ablated(self._sized(table), vocabulary, arrays, without)

    def _fault(self, field: str, found: str, allowed: str, suggestion: str | None = None) -> None:
        self.faults.append(Fault(self.file, field, found, allowed, suggestion))

    # --- metadata

    def _parsed(self, field: str, allowed: str) -> Any:
        """A metadata entry, parsed; None if it is missing or no JSON."""
        if field not in self.metadata:
            near = nearest(field, set(self.metadata) - set(_METADATA))
            self._fault(field, "nothing in the metadata", allowed, near)
            return None
        try:
            return json.loads(self.metadata[field])
        except (ValueError, RecursionError):
            self._fault(field, quote(self.metadata[field]), allowed)
            return None

    def _vocabulary(self) -> tuple[str, ...]:
        allowed = f"a JSON list of different words, among them {listed(SPECIAL, 'and')}"
        words = self._parsed("vocabulary", allowed)
        if words is None:
            return ()
        if not isinstance(words, list) or not words:
            self._fault("vocabulary", describe(words), allowed)
            return ()
        if len(words) > MOST_WORDS:
            self._fault("vocabulary", f"{len(words)} words", f"at most {MOST_WORDS:,}")
            return ()
        flaws = [flaw for place, word in enumerate(words, 1) for flaw in self._word_flaws(word, place)]
        self.faults += few(Fault(self.file, f"vocabulary, {flaw.where}", flaw.found, flaw.allowed) for flaw in flaws)
        for special in SPECIAL:
            if special not in words:
                self._fault("vocabulary", f"no {special}", allowed)
        if self.faults:
            return ()
        shown = [word if word in SPECIAL else as_shown(word) for word in words]
        twice, count = Counter(shown).most_common(1)[0]
        if count > 1:
            self._fault("vocabulary", f"{quote(twice)} more than once", allowed)
        return tuple(shown) if count == 1 else ()

    def _word_flaws(self, word: Any, place: int) -> list[Flaw]:
        return [] if isinstance(word, str) and word in SPECIAL else token_flaws(word, f"word {place:,}")

    def _config(self) -> ConfigTable | None:
        fields = listed(NEEDED, "and")
        data = self._parsed("config", f"a JSON object with {fields}")
        if data is None:
            return None
        if not isinstance(data, dict):
            self._fault("config", describe(data), f"a JSON object with {fields}")
            return None
        if len(data) > _MOST_ENTRIES:
            self._fault("config", f"a JSON object with {len(data):,} entries", f"one with {fields}")
            return None
        try:
            return ConfigTable.model_validate(data)
        except ValidationError as error:
            for problem in error.errors(include_url=False)[: 2 * MOST_FAULTS]:
                self._config_fault(".".join(str(part) for part in problem["loc"]), problem)
            return None

    def _config_fault(self, name: str, problem: Any) -> None:
        if problem["type"] == "missing":
            self._fault(f"config.{name}", "nothing", "a value: every entry of config is needed")
        elif problem["type"] == "extra_forbidden":
            fields = ConfigTable.model_fields
            self._fault(f"config.{name}", "an unknown entry", listed(fields), nearest(name, fields))
        else:
            for flaw in problem["ctx"]["flaws"]:
                self._fault(f"config.{name}", flaw.found, flaw.allowed, flaw.suggestion)

    # --- arrays

    def _sized(self, table: ConfigTable) -> Config:
        """The configuration with the sizes that the embedding and the first layer have."""
        layer = "encoder.1" if table.kind == "encoder-decoder" else "decoder.1"
        d_model = self._width("embedding", 1)
        network = f"{layer}.feed_forward{'.expert_1' if table.experts else ''}"
        return Config(
            d_model=d_model,
            d_k=max(1, self._width(f"{layer}.self_attention.w_q", d_model) // table.heads),
            d_v=max(1, self._width(f"{layer}.self_attention.w_v", d_model) // (table.kv_heads or table.heads)),
            d_ff=self._width(f"{network}.w_1", d_model),
            **_options(table),
        )

    def _width(self, name: str, default: int) -> int:
        array = self.arrays.get(name)
        return array.shape[1] if array is not None and array.ndim == 2 and array.size else default

    def _check_today(self, table: ConfigTable, config: Config) -> None:
        """What in the metadata does not go together, or not with the sizes."""
        norm = "rms" if table.norm_kind == "rms" else ""
        together = clashes(table, encoder=config.has_encoder, norm=norm, activation=table.activation)
        for clash in (*together, *size_clashes(table, config.heads, config.d_k)):
            self._fault(f"config.{'norm_kind' if clash.field == 'norm' else clash.field}", clash.found, clash.allowed)

    def _check(self, config: Config, words: int) -> None:
        """Every array of the model there, with its shape and with usable numbers, and no other."""
        expected = expected_arrays(config, words)
        for name, wanted in expected.items():
            if name in self.arrays:
                self._check_array(name, self.arrays[name], wanted)
            elif not wanted.optional:
                near = nearest(name, set(self.arrays) - set(expected))
                self._fault(name, "no such array", _shape_allowed(wanted), near and f"{near} (as it is called there)")
        missing = [name for name in expected if name not in self.arrays]
        allowed = "the arrays of the model that config describes"
        unknown = sorted(set(self.arrays) - set(expected))
        for name in unknown[:MOST_FAULTS]:
            self._fault(quote(name)[1:-1], "an unknown array", allowed, nearest(name, missing))
        if len(unknown) > MOST_FAULTS:
            self.faults.append(further(self.file, "", len(unknown) - MOST_FAULTS, "unknown arrays"))
        self._check_size("embedding", "d_model", config.d_model, 2, LARGEST_MODEL)
        self._check_size("feed_forward.w_1", "d_ff", config.d_ff, 1, WIDEST_FEED_FORWARD)
        self._check_size("self_attention.w_q", "heads·d_k", config.heads * config.d_k, 1, WIDEST)
        self._check_size("self_attention.w_v", "heads·d_v", config.heads * config.d_v, 1, WIDEST)

    def _check_array(self, name: str, array: Stored, wanted: Expected) -> None:
        free = wanted.shape[0] == 0
        fits = array.ndim == len(wanted.shape) and array.shape[free:] == wanted.shape[free:] and array.size
        if not array.is_real:
            self._fault(name, array.held, "real numbers")
        elif not fits:
            self._fault(name, shape_text(array.shape), _shape_allowed(wanted))
        elif name == "position_embedding" and array.shape[0] < FEWEST_PLACES:
            found = f"{array.shape[0]} places"
            self._fault(name, found, f"at least {FEWEST_PLACES}, for a sentence and its continuation")

    def _check_size(self, name: str, meaning: str, size: int, low: int, high: int) -> None:
        if not low <= size <= high:
            self._fault(name, f"{meaning} {size}", f"{low} to {high:,}")


def _shape_allowed(wanted: Expected) -> str:
    """`shape 4 × 8 (d_model × d_ff)`; any number of rows is written as in `shape places × 8`."""
    if wanted.shape[0]:
        return f"{shape_text(wanted.shape)} ({wanted.meaning})"
    rows = wanted.meaning.split(" ")[0]
    return f"shape {rows} × {wanted.shape[1]} ({wanted.meaning})"
