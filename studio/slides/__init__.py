"""Slides of what has been rendered, a movie for each step: as a PowerPoint deck, and as a deck for a browser."""
