"""Train the small translator of `assets/models`, and write its model file.

    pip install torch==2.13.0 safetensors numpy
    python -m tools.train_translator

The model is the Transformer of Vaswani et al. 2017 ("Attention Is All You Need"), small: sinusoidal positions,
embeddings scaled by √d_model, post-norm, ReLU, one embedding shared by encoder, decoder and output projection, no
biases in attention. It is trained on the sentences of tools/translator_grammar.py in both directions; the language of
the source tells the direction. All weights end as numbers of two decimals: the last part of the training computes
with rounded weights and passes the gradients on to the unrounded ones (straight-through: Bengio, Léonard and
Courville 2013, "Estimating or Propagating Gradients Through Stochastic Neurons"). The cross-attention is guided a
little towards the words that say the same, as the grammar knows them, so that it can be read as an alignment (Chen et
al. 2016, "Guided Alignment Training for Topic-Aware Neural Machine Translation").

Run again on the same machine, it writes the same file bit for bit.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save
from torch import Tensor
from torch.nn.functional import cross_entropy, layer_norm

from tools.translator_grammar import END, LONGEST, START, Pair, held_out_pairs, training_pairs, vocabulary

FILE = Path(__file__).resolve().parents[1] / "assets" / "models" / "translator.safetensors"
DECIMALS = 2
LARGEST_WEIGHT = 3.0
EPS = 1e-5

Weights = dict[str, Tensor]


@dataclass(frozen=True)
class Sizes:
    vocabulary: int
    d_model: int = 8
    heads: int = 2
    layers: int = 1
    d_ff: int = 16


@dataclass(frozen=True)
class Training:
    """How to train: steps with unrounded weights, then steps with rounded ones.

    guidance: how much misplaced cross-attention counts; decay: how much the squares of the weights count,
    all but the scales of layer norm.
    """

    seed: int = 3
    steps: int = 2000
    rounded_steps: int = 1000
    batch: int = 128
    rate: float = 0.01
    warm_up: int = 200
    guidance: float = 0.15
    decay: float = 1e-4


@dataclass(frozen=True)
class Sentences:
    """Sentences to translate, as ids: sources (sentences, LONGEST), targets after [START] and targets before [END],
    both (sentences, LONGEST + 1); linked (sentences, LONGEST + 1, LONGEST): 1 where the target word at a place says
    the same as the source word at another.
    """

    source: Tensor
    target: Tensor
    expected: Tensor
    linked: Tensor

    def chosen(self, rows: Tensor) -> Sentences:
        return Sentences(self.source[rows], self.target[rows], self.expected[rows], self.linked[rows])

    def __add__(self, other: Sentences) -> Sentences:
        names = ("source", "target", "expected", "linked")
        return Sentences(*(torch.cat([getattr(self, name), getattr(other, name)]) for name in names))


def sentences(pairs: Sequence[Pair], *, chinese_first: bool) -> Sentences:
    """The pairs in one direction."""
    places = {word: place for place, word in enumerate(vocabulary())}
    linked = torch.zeros(len(pairs), LONGEST + 1, LONGEST, dtype=torch.float64)
    sources, targets = [], []
    for row, pair in enumerate(pairs):
        source, target = (pair.chinese, pair.english) if chinese_first else (pair.english, pair.chinese)
        sources.append([places[word] for word in source] + [0] * (LONGEST - len(source)))
        targets.append([places[word] for word in (START, *target, END)] + [0] * (LONGEST - len(target)))
        for chinese, english in pair.links:
            linked[row, english if chinese_first else chinese, chinese if chinese_first else english] = 1
    table = torch.tensor(targets)  # (sentences, LONGEST + 2)
    said = table[:, :-1].masked_fill(table[:, 1:] == 0, 0)  # [END] is not read
    return Sentences(torch.tensor(sources), said, table[:, 1:], linked)


def drawn_weights(sizes: Sizes, generator: torch.Generator) -> Weights:
    """Weights before training, named as the tensors of the model file."""
    d_model = sizes.d_model

    def matrix(rows: int, columns: int) -> Tensor:
        limit = math.sqrt(6 / (rows + columns))
        return (2 * torch.rand(rows, columns, generator=generator, dtype=torch.float64) - 1) * limit

    embedding = torch.randn(sizes.vocabulary, d_model, generator=generator, dtype=torch.float64) / math.sqrt(d_model)
    weights: Weights = {"embedding": embedding}
    for layer in range(1, sizes.layers + 1):
        for stack, attentions in (("encoder", ["self"]), ("decoder", ["self", "cross"])):
            for attention in attentions:
                for name in ("w_q", "w_k", "w_v", "w_o"):
                    weights[f"{stack}.{layer}.{attention}_attention.{name}"] = matrix(d_model, d_model)
            feed_forward = f"{stack}.{layer}.feed_forward"
            weights[f"{feed_forward}.w_1"] = matrix(d_model, sizes.d_ff)
            weights[f"{feed_forward}.b_1"] = torch.zeros(sizes.d_ff, dtype=torch.float64)
            weights[f"{feed_forward}.w_2"] = matrix(sizes.d_ff, d_model)
            weights[f"{feed_forward}.b_2"] = torch.zeros(d_model, dtype=torch.float64)
            for norm in range(1, len(attentions) + 2):
                weights[f"{stack}.{layer}.norm_{norm}.scale"] = torch.ones(d_model, dtype=torch.float64)
                weights[f"{stack}.{layer}.norm_{norm}.shift"] = torch.zeros(d_model, dtype=torch.float64)
    weights["embedding"][0] = 0  # [PAD]
    return weights


def positions(count: int, d_model: int) -> Tensor:
    """Sinusoidal positions (Vaswani et al. 2017, section 3.5): (count, d_model)."""
    angles = torch.arange(count, dtype=torch.float64)[:, None] / 10000 ** (
        torch.arange(0, d_model, 2, dtype=torch.float64) / d_model
    )
    return torch.stack([angles.sin(), angles.cos()], dim=-1).reshape(count, d_model)


class Transformer:
    """Encoder and decoder over a batch of sentences, in plain tensor operations."""

    def __init__(self, weights: Weights, sizes: Sizes) -> None:
        self.weights = weights
        self.sizes = sizes
        self.positions = positions(LONGEST + 1, sizes.d_model)
        self.cross_attention = torch.empty(0)  # the last layer's weights, (sentences, heads, queries, keys)

    def _input(self, ids: Tensor) -> Tensor:
        embedded = self.weights["embedding"][ids]  # (sentences, tokens, d_model)
        return embedded * math.sqrt(self.sizes.d_model) + self.positions[: ids.shape[1]]

    def _split(self, rows: Tensor) -> Tensor:
        """(sentences, tokens, d_model) → (sentences, heads, tokens, d_k)."""
        sentences, tokens, _ = rows.shape
        return rows.reshape(sentences, tokens, self.sizes.heads, -1).transpose(1, 2)

    def _attention(self, name: str, x: Tensor, keys: Tensor, mask: Tensor) -> Tensor:
        w_q, w_k, w_v, w_o = (self.weights[f"{name}.{part}"] for part in ("w_q", "w_k", "w_v", "w_o"))
        q, k, v = self._split(x @ w_q), self._split(keys @ w_k), self._split(keys @ w_v)
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])  # (sentences, heads, queries, keys)
        weights = (scores + mask).softmax(dim=-1)
        if name.endswith("cross_attention"):
            self.cross_attention = weights
        return (weights @ v).transpose(1, 2).flatten(2) @ w_o

    def _feed_forward(self, name: str, x: Tensor) -> Tensor:
        w_1, b_1, w_2, b_2 = (self.weights[f"{name}.{part}"] for part in ("w_1", "b_1", "w_2", "b_2"))
        return (x @ w_1 + b_1).relu() @ w_2 + b_2

    def _norm(self, name: str, x: Tensor) -> Tensor:
        return layer_norm(x, x.shape[-1:], self.weights[f"{name}.scale"], self.weights[f"{name}.shift"], EPS)

    def encode(self, source: Tensor) -> Tensor:
        """The memory: (sentences, tokens, d_model)."""
        mask = padding_mask(source)
        x = self._input(source)
        for layer in range(1, self.sizes.layers + 1):
            name = f"encoder.{layer}"
            x = self._norm(f"{name}.norm_1", x + self._attention(f"{name}.self_attention", x, x, mask))
            x = self._norm(f"{name}.norm_2", x + self._feed_forward(f"{name}.feed_forward", x))
        return x

    def decode(self, target: Tensor, memory: Tensor, source: Tensor) -> Tensor:
        """The logits of the words that follow: (sentences, tokens, vocabulary)."""
        length = target.shape[1]
        causal = torch.full((length, length), -math.inf, dtype=torch.float64).triu(1)
        padding = padding_mask(source)
        x = self._input(target)
        for layer in range(1, self.sizes.layers + 1):
            name = f"decoder.{layer}"
            x = self._norm(f"{name}.norm_1", x + self._attention(f"{name}.self_attention", x, x, causal))
            x = self._norm(f"{name}.norm_2", x + self._attention(f"{name}.cross_attention", x, memory, padding))
            x = self._norm(f"{name}.norm_3", x + self._feed_forward(f"{name}.feed_forward", x))
        return x @ self.weights["embedding"].T

    def logits(self, source: Tensor, target: Tensor) -> Tensor:
        return self.decode(target, self.encode(source), source)

    def linked_weights(self, batch: Sentences) -> Tensor:
        """The cross-attention's weight on the words that a target word says, (target words, heads), after `logits`."""
        on_linked = (self.cross_attention * batch.linked[:, None]).sum(dim=-1).transpose(1, 2)  # (…, queries, heads)
        return on_linked[batch.linked.any(dim=-1)]


