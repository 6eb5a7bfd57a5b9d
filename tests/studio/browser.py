"""Chromium without a window, driven by its DevTools protocol."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websocket import WebSocket, create_connection

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--remote-debugging-port=0",
    "--remote-allow-origins=*",
)
KEYS = {
    "ArrowLeft": 37,
    "ArrowUp": 38,
    "ArrowRight": 39,
    "ArrowDown": 40,
    "Enter": 13,
    "Escape": 27,
    "Home": 36,
    "End": 35,
    "Tab": 9,
}
SHIFT, CONTROL = 8, 2
PATIENCE = 20.0


def installed() -> str | None:
    """The browser's program, if there is one."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Page:
    """One page: what is asked of it, and what it has told since it was opened."""

    def __init__(self, socket: WebSocket) -> None:
        self.socket, self.number, self.events = socket, 0, list[dict[str, Any]]()
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **params: Any) -> Any:
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": params}))
        while True:
            message = json.loads(self.socket.recv())
            if message.get("id") == self.number:
                assert "error" not in message, message
                return message["result"]
            self.events.append(message)

    def open(self, address: str) -> None:
        self.events.clear()
        self.ask("Page.navigate", url=address)
        self.wait("document.readyState === 'complete'")

    def run(self, expression: str) -> Any:
        """The value of a JavaScript expression, a promise awaited."""
        answer = self.ask(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True, userGesture=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait(self, condition: str) -> None:
        """Wait until a JavaScript expression is true."""
        end = time.monotonic() + PATIENCE
        while not self.run(condition):
            assert time.monotonic() < end, f"never came true: {condition}"
            time.sleep(0.02)

    def press(self, key: str, modifiers: int = 0, commands: tuple[str, ...] = ()) -> None:
        """Press and release a key; `commands` are the editing commands that a window system would add."""
        text = key if len(key) == 1 and not modifiers & CONTROL else ""
        plain = len(key) == 1 and (key.isalnum() or key == " ")
        code = ord(key.upper()) if plain else KEYS.get(key, 0)
        about = {"key": key, "modifiers": modifiers, "windowsVirtualKeyCode": code, "commands": list(commands)}
        text = "\r" if key == "Enter" else text
        self.ask("Input.dispatchKeyEvent", type="keyDown", **about, **({"text": text} if text else {}))
        self.ask("Input.dispatchKeyEvent", type="keyUp", **about)

    def point(self, selector: str) -> None:
        """Move the mouse to the middle of an element."""
        find = f"const element = document.querySelector({json.dumps(selector)})"
        middle = "const box = element.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]"
        x, y = self.run(f"(() => {{ {find}; element.scrollIntoView({{ block: 'center' }}); {middle}; }})()")
        self.ask("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def size(self, width: int, height: int) -> None:
        self.ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 500
        )

    def picture(self, target: Path) -> None:
        target.write_bytes(base64.b64decode(self.ask("Page.captureScreenshot", format="png")["data"]))

    def requests(self) -> list[str]:
        """The addresses of everything that was loaded."""
        return [e["params"]["request"]["url"] for e in self.events if e["method"] == "Network.requestWillBeSent"]

    def complaints(self) -> list[str]:
        """Errors and warnings of the page."""
        self.run("0")
        loud = ("error", "warning", "assert")
        return [
            json.dumps(e["params"])
            for e in self.events
            if e["method"] == "Runtime.exceptionThrown"
            or (e["method"] == "Runtime.consoleAPICalled" and e["params"]["type"] in loud)
            or (e["method"] == "Log.entryAdded" and e["params"]["entry"]["level"] in loud)
        ]


@contextmanager
def frame_of(page: Page) -> Iterator[Page]:
    """The one frame of a page that is of another origin, as a page."""
    end = time.monotonic() + PATIENCE
    while not (found := [one for one in page.ask("Target.getTargets")["targetInfos"] if one["type"] == "iframe"]):
        assert time.monotonic() < end, "no frame of another origin"
        time.sleep(0.05)
    host = page.socket.sock.getpeername()
    socket = create_connection(f"ws://{host[0]}:{host[1]}/devtools/page/{found[0]['targetId']}", timeout=PATIENCE)
    try:
        yield Page(socket)
    finally:
        socket.close()


@contextmanager
def browser(program: str, profile: Path) -> Iterator[Callable[[], Page]]:
    """A running browser with a new profile; gives what opens pages in it."""
    log = profile.with_suffix(".log")
    with log.open("wb") as file:
        process = subprocess.Popen([program, *FLAGS, f"--user-data-dir={profile}", "about:blank"], stderr=file)
    try:
        address = _address(log, process)
        sockets: list[WebSocket] = []

        def new_page() -> Page:
            whole = create_connection(address, timeout=PATIENCE)
            sockets.append(whole)
            whole.send(json.dumps({"id": 1, "method": "Target.createTarget", "params": {"url": "about:blank"}}))
            target = json.loads(whole.recv())["result"]["targetId"]
            socket = create_connection(f"{address.partition('/devtools')[0]}/devtools/page/{target}", timeout=PATIENCE)
            sockets.append(socket)
            return Page(socket)

        yield new_page
        for socket in sockets:
            socket.close()
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


def _address(log: Path, process: subprocess.Popen) -> str:
    """Where the browser listens, as it says itself."""
    end = time.monotonic() + 3 * PATIENCE
    while time.monotonic() < end and process.poll() is None:
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("DevTools listening on "):
                return line.removeprefix("DevTools listening on ")
        time.sleep(0.05)
    raise AssertionError(f"{process.args[0]} does not start: {log.read_text(encoding='utf-8', errors='replace')}")
