"""Tokens that are no words: padding, and where a decoded sentence starts and ends."""

PAD, START, END = SPECIAL = ("[PAD]", "[START]", "[END]")
