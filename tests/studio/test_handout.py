"""Hand-outs: every step with its picture and its words, in the language asked, on paper."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pypdfium2
import pytest

from core.examples.example import load_example
from fakes import Nobody
from scenes.stage.chapter.settings import Settings
from scenes.stage.chapter.texts import load_texts
from studio.cli import main
from studio.engine.quality import Picture
from studio.exports.about_example import about_example
from studio.exports.handout import write_handout
from studio.films.order import Order
from studio.selection import select

MILLIMETRE = 72 / 25.4
MOST_ON_A_PAGE = 6


def written(settings: Settings, target: Path) -> Path:
    order = Order.of(select(["scores"]), lambda chapter: settings, Picture(96, 54, 4), target.parent)
    return write_handout(order.parts, target, Nobody())


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("zh", "dark")])
def test_every_step_has_its_words_and_picture(language: str, theme: str, tmp_path: Path) -> None:
    settings = Settings(load_example("default"), language, theme)
    made = written(settings, tmp_path / "one.pdf")
    assert [path.name for path in tmp_path.iterdir()] == ["one.pdf"]
    document = pypdfium2.PdfDocument(made)
    pages = [page.get_textpage().get_text_range() for page in document]
    words = squeezed("".join(pages))
    text = load_texts(language).chapters["scores"]
    assert squeezed(load_texts(language).films["attention"].title) in words
    for step in text.steps.values():
        assert squeezed(step.title) in words
    assert "5.5" in words
    assert all(squeezed(line) in words for line in about_example(settings.example, language))
    assert "{" not in words
    assert len(pages) == 2
    for number, (page, content) in enumerate(zip(document, pages, strict=True), start=1):
        assert f"{number}/{len(pages)}" in squeezed(content)
        assert np.allclose(page.get_size(), (210 * MILLIMETRE, 297 * MILLIMETRE), atol=1)
    paper = np.asarray(document[0].render(scale=0.5).to_pil().convert("L"), dtype=float)
    assert (paper.mean() > 200) == (theme == "light")


def test_texts_are_never_markup(tmp_path: Path) -> None:
    """Tokens that would be code, mathematics or headings of Typst are printed as they are."""
    example = tmp_path / "mine.toml"
    example.write_text('tokens = ["#panic()", "*a*"]\n', encoding="utf-8")
    settings = Settings(load_example(str(example)), "en", "light")
    made = written(settings, tmp_path / "one.pdf")
    words = squeezed("".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(made)))
    assert "‘#panic()’" in words
    assert "‘*a*’" in words


def test_the_command_prints_on_light_paper(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["handout", "scores", "--theme", "grey"]) == 2
    assert main(["handout", "scors"]) == 2
    assert main(["handout", "scores", "--quality", "hgih"]) == 2
    assert not list(tmp_path.iterdir())
    capsys.readouterr()
    assert main(["handout", "scores", "--language", "zh", "--workers", "1"]) == 0
    assert capsys.readouterr().out == "films/handouts/scores-zh.pdf\n"
    assert Path("films/handouts/scores-zh.pdf").read_bytes().startswith(b"%PDF")


def test_the_same_each_time(tmp_path: Path) -> None:
    settings = Settings(load_example("default"), "en", "light")
    first, second = (written(settings, tmp_path / f"{n}.pdf") for n in "ab")
    assert first.read_bytes() == second.read_bytes()
