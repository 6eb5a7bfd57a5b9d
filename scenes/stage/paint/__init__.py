"""Paint: mobjects that draw themselves, text, formulas, frames, cables and threads, colours and layout."""
