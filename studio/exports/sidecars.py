"""What stands beside every film and clip: captions in both languages, the list of chapters for YouTube, transcripts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from scenes.stage.chapter.settings import LANGUAGES
from studio.exports.captions import as_srt, as_vtt, subtitles
from studio.exports.noted import note_made, unmade
from studio.exports.transcript import transcript
from studio.exports.youtube import Mark, youtube_chapters
from studio.files import whole_file
from studio.films.failures import Failures
from studio.films.film_script import ChapterScript, StepScript, scripts_in
from studio.films.fulfil import fulfil
from studio.films.keys import sources_key
from studio.films.order import Order
from studio.films.scheduler import Scheduler


def render(order: Order, scheduler: Scheduler, failed: Failures | None = None) -> Iterator[Path]:
    """Fulfil an order; beside each film and clip stands then all that belongs to it. failed: as for `fulfil`."""
    for movie in fulfil(order, scheduler, failed):
        write_beside(movie, scripts_in(movie, order))
        yield movie


def write_beside(movie: Path, chapters: Sequence[ChapterScript]) -> None:
    """Write what belongs to a movie that shows these chapters, if it is not there since the movie is."""
    kinds = [f".{language}.{kind}" for language in LANGUAGES for kind in ("srt", "vtt", "md")]
    marks = movie.with_suffix(".chapters.txt")
    written = [marks, *(movie.with_suffix(kind) for kind in kinds)]
    key = sources_key("studio.exports.sidecars")
    if not unmade(movie, written, key):
        return
    write_texts(movie, chapters)
    end = chapters[-1].steps[-1].end / chapters[0].picture.fps
    write_text(marks, youtube_chapters(_marks(chapters), end))
    note_made(movie, written, key)


def write_texts(movie: Path, chapters: Sequence[ChapterScript]) -> None:
    """Write the captions and the transcript of a movie in all languages."""
    fps = chapters[0].picture.fps
    for language in LANGUAGES:
        cues = [cue for chapter in chapters for step in chapter.steps for cue in step.captions[language]]
        shown = list(subtitles(cues, language, fps))
        write_text(movie.with_suffix(f".{language}.srt"), as_srt(shown))
        write_text(movie.with_suffix(f".{language}.vtt"), as_vtt(shown))
        write_text(movie.with_suffix(f".{language}.md"), transcript(_title(chapters, language), chapters, language))


def write_text(path: Path, text: str) -> None:
    """Write a file, unless it says so already."""
    content = text.encode()
    if not path.is_file() or path.read_bytes() != content:
        with whole_file(path) as part:
            part.write_bytes(content)


def _title(chapters: Sequence[ChapterScript], language: str) -> str:
    """Of the film, or of the chapter alone."""
    first = chapters[0]
    return first.headings[language].name if len(chapters) > 1 else first.titles[language]


def _marks(chapters: Sequence[ChapterScript]) -> list[Mark]:
    """Where the chapters of a film begin, or the steps of a chapter alone, in the language of the movie; the first of
    them with the movie.
    """
    language, fps = chapters[0].settings.language, chapters[0].picture.fps
    parts: Sequence[ChapterScript | StepScript] = chapters if len(chapters) > 1 else chapters[0].steps
    starts = [0, *(part.start for part in parts[1:])]
    return [Mark(start / fps, part.titles[language]) for start, part in zip(starts, parts, strict=True)]
