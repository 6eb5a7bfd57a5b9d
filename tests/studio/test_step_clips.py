"""Clips: what of a chapter becomes which file, posters, colours and transparency of what is drawn anew."""

from __future__ import annotations

import os
from math import ceil, floor
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from core.examples.example import load_example
from fakes import InProcess, shades
from scenes.stage.chapter.caption import Caption
from scenes.stage.chapter.chapter import Chapter
from scenes.stage.chapter.settings import Settings
from scenes.stage.paint.layout import FRAME, STAGE
from scenes.storyboard import entry_of
from studio.engine.quality import QUALITIES, Picture
from studio.engine.run import run
from studio.errors import BadInput
from studio.exports.animated_jobs import AnimationJob, OverlayJob
from studio.exports.gif import HOLD, Animation, small_picture
from studio.exports.poster import frame_at
from studio.exports.step_clips import Wanted, check_formats, make_clips
from studio.exports.stills import still
from studio.exports.transparent import ClearCamera, Overlay, hide_frame, straight
from studio.films.order import Order
from studio.films.publish import record_of
from studio.selection import select

PICTURE = Picture(256, 144, 4)
SETTINGS = Settings(load_example("default"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Path]]:
    out = tmp_path_factory.mktemp("clips")
    return out, made_of(order(out), Wanted())


def made_of(order: Order, wanted: Wanted) -> list[Path]:
    return list(make_clips(order, wanted, InProcess()))


def order(out: Path, *words: str) -> Order:
    return Order.of(select(words or ["scores"]), lambda chapter: SETTINGS, PICTURE, out)


def test_clips_sort_as_the_story_goes(made: tuple[Path, list[Path]]) -> None:
    out, paths = made
    names = [path.relative_to(out / "attention").as_posix() for path in paths]
    name = entry_of("scores").file_name
    assert names[:3] == [f"{name}.mp4", f"{name}/01-operands.mp4", f"{name}/02-first_row.mp4"]
    assert names[1:] == sorted(names[1:])
    steps = record_of(paths[0])["steps"]
    assert len(shades(paths[0])) == record_of(paths[0])["frames"]
    assert [len(shades(path)) for path in paths[1:]] == [step["end_frame"] - step["start_frame"] for step in steps]


def test_beside_every_clip_stand_its_poster_captions_and_transcript(made: tuple[Path, list[Path]]) -> None:
    for path in made[1]:
        for ending in (".png", ".en.srt", ".zh.srt", ".en.vtt", ".zh.vtt", ".en.md", ".zh.md"):
            assert path.with_suffix(ending).stat().st_size > 0, path.with_suffix(ending)
        begins = "00:00:01,500" if path == made[1][0] else "00:00:00,"  # a chapter opens first
        assert path.with_suffix(".en.srt").read_text(encoding="utf-8").startswith(f"1\n{begins}")
    step = made[1][5]
    assert "## 一个注意力得分就是一个点积 (0:00)" in step.with_suffix(".zh.md").read_text(encoding="utf-8")
    assert "5.5" in step.with_suffix(".en.md").read_text(encoding="utf-8")
    assert made[1][0].with_suffix(".chapters.txt").read_text(encoding="utf-8").startswith("0:00 ")


def test_a_poster_is_the_frame_that_its_step_ends_on(made: tuple[Path, list[Path]]) -> None:
    poster = np.asarray(Image.open(made[1][5].with_suffix(".png")), dtype=float)
    drawn = np.asarray(still("scores", "first_score", SETTINGS, PICTURE), dtype=float)
    assert np.abs(poster - drawn).mean() < 4
    first = np.asarray(frame_at(made[1][5], 0), dtype=float)
    assert np.abs(poster - first).mean() > 2 * np.abs(poster - drawn).mean()


def test_nothing_is_made_twice(made: tuple[Path, list[Path]]) -> None:
    out, paths = made
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.*") if path.parent.name != ".segments"}
    assert made_of(order(out), Wanted()) == paths
    assert {path: path.stat().st_mtime_ns for path in before} == before
    removed = paths[3].with_suffix(".zh.srt")
    removed.unlink()
    made_of(order(out), Wanted())
    assert removed.is_file()


