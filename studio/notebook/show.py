"""`show`: a step of a chapter as a picture, as a clip, or all its steps as a widget."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal

from core.examples.faults import quote
from scenes.stage.chapter.settings import Settings
from scenes.stage.chapter.texts import load_texts
from scenes.storyboard import entry_of, example_of
from studio.engine.quality import Picture, picture_of
from studio.errors import BadInput, unknown
from studio.notebook.given import given_example
from studio.notebook.pictures import Clip, Still
from studio.selection import PartOfChapter, parts_of

if TYPE_CHECKING:
    from studio.notebook.widget import StepsWidget

KINDS = ("still", "clip", "widget")


def show(
    what: str,
    *,
    kind: Literal["still", "clip", "widget"] = "still",
    example: str | Path | None = None,
    language: str = "en",
    theme: str = "light",
    size: str = "normal",
    quality: str = "medium",
    **fields: Any,
) -> Still | Clip | StepsWidget:
    """Show a step in a notebook.

    what: a chapter or steps of it, as the command line has them: `softmax`, `softmax:divide`, `softmax:lift..divide`;
    kind: "still", the picture that the last of these ends on; "clip", the steps in motion; "widget", the steps to walk
    through; example: the name of a shipped example, or a file; fields: those of an example file, in the place of its
    own: `tokens`, `heads`, `mask`, `weights`, … with NumPy arrays where a file has rows of numbers. With neither, the
    example of the film that the chapter belongs to.

    Raises ExampleError with all faults of the example, BadInput for names that there are not.
    """
    part = _one_part(what)
    chapter, step = part.chapter, part.steps[-1]
    if kind not in KINDS:
        raise unknown("kind", kind, KINDS)
    if example is None and not fields:
        example = example_of(entry_of(chapter).film, language)
    settings = Settings(given_example(example, fields), language, theme, size)
    if (lack := entry_of(chapter).lacking(settings.example)) is not None:
        raise BadInput(f"{chapter}: found {lack.field} = {lack.found}; allowed: an example with {lack.needed}")
    picture = picture_of(quality)
    if kind == "widget":
        from studio.notebook.widget import steps_widget

        return steps_widget(part, settings, picture)
    title = load_texts(language).chapters[chapter].steps[step].title
    if kind == "clip":
        return Clip(title, _movie(part, settings, picture))
    from studio.exports.stills import still

    return Still(title, still(chapter, step, settings, picture))


def _one_part(what: str) -> PartOfChapter:
    """The steps that a word names. Raises BadInput if it names those of several chapters."""
    parts = parts_of([what])
    if len(parts) > 1:
        raise BadInput(f"what: found the film {quote(what)}; allowed: a chapter, or steps of one: softmax:lift..divide")
    return parts[0]


def _movie(part: PartOfChapter, settings: Settings, picture: Picture) -> bytes:
    """The steps as an MP4."""
    from studio.engine.steps import draw_steps
    from studio.films.packets import Stretch, join

    with TemporaryDirectory() as folder:
        segments = {step: Path(folder) / f"{step}.mp4" for step in part.steps}
        draw_steps(
            part.chapter, settings, picture, part.steps, segments.__getitem__, lambda frames: None, lambda name: None
        )
        movie = Path(folder) / "(steps).mp4"
        join([Stretch(segment) for segment in segments.values()], movie, picture.rate, part.chapter, [])
        return movie.read_bytes()
