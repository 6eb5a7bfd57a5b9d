"""Texts about example files: the template that a new one starts from, and the summary of a checked one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from core.examples.completed_model import model_vocabulary
from core.examples.fields import LONGEST_TITLE
from core.model.decoding import MOST_STEPS
from core.model.special_tokens import PAD

if TYPE_CHECKING:
    from core.examples.example import Example

MOST_NUMBERS = 400

_SENTENCES = {"en": "The robot stopped because it overheated", "zh": "机器人过热了"}

_TEMPLATE_EN = """\
# An example for Attention in Motion. Only the sentence is needed: every line that begins with # is a comment,
# and a field left out takes the default named beside it. Take the # away to use a field.

# The title on the title card: one text, or one for each language.   Default: the sentence.
title = {title}
# title = {{ en = "A robot", zh = "机器人" }}

# The words. A sentence is split at its spaces (Chinese without spaces: into characters). 1 to 16 tokens.
sentence = {sentence}
# Or the tokens themselves:
# tokens = ["The", "robot", "over", "heated"]
# Or up to 6 sentences, a batch; shorter ones get [PAD] at their end. `show` says which is the main one. Default: 1.
# sentences = ["The robot stopped", "It overheated"]
# show = 1

# Sizes. d_model: numbers for each token, 2 to 512.   Default: 4, or as wide as the matrices you give.
# d_model = 4
# Heads.   Default: 2 (1 if d_model is odd). Unless d_k and d_v are given, d_model must be a multiple of it.
# heads = 2
# Numbers for each query and key, and for each value, in one head.   Default: d_model / heads.
# d_k = 2
# d_v = 2

# Decimals that are shown, 0 to 4.   Default: 2.
# decimals = 2

# Who may look at whom: "none", "padding", "causal" or "both", or a matrix with a row for each token
# (query) and a column for each token (key), 1 = may look, 0 = may not.   Default: "none".
# mask = "causal"

# Whether sinusoidal positions are added to the embeddings.   Default: false.
# positions = true

# The name of the seed from which all numbers are drawn that are not given.   Default: "attention".
# seed = "attention"

# What the decoder is to say, a sentence or a list of tokens.   Default: the sentence itself; with a trained model, what
# the model makes of the sentence.
# target = "Overheating made it stop"

# Embeddings: a row of d_model numbers for each word (also for "[PAD]", else it is zero), or a matrix with a row
# for each different word in order of appearance.   Default: drawn from the seed.
# [embeddings]
# The = [0.5, 0, -1, 1]
# robot = [1, 0.5, 0, -0.5]

# Weights: matrices for row vectors, Q = X W_Q.   Default: drawn from the seed, each by itself; no biases.
# w_q, w_k: d_model rows, heads × d_k columns; w_v: d_model rows, heads × d_v columns;
# w_o: heads × d_v rows, d_model columns; b_q, b_k, b_v, b_o: as many numbers as their matrix has columns.
# [weights]
# w_q = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]
# Or from a file beside this one, with arrays of these names (and `embeddings`):
# file = "weights.safetensors"

# The Transformer around the attention: its first layer attends with the weights above, the rest is drawn from the seed.
# layers: of the encoder and of the decoder, 1 to 6.   Default: 2.
# d_ff: width of the feed-forward network, 1 to 2048.   Default: 2 × d_model; 4 × above d_model 16, up to 1024.
# norm: "post" (after each sum, as in the paper) or "pre"; activation: "relu", "gelu" or "gelu_tanh";
# kind: "encoder-decoder" or "decoder-only".   Default: the first of each.
# [model]
# layers = 2
# d_ff = 8
# norm = "post"
# activation = "relu"
# kind = "encoder-decoder"
# Or a trained model, a shipped one or a file beside this one. It brings its sizes, weights and words: d_model, heads,
# d_k, d_v, positions, embeddings, weights and the fields above are left out, and the sentence is of its words.
# file = "translator"
"""

_TEMPLATE_ZH = """\
# “动起来的注意力”的一个例子。只有句子是必需的：以 # 开头的行是注释，
# 省略的字段取旁边写明的默认值。去掉 # 即可使用该字段。

# 片头的标题：一段文字，或每种语言一段。   默认：句子本身。
title = {title}
# title = {{ en = "A robot", zh = "机器人" }}

