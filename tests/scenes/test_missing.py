"""Whatever a chapter or a language lacks is one message that names file and key, before anything is drawn."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from walk import walk

from core.examples import languages
from core.examples.faults import ChapterError
from scenes import storyboard
from scenes.scores.scene import Scores
from scenes.stage.chapter import texts
from scenes.stage.chapter.chapter import Chapter, step
from scenes.storyboard import Entry, chapter_class, entry_of, entry_of_class
from studio.cli import main

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of all texts, which are read from there."""
    for folder in ("scenes", "assets/texts"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(texts, "SCENES", tmp_path / "scenes")
    monkeypatch.setattr(texts, "TEXTS", tmp_path / "assets" / "texts")
    texts.load_texts.cache_clear()
    yield tmp_path
    texts.load_texts.cache_clear()


def replaced(file: str, old: str, new: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        text = (root / file).read_text(encoding="utf-8")
        assert old in text
        (root / file).write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def removed(name: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        path = root / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    return change


def added(file: str, text: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        with (root / file).open("a", encoding="utf-8") as target:
            target.write(text)

    return change


FIRST_LABEL = 'scores = "scores"\n'
FAULTS = {
    "folder": (removed("scenes/softmax"), "scenes/softmax: found no such folder; allowed: a folder for each chapter"),
    "file": (removed("scenes/softmax/zh.toml"), "scenes/softmax/zh.toml: found no such file; allowed: a file of texts"),
    "torn file": (added("scenes/softmax/en.toml", "x ="), "scenes/softmax/en.toml: found a file that cannot be read"),
    "title": (
        replaced("scenes/softmax/en.toml", 'title = "Softmax"\n', ""),
        "scenes/softmax/en.toml: title: found nothing; allowed: a text",
    ),
    "title of a step": (
        replaced("scenes/softmax/zh.toml", "[steps.heat]\ntitle", "[steps.heat]\ntitel"),
        "scenes/softmax/zh.toml: steps.heat.titel: found an unknown key; allowed: title; did you mean title?",
    ),
    "step": (
        replaced("scenes/softmax/zh.toml", "[steps.heat]", "[steps.heats]"),
        "scenes/softmax/zh.toml: steps.heats: found an unknown key; allowed: heat; did you mean heat?",
    ),
    "last step": (
        replaced("scenes/softmax/en.toml", "[steps.whole]", "[steps.all]"),
        "scenes/softmax/en.toml: steps.whole: found nothing; allowed: a table [steps.whole]",
    ),
    "caption": (
        replaced("scenes/softmax/en.toml", "\ncaptions = [\n", '\ncaptions = [\n    "And one more.",\n'),
        "scenes/softmax/zh.toml: steps.lift.captions: found a list of ",
    ),
    "label": (
        replaced("scenes/softmax/zh.toml", "\nblind =", "\nblimd ="),
        "scenes/softmax/zh.toml: labels.blimd: found an unknown key; allowed: blind; did you mean blind?",
    ),
    "empty label": (
        replaced("scenes/softmax/en.toml", FIRST_LABEL, 'scores = ""\n'),
        'scenes/softmax/en.toml: labels.scores: found ""; allowed: a text',
    ),
    "brace": (
        replaced("scenes/softmax/en.toml", FIRST_LABEL, 'scores = "{scores"\n'),
        'scenes/softmax/en.toml: labels.scores: found "{scores"; allowed: {name} for what is filled in',
    ),
    "text of the page": (
        replaced("assets/texts/zh.toml", '\nplay = "播放"', ""),
        'assets/texts/zh.toml: page.play: found nothing; allowed: a text that says "Play"',
    ),
    "table": (
        replaced("assets/texts/en.toml", "\n[slides]\n", "\n[slide]\n"),
        "assets/texts/en.toml: slide: found an unknown key; allowed: slides; did you mean slides?",
    ),
    "no table": (
        replaced("assets/texts/en.toml", "\n[transcript]\n", "\n[zzz]\n"),
        "assets/texts/en.toml: transcript: found nothing; allowed: a table [transcript]",
    ),
    "film": (
        replaced("assets/texts/en.toml", "[films.model]", "[films.modle]"),
        "assets/texts/en.toml: films.modle: found an unknown key; allowed: model; did you mean model?",
    ),
}


@pytest.mark.parametrize(("change", "message"), FAULTS.values(), ids=list(FAULTS))
def test_what_is_missing_is_named(
    change: Callable[[Path], None], message: str, copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts.check_texts()
    change(copied)
    with pytest.raises(ChapterError) as caught:
        texts.check_texts()
    assert message in str(caught.value)
    texts.load_texts.cache_clear()
    assert main(["check", "default"]) == 2
    assert message in capsys.readouterr().err


def test_all_that_is_missing_is_named_at_once(copied: Path) -> None:
    FAULTS["label"][0](copied)
    FAULTS["text of the page"][0](copied)
    with pytest.raises(ChapterError) as caught:
        texts.load_texts("zh")
    assert len(caught.value.faults) == 2


def test_a_label_that_a_scene_asks_for_is_named(copied: Path) -> None:
    chapter = texts.load_texts("en").chapters["softmax"]
    assert chapter.labels["figure_embedding"].all == ("Embedding",)
    asked = r"scenes/softmax/en\.toml: labels\.figure_embeding: found nothing; .* did you mean figure_embedding\?"
    with pytest.raises(ChapterError, match=asked):
        chapter.labels["figure_embeding"]


# --- scene and storyboard ---------------------------------------------------------------------------------------------


class Wrong(Chapter):
    """A scene that has not the steps of its chapter's texts."""

    chapter = "scores"

    @step
    def operand(self) -> None:
        """Says nothing."""

    @step
    def whole(self) -> None:
        """Says nothing."""


def test_steps_of_scene_and_texts_are_the_same() -> None:
    Scores.check("scores")
    with pytest.raises(ChapterError) as caught:
        Wrong.check("scores")
    told = str(caught.value)
    assert "scenes/scores/scene.py: Wrong: found no step operands; allowed: a method operands marked @step" in told
    assert "did you mean operand?" in told
    assert "scenes/scores/en.toml: steps.operand: found nothing" in told


def test_steps_have_one_order() -> None:
    with pytest.raises(ChapterError, match=r"Scores: found .*; allowed: the order of scenes/scores/en\.toml: operands"):
        texts.check_steps("scores", "Scores", Scores.steps[::-1])


def test_a_chapter_without_entry_folder_or_class(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ChapterError, match=r'storyboard\.py: CHAPTERS: found no Entry\("score", …\).*mean scores\?'):
        entry_of("score")
    with pytest.raises(ChapterError, match=r"CHAPTERS: found no entry for the class Chapter"):
        entry_of_class(Chapter)
    monkeypatch.setitem(storyboard._BY_NAME, "nowhere", Entry("nowhere", "model", lights=()))
    with pytest.raises(ChapterError, match=r"^scenes/nowhere/scene\.py: found no such file; .* the class Nowhere$"):
        chapter_class("nowhere")
    monkeypatch.delattr("scenes.scores.scene.Scores")
    with pytest.raises(ChapterError, match=r"^scenes/scores/scene\.py: found no class Scores"):
        chapter_class("scores")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"film": "atention"}, r'Entry\("x"\), film: found "atention"; .*did you mean attention\?'),
        ({"lights": ("encoder.norm1",)}, r'Entry\("x"\), lights: found "encoder\.norm1"; .*mean encoder\.norm_1\?'),
        ({"needs": "decoder"}, r'Entry\("x"\), needs: found "decoder"; .*mean encoder\?'),
    ],
)
def test_an_entry_names_what_there_is(fields: dict, message: str) -> None:
    with pytest.raises(ChapterError, match=message):
        Entry("x", **{"film": "model", "lights": ()} | fields)


class Saying(Chapter):
    """Says one caption with one fact."""

    chapter = "scores"
    told = ("A {thing}.",)

    def setup(self) -> None:
        super().setup()
        self.text = texts.ChapterText("x", {"whole": texts.StepText.of("x", self.told)}, {}, (), self.text.file)

    @step
    def whole(self) -> None:
        self.say(thing="row")


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ((), r"steps\.whole\.captions: found a list of 0; allowed: a text for each time"),
        (("A {thing}.", "More."), r"steps\.whole\.captions: found a list of 2; allowed: 1: no more are said"),
        (("A {thin}.",), r'steps\.whole\.captions: found \{thin\} in "A \{thin\}\."; allowed: \{thing\}; did you mean'),
        (("word " * 150,), r"steps\.whole\.captions: found this caption needs more than two lines"),
    ],
    ids=["too few", "too many", "another fact", "too long"],
)
def test_captions_that_do_not_fit_the_scene(told: tuple[str, ...], message: str) -> None:
    walk(Saying, lambda scene, name: None)
    wrong = type("Saying", (Saying,), {"told": told, "whole": Saying.whole})
    with pytest.raises(ChapterError, match=r"^scenes/scores/en\.toml: " + message):
        walk(wrong, lambda scene, name: None)


# --- languages --------------------------------------------------------------------------------------------------------


def test_what_a_language_lacks_is_named(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(languages, "TEXTS", copied / "assets" / "texts")
    languages.language_of.cache_clear()
    (copied / "assets" / "fonts").mkdir()
    replaced("assets/texts/zh.toml", "\nspaces = false", "\nspaces = 0\nletters = 3")(copied)
    with pytest.raises(ChapterError) as caught:
        languages.language_of("zh")
    told = str(caught.value)
    assert "assets/texts/zh.toml: language.spaces: found 0; allowed: true or false" in told
    assert "assets/texts/zh.toml: language.letters: found an unknown key" in told
    languages.language_of.cache_clear()
