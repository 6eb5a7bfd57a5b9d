"""The engine: renders steps of a chapter into long video segments, at the encoder's speed."""
