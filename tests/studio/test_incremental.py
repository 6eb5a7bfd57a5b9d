"""Only what changed is drawn: which steps a change touches, what a killed or a second render leaves behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from core.examples.example import Example, load_example
from fakes import InProcess, Nobody
from scenes.stage.chapter import texts
from scenes.stage.chapter.settings import Settings
from scenes.storyboard import CLOSING, OPENING, chapter_class
from studio.engine.quality import Picture
from studio.engine.run import run
from studio.films import keys as cache_keys
from studio.films.fulfil import fulfil
from studio.films.local_processes import LocalProcesses
from studio.films.order import Order
from studio.films.plan import PlanJob
from studio.films.scheduler import Scheduler
from studio.films.store import FOLDER, SegmentStore
from studio.selection import select

ROOT = Path(__file__).resolve().parents[2]
TINY = Picture(96, 54, 2)
EXAMPLE = load_example("default")
SCORES = (OPENING, *chapter_class("scores").steps, CLOSING)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The steps that were drawn, by their keys."""
    keys: list[str] = []
    take = SegmentStore.take

    def noted(store: SegmentStore, segment: Path, key: str) -> None:
        keys.append(key)
        take(store, segment, key)

    monkeypatch.setattr(SegmentStore, "take", noted)
    return keys


