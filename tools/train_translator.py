"""Train the small translator of `assets/models`, and write its model file.

    pip install torch==2.13.0 safetensors numpy
    python -m tools.train_translator

The model is the Transformer of Vaswani et al. 2017 ("Attention Is All You Need"), small: two layers in each stack,
sinusoidal positions, embeddings scaled by √d_model, post-norm, ReLU, one embedding shared by encoder, decoder and
output projection, no biases in attention. It is trained on the sentences of tools/translator_grammar.py in both
directions; the language of the source tells the direction. All weights end as numbers of two decimals: the last part
of the training computes with rounded weights and passes the gradients on to the unrounded ones (straight-through:
Bengio, Léonard and Courville 2013, "Estimating or Propagating Gradients Through Stochastic Neurons"). Nothing but the
next word is taught: where the attention looks is what the model found by itself.

Run again on the same machine, it writes the same file bit for bit. tools/train_ablations.py trains the same model
without one of its parts.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save
from torch import Tensor
from torch.nn.functional import cross_entropy, layer_norm

from core.model.ablated import Ablated
from core.model.transformer import Config
from tools.translator_grammar import END, LONGEST, START, Pair, training_pairs, vocabulary
from tools.translator_measures import report

FILE = Path(__file__).resolve().parents[1] / "assets" / "models" / "translator.safetensors"
DECIMALS = 2
LARGEST_WEIGHT = 3.0
EPS = 1e-5
DTYPE = torch.float32  # of the training; the numbers of two decimals are written in float64

Weights = dict[str, Tensor]


@dataclass(frozen=True)
class Sizes:
    vocabulary: int
    d_model: int = 8
    heads: int = 2
    layers: int = 2
    d_ff: int = 16


@dataclass(frozen=True)
class Training:
    """How to train: steps with unrounded weights, then steps with rounded ones.

    decay: how much the squares of the weights count, all but the scales of layer norm.
    """

    seed: int = 1
    steps: int = 2500
    rounded_steps: int = 1000
    batch: int = 128
    rate: float = 0.02
    warm_up: int = 200
    decay: float = 1e-5


@dataclass(frozen=True)
class Sentences:
    """Sentences to translate, as ids: sources (sentences, LONGEST), targets after [START] and targets before [END],
    both (sentences, LONGEST + 1); share (sentences,): how often each is a lesson.
    """

    source: Tensor
    target: Tensor
    expected: Tensor
    share: Tensor

    def chosen(self, rows: Tensor) -> Sentences:
        return Sentences(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    def __add__(self, other: Sentences) -> Sentences:
        names = self.__dataclass_fields__
        return Sentences(*(torch.cat([getattr(self, name), getattr(other, name)]) for name in names))


def sentences(pairs: Sequence[Pair], *, chinese_first: bool) -> Sentences:
    """The pairs in one direction."""
    places = {word: place for place, word in enumerate(vocabulary())}
    sources, targets = [], []
    for pair in pairs:
        source, target = (pair.chinese, pair.english) if chinese_first else (pair.english, pair.chinese)
        sources.append([places[word] for word in source] + [0] * (LONGEST - len(source)))
        targets.append([places[word] for word in (START, *target, END)] + [0] * (LONGEST - len(target)))
    table = torch.tensor(targets)  # (sentences, LONGEST + 2)
    said = table[:, :-1].masked_fill(table[:, 1:] == 0, 0)  # [END] is not read
    share = torch.tensor([pair.share for pair in pairs], dtype=DTYPE)
    return Sentences(torch.tensor(sources), said, table[:, 1:], share)


# --- the weights ------------------------------------------------------------------------------------------------------


def weight_shapes(sizes: Sizes, without: str = "") -> dict[str, tuple[int, ...]]:
    """The shape of every tensor of the model file."""
    d_model, d_ff = sizes.d_model, sizes.d_ff
    shapes: dict[str, tuple[int, ...]] = {"embedding": (sizes.vocabulary, d_model)}
    for layer in range(1, sizes.layers + 1):
        for stack, attentions in (("encoder", ["self"]), ("decoder", ["self", "cross"])):
            for attention in attentions:
                for name in ("w_q", "w_k", "w_v", "w_o"):
                    shapes[f"{stack}.{layer}.{attention}_attention.{name}"] = (d_model, d_model)
            if without != "feed_forward":
                name = f"{stack}.{layer}.feed_forward"
                shapes |= {f"{name}.w_1": (d_model, d_ff), f"{name}.b_1": (d_ff,)}
                shapes |= {f"{name}.w_2": (d_ff, d_model), f"{name}.b_2": (d_model,)}
            norms = len(attentions) + (without != "feed_forward")
            for norm in range(1, 1 + norms if without != "layer_norm" else 1):
                shapes |= {f"{stack}.{layer}.norm_{norm}.{name}": (d_model,) for name in ("scale", "shift")}
    return shapes


def drawn_weights(shapes: dict[str, tuple[int, ...]], generator: torch.Generator) -> Tensor:
    """Weights before training, all in one row."""
    drawn = []
    for name, shape in shapes.items():
        if name == "embedding":
            drawn.append(torch.randn(shape, generator=generator, dtype=DTYPE) / math.sqrt(shape[1]))
            drawn[0][0] = 0  # [PAD]
        elif len(shape) == 2:
            drawn.append((2 * torch.rand(shape, generator=generator, dtype=DTYPE) - 1) * math.sqrt(6 / sum(shape)))
        else:
            drawn.append(torch.full(shape, float(name.endswith("scale")), dtype=DTYPE))
    return torch.cat([weight.flatten() for weight in drawn])


def named(row: Tensor, shapes: dict[str, tuple[int, ...]]) -> Weights:
    """The tensors of the model file, from all weights in one row."""
    parts = row.split([math.prod(shape) for shape in shapes.values()])
    return {name: part.view(shape) for (name, shape), part in zip(shapes.items(), parts, strict=True)}


def rounded(weight: Tensor) -> Tensor:
    """The weight with few decimals; its gradient is that of the unrounded weight."""
    nearest = (weight.detach() * 10**DECIMALS).round() / 10**DECIMALS
    return weight + (nearest - weight.detach())


# --- the model --------------------------------------------------------------------------------------------------------


def positions(count: int, d_model: int) -> Tensor:
    """Sinusoidal positions (Vaswani et al. 2017, section 3.5): (count, d_model)."""
    angles = torch.arange(count, dtype=torch.float64)[:, None] / 10000 ** (
        torch.arange(0, d_model, 2, dtype=torch.float64) / d_model
    )
    return torch.stack([angles.sin(), angles.cos()], dim=-1).reshape(count, d_model)


class Transformer:
    """Encoder and decoder over a batch of sentences, in plain tensor operations; without: the part it does without."""

    def __init__(self, weights: Weights, sizes: Sizes, without: str = "") -> None:
        self.weights = weights
        self.heads = 1 if without == "heads" else sizes.heads
        self.layers = sizes.layers
        self.without = without
        self.positions = positions(LONGEST + 2, sizes.d_model).to(weights["embedding"].dtype)

    def _input(self, ids: Tensor) -> Tensor:
        embedded = self.weights["embedding"][ids] * math.sqrt(self.positions.shape[1])  # (sentences, tokens, d_model)
        return embedded if self.without == "positions" else embedded + self.positions[: ids.shape[1]]

    def _split(self, rows: Tensor) -> Tensor:
        """(sentences, tokens, d_model) → (sentences, heads, tokens, d_k)."""
        sentences, tokens, _ = rows.shape
        return rows.reshape(sentences, tokens, self.heads, -1).transpose(1, 2)

    def _attention(self, name: str, x: Tensor, keys: Tensor, mask: Tensor) -> Tensor:
        w_q, w_k, w_v, w_o = (self.weights[f"{name}.{part}"] for part in ("w_q", "w_k", "w_v", "w_o"))
        q, k, v = self._split(x @ w_q), self._split(keys @ w_k), self._split(keys @ w_v)
        scores = q @ k.transpose(-2, -1)  # (sentences, heads, queries, keys)
        if self.without != "scaling":
            scores = scores / math.sqrt(q.shape[-1])
        weights = (scores + mask).softmax(dim=-1)
        return (weights @ v).transpose(1, 2).flatten(2) @ w_o

    def _feed_forward(self, name: str, x: Tensor) -> Tensor:
        w_1, b_1, w_2, b_2 = (self.weights[f"{name}.{part}"] for part in ("w_1", "b_1", "w_2", "b_2"))
        return (x @ w_1 + b_1).relu() @ w_2 + b_2

    def _add_norm(self, name: str, x: Tensor, output: Tensor, *, attention: bool = True) -> Tensor:
        if self.without != "residuals" and not (attention and self.without == "attention_residuals"):
            output = x + output
        if self.without == "layer_norm":
            return output
        return layer_norm(output, x.shape[-1:], self.weights[f"{name}.scale"], self.weights[f"{name}.shift"], EPS)

    def _fed(self, layer: str, norm: str, x: Tensor) -> Tensor:
        if self.without == "feed_forward":
            return x
        return self._add_norm(f"{layer}.{norm}", x, self._feed_forward(f"{layer}.feed_forward", x), attention=False)

    def encode(self, source: Tensor) -> Tensor:
        """The memory: (sentences, tokens, d_model)."""
        mask = padding_mask(source)
        x = self._input(source)
        for layer in (f"encoder.{number}" for number in range(1, self.layers + 1)):
            x = self._add_norm(f"{layer}.norm_1", x, self._attention(f"{layer}.self_attention", x, x, mask))
            x = self._fed(layer, "norm_2", x)
        return x

    def decode(self, target: Tensor, memory: Tensor, source: Tensor) -> Tensor:
        """The logits of the words that follow: (sentences, tokens, vocabulary)."""
        future = torch.full((target.shape[1],) * 2, -math.inf).triu(1)
        # Without the causal mask only the filling at the end is hidden.
        causal = padding_mask(target) if self.without == "causal_mask" else future
        padding = padding_mask(source)
        x = self._input(target)
        for layer in (f"decoder.{number}" for number in range(1, self.layers + 1)):
            x = self._add_norm(f"{layer}.norm_1", x, self._attention(f"{layer}.self_attention", x, x, causal))
            x = self._add_norm(f"{layer}.norm_2", x, self._attention(f"{layer}.cross_attention", x, memory, padding))
            x = self._fed(layer, "norm_3", x)
        return x @ self.weights["embedding"].T

    def logits(self, source: Tensor, target: Tensor) -> Tensor:
        return self.decode(target, self.encode(source), source)


def padding_mask(ids: Tensor) -> Tensor:
    """0 or −∞ for every key: (sentences, 1, 1, keys)."""
    return torch.zeros(ids.shape).masked_fill(ids == 0, -math.inf)[:, None, None, :]


# --- the training -----------------------------------------------------------------------------------------------------


def lessons() -> Sentences:
    """The sentences to train on, in both directions."""
    return sentences(training_pairs(), chinese_first=True) + sentences(training_pairs(), chinese_first=False)


def word_loss(model: Transformer, batch: Sentences) -> Tensor:
    """The cross-entropy of the next word, mean over all words of the batch."""
    logits = model.logits(batch.source, batch.target)
    return cross_entropy(logits.flatten(0, 1), batch.expected.flatten(), ignore_index=0)


def train(sizes: Sizes, training: Training, data: Sentences, without: str = "") -> Weights:
    """The trained weights, rounded."""
    generator = torch.Generator().manual_seed(training.seed)
    shapes = weight_shapes(sizes, without)
    row = drawn_weights(shapes, generator).requires_grad_()
    decayed = torch.cat([torch.full((math.prod(shapes[name]),), float(not name.endswith("scale"))) for name in shapes])
    optimizer = torch.optim.Adam([row], betas=(0.9, 0.98), eps=1e-9)
    total = training.steps + training.rounded_steps
    order = torch.multinomial(data.share, total * training.batch, replacement=True, generator=generator)
    for step, rows in enumerate(order.split(training.batch)):
        warm_up = min(1.0, (step + 1) / training.warm_up)
        optimizer.param_groups[0]["lr"] = training.rate * warm_up * (1 + math.cos(math.pi * step / total)) / 2
        used = row if step < training.steps else rounded(row)
        loss = word_loss(Transformer(named(used, shapes), sizes, without), data.chosen(rows))
        optimizer.zero_grad()
        (loss + training.decay * (decayed * used**2).sum()).backward()
        optimizer.step()
        with torch.no_grad():
            row[: sizes.d_model] = 0  # [PAD]
            row.clamp_(-LARGEST_WEIGHT, LARGEST_WEIGHT)
        if step % 500 == 0 or step == total - 1:
            print(f"step {step:5}  loss {loss.item():.5f}", flush=True)
    return named(rounded(row.detach()), shapes)


# --- the file ---------------------------------------------------------------------------------------------------------


def config(sizes: Sizes) -> dict[str, object]:
    """The configuration of the model with all its parts, as a model file has it."""
    return {
        "kind": "encoder-decoder",
        "layers": sizes.layers,
        "heads": sizes.heads,
        "norm": "post",
        "activation": "relu",
        "embedding_scale": True,
        "positions": "sinusoidal",
        "tied": True,
        "final_norm": False,
        "eps": EPS,
    }


def core_model(arrays: Mapping[str, np.ndarray], sizes: Sizes, without: str = "") -> Ablated:
    """The trained model for the numeric core."""
    d_k = sizes.d_model // sizes.heads
    widths = {"d_model": sizes.d_model, "d_k": d_k, "d_v": d_k, "d_ff": sizes.d_ff}
    return Ablated(Config(**widths, **config(sizes)), vocabulary(), dict(arrays), without)  # type: ignore[arg-type]


def arrays_of(weights: Weights) -> dict[str, np.ndarray]:
    """The weights as numbers of two decimals, float64."""
    return {name: np.round(weight.numpy().astype(float), DECIMALS) + 0.0 for name, weight in weights.items()}


def model_file(arrays: Mapping[str, np.ndarray], sizes: Sizes, without: str = "") -> bytes:
    """The safetensors file: weights, and as metadata the vocabulary and the configuration, with the part left out."""
    left_out = {"without": without} if without else {}
    metadata = {
        "config": json.dumps(config(sizes) | left_out),
        "vocabulary": json.dumps(vocabulary(), ensure_ascii=False),
    }
    return sorted_header(save({name: np.ascontiguousarray(array) for name, array in arrays.items()}, metadata))


def sorted_header(content: bytes) -> bytes:
    """The same safetensors file with its header in order: the library writes metadata in a random one.

    The file is the header's length (8 bytes, little-endian), the header (JSON, padded with spaces), the numbers.
    """
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.dumps(
        json.loads(content[8:start]), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    ).encode()
    header += b" " * (-len(header) % 8)
    return len(header).to_bytes(8, "little") + header + content[start:]


def only_one_thread() -> None:
    """One core, and the same numbers every time."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the small translator and write its model file.")
    parser.add_argument("--file", type=Path, default=FILE, help="the model file to write")
    parser.add_argument("--seed", type=int, default=Training.seed, help="of the first weights and the order of lessons")
    options = parser.parse_args()
    only_one_thread()
    sizes = Sizes(vocabulary=len(vocabulary()))
    arrays = arrays_of(train(sizes, Training(seed=options.seed), lessons()))
    for line in report(core_model(arrays, sizes)):
        print(line)
    content = model_file(arrays, sizes)
    options.file.write_bytes(content)
    print(f"{options.file.name}: {len(content)} bytes, sha256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