def padding_mask(source: Tensor) -> Tensor:
    """0 or −∞ for every key: (sentences, 1, 1, keys)."""
    return torch.zeros(source.shape, dtype=torch.float64).masked_fill(source == 0, -math.inf)[:, None, None, :]


def rounded(weight: Tensor) -> Tensor:
    """The weight with few decimals; its gradient is that of the unrounded weight."""
    nearest = (weight.detach() * 10**DECIMALS).round() / 10**DECIMALS
    return weight + (nearest - weight.detach())


def lesson_loss(weights: Weights, sizes: Sizes, training: Training, batch: Sentences) -> Tensor:
    """What the training makes small: cross-entropy, and a little of misplaced cross-attention and of large weights."""
    model = Transformer(weights, sizes)
    logits = model.logits(batch.source, batch.target)
    loss = cross_entropy(logits.flatten(0, 1), batch.expected.flatten(), ignore_index=0)
    misplaced = -model.linked_weights(batch).mean(dim=1).log().mean()
    squares = sum((weight**2).sum() for name, weight in weights.items() if not name.endswith(".scale"))
    return loss + training.guidance * misplaced + training.decay * squares


def train(sizes: Sizes, training: Training, data: Sentences) -> Weights:
    """The trained weights, rounded."""
    generator = torch.Generator().manual_seed(training.seed)
    weights = drawn_weights(sizes, generator)
    optimizer = torch.optim.Adam([weight.requires_grad_() for weight in weights.values()], betas=(0.9, 0.98), eps=1e-9)
    total = training.steps + training.rounded_steps
    for step in range(total):
        warm_up = min(1.0, (step + 1) / training.warm_up)
        optimizer.param_groups[0]["lr"] = training.rate * warm_up * (1 + math.cos(math.pi * step / total)) / 2
        batch = data.chosen(torch.randint(len(data.source), (training.batch,), generator=generator))
        used = weights if step < training.steps else {name: rounded(weight) for name, weight in weights.items()}
        loss = lesson_loss(used, sizes, training, batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            weights["embedding"][0] = 0  # [PAD]
            for weight in weights.values():
                weight.clamp_(-LARGEST_WEIGHT, LARGEST_WEIGHT)
        if step % 500 == 0 or step == total - 1:
            print(f"step {step:5}  loss {loss.item():.5f}", flush=True)
    return {name: rounded(weight.detach()) for name, weight in weights.items()}


@torch.no_grad()
def greedy(model: Transformer, source: Tensor) -> list[str]:
    """The translations, said word by word, always the likeliest, until [END]."""
    words = vocabulary()
    memory = model.encode(source)
    said = torch.full((len(source), 1), words.index(START))
    for _ in range(LONGEST + 1):
        likeliest = model.decode(said, memory, source)[:, -1].argmax(dim=-1)
        said = torch.cat([said, likeliest[:, None]], dim=1)
    return [" ".join(words[place] for place in row).split(f" {END}")[0] for row in said[:, 1:].tolist()]


@torch.no_grad()
def report(model: Transformer, pairs: Sequence[Pair], *, chinese_first: bool) -> str:
    """How many sentences are translated word for word, which are not, how sure it is, and where it looks."""
    data = sentences(pairs, chinese_first=chinese_first)
    texts = [(" ".join(pair.chinese), " ".join(pair.english))[:: 1 if chinese_first else -1] for pair in pairs]
    faults = [
        f"\n    {source} → {said}, not {right}"
        for (source, right), said in zip(texts, greedy(model, data.source), strict=True)
        if said != right
    ]
    probabilities = model.logits(data.source, data.target).softmax(dim=-1)
    sure = probabilities.gather(-1, data.expected[..., None])[..., 0][data.expected != 0]
    linked = model.linked_weights(data).mean(dim=1)
    return (
        f"{len(pairs) - len(faults)} of {len(pairs)}; probability of the right word: mean {sure.mean():.3f}, least "
        f"{sure.min():.3f}; attention on the words it says: mean {linked.mean():.3f}, most of it for "
        f"{(linked > 0.5).double().mean():.1%} of the words" + "".join(faults)
    )


def model_file(weights: Weights, sizes: Sizes) -> bytes:
    """The safetensors file: weights in float64, vocabulary and configuration as metadata."""
    config = {
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
    arrays = {name: np.ascontiguousarray(weight.numpy()) + 0.0 for name, weight in weights.items()}
    metadata = {"config": json.dumps(config), "vocabulary": json.dumps(vocabulary(), ensure_ascii=False)}
    return sorted_header(save(arrays, metadata))


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


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the small translator and write its model file.")
    parser.add_argument("--file", type=Path, default=FILE, help="the model file to write")
    parser.add_argument("--seed", type=int, default=Training.seed, help="of the first weights and the order of lessons")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    sizes = Sizes(vocabulary=len(vocabulary()))
    lessons = sentences(training_pairs(), chinese_first=True) + sentences(training_pairs(), chinese_first=False)
    weights = train(sizes, Training(seed=options.seed), lessons)
    model = Transformer(weights, sizes)
    for chinese_first in (True, False):
        direction = "zh → en" if chinese_first else "en → zh"
        print(f"{direction}, held out: {report(model, held_out_pairs(), chinese_first=chinese_first)}")
        print(f"{direction}, trained on: {report(model, training_pairs(), chinese_first=chinese_first)}")
    count = sum(weight.numel() for weight in weights.values())
    print(f"{count} weights, the largest {max(weight.abs().max().item() for weight in weights.values())}")
    content = model_file(weights, sizes)
    options.file.write_bytes(content)
    print(f"{options.file.name}: {len(content)} bytes, sha256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
