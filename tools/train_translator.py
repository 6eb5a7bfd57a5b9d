"""Train the small translator of `assets/models`, and write its model file.

    pip install torch==2.13.0 safetensors numpy
    python -m tools.train_translator

The model is the Transformer of Vaswani et al. 2017 ("Attention Is All You Need"), small: sinusoidal positions,
embeddings scaled by √d_model, post-norm, ReLU, one embedding shared by encoder, decoder and output projection, no
biases in attention. It is trained on the sentences of tools/translator_grammar.py in both directions; the language of
the source tells the direction. All weights end as numbers of two decimals: the last part of the training computes
with rounded weights and passes the gradients on to the unrounded ones (straight-through: Bengio, Léonard and
Courville 2013, "Estimating or Propagating Gradients Through Stochastic Neurons").

Run again on the same machine, it writes the same file bit for bit.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save
from torch import Tensor
from torch.nn.functional import cross_entropy, layer_norm

from tools.translator_grammar import END, LONGEST, PAD, START, Links, held_out_pairs, training_pairs, vocabulary

FILE = Path(__file__).resolve().parents[1] / "assets" / "models" / "translator.safetensors"
DECIMALS = 2
LARGEST_WEIGHT = 3.0
EPS = 1e-5
SMALLEST_RATE = 1e-5

Weights = dict[str, Tensor]


@dataclass(frozen=True)
class Sizes:
    d_model: int
    heads: int
    layers: int
    d_ff: int
    vocabulary: int


@dataclass(frozen=True)
class Training:
    seed: int
    steps: int
    rounded_steps: int
    batch: int
    rate: float


@dataclass(frozen=True)
class Sentences:
    """Sentences to translate, in numbers: ids of sources, of targets after [START], and of targets before [END]."""

    source: Tensor  # (sentences, LONGEST)
    target: Tensor  # (sentences, LONGEST + 1)
    expected: Tensor  # (sentences, LONGEST + 1)
    words: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    links: tuple[Links, ...]  # (source place, target place)

    def __len__(self) -> int:
        return len(self.words)


def sentences(pairs: Sequence, *, chinese_first: bool) -> Sentences:
    """The pairs in one direction."""
    ids = {word: place for place, word in enumerate(vocabulary())}
    words = tuple((pair.chinese, pair.english) if chinese_first else (pair.english, pair.chinese) for pair in pairs)
    links = tuple(
        pair.links if chinese_first else tuple((english, chinese) for chinese, english in pair.links) for pair in pairs
    )

    def table(rows: Sequence[tuple[str, ...]], width: int) -> Tensor:
        return torch.tensor([[ids[word] for word in (*row, *[PAD] * (width - len(row)))] for row in rows])

    return Sentences(
        table([source for source, _ in words], LONGEST),
        table([(START, *target) for _, target in words], LONGEST + 1),
        table([(*target, END) for _, target in words], LONGEST + 1),
        words,
        links,
    )


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
        self.attention_weights: dict[str, Tensor] = {}

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
        self.attention_weights[name] = weights
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


def padding_mask(source: Tensor) -> Tensor:
    """0 or −∞ for every key: (sentences, 1, 1, keys)."""
    return torch.zeros(source.shape, dtype=torch.float64).masked_fill(source == 0, -math.inf)[:, None, None, :]


def rounded(weight: Tensor) -> Tensor:
    """The weight with few decimals; its gradient is that of the unrounded weight."""
    nearest = (weight.detach() * 10**DECIMALS).round() / 10**DECIMALS
    return weight + (nearest - weight.detach())


def train(sizes: Sizes, training: Training, data: Sequence[Sentences]) -> Weights:
    """The trained weights, rounded."""
    generator = torch.Generator().manual_seed(training.seed)
    weights = drawn_weights(sizes, generator)
    weights["embedding"][0] = 0  # [PAD]
    for weight in weights.values():
        weight.requires_grad_()
    optimizer = torch.optim.Adam(list(weights.values()), lr=training.rate, betas=(0.9, 0.98), eps=1e-9)
    source, target, expected = (
        torch.cat([getattr(part, name) for part in data]) for name in ("source", "target", "expected")
    )
    total = training.steps + training.rounded_steps
    for step in range(total):
        warm_up = min(1.0, (step + 1) / 200)
        decay = (1 + math.cos(math.pi * step / total)) / 2
        for group in optimizer.param_groups:
            group["lr"] = SMALLEST_RATE + training.rate * warm_up * decay
        chosen = torch.randint(len(source), (training.batch,), generator=generator)
        used = {name: rounded(weight) if step >= training.steps else weight for name, weight in weights.items()}
        logits = Transformer(used, sizes).logits(source[chosen], target[chosen])
        loss = cross_entropy(logits.flatten(0, 1), expected[chosen].flatten(), ignore_index=0)
        optimizer.zero_grad()
        loss.backward()
        weights["embedding"].grad[0] = 0
        optimizer.step()
        with torch.no_grad():
            for weight in weights.values():
                weight.clamp_(-LARGEST_WEIGHT, LARGEST_WEIGHT)
        if step % 1000 == 0 or step == total - 1:
            print(f"step {step:6}  loss {loss.item():.5f}", flush=True)
    return {name: (weight.detach() * 10**DECIMALS).round() / 10**DECIMALS for name, weight in weights.items()}


@torch.no_grad()
def greedy(model: Transformer, source: Tensor) -> list[list[str]]:
    """The most probable word after word, until [END]."""
    words = vocabulary()
    memory = model.encode(source)
    said = torch.full((len(source), 1), words.index(START))
    for _ in range(LONGEST + 1):
        best = model.decode(said, memory, source)[:, -1].argmax(dim=-1)
        said = torch.cat([said, best[:, None]], dim=1)
        if said.shape[1] > LONGEST + 1:
            break
    translations = [[words[number] for number in row] for row in said[:, 1:].tolist()]
    return [row[: row.index(END)] if END in row else [*row, "…"] for row in translations]


def wrong(model: Transformer, data: Sentences) -> list[str]:
    """The sentences that are not translated word for word."""
    return [
        f"{' '.join(source)} → {' '.join(said)}, not {' '.join(target)}"
        for said, (source, target) in zip(greedy(model, data.source), data.words, strict=True)
        if tuple(said) != target
    ]


@torch.no_grad()
def alignment(model: Transformer, data: Sentences) -> tuple[float, float, float]:
    """How well the last layer's cross-attention points from a word being said to the words it translates.

    Over all words: the mean weight on the words it translates (mean of the heads; better head), and how often the
    mean of the heads has its largest weight on one of them.
    """
    model.logits(data.source, data.target)
    weights = model.attention_weights[f"decoder.{model.sizes.layers}.cross_attention"]  # (sentences, heads, q, k)
    linked = torch.zeros(len(data), LONGEST + 1, LONGEST, dtype=torch.float64)
    for row, links in enumerate(data.links):
        for source_place, target_place in links:
            linked[row, target_place, source_place] = 1
    words = linked.sum(-1) > 0
    on_linked = (weights * linked[:, None]).sum(-1)  # (sentences, heads, queries)
    peak = weights.mean(1).argmax(-1, keepdim=True)
    return (
        on_linked.mean(1)[words].mean().item(),
        max(on_linked[:, head][words].mean().item() for head in range(model.sizes.heads)),
        linked.gather(-1, peak)[..., 0][words].mean().item(),
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
    parser = argparse.ArgumentParser(description="Train the small translator.")
    parser.add_argument("--file", type=Path, default=FILE)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--d-model", type=int, default=8)
    parser.add_argument("--layers", type=int, default=1)
    parser.add_argument("--d-ff", type=int, default=32)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--rounded-steps", type=int, default=1000)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=0.01)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    sizes = Sizes(options.d_model, 2, options.layers, options.d_ff, len(vocabulary()))
    training = Training(options.seed, options.steps, options.rounded_steps, options.batch, options.rate)
    began = time.monotonic()
    data = [sentences(training_pairs(), chinese_first=first) for first in (True, False)]
    weights = train(sizes, training, data)
    print(f"{time.monotonic() - began:.0f} s, {sum(weight.numel() for weight in weights.values())} weights")
    print(f"largest weight {max(weight.abs().max().item() for weight in weights.values())}")
    model = Transformer(weights, sizes)
    for name, first in (("zh → en", True), ("en → zh", False)):
        for kind, pairs in (("held out", held_out_pairs()), ("training", training_pairs())):
            part = sentences(pairs, chinese_first=first)
            faults = wrong(model, part)
            print(f"{name} {kind}: {len(part) - len(faults)} of {len(part)}", *faults[:5], sep="\n    ")
            if kind == "held out":
                print("    alignment " + " ".join(f"{share:.3f}" for share in alignment(model, part)))
    content = model_file(weights, sizes)
    options.file.write_bytes(content)
    print(f"{options.file.name}: {len(content)} bytes, sha256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
