"""The text of an example file and its tables: how it is read, bounded, and what is said where it is not TOML."""

from __future__ import annotations

import codecs
import re
import tomllib
import unicodedata
from pathlib import Path
from typing import Any, NamedTuple

from core.examples.faults import ExampleError, Fault, nearest, quote

MOST_BYTES = 2 * 2**20
MOST_NAMES = 20_000  # values with a name: what stands before a "="
MOST_PARTS = 8  # of a name such as weights.w_q
_BESIDE = "; large matrices belong in a .safetensors or .npz file beside it (weights.file)"
_CURLY = "“”„‟«»「」『』‘’‚‛`´"
_AS_TYPED = {
    "【": "[",
    "】": "]",
    "〔": "[",
    "〕": "]",
    "、": ",",
    "。": ".",
    "：": "=",
}  # beside what Unicode calls wide
_TABLE = re.compile(r"^[ \t]*\[+[A-Za-z_]", re.MULTILINE)

# Other encodings by the bytes that a file begins with, the longer first.
_MARKS = {codecs.BOM_UTF32_LE: "UTF-32", codecs.BOM_UTF32_BE: "UTF-32"}
_MARKS |= {codecs.BOM_UTF16_LE: "UTF-16", codecs.BOM_UTF16_BE: "UTF-16"}

_PART = r"""(?:[\w-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')"""
_SCAN = re.compile(
    r'#[^\n]*+|"""(?:[^\\]|\\.)*?(?:"""|\Z)|'
    rf"'''.*?(?:'''|\Z)|{_PART}(?P<rest>(?:[ \t]*+\.[ \t]*+{_PART})*+)",
    re.DOTALL,
)
_DEEP = re.compile(r"(?:[\[{]\s*+){9}")
_LONG_NUMBER = re.compile(r"(?<![\d_])\d(?:_?\d){4299,}+")


# --- the file ---------------------------------------------------------------------------------------------------------


def read_text(path: Path) -> str:
    """The text of an example file. Raises ExampleError for one that cannot be read, is too large or no UTF-8."""
    file, allowed = str(path), "a readable .toml file"
    try:
        if path.is_dir():
            raise ExampleError([Fault(file, "", "a folder", allowed)])
        if not path.exists():
            near = nearest(path.name, (other.name for other in path.parent.glob("*.toml")))
            raise ExampleError([Fault(file, "", "no such file", allowed, near and str(path.with_name(near)))])
        if not path.is_file():
            raise ExampleError([Fault(file, "", "something that is not a file", allowed)])
        with path.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, ExampleError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise ExampleError([Fault(file, "", f"a file that cannot be read ({reason})", allowed)]) from None
    if len(content) > MOST_BYTES:
        found = f"more than {MOST_BYTES // 2**20} MB"
        raise ExampleError([Fault(file, "", found, f"at most {MOST_BYTES // 2**20} MB{_BESIDE}")])
    return _decoded(file, content)


def _decoded(file: str, content: bytes) -> str:
    mark = next((name for mark, name in _MARKS.items() if content.startswith(mark)), None)
    if mark is None and b"\0" in content[:200]:
        if not 0.4 < content[:200].count(0) / len(content[:200]) < 0.6:
            found = "a file that is no text, such as a picture or a document of Word"
            raise ExampleError([Fault(file, "", found, "text saved as UTF-8")])
        mark = "UTF-16"
    if mark:
        raise ExampleError([Fault(file, "", f"a file of {mark}", "text saved as UTF-8")])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = f"the byte {content[error.start]:#04x}, which is not UTF-8"
        raise ExampleError(
            [Fault(file, f"line {line}", found, "text saved as UTF-8 (in an editor: Save as …)")]
        ) from None


# --- its tables -------------------------------------------------------------------------------------------------------


def parse_toml(file: str, text: str) -> dict[str, Any]:
    """The tables of a TOML text. Raises ExampleError for one that is none, or that would take too long."""
    text = text.replace("\r\n", "\n")
    text = text if "\n" in text else text.replace("\r", "\n")
    if faults := [fault for fault in (_many_names(file, text), _long_name(file, text)) if fault]:
        raise ExampleError(faults)
    try:
        return tomllib.loads(text if text.endswith("\n") else f"{text}\n")
    except tomllib.TOMLDecodeError as error:
        raise ExampleError([_syntax_fault(file, str(error), text)]) from None
    except RecursionError:
        deep = _DEEP.search(text)
        field = f"line {_line(text, deep.start())}" if deep else ""
        raise ExampleError(
            [Fault(file, field, "lists within lists, hundreds deep", "two deep: a list of rows")]
        ) from None
    except ValueError as error:
        number = _LONG_NUMBER.search(text)
        field = f"line {_line(text, number.start())}" if number else ""
        found = f"a number of {len(number[0]):,} digits" if number else f"text that cannot be read ({error})"
        raise ExampleError([Fault(file, field, found, "numbers of a few digits")]) from None


