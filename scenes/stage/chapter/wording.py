"""A text with a wording for each outcome of a claim: the example's numbers decide which is said. Imports no Manim.

In the files of texts a caption or label is a text; or a table `{ claim = "symmetric_scores", yes = "…", no = "…" }`,
with a wording for each outcome of that claim of `core.trace.claims`; or `{ always = "…" }`, a text that compares or
counts and yet is true of every example, by definition or by proof.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.examples.faults import Fault, listed, nearest

if TYPE_CHECKING:
    from core.examples.example import Example
    from core.trace import Trace

CLAIM, ALWAYS = "claim", "always"
Written = str | Mapping[str, str]


@dataclass(frozen=True)
class Wording:
    """The texts of a caption or label by outcome; claim: what decides, empty where there is only one text.

    always: the text says itself that it is true of every example.
    """

    texts: Mapping[str, str]
    claim: str = ""
    always: bool = False

    @property
    def all(self) -> tuple[str, ...]:
        """Every text that may be said."""
        return tuple(self.texts.values())

    def outcome(self, trace: Trace, example: Example) -> str:
        """Which outcome holds for an example; empty where nothing is claimed."""
        if not self.claim:
            return ""
        from core.trace.claims import CLAIMS

        return CLAIMS[self.claim].outcome(trace, example)


def wording(written: Written) -> Wording:
    """A caption or label as it stands in a file of texts."""
    if isinstance(written, str):
        return Wording({"": written})
    if ALWAYS in written:
        return Wording({"": written[ALWAYS]}, always=True)
    return Wording({key: text for key, text in written.items() if key != CLAIM}, written[CLAIM])


def claim_faults(file: str, key: str, written: Written) -> Iterator[Fault]:
    """A claim that there is not, and outcomes without a wording, or the other way round."""
    from core.trace.claims import CLAIMS

    if isinstance(written, str) or set(written) == {ALWAYS}:
        return
    name = written.get(CLAIM, "")
    if name not in CLAIMS:
        allowed = f"a claim of core/trace/claims, or {{ {ALWAYS} = … }} alone"
        yield Fault(file, f"{key}.{CLAIM}", name or "nothing", allowed, nearest(name, CLAIMS))
        return
    outcomes = CLAIMS[name].outcomes
    if set(written) != {CLAIM, *outcomes}:
        found = listed([other for other in written if other != CLAIM] or ["nothing"], "and")
        yield Fault(file, key, found, f"a wording for each outcome of {name}: {listed(outcomes, 'and')}")
