"""Weights that are too small to matter, and slow to multiply, are zero when a network is loaded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from unscrawl.exceptions import ModelUnavailable
from unscrawl.inference import DETECTION_WEIGHTS, RECOGNITION_WEIGHTS, Network, base_model
from unscrawl.weights import read_weights


@pytest.mark.parametrize("name", [DETECTION_WEIGHTS, RECOGNITION_WEIGHTS])
def test_only_tiny_weights_change(name: str) -> None:
    """Every four bytes that differ were a number near zero, and are zero."""
    before, after = base_model(name).read_bytes(), read_weights(base_model(name))
    assert len(before) == len(after)
    differing = np.flatnonzero(np.frombuffer(before, np.uint8) != np.frombuffer(after, np.uint8))
    assert len(differing) > 100, "these files have such weights"
    assert not np.frombuffer(after, np.uint8)[differing].any()


def test_the_detector_sees_the_same_bit_for_bit() -> None:
    """On a page of noise, which wakes all its channels."""
    pixels = np.random.default_rng(1).uniform(-1, 1, (1, 3, 320, 320)).astype(np.float32)
    seen = []
    for model in (base_model(DETECTION_WEIGHTS).read_bytes(), read_weights(base_model(DETECTION_WEIGHTS))):
        session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
        seen.append(session.run(None, {session.get_inputs()[0].name: pixels})[0])
    np.testing.assert_array_equal(*seen)


@pytest.mark.parametrize(
    "damage",
    [
        lambda model: model[: len(model) // 2],
        lambda model: b"\xff" * 1000,
        lambda model: b"",
        lambda model: b"not a model at all",
        lambda model: model[:1000] + bytes([0xFF] * 50) + model[1050:],
    ],
    ids=["cut off", "endless number", "empty", "text", "overwritten"],
)
def test_a_damaged_file_is_the_runtime_s_to_refuse(damage, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """Whatever the bytes are, the error is a typed one."""
    path = tmp_path / "damaged.onnx"
    path.write_bytes(damage(base_model(DETECTION_WEIGHTS).read_bytes()))
    with pytest.raises(ModelUnavailable, match=r"damaged\.onnx"):
        Network(path)
