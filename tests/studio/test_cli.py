"""The command line: what it prints, where it writes, how it ends."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.examples.example import load_example
from scenes.shared.end_card import commands
from scenes.stage.chapter.settings import LANGUAGES
from scenes.stage.chapter.texts import load_texts
from scenes.storyboard import FILMS
from studio import options as options_module
from studio.cli import main
from studio.engine.quality import picture_of
from studio.exports import sidecars
from studio.films.order import Order
from studio.films.store import FOLDER

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def in_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    options_module.drawable.cache_clear()  # a file of the same name in another folder is another example
    return tmp_path


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-c", "import sys; from studio.cli import main; sys.exit(main())", *arguments]


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT)}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["scoers"], 'chapter: found "scoers"; allowed:'),
        (["scoers"], "did you mean scores?"),
        (["scores", "check"], "a command comes first"),
        (["scores", "--langage", "en"], "--language"),
        (["--language", "fr"], '--language: found "fr"; allowed: en or zh'),
        (["--list", "--language", "fr"], '--language: found "fr"; allowed: en or zh'),
        (["--theme", "drak"], "did you mean dark?"),
        (["--size", "lagre"], "did you mean large?"),
        (["--quality", "hgih"], "did you mean high?"),
        (["stil", "scores"], "did you mean still?"),
        (["clip"], "did you mean clips?"),
        (["slide", "scores"], "did you mean slides?"),
        (["softmx"], "did you mean softmax?"),
        (["--quality", ""], '--quality: found ""; allowed: preview'),
        (["--fps", "0"], "--fps: found 0; allowed: a number from 1 to 120, such as 25, 12.5, 29.97 or 30000/1001"),
        (["--fps", "fast"], '--fps: found "fast"'),
        (["--fps", "1/0"], "--fps: found 1/0"),
        (["--fps", "nan"], '--fps: found "nan"'),
        (["--fps", "1e1000000000"], "--fps"),
        (["--fps", "10000000/1000001"], "--fps"),
        (["--workers", "0"], "--workers: found 0; allowed: a whole number from 1 to 64"),
        (["--workers", "1.5"], "--workers: found 1.5; allowed: a whole number"),
        (["--workers", "1000"], "--workers: found 1000"),
        (["--workers", "two"], '--workers: found "two"'),
        (["--example", ""], 'example: found ""'),
        (["--example", "a" * 300 + ".toml"], "example: found a name of 305 bytes"),
        (["check", "寿" * 100 + ".toml"], "example: found a name of 305 bytes"),
        (["--out", ""], '--out: found ""'),
        (["--out", "a/" + "b" * 300], "--out: found a name of 300 bytes"),
        (["scores", "--out", "film.mp4"], '--out: found "film.mp4"; allowed: a folder'),
        (["still", "scores", "--out", "x.jpg"], "allowed: a folder, or a file that ends in .png, .svg or .pdf"),
        (["sheet", "scores", "--out", "x.SVG"], "allowed: a folder, or a file that ends in .png"),
        (["handout", "scores", "--out", "x.png"], "allowed: a folder, or a file that ends in .pdf"),
        (["clips", "scores", "--longest", "-1"], "--longest: found -1; allowed: seconds from 0 to 3600"),
        (["clips", "scores", "--longest", "nan"], '--longest: found "nan"'),
        (["clips", "scores", "--loop", "1.5"], "--loop: found 1.5; allowed: a whole number from 0"),
        (["check", "default", "--language", "fr"], '--language: found "fr"'),
        (["numbers", "scores", "--language", "fr"], '--language: found "fr"'),
        (["new", ""], 'NAME: found ""; allowed: a name'),
        (["new", ".toml"], 'NAME: found ".toml"'),
        (["new", "folder/"], 'NAME: found "folder/"'),
        (["new", "a" * 300], "NAME: found a name of 305 bytes"),
        (["--example", "defualt"], "did you mean default?"),
        (["--example", "absent.toml"], "absent.toml: found no such file"),
        (["still"], "CHAPTER"),
        (["still", "scores", "frist_row"], "did you mean first_row?"),
        (["still", "scores", "99"], 'step of scores: found "99"'),
        (["still", "scaling", "gradients"], "did you mean saturation:gradients?"),
        (["still", "scaling", "saturatoin"], "did you mean saturation?"),
        (["sheet", "score"], "did you mean scores?"),
        (["check", "absent.toml"], "absent.toml: found no such file"),
        (["check"], "FILE"),
        (["new", "a", "b"], "b: found one argument too many"),
        (["numbers", "scors"], "did you mean scores?"),
    ],
)
def test_bad_input_is_one_line_and_writes_nothing(
    arguments: list[str], message: str, in_empty_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    output = capsys.readouterr()
    assert message in output.err
    assert len(output.err.strip().splitlines()) == 1
    assert not output.out
    assert not list(in_empty_folder.iterdir())


def test_a_model_without_an_encoder_has_no_chapter_on_it(
    in_empty_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("mine.toml").write_text('sentence = "a b"\n[model]\nkind = "decoder-only"\n')
    assert main(["encoder", "--example", "mine.toml"]) == 2
    told = capsys.readouterr().err.strip()
    assert told == 'mine.toml: model.kind: found "decoder-only"; encoder needs "encoder-decoder"'
    assert [path.name for path in in_empty_folder.iterdir()] == ["mine.toml"]


def test_every_fault_of_an_example_is_told(in_empty_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine.toml").write_text('sentence = "a b"\nheads = 0\ndecimal = 2\n')
    assert main(["check", "mine.toml"]) == 2
    faults = capsys.readouterr().err.strip().splitlines()
    assert len(faults) == 2
    assert all(line.startswith("mine.toml: ") for line in faults)


def test_a_character_without_font_is_named(in_empty_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine.toml").write_text('tokens = ["a\\uFDD0", "b"]\n')
    assert main(["still", "scores", "--example", "mine.toml"]) == 2
    assert "U+FDD0" in capsys.readouterr().err


def test_list_names_every_chapter_and_step(capsys: pytest.CaptureFixture[str]) -> None:
    for language in ("en", "zh"):
        assert main(["--list", "--language", language]) == 0
        lines = capsys.readouterr().out.splitlines()
        for name, chapter in load_texts(language).chapters.items():
            assert any(name in line.split() and chapter.title in line for line in lines)
            for step, text in chapter.steps.items():
                assert any(step in line.split() and text.title in line for line in lines)


def test_help_of_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    for command_name in ("check", "new", "numbers", "sheet", "still"):
        assert main([command_name, "--help"]) == 0
        assert f"./render.sh {command_name}" in capsys.readouterr().out
    assert main(["--help"]) == 0
    assert "--quality" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["--help"], ["--list"], ["numbers", "scores"]])
def test_manim_is_imported_only_to_draw(arguments: list[str]) -> None:
    code = f"import sys; from studio.cli import main; assert main({arguments}) == 0; assert 'manim' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], env=environment(), check=True, capture_output=True)


def test_new_is_valid_and_never_overwrites(in_empty_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for language in ("en", "zh"):
        assert main(["new", f"mine-{language}", "--language", language]) == 0
        before = Path(f"mine-{language}.toml").read_text(encoding="utf-8")
        assert load_example(f"mine-{language}.toml").tokens
        assert main(["new", f"mine-{language}"]) == 2
        assert Path(f"mine-{language}.toml").read_text(encoding="utf-8") == before
    assert main(["new", "absent/mine"]) == 2
    assert "absent/mine" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["mine", "mine.toml", "my own", "it's", "-mine", "雨", "a:b", "$HOME"])
def test_what_new_says_is_next_can_be_typed(
    name: str, in_empty_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for options in ([], ["--out", "a folder"]):
        assert main(["new", *options, "--", name]) == 0
        told = capsys.readouterr().out.strip()
        program, *arguments = shlex.split(told.partition("then: ")[2])
        assert program == "./render.sh"
        assert arguments[0] == "check"
        assert Path(arguments[1]).name == f"{name.removesuffix('.toml')}.toml"
        assert Path(arguments[1]).is_file()
        assert not arguments[1].startswith("-")


def named(*arguments: str) -> str:
    """What films made with these options are called."""
    options: dict[str, Any] = dict(zip(arguments[::2], arguments[1::2], strict=True))
    look = options_module.Look(**{k: v for k, v in options.items() if k in ("example", "language", "theme", "size")})
    output = options_module.Output(**{k: v for k, v in options.items() if k in ("quality", "fps")})
    return options_module.suffix(look, output)


def test_no_two_sets_of_options_name_the_same_files() -> None:
    words = ["default", "zh", "en", "light", "large", "preview", "25fps", "scores", "of", "mine"]
    stems = [*words, *(f"{one}-{two}" for one in words for two in words)]
    examples = [None, "default", "default-zh", *(f"{stem}.toml" for stem in stems)]
    looks = [
        {"example": example, "language": language, "theme": theme, "quality": quality, "fps": fps}
        for example in examples
        for language in ("en", "zh")
        for theme in ("dark", "light")
        for quality in (None, "preview")
        for fps in (None, "25")
    ]
    names = [named(*(part for pair in look.items() for part in pair)) for look in looks]
    ahead = [f"{first}{name}" for first in ("", "-scores") for name in names]  # two chapters in one name
    assert len(set(ahead)) == len(ahead)


def test_rates_of_television_are_exact_and_told_apart() -> None:
    assert picture_of("high", "29.97").rate == Fraction(30000, 1001) == picture_of("high", "30000/1001").rate
    assert picture_of("high", "23.976").rate == picture_of("high", "23.98").rate == Fraction(24000, 1001)
    assert picture_of("high", "12.5").rate == Fraction(25, 2)
    assert picture_of("high", "2997/100").rate == Fraction(2997, 100)
    assert picture_of("high", "30").fps == picture_of("high", "30.0").fps == 30
    assert len({named("fps", fps) for fps in ("30", "29.97", "2997/100", "30000/1001", "60")}) == 4


def test_a_link_is_followed_and_a_colon_is_no_protocol(in_empty_folder: Path) -> None:
    assert Path("films") == options_module.Output().out
    orders: list[Path] = []
    Path("elsewhere").mkdir()
    Path("link").symlink_to("elsewhere")
    for out in ("demo:1", "file:x", "link", "a b"):
        assert main(["still", "scores", "--quality", "preview", "--out", out, "--format", "svg"]) == 0
        orders += Path(out).rglob("*.svg")
    assert len(orders) == 4
    assert list(Path("elsewhere").rglob("*.svg"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("film", FILMS)
def test_what_the_end_card_says_films_a_sentence_of_ones_own(
    film: str, language: str, in_empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders: list[Order] = []
    monkeypatch.setattr(sidecars, "render", lambda order, scheduler: orders.append(order) or [])
    for typed in commands(film, language):
        program, *arguments = typed.split()
        assert (program, main(arguments)) == ("./render.sh", 0)
    assert (in_empty_folder / "mine.toml").is_file()
    (order,) = orders
    assert [one.path.name for one in order.films] == [f"{order.name}.mp4"]
    assert [part.chapter for part in order.parts] == list(FILMS[film])
    told = order.parts[0].settings
    assert told.language == language
    assert told.example.tokens == load_example("mine.toml").tokens


def test_numbers_as_table_json_and_npz(in_empty_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["numbers", "scores"]) == 0
    assert "scores = q · k_transposed" in capsys.readouterr().out
    assert main(["numbers", "heads", "--json"]) == 0
    assert all(name.startswith("heads.") for name in json.loads(capsys.readouterr().out))
    assert main(["numbers", "--npz", "numbers.npz"]) == 0
    assert "weights" in np.load("numbers.npz")
    assert main(["numbers", "--npz", "absent/numbers.npz"]) == 2
    assert main(["numbers", "--npz", os.devnull]) == 2
    assert not Path(os.devnull).is_file()


def test_still_is_drawn(in_empty_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["still", "scores", "2", "--quality", "preview", "--theme", "light", "--language", "zh"]) == 0
    path = Path(capsys.readouterr().out.strip())
    step = list(load_texts("zh").chapters["scores"].steps)[1]
    assert path == Path(f"films/stills/scores-{step}-zh-light-preview.png")
    with Image.open(path) as image:
        assert image.size == (854, 480)
        assert len(image.getcolors(maxcolors=10**6) or ()) > 50
    assert main(["still", "scores", "--quality", "preview", "--out", "poster.png"]) == 0
    with Image.open("poster.png") as image:
        assert image.size == (854, 480)


def test_sheet_is_drawn(in_empty_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sheet", "scores", "--quality", "preview", "--motion"]) == 0
    path = Path(capsys.readouterr().out.strip())
    assert path == Path("films/sheets/scores-preview.png")
    with Image.open(path) as image:
        assert image.size[1] > 270


def test_sheet_of_several_chapters(in_empty_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sheet", "softmax", "scores", "--quality", "preview", "--out", "both.png"]) == 0
    assert capsys.readouterr().out == "both.png\n"
    assert list(in_empty_folder.iterdir()) == [in_empty_folder / "both.png"]
    with Image.open("both.png") as image:
        steps = [len(load_texts("en").chapters[chapter].steps) for chapter in ("scores", "softmax")]
        assert image.size[1] > sum(-(-count // 4) * 270 for count in steps)


def test_an_unwritable_folder_is_one_line(in_empty_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("file").write_text("in the way")
    for arguments in (["scores"], ["still", "scores"], ["sheet", "scores"]):
        assert main([*arguments, "--out", "file/films"]) == 1
        error = capsys.readouterr().err
        assert error.count("\n") == 1
        assert "file/films" in error
        assert "Cannot write" in error


def test_a_closed_pipe_is_no_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(command("numbers"), env=environment(), stdout=writer, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 0
    assert not done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_leaves_nothing_half_done(number: int, in_empty_folder: Path) -> None:
    films = in_empty_folder / "films"
    arguments = command("scores", "--quality", "low")
    with subprocess.Popen(
        arguments, env=environment(), stderr=subprocess.PIPE, start_new_session=True, preexec_fn=heed_interrupts
    ) as process:
        started = time.monotonic()
        while not list(films.glob(".work-*/*.mp4")):
            assert time.monotonic() - started < 60
            assert process.poll() is None
            time.sleep(0.05)
        os.killpg(process.pid, number) if number == signal.SIGINT else process.send_signal(number)
        assert process.wait(30) == 130
        assert process.stderr is not None
        assert process.stderr.read().decode().splitlines()[-1] == "Interrupted."
    assert not [path for path in films.rglob("*") if path.is_file() and path.parent.name != FOLDER]
    assert not list(films.glob(".work-*"))
    assert ends(process.pid)


def heed_interrupts() -> None:
    """A shell that runs the tests in the background has them ignore Ctrl-C, and a child would inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def ends(group: int) -> bool:
    """Whether the last process of a group is gone within some seconds."""
    for _ in range(100):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["scores", "--format", "mp5"], "did you mean mp4"),
        (["scors"], "did you mean scores"),
        (["scores", "--longest", "long"], "long"),
    ],
)
def test_clips_that_cannot_be_are_named(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str], in_empty_folder: Path
) -> None:
    assert main(["clips", *arguments]) == 2
    assert message in capsys.readouterr().err
    assert list(in_empty_folder.iterdir()) == []
