"""Every error that Unscrawl raises on purpose.

The tree::

    OcrException                 anything that goes wrong while opening or reading
    ├── NoImageLoaded            recognize() before any load_image()
    ├── InvalidOption            an option has a value that makes no sense (also a ValueError)
    │   └── UnknownLanguage      no language has that name or code
    ├── UnsupportedFormat        the bytes are not a picture or PDF that can be read
    ├── DamagedInput             the right format, but truncated, empty or corrupt
    ├── LimitExceeded            too many bytes, pixels or pages
    ├── PasswordRequired         an encrypted PDF, and no or a wrong password
    ├── InputTimeout             a page took longer to decode than allowed
    ├── ExportFailed             the result cannot be written in the wanted form
    ├── MissingDependency        an optional package is needed and not installed
    ├── LanguageDataMissing      a language's data are needed and not installed
    ├── ModelUnavailable         the weights are missing or not the ones expected
    └── ServiceError             the hosted service did not give a result; also what it answers itself
        ├── Unauthorized         401: no credentials, or wrong ones
        ├── Forbidden            403: the credentials do not allow this
        ├── InvalidRequest       400, 411, 422: not the request that the service understands
        ├── JobNotFound          404: there is no such job
        │   └── JobExpired       410: there was one, whose result is no longer kept
        ├── JobConflict          409: the job is not in a state for this, or an idempotency key is used twice
        ├── BodyTooSlow          408: the upload took too long
        ├── TooManyRequests      429: more at once or a minute than the tier allows
        ├── QuotaExceeded        429: the day's or month's share of the tier is used up
        ├── NotOffered           501: the service does not do this
        ├── ServiceBusy          503: the queue is full, or the service is stopping
        ├── ServiceFailed        5xx: something unforeseen on the other side
        ├── ServiceUnreachable   no connection
        └── ServiceTimeout       no answer in time

Problems of the file system keep Python's own types: a wrong path is the built-in ``FileNotFoundError``, a folder
``IsADirectoryError``, a file without read permission ``PermissionError``.

Each class carries what a program needs to react: ``slug`` (a stable name), ``exit_code`` (of the command line),
``http_status`` (of the service), ``retryable`` (whether the same call can succeed later) and ``remedy`` (what the
user can do now).
"""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar

__all__ = [
    "BodyTooSlow",
    "DamagedInput",
    "ExitCode",
    "ExportFailed",
    "Forbidden",
    "InputTimeout",
    "InvalidOption",
    "InvalidRequest",
    "JobConflict",
    "JobExpired",
    "JobNotFound",
    "LanguageDataMissing",
    "LimitExceeded",
    "MissingDependency",
    "ModelUnavailable",
    "NoImageLoaded",
    "NotOffered",
    "OcrException",
    "PasswordRequired",
    "QuotaExceeded",
    "ServiceBusy",
    "ServiceError",
    "ServiceFailed",
    "ServiceTimeout",
    "ServiceUnreachable",
    "TooManyRequests",
    "Unauthorized",
    "UnknownLanguage",
    "UnsupportedFormat",
]


class ExitCode(IntEnum):
    """Exit codes of the command line: stable, documented in ``docs/errors.md``."""

    OK = 0
    FAILED = 1  # an unforeseen failure, or several files that failed for different reasons
    USAGE = 2  # a wrong option or argument
    FILE = 3  # a file is missing or cannot be read or written
    INPUT = 4  # a file is not a readable picture or PDF
    LIMIT = 5  # a file is over a limit
    PASSWORD = 6  # a PDF needs a password
    SETUP = 7  # something is not installed
    TIMEOUT = 8  # a page took too long
    SERVICE = 9  # the hosted service refused, failed, or could not be reached
    INTERRUPTED = 130  # Ctrl-C


class OcrException(Exception):
    """The root of all Unscrawl errors.

    Args:
        message: What happened and why, one sentence without a trailing remedy.
        remedy: What to do about it; by default that of the class.

    Attributes:
        status: The HTTP status that the service answered with; None for what happened on this machine.
    """

    slug: ClassVar[str] = "ocr-failed"
    exit_code: ClassVar[ExitCode] = ExitCode.FAILED
    http_status: ClassVar[int] = 500
    retryable: ClassVar[bool] = False
    remedy: str = ""
    status: int | None = None

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if remedy is not None:
            self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.message, dict(self.__dict__))


def _rebuild(cls: type[OcrException], message: str, state: dict[str, object]) -> OcrException:
    """Undo pickling: errors cross process borders with all that they carry."""
    error = cls.__new__(cls)
    Exception.__init__(error, message)
    error.__dict__.update(state)
    return error


class NoImageLoaded(OcrException):
    """``recognize()`` was called before any image was loaded."""

    slug = "no-image-loaded"
    exit_code = ExitCode.USAGE
    http_status = 400
    remedy = "Call load_image(path) first, or pass the image: recognize(image)."


class InvalidOption(OcrException, ValueError):
    """An option has a value outside its range or of the wrong form."""

    slug = "invalid-option"
    exit_code = ExitCode.USAGE
    http_status = 422


class UnknownLanguage(InvalidOption):
    """No language has this name or code."""

    slug = "unknown-language"


class UnsupportedFormat(OcrException):
    """The input is not in a format that can be read (told by its content, not by its name)."""

    slug = "unsupported-format"
    exit_code = ExitCode.INPUT
    http_status = 415
    remedy = "Give a JPEG, PNG, BMP, TIFF, GIF, WebP or HEIC picture or a PDF."


