"""The store of steps: what is put in stays, damage is seen, the oldest goes first, nothing in use goes at all."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from studio.films.store import FOLDER, SAFE_SECONDS, SegmentStore

SIZE = 1000
SEALED = SIZE + 40


def store_with(out: Path, most: int, **hours: float) -> SegmentStore:
    """A store with segments of SIZE bytes, last used so many hours ago."""
    store = SegmentStore(out, most * SEALED)
    for key, ago in hours.items():
        segment = out / "segment.mp4"
        segment.write_bytes(b"x" * SIZE)
        store.take(segment, key)
        segment.unlink()
        used = time.time() - ago * 3600
        os.utime(store.path(key), (used, used))
    return store


def keys(store: SegmentStore) -> set[str]:
    return {file.stem for file in store.folder.glob("*.mp4")}


def test_a_segment_is_put_in_as_it_is(tmp_path: Path) -> None:
    store = SegmentStore(tmp_path)
    segment = tmp_path / "segment.mp4"
    segment.write_bytes(b"a step")
    assert not store.has("key")
    store.take(segment, "key")
    assert store.has("key")
    assert not store.has("other")
    assert store.path("key").read_bytes() == segment.read_bytes()
    assert segment.read_bytes().startswith(b"a step")
    assert store.path("key").parent == tmp_path / FOLDER
    assert store.lend("key", tmp_path / "mine.mp4")
    assert store.clear() == segment.stat().st_size
    assert (tmp_path / "mine.mp4").read_bytes() == segment.read_bytes()
    assert not store.lend("key", tmp_path / "other.mp4")


@pytest.mark.parametrize("place", [0, SIZE // 2, SIZE - 1, SIZE, SIZE + 5, SIZE + 20, SEALED - 1])
def test_a_flipped_bit_is_seen(tmp_path: Path, place: int) -> None:
    store = store_with(tmp_path, 9, a=0)
    content = bytearray(store.path("a").read_bytes())
    assert len(content) == SEALED
    content[place] ^= 1
    store.path("a").write_bytes(content)
    assert not store.has("a")
    assert not store.path("a").exists()


@pytest.mark.parametrize("content", [b"", b"x", b"x" * SIZE, b"\0" * SEALED])
def test_what_nobody_sealed_is_not_taken(tmp_path: Path, content: bytes) -> None:
    store = store_with(tmp_path, 9, a=0)
    store.path("a").write_bytes(content)
    assert not store.lend("a", tmp_path / "mine.mp4")


def test_a_date_ahead_is_no_date(tmp_path: Path) -> None:
    store = store_with(tmp_path, 2, ahead=-30, old=9, new=2)
    store.trim()
    assert keys(store) == {"old", "new"}


def test_the_same_segment_may_come_twice(tmp_path: Path) -> None:
    store = store_with(tmp_path, 9, a=2)
    again = tmp_path / "again.mp4"
    again.write_bytes(b"x" * SIZE)
    store.take(again, "a")
    again.unlink()
    assert keys(store) == {"a"}


@pytest.mark.parametrize(
    ("most", "left"),
    [(0, set()), (1, {"new"}), (2, {"new", "later"}), (3, {"new", "later", "old"}), (4, {"new", "later", "old"})],
)
def test_the_store_is_bounded_and_what_was_used_long_ago_goes_first(tmp_path: Path, most: int, left: set[str]) -> None:
    store = store_with(tmp_path, most, later=3, old=40, new=2)
    store.trim()
    assert keys(store) == left


def test_what_was_used_within_the_hour_stays(tmp_path: Path) -> None:
    hour = SAFE_SECONDS / 3600
    store = store_with(tmp_path, 0, just=0, safe=hour - 0.1, unsafe=hour + 0.1)
    store.trim()
    assert keys(store) == {"just", "safe"}


def test_asking_is_using(tmp_path: Path) -> None:
    store = store_with(tmp_path, 1, asked=9, other=8)
    assert store.has("asked")
    store.trim()
    assert keys(store) == {"asked"}


def test_what_another_render_removes_meanwhile_is_no_error(tmp_path: Path) -> None:
    store = store_with(tmp_path, 1, old=9, new=8)
    store.path("gone").symlink_to(tmp_path / "nowhere")  # listed, but no longer there when looked at
    store.trim()
    assert "old" not in keys(store)
    assert "new" in keys(store)
    assert store.clear() == SEALED


def test_clearing_removes_everything_and_says_how_much(tmp_path: Path) -> None:
    store = store_with(tmp_path, 9, a=0, b=1, c=2)
    assert store.clear() == 3 * SEALED
    assert not store.folder.exists()
    assert store.clear() == 0
    assert not store.has("a")
    store.trim()
    assert keys(store_with(tmp_path, 9, d=0)) == {"d"}
