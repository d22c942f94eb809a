"""Routes of the same shape as those of the vendor's REST API v5.0, so that its public SDK works against this service.

Every task is sent with POST, which answers with an id; GET with the id gives its state and its results; DELETE cancels
it.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Depends, HTTPException, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from unscrawl.exceptions import InvalidOption, InvalidRequest, JobExpired, JobNotFound, NotOffered
from unscrawl.languages import resolve_languages
from unscrawl.options import ReadOptions, RecognitionMode, Region
from unscrawl.service.credentials import Caller
from unscrawl.service.gate import problem_response
from unscrawl.service.jobs import Job, JobState
from unscrawl.service.orders import PICTURE
from unscrawl.service.routes.recognize import ABOUT_FILES, PROBLEMS, SCHEME, submit_bytes
from unscrawl.service.state import State
from unscrawl.service.vendor_tasks import VENDOR_TASKS

__all__ = ["router"]

STATUS = "Utilities/GetTaskStatus"

HANDWRITTEN = "HWT_ENG"
"""The pseudo-language by which the vendor asks for handwriting."""

OTHER_NAMES = {"Netherlands": "Dutch", HANDWRITTEN: "English", "Kazah": "Kazakh", "Ukrainan": "Ukrainian"}
"""Names of languages that only the vendor uses."""

LONGEST_ID = 100

MOST_REGIONS = 100


Coordinate = Annotated[int, Field(ge=-(2**31), lt=2**31)]

TABLE_FORMATS = {"Text": ("text",), "Csv": ("csv",), "Excel": ("xlsx",), "CsvAndExcel": ("csv", "xlsx")}

TYPES = {
    "text": "Text",
    "pdf": "Pdf",
    "hocr": "Hocr",
    "json": "JSON",
    "csv": "Csv",
    "xlsx": "Excel",
    "boxes": "Other",
} | {PICTURE: "ImagePNG"}
"""The form of a result -> what the vendor calls it."""

ResultType = Literal[
    "Text", "Pdf", "TextAndPdf", "Hocr", "TextAndHocr", "PdfAndHocr", "TextAndPdfAndHocr", "ImagePNG", "JSON"
]

TableType = Literal["Text", "Excel", "Csv", "CsvAndExcel"]

TaskStatus = Literal["Pending", "Processing", "Completed", "Error", "NotExist"]
StatusCode = Literal["Ok", "NotReady", "Error", "TaskNotFound", "ResultDataLost"]

_STATES: dict[JobState, tuple[TaskStatus, StatusCode]] = {
    JobState.QUEUED: ("Pending", "NotReady"),
    JobState.RUNNING: ("Processing", "NotReady"),
    JobState.DONE: ("Completed", "Ok"),
    JobState.FAILED: ("Error", "Error"),
    JobState.CANCELLED: ("NotExist", "TaskNotFound"),
    JobState.EXPIRED: ("NotExist", "ResultDataLost"),
}


class Rect(BaseModel):
    """A rectangle in pixels of the picture."""

    topLeftX: Coordinate  # noqa: N815  # the vendor's spelling
    topLeftY: Coordinate  # noqa: N815
    bottomRightX: Coordinate  # noqa: N815
    bottomRightY: Coordinate  # noqa: N815


class RegionForm(BaseModel):
    """A part of the picture to be read."""

    rect: Rect
    order: int | None = Field(None, description="Its place among the results; those without come last.")


class Settings(BaseModel):
    """How to read.

    The switches for cleaning (``make...``), search (``dsr...``) and turning (``rotate``) are accepted and have no
    effect: the reader does of these what a page needs.
    """

    model_config = ConfigDict(extra="ignore")

    language: str | None = Field(None, max_length=LONGEST_ID)
    resultType: ResultType | None = None  # noqa: N815  # the vendor's spelling
    resultTypeTable: TableType | None = Field(None, description="Of RecognizeTable.")  # noqa: N815
    regions: list[RegionForm] | None = Field(None, max_length=MOST_REGIONS, description="Of RecognizeRegions.")


class Task(BaseModel):
    """A file to be read."""

    model_config = ConfigDict(extra="ignore")

    image: str = Field(description="The file, as Base64.")
    settings: Settings | None = None


class ResultFile(BaseModel):
    """One form of the result."""

    type: str
    data: str = Field(description="Base64.")


class TaskError(BaseModel):
    """Why there is no result."""

    messages: list[str]
    warnings: list[str] = []


class TaskState(BaseModel):
    """What has become of a task."""

    id: str
    taskStatus: TaskStatus  # noqa: N815
    responseStatusCode: StatusCode  # noqa: N815
    results: list[ResultFile] | None = None
    error: TaskError | None = None


router = APIRouter(prefix="/v5.0/ocr", tags=["Vendor-compatible"], dependencies=[Depends(SCHEME)])


def _post(name: str) -> Callable[..., Awaitable[str]]:
    async def send_task(request: Request, task: Task = Body()) -> str:  # noqa: B008  # how FastAPI is told
        """Send a file; gives the task's id."""
        state: State = request.app.state.service
        settings = task.settings or Settings.model_validate({})
        kind = VENDOR_TASKS[name]
        regions = _regions(settings) if kind == "regions" else ()
        formats = _formats(name, settings, len(regions))
        options = replace(_options(settings), regions=regions)
        try:
            data = base64.b64decode(task.image, validate=True)
        except (binascii.Error, ValueError):
            raise InvalidRequest("image is not Base64.") from None
        job = await submit_bytes(state, request.state.caller, "image", data, options, formats, task=kind)
        return job.id

    return send_task


