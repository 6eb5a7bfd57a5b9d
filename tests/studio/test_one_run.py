"""A chapter is run in one place: whatever is made of it asks for it there."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = {path.relative_to(ROOT): ast.parse(path.read_text(encoding="utf-8")) for path in ROOT.glob("studio/**/*.py")}
RUN = Path("studio/engine/run.py")


@pytest.mark.parametrize("name", ["chapter_class", "StepRenderer", "EndSceneEarlyException", "configured"])
def test_one_place_knows_how_a_chapter_is_run(name: str) -> None:
    assert {path for path, tree in FILES.items() for node in ast.walk(tree) if _names(node) == name} == {RUN}


def test_one_place_runs_a_chapter() -> None:
    assert [path for path, tree in FILES.items() for node in ast.walk(tree) if _renders(node)] == [RUN]


def _names(node: ast.AST) -> str:
    """What a node uses or imports, by its own name."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.name if isinstance(node, ast.alias) else node.id if isinstance(node, ast.Name) else ""


def _renders(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "render"
