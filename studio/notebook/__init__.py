"""Pictures, clips and a live widget in a notebook: `from studio.notebook import show`.

    show("softmax:divide")                                     # a picture of the step's end
    show("softmax:divide", kind="clip")                        # the step in motion
    show("softmax", kind="widget")                             # its steps, to walk through
    show("softmax:divide", tokens=["a", "b"], weights={"w_q": w_q, "w_k": w_k, "w_v": w_v, "w_o": w_o})

They work in Jupyter and in marimo. Only the widget needs more than the project itself: `pip install .[notebook]`.
"""

from __future__ import annotations

from studio.notebook.show import show

__all__ = ["show"]
