"""What a claim is: a named question to an example's numbers, with a fixed set of answers.

A text that is true of some examples only stands in the texts once for each answer; the numbers decide which is said.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.examples.example import Example
from core.trace.trace import Trace

Decision = Callable[[Trace, Example], bool | str]
YES, NO = "yes", "no"


@dataclass(frozen=True)
class Claim:
    """outcomes: all answers that there are; decide: which one holds for a trace and its example."""

    name: str
    outcomes: tuple[str, ...]
    decide: Decision

    def outcome(self, trace: Trace, example: Example) -> str:
        """The answer that holds. Raises ValueError for one that was not announced."""
        answer = self.decide(trace, example)
        named = (YES if answer else NO) if isinstance(answer, bool) else answer
        if named not in self.outcomes:
            raise ValueError(f"the claim {self.name} answers {named!r}; expected one of {', '.join(self.outcomes)}")
        return named


CLAIMS: dict[str, Claim] = {}


def claim(*outcomes: str) -> Callable[[Decision], Decision]:
    """Mark a function of trace and example as a claim of its name; without outcomes it answers yes or no."""

    def register(decide: Decision) -> Decision:
        name = decide.__name__
        if name in CLAIMS:
            raise ValueError(f"there are two claims {name}")
        CLAIMS[name] = Claim(name, outcomes or (YES, NO), decide)
        return decide

    return register
