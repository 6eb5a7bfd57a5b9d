"""A chapter more and a language more, as the README says: one folder and one line, one file beside each other."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import srt
from PIL import Image

from core.examples.example import load_example

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
FOLDERS = ("core", "scenes", "studio", "assets", "tests")
SMALL = ("--quality", "preview", "--fps", "2", "--workers", "1")


def section(title: str) -> str:
    """A section of the README."""
    return README.partition(f"### {title}\n")[2].partition("\n#")[0]


def copied(target: Path) -> Path:
    """A copy of the project."""
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, target / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return target


def content(tree: Path) -> dict[str, bytes]:
    files = (file for folder in FOLDERS for file in (tree / folder).rglob("*"))
    return {str(f.relative_to(tree)): f.read_bytes() for f in files if f.is_file() and "__pycache__" not in f.parts}


def run(tree: Path, *arguments: str, code: int = 0) -> str:
    """A command of the project in a tree; what it printed."""
    environment = os.environ | {"PYTHONPATH": str(tree), "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=tree, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, f"{arguments}\n{done.stdout}\n{done.stderr}"
    return done.stdout if code == 0 else done.stderr


def studio(tree: Path, *arguments: str, code: int = 0) -> str:
    return run(tree, "-m", "studio", *arguments, code=code)


def ask(tree: Path, question: str) -> Any:
    """What Python answers in a tree, as JSON."""
    return json.loads(run(tree, "-c", f"import json, sys; sys.path[:0] = ['tests', 'tests/scenes']; {question}"))


# --- a chapter more ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def with_chapter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project to which the README's section has been applied, line by line."""
    tree = copied(tmp_path_factory.mktemp("chapter"))
    (commands,) = re.findall(r"```sh\n(.*?)```", section("A chapter more"), re.DOTALL)
    for command in commands.splitlines():
        subprocess.run(command, cwd=tree, shell=True, check=True)
    (line,) = re.findall(r"```text\n(.*?)```", section("A chapter more"), re.DOTALL)
    storyboard = tree / "scenes" / "storyboard.py"
    text = storyboard.read_text(encoding="utf-8")
    before = re.search(r'^    Entry\("residual",', text, re.MULTILINE)
    assert before is not None
    storyboard.write_text(text[: before.start()] + line + text[before.start() :], encoding="utf-8")
    return tree


def test_one_folder_and_one_line_are_touched(with_chapter: Path) -> None:
    before, after = content(ROOT), content(with_chapter)
    new = {name for name in after if name not in before}
    changed = {name for name in before if after[name] != before[name]}
    assert {str(Path(name).parent) for name in new} == {"scenes/dropout"}
    assert changed == {"scenes/storyboard.py"}
    lines = [content["scenes/storyboard.py"].decode().splitlines() for content in (before, after)]
    assert len(lines[1]) == len(lines[0]) + 1
    assert len([line for line in lines[1] if line not in lines[0]]) == 1


def test_the_new_chapter_is_listed_and_numbered(with_chapter: Path) -> None:
    listed = studio(with_chapter, "--list")
    numbers = re.findall(r"^(\w+) +(\d+)  ", listed, re.MULTILINE)
    assert [int(number) for _, number in numbers] == list(range(1, len(numbers) + 1))
    names = [name for name, _ in numbers]
    assert names.index("dropout") + 1 == names.index("residual")
    assert "Dropout" in listed
    assert "dropout" in studio(with_chapter, "check", "default")


def test_the_new_chapter_is_in_the_film_and_in_the_tests(with_chapter: Path) -> None:
    imported = "from scenes.storyboard import FILMS, entry_of"
    film, name = ask(with_chapter, f"{imported}; print(json.dumps([FILMS['model'], entry_of('dropout').file_name]))")
    assert name == f"{film.index('dropout') + 1:02}-dropout"
    tested = ask(with_chapter, "import test_stills; print(json.dumps(test_stills.CHAPTERS))")
    assert "dropout" in tested
    run(
        with_chapter,
        "-m",
        "pytest",
        "-q",
        "tests/test_house.py",
        "-k",
        "(dropout or storyboard or knows or circles) and not readme",
    )
    run(with_chapter, "-m", "pytest", "-q", "tests/scenes/test_stills.py", "-k", "dropout-default-en or dropout-long")


def test_the_new_chapter_is_drawn_and_captioned(with_chapter: Path) -> None:
    picture = studio(with_chapter, "still", "dropout", "--quality", "preview").strip()
    with Image.open(with_chapter / picture) as still:
        assert len(still.convert("L").getcolors(1 << 20) or []) > 20
    clip = with_chapter / studio(with_chapter, "dropout", *SMALL).splitlines()[-1]
    assert clip.is_file()
    said = {language: clip.with_suffix(f".{language}.srt").read_text(encoding="utf-8") for language in ("en", "zh")}
    assert "who looks at whom" in said["en"].replace("\n", " ")
    assert "谁在看谁" in said["zh"].replace("\n", "")
    assert all(clip.with_suffix(f".{language}.vtt").is_file() for language in said)


