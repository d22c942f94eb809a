from __future__ import annotations

import pytest

import unscrawl


@pytest.fixture(scope="session")
def engine() -> unscrawl.OcrEngine:
    """One engine for all tests: it is immutable but for its slot, and the weights load once."""
    return unscrawl.OcrEngine()
