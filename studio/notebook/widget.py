"""The live widget: a chapter's steps, each drawn when it is first looked at. Needs the extra `notebook`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from scenes.stage.chapter.settings import Settings
from scenes.stage.chapter.texts import load_texts
from studio.engine.quality import Picture
from studio.errors import Failure
from studio.exports.stills import still
from studio.notebook.pictures import Still
from studio.selection import PartOfChapter

try:
    import anywidget
    import traitlets
except ImportError:
    raise Failure("The widget needs the package anywidget: pip install '.[notebook]'.") from None

HOME = Path(__file__).parent


class StepsWidget(anywidget.AnyWidget):
    """Steps of a chapter, walked through with buttons, a slider or the arrow keys.

    step: the name of the step in view, which may be set from Python too; `picture` its last frame, a PNG.
    """

    _esm = HOME / "widget.js"
    _css = HOME / "widget.css"
    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    titles = traitlets.List(traitlets.Unicode()).tag(sync=True)
    step = traitlets.Unicode().tag(sync=True)
    picture = traitlets.Bytes().tag(sync=True)

    def __init__(self, chapter: str, settings: Settings, size: Picture, **traits: Any) -> None:
        self.chapter, self.settings, self.size = chapter, settings, size
        self.drawn: dict[str, bytes] = {}
        super().__init__(**traits)
        self.draw()
        self.observe(lambda change: self.draw(), names="step")

    @traitlets.validate("step")
    def _known(self, proposal: Any) -> str:
        if proposal["value"] not in self.names:
            raise traitlets.TraitError(f"step: found {proposal['value']!r}; allowed: {', '.join(self.names)}")
        return str(proposal["value"])

    def draw(self) -> None:
        """Bring the picture of the step in view."""
        if self.step not in self.drawn:
            drawn = still(self.chapter, self.step, self.settings, self.size)
            self.drawn[self.step] = Still(self.step, drawn).png()
        self.picture = self.drawn[self.step]


def steps_widget(part: PartOfChapter, settings: Settings, size: Picture) -> StepsWidget:
    """The widget of some steps of a chapter, the last of them in view."""
    texts = load_texts(settings.language).chapters[part.chapter].steps
    titles = [texts[step].title for step in part.steps]
    return StepsWidget(part.chapter, settings, size, names=list(part.steps), titles=titles, step=part.steps[-1])
