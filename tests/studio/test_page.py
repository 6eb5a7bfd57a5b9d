"""The page, written with one real chapter and driven in Chromium as a lecturer would: from disk, with the keyboard."""

from __future__ import annotations

import json
import random
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from browser import CONTROL, SHIFT, Page, browser, frame_of, installed
from core.examples.example import load_example
from core.examples.fields import MASKS
from core.model.feed_forward import ACTIVATIONS
from core.trace import Opened, Origin, Trace
from core.trace.operations import OPERATIONS, TAKEN
from core.trace.pipeline import trace_example
from scenes.stage.chapter.settings import LANGUAGES, THEMES, Settings
from scenes.stage.chapter.texts import load_texts
from scenes.stage.paint.symbols import SYMBOLS
from scenes.storyboard import entry_of
from studio.engine.quality import Picture
from studio.exports.page.build import texts, write_page
from studio.exports.page.numbers import described, with_operands
from studio.exports.transcript import symbol_text
from studio.films.film_script import ChapterScript, scripts
from studio.films.local_processes import LocalProcesses
from studio.films.order import Order, Part
from studio.selection import PartOfChapter, select

WIDE_BEHIND = "encoder.1.feed_forward.output_product"  # its left operand is wider than a phone
PICTURE = Picture(256, 144, 4)
FURTHER = ("heads.scores", "context", "scaling.samples", "softmax.max", "sqrt_d_k", WIDE_BEHIND)
EXAMPLES = ("default", "translation-zh-en")
NASTY = "</script><img src=x onerror=alert(1)>"

needs_browser = pytest.mark.skipif(installed() is None, reason="no Chromium or Chrome on this machine")


@pytest.fixture(scope="module")
def chapters(tmp_path_factory: pytest.TempPathFactory) -> list[ChapterScript]:
    """A chapter, and its movie once more as another one, which ends on tensors of every kind under a nasty title."""
    example = load_example("default")
    order = Order.of(
        select(["scores"]), lambda chapter: Settings(example), PICTURE, tmp_path_factory.mktemp("films"), ""
    )
    with LocalProcesses(2) as scheduler:
        (first,) = scripts(order, scheduler)
    *steps, last = first.steps
    last = replace(last, titles=dict.fromkeys(LANGUAGES, NASTY), tensors=FURTHER)
    return [first, replace(first, part=another(first.part, "softmax"), steps=(*steps, last))]


def another(part: Part, chapter: str) -> Part:
    """The same part as one of another chapter."""
    entry, shown = entry_of(chapter), PartOfChapter(chapter, part.steps)
    return replace(part, shown=shown, number=entry.place, path=part.path.with_name(f"{entry.file_name}.mp4"))


