"""Train and export the network that says how likely texts are, character by character.

    python -m training.text_network --data ../shared/handwriting --sources SOURCES --minutes 70 \
        src/unscrawl/models/text.onnx

One layer of LSTM over characters (Mikolov et al., "Recurrent neural network based language model", Interspeech 2010),
one network for all languages. It reads novels of 1840 to 1920 (ELTeC), the transcripts of the training lines and of
transcribed pages, and collections of quotations, broken into lines anew at other places each time, as people break
them: between words mostly, within a word at times. ``unscrawl/recognition/text_network.py`` asks it.

The file's weights are bytes, by which ONNX Runtime multiplies in a quarter of the time of float32. Of 100 dev lines,
each beside itself with a letter changed, two pairs are ordered otherwise than by float32.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn

from training.alphabet import ALPHABET
from training.novels import paragraphs
from training.precision import WORKING
from training.texts import FORTUNE_SETS, normalise, quotations
from unscrawl.recognition.text_network import FIRST_CHARACTER, LINE_END, UNKNOWN, to_numbers

__all__ = ["Corpus", "TextReader", "bits_a_character", "export", "main", "train"]

# ISO 639-3 (as in ELTeC's names) -> wordfreq's code, and how often a text is of the language.
LANGUAGES = {"eng": "en", "fra": "fr", "deu": "de", "spa": "es", "ita": "it", "por": "pt"}
SHARES = {"eng": 0.30, "fra": 0.34, "deu": 0.12, "spa": 0.10, "ita": 0.07, "por": 0.07}
# Of texts in French so many are transcripts, of which there are 34,000 lines; of others less, having few.
TRANSCRIPTS_SHARE = {"fra": 0.3}
FEW_TRANSCRIPTS_SHARE = 0.04
# And so many are quotations, where there is a collection under a permissive licence or none needed (Debian's German one
# is under the GPL).
QUOTATIONS_SHARE = {"eng": 0.4, "spa": 0.1, "ita": 0.15}

EMBEDDING, UNITS = 64, 768
SYMBOLS = len(ALPHABET) + FIRST_CHARACTER
# A step: so many texts of so many characters. Larger ones learn less in the same time.
TEXTS, CHARACTERS = 64, 192
RATE, LAST_RATE, WARM_UP = 2.5e-3, 0.02, 200
AVERAGED = 0.998
STEPS_BETWEEN_SAVES = 500
# Lines have so many characters, and so often end within a word, mostly with a hyphen.
LINE_LENGTHS = (15, 75)
BROKEN_WORDS, HYPHENATED = 0.25, 0.8


class TextReader(nn.Module):
    """Logits of the next character after each of a text; int64 (n, length) in, float (n, length, symbols) out."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(SYMBOLS, EMBEDDING)
        self.recurrent = nn.LSTM(EMBEDDING, UNITS, batch_first=True)
        self.head = nn.Linear(UNITS, SYMBOLS)

    def forward(self, texts: torch.Tensor) -> torch.Tensor:
        """See the class."""
        logits: torch.Tensor = self.head(self.recurrent(self.embedding(texts))[0])
        return logits


class _Likelihoods(nn.Module):
    """What is exported: log-probabilities of whole texts, without their end; int64 (n, length) in, float (n,) out."""

    def __init__(self, network: TextReader) -> None:
        super().__init__()
        self.network = network

    def forward(self, texts: torch.Tensor) -> torch.Tensor:
        following = texts[:, 1:]
        logs = self.network(texts[:, :-1]).log_softmax(-1).gather(2, following.unsqueeze(2)).squeeze(2)
        total: torch.Tensor = (logs * (following != LINE_END)).sum(1)
        return total