def _many_names(file: str, text: str) -> Fault | None:
    count = text.count("=")
    return Fault(file, "", f"{count:,} signs =", f"at most {MOST_NAMES:,}{_BESIDE}") if count > MOST_NAMES else None


def _long_name(file: str, text: str) -> Fault | None:
    """A name of many parts, for which the parser would take the square of their number."""
    if max(line.count(".") for line in text.split("\n")) < MOST_PARTS:
        return None
    for found in _SCAN.finditer(text):
        parts = found["rest"].count(".") + 1 if found["rest"] else 1
        if parts > MOST_PARTS:
            field, allowed = f"line {_line(text, found.start())}", "a name such as mask, or weights.w_q"
            return Fault(file, field, f"{quote(found[0])}, a name of {parts:,} parts", allowed)
    return None


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


# --- what is wrong with a line ----------------------------------------------------------------------------------------


class _Place(NamedTuple):
    """Where the parser stopped: the line, what of it stands before, what from there on."""

    line: str
    before: str
    after: str
    in_table: bool = False

    @property
    def name(self) -> str:
        """What stands before the line's "="."""
        name = self.line.partition("=")[0].strip()
        return name if 0 < len(name) <= 40 else "…"


def _syntax_fault(file: str, message: str, text: str) -> Fault:
    """What a person would say is wrong, with its line."""
    reason, _, place = message.rpartition(" (at ")
    found = re.match(r"line (\d+), column (\d+)", place)
    if not found:
        return _open_end(file, text, reason)
    number, column = int(found[1]), int(found[2])
    lines = text.split("\n")
    line = lines[number - 1] if number <= len(lines) else ""
    if reason.startswith("Illegal character '\\n'"):
        column = line.rfind(line.strip()[-1:]) + 1
    in_table = bool(_TABLE.search("\n".join(lines[: number - 1])))
    here = _Place(line, line[: column - 1], line[column - 1 :], in_table)
    what, allowed = _wide(here) or _explained(reason, here)
    shown = quote(line.strip() or here.line)
    return Fault(file, f"line {number}", f"{shown}, {what}", allowed)


def _open_end(file: str, text: str, reason: str) -> Fault:
    """Something that is begun and not ended."""
    begun = re.findall(r"^[ \t]*([\w.-]+)[ \t]*=[ \t]*(\[|\"\"\"|''')", text, re.MULTILINE)
    is_text = "string" in reason or "Expected" in reason
    kind = "a text" if is_text else "a list" if "array" in reason or (begun and begun[-1][1] == "[") else "something"
    of = f" of {quote(begun[-1][0])}" if begun else ""
    ends = {"a list": "a ] at its end", "a text": "quotes at its end"}
    return Fault(file, "last line", f"{kind}{of} that is not ended", ends.get(kind, "a whole TOML file (see toml.io)"))


def _explained(reason: str, here: _Place) -> tuple[str, str]:
    """What was found in a line, and what is allowed there."""
    word = re.match(r"[\w’'-]*", here.after)
    begins = word[0] if word else ""
    if here.after[:1] in tuple(_CURLY) or (here.line.strip()[:1] in tuple(_CURLY)):
        return f"with the quotation marks {(here.after or here.line.strip())[:1]}", 'straight ones: "…"'
    if reason.startswith("Cannot declare"):
        return "a second time", "each table once, all of its fields below it"
    if reason.startswith("Cannot overwrite") or "immutable" in reason:
        return "a second value for one name", "each name once"
    if reason.startswith("Illegal character '\\n'"):
        return "a text without quotes at its end", f'{here.name} = "…"'
    if reason.startswith("Illegal character"):
        return "with a character that cannot be seen", 'texts without them, or as an escape: "\\u00a0"'
    if reason.startswith(("Unescaped", "Invalid hex", "Invalid Unicode")):
        return "with a \\ that begins no escape", "\\\\ for a single one, or the text in '…'"
    if reason.startswith(("Invalid statement", "Expected '=' after", "Invalid initial", "Expected ']'")):
        return _bad_name(here)
    if reason.startswith("Invalid value"):
        return _bad_value(begins, here)
    if "array" in reason or "inline table" in reason or reason.startswith("Expected newline"):
        return _bad_rest(here, within_list="array" in reason)
    return f"{reason[:1].lower()}{reason[1:]}", "valid TOML (see toml.io)"


def _wide(here: _Place) -> tuple[str, str] | None:
    """A sign, digit or space that is Chinese, or otherwise not the one of TOML."""
    char = here.after.lstrip(" \t")[:1]
    if not char or _narrow(char) == char:
        return None
    allowed = "a plain space, or none" if _narrow(char) == " " else f"{quote(_narrow(char))}, as it is typed in English"
    return f"with the wide character {quote(char)}", allowed


