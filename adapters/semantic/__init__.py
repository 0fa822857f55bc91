"""Sentence meaning, where the extra `semantic` is installed."""
