"""What today's models cost: bytes of their caches, numbers moved, parameters held and parameters used."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Parameters:
    """How many weights a network has, and how many of them one token is multiplied with."""

    total: int
    active: int


# --- the cache of keys and values -------------------------------------------------------------------------------------


def kv_bytes_per_token(layers: int, kv_heads: int, d_head: int, *, bytes_each: int = 2) -> int:
    """What one token leaves in the cache: a key and a value of d_head numbers, for each kv head of each layer.

    kv_heads: as many as heads for multi-head attention, fewer for grouped-query, 1 for multi-query.
    Source: Pope et al. (2022), "Efficiently Scaling Transformer Inference", section 3.3.
    """
    return layers * kv_heads * d_head * 2 * bytes_each


def latent_bytes_per_token(layers: int, d_latent: int, d_turned: int = 0, *, bytes_each: int = 2) -> int:
    """What one token leaves in the cache of multi-head latent attention: its latent row and its one turned key.

    Source: DeepSeek-AI (2024), "DeepSeek-V2", section 2.1.4, table 1.
    """
    return layers * (d_latent + d_turned) * bytes_each


def windowed_bytes(tokens: int, window: int, windowed: int, full: int, per_layer: int) -> int:
    """The cache of so many tokens where `windowed` layers keep the last `window` of them and `full` layers all.

    per_layer: bytes that one token leaves in one layer. Source: Gemma Team (2025), "Gemma 3", section 5.2.
    """
    return per_layer * (windowed * min(tokens, window) + full * tokens)


def windowed_layers(layers: int, windowed: int, full: int) -> tuple[int, int]:
    """How many of the layers have a window and how many none, where `windowed` such ones come before `full` others.

    Raises ValueError for a negative number or a pattern of no layer.
    """
    if min(layers, windowed, full) < 0 or windowed + full < 1:
        raise ValueError(f"found {layers} layers in a pattern of {windowed} and {full}; expected at least one of these")
    rounds, rest = divmod(layers, windowed + full)
    with_window = rounds * windowed + min(windowed, rest)
    return with_window, layers - with_window


# --- multiplications and numbers moved --------------------------------------------------------------------------------


def key_value_products(tokens: int, d_model: int, width: int, *, cached: bool) -> int:
    """The multiplications that keys and values take while so many tokens are said one by one, in one layer.

    width: kv_heads · d_head, of keys as of values. cached: each token's are made once; else at every step those of all
    tokens so far.
    """
    rows = tokens if cached else tokens * (tokens + 1) // 2
    return rows * d_model * width * 2


def textbook_traffic(queries: int, keys: int, width: int) -> int:
    """Numbers that go to and from slow memory where the scores stand whole: read or written once at each step.

    Q and K in, scores out; scores in, weights out; weights and V in, output out. width: d_k = d_v.
    Source: Dao et al. (2022), "FlashAttention", algorithm 0.
    """
    return 2 * (queries + keys) * width + 4 * queries * keys


def tiled_traffic(queries: int, keys: int, width: int, rows: int) -> int:
    """The same, tile by tile: each row of tiles reads its queries once and all keys and values, and writes its output.

    rows: queries of a tile. Source: Dao (2023), "FlashAttention-2", algorithm 1.
    """
    return 2 * queries * width + -(-queries // rows) * 2 * keys * width


# --- parameters -------------------------------------------------------------------------------------------------------


def attention_parameters(d_model: int, heads: int, kv_heads: int, d_head: int) -> int:
    """The weights of W_Q, W_K, W_V and W_O, without biases."""
    return 2 * d_model * d_head * (heads + kv_heads)


def feed_forward_parameters(d_model: int, d_ff: int, *, gated: bool = True) -> int:
    """The weights of a feed-forward network without biases: three matrices if it is gated, two if not."""
    return (3 if gated else 2) * d_model * d_ff


def expert_parameters(d_model: int, d_ff: int, experts: int, opened: int, *, gated: bool = True) -> Parameters:
    """The weights of a mixture of experts, its router among them; active are the router and the experts opened.

    Source: Jiang et al. (2024), "Mixtral of Experts", section 2.1.
    """
    each, router = feed_forward_parameters(d_model, d_ff, gated=gated), d_model * experts
    return Parameters(router + experts * each, router + opened * each)


def model_parameters(
    *, layers: int, d_model: int, vocabulary: int, attention: int, feed_forward: Parameters, tied: bool = False
) -> Parameters:
    """The weights of a decoder-only model with RMS norms: embedding and output, and in each layer attention, network
    and two norms, one norm more at the end. attention: the weights of one layer's.
    """
    around = vocabulary * d_model * (1 if tied else 2) + d_model
    each = attention + 2 * d_model
    return Parameters(
        around + layers * (each + feed_forward.total),
        around + layers * (each + feed_forward.active),
    )
