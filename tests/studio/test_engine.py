"""The engine: what it writes are Manim's own frames, whatever is drawn beside them, and by whom."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
import pytest
from av.video.reformatter import Colorspace
from hypothesis import given, settings
from hypothesis import strategies as st
from manim import RIGHT, UP, Circle, FadeIn, Indicate, LaggedStart, Scene, Square, Transform, VGroup
from manim.renderer.cairo_renderer import CairoRenderer

from core.examples.example import load_example
from core.trace import Reading
from core.trace.pipeline import trace_example
from scenes.stage.chapter.chapter import Chapter, step
from scenes.stage.chapter.settings import Settings
from scenes.stage.chapter.texts import ChapterText, StepText
from scenes.stage.matrix.cell_wave import CellWave
from scenes.stage.matrix.flight import CellFlight, fly_cells, transposed
from scenes.stage.matrix.matrix import Matrix
from scenes.stage.paint.layout import Box
from scenes.stage.paint.painting import Brush, Painted, StageCamera
from scenes.stage.paint.theme import DARK
from scenes.storyboard import PASSAGES, chapter_class
from studio.engine.configuration import configured
from studio.engine.encoder import SegmentEncoder
from studio.engine.fingerprint import StepHash
from studio.engine.quality import PIXEL_FORMAT, Picture
from studio.engine.redraw import Area
from studio.engine.renderer import SectionWriter
from studio.engine.run import EndedStep, run
from studio.engine.steps import StepPlan, draw_steps, plan_steps

ROOT = Path(__file__).resolve().parents[2]
TINY = Picture(96, 54, 4)
LOSSLESS = {"preset": "ultrafast", "qp": "0"}
PLAIN = Settings(load_example("default"))
TRACE = trace_example(PLAIN.example)
CHAPTER_CLASS = "studio.engine.run.chapter_class"
REAL = ("scores", "tokens")  # cells in flight, rows in flight


# --- the encoder ------------------------------------------------------------------------------------------------------


class Converted(SegmentEncoder):
    """An encoder that remembers how many pixels it converted."""

    def __init__(self, path: Path, picture: Picture) -> None:
        super().__init__(path, picture.width, picture.height, picture.rate, LOSSLESS)
        self.areas: list[int] = []

    def _convert(self, pixels: np.ndarray, area: Area) -> None:
        self.areas.append(area.size)
        super()._convert(pixels, area)


def planes(frame: av.VideoFrame) -> bytes:
    return frame.to_ndarray(format=PIXEL_FORMAT).tobytes()


def whole_conversion(pixels: np.ndarray) -> bytes:
    frame = av.VideoFrame.from_ndarray(pixels, format="rgba")
    return planes(frame.reformat(format=PIXEL_FORMAT, dst_colorspace=Colorspace.ITU709))


def decoded(path: Path) -> list[bytes]:
    with av.open(path) as container:
        return [planes(frame) for frame in container.decode(video=0)]


def noise(generator: np.random.Generator, height: int, width: int) -> np.ndarray:
    """A picture without two pixels alike.  # (height, width, 4)"""
    pixels = generator.integers(0, 256, (height, width, 4), dtype=np.uint8)
    pixels[..., 3] = 255
    return pixels


@st.composite
def films(draw: st.DrawFn) -> list[tuple[np.ndarray, int]]:
    """A first frame, and frames of which some rectangles changed, edges and sizes odd and even; with repeats."""
    width, height = (2 * draw(st.integers(1, most)) for most in (80, 30))
    generator = np.random.default_rng(draw(st.integers(0, 2**32)))
    frames = [(noise(generator, height, width), draw(st.integers(1, 3)))]
    for _ in range(draw(st.integers(0, 5))):
        pixels = frames[-1][0].copy()
        for _ in range(draw(st.integers(0, 3))):
            left, top = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
            right, bottom = draw(st.integers(left + 1, width)), draw(st.integers(top + 1, height))
            pixels[top:bottom, left:right] = noise(generator, bottom - top, right - left)
        frames.append((pixels, draw(st.integers(1, 3))))
    return frames


