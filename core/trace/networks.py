"""A layer's feed-forward network in the trace: plain, with a gate, or several experts and their router."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from core.model.experts import ExpertsSteps
from core.model.feed_forward import FeedForwardSteps, GatedSteps
from core.model.layers import ExpertsWeights, FedSteps, FeedForwardWeights
from core.trace.given import given_weight
from core.trace.origin import made
from core.trace.record import Labels, Record, softmax_of

if TYPE_CHECKING:
    from core.examples.example import Example

ROWS = ("tokens", "d_model")
WIDE = ("tokens", "d_ff")
EXPERTS = ("tokens", "experts")


def trace_network(
    record: Record,
    example: Example,
    name: str,
    weights: FeedForwardWeights | ExpertsWeights,
    steps: FedSteps,
    labels: Labels,
) -> str:
    """Add what the network `name` makes of NAME.input (tokens, d_model); returns the name of its output.

    A plain one: w_1, hidden, activated, w_2, output, with the biases that there are. One with a gate: before these also
    w_gate, gate and opened, what the gate lets through. Experts: router, logits, probabilities (tokens, experts),
    opened, 1 where a token is sent, shares, and NAME.expert_1, …, each such a network of the same input.
    """
    if isinstance(weights, ExpertsWeights):
        assert isinstance(steps, ExpertsSteps)
        return _Networks(record, example, f"{name}.input", labels).mixture(name, weights, steps)
    assert not isinstance(steps, ExpertsSteps)
    return _Networks(record, example, f"{name}.input", labels).one(name, weights, steps)


class _Networks:
    """Networks that work on the same rows."""

    def __init__(self, record: Record, example: Example, given: str, labels: Labels) -> None:
        self.record, self.example, self.given, self.labels = record, example, given, labels
        self.activation = example.model.config.activation

    def one(self, name: str, weights: FeedForwardWeights, steps: FeedForwardSteps | GatedSteps) -> str:
        record, hidden = self.record, f"{name}.hidden[if]"
        activated = made("activation[if]", hidden, note=self.activation)
        if isinstance(steps, GatedSteps):
            self._weight(f"{name}.w_gate", weights.w_gate)
            self._projection(f"{name}.gate", f"{name}.b_gate", (self.given, f"{name}.w_gate"), weights.b_gate, WIDE)
            origin = made("activation[if]", f"{name}.gate[if]", note=self.activation)
            record.add(f"{name}.opened", steps.opened, WIDE, origin=origin, labels=self.labels)
            activated = made("product[if]", f"{name}.opened[if]", hidden)
        self._weight(f"{name}.w_1", weights.w_1)
        self._projection(f"{name}.hidden", f"{name}.b_1", (self.given, f"{name}.w_1"), weights.b_1, WIDE)
        record.add(f"{name}.activated", steps.activated, WIDE, origin=activated, labels=self.labels)
        self._weight(f"{name}.w_2", weights.w_2, WIDE[1:] + ROWS[1:])
        product = (f"{name}.activated", f"{name}.w_2")
        return self._projection(f"{name}.output", f"{name}.b_2", product, weights.b_2, ROWS)

    def mixture(self, name: str, weights: ExpertsWeights, steps: ExpertsSteps) -> str:
        add, part = partial(self.record.add, labels=self.labels), f"{name}.{{}}".format
        router, logits, probabilities, opened, shares = map(
            part, ("router", "logits", "probabilities", "opened", "shares")
        )
        self._weight(router, weights.router, ("d_model", "experts"))
        add(logits, steps.logits, EXPERTS, origin=made("product[te]", f"{self.given}[td]", f"{router}[de]"))
        places = self.record.decimals
        add(probabilities, steps.probabilities, EXPERTS, origin=softmax_of(logits, "te"), decimals=places)
        sent = made("opened[te]", f"{logits}[t*]", constant=int(steps.opened[0].sum()))
        add(opened, steps.opened, EXPERTS, origin=sent, decimals=0)
        both = (f"{probabilities}[te]", f"{opened}[te]", f"{probabilities}[t*]", f"{opened}[t*]")
        add(shares, steps.shares, EXPERTS, origin=made("share_of_opened[te]", *both), decimals=places)
        outputs = [
            self.one(f"{name}.expert_{number}", expert, made_of)
            for number, (expert, made_of) in enumerate(zip(weights.experts, steps.experts, strict=True), 1)
        ]
        origin = made("mixture[td]", f"{shares}[t*]", *(f"{output}[td]" for output in outputs))
        add(f"{name}.output", steps.output, ROWS, origin=origin)
        return f"{name}.output"

    def _weight(self, name: str, values: np.ndarray | None, axes: tuple[str, ...] = ("d_model", "d_ff")) -> None:
        self.record.add(name, values, axes, origin=given_weight(self.example, name))

    def _projection(
        self, name: str, bias_name: str, product: tuple[str, str], bias: np.ndarray | None, axes: tuple[str, str]
    ) -> str:
        origin = given_weight(self.example, bias_name)
        write = partial(self.record.projection, bias_name=bias_name, bias_origin=origin, labels=self.labels)
        write(name, product, bias, axes)
        return name
