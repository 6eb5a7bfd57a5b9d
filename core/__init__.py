"""The numeric core: every intermediate of attention, computed with NumPy. It draws nothing."""