@settings(max_examples=100, deadline=None)
@given(films())
def test_each_frame_is_the_conversion_of_its_whole_picture(film: list[tuple[np.ndarray, int]]) -> None:
    height, width, _ = film[0][0].shape
    with TemporaryDirectory() as folder:
        encoder = SegmentEncoder(Path(folder) / "film.mp4", width, height, Fraction(4), LOSSLESS)
        for pixels, repeat in film:
            encoder.write(pixels, repeat)
        encoder.close()
        seen = decoded(Path(folder) / "film.mp4")
    assert seen == [whole_conversion(pixels) for pixels, repeat in film for _ in range(repeat)]


def test_colours_are_what_a_player_takes_them_for(tmp_path: Path) -> None:
    encoder = SegmentEncoder(tmp_path / "film.mp4", TINY.width, TINY.height, TINY.rate)
    pixels = np.empty((TINY.height, TINY.width, 4), dtype=np.uint8)
    pixels[:] = (213, 94, 0, 255)
    encoder.write(pixels)
    encoder.close()
    with av.open(tmp_path / "film.mp4") as container:
        frame = next(container.decode(video=0))
    assert frame.colorspace == Colorspace.ITU709
    seen = frame.reformat(format="rgb24", src_colorspace=frame.colorspace).to_ndarray()
    assert np.abs(seen.astype(int) - pixels[..., :3]).max() <= 3


def test_only_what_changed_is_converted(tmp_path: Path) -> None:
    encoder = Converted(tmp_path / "film.mp4", TINY)
    pixels = noise(np.random.default_rng(0), TINY.height, TINY.width)
    encoder.write(pixels)
    encoder.write(pixels, repeat=5)
    assert encoder.areas == [TINY.width * TINY.height]
    pixels[7:12, 31:38, :3] ^= 255
    encoder.write(pixels)
    assert encoder.areas[1:] == [5 * 7]
    encoder.close()
    assert len(decoded(tmp_path / "film.mp4")) == 7


# --- the renderer -----------------------------------------------------------------------------------------------------


class Tiny(Chapter):
    """Two steps with whatever a chapter is made of: waves, flights, plain Manim, things standing behind and before."""

    captions_of = ("a caption", "")

    chapter = "scores"

    def setup(self) -> None:
        super().setup()
        told = {name: StepText.of(name, [caption]) for name, caption in zip(self.steps, self.captions_of, strict=True)}
        self.text = ChapterText("tiny", told, {})

    @step
    def first(self) -> None:
        self.k = self.matrix("k").reveal().place(Box(-6, -3, -1, 2))
        self.target = self.matrix("k_transposed").place(Box(0, 5, -1, 1))
        self.behind = Circle(1.5, color="#808080", fill_opacity=0.5).shift(UP)
        self.behind.z_index = -1
        self.add(self.behind, self.k)
        self.say()
        self.play(CellWave(self.k, Matrix.recede, run_time=1))
        fly_cells(self, self.k, self.target, transposed, run_time=1.25)
        self.wait(0.5)

    @step
    def second(self) -> None:
        square = Square(fill_opacity=0.5).shift(2 * RIGHT)
        follower = Circle(0.3, color="#ff0000").add_updater(lambda circle: circle.next_to(square, UP))
        self.play(FadeIn(square), self.behind.animate.shift(UP), run_time=0.75)
        self.add(follower)
        self.play(LaggedStart(Indicate(square), self.target.animate.spotlight(rows=0), lag_ratio=0.3), run_time=1)
        self.wait(0.5)
        self.play(Transform(square, Circle(fill_opacity=1).shift(2 * RIGHT)), run_time=1)
        follower.clear_updaters()
        self.play(VGroup(square, follower).animate.shift(RIGHT), run_time=0.5)


class Frames:
    """A sink that remembers each frame of each animation."""

    def __init__(self) -> None:
        self.plays: list[list[str]] = []

    def write(self, pixels: np.ndarray, repeat: int = 1, areas: object = None) -> None:
        self.plays[-1] += [sha256(pixels).hexdigest()] * repeat


