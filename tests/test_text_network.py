"""What the text network holds likely."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from unscrawl.exceptions import ModelUnavailable
from unscrawl.languages import Language
from unscrawl.recognition.text_network import TextNetwork


@pytest.fixture(scope="module")
def network() -> TextNetwork:
    return TextNetwork()


@pytest.mark.parametrize(
    ("language", "right", "wrong"),
    [
        (Language.ENGLISH, "She was sitting in the garden.", "She were sitting in the garden."),
        (Language.ENGLISH, "I have not heard of it", "I have not beard of it"),
        (Language.FRENCH, "Nous avons été bien contents", "Nous avons étés bien coutents"),
        (Language.FRENCH, "il est parti ce matin", "il et parti ce matin"),
        (Language.GERMAN, "Ich habe dich nicht gesehen", "Ich habe dich nicht geseben"),
        (Language.SPANISH, "No sabía qué decirle", "No sabia gue decirle"),
        (Language.ITALIAN, "Non so che cosa fare", "Non so clie cosa fare"),
        (Language.PORTUGUESE, "Não sei o que fazer", "Nao sei o gue fazer"),
    ],
)
def test_what_people_write_is_likelier(network: TextNetwork, language: Language, right: str, wrong: str) -> None:
    assert language in network.languages
    likely, unlikely = network.log_likelihoods([right, wrong])
    assert likely > unlikely + 1


def test_texts_are_judged_by_themselves(network: TextNetwork) -> None:
    texts = ["a", "", "The meeting is at the house of my friend", "\u4e2d\u6587", *["one more"] * 100]
    together = network.log_likelihoods(texts)
    alone = np.array([network.log_likelihoods([text])[0] for text in texts])
    # Bytes are scaled by the run's largest value, so a little depends on the company.
    assert together == pytest.approx(alone, abs=0.25)
    assert together[1] == 0
    assert (np.delete(together, 1) < 0).all()
    assert network.log_likelihoods([]).shape == (0,)


def test_missing_weights_are_told(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"nothing\.onnx"):
        TextNetwork(tmp_path / "nothing.onnx")
