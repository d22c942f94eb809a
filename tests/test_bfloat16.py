"""Networks on OpenVINO; skipped where it is not installed or the processor does not compute in bfloat16."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnxruntime
import pytest

import unscrawl as ocr
from tests.pictures import NOTE, NOTE_TEXT
from unscrawl.bfloat16 import bfloat16_core
from unscrawl.inference import Network
from unscrawl.recognition.recogniser import HAND_WEIGHTS

pytest.importorskip("openvino", reason="OpenVINO is not installed: pip install 'unscrawl[openvino]'")
pytestmark = pytest.mark.skipif(bfloat16_core() is None, reason="this processor does not compute in bfloat16")

# Of probabilities, for noise as input; measured: 0.13.
MOST_DIFFERENCE = 0.2


def test_a_network_gives_what_it_gives_elsewhere_from_several_threads() -> None:
    session = onnxruntime.InferenceSession(HAND_WEIGHTS, providers=["CPUExecutionProvider"])
    noise = np.random.default_rng(0)
    inputs = [(noise.random((2, 3, 48, width)) * 2 - 1).astype(np.float32) for width in (128, 256, 256, 512)]
    network = Network(HAND_WEIGHTS, callers=2)
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(network, inputs))
    for values, output in zip(inputs, found, strict=True):
        expected = session.run(None, {session.get_inputs()[0].name: values})[0]
        assert output.shape == expected.shape
        assert np.abs(output - expected).max() < MOST_DIFFERENCE
    assert network.metadata == session.get_modelmeta().custom_metadata_map


def test_the_note_is_read_the_same() -> None:
    assert ocr.OcrEngine(threads=2).recognize(NOTE).text == NOTE_TEXT
