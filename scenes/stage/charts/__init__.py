"""Charts: bars, plots, ramps and legends."""
