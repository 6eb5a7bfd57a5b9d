"""Pieces that several chapters are staged with, built from the vocabulary of `scenes.stage`."""
