"""Matrices: cells, names and token axes, products, flights and waves of cells."""
