"""Benchmarks: ratios of one run, medians of interleaved rounds. Never part of the tests."""
