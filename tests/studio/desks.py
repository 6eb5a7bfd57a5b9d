"""A running desk, and a page of it in a browser."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from websocket import WebSocket, create_connection

from browser import PATIENCE, Page

ROOT = Path(__file__).resolve().parents[2]


class Running:
    """A desk in a process of its own: where it is, and what it is asked in a page."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self.process, self.address = process, address

    @property
    def memory(self) -> float:
        """Megabytes of the desk and of all that draws for it, what they share counted once."""
        return sum(megabytes(pid) for pid in (self.process.pid, *self.processes))

    @property
    def processes(self) -> list[int]:
        """The drawing processes: all that have the desk, or one that it began, as their parent."""
        found, wanted, parents = [], {self.process.pid}, children()
        while wanted:
            wanted = {pid for pid, parent in parents.items() if parent in wanted}
            found += sorted(wanted)
        return found

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=PATIENCE)


def children() -> dict[int, int]:
    """The parent of every process that has not ended."""
    parents = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (place / "stat").read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if state != "Z":
            parents[int(place.name)] = int(parent)
    return parents


def wait_for_end(processes: Iterable[int]) -> None:
    """Wait until none of these is there any more."""
    end = time.monotonic() + PATIENCE
    while left := set(processes) & children().keys():
        assert time.monotonic() < end, f"processes are left: {left}"
        time.sleep(0.05)


def megabytes(pid: int) -> float:
    """The memory of a process, of pages that it shares its part; 0 if it has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return int(next(line.split()[1] for line in lines if line.startswith("Pss:"))) / 1024


def begun_with(pid: int) -> bytes:
    """The words that a process was begun with; none if it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@contextmanager
def desk(folder: Path, *arguments: str) -> Iterator[Running]:
    """A desk that was begun in a folder; what it keeps is kept there, too."""
    command = [sys.executable, "-X", "utf8", "-m", "studio", "desk", *arguments, "--no-browser"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(folder / "state")}
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    try:
        assert process.stdout
        yield Running(process, process.stdout.readline().strip())
    finally:
        process.kill()
        process.communicate()


def asked(address: str, **headers: str) -> tuple[int, bytes, str]:
    """What the desk answers: a status, a body, a cookie."""
    parts = urlsplit(address)
    with closing(http.client.HTTPConnection(parts.netloc, timeout=PATIENCE)) as connection:
        connection.request("GET", address.partition(parts.netloc)[2], headers={"Host": parts.netloc, **headers})
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers.get("set-cookie", "").partition(";")[0]


@contextmanager
def line(running: Running, origin: str = "", cookie: str | None = None) -> Iterator[WebSocket]:
    """A page's line to the desk, as a page has it."""
    netloc = urlsplit(running.address).netloc
    given = asked(running.address)[2] if cookie is None else cookie
    about = {"origin": origin or f"http://{netloc}", "cookie": given, "timeout": PATIENCE}
    with closing(create_connection(f"ws://{netloc}/desk", **about)) as socket:
        yield socket


class DeskPage:
    """A page of the desk: what a lecturer does there, and what there is to be seen."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        page.size(1600, 1000)
        page.open(address)
        page.wait("Boolean(document.getElementById('picture')?.dataset.version)")

    def put(self, name: str, value: str, event: str = "input") -> None:
        """Put a value into a field, as if it was typed or chosen."""
        self.page.run(
            f"(() => {{ const field = document.getElementById({json.dumps(name)}); field.focus();"
            f" field.value = {json.dumps(value)};"
            f" field.dispatchEvent(new Event({json.dumps(event)}, {{ bubbles: true }})); }})()"
        )

    def put_file(self, name: str, path: Path) -> None:
        """Choose a file in a field, as if in the browser's window for that."""
        field = self.page.ask("Runtime.evaluate", expression=f"document.getElementById({json.dumps(name)})")
        self.page.ask("DOM.setFileInputFiles", files=[str(path)], objectId=field["result"]["objectId"])

    def click(self, selector: str) -> None:
        self.page.run(f"document.querySelector({json.dumps(selector)}).click()")

    def is_there(self, selector: str) -> str:
        """A condition to wait for."""
        return f"document.querySelector({json.dumps(selector)}) !== null"

    def settled(self) -> None:
        """Wait until the picture and the strip show the document as it is."""
        self.page.wait("Number(document.getElementById('picture').dataset.version) === File.number")
        self.page.wait("[...document.querySelectorAll('#strip .still')].every((one) => one.querySelector('img'))")

    def violations(self) -> list[str]:
        """What axe finds wrong with the page as it stands."""
        if not self.page.run("typeof axe === 'object'"):
            script = resources.files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8")
            self.page.ask("Runtime.evaluate", expression=script)
        told = "(rule) => rule.nodes.map((node) => `${rule.id}: ${node.html} ${node.any[0]?.message ?? ''}`)"
        return list(self.page.run(f"axe.run().then((all) => all.violations.flatMap({told}))"))

    @property
    def version(self) -> int:
        """The version of the document that the picture shows."""
        return int(self.page.run("document.getElementById('picture').dataset.version"))

    def answered(self, before: int) -> float:
        """Wait for a picture of a later version than that; returns the seconds that it took."""
        begun = time.monotonic()
        self.page.wait(f"Number(document.getElementById('picture').dataset.version) > {before}")
        return time.monotonic() - begun

    def text(self, kind: str = "example") -> str:
        return str(self.page.run(f"File.texts.{kind}"))

    def value(self, expression: str) -> Any:
        return self.page.run(expression)
