"""Train Hand.

    python -m training.train --data ../shared/handwriting --sources SOURCES --run runs/hand --minutes 90

One run is one cosine from the learning rate to almost nothing over its minutes; another call with the same ``--run``
goes on from its weights with a new cosine. The checkpoint is replaced every few minutes and on Ctrl-C, so that a run
may be stopped at any time; ``log.jsonl`` in the run's folder grows by a row every ``LOG_STEPS`` steps and can be
drawn with ``python -m training.plot``.

Every core has a learner of its own: a process with one thread, its own batches and its own optimizer, stepping on
weights that all share, without locks (Recht et al., "Hogwild!", NIPS 2011). Two threads in one step wait for each
other at every operator, so that a neighbour that takes a fifth of one core costs four fifths of the speed.
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import multiprocessing
import signal
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from training.alphabet import ALPHABET
from training.data import Batch, Drawn, Mix, batches, read_lines
from training.metrics import greedy_cer, to_network
from training.model import HandNet, build
from training.optimizer import Optimizer
from training.precision import WORKING
from training.widen import widen

__all__ = ["main"]

# What is new may go faster. From weights that are good already, four minutes at 1e-3 and 3e-3 make every dev set 1 to 4
# points worse, at 1e-4 and 5e-4 less than one (EXPERIMENTS.md).
BASE_RATE, FRESH_RATE = 2e-4, 8e-4
WARM_UP_STEPS = 300
LAST_RATE = 0.02
CLIP = 3.0
# The running average spans so much of the steps so far, and at first these many.
AVERAGED_SHARE, LEAST_AVERAGED = 0.4, 10
LOG_STEPS = 50
SAVE_SECONDS = 240
DEV_LINES = 80

# Of every 100 lines: real as they are, real recomposed, and the rest synthetic.
MIX = {"real": 0.50, "recomposed": 0.10}
# How often each set is drawn among real lines; modern hands first, as they are what people photograph. The last six are
# cut from transcribed pages (transcribed_pages.py): the 19th century has but 763 lines among the given ones.
SETS = {
    "copiste_d_un_jour": 0.36,
    "cremma_mss19": 0.10,
    "cremma_mss20": 0.01,
    "ehri_typewritten": 0.08,
    "lectaurep_repertoires": 0.08,
    "peraire": 0.09,
    "stanford_memorials": 0.09,
    "timeuscorpus": 0.07,
    "cremma_mss_18": 0.05,
    "fondue_fr_mss_18": 0.04,
    "modern_roman_languages": 0.02,
    "dataset_celestine_doniau_danest": 0.005,
    "tnah_2021_projet_correspondance_berlioz": 0.005,
}


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with train/ and dev/")
    parser.add_argument("--sources", type=Path, required=True, help="folder with fonts/, udhr/ and aligned.json")
    parser.add_argument("--run", type=Path, required=True, help="folder of the checkpoint and the log")
    parser.add_argument("--init", type=Path, help="weights to begin a new run with")
    parser.add_argument("--minutes", type=float, default=90)
    parser.add_argument("--seed", type=int, default=0, help="another for every call, for other lines")
    parser.add_argument("--learners", type=int, default=2, help="processes, one thread each")
    train(parser.parse_args())


def train(arguments: argparse.Namespace) -> None:
    """Train for the given minutes."""
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    arguments.run.mkdir(parents=True, exist_ok=True)
    checkpoint = arguments.run / "checkpoint.pt"
    network, averaged, done = _start(checkpoint, arguments.init)
    arguments.seed += done["lines"]
    network.to(memory_format=torch.channels_last)
    network.share_memory()
    drawn = Drawn(arguments.data / "train", arguments.sources, Mix(**MIX, sets=SETS))
    queues = [batches(drawn, arguments.seed * 100 + rank) for rank in range(arguments.learners)]
    weights = dict(network.named_parameters())
    context = multiprocessing.get_context("spawn")
    lines = context.Value("q", done["lines"])
    others = [
        context.Process(
            target=_other, args=(weights, queue, lines, arguments.minutes, arguments.seed + rank), daemon=True
        )
        for rank, queue in enumerate(queues[1:], 1)
    ]
    for other in others:
        other.start()

    dev = {place.name: read_lines(place)[:DEV_LINES] for place in sorted((arguments.data / "dev").iterdir())}
    saved = time.monotonic()
    losses: list[float] = []
    stops = (signal.SIGINT, signal.SIGTERM)
    for step, (passed, loss) in enumerate(_learn(network, queues[0], lines, arguments.minutes, arguments.seed, stops)):
        losses.append(loss)
        done["lines"] = lines.value
        done["steps"] += 1
        _average(averaged, network, 1 - 1 / (LEAST_AVERAGED + AVERAGED_SHARE * step))
        if step % LOG_STEPS == LOG_STEPS - 1:
            _log(arguments.run, {**done, "passed": round(passed, 4), "loss": round(sum(losses) / len(losses), 4)})
            losses.clear()
        if time.monotonic() - saved > SAVE_SECONDS:
            _save(checkpoint, network, averaged, done)
            saved = time.monotonic()
    for other in others:
        other.terminate()
        other.join()
    _save(checkpoint, network, averaged, done)
    averaged.eval()
    _log(arguments.run, {**done, "dev": {name: round(greedy_cer(averaged, lines), 2) for name, lines in dev.items()}})


def _other(weights: dict[str, torch.Tensor], queue: Any, lines: Any, minutes: float, seed: int) -> None:
    """A learner beside the first: its network's weights are those of the first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first learner ends the others
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    network = build(ALPHABET)
    for name, parameter in network.named_parameters():
        parameter.data = weights[name]
    for _ in _learn(network, queue, lines, minutes, seed):
        pass


