"""Why a file of arrays cannot be read, in the words of somebody who has not written the reader."""

from __future__ import annotations

from pathlib import Path

ZIP = b"PK"
KINDS = {  # what files begin with
    ZIP: "it is a zip file, as .npz files and PyTorch's are",
    b"\x93NUMPY": "it is a single array, as numpy.save writes it",
    b"\x80": "it is a pickle, as torch.save writes it",
    b"\x89HDF": "it is an HDF5 file",
    b"\x1f\x8b": "it is packed with gzip",
    b"GGUF": "it is a GGUF file",
    b"version https://git-lfs": "it only points to the file, which git lfs pull fetches",
}
PHRASES = {  # of readers, in small letters, and what they mean
    "not a zip file": "it ends too early: perhaps it was not copied whole",
    "not fully covered": "its length is not what it says: perhaps it was not copied whole",
    "out of bounds": "its length is not what it says: perhaps it was not copied whole",
    "header too small": "it ends too early: perhaps it was not copied whole",
    "crc-32": "it is damaged: a checksum differs",
    "compression method": "it is packed in a way that is not known here",
    "encrypted": "it is encrypted",
}
DAMAGED = "it is damaged"
_LOOKED_AT = 200


def reason(error: Exception, path: Path) -> str:
    """What is wrong with a file that a reader has stumbled over."""
    try:
        with path.open("rb") as file:
            begin = file.read(_LOOKED_AT)
    except OSError as unread:
        return unread.strerror or DAMAGED
    if isinstance(error, MemoryError):
        return "there is not enough memory for it"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return kind(begin, path) or next((told for said, told in PHRASES.items() if said in str(error).lower()), DAMAGED)


def kind(begin: bytes, path: Path) -> str:
    """What a file is that begins so; nothing if it may be what its name says."""
    if not begin:
        return "it is empty"
    for magic, told in KINDS.items():
        if begin.startswith(magic) and not (magic == ZIP and path.suffix == ".npz"):
            return told
    printable = all(32 <= byte < 127 or byte in b"\t\r\n" for byte in begin)
    return "it is a text" if printable else ""
