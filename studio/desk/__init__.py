"""The desk: a page on this machine on which an example is edited, and the picture of the step in view follows."""
