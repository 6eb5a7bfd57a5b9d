"""What each tensor of the trace is called on screen, and which hue is its."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Symbol:
    """Hue (a meaning of the theme) and name (Typst mathematics) of a tensor."""

    meaning: str
    source: str


SYMBOLS = {
    "embedding_table": Symbol("learned", "E"),
    "embedded": Symbol("x", "X"),
    "x": Symbol("x", "X"),
    "positions": Symbol("x", "P"),
    "w_q": Symbol("learned", "W_Q"),
    "w_k": Symbol("learned", "W_K"),
    "w_v": Symbol("learned", "W_V"),
    "w_o": Symbol("learned", "W_O"),
    "b_q": Symbol("learned", "b_Q"),
    "b_k": Symbol("learned", "b_K"),
    "b_v": Symbol("learned", "b_V"),
    "q": Symbol("q", "Q"),
    "k": Symbol("k", "K"),
    "v": Symbol("v", "V"),
    "k_transposed": Symbol("k", "K^top"),
    "scores": Symbol("scores", "Q K^top"),
    "scaled_scores": Symbol("scores", "Q K^top slash sqrt(d_k)"),
    "mask": Symbol("mask", "M"),
    "masked_scores": Symbol("scores", "Q K^top slash sqrt(d_k) + M"),
    "weights": Symbol("weights", "A"),
    "unmasked_weights": Symbol("weights", "A"),
    "late_mask_weights": Symbol("weights", "A"),
    "context": Symbol("output", "Z"),
    "concat": Symbol("output", "Z"),
    "multi_head_output": Symbol("output", "O"),
    "contributions": Symbol("output", "O_i"),
    "input": Symbol("x", "X"),
    "w_1": Symbol("learned", "W_1"),
    "w_2": Symbol("learned", "W_2"),
    "hidden": Symbol("output", "H"),
    "output": Symbol("output", "Y"),
    "w": Symbol("learned", "W"),
    "logits": Symbol("scores", "Z"),
}


def symbol_of(tensor: str) -> Symbol:
    """The symbol of a tensor, by the last part of its name: `heads.q` is a `q`, and so is a product before its bias."""
    return SYMBOLS[tensor.rpartition(".")[2].removesuffix("_product")]
