"""The figure of the Transformer, built of named parts."""
