"""What may be said of a translation: who translates, where it looks, how sure it is, and whether it is as expected."""

from __future__ import annotations

from core.examples.example import Example
from core.model.special_tokens import END
from core.trace.claims.claim import claim
from core.trace.claims.output import DOUBT
from core.trace.trace import Trace
from core.trace.translation import crossing_looks, least_sure, looks_named, words_told


@claim("translator", "file", "drawn")
def who_translates(trace: Trace, example: Example) -> str:
    """Is it the translator that comes with the program, another model of a file, or one with drawn weights?"""
    if example.loaded is None:
        return "drawn"
    return "translator" if example.shipped == "translator" else "file"


@claim()
def likeliest_alone(trace: Trace, example: Example) -> bool:
    """Has the first word said a larger probability than the runner-up, as printed?"""
    return _share(trace, 0) > _share(trace, 0, 1)


@claim("start", "prompt", "silent")
def fed_back(trace: Trace, example: Example) -> str:
    """Does the decoder read the first word said after [START] alone, or after a prompt; or was that already [END]?"""
    if len(_said(trace)) == 1:
        return "silent"
    return "start" if example.config.has_encoder else "prompt"


@claim("one", "two", "several", "alone", "silent")
def second_look(trace: Trace, example: Example) -> str:
    """Where does the second word look most, as percentages say it?

    At one word above; at two different ones nearly alike; at several with the same percentage; at the only one that
    there is; or there is no second word.
    """
    if len(_said(trace)) == 1:
        return "silent"
    looks = trace["translation.looks"]
    if looks.shape[-1] == 1:
        return "alone"
    shares = [looks.at(1, key).percent for key in range(looks.shape[-1])]
    named = looks_named(looks)
    if shares[named[-1]] in [share for key, share in enumerate(shares) if key not in named]:
        return "several"
    return "two" if len(named) > 1 else "one"


@claim()
def loop_goes_on(trace: Trace, example: Example) -> bool:
    """Are there more than two turns of the loop?"""
    return len(_said(trace)) > 2


@claim()
def comes_to_an_end(trace: Trace, example: Example) -> bool:
    """Does it say [END]?"""
    return _said(trace)[-1] == END


@claim()
def looks_cross(trace: Trace, example: Example) -> bool:
    """Do two clear looks cross?"""
    return crossing_looks(trace["translation.looks"].values[: _told(trace)]) is not None


@claim("one", "even", "spread")
def sureness(trace: Trace, example: Example) -> str:
    """Is only one word said, do all have the same percentage, or different ones?"""
    shares = {_share(trace, step) for step in range(_told(trace))}
    if _told(trace) == 1:
        return "one"
    return "even" if len(shares) == 1 else "spread"


@claim("rival", "level", "none")
def runner_up(trace: Trace, example: Example) -> str:
    """Where it was least sure, has another word a fair share, the same percentage as the one said, or next to none?"""
    step = least_sure(trace, _told(trace))
    first, second = _share(trace, step), _share(trace, step, 1)
    if first == second:
        return "level"
    return "rival" if second >= 100 * DOUBT else "none"


@claim("right", "choice", "wrong", "open", "drawn")
def verdict(trace: Trace, example: Example) -> str:
    """Is it, word for word, what the file expects; or, of a model with drawn weights, is there nothing to judge?

    Otherwise: does the expected word, where the two part, have a fair share of the probability (a choice), or not; or
    was nothing expected.
    """
    if example.target and example.loaded is None:
        return "drawn"
    if not example.asks:
        return "open"
    said, expected = _said(trace), (*example.target, END)
    parting = [step for step, pair in enumerate(zip(said, expected, strict=False)) if pair[0] != pair[1]]
    if not parting:
        return "right" if len(said) == len(expected) else "wrong"
    probabilities = trace["translation.probabilities"]
    words = probabilities.axis_labels("vocabulary") or ()
    wanted = probabilities.values[parting[0], words.index(expected[parting[0]])]
    return "choice" if wanted >= DOUBT else "wrong"


def _said(trace: Trace) -> tuple[str, ...]:
    return trace["translation.token_ids"].axis_labels("steps") or ()


def _told(trace: Trace) -> int:
    return words_told(_said(trace))


def _share(trace: Trace, step: int, line: int = 0) -> float:
    """A percentage as it is printed: of the word said (line 0) or of the runner-up."""
    return trace["translation.percentages"].at(step, line).printed