@pytest.fixture(scope="module")
def folder(chapters: list[ChapterScript], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_page(chapters, tmp_path_factory.mktemp("pages") / "page").parent


@pytest.fixture(scope="module")
def wholes(chapters: list[ChapterScript]) -> list[ChapterScript]:
    """A chapter about each of two examples: a step with a tensor of every kind of origin, and one with all tensors."""
    made = []
    for name, example in zip(("scores", "softmax"), EXAMPLES, strict=True):
        part = replace(another(chapters[0].part, name), settings=Settings(load_example(example)))
        chapter = replace(chapters[0], part=part)
        kinds = {(origin.kind, origin.note): tensor for tensor, origin in _origins(chapter.trace)}
        first, second = chapters[0].steps[:2]
        steps = (replace(first, tensors=tuple(kinds.values())), replace(second, tensors=tuple(chapter.trace)))
        made.append(replace(chapter, steps=steps))
    return made


def _origins(trace: Trace) -> Iterator[tuple[str, Origin]]:
    for name in trace:
        origin = trace[name].origin
        assert origin
        yield name, origin


@pytest.fixture(scope="module")
def whole_page(chromium: Page, wholes: list[ChapterScript], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    index = write_page(wholes, tmp_path_factory.mktemp("pages") / "whole")
    chromium.open(index.as_uri())
    chromium.wait("document.getElementById('video').readyState >= 2")
    yield chromium
    assert chromium.complaints() == []


@pytest.fixture(scope="module")
def trace(chapters: list[ChapterScript]) -> Trace:
    return chapters[0].trace


@pytest.fixture(scope="module")
def chromium(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    program = installed()
    assert program
    with browser(program, tmp_path_factory.mktemp("browser") / "profile") as new_page:
        yield new_page()


@pytest.fixture
def page(chromium: Page, folder: Path) -> Iterator[Page]:
    """The page freshly opened; afterwards it must have loaded nothing but its own files, and complained of nothing."""
    chromium.open("about:blank")
    chromium.size(1600, 900)
    chromium.open((folder / "index.html").as_uri())
    chromium.wait("document.getElementById('video').readyState >= 2")
    yield chromium
    assert chromium.complaints() == []
    own = folder.as_uri()
    assert [address for address in chromium.requests() if not address.startswith((own, "data:"))] == []


# --- the folder -------------------------------------------------------------------------------------------------------


def test_it_is_whole_and_written_alike_each_time(chapters: list[ChapterScript], folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "page"
    target.mkdir()
    (target / "left over").touch()
    write_page(chapters, target)
    files = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(target) for path in target.rglob("*") if path.is_file())
    assert {"index.html", "data.js", "page.js", "page.css"} <= {str(path) for path in files}
    assert all((folder / path).read_bytes() == (target / path).read_bytes() for path in files)
    assert list(tmp_path.iterdir()) == [target]


def test_nothing_in_it_is_parsed_as_html(folder: Path) -> None:
    assert "<" not in (folder / "data.js").read_text(encoding="utf-8")
    assert "innerHTML" not in "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.js"))


def test_both_languages_say_the_same_things() -> None:
    assert texts("en").keys() == texts("zh").keys()
    assert all(text for language in LANGUAGES for text in texts(language).values())


def test_every_number_is_printed_as_in_the_film(trace: Trace) -> None:
    for name in with_operands(trace, ("context", "heads.context", "masked_scores", "sqrt_d_k")):
        tensor, told = trace[name], described(trace, name)
        printed = [tensor.at(*index).text for index in np.ndindex(tensor.shape)]
        assert told["cells"].split(" ") == printed


def test_a_tensor_brings_all_that_it_is_made_of(trace: Trace) -> None:
    names = with_operands(trace, ["context", "no such"])
    assert {"context", "weights", "softmax.sum", "mask", "x", "w_v", "embedding_table", "token_ids"} <= set(names)
    assert not {"no such", "heads.context", "loss"} & set(names)
    assert names == [name for name in trace if name in names]
    assert {name for operand in names for name in _made_of(trace, operand)} <= set(names)


def _made_of(trace: Trace, name: str) -> set[str]:
    origin = trace[name].origin
    assert origin
    return {name for operand in origin.operands for name in operand.names}


def test_every_symbol_has_a_colour_and_plain_text(folder: Path, trace: Trace) -> None:
    colours = (folder / "colours.css").read_text(encoding="utf-8")
    assert all(colours.count(f"--hue-{symbol.meaning}:") == len(THEMES) for symbol in SYMBOLS.values())
    assert described(trace, "scores")["symbol"] == "Q Kᵀ"
    assert described(trace, "softmax.max")["symbol"] == ""
    assert not any(set(symbol_text(name)) & set('"{}()^\\') for name in SYMBOLS)


def test_its_headings_and_buttons_are_named_before_scripts_run(folder: Path, chapters: list[ChapterScript]) -> None:
    html = (folder / "index.html").read_text(encoding="utf-8")
    assert re.findall(r"<(h\d|summary)[^>]*>(?:<span[^>]*>)?</", html) == []
    assert f'<h2 id="now">{chapters[0].steps[0].titles["en"]}</h2>' in html
    labels = re.findall(r'data-label="(\w+)" aria-label="([^"]*)"', html)
    assert labels and all(text == texts("en")[key] for key, text in labels)
    assert html.count("data-label") == len(labels)


# --- in the browser ---------------------------------------------------------------------------------------------------

STEP = "document.querySelector('.step[aria-current=step]').dataset.at"
TITLE = "document.getElementById('now').textContent"
TIME = "document.getElementById('video').currentTime"
SETTLED = "!document.getElementById('video').seeking && document.getElementById('video').readyState >= 2"
CAPTIONS = "[...document.querySelectorAll('#captions p')].map((p) => [p.lang, p.textContent])"


def to_step(page: Page, count: int) -> None:
    for _ in range(count):
        page.press("ArrowRight")
    page.wait(SETTLED)


@needs_browser
def test_forwards_and_backwards_by_keyboard_alone(page: Page, chapters: list[ChapterScript]) -> None:
    steps = [(chapter, step) for chapter in chapters for step in chapter.steps]

    def stands_at(place: int) -> None:
        chapter, step = steps[place]
        page.wait(SETTLED)
        assert (page.run(STEP), page.run(TITLE)) == (str(place), step.titles["en"])
        assert step.start <= page.run(TIME) * PICTURE.fps < step.start + 1
        assert page.run("document.getElementById('video').currentSrc").endswith(f"{chapter.file_name}.mp4")
        assert page.run("location.hash") == f"#{chapter.name}/{step.name}"
        shown = page.run("[...document.querySelectorAll('#tables > .tensor code')].map((code) => code.textContent)")
        assert shown == list(step.tensors)

    stands_at(0)
    for place in range(1, len(steps)):
        page.press("ArrowRight")
        stands_at(place)
    page.press("ArrowRight")
    stands_at(len(steps) - 1)
    for place in reversed(range(len(steps) - 1)):
        page.press("ArrowLeft")
        stands_at(place)
    page.press("ArrowLeft")
    stands_at(0)
    assert page.run("document.querySelectorAll('#tables img, #now img').length") == 0


@needs_browser
def test_space_plays_and_the_step_follows_the_film(page: Page) -> None:
    to_step(page, 1)
    page.press(" ")
    page.wait("document.getElementById('play').getAttribute('aria-label') === 'Pause'")
    page.run("document.getElementById('video').playbackRate = 16")
    page.wait(f"{STEP} >= 3")
    page.press(" ")
    page.wait("document.getElementById('video').paused")
    page.press("Home")
    page.wait(SETTLED)
    page.press(" ")
    page.wait(f"{STEP} >= 8")  # the next chapter
    assert page.run("document.getElementById('video').currentSrc").endswith(f"{entry_of('softmax').file_name}.mp4")


class _Quiet(SimpleHTTPRequestHandler):
    """A server that knows no parts of files: of a clip it sends all or nothing."""

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def server(folder: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@needs_browser
def test_it_goes_to_its_steps_on_a_server_without_byte_ranges(
    chromium: Page, server: str, chapters: list[ChapterScript]
) -> None:
    chromium.open(f"{server}/index.html")
    steps = [(chapter, step) for chapter in chapters for step in chapter.steps]
    for place, (_, step) in enumerate(steps):
        chromium.wait(SETTLED)
        chromium.wait(f"{STEP} === '{place}' && Math.floor({TIME} * {PICTURE.fps} + 0.01) === {step.start}")
        chromium.press("ArrowRight")
    chromium.press("ArrowLeft")
    chromium.press(" ")
    chromium.wait(f"{TIME} * {PICTURE.fps} > {steps[-2][1].start + 1}")
    assert chromium.complaints() == []


FRAMED = (
    """<!doctype html><iframe sandbox="allow-scripts" style="width: 1200px; height: 700px" src="index.html"></iframe>"""
)


@needs_browser
def test_in_a_frame_kept_apart_the_film_plays_and_says_what_it_cannot(
    chromium: Page, server: str, folder: Path, tmp_path: Path
) -> None:
    """Such a frame may keep nothing and fetch nothing; this server sends no parts of files."""
    (folder / "framed.html").write_text(FRAMED, encoding="utf-8")
    chromium.open(f"{server}/framed.html")
    with frame_of(chromium) as frame:
        frame.wait("document.getElementById('status')?.textContent")
        assert frame.run("document.getElementById('status').textContent") == texts("en")["cannot_seek"]
        assert frame.run(TITLE)
        assert frame.run("document.querySelectorAll('#tables td[data-row]').length") > 0
        frame.press(" ")
        frame.wait(f"{TIME} > 0.5")
        frame.press("ArrowRight")
        assert frame.run(STEP) in ("0", "1")
        thrown = [event for event in frame.events if event["method"] == "Runtime.exceptionThrown"]
        assert thrown == []
    (folder / "framed.html").unlink()


@needs_browser
def test_captions_are_shown_once_and_in_the_language_of_the_page(page: Page, chapters: list[ChapterScript]) -> None:
    """The film's own stay free where it speaks the page's language; in another one they are covered by these."""
    choice = "document.getElementById('captions-choice').value"
    first = chapters[0].steps[0].captions["zh"][0]
    page.run(_at_frame((first.start + first.end) // 2))
    page.wait(SETTLED)
    assert page.run(choice) == ""
    assert page.run("document.getElementById('captions').hidden")
    page.run("document.querySelector('[data-language=zh]').click()")
    assert page.run(choice) == "zh"
    assert page.run(CAPTIONS) == [["zh", first.text]]
    band, film = (
        page.run(f"(({{ x, y, right, bottom }}) => [x, y, right, bottom])({find}.getBoundingClientRect())")
        for find in ("document.getElementById('captions')", "document.getElementById('video')")
    )
    height = film[3] - film[1]
    assert np.allclose([band[0], band[2], band[3]], [film[0], film[2], film[3]], atol=2)
    assert 0.1 * height < band[3] - band[1] < 0.16 * height
    assert page.run("getComputedStyle(document.getElementById('captions')).backgroundColor") != "rgba(0, 0, 0, 0)"
    assert page.run(
        "document.querySelector('#captions p').scrollHeight <= document.getElementById('captions').clientHeight"
    )
    page.run("document.querySelector('[data-language=en]').click()")
    assert page.run(choice) == ""
    page.press("c")
    assert page.run(choice) == "zh"
    page.run("document.querySelector('[data-language=zh]').click()")
    assert page.run(choice) == "zh"  # a choice stays


def _at_frame(frame: int) -> str:
    return (
        f"(() => {{ const p = document.getElementById('position'); p.value = '{frame}';"
        "p.dispatchEvent(new Event('input')); })()"
    )


@needs_browser
def test_a_step_is_played_again_and_again(page: Page, chapters: list[ChapterScript]) -> None:
    step = chapters[0].steps[3]
    to_step(page, 3)
    page.press("l")
    assert page.run("document.getElementById('loop').getAttribute('aria-pressed')") == "true"
    page.run("window.seen = []; document.getElementById('video').addEventListener('seeked', () => seen.push(1))")
    page.press(" ")
    page.run("document.getElementById('video').playbackRate = 16")
    page.wait("seen.length >= 2")
    assert page.run(STEP) == "3"
    assert page.run(TIME) * PICTURE.fps >= step.start
    page.press("l")
    page.wait(f"{STEP} !== '3'")


@needs_browser
def test_it_can_stop_after_each_step(page: Page, chapters: list[ChapterScript]) -> None:
    page.press("s")
    page.press(" ")
    page.run("document.getElementById('video').playbackRate = 16")
    page.wait(f"document.getElementById('video').paused && {SETTLED}")
    assert page.run(STEP) == "0"
    assert int(page.run(TIME) * PICTURE.fps) == chapters[0].steps[0].end - 1
    page.press(" ")
    page.wait(f"{STEP} === '1'")


@needs_browser
def test_speed_by_keyboard_and_by_choice(page: Page) -> None:
    rate = "document.getElementById('video').playbackRate"
    for key, expected in (("ArrowUp", 1.25), ("ArrowUp", 1.5), *[("ArrowDown", None)] * 9):
        page.press(key)
        assert expected is None or page.run(rate) == expected
    assert page.run(rate) == 0.25
    page.run("const s = document.getElementById('speed'); s.value = '2'; s.dispatchEvent(new Event('change'))")
    to_step(page, 7)
    assert page.run(rate) == 2


@needs_browser
def test_captions_beside_those_of_the_film(page: Page, chapters: list[ChapterScript]) -> None:
    for place, step in enumerate(chapters[0].steps[:3]):
        page.press("Home")
        for cue in range(len(step.captions["en"])):
            middle = (step.captions["en"][cue].start + step.captions["en"][cue].end) // 2
            page.run(_at_frame(middle))
            page.wait(SETTLED)
            for choice in ("all", "zh"):
                page.run(
                    f"(() => {{ const c = document.getElementById('captions-choice'); c.value = '{choice}';"
                    "c.dispatchEvent(new Event('change')); })()"
                )
                assert page.run(CAPTIONS) == [["zh", step.captions["zh"][cue].text]]
                over = page.run("document.getElementById('captions').classList.contains('over')")
                assert over == (choice == "zh")  # with both, the film says its own
        assert page.run(STEP) == str(place)
        page.press("ArrowRight")
    page.press("c")
    assert page.run("document.getElementById('captions').hidden")
    page.press("c")
    assert not page.run("document.getElementById('captions').hidden")
    assert page.run("document.getElementById('captions').getAttribute('aria-live')") == "polite"


@needs_browser
def test_the_page_in_the_other_language(page: Page, chapters: list[ChapterScript]) -> None:
    page.run("document.querySelector('[data-language=zh]').click()")
    assert page.run("document.documentElement.lang") == "zh"
    assert page.run(TITLE) == chapters[0].steps[0].titles["zh"]
    assert page.run("document.getElementById('title').textContent").startswith(
        load_texts("zh").films["attention"].title
    )
    assert page.run("document.getElementById('loop').textContent") == texts("zh")["loop"]
    assert "查询" in page.run("document.querySelector('#tables caption').textContent")
    page.run("document.querySelector('[data-language=en]').click()")
    assert page.run("document.querySelectorAll('#tables caption')[0].textContent").count("queries") == 1


@needs_browser
def test_a_cell_tells_its_sum_and_lights_what_it_is_made_of(page: Page, trace: Trace) -> None:
    to_step(page, 15)
    page.run("document.querySelectorAll('#tables details').forEach((fold) => { fold.open = true; })")
    page.wait(
        "document.querySelectorAll('#tables .tensor').length === document.querySelectorAll('#tables table').length"
    )
    chance = random.Random(5)
    for name in ("context", "heads.scores", "v", "weights", "heads.q"):
        tensor = trace[name]
        for _ in range(3):
            index = tuple(chance.randrange(length) for length in tensor.shape)
            page.point(_cell(page, name, tensor.shape, index))
            opened = trace.open(name, *index)
            assert page.run("document.querySelector('#origin b').textContent") == opened.result.text
            line = page.run("document.querySelector('.sum')?.textContent ?? ''")
            assert line == (_line(opened) if opened.kind in LINES else "")
            lit = page.run(
                "[...document.querySelectorAll('#tables td.lit')].map((cell) => "
                "[cell.closest('.tensor').querySelector('code').textContent, cell.textContent])"
            )
            expected = {(reading.name, reading.text) for readings in opened.operands for reading in readings}
            assert {(operand, text) for operand, text in lit} == expected


def _table(name: str, shape: tuple[int, ...], sheet: Sequence[int], page: Page) -> str:
    """A selector for the table of a tensor, turned to a sheet."""
    number = page.run(
        "((name, sheet) => { const all = [...document.querySelectorAll('#tables .tensor')];"
        "const one = all.find((table) => table.querySelector('code').textContent === name);"
        "const fold = one.closest('details'); if (fold) fold.open = true; one.id = `chosen-${all.indexOf(one)}`;"
        "[...one.querySelectorAll('.tools select')].forEach((select, axis) => {"
        " select.value = sheet[axis]; select.dispatchEvent(new Event('change')); }); return one.id; })"
        f"({json.dumps(name)}, {json.dumps(list(sheet))})"
    )
    return f"#{number}"


def _cell(page: Page, name: str, shape: tuple[int, ...], index: tuple[int, ...]) -> str:
    """A selector for the cell of a tensor, its table turned to the cell's sheet."""
    *sheet, row, column = (0, 0, *index)[-max(2, len(shape)) :]
    return f"{_table(name, shape, sheet, page)} td[data-row='{row}'][data-column='{column}']"


def _shown_index(page: Page, name: str, shape: tuple[int, ...], chance: random.Random) -> tuple[int, ...]:
    """The index of any cell; of a long table one that is shown: opening another number may have moved its window."""
    index = [chance.randrange(length) for length in shape]
    table = _table(name, shape, index[:-2], page)
    cell = f"document.querySelector('{table} td[data-row]').dataset"
    corner = page.run(f"(({{ row, column }}) => [+row, +column])({cell})")
    for axis, first in list(zip((-2, -1), corner, strict=True))[-len(shape) :] if shape else ():
        index[axis] = first + chance.randrange(min(shape[axis] - first, 24))
    return tuple(index)


def _line(opened: Opened) -> str:
    """The line of a cell: what it is computed from as printed, and the sign that is true of these numbers."""
    parts = LINES[opened.kind](opened, *([reading.text for reading in readings] for readings in opened.operands))
    return f"{parts} {'=' if opened.closes else '≈'} {opened.result.text}"


def _(text: str) -> str:
    """A number that does not stand first."""
    return f"({text})" if text.startswith("−") else text


def _terms(texts: Iterable[str]) -> str:
    """Their sum."""
    first, *others = texts
    return " + ".join([first, *(_(text) for text in others)])


def _products(left: list[str], right: list[str]) -> str:
    first = f"{left[0]} × {_(right[0])}"
    return " + ".join([first, *(f"{_(a)} × {_(b)}" for a, b in zip(left[1:], right[1:], strict=True))])


def _quotient(opened: Opened, a: list[str], b: list[str] | None = None) -> str:
    return f"{a[0]} ÷ {_(b[0]) if b else f'{opened.constant:g}'}"


def _root(opened: Opened, *operands: list[str]) -> str:
    if not operands:
        return f"√{opened.constant:g}"
    return f"√({operands[0][0]} + {opened.constant:.5f})" if opened.constant else f"√{_(operands[0][0])}"


def _softmax(opened: Opened, a: list[str], row: list[str]) -> str:
    largest = max(opened.operands[1], key=lambda reading: reading.printed)
    less = f" − {_(largest.text)}" if largest.printed and np.isfinite(largest.printed) else ""
    return f"e{a[0]}{less} ÷ ({' + '.join(f'e{x}{less}' for x in row)})"


def _position(opened: Opened, *operands: list[str]) -> str:
    place, column = (texts[0] for texts in operands) if operands else opened.result.index
    column = int(column)
    return f"{'cos' if column % 2 else 'sin'}({place} ÷ 10000{column // 2 * 2} ÷ {opened.constant:g})"


LINES: dict[str, Callable[..., str]] = {
    "product": lambda opened, a, b: _products(a, b),
    "projection": lambda opened, a, b, c: f"{_products(a, b)} + {_(c[0])}",
    "sum": lambda opened, *operands: _terms(texts[0] for texts in operands),
    "difference": lambda opened, a, b: f"{a[0]} − {_(b[0])}",
    "quotient": _quotient,
    "scaling": _quotient,
    "division": _quotient,
    "normalisation": _quotient,
    "multiple": lambda opened, a: f"{a[0]} × {opened.constant}",
    "percentage": lambda opened, a: f"100 × {_(a[0])}",
    "root": _root,
    "deviation": _root,
    "total": lambda opened, *operands: _terms(text for texts in operands for text in texts),
    "mean": lambda opened, *operands: f"({_terms(t for texts in operands for t in texts)}) ÷ {sum(map(len, operands))}",
    "mean_square": lambda opened, a: f"({' + '.join(f'{_(text)}²' for text in a)}) ÷ {len(a)}",
    "masking": lambda opened, a, b: f"{a[0]} + {_(b[0])}",
    "maximum": lambda opened, *operands: f"max({', '.join(text for texts in operands for text in texts)})",
    "shift": lambda opened, a, b: f"{a[0]} − {_(b[0])}",
    "exponential": lambda opened, a: f"e{a[0]}",
    "softmax": _softmax,
    "cross_entropy": lambda opened, a, row: f"−ln({_softmax(opened, a, row)})",
    "gradient": lambda opened, a: f"{a[0]} × (1 − {_(a[0])})",
    "affine": lambda opened, a, b, c: f"{a[0]} × {_(b[0])} + {_(c[0])}",
    "angle": lambda opened, a, b: f"{a[0]} ÷ 100002 × {b[0]} ÷ {opened.constant:g}",
    "position": _position,
    "logarithm": lambda opened, a: f"−ln {a[0]}",
}


@needs_browser
@pytest.mark.parametrize("place", range(len(EXAMPLES)), ids=EXAMPLES)
def test_each_kind_of_origin_says_its_line(whole_page: Page, wholes: list[ChapterScript], place: int) -> None:
    trace, (step, _) = wholes[place].trace, wholes[place].steps
    whole_page.run(f"location.hash = '{wholes[place].name}/{step.name}'")
    whole_page.wait(f"document.querySelectorAll('#tables > .tensor').length === {len(step.tensors)}")
    chance, said = random.Random(7), set()
    for name in step.tensors:
        index = _shown_index(whole_page, name, trace[name].shape, chance)
        opened = trace.open(name, *index)
        whole_page.run(
            f"document.querySelector({json.dumps(_cell(whole_page, name, trace[name].shape, index))}).focus()"
        )
        line = whole_page.run("document.querySelector('.sum')?.textContent ?? ''")
        if opened.kind in LINES:
            assert line == _line(opened), (name, index)
        said.add(whole_page.run("document.querySelector('#origin-body > .address + p').textContent"))
    assert len(said) >= len({origin.kind for name, origin in _origins(trace) if name in step.tensors})


@needs_browser
@pytest.mark.parametrize("place", range(len(EXAMPLES)), ids=EXAMPLES)
def test_every_number_is_made_once_more_from_what_the_page_says_it_is_made_of(
    whole_page: Page, wholes: list[ChapterScript], place: int
) -> None:
    trace = wholes[place].trace
    exact = {name: [repr(value) for value in trace[name].values.ravel().tolist()] for name in trace}
    closing = {name: [bool(closes) for closes in trace.closing(name).ravel()] for name in trace}
    whole_page.run(f"window.EXACT = {json.dumps(exact)}; window.CLOSING = {json.dumps(closing)}; 0")
    found = whole_page.run(f"({SWEEP})({place})")
    assert found["wrong"] == []
    assert set(found["taken"]) == {"given", "run", "choice"}
    made = {name for name in trace if trace.open(name, *(0,) * trace[name].values.ndim).kind in OPERATIONS}
    assert set(found["made"]) == made
    assert found["cells"] > 5000


SWEEP = """(place) => {
    const tensors = Tensors.read(LECTURE.examples[place].tensors, LECTURE.examples[place].seed);
    const truly = (text) => Number(text.replace("inf", "Infinity"));
    const exact = (tensor, place) => truly(EXACT[tensor.name][place]);
    const same = (a, b) => a === b || Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b));
    const found = { wrong: [], taken: new Set(), made: new Set(), cells: 0 };
    for (const tensor of tensors.values()) {
        const { kind } = tensor.origin;
        const taken = Origins.isTaken(tensor);
        if (taken) found.taken.add(kind);
        else found.made.add(tensor.name);
        const step = Math.max(1, Math.floor(tensor.texts.length / 97));
        for (let place = 0; place < tensor.texts.length; place += step) {
            const cell = tensor.cellAt(place);
            const made = Origins.opened(tensor, cell, tensors, exact);
            const again = taken ? exact(tensor, place) : Operations.computed(kind, made);
            const printed = Origins.opened(tensor, cell, tensors);
            const closes = taken || Origins.closes(printed) === CLOSING[tensor.name][place];
            const said = ["en", "zh"].map((language) => (Words.speak(language), Sentences.sentence(made)));
            const whole = said.every((text) => text && !/undefined|NaN|[{}]/.test(text));
            const right = same(again, exact(tensor, place)) && closes && whole;
            if (!right) found.wrong.push([tensor.name, place, again, said]);
            found.cells++;
        }
    }
    Words.speak("en");
    return { ...found, taken: [...found.taken], made: [...found.made] };
}"""


@needs_browser
def test_the_page_knows_each_operation_of_the_core(page: Page) -> None:
    assert set(page.run("Operations.kinds")) == set(OPERATIONS)
    assert {f"made_{kind}" for kind in OPERATIONS} <= texts("en").keys()
    assert {f"activation_{name}" for name in ACTIVATIONS} <= texts("en").keys()
    assert {f"mask_{name}" for name in MASKS} <= texts("en").keys()


@pytest.mark.parametrize("example", ("default", "translation-en-zh", "padded-encoder", "pre-norm"))
def test_the_page_has_words_for_where_numbers_are_given(example: str) -> None:
    notes = {
        (origin.kind, note) for _, origin in _origins(trace_example(load_example(example))) for note in _parts(origin)
    }
    assert {f"{kind}_{note.replace(' ', '_')}" for kind, note in notes if kind in TAKEN and note} <= texts("zh").keys()


def _parts(origin: Origin) -> list[str]:
    return origin.note.split(", ")


@needs_browser
def test_cells_are_reached_selected_and_copied_with_the_keyboard(page: Page, trace: Trace) -> None:
    to_step(page, 7)
    scores = trace["scores"]
    page.run("[...document.querySelectorAll('td[tabindex=\"0\"]')][2].focus()")
    place = "[+document.activeElement.dataset.row, +document.activeElement.dataset.column]"
    for key, expected in (("ArrowDown", [1, 0]), ("ArrowRight", [1, 1]), ("End", [1, 7]), ("ArrowRight", [1, 7])):
        page.press(key)
        assert page.run(place) == expected
    assert page.run(STEP) == "7"  # the arrows were the table's
    assert page.run("document.getElementById('cell-status').textContent").endswith(_line(trace.open("scores", 1, 7)))
    page.press("ArrowLeft", SHIFT)
    page.press("ArrowDown", SHIFT)
    copied = _copied(page, "page.press")
    rows = [line.split("\t") for line in copied.splitlines()]
    assert rows[0] == ["", *scores.labels["keys"][6:8]]
    assert rows[1:] == [
        [scores.labels["queries"][row], *(scores.at(row, column).text.replace("−", "-") for column in (6, 7))]
        for row in (1, 2)
    ]
    page.press("Escape")
    page.press("ArrowLeft")
    page.wait(f"{STEP} === '6'")


def _copied(page: Page, how: str) -> str:
    """What Ctrl C puts on the clipboard."""
    page.run("document.addEventListener('copy', (e) => { window.copied = e.clipboardData.getData('text/plain'); })")
    page.press("c", CONTROL, ("Copy",))
    return page.run("window.copied")


@needs_browser
def test_a_whole_table_and_the_snippet_are_copied(page: Page, chapters: list[ChapterScript], trace: Trace) -> None:
    page.run("navigator.clipboard.writeText = (text) => { window.copied = text; return Promise.resolve(); }")
    to_step(page, 2)
    page.run("[...document.querySelectorAll('.copy')][2].click()")
    lines = page.run("window.copied").splitlines()
    scores = trace["scores"]
    assert lines[1].split("\t")[1:] == [scores.at(0, column).text.replace("−", "-") for column in range(8)]
    assert len(lines) == 9
    page.run("document.getElementById('copy-snippet').click()")
    step = chapters[0].steps[2]
    start, end = step.start / PICTURE.fps, step.end / PICTURE.fps
    assert f'src="clips/{entry_of("scores").file_name}.mp4#t={start:g},{end:g}"' in page.run("window.copied")
    page.wait("document.getElementById('status').textContent === 'Copied'")
    to_step(page, 11)
    assert "<img" not in page.run("document.getElementById('snippet').value")


@needs_browser
def test_a_long_table_is_windowed_and_says_so(page: Page, trace: Trace) -> None:
    to_step(page, 15)
    samples = trace["scaling.samples"]
    table = _table("scaling.samples", samples.shape, [], page)
    count = f"document.querySelectorAll('{table} td[data-row]').length"
    assert page.run(count) == 2 * 24
    assert "columns 1–24 of 2000" in page.run(f"document.querySelector('{table} .tools').textContent")
    assert page.run(f"document.querySelector('{table} table').getAttribute('aria-colcount')") == "2001"
    page.run(f"document.querySelector('{table} td[data-row]').focus()")
    page.press("End")
    assert page.run("document.activeElement.textContent") == samples.at(0, 1999).text
    assert "columns 1977–2000 of 2000" in page.run(f"document.querySelector('{table} .tools').textContent")


@needs_browser
def test_search_finds_numbers_and_tokens(page: Page, trace: Trace) -> None:
    to_step(page, 5)
    page.press("/")
    assert page.run("document.activeElement.id") == "search"
    for key in "-2.5":
        page.press(key)
    tables = [trace[name] for name in with_operands(trace, ("q", "k_transposed", "scores"))]
    expected = sum(tensor.at(*i).text == "−2.5" for tensor in tables for i in np.ndindex(tensor.shape))
    assert page.run("document.getElementById('found').textContent") == f"{expected} places"
    page.press("Enter")
    assert page.run("document.querySelector('td.current').textContent") == "−2.5"
    page.run("const s = document.getElementById('search'); s.value = 'robot'; s.dispatchEvent(new Event('input'))")
    assert page.run("[...document.querySelectorAll('th.found')].every((th) => th.textContent === 'robot')")


@needs_browser
@pytest.mark.parametrize(("width", "height"), [(640, 360), (640, 800), (1000, 600)])
def test_enlarged_the_origin_of_a_number_leaves_the_film_free(page: Page, width: int, height: int) -> None:
    """At 200% a window of 1280 × 720 has 640 × 360 left."""
    page.size(width, height)
    page.wait(f"innerWidth === {width} && document.querySelector('#numbers > #origin') !== null")
    page.run("document.querySelector('#tables td[data-row]').focus()")
    assert page.run("document.querySelector('#origin b') !== null")
    page.run("document.getElementById('film').scrollIntoView()")
    panel, film = (
        page.run(f"(({{ y, bottom }}) => [y, bottom])(document.getElementById('{name}').getBoundingClientRect())")
        for name in ("origin", "film")
    )
    assert panel[0] >= film[1]
    page.run("document.querySelector('#tables td[data-row]').scrollIntoView({ block: 'start' })")
    seen = page.run("document.getElementById('origin').getBoundingClientRect().bottom")
    assert seen <= height + 1
    page.size(1600, 900)
    page.wait("document.querySelector('#film > #origin') !== null")


@needs_browser
def test_it_is_named_for_screen_readers_and_fits_a_phone(page: Page) -> None:
    nameless = (
        "[...document.querySelectorAll('button, select, input, textarea')].filter((e) => e.offsetParent &&"
        "!(e.textContent.trim() || e.ariaLabel || e.labels?.length)).map((e) => e.outerHTML)"
    )
    to_step(page, 15)
    assert page.run(nameless) == []
    assert page.run("['header', 'nav', 'main', 'h1'].every((tag) => document.querySelector(tag))")
    assert page.run("[...document.querySelectorAll('#tables th')].every((th) => ['row', 'col'].includes(th.scope))")
    grids = "[...document.querySelectorAll('#tables table')]"
    assert page.run(f"{grids}.every((grid) => grid.querySelectorAll('[tabindex=\"0\"]').length === 1)")
    page.run("document.querySelector('.operands').open = true")
    for width in (390, 900, 1600):
        page.size(width, 844)
        assert page.run("innerWidth") == width
        assert page.run("document.documentElement.scrollWidth <= innerWidth")
    page.size(1280, 800)
    scroller = f"document.querySelector('{_table('heads.scores', (2, 8, 8), [0, 0], page)} .scroller')"
    assert page.run(f"{scroller}.scrollWidth <= {scroller}.clientWidth")  # beside the film, and nothing of it is cut


@needs_browser
def test_help_and_theme(page: Page) -> None:
    page.press("?")
    assert page.run("document.getElementById('help').open")
    page.press("Escape")
    page.wait("!document.getElementById('help').open")
    before: Any = page.run("getComputedStyle(document.body).backgroundColor")
    page.run("document.getElementById('theme').click()")
    assert page.run("document.documentElement.dataset.theme") == "light"
    assert page.run("getComputedStyle(document.body).backgroundColor") != before