class DamagedInput(OcrException):
    """The format is known, but the content cannot be decoded."""

    slug = "damaged-input"
    exit_code = ExitCode.INPUT
    http_status = 422
    remedy = "Open the file in an image viewer to check it, and save or download it again."


class LimitExceeded(OcrException):
    """The input is larger than the options allow.

    Args:
        message: What is too large, and by how much.
        limit: The name of the option that sets the limit, e.g. ``"max_megapixels"``.
        allowed: The limit's value.
        actual: The input's value.
    """

    slug = "limit-exceeded"
    exit_code = ExitCode.LIMIT
    http_status = 413

    def __init__(self, message: str, *, limit: str, allowed: float, actual: float) -> None:
        flag = "--" + limit.replace("_", "-")
        super().__init__(
            message,
            remedy=f"If you trust the file, raise the limit: {flag} on the command line, {limit}= in Python.",
        )
        self.limit = limit
        self.allowed = allowed
        self.actual = actual


class PasswordRequired(OcrException):
    """The PDF is encrypted and the password is missing or wrong."""

    slug = "password-required"
    exit_code = ExitCode.PASSWORD
    http_status = 422
    remedy = "Give its password: --password on the command line, password= in Python."


class InputTimeout(OcrException):
    """A page took longer to decode than ``page_timeout`` allows."""

    slug = "input-timeout"
    exit_code = ExitCode.TIMEOUT
    http_status = 422
    remedy = "If you trust the file, raise the limit: --page-timeout on the command line, page_timeout= in Python."


class ExportFailed(OcrException):
    """What was read cannot be written in the wanted form, or not any more."""

    slug = "export-failed"
    exit_code = ExitCode.FILE
    http_status = 422


class MissingDependency(OcrException):
    """An optional package is needed for this input and is not installed."""

    slug = "missing-dependency"
    exit_code = ExitCode.SETUP
    http_status = 501


class LanguageDataMissing(OcrException):
    """A language was named whose data are not installed; the remedy is the command that installs them."""

    slug = "language-data-missing"
    exit_code = ExitCode.SETUP
    http_status = 501


class ModelUnavailable(OcrException):
    """The weights cannot be found, or are not the ones that this version was built for."""

    slug = "model-unavailable"
    exit_code = ExitCode.SETUP
    http_status = 500
    remedy = (
        "Install what carries the weights again: pip install --force-reinstall unscrawl rapidocr. "
        "'unscrawl doctor' shows what is there."
    )


class ServiceError(OcrException):
    """The hosted service did not give a result.

    Args:
        message: What happened.
        remedy: What to do about it; by default that of the class.
        retry_after: Seconds after which the same call may succeed; None where nothing is known.
    """

    slug = "service-error"
    exit_code = ExitCode.SERVICE
    http_status = 500

    def __init__(self, message: str, *, remedy: str | None = None, retry_after: float | None = None) -> None:
        super().__init__(message, remedy=remedy)
        self.retry_after = retry_after


class Unauthorized(ServiceError):
    """The service wants credentials, and there are none, or they are wrong, expired or revoked."""

    slug = "unauthorized"
    http_status = 401
    remedy = (
        "Give the client_id and client_secret that 'unscrawl clients create' or the service's dashboard shows: "
        "OcrEngine(client_id=..., client_secret=...)."
    )


class Forbidden(ServiceError):
    """The credentials are right, but do not allow this."""

    slug = "forbidden"
    http_status = 403


class InvalidRequest(ServiceError):
    """The request has not the form that the service understands."""

    slug = "invalid-request"
    http_status = 400


class JobNotFound(ServiceError):
    """There is no such job, it is another client's, or it was so long ago that it is forgotten."""

    slug = "job-not-found"
    http_status = 404


class JobExpired(JobNotFound):
    """There was such a job, but its result is no longer kept."""

    slug = "job-expired"
    http_status = 410
    remedy = "Results are kept for a day by default: send the file again."


class JobConflict(ServiceError):
    """The job is not in a state for this, or an idempotency key was used for another request before."""

    slug = "job-conflict"
    http_status = 409


class BodyTooSlow(ServiceError):
    """The upload took longer than the service waits."""

    slug = "body-too-slow"
    http_status = 408
    retryable = True


class TooManyRequests(ServiceError):
    """More requests a minute, or more jobs at once, than the tier allows."""

    slug = "too-many-requests"
    http_status = 429
    retryable = True
    remedy = "Wait as long as Retry-After says, or ask the service's administrator for a higher tier."


class QuotaExceeded(ServiceError):
    """The calls or pages of the tier for this day or month are used up."""

    slug = "quota-exceeded"
    http_status = 429
    remedy = "Wait for the next period, or ask the service's administrator for a higher tier."


class NotOffered(ServiceError):
    """The service does not do this."""

    slug = "not-offered"
    http_status = 501


class ServiceBusy(ServiceError):
    """The queue is full, or the service is stopping."""

    slug = "service-busy"
    http_status = 503
    retryable = True
    remedy = "Try again later."


class ServiceFailed(ServiceError):
    """Something unforeseen happened on the other side."""

    slug = "service-failed"
    retryable = True
    remedy = "Try again; if it stays, tell the service's administrator the id that stands in the answer."


class ServiceUnreachable(ServiceError):
    """There is no connection to the service."""

    slug = "service-unreachable"
    http_status = 503
    retryable = True
    remedy = "Check base_url (or UNSCRAWL_URL), the network, and that 'unscrawl serve' runs there."


class ServiceTimeout(ServiceError):
    """The service gave no answer in time."""

    slug = "service-timeout"
    http_status = 504
    retryable = True
    remedy = "Try again, or allow more time: OcrEngine(timeout=...)."
