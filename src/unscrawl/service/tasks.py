"""What a worker can do with a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from unscrawl.export import FORMS, Original, Result
from unscrawl.imaging import PageFailure, Source
from unscrawl.imaging.page_image import PageImage
from unscrawl.options import ReadOptions
from unscrawl.pipeline import Models, find_boxes, read_page, read_pages
from unscrawl.result import Page
from unscrawl.service.cleaning import CLEANERS, clean
from unscrawl.service.orders import PICTURE, TaskResult

__all__ = ["perform"]

Thing = TypeVar("Thing")


def perform(
    task: str,
    source: Source,
    models: Models,
    options: ReadOptions,
    formats: Sequence[str],
    told: Callable[[int], None],
) -> list[TaskResult]:
    """Do a task with an opened file.

    Args:
        task: ``"read"``; ``"regions"``: read, with results of their own for each region; ``"boxes"``: find lines
            without reading them; or one of ``CLEANERS``.
        source: The file.
        models: The networks.
        options: How to read.
        formats: The results wanted; ``"text-2"`` is that of the second region.
        told: Called with the number of pages that are done.

    Raises:
        OcrException: If it cannot be done.
    """
    if task == "read":
        pages = list(_counted(read_pages(source, models, options), told))
        return [_written(pages, source, options, form, form) for form in formats]
    if task == "regions":
        return _read_regions(source, models, options, formats, told)
    pictures = _counted(_pictures(source), told)
    if task == "boxes":
        boxes = [[round(edge) for edge in box] for page in pictures for box in find_boxes(page, models, options)]
        return [TaskResult(formats[0], "application/json", json.dumps(boxes).encode())]
    assert task in CLEANERS, task
    made = [clean(task, page, models, options) for page in pictures]
    names = [PICTURE, *(f"{PICTURE}-{number}" for number in range(2, len(made) + 1))]
    return [TaskResult(name, "image/png", data) for name, data in zip(names, made, strict=True)]


def _read_regions(
    source: Source, models: Models, options: ReadOptions, formats: Sequence[str], told: Callable[[int], None]
) -> list[TaskResult]:
    pages: list[list[Page]] = [[] for _ in options.regions]
    for picture in _counted(_pictures(source), told):
        for region, read in zip(options.regions, pages, strict=True):
            read.append(read_page(picture, models, replace(options, regions=(region,))))
    made = []
    for name in formats:
        form, _, number = name.partition("-")
        made.append(_written(pages[int(number) - 1], source, options, form, name))
    return made


def _pictures(source: Source) -> Iterator[PageImage]:
    """The pages; none may be damaged."""
    for page in source.read_pages():
        if isinstance(page, PageFailure):
            raise page.error
        yield page


def _counted(things: Iterator[Thing], told: Callable[[int], None]) -> Iterator[Thing]:
    for number, thing in enumerate(things, 1):
        yield thing
        told(number)


def _written(pages: Sequence[Page], source: Source, options: ReadOptions, form: str, name: str) -> TaskResult:
    result = Result(tuple(pages), source.name, Original.of(source, options))
    return TaskResult(name, FORMS[form].media_type, result.write(form))
