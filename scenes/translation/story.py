"""What there is to tell about one translation: who looked where, what crossed, how sure it was, whether it is right."""

from __future__ import annotations

import numpy as np

from core.examples.example import Example, join_tokens
from core.trace import Reading, Trace
from scenes.stage.paint.label import Run
from scenes.stage.paint.theme import Theme
from scenes.stage.paint.typography import shorten

END, START = "[END]", "[START]"
QUOTED = (4.2, 0.27)  # widest sentence that a caption quotes whole, at the size of a caption
CLEAR = 0.3  # the least weight of a ribbon that is talked about
AS_GOOD = 0.6  # a second look with this part of the first one's weight is talked about, too


class Story:
    """Facts for the captions, all chosen from the trace."""

    def __init__(self, trace: Trace, example: Example, theme: Theme) -> None:
        self.trace, self.example, self.theme = trace, example, theme
        self.encodes = "memory" in trace  # a model without an encoder reads the sentence as its prompt
        weights = trace["translation.looks"]
        self.said = trace["translation.token_ids"].axis_labels("steps") or ()
        self.source = weights.axis_labels("keys") or ()
        self.weights = weights.values  # (steps, keys)
        self.peaks = self.weights.argmax(axis=-1)  # (steps,)
        ids = trace["translation.token_ids"].values.astype(int)
        self.shares = trace["translation.probabilities"].values[np.arange(len(ids)), ids]  # (steps,)
        self.ids = ids

    # --- the translation as a whole ---------------------------------------------------------------------------------

    @property
    def ended(self) -> bool:
        """Whether it came to an end of its own."""
        return self.said[-1] == END

    @property
    def words(self) -> tuple[str, ...]:
        """What was said, without [END]."""
        return self.said[:-1] if self.ended else self.said

    @property
    def right(self) -> bool:
        """Whether it is, word for word, what the example expects."""
        return self.ended and self.words == tuple(self.example.target)

    @property
    def trained(self) -> bool:
        """Whether the weights were learnt, not drawn."""
        return self.example.loaded is not None

    @property
    def verdict(self) -> str:
        """Which of the texts tells how good it is."""
        if not self.example.target:
            return "open_end"
        return "arbitrary" if not self.trained else "right" if self.right else "wrong"

    def quoted(self, words: tuple[str, ...]) -> str:
        """Words as a sentence, cut where a caption would have no room for them."""
        return shorten(join_tokens(words), *QUOTED)

    # --- single words -----------------------------------------------------------------------------------------------

    def word(self, step: int) -> Run:
        """A word said, in the hue of queries."""
        return Run(self.cut(self.said[step]), self.theme.hue("q"))

    def key(self, step: int) -> Run:
        """The source word that a word said looked at most, in the hue of keys."""
        return self.source_word(self.peaks[step])

    def source_word(self, key: int) -> Run:
        return Run(self.cut(self.source[key]), self.theme.hue("k"))

    def looks_at(self, step: int) -> list[Run]:
        """The source words that a word said looked at most, in their order: two if it hardly preferred the first."""
        first, *others = np.argsort(-self.weights[step], kind="stable")
        row = self.weights[step]
        second = [key for key in others[:1] if row[key] >= max(CLEAR, AS_GOOD * row[first])]
        return [self.source_word(key) for key in sorted([first, *second])]

    @staticmethod
    def cut(word: str) -> str:
        return shorten(word, 2.6, QUOTED[1])

    def look(self, step: int) -> Reading:
        """The weight of that look."""
        return self.trace["translation.looks"].at(step, int(self.peaks[step]))

    def share(self, step: int) -> Run:
        """The percentage with which a word was said."""
        reading = self.trace["translation.percentages"].at(step, 0)
        return Run(f"{reading.text}%", None, (reading,))

    @property
    def surest(self) -> int:
        return int(self.shares.argmax())

    @property
    def unsurest(self) -> int:
        return int(self.shares.argmin())

    def crossing(self) -> tuple[int, int] | None:
        """Two words said whose clearest looks cross: the first looks at a later source word than the second."""
        best, found = CLEAR, None
        looks = self.weights.max(axis=-1)
        for first in range(len(self.words)):
            for second in range(first + 1, len(self.words)):
                clear = float(min(looks[first], looks[second]))
                if self.peaks[first] > self.peaks[second] and clear > best:
                    best, found = clear, (first, second)
        return found