@pytest.fixture
def copied_texts(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the project, whose texts the chapters read from now on."""
    copy = tmp_path_factory.mktemp("copy")
    for folder in ("core", "scenes", "studio", "assets"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(cache_keys, "ROOT", copy)
    for module in (cache_keys, texts):
        monkeypatch.setattr(module, "TEXTS", copy / "assets" / "texts")
        monkeypatch.setattr(module, "SCENES", copy / "scenes")
    texts.load_texts.cache_clear()
    yield copy
    texts.load_texts.cache_clear()


def settings(example: Example = EXAMPLE, theme: str = "dark", language: str = "en") -> Settings:
    return Settings(example, language, theme)


def render(out: Path, looks: Settings | None = None, scheduler: Scheduler | None = None) -> Path:
    order = Order.of(select(["scores"]), lambda chapter: looks or settings(), TINY, out, "")
    (clip,) = fulfil(order, scheduler or InProcess())
    return clip


def keys_of(chapter: str, looks: Settings, picture: Picture = TINY) -> dict[str, str]:
    return {step.name: step.key for step in PlanJob(chapter, looks, picture).run(lambda news: None)}


def changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    assert list(before) == list(after)
    return [name for name in after if after[name] != before[name]]


def frames(movie: Path) -> list[str]:
    with av.open(movie) as container:
        return [sha256(frame.to_ndarray()).hexdigest() for frame in container.decode(video=0)]


def record(clip: Path) -> dict[str, Any]:
    return json.loads(clip.with_suffix(".json").read_text(encoding="utf-8"))


def leftovers(out: Path) -> list[str]:
    return [path.name for path in out.glob(".*") if path.name != FOLDER]


# --- what a change touches --------------------------------------------------------------------------------------------


def test_where_nothing_changed_nothing_is_planned(tmp_path: Path, drawn: list[str]) -> None:
    clip = render(tmp_path)
    assert sorted(drawn) == sorted(keys_of("scores", settings()).values())
    made = clip.read_bytes()
    assert render(tmp_path, scheduler=Nobody()) == clip
    assert clip.read_bytes() == made


def test_a_caption_is_one_step(tmp_path: Path, drawn: list[str], copied_texts: Path) -> None:
    before = keys_of("scores", settings())
    whole = frames(render(tmp_path))
    drawn.clear()
    file = copied_texts / "scenes" / "scores" / "en.toml"
    words = file.read_text(encoding="utf-8")
    said = tomllib.loads(words)["steps"]["first_row"]["captions"][0]["always"]
    assert words.count(said) == 1
    file.write_text(words.replace(said, "One row."), encoding="utf-8")
    texts.load_texts.cache_clear()
    after = keys_of("scores", settings())
    clip = render(tmp_path)
    assert changed(before, after) == ["first_row"]
    assert drawn == [after["first_row"]]
    start, end = next((s["start_frame"], s["end_frame"]) for s in record(clip)["steps"] if s["name"] == "first_row")
    now = frames(clip)
    assert now[:start] == whole[:start]
    assert now[end:] == whole[len(whole) - (len(now) - end) :]
    assert now != whole


def test_a_title_of_a_step_is_joined_anew_and_nothing_is_drawn(
    tmp_path: Path, drawn: list[str], copied_texts: Path
) -> None:
    render(tmp_path)
    drawn.clear()
    file = copied_texts / "scenes" / "scores" / "en.toml"
    words = file.read_text(encoding="utf-8")
    file.write_text(words.replace('title = "Reading the table"', 'title = "How to read it"'), encoding="utf-8")
    texts.load_texts.cache_clear()
    assert "How to read it" in [step["title"] for step in record(render(tmp_path))["steps"]]
    assert not drawn


def test_a_chapters_title_is_all_its_steps(copied_texts: Path) -> None:
    before = keys_of("scores", settings())
    file = copied_texts / "scenes" / "scores" / "en.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('title = "Scores"', 'title = "Fits"'), "utf-8")
    texts.load_texts.cache_clear()
    assert changed(before, keys_of("scores", settings())) == list(SCORES)


def test_other_looks_are_all_steps() -> None:
    plain = keys_of("scores", settings())
    others = [settings(theme="light"), settings(language="zh"), settings(load_example("causal"))]
    for looks in others:
        assert changed(plain, keys_of("scores", looks)) == list(SCORES)
    for picture in (Picture(98, 54, 2), Picture(96, 54, 3)):
        assert changed(plain, keys_of("scores", settings(), picture)) == list(SCORES)


@dataclass(frozen=True)
class Later(Settings):
    """Settings with one more, as they may be one day."""

    mood: str = ""


def test_a_setting_that_is_added_is_all_steps() -> None:
    plain = Later(EXAMPLE)
    assert keys_of("scores", plain) == keys_of("scores", Later(EXAMPLE))
    assert changed(keys_of("scores", plain), keys_of("scores", replace(plain, mood="row 2"))) == list(SCORES)


def with_weight(field: str, place: tuple[int, int], more: float) -> Example:
    """The default example, one of its numbers larger."""
    values = np.array(getattr(EXAMPLE, field))
    values[place] += more
    return EXAMPLE.model_copy(update={field: values})


class Pictures:
    """A sink that remembers the frames of a step."""

    def __init__(self) -> None:
        self.hash = sha256()

    def write(self, pixels: np.ndarray, repeat: int = 1, areas: object = None) -> None:
        self.hash.update(repeat.to_bytes(4, "big") + pixels.tobytes())


@cache
def pictures(chapter: str, example: Example = EXAMPLE) -> dict[str, str]:
    """A hash of each step's frames as they are drawn."""
    sinks: dict[str, Pictures] = {}
    run(chapter, settings(example), Picture(320, 180, 1), sink=lambda name: sinks.setdefault(name, Pictures()))
    return {name: sink.hash.hexdigest() for name, sink in sinks.items()}


@pytest.mark.parametrize(
    ("chapter", "field", "place", "more"),
    [
        ("scores", "w_v", (1, 1), 0.5),
        ("qkv", "w_v", (3, 3), 1),
        ("qkv", "w_o", (0, 0), 1),
        ("tokens", "w_k", (0, 0), 0.5),
    ],
)
def test_a_weight_is_the_steps_whose_pictures_it_changes(
    chapter: str, field: str, place: tuple[int, int], more: float
) -> None:
    example = with_weight(field, place, more)
    steps = changed(keys_of(chapter, settings()), keys_of(chapter, settings(example)))
    assert len(steps) < len(chapter_class(chapter).steps)
    assert steps == changed(pictures(chapter), pictures(chapter, example))


def test_a_weight_that_a_chapter_does_not_show_is_not_drawn(tmp_path: Path, drawn: list[str]) -> None:
    clip = render(tmp_path)
    drawn.clear()
    key = record(clip)["key"]
    assert record(render(tmp_path, settings(with_weight("w_o", (0, 0), 1))))["key"] != key
    assert not drawn


# --- what may happen to a store ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the chapter is."""
    out = tmp_path_factory.mktemp("films")
    render(out)
    return out


@pytest.mark.parametrize(
    "harm",
    [
        lambda file: file.unlink(),
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
        lambda file: file.write_bytes(b"\0" * file.stat().st_size),
        lambda file: shutil.copy(file.with_stem(keys_of("scores", settings())["whole"]), file),
        lambda file: flip(file, file.stat().st_size // 3),
    ],
    ids=["missing", "empty", "cut off", "zeroed", "another step", "a bit flipped"],
)
def test_a_step_that_is_damaged_is_drawn_again(
    harm: Callable[[Path], object], tmp_path: Path, drawn: list[str], rendered: Path
) -> None:
    shutil.copytree(rendered, tmp_path, dirs_exist_ok=True)
    (clip,) = tmp_path.glob("attention/*.mp4")
    made, segments = clip.read_bytes(), {file: file.read_bytes() for file in (tmp_path / FOLDER).iterdir()}
    key = keys_of("scores", settings())["all_rows"]
    harm(SegmentStore(tmp_path).path(key))
    clip.unlink()
    assert render(tmp_path).read_bytes() == made
    assert drawn == [key]
    assert {file: file.read_bytes() for file in (tmp_path / FOLDER).iterdir()} == segments


def flip(file: Path, place: int) -> None:
    """Damage a file by a bit; its size and its dates stay."""
    content, state = bytearray(file.read_bytes()), file.stat()
    content[place] ^= 1
    file.write_bytes(content)
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))


