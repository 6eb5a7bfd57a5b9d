"""The drawing processes of the desk, seen from it: who draws what, what is not wanted any more, and who has died."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from studio.desk.wire import SUPERSEDE, Message, packed, read

VIEW, STRIP = "view", "strip"
LANES = (VIEW, STRIP)
MOST_TRIES = 2  # for a job whose hand dies
TIRED = 400  # jobs after which a hand makes place for a new one, so that its memory stays what it was
PATIENCE = 60.0  # seconds for a job, after which its hand is taken for lost

Hear = Callable[[Message], Awaitable[None]]


@dataclass
class Job:
    """What is to be drawn, for whom, and who hears of it."""

    client: int
    facts: Mapping[str, Any]
    hear: Hear
    number: int = 0
    tries: int = 0
    superseded: bool = False


@dataclass
class Lane:
    """One hand, the job it is at, and of each client the latest that waits."""

    name: str
    writer: StreamWriter | None = None
    pid: int = 0
    job: Job | None = None
    waiting: dict[int, Job] = field(default_factory=dict)
    done: int = 0
    clock: asyncio.TimerHandle | None = None


@dataclass
class Stand:
    """A process at the beginning of a step, waiting to play it."""

    number: int
    step: str
    reader: StreamReader
    writer: StreamWriter


class Drawing:
    """Hands that draw, one for the picture in view and one for the strip. Of each client only the latest job counts."""

    def __init__(self) -> None:
        self.lanes = {name: Lane(name) for name in LANES}
        self.stands: dict[tuple[int, str], Stand] = {}
        self.expected: dict[tuple[int, str], asyncio.Future[Stand]] = {}
        self.number = 0
        self.source: asyncio.subprocess.Process | None = None
        self.source_writer: StreamWriter | None = None
        self.ending = False
        self.served: set[asyncio.Task[None]] = set()

    # --- beginning and end --------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Drawing:
        self.folder = TemporaryDirectory(prefix="desk-")
        self.address = str(Path(self.folder.name) / "hands")
        self.server = await asyncio.start_unix_server(self._connected, self.address)
        await self._begin()
        return self

    async def __aexit__(self, *error: object) -> None:
        self.ending = True
        self.server.close()
        self._end_all()
        self._dismiss()
        if self.source is not None:
            await self.source.wait()
        if self.served:
            await asyncio.wait(self.served, timeout=PATIENCE)
        self.folder.cleanup()

    async def _begin(self) -> None:
        """Begin the process that all hands are copies of; all of them are in its group."""
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
        command = [sys.executable, "-I", "-X", "utf8", "-m", "studio.desk.hand", self.address]
        self.source = await asyncio.create_subprocess_exec(*command, env=environment, start_new_session=True)

    def _end_all(self) -> None:
        if self.source is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.source.pid, signal.SIGKILL)

    # --- jobs ---------------------------------------------------------------------------------------------------------

    def ask(self, lane: str, job: Job) -> int:
        """Have a job done, in the place of the one before it of that client; returns its number."""
        self.number += 1
        job.number = self.number
        room = self.lanes[lane]
        room.waiting[job.client] = job
        if room.job is not None and room.job.client == job.client:
            self._supersede(room)
        self._next(room)
        return job.number

    def forget(self, *clients: int) -> None:
        """Clients have gone; what is drawn for them is not wanted any more."""
        for room in self.lanes.values():
            for client in clients:
                room.waiting.pop(client, None)
            if room.job is not None and room.job.client in clients:
                self._supersede(room)

    def _supersede(self, room: Lane) -> None:
        assert room.job
        if not room.job.superseded:
            room.job.superseded = True
            with suppress(ProcessLookupError):
                os.kill(room.pid, SUPERSEDE)

    def _next(self, room: Lane) -> None:
        """Give the hand, if it has nothing to do, what has waited longest."""
        if room.job is not None or room.writer is None or not room.waiting:
            return
        if room.done >= TIRED:
            room.writer.close()
            room.writer = None
            return
        job = room.waiting.pop(next(iter(room.waiting)))
        if job.facts["do"] == STRIP:
            self._dismiss()
        room.job, room.done = job, room.done + 1
        room.clock = asyncio.get_running_loop().call_later(PATIENCE, self._kill, room)
        room.writer.write(packed({"number": job.number, **job.facts}))

    def _kill(self, room: Lane) -> None:
        with suppress(ProcessLookupError):
            os.kill(room.pid, signal.SIGKILL)

    def _dismiss(self) -> None:
        """The stands of an older strip are not wanted any more."""
        for stand in self.stands.values():
            stand.writer.close()
        self.stands.clear()

    # --- motion -------------------------------------------------------------------------------------------------------

    async def stand(self, number: int, step: str, job: Job) -> Stand | None:
        """A process that stands at the beginning of a step: one that strip `number` has left, or one sent there."""
        there = self.stands.pop((number, step), None)
        if there is not None:
            return there
        found: asyncio.Future[Stand] = asyncio.get_running_loop().create_future()
        place = (self.ask(VIEW, job), step)
        self.expected[place] = found
        try:
            return await asyncio.wait_for(found, PATIENCE)
        except TimeoutError:
            return None
        finally:
            self.expected.pop(place, None)

    # --- processes that connect ---------------------------------------------------------------------------------------

    async def _connected(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self.served.add(task)
        try:
            await self._greet(reader, writer)
        finally:
            self.served.discard(task)

    async def _greet(self, reader: StreamReader, writer: StreamWriter) -> None:
        """One who has connected says who it is, and is served as such."""
        hello = await read(reader)
        if hello is None or self.ending:
            writer.close()
            return
        kind = hello.facts["is"]
        if kind == "source":
            await self._serve_source(reader, writer)
        elif kind == "hand":
            await self._serve_hand(self.lanes[hello.facts["lane"]], hello.facts["pid"], reader, writer)
        else:
            self._arrived(Stand(hello.facts["number"], hello.facts["step"], reader, writer))

    async def _serve_source(self, reader: StreamReader, writer: StreamWriter) -> None:
        self.source_writer = writer
        for lane in LANES:
            self._divide(lane)
        await read(reader)  # it says nothing more; this is its end
        self.source_writer = None
        writer.close()
        if not self.ending:
            self._end_all()
            await self._begin()

    def _divide(self, lane: str) -> None:
        if self.source_writer is not None:
            self.source_writer.write(packed({"lane": lane}))

    async def _serve_hand(self, room: Lane, pid: int, reader: StreamReader, writer: StreamWriter) -> None:
        room.writer, room.pid, room.done = writer, pid, 0
        self._next(room)
        while (message := await read(reader)) is not None:
            await self._heard(room, message)
        writer.close()
        room.writer = None
        if not self.ending:
            await self._lost(room)
            self._divide(room.name)

    async def _heard(self, room: Lane, message: Message) -> None:
        job = room.job
        if job is None or message.facts["number"] != job.number:
            return
        if message.facts["is"] in ("done", "superseded", "faults"):
            self._free(room)
        if not job.superseded:
            await job.hear(message)
        self._next(room)

    def _free(self, room: Lane) -> None:
        room.job = None
        if room.clock is not None:
            room.clock.cancel()

    async def _lost(self, room: Lane) -> None:
        """A hand has died: what it was at is begun anew by the next, unless that dies of it, too."""
        job = room.job
        self._free(room)
        if job is None or job.superseded:
            return
        job.tries += 1
        if job.tries >= MOST_TRIES:
            await job.hear(Message({"is": "lost", "number": job.number}))
        else:
            room.waiting = {job.client: job} | room.waiting

    def _arrived(self, stand: Stand) -> None:
        """A stand is there: for one who waits for it, or for later."""
        place = (stand.number, stand.step)
        waiting = self.expected.get(place)
        strip = self.lanes[STRIP].job
        if waiting is not None and not waiting.done():
            waiting.set_result(stand)
        elif strip is not None and strip.number == stand.number and not strip.superseded:
            self.stands[place] = stand
        else:
            stand.writer.close()