# 词。句子按空格切分（没有空格的中文按字切分），1 到 16 个词元。
sentence = {sentence}
# 或者直接给出词元：
# tokens = ["机器人", "过热", "了"]
# 或者一批最多 6 个句子，较短的在末尾补 [PAD]；show 指明哪一句是主句。   默认：1。
# sentences = ["机器人停了", "它过热了"]
# show = 1

# 大小。d_model：每个词元的数字个数，2 到 512。   默认：4，或与所给矩阵的宽度相同。
# d_model = 4
# 头数。   默认：2（d_model 为奇数时为 1）。若不给出 d_k 和 d_v，d_model 必须是头数的倍数。
# heads = 2
# 每个头中查询和键的长度，以及值的长度。   默认：d_model / heads。
# d_k = 2
# d_v = 2

# 显示的小数位数，0 到 4。   默认：2。
# decimals = 2

# 谁可以看谁："none"（无）、"padding"（填充）、"causal"（因果）、"both"（两者），或一个矩阵：
# 每个词元（查询）一行，每个词元（键）一列，1 = 可以看，0 = 不可以。   默认："none"。
# mask = "causal"

# 是否把正弦位置编码加到嵌入上。   默认：false（否）。
# positions = true

# 种子的名字；没有给出的数字都由它生成。   默认："attention"。
# seed = "attention"

# 解码器要说的话：一个句子或一组词元。   默认：句子本身；若用训练好的模型，则是模型自己的译文。
# target = "过热使它停下"

# 嵌入：每个词一行 d_model 个数字（也可以给 "[PAD]"，否则为零），
# 或一个矩阵，按出现顺序每个不同的词一行。   默认：由种子生成。
# [embeddings]
# "机" = [0.5, 0, -1, 1]
# "器" = [1, 0.5, 0, -0.5]

# 权重：用于行向量的矩阵，Q = X W_Q。   默认：各自由种子生成；没有偏置。
# w_q、w_k：d_model 行，heads × d_k 列；w_v：d_model 行，heads × d_v 列；
# w_o：heads × d_v 行，d_model 列；b_q、b_k、b_v、b_o：与相应矩阵的列数相同。
# [weights]
# w_q = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]
# 或者取自旁边的文件，其中的数组用这些名字（以及 embeddings）：
# file = "weights.safetensors"

