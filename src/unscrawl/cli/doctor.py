"""``unscrawl doctor``: says what is installed and whether it works, by trying it."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable
from dataclasses import dataclass

import click

from unscrawl.exceptions import ExitCode

__all__ = ["command"]


@dataclass(frozen=True, slots=True)
class _Check:
    """One thing to try.

    Attributes:
        name: What it is.
        probe: Tries it; returns what to say, raises when it does not work.
        needed: Whether Unscrawl is broken without it.
    """

    name: str
    probe: Callable[[], str]
    needed: bool = True


@click.command("doctor", context_settings={"help_option_names": ["-h", "--help"]})
def command() -> int:
    """Check this installation by using every part of it once.

    Exits with 7 if something that is needed does not work.
    """
    broken = False
    for check in _CHECKS:
        try:
            mark, colour, text = "ok", "green", check.probe()
        except Exception as error:  # whatever is wrong is the finding
            broken = broken or check.needed
            mark, colour = ("BROKEN", "red") if check.needed else ("missing", "yellow")
            text = f"{error}"
        click.echo(f"{click.style(f'{mark:>7}', fg=colour)}  {check.name}: {text}")
    return ExitCode.SETUP if broken else ExitCode.OK


def _program() -> str:
    from unscrawl import __version__

    return f"{__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}"


def _processors() -> str:
    from unscrawl.inference import available_cpus

    return f"{available_cpus()} may be used"


def _libraries() -> str:
    import cv2
    import numpy as np
    import onnxruntime
    import PIL

    from unscrawl.bfloat16 import bfloat16_core

    versions = {"onnxruntime": onnxruntime, "opencv": cv2, "numpy": np, "pillow": PIL}
    listed = ", ".join(f"{name} {module.__version__}" for name, module in versions.items())
    return listed + ("; networks run on OpenVINO, in bfloat16" if bfloat16_core() is not None else "")


def _weights() -> str:
    import hashlib

    from unscrawl.inference import DETECTION_WEIGHTS, RECOGNITION_WEIGHTS, base_model
    from unscrawl.recognition.recogniser import HAND_WEIGHTS
    from unscrawl.recognition.script_finder import SCRIPT_WEIGHTS
    from unscrawl.recognition.text_network import TEXT_WEIGHTS

    base = map(base_model, (DETECTION_WEIGHTS, RECOGNITION_WEIGHTS))
    names = []
    for path in (*base, HAND_WEIGHTS, TEXT_WEIGHTS, SCRIPT_WEIGHTS):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        note = "" if digest == KNOWN_WEIGHTS[path.name] else ", not the version this release was tested with"
        names.append(f"{path.name} (sha256 {digest[:12]}{note})")
    return ", ".join(names)


def _reading() -> str:
    import numpy as np
    from PIL import Image, ImageDraw, ImageFont

    from unscrawl.engine import OcrEngine

    picture = Image.new("RGB", (560, 120), "white")
    ImageDraw.Draw(picture).text((40, 30), SELF_TEST_TEXT, fill="black", font=ImageFont.load_default(48))
    started = time.perf_counter()
    text = OcrEngine().recognize(np.asarray(picture)).text
    if text != SELF_TEST_TEXT:
        raise RuntimeError(f"read {text!r} where {SELF_TEST_TEXT!r} is written")
    return f"a test picture read right in {time.perf_counter() - started:.1f} s"


def _pdf() -> str:
    import io

    from PIL import Image

    from unscrawl.imaging import open_source
    from unscrawl.options import ReadOptions

    file = io.BytesIO()
    Image.new("RGB", (200, 100), "white").save(file, "PDF")
    pages = list(open_source(file.getvalue(), ReadOptions()).read_pages())
    return f"a test page rendered in its own process ({len(pages)} page)"


def _other_scripts() -> str:
    from unscrawl.languages import Language
    from unscrawl.recognition.tessdata import missing_data, needs_data
    from unscrawl.recognition.tesseract import load_tesserocr

    version = load_tesserocr().tesseract_version().split("\n")[0]
    readable = [language for language in Language if needs_data(language) and not missing_data([language])]
    return f"{version}, with data for {len(readable)} languages ('unscrawl languages' lists them)"


def _heic() -> str:
    try:
        import pi_heif
    except ImportError:
        raise RuntimeError("not installed; for HEIC photos: pip install 'unscrawl[heic]'") from None
    return f"pi-heif {pi_heif.__version__}"


SELF_TEST_TEXT = "Unscrawl reads 1234"

# SHA-256 of the weights in rapidocr 3.10.0, and of our own.
KNOWN_WEIGHTS = {
    "PP-OCRv6_det_small.onnx": "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
    "PP-OCRv6_rec_small.onnx": "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
    "hand.onnx": "7b2d07dce4b821031320998624af55d744d504bd411d8b5df8bffc6412d6e3a4",
    "text.onnx": "503a796430f6080ad2511ebe32f12e3e086c0ed22ed3d1917980dd876031f7cd",
    "scripts.onnx": "7e7d73f6bd119d0a8281faa13c992581ce6bf0bb6a938300374b340d0a9d44c6",
}

_CHECKS = (
    _Check("unscrawl", _program),
    _Check("processors", _processors),
    _Check("libraries", _libraries),
    _Check("weights", _weights),
    _Check("reading", _reading),
    _Check("PDF", _pdf),
    _Check("HEIC", _heic, needed=False),
    _Check("other scripts", _other_scripts, needed=False),
)
