"""The storyboard: the one list of chapters, in the order of the films. Importing this imports no Manim.

A chapter's number, its class, its files, its line in `--list` and its place on the map of the model follow from here.
"""

from __future__ import annotations

import importlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from core.examples.faults import ChapterError, Fault, listed, nearest, quote

if TYPE_CHECKING:
    from core.examples.example import Example
    from core.model.transformer import Config

# --- the parts of the model that a chapter lights on the map, from below ----------------------------------------------

SELF_ATTENTION = ("encoder.self_attention", "decoder.self_attention")
ATTENTION = (*SELF_ATTENTION, "decoder.cross_attention")
PADDED = ("encoder.self_attention", "decoder.cross_attention")
EMBEDDINGS = ("source.embedding", "target.embedding")
POSITIONS = ("source.positions", "target.positions")
FEED_FORWARD = ("encoder.feed_forward", "decoder.feed_forward")
ENCODER = ("encoder.self_attention", "encoder.norm_1", "encoder.feed_forward", "encoder.norm_2")
DECODER = (
    "decoder.self_attention",
    "decoder.norm_1",
    "decoder.cross_attention",
    "decoder.norm_2",
    "decoder.feed_forward",
    "decoder.norm_3",
)
OUTPUT = ("output.linear", "output.softmax")
SOURCE_SIDE = ("source.embedding", "source.positions", *ENCODER)
TARGET_SIDE = ("target.embedding", "target.positions", *DECODER, *OUTPUT)
EVERYTHING = (*SOURCE_SIDE, *TARGET_SIDE)
NORMS = tuple(part for part in EVERYTHING if ".norm_" in part)

# --- the films and their chapters -------------------------------------------------------------------------------------


class Lack(NamedTuple):
    """A field of an example that keeps it from being shown: what is there, what would have to be; why, in words."""

    field: str
    found: str
    needed: str
    why: str


@dataclass(frozen=True)
class Entry:
    """A chapter: the folder of its scene, the film it belongs to, and the parts of the model that it is about.

    opens: the parts that it opens from, if not from the first that it lights;
    shows: the tensors that it is about, by the names that `./render.sh numbers` has for them;
    needs: what a model must have to be shown: "encoder", "layer norms", a "plain network" in each layer, or nothing;
    divides: whether it is about scores that are divided by √d_k, as all chapters on the model are.
    """

    name: str
    film: str
    lights: tuple[str, ...]
    opens: tuple[str, ...] = ()
    needs: str = ""
    shows: tuple[str, ...] = ()
    divides: bool = False

    def __post_init__(self) -> None:
        self._check("film", EXAMPLES, self.film)
        self._check("lights", EVERYTHING, *self.lights)
        self._check("opens", EVERYTHING, *self.opens)
        self._check("needs", NEEDS, self.needs)

    def _check(self, field: str, allowed: Collection[str], *names: str) -> None:
        """Raises ChapterError for a name that is none of those allowed."""
        where, names_allowed = f'Entry("{self.name}"), {field}', listed(map(quote, allowed))
        faults = [Fault(FILE, where, quote(n), names_allowed, nearest(n, allowed)) for n in names if n not in allowed]
        if faults:
            raise ChapterError(faults)

    def suits(self, example: Example) -> bool:
        """Whether the example has what the chapter needs."""
        return self.lacking(example) is None

    def lacking(self, example: Example) -> Lack | None:
        """What of that which the chapter needs an example does not have, if there is something."""
        if not example.scale and (self.divides or self.film != "attention"):
            return NO_SCALING
        return _lacks(example.config).get(self.needs)

    @property
    def number(self) -> int:
        """Its place among all chapters, from 1."""
        return CHAPTERS.index(self) + 1

    @property
    def place(self) -> int:
        """Its place in its film, from 1."""
        return FILMS[self.film].index(self.name) + 1

    @property
    def file_name(self) -> str:
        """`03-scores`: sorts as the story goes."""
        return f"{self.place:02}-{self.name}"

    @property
    def class_name(self) -> str:
        """The scene's class: `padding_mask` → `PaddingMask`."""
        return "".join(word.capitalize() for word in self.name.split("_"))

    @property
    def door(self) -> tuple[str, ...]:
        """The parts on the map that it opens from and returns to."""
        return self.opens or self.lights[:1]


FILE = "scenes/storyboard.py"
ALLOWED = "an entry for each chapter"
NEEDS = ("", "encoder", "layer norms", "plain network")
NO_ENCODER = Lack("model.kind", '"decoder-only"', '"encoder-decoder"', "the model has no encoder")
NO_LAYER_NORMS = Lack("model.norm", '"rms"', '"post" or "pre"', "the model has RMS norms")
NO_PLAIN_NETWORK = Lack("model", "gates or experts", "neither", "the model's networks have gates or a router")
NO_SCALING = Lack("scale", "false", "true", "scores are not divided by √d_k")
LAST_STEP = "whole"  # what every chapter ends on: the picture of all of it
OPENING, CLOSING, BRIDGE = "(opening)", "(closing)", "(bridge)"  # what comes before steps, after, and between chapters
CARD = "(card)"  # what a lesson's film begins with
PASSAGES = (OPENING, CLOSING, BRIDGE, CARD)
# films, and the example that each shows to the readers of a language; the first also to those of any other
EXAMPLES = {
    "attention": {"en": "default", "zh": "default-zh"},
    "model": {"en": "translation-en-zh", "zh": "translation-zh-en"},
}

