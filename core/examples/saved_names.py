"""Arrays as others save them: by PyTorch's, Hugging Face's and GPT-2's names, three in one, or (output, input).

Only names that leave no doubt are taken: what a Linear of PyTorch calls `weight` has a row for each output, what
GPT-2's Conv1D calls so has a row for each input. `c_attn` is the one or the other by its shape, and `c_proj` as it is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

_KINDS = {"weight": "w", "bias": "b"}
_LINEAR = {
    "q": r"(?:self\.)?(?:w_?q|q|query|queries|q_proj|q_lin|to_q|linear_q|q_linear)",
    "k": r"(?:self\.)?(?:w_?k|k|key|keys|k_proj|k_lin|to_k|linear_k|k_linear)",
    "v": r"(?:self\.)?(?:w_?v|v|value|values|v_proj|v_lin|to_v|linear_v|v_linear)",
    "o": r"(?:w_?o|o|o_proj|out_proj|out_lin|to_out(?:\.0)?|linear_o|o_linear|output\.dense|dense|fc_out)",
}
_OWN = r"[wb]_[qkvo]"
OWN = ("embeddings", *(f"{kind}_{of}" for kind in "wb" for of in "qkvo"))
_FUSED = r"in_proj_(?:weight|bias)|c_attn\.(?:weight|bias)"
_OTHER = r"[qkv]_proj_weight|c_proj\.(?:weight|bias)"
_ATTENTION = re.compile(
    rf"(?P<prefix>(?:.*?\.)?)(?P<core>{_OWN}|{_FUSED}|{_OTHER}|(?:{'|'.join(_LINEAR.values())})\.(?:weight|bias))",
    re.IGNORECASE,
)
_EMBEDDING = re.compile(r"(?:embeddings?|wte|embed_tokens|tok(?:en)?_emb(?:edding)?s?|word_embeddings)\.weight")
_BUFFERS = ("bias", "masked_bias", "rotary_emb.inv_freq")  # what is saved besides, though it is not learned
_LAYER = re.compile(r"(?:transformer\.)?(encoder|decoder)\.layers\.(\d{1,3})\.(.+)")
_FINAL_NORM = re.compile(r"(?:transformer\.)?(encoder|decoder)\.norm\.(weight|bias)")
_OUTPUT = re.compile(r"(?:output|generator|lm_head|out|fc)\.(weight|bias)")


@dataclass(frozen=True)
class Stored:
    """An array in a file: its type and shape, and its numbers, which are read when they are asked for."""

    kind: str
    shape: tuple[int, ...]
    read: Callable[[], np.ndarray]

    @property
    def size(self) -> int:
        return math.prod(map(int, self.shape))

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def is_real(self) -> bool:
        return self.kind.startswith(("float", "bfloat", "int", "uint"))

    @property
    def held(self) -> str:
        """What an array holds that is none of real numbers."""
        if self.kind.startswith("complex"):
            return "complex numbers"
        if self.kind.startswith("bool"):
            return "true and false"
        return "texts" if self.kind[1:2] in ("U", "S") else f"values of the type {self.kind}"

    def turned(self) -> Stored:
        """Its transpose."""
        return replace(self, shape=self.shape[::-1], read=lambda: self.read().T)

    def third(self, number: int, axis: int) -> Stored:
        """The first, second or last third along an axis."""
        shape = tuple(length // 3 if place == axis else length for place, length in enumerate(self.shape))
        return replace(self, shape=shape, read=lambda: np.split(self.read(), 3, axis)[number])


Arrays = Mapping[str, Stored]


def attentions(names: Iterable[str]) -> list[str]:
    """What the names of each attention's arrays begin with, in order; "" for names without anything before them."""
    found = (_ATTENTION.fullmatch(name) for name in names)
    return list(dict.fromkeys(match["prefix"] for match in found if match and _looks(match["core"])))


def _looks(core: str) -> bool:
    """Whether an array belongs to queries, keys or values: a projection of outputs alone is no attention."""
    return not re.fullmatch(rf"[wb]_o|c_proj\..*|(?:{_LINEAR['o']})\..*", core, re.IGNORECASE)


