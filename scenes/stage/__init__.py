"""The visual vocabulary that every chapter is written in: matrices, token axes, formulas, charts, threads, captions."""