CHAPTERS = (
    Entry("question", "attention", lights=ATTENTION, shows=("weights",)),
    Entry("tokens", "attention", lights=EMBEDDINGS, shows=("embedding_table", "x")),
    Entry("qkv", "attention", lights=ATTENTION, shows=("w_q", "w_k", "w_v")),
    Entry("scores", "attention", lights=ATTENTION, shows=("q", "k_transposed", "scores")),
    Entry("scaling", "attention", lights=ATTENTION, divides=True, shows=("scores", "scaled_scores")),
    Entry("padding_mask", "attention", lights=PADDED, shows=("padding.mask",)),
    Entry("causal_mask", "attention", lights=("decoder.self_attention",), shows=("causal.mask",)),
    Entry("softmax", "attention", lights=ATTENTION, shows=("scaled_scores", "weights")),
    Entry(
        "saturation",
        "attention",
        lights=ATTENTION,
        divides=True,
        shows=("scaling.rows_weights", "scaling.rows_gradients"),
    ),
    Entry("weighted_sum", "attention", lights=ATTENTION, shows=("weights", "v", "context")),
    Entry("multi_head", "attention", lights=ATTENTION, shows=("heads.weights", "w_o")),
    Entry(
        "seven_forms",
        "attention",
        lights=ATTENTION,
        divides=True,
        shows=("forms.bare.weights", "forms.cross.weights"),
    ),
    Entry("answer", "attention", lights=ATTENTION, divides=True, shows=("weights",)),
    Entry("task", "model", lights=EVERYTHING, opens=EVERYTHING, shows=("model.weights",)),
    Entry("positional_encoding", "model", lights=POSITIONS, shows=("positions.table",)),
    Entry("residual", "model", lights=NORMS, shows=("encoder.1.sum_1", "residual.with")),
    Entry(
        "layer_norm",
        "model",
        lights=NORMS,
        needs="layer norms",
        shows=("encoder.1.norm_1.normalised", "encoder.1.norm_1.output"),
    ),
    Entry(
        "feed_forward", "model", lights=FEED_FORWARD, needs="plain network", shows=("encoder.1.feed_forward.hidden",)
    ),
    Entry("encoder", "model", lights=ENCODER, opens=ENCODER, needs="encoder", shows=("source.input", "memory")),
    Entry("decoder", "model", lights=DECODER, opens=DECODER, needs="encoder", shows=("target.input", "decoder.output")),
    Entry("output", "model", lights=OUTPUT, opens=OUTPUT, shows=("output.w", "logits", "probabilities")),
    Entry("whole_model", "model", lights=EVERYTHING, opens=EVERYTHING, shows=("source.input", "probabilities")),
    Entry("translation", "model", lights=EVERYTHING, opens=EVERYTHING, shows=("translation.cross_attention",)),
    Entry("verdict", "model", lights=EVERYTHING, opens=EVERYTHING, shows=("translation.looks",)),
)

FILMS: dict[str, tuple[str, ...]] = {
    film: tuple(entry.name for entry in CHAPTERS if entry.film == film) for film in EXAMPLES
}
_BY_NAME = {entry.name: entry for entry in CHAPTERS}
_BY_CLASS = {entry.class_name: entry for entry in CHAPTERS}


def _lacks(config: Config) -> dict[str, Lack]:
    """What a model does not have, by what needs it."""
    there = {
        "encoder": (config.has_encoder, NO_ENCODER),
        "layer norms": (config.norm_kind == "layer", NO_LAYER_NORMS),
        "plain network": (config.has_plain_networks, NO_PLAIN_NETWORK),
    }
    return {need: lack for need, (has, lack) in there.items() if not has}


def example_of(film: str, language: str) -> str:
    """The example that a film shows to the readers of a language, if none is named."""
    shown = EXAMPLES[film]
    return shown.get(language, next(iter(shown.values())))


def entry_of(chapter: str) -> Entry:
    """The entry of a chapter by its name. Raises ChapterError if there is none."""
    if chapter not in _BY_NAME:
        raise ChapterError([Fault(FILE, "CHAPTERS", f'no Entry("{chapter}", …)', ALLOWED, nearest(chapter, _BY_NAME))])
    return _BY_NAME[chapter]


def entry_of_class(scene: type) -> Entry:
    """The entry of a scene: the one that its class names as `chapter`, else that of its class or of a base's.

    Raises ChapterError, with what to do, for a scene that is no chapter of the storyboard.
    """
    named = _BY_NAME.get(getattr(scene, "chapter", ""))
    found = (named, *(_BY_CLASS.get(base.__name__) for base in scene.__mro__))
    entry = next((entry for entry in found if entry is not None), None)
    if entry is None:
        near = nearest(scene.__name__, _BY_CLASS)
        raise ChapterError([Fault(FILE, "CHAPTERS", f"no entry for the class {scene.__name__}", ALLOWED, near)])
    return entry


def chapter_class(chapter: str) -> Any:
    """The scene of a chapter, a subclass of `Chapter`, imported when asked for, its steps held against its texts.

    Raises ChapterError if its folder, its file, its class, a step or a text is missing.
    """
    name, file = entry_of(chapter).class_name, f"scenes/{chapter}/scene.py"
    try:
        module = importlib.import_module(f"scenes.{chapter}.scene")
    except ModuleNotFoundError as error:
        if error.name not in (f"scenes.{chapter}", f"scenes.{chapter}.scene"):
            raise
        raise ChapterError([Fault(file, "", "no such file", f"a file with the class {name}")]) from None
    scene = getattr(module, name, None)
    if scene is None:
        near = nearest(name, (other for other in vars(module) if other[:1].isupper()))
        raise ChapterError([Fault(file, "", f"no class {name}", "the class named as the chapter is", near)])
    scene.check(chapter)
    return scene
