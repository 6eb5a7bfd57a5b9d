"""The mathematics: attention, masks, norms, layers and the whole Transformer, every step kept. NumPy alone."""