def _get(*, with_results: bool) -> Callable[..., Awaitable[Any]]:
    async def get_task(request: Request, id: str = Query(max_length=LONGEST_ID)) -> TaskState:  # noqa: A002
        """See what has become of a task."""
        state: State = request.app.state.service
        caller: Caller = request.state.caller
        try:
            job = await run_in_threadpool(state.jobs.get, id.replace("\0", ""), caller)
        except JobExpired:
            return TaskState(id=id, taskStatus="NotExist", responseStatusCode="ResultDataLost")
        except JobNotFound:
            return TaskState(id=id, taskStatus="NotExist", responseStatusCode="TaskNotFound")
        status, code = _STATES[job.state]
        results = await run_in_threadpool(_results, state, job) if with_results else None
        error = TaskError(messages=[str(job.error["detail"])]) if job.error else None
        return TaskState(id=job.id, taskStatus=status, responseStatusCode=code, results=results, error=error)

    return get_task


async def _cancel(request: Request, id: str = Query(max_length=LONGEST_ID)) -> Response:  # noqa: A002
    """Stop a task, and delete its file and its results; one that does not exist is no error."""
    state: State = request.app.state.service
    try:
        await run_in_threadpool(state.jobs.cancel, id.replace("\0", ""), request.state.caller)
    except JobNotFound:
        pass
    else:
        state.runner.cancel(id)
    return Response(status_code=200)


for _task in VENDOR_TASKS:
    router.add_api_route(
        f"/{_task}", _post(_task), methods=["POST"], responses={**PROBLEMS, **ABOUT_FILES}, name=f"Send {_task}"
    )
    router.add_api_route(
        f"/{_task}", _get(with_results=True), methods=["GET"], responses=PROBLEMS, name=f"Get {_task}",
        response_model=TaskState,
    )  # fmt: skip
    router.add_api_route(
        f"/{_task}", _cancel, methods=["DELETE"], responses=PROBLEMS, name=f"Cancel {_task}", response_class=Response
    )  # fmt: skip
router.add_api_route(
    f"/{STATUS}", _get(with_results=False), methods=["GET"], responses=PROBLEMS, name="Get task status",
    response_model=TaskState,
)  # fmt: skip


@router.api_route("/{task:path}", methods=["GET", "POST", "DELETE"], include_in_schema=False)
async def not_offered(request: Request, task: str) -> Response:
    """Say clearly what there is."""
    if task in (*VENDOR_TASKS, STATUS):
        raise HTTPException(405)
    error = NotOffered(
        f"{task!r} is not offered by this service.",
        remedy=f"Offered are {', '.join(VENDOR_TASKS)}, Utilities/GetTaskStatus.",
    )
    return problem_response(error, request.state.request_id)


def _formats(task: str, settings: Settings, regions: int) -> tuple[str, ...]:
    """What is to come of a task: ``"TextAndPdf"`` -> ``("text", "pdf")``, of each region."""
    kind = VENDOR_TASKS[task]
    if kind not in ("read", "regions"):
        return ("boxes" if kind == "boxes" else PICTURE,)
    if task == "RecognizeTable":
        return TABLE_FORMATS[settings.resultTypeTable or "Text"]
    result_type = settings.resultType or "Text"
    if result_type == "ImagePNG":
        raise InvalidOption("The result type ImagePNG is not offered.", remedy="Choose Text, Pdf, Hocr or JSON.")
    forms = tuple(part.lower() for part in result_type.split("And"))
    return tuple(f"{form}-{number}" for number in range(1, regions + 1) for form in forms) if regions else forms


def _regions(settings: Settings) -> tuple[Region, ...]:
    """The regions in the order of their results.

    Raises:
        InvalidOption: If one is no rectangle, or there is none.
    """
    if not settings.regions:
        raise InvalidOption("RecognizeRegions needs regions.", remedy="Give them in settings.regions.")
    last = max((each.order for each in settings.regions if each.order is not None), default=0) + 1
    ordered = sorted(settings.regions, key=lambda each: last if each.order is None else each.order)
    rects = [each.rect for each in ordered]
    boxes = [(rect.topLeftX, rect.topLeftY, rect.bottomRightX, rect.bottomRightY) for rect in rects]
    return ReadOptions(regions=boxes).regions  # type: ignore[arg-type]  # it takes what can be made regions


def _options(settings: Settings) -> ReadOptions:
    name = settings.language
    if name is None:
        return ReadOptions()
    languages = resolve_languages(OTHER_NAMES.get(name, name).replace("_", " "))
    mode = RecognitionMode.HANDWRITTEN if name == HANDWRITTEN else RecognitionMode.AUTO
    return ReadOptions(language=languages, mode=mode)


def _results(state: State, job: Job) -> list[ResultFile] | None:
    if job.state is not JobState.DONE:
        return None
    files = []
    for form in job.formats:
        data = state.jobs.result(job, form).data
        kind = form.partition("-")[0]
        content = _blocks(data) if kind == "json" else data
        files.append(ResultFile(type=TYPES[kind], data=base64.b64encode(content).decode()))
    return files


def _blocks(data: bytes) -> bytes:
    """Our JSON as the vendor's: a block for each line, with two corners and its text."""
    blocks = []
    for page in json.loads(data)["pages"]:
        for line in page["lines"]:
            xs, ys = zip(*line["quad"], strict=True)
            blocks.append(
                {
                    "topLeftX": round(min(xs)),
                    "topLeftY": round(min(ys)),
                    "bottomRightX": round(max(xs)),
                    "bottomRightY": round(max(ys)),
                    "text": line["text"],
                }
            )
    return json.dumps(blocks, ensure_ascii=False).encode()
