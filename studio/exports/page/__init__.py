"""A page that opens from disk: the clips with their steps and captions, and the numbers of every step beside them."""
