"""`python -m studio`."""

from __future__ import annotations

import os
import signal
import sys

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # before and after the command, Ctrl-C has nothing to clear away
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
