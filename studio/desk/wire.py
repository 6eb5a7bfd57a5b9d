"""Messages between the desk, its drawing processes and its page: a few facts as JSON, and a body of bytes."""

from __future__ import annotations

import json
import signal
import socket
import struct
from asyncio import IncompleteReadError, StreamReader
from collections.abc import Mapping
from typing import Any, NamedTuple

_LENGTHS = struct.Struct(">II")
SUPERSEDE = signal.SIGUSR1  # what is being drawn is not wanted any more
MOST = 64 * 2**20  # bytes of a message, more than any picture has


class Message(NamedTuple):
    """What is said, and what comes with it."""

    facts: dict[str, Any]
    body: bytes = b""


def packed(facts: Mapping[str, Any], body: bytes = b"") -> bytes:
    """A message as it is sent: both lengths in four bytes each, the facts, the body."""
    head = json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode()
    return _LENGTHS.pack(len(head), len(body)) + head + body


async def read(stream: StreamReader) -> Message | None:
    """The next message; None if the other side has ended."""
    try:
        head, body = _LENGTHS.unpack(await stream.readexactly(_LENGTHS.size))
        if head + body > MOST:
            return None
        return Message(json.loads(await stream.readexactly(head)), await stream.readexactly(body))
    except (IncompleteReadError, ConnectionError):
        return None


class Line:
    """One end of a connection in a process that does one thing at a time."""

    def __init__(self, address: str, facts: Mapping[str, Any]) -> None:
        """Connect, and say who one is."""
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(address)
        self.send(facts)

    def send(self, facts: Mapping[str, Any], body: bytes = b"") -> None:
        self.socket.sendall(packed(facts, body))

    def receive(self) -> Message | None:
        """The next message; None if the other side has ended."""
        lengths = self._exactly(_LENGTHS.size)
        if lengths is None:
            return None
        head, body = _LENGTHS.unpack(lengths)
        facts, content = self._exactly(head), self._exactly(body)
        return None if facts is None or content is None else Message(json.loads(facts), content)

    def close(self) -> None:
        self.socket.close()

    def _exactly(self, count: int) -> bytes | None:
        parts = bytearray()
        while len(parts) < count:
            part = self.socket.recv(count - len(parts))
            if not part:
                return None
            parts += part
        return bytes(parts)