def own_arrays(arrays: Arrays, prefix: str = "") -> tuple[dict[str, tuple[str, Stored]], dict[str, str]]:
    """The arrays of one attention by the names they have here, each with its name in the file; and by their names in
    the file the others, with what is wrong with them.

    prefix: what their names in the file begin with; arrays without it are left out, but for `embeddings`.
    """
    own: dict[str, tuple[str, Stored]] = {}
    others: dict[str, str] = {}
    linear = _is_linear(arrays, prefix)
    for name, array in sorted(arrays.items(), key=lambda item: item[0] not in OWN):
        if name == "embeddings" or (not prefix and _EMBEDDING.fullmatch(name)):
            parts = {"embeddings": array}
        elif not name.startswith(prefix) or (prefix and name.removeprefix(prefix) in _BUFFERS):
            continue
        else:
            parts = attention_parts(name.removeprefix(prefix), array, linear)
        if not parts or set(parts) & set(own):
            others[name] = f"{', '.join(parts)} a second time" if parts else "an unknown array"
            continue
        own |= {part: (name, stored) for part, stored in parts.items()}
    return own, others


def _is_linear(arrays: Arrays, prefix: str) -> bool | None:
    """Whether c_attn is a Linear, (output, input); None if there is none to see it by."""
    fused = arrays.get(f"{prefix}c_attn.weight")
    if fused is None or len(fused.shape) != 2 or fused.shape[0] == fused.shape[1]:
        return None
    return fused.shape[0] > fused.shape[1]


def attention_parts(core: str, array: Stored, linear: bool | None = None) -> dict[str, Stored]:
    """What an array of an attention is here, by its name without prefix: one array, three, or none that is known.

    linear: whether arrays called c_attn and c_proj are (output, input).
    """
    low = core.lower()
    if re.fullmatch(_OWN, core):
        return {core: array}
    if fused := re.fullmatch(r"in_proj_(weight|bias)|c_attn\.(weight|bias)", low):
        kind, turned = _KINDS[fused[1] or fused[2]], fused[1] is not None or linear
        axis = 0 if turned or kind == "b" else 1
        if len(array.shape) != (2 if kind == "w" else 1) or array.shape[axis] % 3 or (turned is None and kind == "w"):
            return {}
        thirds = [array.third(number, axis) for number in range(3)]
        flip = turned and kind == "w"
        return {f"{kind}_{of}": third.turned() if flip else third for of, third in zip("qkv", thirds, strict=True)}
    if other := re.fullmatch(r"([qkv])_proj_weight", low):
        return {f"w_{other[1]}": array.turned()}
    if low == "c_proj.weight":
        return {} if linear is None else {"w_o": array.turned() if linear else array}
    if low == "c_proj.bias":
        return {"b_o": array}
    for of, names in _LINEAR.items():
        if found := re.fullmatch(rf"{names}\.(weight|bias)", low):
            kind = _KINDS[found[1]]
            return {f"{kind}_{of}": array.turned() if kind == "w" else array}
    return {}


def model_arrays(arrays: Arrays) -> dict[str, Stored]:
    """The arrays of a model by the names they have here, also where they are those of PyTorch's nn.Transformer."""
    own: dict[str, Stored] = {}
    for name, array in arrays.items():
        parts = _model_parts(name, array)
        own |= {name: array} if not parts or set(parts) & (set(own) | set(arrays)) else parts
    return own


def _model_parts(name: str, array: Stored) -> dict[str, Stored]:
    if found := _LAYER.fullmatch(name):
        layer = f"{found[1]}.{int(found[2]) + 1}"
        return {f"{layer}.{part}": stored for part, stored in _layer_parts(found[3], array).items()}
    if found := _FINAL_NORM.fullmatch(name):
        return {f"{found[1]}.final_norm.{'scale' if found[2] == 'weight' else 'shift'}": array}
    if found := _OUTPUT.fullmatch(name):
        return {"output.w": array.turned()} if found[1] == "weight" else {"output.b": array}
    return {"embedding": array} if _EMBEDDING.fullmatch(name) else {}


def _layer_parts(rest: str, array: Stored) -> dict[str, Stored]:
    for theirs, ours in (("self_attn", "self_attention"), ("multihead_attn", "cross_attention")):
        if rest.startswith(f"{theirs}."):
            parts = attention_parts(rest.removeprefix(f"{theirs}."), array)
            return {f"{ours}.{part}": stored for part, stored in parts.items()}
    if found := re.fullmatch(r"linear([12])\.(weight|bias)", rest):
        kind = _KINDS[found[2]]
        return {f"feed_forward.{kind}_{found[1]}": array.turned() if kind == "w" else array}
    if found := re.fullmatch(r"norm([123])\.(weight|bias)", rest):
        return {f"norm_{found[1]}.{'scale' if found[2] == 'weight' else 'shift'}": array}
    return {}
