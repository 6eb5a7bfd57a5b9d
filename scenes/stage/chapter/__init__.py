"""A chapter: its steps, settings, texts and captions, and the map of the model in its corner."""
