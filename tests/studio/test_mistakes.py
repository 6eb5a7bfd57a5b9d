"""Command lines as a lecturer mistypes them: one line says what was found, what is allowed, and what may be meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.cli import main

TOLD = {
    "new": "NAME: found nothing; allowed: ./render.sh new NAME",
    "new mine.txt": "did you mean mine.toml?",
    "new nofolder/mine": "allowed: a name in a folder that is there; nofolder is not",
    "new mine --langauge zh": "found no such option; allowed: --language or --out; did you mean --language?",
    "check": "FILE: found nothing; allowed: ./render.sh check FILE",
    "check ok.toml –language zh": "allowed: two hyphens before an option; did you mean --language?",
    "check ok.toml --language Chinese": "allowed: en or zh; did you mean zh?",
    "check ok.toml --size big": "did you mean large?",
    "numbers ok.toml": "did you mean --example ok.toml?",
    "numbers scores --npz": "--npz: found nothing; allowed: a value behind it",
    "numbers scores --npz nofolder/x.npz": "--npz: found",
    "page ok.toml": "did you mean --example ok.toml?",
    "page scores --theme white": "did you mean light?",
    "still attention": 'found the film "attention"; allowed: one chapter of it: question,',
    "still softmax -example ok.toml": "did you mean --example?",
    "still softmax --Theme light": "did you mean --theme?",
    "still softmax 99": "heat, whole or 1 to 8",
    "slides scores,softmax": "did you mean scores softmax?",
    "slides scores --kind powerpoint": "did you mean pptx?",
    "handout scores --quality 1080p": "did you mean high?",
    "handout scores --out notes.docx": "allowed: a folder, or a file that ends in .pdf",
    "softmax divide": "did you mean softmax:divide?",
    "list": "did you mean --list?",
    "help": "did you mean --help?",
    "films": "did you mean all?",
    "render": 'did you mean ./render.sh attention, without "render"?',
    "render softmax": 'did you mean ./render.sh softmax, without "render"?',
    "scores --example": "--example: found nothing; allowed: a value behind it",
}


@pytest.mark.parametrize("line", TOLD)
def test_a_mistyped_command_line_is_told_in_one_line(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("ok.toml").write_text('sentence = "a b"\n', encoding="utf-8")
    assert main(line.split()) == 2
    said = capsys.readouterr().err.strip()
    assert TOLD[line] in said
    assert len(said.splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["ok.toml"]
