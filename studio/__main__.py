"""`python -m studio`."""

from __future__ import annotations

import os
import sys

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy: processes draw side by side, with the same sums

from studio.cli import main

if __name__ == "__main__":
    sys.exit(main())