class StockWriter(SectionWriter):
    """Stands where Manim has its file writer, for Manim's own renderer."""

    def __init__(self, settings: Any) -> None:
        super().__init__(settings)
        self.output_spec = SimpleNamespace(is_still=False, is_video=False, is_image_sequence=False, fallback_to_still=0)
        self.frames = Frames()

    def add_partial_movie_file(self, name: str | None) -> None:
        """There is none."""

    def begin_animation(self, allow_write: bool, animation_index: int) -> None:
        self.frames.plays.append([])

    def end_animation(self, allow_write: bool) -> None:
        """Nothing to close."""

    def write_frame(self, pixels: np.ndarray, repeat: int) -> None:
        self.frames.write(pixels, repeat)


def play(chapter: type[Chapter], picture: Picture, **how: Any) -> Chapter:
    """Run a class as if the storyboard had it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CHAPTER_CLASS, lambda name: chapter)
        return run("x", PLAIN, picture, **how)


def drawn_by_the_engine(chapter: type[Chapter], picture: Picture) -> list[list[str]]:
    frames = Frames()

    def watch(scene: Scene, step: str, ended: bool) -> None:
        if not ended:
            frames.plays.append([])

    play(chapter, picture, sink=lambda step: frames, watch=watch)
    return frames.plays


def drawn_by_manim(chapter: type[Chapter], picture: Picture) -> list[list[str]]:
    with configured(picture):
        renderer = CairoRenderer(StockWriter, StageCamera)
        chapter(PLAIN, renderer=renderer).render()
    return renderer.file_writer.frames.plays


@pytest.mark.parametrize("chapter", [Tiny, chapter_class("scores")])
def test_frames_are_those_of_manims_own_renderer(chapter: type[Chapter]) -> None:
    picture = Picture(160, 90, 8)  # no wait is shorter than a frame, and floats hold eighths exactly
    ours, stock = drawn_by_the_engine(chapter, picture), drawn_by_manim(chapter, picture)
    assert len(ours) == len(stock) > 10
    common = [min(len(a), len(b)) for a, b in zip(ours, stock, strict=True)]
    assert [play[:n] for play, n in zip(ours, common, strict=True)] == [
        play[:n] for play, n in zip(stock, common, strict=True)
    ]
    assert sum(common) > 0.8 * sum(len(play) for play in ours)
    assert len({frame for play in ours for frame in play}) > 20


@pytest.mark.parametrize("fps", [4, 24, 30, 60])
def test_an_animation_has_as_many_frames_as_its_time_says(fps: int) -> None:
    times: list[float] = []
    counts = [0]

    def watch(scene: Scene, step: str, ended: bool) -> None:
        if not ended:
            counts.append(scene.renderer.frames)
            times.append(scene.duration)

    scene = play(Tiny, Picture(96, 54, fps), watch=watch)
    frames = scene.renderer.frames
    assert np.diff([*counts[1:], frames]).tolist() == [round(time * fps) for time in times]
    assert scene.time == frames / fps


def test_a_chapter_ends_where_it_is_told_to() -> None:
    steps: list[EndedStep] = []
    passages: list[EndedStep] = []

    def ended(step: EndedStep) -> bool:
        steps.append(step)
        return step.name == "first"

    scene = play(Tiny, TINY, on_step=ended, on_passage=passages.append)
    (opening,) = passages
    assert opening.start == 0 < opening.end
    assert [(step.name, step.start, step.end) for step in steps] == [("first", opening.end, scene.time)]
    assert steps[0].scene is scene
    assert steps[0].seconds > 3


def test_a_still_is_the_last_frame_of_its_step() -> None:
    drawn: dict[str, np.ndarray] = {}
    stills: dict[str, np.ndarray] = {}

    class Last:
        def write(self, pixels: np.ndarray, repeat: int = 1, areas: object = None) -> None:
            drawn["now"] = pixels[..., :3].copy()

    def ended(step: EndedStep) -> None:
        drawn[step.name] = drawn.pop("now")
        stills[step.name] = np.asarray(step.still())

    play(Tiny, TINY, sink=lambda step: Last(), on_step=ended)
    assert list(stills) == ["first", "second"]
    assert all(np.array_equal(stills[name], drawn[name]) for name in stills)
    assert not np.array_equal(stills["first"], stills["second"])


# --- steps ------------------------------------------------------------------------------------------------------------


def steps_planned(chapter: str, picture: Picture = TINY) -> list[StepPlan]:
    """The plans of the steps alone."""
    return [plan for plan in plan_steps(chapter, PLAIN, picture) if plan.name not in PASSAGES]


def draw(chapter: str, wanted: Sequence[str], folder: Path, picture: Picture = TINY) -> dict[str, Path]:
    """Draw some steps; the segments, in the order in which they became whole."""
    done: dict[str, Path] = {}
    folder.mkdir()
    draw_steps(
        chapter,
        PLAIN,
        picture,
        set(wanted),
        segment=lambda name: folder / f"{name}.mp4",
        progress=lambda frames: None,
        done=lambda name: done.setdefault(name, folder / f"{name}.mp4"),
    )
    assert {path.name for path in folder.iterdir()} == {path.name for path in done.values()}
    return done


def contents(segments: dict[str, Path]) -> dict[str, bytes]:
    return {name: path.read_bytes() for name, path in segments.items()}


@pytest.mark.parametrize("chapter", REAL)
def test_steps_are_the_same_to_the_byte_whatever_is_drawn_beside_them(chapter: str, tmp_path: Path) -> None:
    names = [plan.name for plan in plan_steps(chapter, PLAIN, TINY)]
    together = contents(draw(chapter, names, tmp_path / "together"))
    assert list(together) == names
    for share in (names[::2], names[1::2], names[-1:]):
        assert contents(draw(chapter, share, tmp_path / "-".join(share))) == {name: together[name] for name in share}
    counts = {plan.name: plan.frames for plan in plan_steps(chapter, PLAIN, TINY)}
    assert {name: len(decoded(tmp_path / "together" / f"{name}.mp4")) for name in names} == counts


def test_progress_counts_every_frame_and_tells_of_whole_steps(tmp_path: Path) -> None:
    news: list[int | str] = []
    names = ["first_row", "whole"]
    draw_steps("scores", PLAIN, TINY, names, lambda name: tmp_path / f"{name}.mp4", news.append, news.append)
    counts = {plan.name: plan.frames for plan in plan_steps("scores", PLAIN, TINY)}
    end = news.index("first_row")
    assert sum(news[:end]) == counts["first_row"]
    assert sum(news[end + 1 : -1]) == counts["whole"]
    assert news[-1] == "whole"


def test_skipped_steps_are_not_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError("something is drawn")

    for name in ("capture_mobjects", "display_vectorized"):
        monkeypatch.setattr(StageCamera, name, refuse)
    assert draw("scores", [], tmp_path / "none") == {}
    assert len(steps_planned("scores")) == len(chapter_class("scores").steps)
    with pytest.raises(AssertionError, match="something is drawn"):
        draw("scores", ["whole"], tmp_path / "one")


def test_a_step_that_fails_leaves_its_segment_unfinished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(scene: Tiny) -> None:
        scene.wait(1)
        raise ZeroDivisionError

    monkeypatch.setattr(CHAPTER_CLASS, lambda chapter: Tiny)
    monkeypatch.setattr(Tiny, "second", fail)
    done: list[str] = []
    with pytest.raises(ZeroDivisionError):
        draw_steps("x", PLAIN, TINY, Tiny.steps, lambda s: tmp_path / f"{s}.mp4", lambda frames: None, done.append)
    assert done == ["first"]
    with pytest.raises(av.FFmpegError):
        decoded(tmp_path / "second.mp4")


# --- what a step shows, as a hash -------------------------------------------------------------------------------------

PLAN = """
from core.examples.example import load_example
from scenes.stage.chapter.settings import Settings
from studio.engine.steps import plan_steps
from studio.engine.quality import Picture
import json
plans = plan_steps("scores", Settings(load_example("default")), Picture(96, 54, 4))
print(json.dumps([(plan.name, plan.frames, plan.shows) for plan in plans]))
"""


def test_another_process_finds_the_same_hashes() -> None:
    seed = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"
    told = subprocess.run(
        [sys.executable, "-c", PLAN],
        check=True,
        capture_output=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": seed},
    ).stdout
    ours = plan_steps("scores", PLAIN, TINY)
    assert [tuple(plan) for plan in json.loads(told)] == [(plan.name, plan.frames, plan.shows) for plan in ours]
    assert len({plan.shows for plan in ours}) == len(ours)


def test_a_caption_changes_its_own_step_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CHAPTER_CLASS, lambda chapter: Tiny)
    before = steps_planned("x")
    monkeypatch.setattr(Tiny, "captions_of", ("a caption of several other words", ""))
    after = steps_planned("x")
    assert before[0].shows != after[0].shows
    assert before[1] == after[1]


@pytest.mark.parametrize("frames", [3, 9, 10, 21])
def test_how_long_a_step_is_does_not_change_the_next(frames: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its pauses are reckoned from the caption's reading time and the time that passed."""

    class Paced(Tiny):
        captions_of = ("", "one two three four five six seven")
        before = 0

        @step
        def first(self) -> None:
            self.wait(1 + self.before / 60)

        @step
        def second(self) -> None:
            self.say()
            self.wait(frames / 60)

    monkeypatch.setattr(CHAPTER_CLASS, lambda chapter: Paced)
    seen = set()
    for before in (0, 7, 29, 62, 125):
        Paced.before = before
        seen.add(steps_planned("x", Picture(96, 54, 60))[1])
    assert len(seen) == 1


