"""Train the network that tells which script a line is in, and export it.

    python -m training.script_finder --data ../shared/handwriting --sources SOURCES --minutes 30 OUT.onnx

A small convolutional network looks at a line 32 pixels high; every 8 columns vote for a script, each with a weight of
its own, and the votes are added up. It is drawn lines without end (``training/script_lines.py``); a tenth of them stand
on their heads, so that a page can be asked for its script before it is known which way up it is.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import random
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import nn

from training.data import read_lines
from training.export import store_in_halves
from training.script_lines import CLASSES, ScriptLines
from unscrawl.languages import Script
from unscrawl.recognition.other_scripts import SURE_OF_SCRIPT
from unscrawl.recognition.script_finder import HEIGHT, ScriptFinder, to_input

__all__ = ["ScriptNetwork"]

WIDTH = 320
BATCH = 48
RATE, RATE_GOING_ON = 4e-3, 1e-3
UPSIDE_DOWN = 0.1
NARROWEST, WIDEST = 0.75, 1.35
TESTED = 1500


class ScriptNetwork(nn.Module):
    """Lines (n, 1, 32, width), width a multiple of 8, to logits of ``CLASSES``."""

    def __init__(self) -> None:
        super().__init__()
        self.look = nn.Sequential(
            nn.Conv2d(1, 24, 3, 2, 1, bias=False),
            nn.BatchNorm2d(24),
            nn.ReLU(),
            _Block(24, 48, (2, 2)),
            _Block(48, 48),
            _Block(48, 96, (2, 1)),
            _Block(96, 96),
            _Block(96, 160, (2, 2)),
            _Block(160, 160),
            nn.Conv2d(160, 192, (2, 3), padding=(0, 1), bias=False),
            nn.BatchNorm2d(192),
            nn.ReLU(),
        )
        self.vote = nn.Conv1d(192, len(CLASSES), 1)
        self.weigh = nn.Conv1d(192, 1, 1)

    def forward(self, lines: torch.Tensor) -> torch.Tensor:
        """Logits (n, classes)."""
        columns = self.look(lines).squeeze(2)
        votes: torch.Tensor = (self.vote(columns) * self.weigh(columns).softmax(-1)).sum(-1)
        return votes


class _Block(nn.Module):
    """A depthwise separable convolution; what went in is added where it fits."""

    def __init__(self, inside: int, out: int, stride: tuple[int, int] = (1, 1)) -> None:
        super().__init__()
        self.residual = inside == out and stride == (1, 1)
        self.layers = nn.Sequential(
            nn.Conv2d(inside, inside, 3, stride, 1, groups=inside, bias=False),
            nn.BatchNorm2d(inside),
            nn.ReLU(),
            nn.Conv2d(inside, out, 1, bias=False),
            nn.BatchNorm2d(out),
            nn.ReLU(),
        )

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.layers(values)
        return found + values if self.residual else found


def _stretched(picture: NDArray[np.uint8], rng: random.Random) -> NDArray[np.uint8]:
    if rng.random() < UPSIDE_DOWN:
        picture = np.asarray(picture[::-1, ::-1])
    height, width = picture.shape
    return np.asarray(cv2.resize(picture, (max(8, round(width * rng.uniform(NARROWEST, WIDEST))), height)))


def _window(line: NDArray[np.float32], rng: random.Random) -> NDArray[np.float32]:
    """A part of a long line; a short one with paper around it."""
    width = line.shape[1]
    if width >= WIDTH:
        start = rng.randrange(width - WIDTH + 1)
        return line[:, start : start + WIDTH]
    left = rng.randrange(WIDTH - width + 1)
    window = np.full((HEIGHT, WIDTH), np.median(line), np.float32)
    window[:, left : left + width] = line
    return window


def _fill(queue: Any, data: Path, sources: Path, seed: int) -> None:
    cv2.setNumThreads(1)
    rng = random.Random(seed)
    lines = ScriptLines(data / "train", sources)
    while True:
        pixels, classes = [], []
        while len(pixels) < BATCH:
            drawn = lines.draw(rng)
            if drawn is not None:
                pixels.append(_window(to_input(_stretched(drawn[0], rng)), rng))
                classes.append(CLASSES.index(drawn[1]))
        queue.put((np.stack(pixels), np.array(classes)))


def train(data: Path, sources: Path, minutes: float, seed: int, init: Path | None) -> ScriptNetwork:
    """Train for so many minutes, on one cycle of the rate: anew, or at a low rate from what was exported before."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    context = multiprocessing.get_context("spawn")
    queue = context.Queue(8)
    context.Process(target=_fill, args=(queue, data, sources, seed), daemon=True).start()
    network = ScriptNetwork()
    highest = RATE
    if init is not None:
        _load(network, init)
        # Exported files have what batches are normalised by within the weights of the convolutions.
        network.eval()
        highest = RATE_GOING_ON
    optimizer = torch.optim.AdamW(network.parameters(), RATE, weight_decay=0.01)
    loss_of = nn.CrossEntropyLoss(label_smoothing=0.02)
    pixels, classes = queue.get()
    started, step, mean = time.monotonic(), 0, 0.0
    while (passed := (time.monotonic() - started) / (60 * minutes)) < 1:
        rate = highest * min(1.0, passed / 0.05) * (0.5 + 0.5 * math.cos(math.pi * passed))
        for group in optimizer.param_groups:
            group["lr"] = rate
        loss = loss_of(network(torch.from_numpy(pixels).unsqueeze(1)), torch.from_numpy(classes))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        mean += 0.02 * (float(loss) - mean)
        step += 1
        if step % 100 == 0:
            print(f"{step * BATCH} lines, {passed:.0%}, loss {mean:.3f}", file=sys.stderr, flush=True)
        pixels, classes = queue.get()
    return network.eval()