class Corpus:
    """Texts to read, of which each draw breaks others into lines.

    Args:
        data: Folder with the training sets.
        sources: Folder with ELTeC's collections and ``pages/``.
        seed: Of the draws.
    """

    def __init__(self, data: Path, sources: Path, seed: int) -> None:
        self._random = random.Random(seed)
        self._numbers = {character: number for number, character in enumerate(ALPHABET, FIRST_CHARACTER)}
        self._space, self._hyphen = self._numbers[" "], self._numbers["-"]
        self._letters = {number for character, number in self._numbers.items() if character.isalpha()}
        transcripts = _transcripts([*sorted((data / "train").iterdir()), *sorted((sources / "pages").iterdir())])
        self._novels, self._quotations, self._transcripts = {}, {}, {}
        for code, name in LANGUAGES.items():
            novels = paragraphs(sources / f"ELTeC-{code}")
            random.Random(0).shuffle(novels)
            quoted = quotations(FORTUNE_SETS[name]) if code in QUOTATIONS_SHARE else []
            self._novels[code] = self._join(novels)
            self._quotations[code] = self._join([text.replace("\n", " ") for text in quoted])
            self._transcripts[code] = self._join(transcripts[name])

    def batch(self) -> torch.Tensor:
        """int64 (texts, characters + 1)."""
        return torch.tensor([self._draw(CHARACTERS + 1) for _ in range(TEXTS)])

    def _join(self, texts: list[str]) -> NDArray[np.uint16]:
        everything = "\n".join(texts)
        return np.array(
            [LINE_END if each == "\n" else self._numbers.get(each, UNKNOWN) for each in everything], dtype=np.uint16
        )

    def _draw(self, length: int) -> list[int]:
        (code,) = self._random.choices(list(SHARES), list(SHARES.values()))
        kind = self._random.random()
        transcripts_share = TRANSCRIPTS_SHARE.get(code, FEW_TRANSCRIPTS_SHARE)
        if kind < transcripts_share and len(self._transcripts[code]):
            drawn = self._lines(self._transcripts[code], length)
        elif kind < transcripts_share + QUOTATIONS_SHARE.get(code, 0):
            drawn = self._broken(self._quotations[code], length)
        else:
            drawn = self._broken(self._novels[code], length)
        return (drawn + [LINE_END] * length)[:length]

    def _somewhere(self, texts: NDArray[np.uint16], length: int) -> list[int]:
        start = self._random.randrange(max(1, len(texts) - length))
        found: list[int] = texts[start : start + length].tolist()
        return found

    def _lines(self, texts: NDArray[np.uint16], length: int) -> list[int]:
        """Lines as they are, from the beginning of one."""
        found = self._somewhere(texts, 2 * length)
        return found[found.index(LINE_END) :] if LINE_END in found else [LINE_END, *found]

    def _broken(self, texts: NDArray[np.uint16], length: int) -> list[int]:
        """Running text from the beginning of a word, in lines."""
        text = self._somewhere(texts, 3 * length)
        while text and text.pop(0) not in (self._space, LINE_END):
            pass
        drawn, left = [LINE_END], self._random.randint(*LINE_LENGTHS)
        for place, symbol in enumerate(text):
            if symbol == LINE_END or (left <= 0 and symbol == self._space):
                drawn.append(LINE_END)
                left = self._random.randint(*LINE_LENGTHS)
                continue
            drawn.append(symbol)
            left -= 1
            around = text[place : place + 3]
            if left == 0 and self._letters.issuperset(around) and self._random.random() < BROKEN_WORDS:
                drawn += [self._hyphen, LINE_END] if self._random.random() < HYPHENATED else [LINE_END]
                left = self._random.randint(*LINE_LENGTHS)
        return drawn


def _transcripts(folders: list[Path]) -> dict[str, list[str]]:
    """What the lines of training sets say, by language (wordfreq's code)."""
    found = defaultdict(list)
    for folder in folders:
        for entry in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines():
            truth = json.loads(entry)
            found[truth["language"]].append(normalise(truth["text"]))
    return found


