"""Exports from the desk: the commands that make films, clips, slides …, each in a process of its own, with progress."""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import signal
import sys
from asyncio import StreamReader
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.examples.faults import listed, quote
from studio.engine.quality import QUALITIES
from studio.errors import BAD_INPUT, OK, BadInput
from studio.films.progress import LINES

OUT = "films"  # the folder beside the file that all of it goes to
COMMANDS = {
    "film": (),
    "clips": ("clips",),
    "gif": ("clips",),
    "slides": ("slides",),
    "page": ("page",),
    "handout": ("handout",),
    "still": ("still",),
}
FORMATS = {"gif": ("--format", "gif")}
ON_PAPER = ("handout",)  # kinds that no quality changes
SCOPES = ("step", "chapter", "all")
MOST = 20  # exports that are remembered, and half as many at once
PATIENCE = 5.0  # seconds for a process to end by itself
_FRAMES = re.compile(r"(\d+) of (\d+) frames drawn")
_numbers = itertools.count(1)

Tell = Callable[["Export"], Awaitable[None]]


@dataclass
class Export:
    """What is made, how far that is (0…1), and what has been made, as paths within OUT."""

    kind: str
    arguments: list[str]
    number: int = field(default_factory=lambda: next(_numbers))
    part: float = 0.0
    state: str = "running"
    told: str = ""
    made: list[str] = field(default_factory=list)
    process: asyncio.subprocess.Process | None = None

    def described(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("kind", "number", "part", "state", "told", "made")}


class Exports:
    """What is being made and has been made. folder: where the file lies; tell: called when something has happened."""

    def __init__(self, tell: Tell) -> None:
        self.tell = tell
        self.all: dict[int, Export] = {}
        self.tasks: set[asyncio.Task[None]] = set()

    def begin(self, folder: Path, kind: str, arguments: list[str]) -> None:
        """Begin to make something. Raises BadInput if too much is being made."""
        running = [one for one in self.all.values() if one.state == "running"]
        if len(running) >= MOST // 2:
            raise BadInput(f"{len(running)} exports are being made; wait for one, or cancel it")
        export = Export(kind, arguments)
        self.all = {one.number: one for one in [*self.all.values(), export][-MOST:]}
        task = asyncio.create_task(self._run(export, folder))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def cancel(self, number: int) -> None:
        """Have an export end; what is half made goes with it."""
        export = self.all.get(number)
        if export is not None and export.process is not None and export.state == "running":
            export.state = "cancelled"
            with suppress(ProcessLookupError):
                export.process.terminate()

    async def end(self) -> None:
        """Have all of them end."""
        for number in list(self.all):
            self.cancel(number)
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=PATIENCE)
        for export in self.all.values():
            if export.process is not None and export.process.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(export.process.pid, signal.SIGKILL)

    async def _run(self, export: Export, folder: Path) -> None:
        command = [sys.executable, "-I", "-X", "utf8", "-m", "studio", *export.arguments, "--out", OUT]
        pipe = asyncio.subprocess.PIPE
        export.process = await asyncio.create_subprocess_exec(
            *command, cwd=folder, stdout=pipe, stderr=pipe, env={**os.environ, LINES: "1"}, start_new_session=True
        )
        await self.tell(export)
        assert export.process.stdout and export.process.stderr
        await asyncio.gather(
            self._follow(export, export.process.stdout, self._made), self._follow(export, export.process.stderr, _heard)
        )
        code = await export.process.wait()
        if export.state == "running":
            export.state, export.part = ("done", 1.0) if code == OK else ("failed", export.part)
        if export.state == "failed" and code != BAD_INPUT and not export.told:
            export.told = f"exit code {code}"
        await self.tell(export)

    async def _follow(self, export: Export, stream: StreamReader, heard: Callable[[Export, str], None]) -> None:
        async for line in stream:
            heard(export, line.decode(errors="replace").rstrip())
            await self.tell(export)

    def _made(self, export: Export, line: str) -> None:
        path = Path(line)
        if path.parts[:1] == (OUT,):
            export.made.append(str(path.relative_to(OUT)))


def _heard(export: Export, line: str) -> None:
    """A line of what a waiting person sees."""
    if found := _FRAMES.search(line):
        done, total = map(int, found.groups())
        export.part = done / max(total, 1)
    if line:
        export.told = line


def arguments(wish: Mapping[str, Any], view: Mapping[str, Any], file: str, *, is_lesson: bool) -> list[str]:
    """The command line of what is wished for. file: its name, where the command runs. Raises BadInput."""
    kind, scope, quality = (str(wish.get(name, "")) for name in ("kind", "scope", "quality"))
    for what, found, allowed in (
        ("kind", kind, COMMANDS),
        ("scope", scope, SCOPES),
        ("quality", quality, QUALITIES),
    ):
        if found not in allowed:
            raise BadInput(f"{what}: found {quote(found)}; allowed: {listed(allowed)}")
    single = f"{view['chapter']}:{view['step']}"
    words = {"step": [single], "chapter": [view["chapter"]], "all": []}[scope]
    if kind == "still" and scope == "all":
        words = [single]
    source = [f"./{file}"] if is_lesson else []
    about = [] if is_lesson else ["--example", f"./{file}"]
    sizes = [] if kind in ON_PAPER else ["--quality", quality]
    return [*COMMANDS[kind], *source, *words, *about, "--language", view["language"], *FORMATS.get(kind, ()), *sizes]
