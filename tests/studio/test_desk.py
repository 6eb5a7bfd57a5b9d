"""The desk, driven in Chromium as a lecturer would, and asked by those who may not."""

from __future__ import annotations

import json
import os
import signal
import time
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from websocket import WebSocketBadStatusException

from browser import PATIENCE, Page, browser, installed
from core.examples.example import EXAMPLES, parse_example
from core.trace.pipeline import trace_example
from desks import DeskPage, Running, asked, begun_with, children, desk, line, wait_for_end
from scenes.stage.chapter.settings import Settings
from scenes.stage.chapter.texts import load_texts
from studio.engine.quality import Picture
from studio.engine.run import EndedStep, run

SMALL = Picture(160, 90, 15)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><circle r="9"/></svg>'
WARM = 40  # edits after which nothing more should be needed
FOCUSED = "document.activeElement"
USABLE = "a[href], button, input, select, textarea, summary, [tabindex='0'], canvas[tabindex]"
SEEN = "(one) => one.tabIndex >= 0 && !one.disabled && one.checkVisibility() && !one.matches('dialog *')"
NAMED = (
    "(one) => [one.tagName, one.id || (one.ariaLabel ?? one.textContent),"
    " one.ariaLabel || one.labels?.[0]?.textContent || one.textContent || one.ariaLabelledByElements?.[0]?.textContent]"
    ".join(' ').slice(0, 80)"
)
NAMES = ("mine.toml", "other.toml")

pytestmark = pytest.mark.skipif(installed() is None, reason="no Chromium or Chrome on this machine")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    for name in NAMES:
        (folder / name).write_bytes((EXAMPLES / "by-hand.toml").read_bytes())
    return folder


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[Running]:
    with desk(folder, "mine.toml") as one:
        yield one


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    program = installed()
    assert program
    with browser(program, tmp_path_factory.mktemp("browser") / "profile") as new_page:
        yield new_page()


@pytest.fixture(scope="module")
def open_page(chromium: Page, running: Running) -> DeskPage:
    return DeskPage(chromium, running.address)


@pytest.fixture
def page(open_page: DeskPage) -> Iterator[DeskPage]:
    """The page with what the file says; afterwards it must have complained of nothing."""
    open_page.page.events.clear()
    yield open_page
    assert open_page.page.complaints() == []
    open_page.page.run("document.activeElement.blur()")
    open_page.click("#tab-edit")
    while not open_page.value("document.getElementById('undo').disabled"):
        before = open_page.value("File.number")
        open_page.click("#undo")
        open_page.page.wait(f"File.number > {before}")


# --- pictures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chapter", ["softmax", "tokens"])
def test_animations_taken_straight_to_their_ends_leave_the_picture_of_those_that_are_played(chapter: str) -> None:
    example = parse_example((EXAMPLES / "by-hand.toml").read_text(encoding="utf-8"), "x.toml")
    pictures: dict[bool, list[bytes]] = {True: [], False: []}
    for straight, seen in pictures.items():

        def ended(step: EndedStep, seen: list[bytes] = seen) -> None:
            seen.append(step.still().tobytes())

        run(chapter, Settings(example), SMALL, on_step=ended, straight=straight)
    assert pictures[True] == pictures[False]


def test_the_picture_follows_what_is_typed(page: DeskPage) -> None:
    before, old = page.version, page.value("document.getElementById('picture').toDataURL()")
    page.put("sentence", "dogs chase big cats")
    page.answered(before)
    assert page.value("document.getElementById('picture').toDataURL()") != old
    page.page.wait("document.querySelectorAll('#tokens input').length === 4")
    example = parse_example(page.text(), "x.toml")
    assert example.tokens == ("dogs", "chase", "big", "cats")
    assert "# Small whole numbers only" in page.text()
    size = page.value("[document.getElementById('picture').width, document.getElementById('picture').height]")
    assert size == [1280, 720]


def test_the_strip_shows_every_step_and_leads_to_it(page: DeskPage) -> None:
    page.page.wait("document.querySelectorAll('#strip img').length === 8")
    page.click('#strip [data-step="divide"]')
    page.page.wait("document.getElementById('picture').dataset.step === 'divide'")
    assert page.value("document.querySelector('#strip [aria-current]').dataset.step") == "divide"
    page.page.press("ArrowRight")
    page.page.wait("document.getElementById('picture').dataset.step === 'all_rows'")
    page.click('#strip [data-step="whole"]')
    page.page.wait("document.getElementById('picture').dataset.step === 'whole'")