def edit(file: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a record by hand."""
    told = json.loads(file.read_text(encoding="utf-8"))
    change(told)
    file.write_text(json.dumps(told), encoding="utf-8")


@pytest.mark.parametrize(
    "harm",
    [
        lambda clip: flip(clip, clip.stat().st_size // 2),
        lambda clip: flip(clip, clip.stat().st_size - 1),
        lambda clip: edit(clip.with_suffix(".json"), lambda told: told.pop("steps")),
        lambda clip: edit(clip.with_suffix(".json"), lambda told: told.update(steps=[])),
        lambda clip: edit(clip.with_suffix(".json"), lambda told: told["steps"][0].update(end_frame=3)),
        lambda clip: edit(clip.with_suffix(".json"), lambda told: told.pop("seal")),
        lambda clip: clip.with_suffix(".json").write_text("[" * 100_000),
        lambda clip: clip.with_suffix(".json").write_text("[]"),
        lambda clip: clip.with_suffix(".json").write_bytes(b"\xff"),
    ],
)
def test_a_clip_or_a_record_that_is_not_as_it_was_made_is_made_again(
    harm: Callable[[Path], object], tmp_path: Path, drawn: list[str], rendered: Path
) -> None:
    shutil.copytree(rendered, tmp_path, dirs_exist_ok=True)
    (clip,) = tmp_path.glob("attention/*.mp4")
    made, told = clip.read_bytes(), record(clip)
    harm(clip)
    assert render(tmp_path).read_bytes() == made
    assert record(clip) == told
    assert not drawn


def test_clearing_takes_nothing_from_a_render_that_is_under_way(
    tmp_path: Path, rendered: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(rendered, tmp_path, dirs_exist_ok=True)
    (clip,) = tmp_path.glob("attention/*.mp4")
    made, take, store = clip.read_bytes(), SegmentStore.take, SegmentStore(tmp_path)
    store.path(keys_of("scores", settings())["all_rows"]).unlink()
    clip.unlink()

    def cleared(store: SegmentStore, segment: Path, key: str) -> None:
        store.clear()
        take(store, segment, key)
        store.clear()

    monkeypatch.setattr(SegmentStore, "take", cleared)
    assert render(tmp_path).read_bytes() == made


def render_in_a_process(out: Path, killed_after: int) -> None:
    """Render; after so many steps have come in, the process is killed."""
    taken = 0
    take = SegmentStore.take

    def counted(store: SegmentStore, segment: Path, key: str) -> None:
        nonlocal taken
        take(store, segment, key)
        taken += 1
        if taken == killed_after:
            signal.raise_signal(signal.SIGKILL)

    SegmentStore.take = counted  # type: ignore[method-assign]
    with LocalProcesses(1) as scheduler:
        print(render(out, scheduler=scheduler))


def start(out: Path, killed_after: int = 0) -> subprocess.Popen[str]:
    call = f"import test_incremental as t; t.render_in_a_process(t.Path({str(out)!r}), {killed_after})"
    places = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(Path(__file__).parent)])}
    return subprocess.Popen(
        [sys.executable, "-c", call], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=places
    )


def test_a_killed_render_is_continued(tmp_path: Path, drawn: list[str]) -> None:
    out = tmp_path / "films"
    process = start(out, killed_after=2)
    process.communicate(timeout=60)  # ends when its workers have ended, too: they write to the same pipe
    assert process.returncode == -signal.SIGKILL
    kept = {file.stem for file in (out / FOLDER).iterdir()}
    assert len(kept) == 2
    clip = render(out)
    assert set(drawn) == set(keys_of("scores", settings()).values()) - kept
    assert frames(clip) == frames(render(tmp_path / "at once"))
    assert not leftovers(out)


def test_two_renders_at_once_end_well(tmp_path: Path) -> None:
    out = tmp_path / "films"
    processes = [start(out) for _ in range(2)]
    told = [process.communicate(timeout=120) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], told
    clip = Path(told[0][0].strip())
    assert told[1][0].strip() == str(clip)
    assert len(frames(clip)) == record(clip)["frames"]
    assert record(clip)["bytes"] == clip.stat().st_size
    assert not leftovers(out)
    assert len(list((out / FOLDER).iterdir())) == len(SCORES)
