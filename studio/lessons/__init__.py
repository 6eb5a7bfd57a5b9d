"""Lesson files: what of which examples is shown, and how. Imports no Manim."""
