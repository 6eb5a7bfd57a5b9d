"""What-if: the same steps of a chapter for two examples, side by side."""
