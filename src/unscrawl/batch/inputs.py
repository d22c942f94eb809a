"""Which files a batch is about."""

from __future__ import annotations

import errno
import glob
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ENDINGS", "Found", "find_inputs"]

ENDINGS = frozenset(
    {".avif", ".bmp", ".dib", ".gif", ".heic", ".heif", ".jp2", ".j2k", ".jpeg", ".jpg", ".pbm", ".pdf", ".pgm", ".png"}
    | {".pnm", ".ppm", ".tif", ".tiff", ".webp"}
)
"""What files in a folder are read. A file that is named itself is read whatever its name is."""

_GLOB_SIGNS = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class Found:
    """A file to read.

    Attributes:
        path: Where it is.
        name: What its results are called, without an ending; of a file inside a given folder, with the folders in
            between.
        size: In bytes.
        changed: When it was last changed, in nanoseconds.
    """

    path: Path
    name: str
    size: int
    changed: int


def find_inputs(given: Sequence[str], output: Path, missing: Callable[[str, OSError], None]) -> Iterator[Found]:
    """Find the files that are meant, in a stable order, one at a time.

    Args:
        given: Files, folders (with all below them) and glob patterns.
        output: The folder of the results, which is left out.
        missing: Told what cannot be found or looked into.
    """
    for each in given:
        path = Path(each)
        if path.is_dir():
            yield from _folder(path, output, missing)
        elif path.exists() or not _GLOB_SIGNS & set(each):
            yield from _file(path, path.stem, missing)
        else:
            paths = sorted(glob.glob(each, recursive=True))  # noqa: PTH207 - Path.glob() takes no absolute pattern
            if not paths:
                missing(each, FileNotFoundError(errno.ENOENT, "No file matches", each))
            for match in paths:
                if not Path(match).is_dir():
                    yield from _file(Path(match), Path(match).stem, missing)


def _folder(folder: Path, output: Path, missing: Callable[[str, OSError], None]) -> Iterator[Found]:
    barred = output.resolve()
    for root, folders, files in os.walk(folder, onerror=lambda error: missing(str(error.filename), error)):
        here = Path(root)
        folders[:] = sorted(name for name in folders if not name.startswith(".") and (here / name).resolve() != barred)
        for name in sorted(files):
            path = here / name
            if not name.startswith(".") and path.suffix.lower() in ENDINGS:
                yield from _file(path, path.relative_to(folder).with_suffix("").as_posix(), missing)


def _file(path: Path, name: str, missing: Callable[[str, OSError], None]) -> Iterator[Found]:
    try:
        str(path).encode()
        status = path.stat()
    except UnicodeEncodeError:  # which no journal and no report could hold
        missing(ascii(str(path)), OSError(errno.EILSEQ, "Its name is not UTF-8: rename it"))
    except OSError as error:
        missing(str(path), error)
    else:
        yield Found(path.absolute(), name, status.st_size, status.st_mtime_ns)