def test_a_step_plays_and_can_be_gone_through(page: DeskPage) -> None:
    page.page.wait("document.querySelectorAll('#strip img').length === 8")
    page.click("#play")
    page.page.wait("Number(document.getElementById('picture').dataset.frame) > 5")
    assert page.value("document.getElementById('picture').width") == 854
    page.click("#play")
    page.put("position", "2")
    page.page.wait("document.getElementById('picture').dataset.frame === '2'")
    assert page.value("document.getElementById('play').classList.contains('playing')") is False


def test_numbers_stand_beside_the_picture_with_their_origins(page: DeskPage) -> None:
    page.click("#tab-numbers")
    page.page.wait(page.is_there("#tables td[data-row]"))
    trace = trace_example(parse_example(page.text(), "x.toml"))
    cells = "[...document.querySelector('#tables table').querySelectorAll('td[data-row]')]"
    expected = [trace["weights"].at(*index).text for index in np.ndindex(3, 3)]
    assert page.value(f"{cells}.map((cell) => cell.textContent)") == expected
    page.page.run("document.querySelector('#tables td[data-row]').focus()")
    assert page.value("document.getElementById('origin-body').textContent").count("e") > 0
    assert page.value("document.querySelectorAll('#tables td.lit').length") > 0


# --- editors ----------------------------------------------------------------------------------------------------------


def test_a_cell_of_the_mask_and_a_number_of_a_matrix_are_changed(page: DeskPage) -> None:
    before = page.version
    page.click('#mask [data-cell="0,2"]')
    page.answered(before)
    assert parse_example(page.text(), "x.toml").mask_matrix.tolist() == [[1, 1, 0], [1, 1, 1], [1, 1, 1]]
    page.page.wait("document.querySelector('#mask [data-cell=\"0,2\"]').getAttribute('aria-pressed') === 'false'")
    before = page.version
    page.page.run("document.querySelector('#matrix [data-cell=\"1,3\"]').focus()")
    page.page.press("ArrowUp")
    page.answered(before)
    assert parse_example(page.text(), "x.toml").w_q[1, 3] == 0.1


def test_faults_stand_at_their_field_and_the_picture_stays(page: DeskPage) -> None:
    shown = page.version
    page.click('[data-language="zh"]')
    page.put("size-heads", "3")
    page.page.wait(page.is_there('#edit [data-group="sizes"] .fault'))
    told = page.value("document.querySelector('[data-group=\"sizes\"] .fault').textContent")
    assert "3" in told
    assert "d_model 4 的约数" in told
    assert page.value("document.getElementById('size-heads').getAttribute('aria-invalid')") == "true"
    assert page.version >= shown
    page.put("size-heads", "2")
    page.page.wait("document.querySelector('.fault') === null")
    page.click('[data-language="en"]')


def test_the_lesson_is_edited_too(page: DeskPage) -> None:
    page.click("#tab-lesson")
    before = page.version
    page.put("look-captions", "off", "change")
    page.answered(before)
    page.put("caption-0", "My own words.")
    page.page.wait("File.texts.lesson.includes('My own words.')")
    page.click("#tab-edit")
    page.page.wait(page.is_there("#mask th[scope=row] button"))
    page.click("#mask tr:nth-child(3) th button")
    page.page.wait("File.texts.lesson.includes('query = 3')")
    page.page.wait("Number(document.getElementById('picture').dataset.version) === File.number")
    assert 'captions = "off"' in page.text("lesson")


def test_nothing_is_left_of_what_is_undone(page: DeskPage, folder: Path) -> None:
    before = page.text()
    page.put("sentence", "one two three")
    page.page.wait("File.texts.example.includes('one two three')")
    page.page.press("z", 2)
    page.page.wait("!File.texts.example.includes('one two three')")
    assert page.text() == before == (folder / "mine.toml").read_text(encoding="utf-8")
    page.page.wait("document.getElementById('file-state').textContent === ''")


# --- lessons ----------------------------------------------------------------------------------------------------------


