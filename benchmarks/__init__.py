"""Accuracy and speed against other engines; ``python -m benchmarks.compare --help``.

Only public names of Unscrawl are used here. This file imports nothing: the workers run in environments
without it.
"""
