"""What there is to tell about one translation: who looked where, what crossed, how sure it was."""

from __future__ import annotations

from dataclasses import replace

from core.examples.example import Example, join_tokens
from core.trace import Tensor, Trace
from core.trace.translation import crossing_looks, least_sure, looks_named, surest, words_told
from scenes.stage.chapter.caption import percent
from scenes.stage.paint.label import Run
from scenes.stage.paint.theme import Theme
from scenes.stage.paint.typography import shorten

START = "[START]"
QUOTED = (4.2, 0.27)  # widest sentence that a caption quotes whole, at the size of a caption


class Story:
    """Facts for the captions, all chosen from the trace."""

    def __init__(self, trace: Trace, example: Example, theme: Theme) -> None:
        self.trace, self.example, self.theme = trace, example, theme
        self.encodes = "memory" in trace  # a model without an encoder reads the sentence as its prompt
        said = trace["translation.token_ids"].axis_labels("steps") or ()
        told = words_told(said)
        self.said = said[:told]
        looks = trace["translation.looks"]
        self.source = looks.axis_labels("keys") or ()
        self.looks: Tensor = replace(
            looks, values=looks.values[:told], labels={"steps": self.said, "keys": self.source}
        )  # (steps, keys)
        self.surest, self.least_sure = surest(trace, told), least_sure(trace, told)

    def quoted(self, words: tuple[str, ...]) -> str:
        """Words as a sentence, cut where a caption would have no room for them."""
        return shorten(join_tokens(words), *QUOTED)

    # --- single words -----------------------------------------------------------------------------------------------

    def word(self, step: int) -> Run:
        """A word said, in the hue of queries."""
        return Run(self.cut(self.said[step]), self.theme.hue("q"))

    def source_word(self, key: int) -> Run:
        return Run(self.cut(self.source[key]), self.theme.hue("k"))

    def look(self, step: int) -> dict[str, Run]:
        """The words that a word said looked at most (`key`, `other`) and the weights of these looks, for captions."""
        places = looks_named(self.looks, step)
        return {
            "key": self.source_word(places[0]),
            "weight": percent(self.looks.at(step, places[0])),
            "other": self.source_word(places[-1]),
            "second": percent(self.looks.at(step, places[-1])),
        }

    @staticmethod
    def cut(word: str) -> str:
        return shorten(word, 2.6, QUOTED[1])

    def share(self, step: int) -> Run:
        """The percentage with which a word was said."""
        return self._percentage(step, 0)

    def rival(self, step: int) -> dict[str, Run]:
        """The runner-up of a word said, and its percentage."""
        words = self.trace["translation.probabilities"].axis_labels("vocabulary") or ()
        word = words[int(self.trace["translation.candidates"].values[step, 1])]
        return {"other": Run(self.cut(word), self.theme.hue("q")), "second": self._percentage(step, 1)}

    def _percentage(self, step: int, line: int) -> Run:
        reading = self.trace["translation.percentages"].at(step, line)
        return Run(f"{reading.text}%", None, (reading,))

    def crossing(self) -> tuple[tuple[int, int], tuple[int, int]] | None:
        """Two looks that cross, each a step and the place it looks at."""
        return crossing_looks(self.looks.values)
