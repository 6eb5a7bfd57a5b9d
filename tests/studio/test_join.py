"""Joined movies: every frame of every segment, once, in order, on the grid; marks, title."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import pytest

from fakes import TINY, shades, write_movie
from studio.engine.quality import Picture
from studio.errors import Failure
from studio.films.packets import Stretch, cut, frame_order, join
from studio.films.spans import Span


def test_frames_marks_and_title(tmp_path: Path) -> None:
    segments = [write_movie(tmp_path / f"{n}.mp4", n, shade=10 * n) for n in (1, 7, 25, 2)]
    marks = [Span("a", "Über α", 0, 8), Span("b", "缩放", 8, 35)]
    film = tmp_path / "film.mp4"
    assert join([Stretch(segment) for segment in segments], film, TINY.rate, "The film", marks) == 35
    assert shades(film) == [shade for segment in segments for shade in shades(segment)]
    assert sorted(frame_order(film, TINY.rate)) == list(range(35))
    with av.open(film) as container:
        stream = container.streams.video[0]
        assert stream.start_time == 0
        assert (stream.duration or 0) * (stream.time_base or 0) == Fraction(35, TINY.fps)
        assert stream.average_rate == TINY.fps
        times = [frame.pts * frame.time_base for frame in container.decode(stream)]
        assert times == [Fraction(n, TINY.fps) for n in range(35)]
        assert container.metadata["title"] == "The film"
        chapters = [(c["start"] * c["time_base"], c["metadata"]["title"]) for c in container.chapters()]
        assert chapters == [(0, "Über α"), (Fraction(8, 10), "缩放")]
        steps = [packet.dts for packet in container.demux(stream) if packet.dts is not None]
        assert steps == sorted(steps)


def test_index_stands_before_the_pictures(tmp_path: Path) -> None:
    join([Stretch(write_movie(tmp_path / "a.mp4", 5))], tmp_path / "b.mp4", TINY.rate, "", [])
    content = (tmp_path / "b.mp4").read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_joining_joined_films_is_exact(tmp_path: Path) -> None:
    parts = [write_movie(tmp_path / f"{n}.mp4", n) for n in (4, 9)]
    once = tmp_path / "once.mp4"
    join([Stretch(part) for part in parts], once, TINY.rate, "", [])
    twice = tmp_path / "twice.mp4"
    assert join([Stretch(once), Stretch(once)], twice, TINY.rate, "", []) == 26
    assert shades(twice) == shades(once) * 2


def test_what_was_joined_can_be_cut_out_again(tmp_path: Path) -> None:
    segments = [write_movie(tmp_path / f"{n}.mp4", n, shade=10 * n) for n in (1, 7, 25, 2)]
    film, start = tmp_path / "film.mp4", 0
    join([Stretch(segment) for segment in segments], film, TINY.rate, "", [])
    for number, segment in enumerate(segments):
        part, end = tmp_path / f"part-{number}.mp4", start + len(shades(segment))
        cut(film, part, TINY.rate, "A part", start, end)
        assert shades(part) == shades(segment)
        assert sorted(frame_order(part, TINY.rate)) == list(range(end - start))
        start = end


def test_other_settings_are_refused(tmp_path: Path) -> None:
    segments = [
        write_movie(tmp_path / "a.mp4", 5),
        write_movie(tmp_path / "b.mp4", 5, Picture(128, 72, TINY.fps)),
    ]
    with pytest.raises(Failure, match=r"b\.mp4 was encoded with other settings"):
        join([Stretch(segment) for segment in segments], tmp_path / "film.mp4", TINY.rate, "", [])


def test_missing_frames_are_noticed(tmp_path: Path) -> None:
    segment = write_movie(tmp_path / "a.mp4", 5)
    with pytest.raises(Failure, match="off the grid"):
        frame_order(segment, Fraction(3))


def test_stretches_of_what_was_joined_are_joined_again(tmp_path: Path) -> None:
    segments = [write_movie(tmp_path / f"{n}.mp4", n, shade=10 * n) for n in (3, 7, 25, 2)]
    film, again = tmp_path / "film.mp4", tmp_path / "again.mp4"
    join([Stretch(segment) for segment in segments], film, TINY.rate, "", [])
    parts = [Stretch(film, 10, 35), Stretch(segments[0]), Stretch(film, 35)]
    assert join(parts, again, TINY.rate, "", []) == 25 + 3 + 2
    assert shades(again) == [shade for segment in (segments[2], segments[0], segments[3]) for shade in shades(segment)]
    assert sorted(frame_order(again, TINY.rate)) == list(range(30))
