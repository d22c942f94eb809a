"""A process that reads files for the service, one after another.

It is ``python -m unscrawl.service.worker MEGABYTES``, driven over its standard streams with the messages of
``imaging.pdf_protocol``. It knows no client and no database; it can crash, hang or use up its memory without harm to
anybody, and is replaced then. It ends with its standard input.
"""

from __future__ import annotations

import io
import json
import os
import sys
from typing import TYPE_CHECKING, Any, BinaryIO

from unscrawl.exceptions import DamagedInput, OcrException, ServiceFailed
from unscrawl.imaging.pdf_protocol import MessageError, receive, send
from unscrawl.service import sandbox

if TYPE_CHECKING:
    from unscrawl.pipeline import Models
    from unscrawl.service.orders import TaskResult

__all__ = ["MOST_BYTES", "main"]

MOST_BYTES = 1_000_000_000
"""Of a file, or of all results together: no tier has more."""


class _NamedBytes(io.BytesIO):
    """Bytes that know the name under which they were sent, for messages."""

    def __init__(self, data: bytes, name: str) -> None:
        super().__init__(data)
        self.name = name


def main() -> None:
    """Answer requests until nobody asks any more."""
    megabytes = int(sys.argv[1])
    # Whatever a library prints must not get between the messages.
    answers: BinaryIO = os.fdopen(os.dup(1), "wb", buffering=0)
    questions: BinaryIO = os.fdopen(os.dup(0), "rb", buffering=0)
    os.dup2(2, 1)

    from unscrawl.pipeline import Models

    models = Models(1)
    _load_networks(models)
    offline = sandbox.enter(megabytes)
    send(answers, {"ready": True, "offline": offline})
    while True:
        try:
            order = json.loads(receive(questions, MOST_BYTES)[1])
            _, data = receive(questions, MOST_BYTES)
        except MessageError:
            return
        made: list[TaskResult] = []
        try:
            pages, made = _perform(models, order, bytes(data), answers)
            head: dict[str, Any] = {"done": True, "pages": pages}
        except OcrException as error:
            head = _refusal(error)
        except MemoryError:
            head = _refusal(_no_memory(order))
        except Exception as error:
            # ONNX Runtime tells want of memory in words only.
            lacking = "alloc" in str(error).lower()
            head = _refusal(_no_memory(order) if lacking else _unforeseen(error))
        del data
        if "problem" in head:
            send(answers, head)
            continue
        forms = [{"format": each.format, "media_type": each.media_type, "size": len(each.data)} for each in made]
        send(answers, head, json.dumps(forms).encode())
        send(answers, {}, b"".join(each.data for each in made))


def _load_networks(models: Models) -> None:
    """Have what reading needs in memory before the first caller waits for it.

    The identifier of languages could not even be loaded later: it unpacks itself into a file.
    """
    import numpy as np

    from unscrawl.imaging import open_source
    from unscrawl.languages import Script
    from unscrawl.options import ReadOptions
    from unscrawl.pipeline import read_pages
    from unscrawl.recognition.identify import identify

    blank = np.full((48, 96, 3), 255, np.uint8)
    for options in (ReadOptions(), ReadOptions(single_line=True)):
        list(read_pages(open_source(blank, options), models, options))
    identify("any words", Script.LATIN, ())


def _perform(models: Models, order: dict[str, Any], data: bytes, answers: BinaryIO) -> tuple[int, list[TaskResult]]:
    from unscrawl.imaging import open_source
    from unscrawl.service.orders import options_from_order
    from unscrawl.service.tasks import perform

    options = options_from_order(order)
    source = open_source(_NamedBytes(data, order["name"]), options)

    def told(pages: int) -> None:
        if len(source.wanted) > 1:
            send(answers, {"pages": pages})

    return len(source.wanted), perform(order["task"], source, models, options, order["formats"], told)


def _refusal(error: OcrException) -> dict[str, Any]:
    from unscrawl.service.problems import problem_from

    problem = problem_from(error)
    problem["detail"] = problem["detail"][:2000]  # a head of a message is small
    return {"problem": problem}


def _no_memory(order: dict[str, Any]) -> DamagedInput:
    return DamagedInput(f"{order['name']} needs more memory to read than a file may have.")


def _unforeseen(error: Exception) -> ServiceFailed:
    # The words of an exception may quote the document; its kind does not.
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename.rpartition('unscrawl')[2]}:{trace.tb_lineno}" if trace else "?"
    return ServiceFailed(f"Reading ended with {type(error).__name__} at {place}.")


if __name__ == "__main__":
    main()
