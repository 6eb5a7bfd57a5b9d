"""The blanks in tokens of tokenizers are drawn by the fonts that come with the films."""

from __future__ import annotations

import pytest
from fontTools.ttLib import TTFont

from core.examples.example import parse_example
from scenes.stage.paint.fonts import FONTS


@pytest.mark.parametrize("font", ["Inter-Regular.ttf", "Inter-SemiBold.ttf"])
def test_shipped_fonts_have_the_marks_of_blanks(font: str) -> None:
    tokens = parse_example('tokens = [" f", "\\n", "\\t"]', "x.toml").tokens
    assert tokens == ("␣f", "⏎", "⇥")
    assert set(map(ord, "".join(tokens))) <= set(TTFont(FONTS / font).getBestCmap())
