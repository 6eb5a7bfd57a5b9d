"""Examples at the edges of what is allowed: every still of every chapter is true and can be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from checks import layout_faults, truth_faults
from walk import walk

from scenes.stage.storyboard import FILMS

EXAMPLES = sorted((Path(__file__).parent / "examples").glob("*.toml"))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
@pytest.mark.parametrize("chapter", FILMS["attention"])
def test_every_still_is_true_and_can_be_read(chapter: str, example: Path, language: str) -> None:
    faults: list[str] = []
    walk(
        chapter,
        lambda scene, step: faults.extend(f"{step}: {f}" for f in truth_faults(scene) + layout_faults(scene)),
        str(example),
        language,
    )
    assert not faults
