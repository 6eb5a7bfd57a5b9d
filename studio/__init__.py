"""The command line, and what turns chapters into films, clips, stills and sheets. Only drawing imports Manim."""
