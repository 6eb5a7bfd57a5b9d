"""Watch a function run: which line gives which variable which value."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from types import FrameType
from typing import Any

import numpy as np

Tracer = Callable[[FrameType, str, Any], Any]


@dataclass(frozen=True)
class Change:
    """What one line of a function did to one of its variables.

    line: counted from the function's first line, 0; name: the variable, "" for what the function returns;
    value: a copy of the variable's value once the line has run.
    """

    line: int
    name: str
    value: Any


def watch(function: Callable[..., Any], *arguments: Any) -> tuple[Change, ...]:
    """Run `function` and note every change of its variables, in order, a change inside an array too.

    A line that changes nothing, and the arguments as they are given, are not noted.
    """
    watcher = _Watcher(function)
    outer = sys.gettrace()
    sys.settrace(watcher.enter)
    try:
        function(*arguments)
    finally:
        sys.settrace(outer)
    return tuple(watcher.changes)


class _Watcher:
    """A tracer: before a line runs, it notes what the line before has changed."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.code = function.__code__
        self.first = inspect.getsourcelines(function)[1]
        self.changes: list[Change] = []
        self.seen: dict[str, Any] = {}
        self.line = 0

    def enter(self, frame: FrameType, event: str, argument: Any) -> Tracer | None:
        if frame.f_code is not self.code:
            return None
        self.seen = deepcopy(frame.f_locals)
        return self.follow

    def follow(self, frame: FrameType, event: str, argument: Any) -> Tracer:
        if event in ("line", "return"):
            self._note(frame.f_locals)
            self.line = frame.f_lineno - self.first
        if event == "return" and argument is not None:
            self.changes.append(Change(self.line, "", deepcopy(argument)))
        return self.follow

    def _note(self, variables: dict[str, Any]) -> None:
        for name, value in variables.items():
            if name not in self.seen or not _same(self.seen[name], value):
                self.seen[name] = deepcopy(value)
                self.changes.append(Change(self.line, name, self.seen[name]))


def _same(before: Any, after: Any) -> bool:
    if isinstance(before, np.ndarray) and isinstance(after, np.ndarray):
        return before.dtype == after.dtype and np.array_equal(before, after)
    return type(before) is type(after) and bool(before == after)
