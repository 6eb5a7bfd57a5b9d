"""Serves the desk to browsers on this machine and nobody else, until it is told to end."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import socket
import sys
import webbrowser
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import quote

import uvicorn
from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from watchfiles import awatch

from core.examples.changes import WITHOUT
from core.examples.languages import FIRST, LANGUAGES, language_of
from scenes.stage.chapter.settings import CAPTIONS, FRAMES
from scenes.stage.chapter.texts import ChapterText, load_texts
from scenes.stage.paint.painting import hexadecimal
from scenes.stage.paint.theme import ACCENTS, SCALES, THEMES, Theme
from scenes.storyboard import CHAPTERS, FILMS
from studio.desk.document import Document
from studio.desk.drawing import Drawing
from studio.desk.exports import COMMANDS, OUT, SCOPES
from studio.desk.session import Desk
from studio.engine.quality import QUALITIES
from studio.errors import Failure, reason
from studio.exports.page.build import FONTS, PARTS, SCRIPTS, colours, texts
from studio.lessons.logo import MOST_BYTES

HOST = "127.0.0.1"
PAGE = Path(__file__).parent / "page"
NUMBERS = tuple(name for name in SCRIPTS if name not in ("page.js",))  # of the page that shows numbers
OWN = (
    "bridge.js",
    "picture.js",
    "strip.js",
    "file.js",
    "faults.js",
    "editors.js",
    "lesson.js",
    "exports.js",
    "desk.js",
)  # each uses what stands before it
LONGEST_MESSAGE = 3 * 2**20
MADE = "made"  # where what was exported is shown, each page of it kept to itself


class Entrance:
    """Who may come in: browsers that were given the token, from pages of the desk itself, under its own name."""

    def __init__(self, port: int) -> None:
        self.token, self.pass_to_made = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        self.cookie = f"desk-{port}"
        self.hosts = {f"{HOST}:{port}", f"localhost:{port}"}
        self.address = f"http://{HOST}:{port}/"
        self.policy = "; ".join(
            (
                "default-src 'none'",
                "script-src 'self'",
                "style-src 'self'",
                "style-src-attr 'unsafe-inline'",
                "img-src 'self' blob: data:",
                "font-src 'self'",
                f"connect-src 'self' {' '.join(f'ws://{host}' for host in sorted(self.hosts))}",
                "base-uri 'none'",
                "form-action 'none'",
                "frame-ancestors 'none'",
            )
        )

    def knows(self, connection: HTTPConnection) -> bool:
        """Whether a request comes to this machine by its own name, from no other page, with the token."""
        origin = connection.headers.get("origin")
        own = origin is None or origin.removeprefix("http://") in self.hosts
        return own and self._is_host(connection) and self._is_token(connection.cookies.get(self.cookie, ""))

    def invites(self, request: Request) -> bool:
        """Whether a request is the first one, with the address that was printed."""
        return self._is_host(request) and self._is_token(request.query_params.get("token", ""))

    def shows(self, request: Request) -> bool:
        """Whether a request is for something that was made, with the address that the desk has given for it."""
        given = str(request.path_params["key"]).encode()
        return self._is_host(request) and secrets.compare_digest(given, self.pass_to_made.encode())

    def _is_host(self, connection: HTTPConnection) -> bool:
        return connection.headers.get("host", "") in self.hosts

    def _is_token(self, found: str) -> bool:
        return secrets.compare_digest(found.encode(), self.token.encode())

    def guarded(self, response: Response) -> Response:
        """An answer with all that tells a browser to be careful with it."""
        response.headers.update(
            {
                "Content-Security-Policy": self.policy,
                "X-Content-Type-Options": "nosniff",
                "Referrer-Policy": "no-referrer",
                "Cross-Origin-Resource-Policy": "same-origin",
                "Cross-Origin-Opener-Policy": "same-origin",
                "Cache-Control": "no-store",
            }
        )
        return response


class Server:
    """The desk's answers to a browser."""

    def __init__(self, desk: Desk, entrance: Entrance, language: str) -> None:
        self.desk, self.entrance, self.language = desk, entrance, language
        self.files = _files()

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                WebSocketRoute("/desk", self._socket),
                Route("/", self._index),
                Route(f"/{MADE}/{{key}}/{{name:path}}", self._made),
                Route("/texts/{kind}.toml", self._text),
                Route("/{name:path}", self._file),
            ]
        )

    async def _index(self, request: Request) -> Response:
        if self.entrance.invites(request):
            response: Response = RedirectResponse("/", status_code=303)
            response.set_cookie(self.entrance.cookie, self.entrance.token, httponly=True, samesite="strict")
            return self.entrance.guarded(response)
        if not self.entrance.knows(request):
            return self._refused()
        return self.entrance.guarded(Response(self._page(), media_type="text/html; charset=utf-8"))

    async def _file(self, request: Request) -> Response:
        if not self.entrance.knows(request):
            return self._refused()
        name = request.path_params["name"]
        if name == "data.js":
            response: Response = Response(_data(self.language), media_type="text/javascript; charset=utf-8")
        elif name == "colours.css":
            response = Response(colours(), media_type="text/css; charset=utf-8")
        elif name in self.files:
            response = FileResponse(self.files[name])
        else:
            response = PlainTextResponse("Not here.", status_code=404)
        return self.entrance.guarded(response)

    async def _text(self, request: Request) -> Response:
        """The text of the example or of the lesson, as a file."""
        papers, kind = self.desk.document.papers, request.path_params["kind"]
        if not self.entrance.knows(request) or kind not in papers:
            return self._refused()
        text = getattr(self.desk.document.text, kind)
        response = Response(text, media_type="application/toml; charset=utf-8")
        response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(papers[kind].name)}"
        return self.entrance.guarded(response)

    async def _made(self, request: Request) -> Response:
        """Something that was exported. Its pages may do nothing but show themselves: they are of no origin."""
        folder = (self.desk.document.folder / OUT).resolve()
        path = (folder / request.path_params["name"]).resolve()
        if not self.entrance.shows(request) or not _is_open(folder, path):
            return self._refused()
        told = {"Access-Control-Allow-Origin": "*", "Content-Security-Policy": "sandbox allow-scripts allow-popups"}
        return FileResponse(path, headers={**told, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"})

    async def _socket(self, socket: WebSocket) -> None:
        if not self.entrance.knows(socket) or "origin" not in socket.headers:
            await socket.close(code=4403)
            return
        await socket.accept()
        await self.desk.serve(socket)

    def _refused(self) -> Response:
        told = "Open the desk with the address that it printed when it began."
        return self.entrance.guarded(PlainTextResponse(told, status_code=403))

    def _page(self) -> str:
        scripts = "\n".join(f'<script src="{name}" defer></script>' for name in ("data.js", *NUMBERS, *OWN))
        template = Template((PAGE / "index.html").read_text(encoding="utf-8"))
        made = f"{MADE}/{self.entrance.pass_to_made}"
        return template.substitute(language=self.language, scripts=scripts, made=made)


def _is_open(folder: Path, path: Path) -> bool:
    """Whether a path is that of a file within a folder, and none that is kept there hidden."""
    inside = path.is_relative_to(folder) and path.is_file()
    return inside and not any(part.startswith(".") for part in path.relative_to(folder).parts)


def _files() -> dict[str, Path]:
    """Everything that the page is made of, by its name; nothing else is served."""
    fonts = {f"fonts/{path.name}": path for path in FONTS.glob("*") if path.suffix in (".ttf", ".otf")}
    return {
        **fonts,
        "page.css": PARTS / "page.css",
        **{name: PARTS / name for name in NUMBERS},
        **{path.name: path for path in PAGE.glob("*") if path.suffix in (".js", ".css")},
    }


def _data(language: str) -> str:
    """What does not change while the desk is open: texts, and the chapters with their steps."""
    lecture = {
        "language": language,
        "texts": {code: {**texts(code), **load_texts(code).desk} for code in LANGUAGES},
        "axes": {code: dict(load_texts(code).axes) for code in LANGUAGES},
    }
    desk = {
        "languages": {code: language_of(code).name for code in LANGUAGES},
        "themes": list(THEMES),
        "sizes": list(SCALES),
        "frames": list(FRAMES),
        "captions": list(CAPTIONS),
        "accents": dict(ACCENTS),
        "hues": {name: _hues(theme) for name, theme in THEMES.items()},
        "without": list(WITHOUT),
        "most_logo": MOST_BYTES,
        "exports": {"kinds": list(COMMANDS), "scopes": list(SCOPES), "qualities": list(QUALITIES)},
        "films": {film: list(chapters) for film, chapters in FILMS.items()},
        "chapters": {entry.name: _chapter(entry.name) for entry in CHAPTERS},
    }
    told = {"LECTURE": lecture, "DESK": desk}
    return "".join(f"window.{name} = {json.dumps(facts, ensure_ascii=False)};\n" for name, facts in told.items())


def _hues(theme: Theme) -> dict[str, str]:
    """The accents of a theme by what they mean."""
    return {meaning: hexadecimal(theme.hues[hue]) for meaning, hue in ACCENTS.items()}


def _chapter(name: str) -> dict[str, Any]:
    told = {code: load_texts(code).chapters[name] for code in LANGUAGES}
    steps = {step: _step(told, step) for step in told[FIRST].steps}
    return {"titles": {code: text.title for code, text in told.items()}, "steps": steps}


def _step(told: Mapping[str, ChapterText], step: str) -> dict[str, Any]:
    """The title of a step and what it says, by language; of wordings that depend on the example, the first."""
    texts = {code: text.steps[step] for code, text in told.items()}
    captions = {code: [wording.all[0] for wording in text.captions] for code, text in texts.items()}
    return {"titles": {code: text.title for code, text in texts.items()}, "captions": captions}


# --- its life ---------------------------------------------------------------------------------------------------------


def listening(port: int) -> socket.socket:
    """A socket on this machine alone; at any free port for 0."""
    sock = socket.socket(socket.AF_INET)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((HOST, port))
    sock.listen()
    return sock


def run(document: Document, port: int, language: str, *, browser: bool) -> None:
    """Serve a document until a signal comes. Raises Failure if there is no such port."""
    try:
        sock = listening(port)
    except OSError as error:
        raise Failure(f"Cannot listen at port {port}: {reason(error)}.") from None
    with sock:
        asyncio.run(serve(document, sock, language, browser))


async def serve(document: Document, sock: socket.socket, language: str, browser: bool) -> None:
    """Serve a document until a signal comes."""
    entrance = Entrance(sock.getsockname()[1])
    async with Drawing() as drawing:
        desk = Desk(document, drawing)
        config = uvicorn.Config(
            Server(desk, entrance, language).app(),
            log_level="warning",
            ws="websockets-sansio",
            ws_max_size=LONGEST_MESSAGE,
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        address = f"{entrance.address}?token={entrance.token}"
        print(address, flush=True)
        if browser and _has_screen():
            webbrowser.open(address)
        async with _watched(desk):
            await uvicorn.Server(config).serve(sockets=[sock])
        desk.keep()
        await desk.exports.end()


@asynccontextmanager
async def _watched(desk: Desk) -> AsyncIterator[None]:
    """Look at the folder as long as the block lasts."""
    end = asyncio.Event()

    async def watch() -> None:
        async for _ in awatch(desk.document.folder, recursive=False, stop_event=end, debounce=100, step=20):
            await desk.disk_changed()

    task = asyncio.create_task(watch())
    try:
        yield
    finally:
        end.set()
        await task


def _has_screen() -> bool:
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
