"""Claims about the residual connection and the norms."""

from __future__ import annotations

from core.examples.example import Example
from core.model.special_tokens import PAD
from core.trace.claims.claim import claim
from core.trace.norm import first_layer, norm_of_sum, tells_places
from core.trace.trace import Trace


@claim()
def sum_points_nearer(trace: Trace, example: Example) -> bool:
    """Does the telling row of X + O, as printed, point nearer to that of X than the row of O does?"""
    row = int(trace["residual.telling"].values)
    without, kept = (trace[f"residual.kept_{name}"].at(row).printed for name in ("without", "with"))
    return kept > without


@claim("sum", "both", "no_positions", "one_place")
def place_is_told_by(trace: Trace, example: Example) -> str:
    """Are one word’s rows at all places further apart in X + O than in O; or is there no position, or one place?"""
    tokens = trace[f"{first_layer(trace)}.input"].axis_labels("tokens") or ()
    if sum(token != PAD for token in tokens) == 1:
        return "one_place"
    if not tells_places(trace):
        return "no_positions"
    without, kept = (trace[f"residual.apart_{name}"].at().printed for name in ("without", "with"))
    return "sum" if kept > without else "both"


@claim()
def row_has_spread(trace: Trace, example: Example) -> bool:
    """Do the numbers of the telling row of X + O differ from each other?"""
    row = int(trace["residual.telling"].values)
    return float(trace[f"{norm_of_sum(trace, example)}.variance"].values[row]) > 1e-9


@claim()
def norm_trained(trace: Trace, example: Example) -> bool:
    """Do scale and shift of the norm change anything?"""
    scale, shift = (trace[f"{norm_of_sum(trace, example)}.{name}"].values for name in ("scale", "shift"))
    return bool((scale != 1).any() or shift.any())


@claim("one", "nearly", "flat")
def normalised_variance(trace: Trace, example: Example) -> str:
    """Is every printed variance of the normalised rows 1, one of them less because of ε, or 0 in a row of equals?"""
    variances = trace["layer_norm.row_variance"]
    printed = [variances.at(row).printed for row in range(variances.shape[0])]
    if not trace[f"{norm_of_sum(trace, example)}.variance"].values.min() > 1e-9:
        return "flat"
    return "one" if all(abs(variance - 1) < 1e-9 for variance in printed) else "nearly"


@claim()
def company_moves(trace: Trace, example: Example) -> bool:
    """Does batch norm give the compared token another row in the batch than alone, as printed?"""
    return trace["batch_norm.batch_change"].at().printed > 0


@claim("grow", "shrink", "stay")
def pre_norm_rows(trace: Trace, example: Example) -> str:
    """Do rows grow or shrink, as printed, over the first layers with the norm before each sub-layer?"""
    sizes = trace["placement.pre_size"]
    first, last = sizes.at(0).printed, sizes.at(sizes.shape[0] - 1).printed
    return "stay" if first == last else "grow" if last > first else "shrink"