# 注意力外面的整个 Transformer：第一层用上面的权重，其余由种子生成。
# layers：编码器和解码器各有几层，1 到 6。   默认：2。   d_ff：前馈网络的宽度，1 到 2048。
# 默认：2 × d_model；d_model 超过 16 时为 4 × d_model，最多 1024。   norm："post"（相加之后，与论文一致）或 "pre"。
# activation："relu"、"gelu" 或 "gelu_tanh"。   kind："encoder-decoder" 或 "decoder-only"。   默认：各取第一个。
# [model]
# layers = 2
# d_ff = 8
# norm = "post"
# activation = "relu"
# kind = "encoder-decoder"
# 或者用训练好的模型：自带的，或旁边的文件。它自带大小、权重和词汇：d_model、heads、d_k、d_v、positions、
# embeddings、weights 和上面的字段都不写，句子只能用它的词。
# file = "translator"
"""

_TEMPLATES = {"en": _TEMPLATE_EN, "zh": _TEMPLATE_ZH}


def template(name: str, language: str = "en") -> str:
    """A new example file, valid as it stands, in which a comment explains every field and its default.

    Raises ValueError for a language other than `en` and `zh`.
    """
    if language not in _TEMPLATES:
        raise ValueError(f"language: found '{language}'; allowed: {', '.join(_TEMPLATES)}")
    title = "".join(char for char in name if char.isprintable()).strip()[:LONGEST_TITLE].strip()
    sentence = _SENTENCES[language]
    return _TEMPLATES[language].format(title=_toml(title or sentence), sentence=_toml(sentence))


def _toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def summary(example: Example, most_numbers: int = MOST_NUMBERS) -> str:
    """What a film of the example would show: tokens, sizes, masks and each chapter's matrices.

    most_numbers: a matrix of more cells than this is drawn as a heat map.
    """
    facts = [
        ("Title", " / ".join(dict.fromkeys(example.titles.values()))),
        ("Tokens", f"{len(example.tokens)}: {' · '.join(example.tokens)}"),
        *([("Batch", _batch(example))] if len(example.batch) > 1 else []),
        ("Sizes", _sizes(example)),
        ("Numbers", f"{example.decimals} decimals, {_origin(example)}"),
        ("Mask", _mask(example)),
        ("Positions", _positions(example)),
        ("Target", _target(example)),
        ("Model", _model(example)),
    ]
    lines = [f"{label:<10} {text}" for label, text in facts]
    lines += ["Chapters", *(f"  {name:<19} {what}" for name, what in _chapters(example, most_numbers))]
    return "\n".join(lines)


def _batch(example: Example) -> str:
    lengths = ", ".join(str(len(sentence)) for sentence in example.batch)
    return f"{len(example.batch)} sentences of {lengths} tokens; sentence {example.show + 1} is the main one"


def _sizes(example: Example) -> str:
    heads = f"{example.heads} head" + ("s" if example.heads > 1 else "")
    return f"d_model {example.d_model}, {heads}, d_k {example.d_k} and d_v {example.d_v} in each"


def _positions(example: Example) -> str:
    kind = example.config.positions
    return "none added" if kind == "none" else f"{kind}, added to the embeddings"


def _target(example: Example) -> str:
    tokens = " · ".join(example.target)
    return f"{len(example.target)}: {tokens}" if example.target else "none: the model only reads the sentence"


def _model(example: Example) -> str:
    config = example.config
    parts = ("encoder and decoder" if config.has_encoder else "decoder only", f"{config.layers} layer")
    origin = "trained, from its file" if example.loaded else "completed from the seed"
    return (
        f"{parts[0]}, {parts[1]}{'s' * (config.layers > 1)}, d_ff {config.d_ff}, {config.norm}-norm, "
        f"{config.activation}, {len(model_vocabulary(example))} words; {origin}"
    )


def _origin(example: Example) -> str:
    if example.loaded is not None:
        return "all of the trained model"
    if not example.drawn:
        return "all as given"
    return f"{', '.join(example.drawn)} drawn from the seed '{example.seed}'"


def _mask(example: Example) -> str:
    meanings = {
        "none": "none: every token looks at every token",
        "padding": f"padding: nobody looks at {PAD}",
        "causal": "causal: a token looks at itself and what comes before it",
        "both": f"padding and causal: nobody looks at {PAD} nor ahead",
        "literal": "as given, token by token",
    }
    padded = f"; the main sentence gets {example.length - len(example.tokens)} {PAD}" if example.padded else ""
    return meanings[example.mask] + padded


def _chapters(example: Example, most_numbers: int) -> list[tuple[str, str]]:
    rows, model = len(example.rows), example.d_model
    keys, values = example.heads * example.d_k, example.heads * example.d_v
    batch = max(2, example.length)

    def matrix(name: str, height: int, width: int) -> str:
        return f"{name} {height} × {width}" + (" as a heat map" if height * width > most_numbers else "")

    square = matrix("weights", rows, rows)
    kinds = (("W_Q", keys), ("W_K", keys), ("W_V", values))
    attention = [
        ("tokens", f"{matrix('embeddings', len(example.vocabulary), model)}, {matrix('X', rows, model)}"),
        ("qkv", ", ".join(matrix(name, model, width) for name, width in kinds)),
        ("scores", f"{matrix('Q', rows, keys)}, {matrix('Kᵀ', keys, rows)}, {matrix('scores', rows, rows)}"),
        ("scaling", f"scores divided by √{keys}"),
        ("padding_mask", matrix("mask", batch, batch)),
        ("causal_mask", matrix("mask", rows, rows)),
        ("softmax", square),
        ("weighted_sum", f"{square}, {matrix('V', rows, values)}, {matrix('context', rows, values)}"),
        ("multi_head", f"{example.heads} × {square}, {matrix('W_O', values, model)}"),
    ]
    said, wide, words = len(example.decoder_tokens), example.config.d_ff, len(model_vocabulary(example))
    return [
        *attention,
        ("seven_forms", f"{matrix('weights', len(example.tokens), len(example.tokens))} in seven forms"),
        ("positional_encoding", matrix("positions", len(example.tokens), model)),
        ("add_norm", matrix("X", rows, model)),
        ("feed_forward", f"{matrix('W_1', model, wide)}, {matrix('W_2', wide, model)}"),
        ("encoder", f"{example.config.layers} × {matrix('rows', rows, model)}"),
        ("decoder", f"{example.config.layers} × {matrix('rows', said, model)}"),
        ("output", f"{matrix('W', model, words)}, {matrix('logits', said, words)}"),
        ("whole_model", "the figure of the whole Transformer"),
        ("translation", f"up to {MOST_STEPS} words, one after the other"),
    ]
