"""The rules of the house: which room may know which, what a chapter's folder holds, what is derived and never typed."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest

from core.examples.languages import LANGUAGES
from scenes.storyboard import CHAPTERS, FILMS, LAST_STEP

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("core", "scenes", "studio")
NAMES = tuple(entry.name for entry in CHAPTERS)
NO_CHAPTERS = ("shared", "stage", "template")
HOMES = (*NAMES, "template")
PLACING = ("Box", "inset", "grown", "shifted", "columns", "rows", "upper", "lower", "move_to", "shift", "next_to")
MOST_BARE_DISTANCES = 280

# Rooms from below: each may import from those before it, and from itself.
CORE = ("core.model", "core.examples", "core.trace")
STAGE = tuple(f"scenes.stage.{room}" for room in ("paint", "matrix", "charts", "figure", "chapter", "compare"))
STUDIO = tuple(
    f"studio.{room}"
    for room in (
        *("errors", "insisting", "files", "machine", "selection", "examples"),
        *("engine", "films", "lessons", "options", "comparing"),
        *("exports", "notebook", "desk", "batch", "cli", "__main__"),
    )
)
ORDERS = (("core", "scenes", "studio"), CORE, ("scenes.storyboard", "scenes.stage", "scenes.shared"), STAGE, STUDIO)


@cache
def modules() -> dict[str, Path]:
    """Every module of the project, by its name."""
    files = (file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py")))
    return {".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file for file in files}


@cache
def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


@cache
def imports(module: str) -> frozenset[str]:
    """The project's modules that a module imports, wherever in it, for its types too."""
    found: set[str] = set()
    for node in ast.walk(tree(modules()[module])):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports by dots"
            inner = {f"{node.module}.{name.name}" for name in node.names}
            found |= {name if name in modules() else str(node.module) for name in inner}
    return frozenset(found & modules().keys() - {module})


def within(module: str, room: str) -> bool:
    return module == room or module.startswith(f"{room}.")


def files_of(*rooms: str) -> Iterator[Path]:
    """The Python files of some rooms."""
    return (file for module, file in modules().items() if any(within(module, room) for room in rooms))


# --- arrows -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order[-1])
def test_arrows_point_one_way(order: Sequence[str]) -> None:
    upward = [
        f"{module} → {other}"
        for below, above in combinations(order, 2)
        for module in modules()
        if within(module, below)
        for other in imports(module)
        if within(other, above)
    ]
    assert not upward


def test_every_room_has_its_place() -> None:
    """A new room is put into one of the orders, so that its arrows are looked at."""
    known = {"core", "scenes", "scenes.stage", "studio", *(room for order in ORDERS for room in order)}
    known |= {f"scenes.{name}" for name in HOMES}
    rooms = {".".join(m.split(".")[: 3 if m.startswith("scenes.stage.") else 2]) for m in modules()}
    assert rooms <= known, rooms - known


def test_no_chapter_knows_another_and_nobody_below_knows_one() -> None:
    homes = {f"scenes.{name}" for name in HOMES}
    strange = [
        f"{module} → {other}"
        for module in modules()
        for other in imports(module)
        for home in homes
        if within(other, home) and not within(module, home)
    ]
    assert not strange


def test_the_storyboard_knows_nothing_of_the_scenes() -> None:
    assert not [other for other in imports("scenes.storyboard") if within(other, "scenes")]


def test_there_are_no_circles() -> None:
    left = {module: set(imports(module)) for module in modules()}
    while free := [module for module, others in left.items() if not others & left.keys()]:
        for module in free:
            del left[module]
    circles = {module for module in left if module in _reached(module)}
    assert not circles


def _reached(start: str) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for other in imports(waiting.pop()) - found:
            found.add(other)
            waiting.append(other)
    return found


# --- chapters ---------------------------------------------------------------------------------------------------------


def test_every_folder_of_scenes_is_a_chapter_of_the_storyboard() -> None:
    folders = {folder.name for folder in (ROOT / "scenes").iterdir() if any(folder.glob("*.py"))}
    assert folders == {*NAMES, *NO_CHAPTERS}
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("chapter", HOMES)
def test_a_chapters_folder_is_complete(chapter: str) -> None:
    home = ROOT / "scenes" / chapter
    wanted = {"__init__.py", "scene.py", *(f"{language}.toml" for language in LANGUAGES)}
    assert wanted <= {file.name for file in home.iterdir()}
    assert not (home / "__init__.py").read_text(encoding="utf-8")
    name = "".join(word.capitalize() for word in chapter.split("_"))
    scene = next(node for node in tree(home / "scene.py").body if isinstance(node, ast.ClassDef) and node.name == name)
    steps = [node.name for node in scene.body if isinstance(node, ast.FunctionDef) and _is_step(node)]
    assert steps[-1] == LAST_STEP
    for language in LANGUAGES:
        assert list(texts(chapter, language)["steps"]) == steps, language


def _is_step(method: ast.FunctionDef) -> bool:
    return any(isinstance(mark, ast.Name) and mark.id == "step" for mark in method.decorator_list)


