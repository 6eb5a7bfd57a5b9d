"""Segments joined to one MP4 by copying their packets: no frame is encoded again, every frame falls on the grid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import av
from av.packet import Packet
from av.video.stream import VideoStream

from studio.errors import Failure
from studio.films.spans import Span

if TYPE_CHECKING:
    from av.container.core import Chapter


@dataclass(frozen=True)
class Stretch:
    """Frames of a movie, from `start` to before `end` (None: to its end), that were encoded apart from the others."""

    movie: Path
    start: int = 0
    end: int | None = None


def join(
    stretches: Sequence[Stretch],
    target: Path,
    rate: Fraction,
    title: str,
    marks: Sequence[Span],
    tags: Mapping[str, str] | None = None,
) -> int:
    """Write the stretches one after the other, with a chapter mark for each span; return the number of frames.

    tags: what else the file says of itself, by the names that FFmpeg has for it.

    All must come from the same encoder settings. Raises Failure if they do not, or if a frame is missing.
    """
    orders = [[frame - one.start for frame in frame_order(one.movie, rate)[one.start : one.end]] for one in stretches]
    delay = max(position - frame for order in orders for position, frame in enumerate(order))
    tick = 1 / rate
    with av.open(target, "w", format="mp4", options={"movflags": "+faststart"}) as output:
        output.metadata.update({"title": title, **(tags or {})})
        output.set_chapters([_mark(number, span, tick) for number, span in enumerate(marks)])
        stream = _copy_of(stretches[0].movie, output)
        start = 0
        for one, order in zip(stretches, orders, strict=True):
            with av.open(one.movie) as container:
                _check_same_settings(stream, container.streams.video[0], one.movie)
                for position, packet in enumerate(islice(_packets(container), one.start, one.end)):
                    packet.time_base = tick
                    packet.pts = start + order[position]
                    packet.dts = start + position - delay
                    packet.duration = 1
                    packet.stream = stream
                    output.mux(packet)
            start += len(order)
    return start


def cut(movie: Path, target: Path, rate: Fraction, title: str, start: int, end: int) -> None:
    """Write the frames from `start` to before `end`, a step or several, as a file of their own.

    Steps were encoded apart, so each can be taken out by copying its packets.
    """
    join([Stretch(movie, start, end)], target, rate, title, [])


def frame_order(segment: Path, rate: Fraction) -> list[int]:
    """For each packet in the order of decoding, the index of its frame in the order of showing."""
    with av.open(segment) as container:
        base = container.streams.video[0].time_base or Fraction(1)
        times = [(packet.pts or 0) * base for packet in _packets(container)]
    first = min(times)
    order = [round((time - first) * rate) for time in times]
    if sorted(order) != list(range(len(order))):
        raise Failure(f"{segment.name} has frames missing or off the grid of {rate} frames per second.")
    return order


def is_whole(segment: Path, rate: Fraction, frames: int | None = None) -> bool:
    """Whether a segment can be read to its end and has so many frames, where it is known how many."""
    try:
        found = len(frame_order(segment, rate))
    except (Failure, av.FFmpegError):
        return False
    return frames in (None, found)


def _packets(container: av.container.InputContainer) -> Iterator[Packet]:
    """The packets of the video, without the empty ones that end it."""
    return (packet for packet in container.demux(video=0) if packet.dts is not None)


def _copy_of(segment: Path, output: av.container.OutputContainer) -> VideoStream:
    with av.open(segment) as container:
        return output.add_stream_from_template(container.streams.video[0])


def _check_same_settings(stream: VideoStream, other: VideoStream, segment: Path) -> None:
    ours, theirs = stream.codec_context, other.codec_context
    if (ours.extradata, ours.width, ours.height) != (theirs.extradata, theirs.width, theirs.height):
        raise Failure(f"{segment.name} was encoded with other settings than the segments before it.")


def _mark(number: int, span: Span, tick: Fraction) -> Chapter:
    return {
        "id": number,
        "start": span.start,
        "end": span.end,
        "time_base": tick,
        "metadata": {"title": span.title},
    }