def test_the_new_chapter_without_a_text_is_one_message(with_chapter: Path) -> None:
    file = with_chapter / "scenes" / "dropout" / "zh.toml"
    kept = file.read_text(encoding="utf-8")
    try:
        file.unlink()
        told = studio(with_chapter, "still", "dropout", code=2)
        assert told.startswith("scenes/dropout/zh.toml: found no such file")
        assert len(told.splitlines()) == 1
    finally:
        file.write_text(kept, encoding="utf-8")


# --- a language more --------------------------------------------------------------------------------------------------


def loud(text: str) -> str:
    """A text in a language made up for this: English in capitals, but for what is filled in."""
    return re.sub(r"\{[^}]*\}|[^{]+", lambda part: part[0] if part[0].startswith("{") else part[0].upper(), text)


def in_loud(value: Any) -> Any:
    """A table of texts in that language; the claims that some depend on keep their names."""
    if isinstance(value, dict):
        return {key: part if key == "claim" else in_loud(part) for key, part in value.items()}
    return [in_loud(text) for text in value] if isinstance(value, list) else loud(value)


def as_toml(table: dict[str, Any], path: str = "") -> str:
    plain = {key: value for key, value in table.items() if not isinstance(value, dict)}
    lines = [f"[{path}]"] if path else []
    lines += [f"{key} = {_as_value(value)}" for key, value in plain.items()]
    inner = [as_toml(value, f"{path}.{key}".lstrip(".")) for key, value in table.items() if key not in plain]
    return "\n".join([*lines, *inner])


def _as_value(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_as_value, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {_as_value(part)}' for key, part in value.items())} }}"
    return json.dumps(value, ensure_ascii=False)


@pytest.fixture(scope="module")
def with_language(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with a third file beside each `en.toml`."""
    tree = copied(tmp_path_factory.mktemp("language"))
    for file in [*(tree / "assets" / "texts").glob("en.toml"), *(tree / "scenes").glob("*/en.toml")]:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        kept = {key: table.pop(key) for key in ("language", "new") if key in table}
        if kept:
            kept["language"]["name"] = "LOUD"
        file.with_name("qq.toml").write_text(as_toml(in_loud(table) | kept), encoding="utf-8")
    return tree


def test_the_new_language_is_listed_and_checked(with_language: Path) -> None:
    assert "FROM SCORES TO SHARES" in studio(with_language, "--list", "--language", "qq")
    studio(with_language, "check", "default")
    studio(with_language, "new", "mine", "--language", "qq")
    example = with_language / "mine.toml"
    example.write_text('title = { en = "A", qq = "LOUD A" }\nsentence = "a b"\n', encoding="utf-8")
    assert "LOUD A" in studio(with_language, "check", "mine.toml")
    assert "allowed: en, qq or zh" in studio(with_language, "--list", "--language", "qx", code=2)


def test_the_new_language_is_drawn_and_captioned(with_language: Path) -> None:
    pictures = [
        studio(with_language, "still", "scores", "operands", "--quality", "preview", "--language", language).strip()
        for language in ("en", "qq")
    ]
    assert len({(with_language / picture).read_bytes() for picture in pictures}) == 2
    clip = with_language / studio(with_language, "scores", *SMALL).splitlines()[-1]
    said, quiet = (clip.with_suffix(f".{language}.srt").read_text(encoding="utf-8") for language in ("qq", "en"))
    cues, english = list(srt.parse(said, ignore_errors=False)), list(srt.parse(quiet))
    assert [cue.start for cue in cues] == [cue.start for cue in english]
    assert all(
        one.content.upper() == other.content.upper() != other.content for one, other in zip(cues, english, strict=True)
    )
    assert any(cue.content.isupper() for cue in cues)
    words = len(load_example("default").tokens)
    assert f"(QUERIES {words} × KEYS {words}" in clip.with_suffix(".qq.md").read_text(encoding="utf-8")
    page = with_language / studio(with_language, "page", "scores", *SMALL).splitlines()[-1]
    assert '<button type="button" data-language="qq" lang="qq">LOUD</button>' in page.read_text(encoding="utf-8")


def test_what_the_new_language_lacks_is_one_message(with_language: Path) -> None:
    file = with_language / "scenes" / "softmax" / "qq.toml"
    kept = file.read_text(encoding="utf-8")
    try:
        file.write_text(kept.replace("\nramp =", "\nrump ="), encoding="utf-8")
        told = studio(with_language, "check", "default", code=2)
        assert told == "scenes/softmax/qq.toml: labels.rump: found an unknown key; allowed: ramp; did you mean ramp?\n"
    finally:
        file.write_text(kept, encoding="utf-8")