def test_long_steps_do_not_become_pictures(made: tuple[Path, list[Path]], capsys: pytest.CaptureFixture[str]) -> None:
    assert made_of(order(made[0]), Wanted(("gif",), longest=0.5)) == []
    assert "scores operands: not as GIF: " in capsys.readouterr().err


def test_one_step_alone_and_remade_when_something_else_is_asked(made: tuple[Path, list[Path]]) -> None:
    """Files are compared by what they were made from, never by their times."""

    def gif(loop: int) -> Path:
        (path,) = made_of(order(made[0], "scores:first_score"), Wanted(("gif",), loop=loop))
        assert path.name == "05-first_score.gif"
        return path

    first = gif(1).read_bytes()
    os.utime(gif(1), (0, 0))
    assert gif(1).stat().st_mtime_ns == 0
    assert gif(0).read_bytes() != first
    gif(0).write_bytes(first[:1000])
    assert gif(1).read_bytes() == first
    assert [path.name for path in gif(1).parent.glob("*.gif")] == ["05-first_score.gif"]


@pytest.mark.parametrize("loop", [-1, 1001])
def test_how_often_has_its_range(loop: int) -> None:
    with pytest.raises(BadInput, match=r"--loop: found .* 0 \(for ever\) to 1000"):
        Wanted(("gif",), loop=loop)


def test_formats() -> None:
    assert check_formats("GIF, mp4,gif") == ("gif", "mp4")
    with pytest.raises(BadInput, match=r"mp5.*did you mean mp4"):
        check_formats("mp4,mp5")


def test_gif_and_webp_last_as_long_as_the_step_and_show_its_colours(tmp_path: Path) -> None:
    targets = (tmp_path / "a.gif", tmp_path / "a.webp")
    AnimationJob("scores", "first_row", SETTINGS, PICTURE, targets).run(print)
    drawn = np.asarray(still("scores", "first_row", SETTINGS, PICTURE), dtype=float)
    seconds = []
    for target, most in zip(targets, (3, 0), strict=True):
        with Image.open(target) as image:
            seconds.append(0.0)
            for number in range(image.n_frames):
                image.seek(number)
                image.load()
                seconds[-1] += image.info["duration"] / 1000
            assert image.info.get("loop", 1) == 1  # GIF says nothing of what is played once
            assert np.abs(np.asarray(image.convert("RGB")) - drawn).mean() <= most
    assert seconds[0] == pytest.approx(seconds[1])
    assert seconds[0] > HOLD + 3


def test_pictures_that_move_are_small_and_on_the_grid_of_gif() -> None:
    assert small_picture(QUALITIES["4k"]) == Picture(960, 540, 20)
    assert small_picture(QUALITIES["preview"]) == Picture(854, 480, 10)


