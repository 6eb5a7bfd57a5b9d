"""Every intermediate of an example, named: its tensors, and readings of single numbers that know where they stood."""

from core.trace.trace import (
    DotProduct,
    Quotient,
    Reading,
    Tensor,
    Trace,
    decimals_needed,
    format_number,
)

__all__ = ["DotProduct", "Quotient", "Reading", "Tensor", "Trace", "decimals_needed", "format_number"]
