"""What happens at the desk: pages that show the document, their edits, and the pictures that follow them."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from core.examples.example import shipped_examples
from core.examples.faults import FileError, quote
from core.examples.languages import FIRST, LANGUAGES
from core.examples.toml_text import read_text
from studio.desk import drafts, logos
from studio.desk.document import EXAMPLE, LESSON, Document, files_in
from studio.desk.drawing import STRIP, VIEW, Drawing, Job
from studio.desk.exports import Export, Exports, arguments
from studio.desk.wire import Message, packed, read
from studio.errors import BadInput, Failure
from studio.selection import all_chapters, steps_of

NUDGE = 0.4  # seconds of quiet before a draft is kept
_numbers = itertools.count(1)


@dataclass(frozen=True)
class View:
    """What a page looks at: a step, in a language; numbers: whether those of the step, too; part: of the lesson, where
    the chapter is in several.
    """

    chapter: str = "softmax"
    step: str = "whole"
    language: str = FIRST
    numbers: bool = False
    part: int = 0

    def turned(self, wish: Mapping[str, Any]) -> View:
        """The view after a wish. Raises BadInput."""
        chapter, language = wish.get("chapter", self.chapter), wish.get("language", self.language)
        if chapter not in all_chapters() or language not in LANGUAGES:
            raise BadInput(f"view: found {quote(str(chapter))} in {quote(str(language))}")
        steps = steps_of(chapter)
        step = wish.get("step", self.step)
        step, numbers = step if step in steps else steps[-1], bool(wish.get("numbers", self.numbers))
        return View(chapter, step, language, numbers, int(wish.get("part", self.part)))


class Client:
    """One page. strip: the pictures of the steps of its chapter, whole and small, and of what they are."""

    def __init__(self, socket: WebSocket) -> None:
        self.socket, self.name, self.view = socket, next(_numbers), View()
        self.strip: dict[str, tuple[dict[str, Any], bytes]] = {}
        self.strip_of: tuple[Any, ...] = ()
        self.strip_number = 0
        self.playing: asyncio.Task[None] | None = None
        self.turn = asyncio.Lock()

    async def send(self, facts: Mapping[str, Any], body: bytes = b"") -> None:
        """Tell the page something; one that has gone hears nothing."""
        async with self.turn:
            with suppress(WebSocketDisconnect, RuntimeError):
                await self.socket.send_bytes(packed(facts, body))


class Desk:
    """The document, the pages that show it, and the processes that draw it."""

    def __init__(self, document: Document, drawing: Drawing) -> None:
        self.document, self.drawing = document, drawing
        self.clients: set[Client] = set()
        self.later: asyncio.TimerHandle | None = None
        self.restored = document.take_draft(drafts.kept(document.path))
        self.exports = Exports(self._exported)

    # --- pages --------------------------------------------------------------------------------------------------------

    async def serve(self, socket: WebSocket) -> None:
        """Serve a page until it goes."""
        client = Client(socket)
        self.clients.add(client)
        try:
            await client.send(self._hello())
            while True:
                await self._heard(client, await socket.receive_text())
        except WebSocketDisconnect:
            pass
        finally:
            self.clients.discard(client)
            self._stop(client)
            self.drawing.forget(client.name, -client.name)

    def _hello(self) -> dict[str, Any]:
        there = {**self._folder(), "shipped": list(shipped_examples())}
        exports = [export.described() for export in self.exports.all.values()]
        about = {"document": self.document.described(), "restored": self.restored, "exports": exports}
        return {"is": "hello", **about, **there}

    def _folder(self) -> dict[str, Any]:
        """What may be opened, shown beside, or stand as a logo."""
        return {"files": files_in(self.document.folder), "logos": logos.logos_in(self.document.folder)}

    async def _heard(self, client: Client, text: str) -> None:
        try:
            wish = json.loads(text)
            await _WISHES[wish["do"]](self, client, wish)
        except (BadInput, Failure, FileError) as error:
            await client.send({"is": "refused", "why": str(error)})
        except (ValueError, KeyError, TypeError):
            await client.send({"is": "refused", "why": "This cannot be understood."})

    async def tell_all(self, facts: Mapping[str, Any]) -> None:
        await asyncio.gather(*(client.send(facts) for client in self.clients))

    async def changed(self) -> None:
        """The document is another: all pages hear of it, and a draft is kept before long."""
        if self.later is not None:
            self.later.cancel()
        self.later = asyncio.get_running_loop().call_later(NUDGE, self.keep)
        await self.tell_all({"is": "document", "document": self.document.described()})
        for client in self.clients:
            self._draw(client)

    def keep(self) -> None:
        """Keep a draft, or drop it if the file has all of it."""
        if self.document.changed:
            drafts.keep(self.document.path, self.document.as_draft())
        else:
            drafts.drop(self.document.path)

    # --- wishes -------------------------------------------------------------------------------------------------------

    async def _view(self, client: Client, wish: Mapping[str, Any]) -> None:
        client.view = client.view.turned(wish)
        self._stop(client)
        if client.strip_of == self._strip_key(client) and (found := client.strip.get(client.view.step)):
            facts, body = found
            await client.send({**facts, "is": "picture", "version": self.document.number}, body[facts["small"] :])
        self._draw(client)

    async def _edit(self, client: Client, wish: Mapping[str, Any]) -> None:
        self.document.edit(wish["edit"], str(wish.get("burst", "")))
        await self.changed()

    async def _write(self, client: Client, wish: Mapping[str, Any]) -> None:
        self.document.write(str(wish["kind"]), str(wish["text"]), wish["number"], str(wish.get("burst", "")))
        await self.changed()

    async def _undo(self, client: Client, wish: Mapping[str, Any]) -> None:
        self.document.undo()
        await self.changed()

    async def _redo(self, client: Client, wish: Mapping[str, Any]) -> None:
        self.document.redo()
        await self.changed()

    async def _save(self, client: Client, wish: Mapping[str, Any]) -> None:
        before = self.document.path
        self.document.save(str(wish.get("name") or ""))
        drafts.drop(before)
        await self.tell_all({"is": "folder", **self._folder()})
        await self.changed()

    async def _open(self, client: Client, wish: Mapping[str, Any]) -> None:
        name = str(wish["name"])
        self.keep()
        folder, language = self.document.folder, client.view.language
        document = Document.opened(folder, name, language) if name else Document.new(folder, language)
        document.number = self.document.number + 1
        self.document = document
        self.restored = document.take_draft(drafts.kept(document.path))
        await self.tell_all(self._hello())
        await self.changed()

    async def _logo(self, client: Client, wish: Mapping[str, Any]) -> None:
        """Put a picture beside the lesson, and name it there."""
        name = logos.keep(self.document.folder, str(wish["name"]), str(wish["data"]))
        self.document.edit({"do": "look", "name": "logo", "value": name})
        await self.tell_all({"is": "folder", **self._folder()})
        await self.changed()

    async def _settle(self, client: Client, wish: Mapping[str, Any]) -> None:
        self.document.settle(keep=bool(wish["keep"]))
        await self.changed()

    # --- exports ------------------------------------------------------------------------------------------------------

    async def _export(self, client: Client, wish: Mapping[str, Any]) -> None:
        """Make something of what is saved; all of it is, first."""
        document = self.document
        if document.changed or document.papers[document.main].saved is None:
            await self._save(client, {})
        is_lesson = bool(document.text.lesson)
        file = document.papers[LESSON if is_lesson else EXAMPLE].name
        given = arguments(wish, asdict(client.view), file, is_lesson=is_lesson)
        self.exports.begin(document.folder, str(wish["kind"]), given)

    async def _cancel(self, client: Client, wish: Mapping[str, Any]) -> None:
        self.exports.cancel(int(wish["number"]))

    async def _exported(self, export: Export) -> None:
        await self.tell_all({"is": "export", "export": export.described()})

    # --- the disk -----------------------------------------------------------------------------------------------------

    async def disk_changed(self) -> None:
        """Something in the folder has: perhaps the file that is open."""
        number = self.document.number
        for kind, paper in self.document.papers.items():
            if paper.saved is not None:
                with suppress(FileError):
                    text = await asyncio.to_thread(read_text, self.document.folder / paper.name)
                    self.document.disk_says(kind, text)
        if self.document.number != number:
            await self.changed()

    # --- pictures -----------------------------------------------------------------------------------------------------

    def _facts(self, client: Client, what: str) -> dict[str, Any]:
        view = client.view
        return {"do": what, **self.document.job(), **asdict(view)}

    def _strip_key(self, client: Client) -> tuple[Any, ...]:
        text = self.document.text
        return (text.example, text.lesson, client.view.chapter, client.view.language, client.view.part)

    def _draw(self, client: Client) -> None:
        """Have the picture in view drawn, and after it the strip."""
        number = self.document.number

        async def hear(message: Message) -> None:
            facts = {**message.facts, "version": number}
            await client.send(facts, message.body)
            if facts["is"] == "picture" or (facts["is"] == "faults" and not client.strip):
                self._draw_strip(client)

        self.drawing.ask(VIEW, Job(client.name, self._facts(client, VIEW), hear))

    def _draw_strip(self, client: Client) -> None:
        """Have the pictures of all steps drawn, if they may have changed."""
        key = self._strip_key(client)
        if client.strip_of == key:
            return
        client.strip_of, old = key, client.strip
        client.strip = {}

        async def hear(message: Message) -> None:
            facts, body = message
            if facts["is"] != STRIP:
                client.strip_of = key if facts["is"] == "done" else ()
                return
            client.strip[facts["step"]] = message
            small, before = body[: facts["small"]], old.get(facts["step"])
            if before is None or before[1][: before[0]["small"]] != small:
                await client.send({"is": STRIP, "chapter": client.view.chapter, **facts}, small)

        client.strip_number = self.drawing.ask(STRIP, Job(client.name, self._facts(client, STRIP), hear))

    # --- motion -------------------------------------------------------------------------------------------------------

    async def _play(self, client: Client, wish: Mapping[str, Any]) -> None:
        self._stop(client)
        client.playing = asyncio.create_task(self._played(client))

    async def _stop_playing(self, client: Client, wish: Mapping[str, Any]) -> None:
        self._stop(client)

    def _stop(self, client: Client) -> None:
        if client.playing is not None:
            client.playing.cancel()
            client.playing = None

    async def _played(self, client: Client) -> None:
        """The frames of the step in view, as they are drawn."""
        step = client.view.step
        number = client.strip_number if client.strip_of == self._strip_key(client) else 0

        async def hear(message: Message) -> None:
            if message.facts["is"] in ("faults", "lost"):
                await client.send(message.facts)

        stand = await self.drawing.stand(number, step, Job(-client.name, self._facts(client, "play"), hear))
        if stand is None:
            return
        try:
            stand.writer.write(packed({"do": "play"}))
            while (message := await read(stand.reader)) is not None:
                await client.send({**message.facts, "step": step}, message.body)
        finally:
            stand.writer.close()


_WISHES = {
    "view": Desk._view,
    "edit": Desk._edit,
    "write": Desk._write,
    "undo": Desk._undo,
    "redo": Desk._redo,
    "save": Desk._save,
    "open": Desk._open,
    "logo": Desk._logo,
    "settle": Desk._settle,
    "export": Desk._export,
    "cancel": Desk._cancel,
    "play": Desk._play,
    "stop": Desk._stop_playing,
}