def test_a_chapter_is_shown_beside_itself_with_a_change(page: DeskPage) -> None:
    page.click("#tab-lesson")
    before = page.version
    page.put("what-if", '{"change":{"mask":"none"}}', "change")
    page.answered(before)
    parts = tomllib.loads(page.text("lesson"))["parts"]
    assert [part.get("change") for part in parts] == [None, {"mask": "none"}, None]
    assert "softmax" not in parts[0]["steps"] + parts[2]["steps"]
    page.page.wait("document.querySelector('.chapters [aria-current]').parentElement.textContent.includes('⇄')")
    page.click("#play")
    page.page.wait("Number(document.getElementById('picture').dataset.frame) > 2")


def test_a_logo_comes_beside_the_lesson(page: DeskPage, folder: Path, tmp_path: Path) -> None:
    page.click("#tab-lesson")
    logo = tmp_path / "mark.svg"
    for content, size in ((b"<svg><script/></svg>", 0), (SVG, len(SVG))):
        logo.write_bytes(content)
        page.put_file("logo-file", logo)
        kind = "''" if size else "'refused'"
        page.page.wait(f"(document.getElementById('notice').dataset.kind ?? '') === {kind}")
        page.page.wait(f"(File.texts.lesson ?? '').includes('mark.svg') === {'true' if size else 'false'}")
        assert (folder / "mark.svg").is_file() == bool(size)
    page.page.wait("document.getElementById('look-logo').value === 'mark.svg'")


def test_captions_are_offered_as_they_are_said(page: DeskPage) -> None:
    """Of several wordings the one that is true of the example, by its numbers."""
    captions = [
        (step, place, wording)
        for step, text in load_texts("en").chapters["softmax"].steps.items()
        for place, wording in enumerate(text.captions)
    ]
    step, place, wording = next(one for one in captions if one[2].claim)
    page.click(f'#strip [data-step="{step}"]')
    page.page.wait(f"document.getElementById('picture').dataset.step === '{step}'")
    example = parse_example(page.text(), "x.toml")
    said = wording.texts[wording.outcome(trace_example(example), example)]
    page.page.wait(f"document.getElementById('caption-{place}').placeholder === {json.dumps(said)}")
    page.click('#strip [data-step="whole"]')
    page.page.wait("document.getElementById('picture').dataset.step === 'whole'")


# --- for everybody ----------------------------------------------------------------------------------------------------


def test_axe_finds_nothing(page: DeskPage) -> None:
    page.settled()
    for tab in ("lesson", "numbers", "text", "exports", "edit"):
        page.click(f"#tab-{tab}")
        page.click("#theme")
        page.page.wait("getComputedStyle(document.getElementById('busy')).opacity === '0'")
        assert page.violations() == [], tab
    page.put("size-heads", "3")
    page.page.wait(page.is_there(".fault"))
    page.page.wait("getComputedStyle(document.getElementById('busy')).opacity === '0'")
    assert page.violations() == []
    page.put("size-heads", "2")
    page.click("#open")
    assert page.violations() == []
    page.page.press("Escape")


def test_the_keyboard_comes_everywhere(page: DeskPage) -> None:
    """Tab goes through everything once; nothing that can be used is left out, nothing has no name."""
    page.page.run("document.querySelector('.skip').focus()")
    reached = [page.value(f"(({NAMED})({FOCUSED}))")]
    while len(reached) < 200:
        page.page.press("Tab")
        if page.value(f"{FOCUSED}.matches('body, .skip:first-of-type')"):
            break
        reached.append(page.value(f"(({NAMED})({FOCUSED}))"))
    wanted = page.value(f"[...document.querySelectorAll({json.dumps(USABLE)})].filter({SEEN}).map({NAMED})")
    assert reached == wanted
    assert all(name.strip() for name in reached)