@torch.no_grad()
def bits_a_character(network: TextReader, folder: Path) -> float:
    """How well the network foresees the lines of a dev set, each by itself."""
    numbers = {character: number for number, character in enumerate(ALPHABET, FIRST_CHARACTER)}
    texts = [normalise(json.loads(each)["text"]) for each in (folder / "truth.jsonl").read_text("utf-8").splitlines()]
    likelihoods = _Likelihoods(network)
    total = sum(float(likelihoods(torch.from_numpy(to_numbers([text], numbers)))) for text in texts)
    return -total / sum(map(len, texts)) / math.log(2)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sources", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=70)
    parser.add_argument("--init", type=Path, help="weights to go on from")
    parser.add_argument("--save", type=Path, default=Path("runs/text.pt"), help="where the weights go")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    torch.set_flush_denormal(True)
    torch.manual_seed(arguments.seed)
    network, average = TextReader(), TextReader()
    if arguments.init:
        network.load_state_dict(_floats(torch.load(arguments.init)))
    average.load_state_dict(network.state_dict())
    train(network, average, Corpus(arguments.data, arguments.sources, arguments.seed), arguments)
    export(average, arguments.out)
    for folder in sorted((arguments.data / "dev").iterdir()):
        print(f"{folder.name}: {bits_a_character(average, folder):.3f} bits a character", flush=True)


def _floats(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name: weight.float() for name, weight in weights.items()}


def train(network: TextReader, average: TextReader, corpus: Corpus, arguments: argparse.Namespace) -> None:
    """Train for the given minutes, one cosine; ``average`` follows and is saved, in half precision."""
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, betas=(0.9, 0.99), weight_decay=0.01)
    started, step, losses = time.monotonic(), 0, []
    while (passed := (time.monotonic() - started) / 60 / arguments.minutes) < 1:
        cosine = LAST_RATE + (1 - LAST_RATE) * 0.5 * (1 + math.cos(math.pi * passed))
        for group in optimizer.param_groups:
            group["lr"] = RATE * cosine * min(1.0, (step + 1) / WARM_UP)
        texts = corpus.batch()
        with torch.autocast("cpu", WORKING, enabled=WORKING is torch.bfloat16):
            logits = network(texts[:, :-1])
        loss = nn.functional.cross_entropy(logits.float().flatten(0, 1), texts[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        step += 1
        losses.append(loss.item())
        share = 1 - min(AVERAGED, step / (step + 10))
        with torch.no_grad():
            for ours, theirs in zip(average.parameters(), network.parameters(), strict=True):
                ours.lerp_(theirs, share)
        if step % STEPS_BETWEEN_SAVES == 0:
            bits = sum(losses) / len(losses) / math.log(2)
            print(f"{step} steps, {passed:.3f} passed, {bits:.3f} bits a character", flush=True)
            losses.clear()
            _save(average, arguments.save)
    _save(average, arguments.save)


def _save(network: TextReader, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    half = {name: weight.half() for name, weight in network.state_dict().items()}
    unfinished = path.with_suffix(".part")
    torch.save(half, unfinished)
    unfinished.replace(path)


def export(network: TextReader, out: Path) -> None:
    """Write the ONNX file, its weights as bytes with a factor a row."""
    example = torch.randint(FIRST_CHARACTER, SYMBOLS, (3, 20))
    exact = out.with_suffix(".float32")
    torch.onnx.export(
        _Likelihoods(network).eval(), (example,), str(exact), input_names=["texts"], output_names=["likelihoods"],
        dynamic_axes={"texts": {0: "n", 1: "length"}, "likelihoods": {0: "n"}}, opset_version=17, dynamo=False,
    )  # fmt: skip
    # Seven bits, since without VNNI sums of two products of eight bits overflow.
    quantize_dynamic(exact, out, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
    exact.unlink()
    model = onnx.load(str(out))
    for key, value in (("character", "\n".join(ALPHABET)), ("languages", " ".join(LANGUAGES))):
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value
    onnx.save(model, str(out))


if __name__ == "__main__":
    main()