def _narrow(char: str) -> str:
    """What TOML has for a character: `,` for `，`."""
    other = _AS_TYPED.get(char) or unicodedata.normalize("NFKC", char)
    return other if other.isascii() and not other.isalpha() else char


def _bad_number(here: _Place) -> tuple[str, str] | None:
    """A number that is written as people write it, not as TOML does."""
    if re.search(r"\d\s*%", here.line):
        return "a number with %", "a decimal: 0.5 for 50%"
    if re.search(r"\d\s*/\s*\d", here.line):
        return "a fraction", "a decimal: 0.5 for 1/2"
    if "[" in here.line and ";" in here.line:
        return 'rows parted by ";"', "each row in brackets, commas between: [[1, 0], [0, 1]]"
    return None


def _bad_value(begins: str, here: _Place) -> tuple[str, str]:
    """Something that is no value: a word without quotes, an odd number, or nothing."""
    if odd := _bad_number(here):
        return odd
    if re.match(r"[\w.]+\(", here.after):
        return "a formula, which is not computed", "the numbers themselves, or a .npz file of them (weights.file)"
    if not here.after.strip():
        return "without a value", f"{here.name} = …, a value behind the ="
    if re.match(r"[−–.+-]?\.?\d", here.after):
        return "with a number that cannot be read", "numbers such as 3, 0.5, -0.5 (with a hyphen) or 2e-3"
    if not begins or not begins[0].isalpha():
        found = f"with {quote(here.after[0])} where a value should be"
        return found, "a text in quotes, a number, true, false or a list"
    if begins.lower() in ("none", "null", "nil"):
        return f"where {begins} is no value", "the line left out"
    name = "" if "[" in here.before else f"{here.name} = "
    if begins.lower() in ("true", "yes", "on"):
        return f"where {begins} is no value", f"{name}true, in small letters"
    if begins.lower() in ("false", "no", "off"):
        return f"where {begins} is no value", f"{name}false" + (
            ", or the line left out" if name else ", in small letters"
        )
    return "a text without quotes", f'{here.name} = "{here.after.strip()[:30]}"' if "[" not in here.line else '"…"'


def _bad_name(here: _Place) -> tuple[str, str]:
    """Something that is no `name = value`."""
    name, equals, value = here.line.partition("=")
    name = name.strip()
    if equals and name and not here.in_table and not name.isascii() and value.strip()[:1] in ('"', "'"):
        return "a name that is no field's", 'fields by their English names: sentence = "…"'
    if equals and name and not re.fullmatch(r"[\w.-]+", name, re.ASCII) and "{" not in name and "[" not in name:
        bare = name.strip("\"'")
        return "a name that needs quotes", f'"{bare[:30]}" ={value[:20]}'
    if re.match(r"\s*[\w-]+\s*:", here.line):
        return "with a colon", f"{here.line.partition(':')[0].strip()[:30]} = …"
    if here.line.strip().startswith("{"):
        return "which is JSON, or another kind of file", 'lines such as sentence = "…"'
    if here.line.strip().startswith("["):
        return "a table without a ] or a name", "a line such as [weights]"
    if "{" in here.line and equals:
        return "a table within a line that is not whole", "{ en = …, zh = … }, on one line"
    return "which is no name with a value", "lines such as mask = …"


def _bad_rest(here: _Place, *, within_list: bool) -> tuple[str, str]:
    """A value that is followed by what cannot stand there."""
    if odd := _bad_number(here) or _beside(here, within_list=within_list):
        return odd
    if re.match(r",\d", here.after) and "[" not in here.line:
        return "a number with a comma", "a point: 0.5"
    if here.before.rstrip()[-1:] == '"' and here.after.strip()[:1].isalpha():
        return "a text with quotes inside", "\\\" for those inside, or the text in '…'"
    if here.before[-1:].isdigit() and here.after[:1].strip() and here.after[:1] not in "],":
        return "with a number that cannot be read", "numbers such as 3, 0.5, -0.5 or 2e-3"
    if "[" in here.line or "," in here.before or here.line.strip()[:1].isdigit():
        return "a list without a comma or a ]", "commas between its values, ] at its end"
    return "with more than one value", "one value for a name, one name in a line"


def _beside(here: _Place, *, within_list: bool) -> tuple[str, str] | None:
    """What is well in itself and stands where it cannot: a sign too many, a second field, a field in a list."""
    if here.after.startswith("]"):
        return "with a ] too many", "a ] for each ["
    if here.after.startswith(";"):
        return 'with a ";" at its end', "the line without it"
    if re.match(r"\s*[\w.]+\s*=", here.after) and here.before.strip():
        return "two fields in one line", "a line for each"
    if re.match(r"[\w.]+\s*=", here.line.strip()) and "[" not in here.line and within_list:
        return "below a list that is not ended", "a ] at the end of the list"
    if re.match(r"\s*,\s*[\"']", here.after) and "[" not in here.line:
        return "several values without brackets", f'a list: {here.name} = ["…", "…"]'
    return None