STANDING = {
    "number": lambda matrix: matrix.set_values(TRACE["scaled_scores"], rows=[2]),
    "colour": lambda matrix: matrix.cells.set_fill("#808080"),
    "light": lambda matrix: matrix.recede(columns=1),
    "place": lambda matrix: matrix.shift(0.01 * RIGHT),
    "depth": lambda matrix: matrix.cells.set_z_index(1),
    "name": lambda matrix: matrix.tag.set_opacity(0.5),
    "labels": lambda matrix: matrix.row_tokens.spotlight(0),
}


@pytest.mark.parametrize("change", STANDING.values(), ids=STANDING)
def test_what_stands_still_counts(change: Callable[[Matrix], object], monkeypatch: pytest.MonkeyPatch) -> None:
    class Still(Tiny):
        captions_of = ("",)
        changes: tuple[Callable[[Matrix], object], ...] = ()

        @step
        def standing(self) -> None:
            matrix = self.matrix("scores", tokens="rows").reveal()
            for each in self.changes:
                each(matrix)
            self.add(matrix)
            self.light("all")

    monkeypatch.setattr(CHAPTER_CLASS, lambda chapter: Still)
    (before,) = steps_planned("x")
    Still.changes = (change,)
    (after,) = steps_planned("x")
    assert before.shows != after.shows


