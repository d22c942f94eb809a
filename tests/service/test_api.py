"""The API over real sockets, with real workers, on both databases."""

from __future__ import annotations

import io
import itertools
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pikepdf
import pytest

from tests.pdf_files import BLACK_SQUARE, encrypted, pdf_of_pages
from tests.pictures import NOTE, NOTE_TEXT
from tests.service.conftest import png
from tests.service.running import Api, Service
from unscrawl.export import FORMS
from unscrawl.result import SCHEMA_VERSION

pytestmark = pytest.mark.timeout(600)  # real processes start and read, on a machine that may be busy

_names = (f"client {number}" for number in itertools.count())


@pytest.fixture
def api(served: Service) -> Iterator[Api]:
    with served.api(next(_names)) as made:
        yield made


def problem(answer: httpx2.Response, status: int, code: str) -> dict[str, object]:
    """Check that an answer is a problem document; gives it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    content: dict[str, object] = answer.json()
    assert (content["status"], content["code"], content["type"]) == (status, code, f"/problems/{code}")
    assert content["detail"] and content["instance"]
    return content


def test_a_note_is_read_at_once(api: Api) -> None:
    answer = api.recognize(NOTE.read_bytes(), "note.jpg", format="text", mode="handwritten")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text == NOTE_TEXT + "\n"
    assert api.http.get(answer.headers["content-location"]).json()["status"] == "done"


def test_json_is_the_default_and_has_words(api: Api) -> None:
    document = api.recognize(png("Buy milk"), "list.png").json()
    assert (document["schema"], document["source"], document["text"]) == (SCHEMA_VERSION, "list.png", "Buy milk")
    assert [word["text"] for word in document["pages"][0]["lines"][0]["words"]] == ["Buy", "milk"]


def test_several_forms_of_one_reading(api: Api) -> None:
    answer = api.recognize(png("Buy milk"), format="text, json")
    assert answer.text == "Buy milk\n"
    at = answer.headers["content-location"] + "/result"
    assert api.http.get(at).text == "Buy milk\n"
    assert api.http.get(at, params={"format": "json"}).json()["text"] == "Buy milk"
    problem(api.http.get(at, params={"format": "tsv"}), 400, "invalid-request")


def test_every_form_of_result_can_be_had(api: Api) -> None:
    answer = api.recognize(png("Buy milk"), format=",".join(FORMS))
    at = answer.headers["content-location"] + "/result"
    for form in FORMS.values():
        made = api.http.get(at, params={"format": form.name}).raise_for_status()
        assert made.headers["content-type"] == form.media_type
        assert made.content
    pdf = pikepdf.open(io.BytesIO(api.http.get(at, params={"format": "pdf"}).content))
    assert len(pdf.pages) == 1
    pdf.close()


def test_a_job_on_request(api: Api) -> None:
    answer = api.recognize(png("Call Alice"), format="text", headers={"Prefer": "respond-async"})
    assert answer.status_code == 202
    job = answer.json()
    assert answer.headers["location"] == f"/v1/jobs/{job['id']}"
    assert answer.headers["retry-after"] == "1"
    done = api.wait(job["id"])
    assert (done["status"], done["pages"], done["error"]) == ("done", 1, None)
    assert api.http.get(done["result"]).text == "Call Alice\n"


def test_options_reach_the_reader(api: Api) -> None:
    page = encrypted(pdf_of_pages(BLACK_SQUARE), "sesame")
    problem(api.recognize(page, "a.pdf"), 422, "password-required")
    assert api.recognize(page, "a.pdf", password="sesame").status_code == 200
    problem(api.recognize(page, "a.pdf", password="sesame", pages="7"), 422, "invalid-option")
    problem(api.recognize(png("a"), language="Klingonese"), 422, "unknown-language")
    problem(api.recognize(png("a"), mode="cursive"), 422, "invalid-option")
    problem(api.recognize(png("a"), format="docx-of-dreams"), 400, "invalid-request")
    fields = problem(api.recognize(png("a"), pdf_dpi="many"), 422, "invalid-request")["errors"]
    assert fields == [{"field": "body.pdf_dpi", "message": "Input should be a valid integer, unable to parse string as an integer"}]  # fmt: skip  # noqa: E501


def test_regions_of_interest(api: Api) -> None:
    page = png("alpha", "bravo", "charlie")
    assert api.text(page, regions="20,137,400,188+20,35,400,86", mode="printed") == "charlie\nalpha"
    problem(api.recognize(page, regions="1,2,3"), 422, "invalid-option")


def test_patterns_may_have_white_space(api: Api, served: Service) -> None:
    job = api.recognize(
        png("INV-2041 of May"), patterns=[r"INV-\d{4} of [A-Z]\w+", "x+"], headers={"Prefer": "respond-async"}
    ).json()["id"]
    assert api.wait(job)["status"] == "done"
    refused = api.recognize(png("a"), patterns=["a b", "("])
    assert "'('" in str(problem(refused, 422, "invalid-option")["detail"])


def test_results_that_are_no_longer_kept_are_410(served: Service, api: Api) -> None:
    job = api.recognize(png("old")).headers["content-location"]
    served.state.jobs.expire_finished_before(time.time())
    for answer in (api.http.get(job), api.http.get(job + "/result"), api.http.delete(job)):
        problem(answer, 410, "job-expired")


def test_files_that_cannot_be_read_say_why(api: Api) -> None:
    problem(api.recognize(b"Dear diary, nothing happened today.", "note.png"), 415, "unsupported-format")
    content = problem(api.recognize(png("a")[:50], "cut.png"), 422, "damaged-input")
    assert "cut.png" in str(content["detail"])


def test_t9_strangers_are_told_401_before_they_upload(served: Service, api: Api) -> None:
    file = {"file": ("note.png", png("a"))}
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic wrong"}):
        answer = httpx2.post(served.url + "/v1/recognize", files=file, headers=headers, trust_env=False)
        assert "401 Unauthorized" in str(problem(answer, 401, "unauthorized")["detail"])
        assert answer.headers["www-authenticate"].startswith("Bearer")
    for path in ("/v1/usage", "/v1/jobs/7", "/v1/nothing"):
        problem(httpx2.get(served.url + path, trust_env=False), 401, "unauthorized")


def test_token_endpoint_speaks_rfc_6749(served: Service, api: Api) -> None:
    url, pair = served.url + "/connect/token", (api.made.client_id, api.made.secret)
    with httpx2.Client(trust_env=False) as http:
        for answer in (
            http.post(url, data=api.grant()),
            http.post(url, data={"grant_type": "client_credentials"}, auth=pair),
        ):
            assert answer.status_code == 200
            assert answer.headers["cache-control"] == "no-store"
            token = answer.json()
            assert (token["token_type"], token["expires_in"]) == ("Bearer", 3600)
        wrong = http.post(url, data={"grant_type": "client_credentials"}, auth=(pair[0], "wrong"))
        assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
        assert wrong.headers["www-authenticate"].startswith("Basic")
        unknown = http.post(url, data={"grant_type": "client_credentials"}, auth=("nobody", "wrong"))
        assert wrong.json() == unknown.json()
        for data, error in (
            ({}, "invalid_request"),
            ({"grant_type": "password"}, "unsupported_grant_type"),
        ):
            refused = http.post(url, data=data)
            assert (refused.status_code, refused.json()["error"]) == (400, error)


def test_tokens_can_be_revoked(served: Service, api: Api) -> None:
    assert api.http.get("/v1/usage").is_success
    token = api.http.headers["authorization"].removeprefix("Bearer ")
    form = {**api.grant(), "token": token}
    with httpx2.Client(trust_env=False) as http:
        assert http.post(served.url + "/connect/revoke", data=form).status_code == 200
    problem(api.http.get("/v1/usage"), 401, "unauthorized")


def test_revoking_a_client_ends_its_tokens_at_once(served: Service, api: Api) -> None:
    served.state.credentials.revoke(api.made.client_id)
    problem(api.http.get("/v1/usage"), 401, "unauthorized")


def test_jobs_of_others_and_none_are_404(served: Service, api: Api) -> None:
    job = api.recognize(png("a"), headers={"Prefer": "respond-async"}).json()["id"]
    with served.api(next(_names)) as other:
        for path in (f"/v1/jobs/{job}", f"/v1/jobs/{job}/result", "/v1/jobs/00000000-0000-0000-0000-000000000000"):
            problem(other.http.get(path), 404, "job-not-found")
        problem(other.http.delete(f"/v1/jobs/{job}"), 404, "job-not-found")
    assert api.wait(job)["status"] == "done"


def test_cancelling_deletes_the_result(api: Api) -> None:
    at = api.recognize(png("a")).headers["content-location"]
    assert api.http.delete(at).status_code == 204
    assert api.http.get(at).json()["status"] == "cancelled"
    problem(api.http.get(at + "/result"), 409, "job-conflict")


def test_an_idempotency_key_makes_one_job_of_two_requests(api: Api) -> None:
    headers = {"Idempotency-Key": "monday"}
    first = api.recognize(png("once"), headers=headers)
    second = api.recognize(png("once"), headers=headers)
    assert first.headers["content-location"] == second.headers["content-location"]
    assert first.json() == second.json()
    problem(api.recognize(png("twice"), headers=headers), 409, "job-conflict")
    assert api.http.get("/v1/usage").json()["month"]["calls"] == 1


def test_t41_tiers_limit_requests_and_files(served: Service) -> None:
    with served.api(next(_names), "tight") as api:
        answers = [api.http.get("/v1/usage") for _ in range(7)]
        assert answers[0].headers["ratelimit-policy"] == '"requests";q=5;w=60'
        assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
        content = problem(answers[-1], 429, "too-many-requests")
        assert content["retryable"] is True
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 12


def test_usage_counts_calls_and_pages(api: Api) -> None:
    for _ in range(2):
        api.recognize(png("a"))
    usage = api.http.get("/v1/usage").json()
    assert (usage["month"]["calls"], usage["month"]["pages"], usage["day"]["pages"]) == (2, 2, 2)
    assert usage["tier"] == "standard"


def test_nobody_gets_anothers_text(api: Api) -> None:
    words = [f"number {number:03}" for number in range(6)]
    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(lambda word: api.text(png(word)), words)) == words


def test_unknown_paths_and_methods_are_problems(served: Service, api: Api) -> None:
    for answer, status in ((api.http.get("/v1/nothing"), 404), (api.http.put("/v1/usage"), 405)):
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == status


def test_health_metrics_and_the_meaning_of_problems(served: Service, api: Api) -> None:
    api.recognize(png("a"))
    with httpx2.Client(base_url=served.url, trust_env=False) as http:
        assert http.get("/health/live").json() == http.get("/health/ready").json() == {"status": "ok"}
        metrics = http.get("/metrics").text
        assert 'unscrawl_requests_total{method="POST",route="/v1/recognize",status="200"}' in metrics
        assert 'unscrawl_jobs_total{outcome="done"}' in metrics
        assert "Too many requests" in http.get("/problems/too-many-requests").text
        assert http.get("/problems/none").status_code == 404


def test_no_answer_can_be_framed_or_sniffed(api: Api) -> None:
    for answer in (api.http.get("/v1/usage"), api.http.get("/v1/nothing"), api.recognize(b"")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-request-id"]


def test_openapi_describes_every_option(api: Api) -> None:
    schema = api.http.get("/openapi.json").json()
    form = schema["paths"]["/v1/recognize"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    fields = schema["components"]["schemas"][form["$ref"].rpartition("/")[2]]["properties"]
    assert {"file", "format", "callback_url", "mode", "language", "pages", "password", "pdf_dpi"} <= fields.keys()
    assert all(field.get("description") for field in fields.values()), json.dumps(fields, indent=1)