def _learn(
    network: HandNet, queue: Any, lines: Any, minutes: float, seed: int, stops: Sequence[int] = ()
) -> Iterator[tuple[float, float]]:
    """Step until the time is over or a signal comes, counting lines; yields the share of time passed and the loss."""
    torch.manual_seed(seed)
    optimizer = Optimizer(network, network.fresh, BASE_RATE, FRESH_RATE)
    symbol = {character: index + 1 for index, character in enumerate(ALPHABET)}
    stopped = False

    def stop(*_: Any) -> None:
        nonlocal stopped
        stopped = True

    for number in stops:
        signal.signal(number, stop)
    _set_training(network)
    started = time.monotonic()
    for step, batch in enumerate(iter(queue.get, None)):
        passed = (time.monotonic() - started) / 60 / minutes
        if passed >= 1 or stopped:
            return
        level = min(1.0, (step + 1) / WARM_UP_STEPS) * (
            LAST_RATE + (1 - LAST_RATE) * 0.5 * (1 + math.cos(math.pi * passed))
        )
        loss = _back(network, batch, symbol)
        optimizer.step(level)
        with lines.get_lock():
            lines.value += len(batch.texts)
        yield passed, loss


def _start(checkpoint: Path, init: Path | None) -> tuple[HandNet, HandNet, dict[str, int]]:
    """The network in training, its running average, and what it has seen so far."""
    if checkpoint.exists():
        network = build(ALPHABET)
        state = torch.load(checkpoint, map_location="cpu", weights_only=True)
        network.load_state_dict(state["network"])
        averaged = copy.deepcopy(network)
        averaged.load_state_dict(state["averaged"])
        return network, averaged, state["done"]
    network = build(ALPHABET) if init is None else _from_weights(init)
    return network, copy.deepcopy(network), {"lines": 0, "steps": 0}


def _from_weights(path: Path) -> HandNet:
    """Begin with weights of an earlier run, or with the proof of concept's: a head of fewer characters on the base."""
    loaded = torch.load(path, map_location="cpu", weights_only=True)
    if "averaged" in loaded:
        network = build(ALPHABET)
        state = {name: value.float() for name, value in loaded["averaged"].items()}
        network.load_state_dict(widen(state, network.state_dict()))
        return network
    state = {name.removeprefix("0."): value for name, value in loaded["state"].items() if name.startswith("0.")}
    network = build(ALPHABET, state)
    rows = {character: row + 1 for row, character in enumerate(loaded["characters"])} | {"<blank>": 0}
    weight, bias = loaded["state"]["1.weight"], loaded["state"]["1.bias"]
    with torch.no_grad():
        for row, character in enumerate(["<blank>", *ALPHABET]):
            if character in rows:
                network.head.weight[row] = weight[rows[character]]
                network.head.bias[row] = bias[rows[character]]
    return network


def _set_training(network: HandNet) -> None:
    network.train()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()  # batches of a dozen lines would only spoil the base's statistics


def _back(network: HandNet, batch: Batch, symbol: dict[str, int]) -> float:
    """The loss of a batch; its gradients, clipped, are left in the network."""
    with torch.autocast("cpu", dtype=WORKING, enabled=WORKING is torch.bfloat16):
        logits = network(to_network(batch.pixels, batch.widths))
    log_probabilities = logits.float().log_softmax(-1).transpose(0, 1)
    loss = nn.functional.ctc_loss(
        log_probabilities,
        torch.tensor([symbol[character] for text in batch.texts for character in text]),
        torch.full((len(batch.texts),), log_probabilities.shape[0]),
        torch.tensor([len(text) for text in batch.texts]),
        zero_infinity=True,
    )
    network.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(network.parameters(), CLIP)
    return float(loss)


@torch.no_grad()
def _average(averaged: HandNet, network: HandNet, decay: float) -> None:
    """Exponential moving average of the weights (Polyak and Juditsky, 1992)."""
    torch._foreach_lerp_(list(averaged.parameters()), list(network.parameters()), 1 - decay)


def _save(path: Path, network: HandNet, averaged: HandNet, done: dict[str, int]) -> None:
    part = path.with_suffix(".part")
    torch.save({"network": network.state_dict(), "averaged": averaged.state_dict(), "done": done}, part)
    part.replace(path)


def _log(run: Path, row: dict[str, Any]) -> None:
    print(json.dumps(row), flush=True)
    with (run / "log.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