def texts(chapter: str, language: str) -> dict:
    return tomllib.loads((ROOT / "scenes" / chapter / f"{language}.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("chapter", HOMES)
def test_labels_that_a_scene_asks_for_are_there(chapter: str) -> None:
    for language in LANGUAGES:
        own = texts(chapter, language).get("labels", {})
        shared = tomllib.loads((ROOT / "assets" / "texts" / f"{language}.toml").read_text(encoding="utf-8"))["labels"]
        asked = {key for file in files_of(f"scenes.{chapter}") for key in labels_asked(tree(file))}
        assert asked <= own.keys() | shared.keys(), (language, asked - own.keys() - shared.keys())


@pytest.mark.parametrize("chapter", NAMES)
def test_every_label_is_asked_for(chapter: str) -> None:
    """A label that no file names stands for nothing; names that are put together count by their parts."""
    read = _reached(f"scenes.{chapter}.scene") | {f"scenes.{chapter}.scene"}
    nodes = [n for module in read if within(module, "scenes") for n in ast.walk(tree(modules()[module]))]
    named = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    joined = [_pattern(node) for node in nodes if isinstance(node, ast.JoinedStr)]
    keys = texts(chapter, LANGUAGES[0]).get("labels", {}).keys()
    assert not [key for key in keys - named if not any(re.fullmatch(pattern, key) for pattern in joined)]


def _pattern(text: ast.JoinedStr) -> str:
    return "".join(re.escape(part.value) if isinstance(part, ast.Constant) else r"\w+" for part in text.values)


def labels_asked(module: ast.Module) -> Iterator[str]:
    """The keys of labels that stand in a file as they are."""
    for node in ast.walk(module):
        if _asks(node):
            yield from _literal(node.args[0])
        elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr == "labels":
            yield from _literal(node.slice)


def _asks(node: ast.AST) -> bool:
    """Whether it is a call that asks for a label."""
    asking = ("label", "words", "say", "say_instead")
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in asking
        and bool(node.args)
    )


def _literal(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _literal(node.body)
        yield from _literal(node.orelse)


# --- what is derived --------------------------------------------------------------------------------------------------


def test_no_number_of_a_chapter_is_typed() -> None:
    name = "|".join(NAMES)
    typed = re.compile(rf"\bchapters? \d|第\s*\d+\s*章|\b\d\d?-(?:{name})\b", re.IGNORECASE)
    files = [*files_of(*PACKAGES), *(ROOT / "scenes").rglob("*.toml"), *(ROOT / "assets" / "texts").glob("*.toml")]
    found = [f"{file.relative_to(ROOT)}: {said}" for file in files for said in typed.findall(_without_samples(file))]
    assert not found
    titles = [texts(chapter, language)["title"] for chapter in HOMES for language in LANGUAGES]
    assert not [title for title in titles if re.match(r"\d", title)]


def _without_samples(file: Path) -> str:
    """A file without what docstrings quote as a sample, `03-scores`."""
    return re.sub(r"`[^`\n]*`", "", file.read_text(encoding="utf-8"))


def test_chapters_are_listed_in_the_storyboard_alone() -> None:
    lists = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in (*files_of(*PACKAGES), *sorted((ROOT / "tests").rglob("*.py")))
        if file != ROOT / "scenes" / "storyboard.py"
        for node in ast.walk(tree(file))
        if isinstance(node, ast.List | ast.Tuple | ast.Set | ast.Dict) and len(_chapters_in(node)) > len(NAMES) / 2
    ]
    assert not lists


def _chapters_in(node: ast.AST) -> set[str]:
    return {part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and part.value in NAMES}


def test_the_readme_lists_the_chapters_as_the_storyboard_does() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for film, chapters in FILMS.items():
        table = readme.partition(f"| `{film}` |")[2].partition("\n\n")[0]
        assert tuple(re.findall(r"^\| `(\w+)` \| \w", table, re.MULTILINE)) == chapters, film
    for number, name in re.findall(r"\b(\d\d)-([a-z]\w+)", readme):
        assert f"{number}-{name}" in {entry.file_name for entry in CHAPTERS}


def test_no_sentence_stands_in_python() -> None:
    """What is said in a language stands in its file."""
    files = [*files_of(*PACKAGES), *(ROOT / "studio" / "exports" / "page").glob("page.*")]
    said = [str(file) for file in files if re.search(r"[\u4e00-\u9fff]", file.read_text(encoding="utf-8"))]
    assert not said


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("room", ["core", "scenes.stage", "scenes.shared", "studio"])
def test_a_file_says_in_its_first_line_what_it_does(room: str) -> None:
    silent = [
        str(file.relative_to(ROOT))
        for file in files_of(room)
        if len((ast.get_docstring(tree(file)) or "").partition("\n")[0].split()) < 3
    ]
    assert not silent


def test_distances_have_names(record_property) -> None:
    """Bare numbers that say where something stands may become fewer, never more: `paint/layout.py` names distances."""
    counts = {file: bare_distances(tree(file)) for file in files_of("scenes")}
    total = sum(counts.values())
    worst = sorted(counts, key=lambda file: -counts[file])[:3]
    where = ", ".join(f"{counts[file]} in {file.relative_to(ROOT)}" for file in worst)
    record_property("measured", f"bare numbers in calls that place something: {total}, most: {where}")
    assert total <= MOST_BARE_DISTANCES


def bare_distances(module: ast.Module) -> int:
    """How many numbers with a decimal point stand in the arguments of calls that place something."""
    numbers: set[int] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and _places(node.func):
            arguments = (*node.args, *(keyword.value for keyword in node.keywords))
            parts = (part for argument in arguments for part in ast.walk(argument))
            numbers |= {id(part) for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, float)}
    return len(numbers)


def _places(function: ast.expr) -> bool:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name in PLACING or name.startswith("place")


def test_a_bare_distance_is_counted_once() -> None:
    assert bare_distances(ast.parse("Box(x - 0.2, x + 2, 0, h).inset(left=0.3)\nf(0.4)\nplace_pairs(a, gap=0.1)")) == 3
