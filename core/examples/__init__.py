"""What a lecturer writes: example files read, checked and resolved, with every fault named."""