def test_the_keyboard_does_what_the_mouse_does(page: DeskPage) -> None:
    page.page.run("document.getElementById('tab-edit').focus()")
    page.page.press("ArrowRight")
    assert page.value(f"{FOCUSED}.id") == "tab-lesson"
    page.page.run("document.getElementById('chapter_down-0').focus()")
    before = page.value("File.number")
    page.page.press("Enter")
    page.page.wait(f"File.number > {before} && {FOCUSED}.id === 'chapter_down-1'")
    assert tomllib.loads(page.text("lesson"))["parts"][0]["steps"][:2] == ["tokens", "question"]
    page.page.run("document.querySelector('[data-tick=heat]').focus()")
    page.page.press(" ")
    page.page.wait("File.texts.lesson.includes('softmax:whole')")
    assert "softmax:heat" not in page.text("lesson")
    assert page.value(f"{FOCUSED}.dataset.tick") == "heat"
    page.page.run("document.querySelector('#strip [aria-current]').focus()")
    page.page.press("ArrowLeft")
    page.page.wait(f"{FOCUSED}.dataset.step === 'heat'")
    page.page.press("ArrowRight")
    page.page.wait("document.getElementById('picture').dataset.step === 'whole'")


# --- the disk and other pages -----------------------------------------------------------------------------------------


def test_what_an_editor_writes_is_shown_and_a_conflict_is_asked_about(page: DeskPage, folder: Path) -> None:
    file = folder / "mine.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("cats chase mice", "mice chase cats"), encoding="utf-8")
    page.page.wait("File.texts.example.includes('mice chase cats')")
    page.put("title", "Mine")
    page.page.wait("File.texts.example.includes('Mine')")
    file.write_text(text, encoding="utf-8")
    page.page.wait("document.querySelectorAll('#notice-buttons button').length === 2")
    page.click("#notice-buttons button:last-child")
    page.page.wait("document.getElementById('notice').hidden")
    assert page.text() == text


def test_two_pages_share_the_document(page: DeskPage, running: Running) -> None:
    with line(running) as other:
        other.send(json.dumps({"do": "edit", "edit": {"do": "field", "name": "decimals", "value": 1}}))
        page.page.wait("File.texts.example.includes('decimals = 1')")
        other.send(json.dumps({"do": "write", "kind": "example", "text": "old", "number": 1}))
        other.send(json.dumps({"do": "nonsense"}))
    page.page.wait("document.getElementById('size-decimals').value === '1'")
    assert "old" not in page.text()[:10]


def test_strangers_are_not_let_in(running: Running, page: DeskPage) -> None:
    base, cookie = running.address.partition("/?")[0], asked(running.address)[2]

    def status(path: str, **headers: str) -> int:
        return asked(f"{base}{path}", **headers)[0]

    assert status("/", Cookie=cookie) == 200
    assert status("/") == status("/desk.js") == status("/texts/example.toml") == 403
    assert status("/", Cookie=cookie, Host="evil.example") == 403
    assert status("/", Cookie=cookie, Origin="http://evil.example") == 403
    assert status("/?token=wrong") == status("/made/wrong/x.mp4", Cookie=cookie) == 403
    made = page.value("document.body.dataset.made")
    for path in ("../mine.toml", "%2e%2e/mine.toml", "..%2fmine.toml", ".segments", "/etc/passwd"):
        assert status(f"/{made}/{path}", Cookie=cookie) in (403, 404), path
    assert status("/../document.py", Cookie=cookie) == status("/page/desk.js", Cookie=cookie) == 404
    for origin, given in (("http://evil.example", cookie), ("", "desk=wrong")):
        with pytest.raises(WebSocketBadStatusException), line(running, origin, given):
            pass


# --- what dies --------------------------------------------------------------------------------------------------------


def test_a_hand_that_is_killed_is_replaced(page: DeskPage, running: Running) -> None:
    before = page.version
    source = running.processes[0]
    for pid in [pid for pid, parent in children().items() if parent == source]:
        os.kill(pid, signal.SIGKILL)
    page.put("sentence", "still there")
    page.answered(before)


def test_all_hands_that_are_killed_are_replaced(page: DeskPage, running: Running) -> None:
    before = page.version
    for pid in running.processes:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    page.put("sentence", "there again")
    page.answered(before)


