"""Makes ``import asposeocrcloud`` mean Unscrawl, for scripts that must stay as they are."""

import sys

import unscrawl

# The module that is imported is what stands here when this file has run.
sys.modules[__name__] = unscrawl
sys.modules[__name__ + ".exceptions"] = unscrawl.exceptions
