"""The names of the parts of the model's figure: kinds, hues, labels, and sizes of words."""

from __future__ import annotations

HUES = {
    "embedding": "x",
    "positions": "x",
    "self_attention": "scores",
    "cross_attention": "scores",
    "add_norm": "mask",
    "final_norm": "mask",
    "feed_forward": "learned",
    "memory": "v",
    "linear": "output",
    "softmax": "output",
}
RANKS = {
    **dict.fromkeys(("tokens", "probabilities", "result"), "text"),
    **dict.fromkeys(("add_norm", "final_norm", "positions"), "norm"),
    **dict.fromkeys(("embedding", "memory", "linear", "softmax"), "low"),
}
SHARES = {"text": 0.9, "norm": 0.85, "low": 0.7, "block": 0.66}  # font size by the height of the part


def rank_of(name: str) -> str:
    """Parts of one rank have words of one size."""
    return RANKS.get(kind_of(name), "block")


def kind_of(name: str) -> str:
    """`decoder.add_norm_2` is an `add_norm`."""
    last = name.rpartition(".")[2]
    return last.rstrip("123").rstrip("_") if last[-1].isdigit() else last


def label_key(name: str, norm: str = "post") -> str:
    """The key of a part's label among the texts: masked attention and the two sentences have their own."""
    special = {"decoder.self_attention": "masked_attention", "target.tokens": "target", "source.tokens": "source"}
    kind = special.get(name, kind_of(name))
    return "figure_norm" if kind == "final_norm" or (kind == "add_norm" and norm == "pre") else f"figure_{kind}"