def test_many_quick_edits_leave_nothing_behind(
    page: DeskPage, running: Running, request: pytest.FixtureRequest
) -> None:
    """The latest is what is seen, and memory stays what it was."""
    page.put("chapter", "question", "change")
    first = page.value("document.querySelector('#strip .still').dataset.step")
    page.click("#strip .still")
    page.page.wait(f"document.getElementById('picture').dataset.step === '{first}'")
    used: list[tuple[float, float, float]] = []
    edits = 1_000 if request.config.getoption("--everything") else 100
    for number in range(edits):
        if number == WARM:
            used.append(weighed(page, running))
        page.put("sentence", f"cats chase {number}")
        if number % 20 == 0:  # the drawing of the others is left off for the next
            page.page.wait("Number(document.getElementById('picture').dataset.version) === File.number")
    page.page.wait(f"File.texts.example.includes('cats chase {edits - 1}')")
    used.append(weighed(page, running))
    assert parse_example(page.text(), "x.toml").tokens[-1] == str(edits - 1)
    assert len(running.processes) < 20
    (desk, heap, nodes), after = used
    assert after[0] < desk + 40
    assert after[1] < heap + 8
    assert after[2] < nodes + 500
    page.put("chapter", "softmax", "change")
    page.page.wait("document.getElementById('picture').dataset.step === 'whole'")


def weighed(page: DeskPage, running: Running) -> tuple[float, float, float]:
    """Megabytes of the desk and of the page's objects, and how many nodes the page has."""
    page.settled()
    page.page.ask("HeapProfiler.collectGarbage")
    heap, nodes = page.value("performance.memory.usedJSHeapSize"), page.value("document.querySelectorAll('*').length")
    return running.memory, heap / 2**20, nodes


def test_a_cancelled_export_leaves_nothing(page: DeskPage, running: Running, folder: Path) -> None:
    def files() -> set[Path]:
        return {path for path in folder.rglob("*") if path.is_file() and "state" not in path.parts}

    page.click("#tab-exports")
    before = files()
    for name, value in (("kind", "film"), ("scope", "chapter"), ("quality", "high")):
        page.put(f"export-{name}", value, "change")
    page.click("#export-begin")
    page.page.wait(page.is_there('[data-state="running"] button'))
    end = time.monotonic() + 5 * PATIENCE
    while files() == before:
        assert time.monotonic() < end, "nothing has been begun"
        time.sleep(0.05)
    making = [pid for pid in running.processes if b"--quality" in begun_with(pid)]
    assert making
    page.click('[data-state="running"] button')
    page.page.wait(page.is_there('[data-state="cancelled"]'))
    wait_for_end(making)
    left = {path for path in files() - before if ".segments" not in path.parts}
    assert left == set()
    assert not [path for path in files() if path.suffix in (".part", ".tmp") or ".part" in path.name]


def test_a_picture_is_made_and_can_be_had(page: DeskPage, running: Running) -> None:
    page.click("#tab-exports")
    for name, value in (("kind", "still"), ("scope", "step"), ("quality", "preview")):
        page.put(f"export-{name}", value, "change")
    page.click("#export-begin")
    page.page.wait(page.is_there('[data-state="done"] a, [data-state="failed"]'))
    link = page.value("document.querySelector('[data-state=\"done\"] a').href")
    assert asked(link)[1].startswith(b"\x89PNG")


def test_nothing_is_lost_when_the_desk_is_killed_and_nothing_keeps_running(
    folder: Path, chromium: Page, running: Running
) -> None:
    """The last test: afterwards the page is one of a desk that has ended."""
    with desk(folder, "other.toml") as first:
        with line(first) as socket:
            socket.send(json.dumps({"do": "edit", "edit": {"do": "sentence", "text": "not lost"}}))
            socket.recv()
        drafts = folder / "state" / "attention-in-motion" / "drafts"
        end = time.monotonic() + 20
        while not any("not lost" in file.read_text(encoding="utf-8") for file in drafts.glob("*.json")):
            assert time.monotonic() < end
            time.sleep(0.05)
        processes = first.processes
        assert processes
        first.end(signal.SIGKILL)
        wait_for_end(processes)
    with desk(folder, "other.toml") as second:
        again = DeskPage(chromium, second.address)
        assert parse_example(again.text(), "x.toml").tokens == ("not", "lost")
        assert again.value("document.getElementById('notice').hidden") is False
        processes = second.processes
        second.end(signal.SIGINT)
        wait_for_end(processes)
    assert (folder / "other.toml").read_bytes() == (EXAMPLES / "by-hand.toml").read_bytes()
