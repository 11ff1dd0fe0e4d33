"""Measures of the whole system, each a program of its own: `python -m benchmarks.NAME --help`."""
