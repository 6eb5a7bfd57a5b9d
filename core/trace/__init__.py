"""Every intermediate of an example, named: its tensors, how each was made, and readings of single numbers that know
where they stood.
"""

from core.trace.opened import Opened
from core.trace.origin import Operand, Origin
from core.trace.reading import Reading, decimals_needed, format_number
from core.trace.tensor import Tensor
from core.trace.trace import DotProduct, Quotient, Trace

__all__ = [
    "DotProduct",
    "Opened",
    "Operand",
    "Origin",
    "Quotient",
    "Reading",
    "Tensor",
    "Trace",
    "decimals_needed",
    "format_number",
]
