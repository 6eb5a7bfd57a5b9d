"""Benchmarks: one film drawn in several ways, timed in one run. See README.md."""
