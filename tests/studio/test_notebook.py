"""`studio.notebook`: pictures, clips and the widget; and the notebook that shows them, run as Jupyter runs it."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import av
import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from core.examples.example import ExampleError, load_example
from core.trace.pipeline import trace_example
from scenes.stage.chapter.settings import Settings
from studio.engine.quality import QUALITIES
from studio.errors import BadInput
from studio.exports.stills import still
from studio.notebook import show
from studio.notebook.given import given_example

ROOT = Path(__file__).resolve().parents[2]
WEIGHTS = {name: np.diag([1.0, 2.0, 0.5, 1.0]) for name in ("w_q", "w_k", "w_v", "w_o")}


def test_a_still_is_the_picture_of_the_command() -> None:
    shown = show("scores:first_score", example="default", theme="dark", quality="preview")
    command = still("scores", "first_score", Settings(load_example("default")), QUALITIES["preview"])
    assert shown.image.tobytes() == command.tobytes()
    assert 'alt="One score is one dot product"' in shown._repr_html_()


def test_a_clip_holds_its_steps() -> None:
    clips = {
        what: show(f"tokens:{what}", kind="clip", quality="preview", tokens=["a", "b"]) for what in ("1", "2", "..2")
    }
    frames = {what: len(list(av.open(BytesIO(clip.movie)).decode(video=0))) for what, clip in clips.items()}
    assert frames["..2"] == frames["1"] + frames["2"]


def test_arrays_are_taken_as_they_are() -> None:
    embeddings = {word: np.roll([1.0, 0, 0, 1], place) for place, word in enumerate("abc")}
    mask = np.array([[True, False, False], [True, True, False], [True, True, True]])
    fields = {"tokens": ("a", "b", "c"), "embeddings": embeddings, "weights": WEIGHTS, "heads": np.int64(2)}
    trace = trace_example(given_example(None, fields | {"mask": mask, "mask_true": "visible"}))
    x = np.array(list(embeddings.values()))
    assert np.array_equal(trace["x"].values, x)
    assert np.array_equal(trace["q"].values, x @ WEIGHTS["w_q"])
    assert np.array_equal(trace["weights"].values > 0, mask)


def test_fields_stand_in_the_place_of_a_files_own() -> None:
    changed = given_example("by-hand", {"decimals": 4, "weights": {"w_q": 2 * load_example("by-hand").w_q}})
    before = load_example("by-hand")
    assert changed.decimals == 4 and np.array_equal(changed.w_q, 2 * before.w_q)
    assert np.array_equal(changed.w_k, before.w_k) and changed.tokens == before.tokens


def test_faults_are_told_all_at_once() -> None:
    with pytest.raises(ExampleError) as faults:
        show("scores", tokens=["a", "b"], d_modle=4, heads=0)
    assert "d_model" in str(faults.value) and "heads" in str(faults.value)
    with pytest.raises(BadInput, match="did you mean divide"):
        show("softmax:divde")
    with pytest.raises(BadInput, match="a chapter, or steps of one"):
        show("attention")
    with pytest.raises(BadInput, match="kind"):
        show("softmax", kind="film")
    with pytest.raises(BadInput, match="encoder-decoder"):
        show("encoder", tokens=["a", "b"], model={"kind": "decoder-only"})


def test_the_widget_walks_through_the_steps() -> None:
    traitlets = pytest.importorskip("traitlets")
    widget = show("tokens:..2", kind="widget", tokens=["a", "b"], quality="preview")
    assert len(widget.names) == 2
    first = widget.names[0]
    last = widget.picture
    widget.step = first
    assert widget.picture != last and widget.picture.startswith(b"\x89PNG")
    with pytest.raises(traitlets.TraitError, match="allowed"):
        widget.step = "nothing"


@pytest.mark.filterwarnings("ignore")  # of the kernel, which is another process
def test_the_notebook_runs() -> None:
    notebook = nbformat.read(ROOT / "docs" / "notebook.ipynb", as_version=4)
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(ROOT)}}).execute()
    shown = [output for cell in notebook.cells for output in cell.get("outputs", ()) if "data" in output]
    pages = [output["data"].get("text/html", "") for output in shown]
    assert sum("<img" in page for page in pages) == 3
    assert sum("<video" in page for page in pages) == 1
    assert any("application/vnd.jupyter.widget-view+json" in output["data"] for output in shown)