class Words(Painted):
    """A painted thing with some readings."""

    def __init__(self, *readings: Reading) -> None:
        self.readings = readings
        super().__init__(Box(0, 1, 0, 1))

    def paint(self, brush: Brush) -> None:
        """Nothing to see."""


def hash_of(painted: Painted) -> str:
    gathered = StepHash()
    gathered.add_mobject(painted)
    return gathered.hexdigest()


def test_numbers_side_by_side_are_told_apart() -> None:
    one, two = (
        Words(*(Reading("weights", (0, i), value, 0) for i, value in enumerate(values)))
        for values in ((1, 23), (12, 3))
    )
    assert hash_of(one) != hash_of(two)
    assert hash_of(one) == hash_of(one.copy())


@pytest.mark.parametrize("end", ["source", "target"])
def test_cells_in_flight_are_known_by_where_they_come_from_and_go_to(end: str) -> None:
    def flight(shift: float) -> CellFlight:
        boxes = {"source": Box(-5, -2, -1, 2), "target": Box(1, 5, -1, 1)}
        boxes[end] = boxes[end].inset(left=shift, bottom=shift)
        source, target = (
            Matrix(TRACE[name], "k", DARK).place(box).cells
            for name, box in zip(("k", "k_transposed"), boxes.values(), strict=True)
        )
        return CellFlight(source, target, transposed).set_box(Box(-6, 6, -3, 3))

    assert hash_of(flight(0.0)) == hash_of(flight(0.0))
    assert hash_of(flight(0.0)) != hash_of(flight(0.25))