def evaluate(weights: Path, data: Path, sources: Path) -> None:
    """Print how many lines in fonts held out, and of dev handwriting, are told right."""
    finder = ScriptFinder(weights)
    rng = random.Random(0)
    lines = ScriptLines(data / "train", sources, held_out=True)
    right: Counter[Script] = Counter()
    sure: Counter[Script] = Counter()
    seen: Counter[Script] = Counter()
    for _ in range(TESTED):
        drawn = lines.draw(rng)
        if drawn is not None:
            script, share = _told(finder, drawn[0])
            seen[drawn[1]] += 1
            right[drawn[1]] += script is drawn[1]
            sure[drawn[1]] += script is drawn[1] and share >= SURE_OF_SCRIPT
    print(f"fonts held out: {right.total() / seen.total():.1%} right, {sure.total() / seen.total():.1%} surely")
    print(" ".join(f"{script.name} {right[script] / seen[script]:.0%}" for script in seen))
    for folder in sorted((data / "dev").iterdir()):
        told = [_told(finder, line.picture) for line in read_lines(folder)]
        others = [share for script, share in told if script is not Script.LATIN]
        surely = sum(share >= SURE_OF_SCRIPT for share in others)
        print(f"{folder.name}: {len(others)} of {len(told)} not Latin, {surely} of them surely")


def _told(finder: ScriptFinder, picture: NDArray[np.uint8]) -> tuple[Script, float]:
    (shares,) = finder.look([np.repeat(picture[:, :, None], 3, axis=2)])
    return max(shares.items(), key=lambda each: each[1])


def _load(network: ScriptNetwork, weights: Path) -> None:
    """Put the weights of an exported file in place."""
    graph = onnx.load(str(weights)).graph
    values = {each.name.removesuffix(".half"): numpy_helper.to_array(each) for each in graph.initializer}
    layers = [node for node in graph.node if node.op_type == "Conv"]
    convolutions = [each for each in network.modules() if isinstance(each, nn.Conv1d | nn.Conv2d)]
    norms = [each for each in network.modules() if isinstance(each, nn.BatchNorm2d)]
    with torch.no_grad():
        for place, (node, convolution) in enumerate(zip(layers, convolutions, strict=True)):
            weight, bias = (torch.from_numpy(values[name].astype(np.float32)) for name in node.input[1:3])
            assert weight.shape == convolution.weight.shape
            convolution.weight.copy_(weight)
            if place < len(norms):
                norms[place].bias.copy_(bias)
                norms[place].running_var.fill_(1 - norms[place].eps)
            else:
                convolution.bias.copy_(bias)


def export(network: ScriptNetwork, out: Path) -> None:
    """Write the ONNX file; its metadata list the scripts by their codes."""
    torch.onnx.export(
        nn.Sequential(network, nn.Softmax(-1)), (torch.zeros(1, 1, HEIGHT, WIDTH),), str(out), input_names=["line"],
        output_names=["scripts"], dynamic_axes={"line": {3: "width"}}, opset_version=17, dynamo=False,
    )  # fmt: skip
    model = onnx.load(str(out))
    entry = model.metadata_props.add()
    entry.key, entry.value = "scripts", " ".join(script.value for script in CLASSES)
    store_in_halves(model.graph)
    onnx.save(model, str(out))


def main() -> None:
    """Train, export, evaluate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder with train/ and dev/")
    parser.add_argument("--sources", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=30.0, help="0 to score what is there")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--init", type=Path, help="go on from this exported file")
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    if options.minutes > 0:
        export(train(options.data, options.sources, options.minutes, options.seed, options.init), options.out)
    evaluate(options.out, options.data, options.sources)


if __name__ == "__main__":
    main()
