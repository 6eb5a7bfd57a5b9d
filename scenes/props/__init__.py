"""The larger pieces that single chapters are staged with, built from the vocabulary of `scenes.stage`."""
