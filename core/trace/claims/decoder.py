"""What may be said of how the decoder reads the source."""

from __future__ import annotations

import numpy as np

from core.examples.example import Example
from core.trace.claims.claim import claim
from core.trace.trace import Trace

CROSS = "decoder.1.cross_attention"


@claim("mixed", "twins", "one", "even", "alone")
def source_read(trace: Trace, example: Example) -> str:
    """What does the telling row of the first layer's cross-attention read, going by the percentages that are printed?

    Two different words (mixed), two places of one word (twins), next to nothing but one place (one), every place as
    much as the others (even), or the only place that there is (alone).
    """
    if not example.config.has_encoder:
        return "mixed"
    head, query, first, second = trace.telling_look(CROSS)
    weights = trace[f"{CROSS}.heads.weights"]
    places = np.flatnonzero(trace[f"{CROSS}.mask"].values[query] == 0)
    if len(places) == 1:
        return "alone"
    if len({weights.at(head, query, int(place)).percent for place in places}) == 1:
        return "even"
    if weights.at(head, query, second).percent == "0%":
        return "one"
    words = weights.axis_labels("keys")
    return "twins" if words and words[first] == words[second] else "mixed"