def test_frames_that_stay_are_kept_once(tmp_path: Path) -> None:
    animation = Animation(Picture(8, 8, 10))
    grey = np.full((8, 8, 4), 120, np.uint8)
    for shade in (grey, grey, grey // 2):
        animation.write(shade, 5)
    animation.save(tmp_path / "a.gif")
    with Image.open(tmp_path / "a.gif") as image:
        assert image.n_frames == 2
        assert image.info["duration"] == 1000


@pytest.mark.parametrize(("loop", "gif", "webp"), [(0, 0, 0), (1, None, 1), (3, 2, 3)])
def test_pictures_play_as_often_as_asked(tmp_path: Path, loop: int, gif: int | None, webp: int) -> None:
    """GIF counts how often more, WebP how often."""
    animation = Animation(Picture(8, 8, 10))
    for shade in (10, 200):
        animation.write(np.full((8, 8, 4), shade, np.uint8), 5)
    for kind, found in (("gif", gif), ("webp", webp)):
        animation.save(tmp_path / f"a.{kind}", loop)
        with Image.open(tmp_path / f"a.{kind}") as image:
            assert image.info.get("loop") == found


def test_premultiplied_pixels_get_their_own_colours_back() -> None:
    alpha = np.arange(256, dtype=float)[:, None]
    premultiplied = np.concatenate([np.rint(np.array([200, 100, 20]) * alpha / 255), alpha], axis=1)
    result = straight(premultiplied[None].astype(np.uint8))[0].astype(float)
    assert np.array_equal(result[:, 3], alpha[:, 0])
    assert np.abs(result[64:, :3] - [200, 100, 20]).max() <= 2
    assert np.array_equal(result[255, :3], [200, 100, 20])


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_over_its_own_background_an_overlay_is_the_stage_without_its_frame(tmp_path: Path, theme: str) -> None:
    """Heading, formula, map and captions would stand over the title of the slide that it lies on."""
    settings = Settings(load_example("default"), theme=theme)
    OverlayJob("scores", "first_row", settings, PICTURE, (tmp_path / "a.webm", tmp_path / "a.mov")).run(print)
    whole = np.asarray(still("scores", "first_row", settings, PICTURE), dtype=float)
    top, bottom = ((FRAME.top - edge) / FRAME.height * len(whole) for edge in (STAGE.top, STAGE.bottom))
    stage = slice(floor(top), ceil(bottom))
    ground = whole[0, 0]
    for name in ("a.webm", "a.mov"):
        last = last_frame(tmp_path / name).astype(float)
        alpha = last[..., 3:] / 255
        assert alpha.min() == 0
        assert alpha.max() == 1
        shown = last[..., :3] * alpha + ground * (1 - alpha)
        assert np.abs(shown - whole)[stage].mean() < 2.5
        around = np.delete(alpha, np.arange(stage.start, stage.stop), axis=0)
        assert around.max() < 0.02  # VP9 is not without loss
        assert np.abs(np.delete(whole, np.arange(stage.start, stage.stop), axis=0) - ground).max() > 100


def test_a_caption_that_goes_is_left_out_too() -> None:
    seen = []

    only = ["first_row"]

    def watch(scene: Chapter, step: str, ended: bool) -> None:
        hide_frame(scene, step, ended)
        if step in only and not ended:
            shown = scene.camera.get_mobjects_to_display(scene.mobjects)
            captions = [part for part in scene.get_mobject_family_members() if isinstance(part, Caption)]
            seen.append((len(captions), {id(p) for c in captions for p in c.get_family()} & set(map(id, shown))))

    run("scores", SETTINGS, PICTURE, camera=ClearCamera, watch=watch, only=only, on_step=lambda s: s.name in only)
    assert max(count for count, _ in seen) == 2
    assert not any(shown for _, shown in seen)


def test_a_movie_for_editors_says_its_colours_and_is_small(tmp_path: Path) -> None:
    OverlayJob("scores", "first_row", SETTINGS, PICTURE, (tmp_path / "a.mov",)).run(print)
    with av.open(tmp_path / "a.mov") as container:
        context = container.streams.video[0].codec_context
        assert (context.color_primaries, context.color_trc, context.colorspace) == (1, 1, 1)
        assert container.size < 25_000 * container.duration / 1e6  # bytes a second, at this size


def last_frame(path: Path) -> np.ndarray:
    """The last frame of a movie with its alpha channel, which only libvpx reads from WebM."""
    with av.open(path) as container:
        if path.suffix == ".webm":
            codec = av.CodecContext.create("libvpx-vp9", "r")
            packets = [packet if packet.size else None for packet in container.demux(video=0)]
            frames = [frame for packet in packets for frame in codec.decode(packet)]
        else:
            frames = list(container.decode(video=0))
    return frames[-1].reformat(format="rgba", src_colorspace=frames[-1].colorspace).to_ndarray()


def test_an_overlay_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), Overlay(tmp_path / "a.webm", PICTURE) as overlay:
        overlay.write(np.zeros((144, 256, 4), np.uint8))
        _ = 1 / 0
