"""The project's own text files, read and held against each other: what one lacks is a fault that names file and key."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from core.examples.faults import ChapterError, Fault, describe, listed, nearest, quote

ROOT = Path(__file__).resolve().parents[2]


def place(path: Path) -> str:
    """A file as it is named in messages: from the folder of the project on, where it lies in one."""
    folders = [folder for folder in path.parents if (folder / "scenes").is_dir() and (folder / "assets").is_dir()]
    return str(path.relative_to(folders[0])) if folders else str(path)


def read_texts(path: Path, what: str) -> dict[str, Any]:
    """A file of texts; `what` says what it holds. Raises ChapterError if it is missing or cannot be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        near = nearest(path.name, (file.name for file in path.parent.glob("*.toml")))
        raise ChapterError([Fault(place(path), "", "no such file", what, near)]) from None
    except (OSError, ValueError) as error:
        raise ChapterError([Fault(place(path), "", f"a file that cannot be read ({error})", what)]) from None


def differences(file: str, found: Any, model: Any, key: str = "") -> Iterator[Fault]:
    """How a table differs from the `model` of it: keys that it lacks or should not have, values of another kind,
    lists of another length.

    A type in the model stands for any value of it. Keys are named as they are written, `steps.heat.title`.
    """
    if isinstance(model, Mapping) and isinstance(found, Mapping):
        missing = [name for name in model if name not in found]
        strange = [name for name in found if name not in model]
        for name in strange:
            near = nearest(name, missing) or nearest(name, model)
            yield Fault(file, _below(key, name), "an unknown key", listed(missing or model), near)
            missing = [other for other in missing if other != near]
        for name in missing:
            yield Fault(file, _below(key, name), "nothing", _allowed(_below(key, name), model[name]))
        for name in model:
            if name in found:
                yield from differences(file, found[name], model[name], _below(key, name))
    elif not _alike(found, model):
        yield Fault(file, key, describe(found) + _claims(found), _allowed(key, model))


def _below(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


def _alike(found: Any, model: Any) -> bool:
    """Whether a value is of the kind of another: a list of texts also of its length."""
    kind = model if isinstance(model, type) else type(model)
    if kind is list:
        texts = isinstance(found, list) and all(_is_wording(text) for text in found)
        return texts and (model is list or list(map(_keys, found)) == list(map(_keys, model)))
    if kind is float:
        return isinstance(found, int | float) and not isinstance(found, bool) and found > 0
    return type(found) is kind and (found != "" or model == "")


def _is_wording(text: Any) -> bool:
    """Whether it is a text, or a table of texts: one for each outcome of a claim."""
    return isinstance(text, str) or (isinstance(text, dict) and all(isinstance(part, str) for part in text.values()))


def _keys(text: Any) -> tuple[str, ...]:
    """What two languages must have alike of a text: its claim and outcomes, if it has any."""
    return (text.get("claim", ""), *sorted(text)) if isinstance(text, dict) else ()


def _claims(texts: Any) -> str:
    """The claims of a list of texts, as a message tells them; nothing if it has none."""
    tables = (text for text in texts if isinstance(text, dict)) if isinstance(texts, list) else ()
    claims = listed((text["claim"] for text in tables if "claim" in text), "and")
    return f" with the claims {claims}" if claims else ""


def _allowed(key: str, model: Any) -> str:
    if isinstance(model, Mapping):
        return f"a table [{key}]"
    if isinstance(model, str):
        return f"a text that says {quote(model)}" if model else "a text"
    if isinstance(model, list):
        return f"a list of {len(model)} text{'s' * (len(model) != 1)}{_claims(model)}"
    kinds = {str: "a text", bool: "true or false", float: "a number above 0", list: "a list of texts"}
    return kinds.get(model, f"a table [{key}]")
