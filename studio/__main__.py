"""`python -m studio`."""

from __future__ import annotations

import os
import sys

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy: processes draw side by side, with the same sums

from core.examples.faults import ChapterError
from studio.errors import BAD_INPUT

try:
    from studio.cli import main
except ChapterError as error:  # the storyboard, which everything begins with
    print(error, file=sys.stderr)
    sys.exit(BAD_INPUT)

if __name__ == "__main__":
    sys.exit(main())
