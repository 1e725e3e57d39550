"""Benchmarks: how fast the engine is, against what the field uses; ratios within one run."""
