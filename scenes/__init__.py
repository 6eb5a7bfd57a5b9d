"""The chapters of the film, one Manim scene a file, in the order of `scenes.storyboard`."""
