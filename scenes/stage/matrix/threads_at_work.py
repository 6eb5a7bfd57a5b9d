"""What threads do while something else is played: they follow what moves, and a pulse runs where values go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from manim import Animation, Mobject

from scenes.stage.matrix.cell_wave import CellWave
from scenes.stage.matrix.flight import Flight
from scenes.stage.paint.threads import Follow, Thread, pulse, threads_in

VISIBLE = 0.05


def threads_at_work(mobjects: Iterable[Mobject], animations: Sequence[Animation]) -> list[Animation]:
    """The animations of the threads among `mobjects` that go with these, to be played after them."""
    played = [part for animation in animations for part in _single(animation)]
    moving = {id(part) for animation in played for part in animation.mobject.get_family()}
    free = [one for one in threads_in(mobjects) if id(one) not in moving]
    followed = [one for one in free if any(id(end.of) in moving for end in one.ends)]
    run_time = max((animation.run_time for animation in animations), default=0.0)
    work: list[Animation] = [Follow(followed, run_time=run_time)] if followed else []
    for animation in played:
        led = [one for one in free if one.get_stroke_opacity() > VISIBLE and _leads(one, animation)]
        if led:
            work.append(pulse(led, animation.run_time, lag=1 / len(led)))
    return work


def _single(animation: Animation) -> Iterator[Animation]:
    parts = getattr(animation, "animations", None)
    if not parts:
        yield animation
    for part in parts or ():
        yield from _single(part)


def _leads(one: Thread, animation: Animation) -> bool:
    """Whether values go along a thread: into a matrix that fills, or in flight between the things that it joins."""
    source, target = (end.of for end in one.ends)
    if isinstance(animation, CellWave):
        return _holds(target, animation.mobject.cells) and not _holds(source, animation.mobject.cells)
    flight = animation.mobject
    return isinstance(flight, Flight) and _holds(source, flight.origin) and _holds(target, flight.goal)


def _holds(thing: Mobject, cells: Mobject) -> bool:
    return any(part is cells for part in thing.get_family())
