"""Vector stills: they look as the picture does, hold no text to be set and no date, and are the same each time."""

from __future__ import annotations

import io
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pypdfium2
import pytest
import resvg_py
from PIL import Image

from core.examples.example import load_example
from scenes.stage.chapter.settings import Settings
from scenes.stage.chapter.texts import load_texts
from studio.cli import main
from studio.engine.quality import Picture
from studio.exports.stills import still
from studio.exports.vector import VectorJob, save_vector

STILL = Picture(960, 540, 15)
MOST_DIFFERENCE = 3.0  # of 255, on average: antialiasing, and edges of heat maps
STEPS = [("scores", "whole", "en", "dark"), ("positional_encoding", "heat_map", "zh", "light")]


def settings(language: str, theme: str) -> Settings:
    return Settings(load_example("default"), language, theme)


def seen(made: bytes, kind: str) -> np.ndarray:
    """A vector still as pixels.  # (height, width, 3)"""
    if kind == "pdf":
        document = pypdfium2.PdfDocument(made)
        assert len(document) == 1
        image = document[0].render(scale=1).to_pil()
    else:
        image = Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=made.decode(), width=960, dpi=96))))
    return np.asarray(image.convert("RGB"), dtype=float)


@pytest.mark.parametrize(("chapter", "step", "language", "theme"), STEPS)
def test_vectors_look_as_the_picture(chapter: str, step: str, language: str, theme: str) -> None:
    """Colours too: red and blue swapped would differ far more."""
    look = settings(language, theme)
    picture = np.asarray(still(chapter, step, look, STILL), dtype=float)
    for kind in ("svg", "pdf"):
        drawn = VectorJob(chapter, look, kind, (step,)).run(lambda news: None)
        assert list(drawn) == [step]
        pixels = seen(drawn[step].data, kind)
        assert pixels.shape == picture.shape
        assert np.abs(pixels - picture).mean() < MOST_DIFFERENCE
        swapped = np.abs(pixels[..., ::-1] - picture)
        coloured = np.ptp(picture, axis=-1) > 60
        assert np.abs(pixels - picture)[coloured].mean() < swapped[coloured].mean() / 4


def test_formulas_have_their_colours() -> None:
    """The Q of the scores chapter is amber, drawn by Manim's own camera, whose colours are blue first."""
    drawn = VectorJob("scores", settings("en", "dark"), "svg", ("whole",)).run(lambda news: None)["whole"].data.decode()
    filled = {
        tuple(round(float(part) * 2.55) for part in found)
        for found in re.findall(r"fill:rgb\(([\d.]+)%,([\d.]+)%,([\d.]+)%\)", drawn)
    }
    assert (0xE6, 0x9F, 0x00) in filled
    assert (0x00, 0x9F, 0xE6) not in filled


@pytest.mark.parametrize("kind", ["svg", "pdf"])
def test_the_same_each_time(kind: str) -> None:
    jobs = [VectorJob("tokens", settings("zh", "dark"), kind, ("cut",)) for _ in range(2)]
    first, second = (job.run(lambda news: None)["cut"].data for job in jobs)
    assert first == second
    assert b"CreationDate" not in first


def test_texts_are_outlines(tmp_path: Path) -> None:
    target = tmp_path / "one.svg"
    made = save_vector("scores", "operands", settings("zh", "light"), target).read_text(encoding="utf-8")
    assert "<text" not in made
    assert "font" not in made
    assert "<image" not in made
    document = pypdfium2.PdfDocument(save_vector("scores", "operands", settings("zh", "light"), tmp_path / "one.pdf"))
    assert not document[0].get_textpage().get_text_range().strip()


def test_all_steps_in_one_walk() -> None:
    stills = VectorJob("scores", settings("en", "light"), "svg").run(lambda news: None)
    assert list(stills) == ["operands", "first_row", "arrows", "turned", "first_score", "all_rows", "reading", "whole"]
    assert all(still.said for still in stills.values())


def test_the_format_is_asked_for_or_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["still", "scores", "1", "--format", "svg"]) == 0
    assert Path("films/stills/scores-operands.svg").read_bytes().startswith(b"<?xml")
    assert main(["still", "scores", "1", "--out", "one.pdf"]) == 0
    assert Path("one.pdf").read_bytes().startswith(b"%PDF")
    assert main(["still", "scores", "1", "--format", "pdf", "--out", "one.svg"]) == 2
    assert main(["still", "scores", "1", "--format", "eps"]) == 2
    assert not Path("one.svg").exists()


def test_a_picture_says_what_it_shows_and_has_its_size_at_any_resolution() -> None:
    made = VectorJob("scores", settings("zh", "light"), "svg", ("whole",)).run(lambda news: None)["whole"]
    root = ElementTree.fromstring(made.data.decode())
    title, description = root[0], root[1]
    assert (root.get("role"), root.get("aria-labelledby")) == ("img", f"{title.get('id')} {description.get('id')}")
    assert (title.tag.rpartition("}")[2], description.tag.rpartition("}")[2]) == ("title", "desc")
    assert load_texts("zh").chapters["scores"].steps["whole"].title in (title.text or "")
    assert description.text == " ".join(made.said)
    assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("960", "540", "0 0 960 540")
    for dpi in (0, 72, 300):
        image = Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=made.data.decode(), dpi=dpi))))
        assert image.size == (960, 540)
