"""The web page in a real browser: Chromium, driven by playwright."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from tests.pictures import NOTE, NOTE_TEXT
from tests.service import running
from tests.service.running import Api, Service
from unscrawl.service.credentials import NewSecret

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
READING_MS = 120_000

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.timeout(600),  # real processes start and read, on a machine that may be busy
]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running.service(home=tmp_path_factory.mktemp("home"), sync_seconds=1.0) as made:
        yield made


@pytest.fixture(scope="module")
def admin(service: Service) -> NewSecret:
    return service.state.credentials.create("The boss", "standard", admin=True)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, service: Service) -> Iterator[Page]:
    """A new visitor; whatever the page complains of, or asks of another server, fails the test."""
    context = browser.new_context(base_url=service.url, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(30_000)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request", lambda sent: complaints.append(sent.url) if not sent.url.startswith((service.url, "blob:")) else None
    )
    yield page
    context.close()
    assert [each for each in complaints if "status of 4" not in each] == []


def sign_in(page: Page, made: NewSecret) -> None:
    page.goto("/")
    page.get_by_label("Client id").fill(made.client_id)
    page.get_by_label("Secret").fill(made.secret)
    page.get_by_role("button", name="Sign in").click()


def test_t2_an_administrator_makes_a_client_whose_secret_is_shown_once(
    page: Page, service: Service, admin: NewSecret
) -> None:
    sign_in(page, admin)
    expect(page).to_have_url(service.url + "/dashboard")
    page.get_by_label("New client").fill("<b>phone</b>")
    page.locator("form.row").get_by_label("Tier").select_option("standard")
    page.get_by_role("button", name="Create").click()
    made = NewSecret(page.locator("#made-id").inner_text(), page.locator("#made-secret").inner_text(), "")
    with Api(service.url, made) as api:
        assert api.http.get("/v1/usage").json()["tier"] == "standard"
        page.goto("/dashboard")
        assert made.secret not in page.content()
        row = page.get_by_role("row").filter(has_text="<b>phone</b>")  # as text, not as HTML
        row.get_by_label("Tier of").select_option("free")
        row.get_by_role("button", name="Set").click()
        page.wait_for_load_state()
        assert api.http.get("/v1/usage").json()["tier"] == "free"

        row.get_by_role("button", name="New secret").click()
        again = NewSecret(made.client_id, page.locator("#made-secret").inner_text(), "")
        assert again.secret != made.secret
        with Api(service.url, again):
            pass
        expect(row).to_contain_text("2 secrets")
        row.locator("summary").click()
        row.get_by_role("button", name="Revoke for good").click()
        expect(row).to_contain_text("revoked")
        assert api.http.get("/v1/usage").status_code == 401


def test_the_dashboard_fits_a_telephone(page: Page, service: Service, admin: NewSecret) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    sign_in(page, admin)
    expect(page.get_by_role("button", name="New secret: The boss")).to_be_visible()
    assert page.evaluate(
        "[document.documentElement, document.querySelector('.wide')].every(e => e.scrollWidth <= e.clientWidth)"
    )


def test_a_name_twice_is_told(page: Page, service: Service, admin: NewSecret) -> None:
    sign_in(page, admin)
    for _ in range(2):
        page.get_by_label("New client").fill("twice")
        page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("alert")).to_contain_text("already")


def test_wrong_credentials_do_not_sign_in(page: Page, service: Service, admin: NewSecret) -> None:
    sign_in(page, NewSecret(admin.client_id, "wrong", ""))
    expect(page.get_by_role("alert")).to_contain_text("wrong")
    page.goto("/dashboard")
    expect(page).to_have_url(service.url + "/sign-in")


def test_a_client_reads_a_note_and_sees_no_dashboard(page: Page, service: Service) -> None:
    sign_in(page, service.state.credentials.create("reader", "standard"))
    expect(page).to_have_url(service.url + "/")
    page.get_by_label("Picture or PDF").set_input_files(NOTE)
    expect(page.locator("#text")).to_have_text(NOTE_TEXT, timeout=READING_MS)
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save as text").click()
    assert Path(saved.value.path()).read_text() == NOTE_TEXT + "\n"
    assert page.goto("/dashboard").status == 403  # type: ignore[union-attr]
    page.goto("/")
    page.get_by_role("button", name="Sign out").click()
    page.goto("/")
    expect(page).to_have_url(service.url + "/sign-in")


def test_a_picture_chosen_before_the_script_has_come_is_read(page: Page, service: Service) -> None:
    sign_in(page, service.state.credentials.create("early", "standard"))
    expect(page).to_have_url(service.url + "/")
    held: list[Route] = []
    page.route("**/try.js", lambda route: held.append(route))
    page.reload(wait_until="commit")
    page.get_by_label("Picture or PDF").set_input_files(NOTE)
    assert len(held) == 1
    held[0].continue_()
    expect(page.locator("#text")).to_have_text(NOTE_TEXT, timeout=READING_MS)


def test_a_dropped_picture_is_read_and_a_bad_one_says_why(page: Page, service: Service) -> None:
    sign_in(page, service.state.credentials.create("dropper", "standard"))
    expect(page).to_have_url(service.url + "/")
    page.wait_for_load_state()  # the script is there
    drop = """(data) => {
        const files = new DataTransfer();
        files.items.add(new File([new Uint8Array(data)], "note.jpg", {type: "image/jpeg"}));
        document.getElementById("drop").dispatchEvent(new DragEvent("drop", {dataTransfer: files, bubbles: true}));
    }"""
    page.evaluate(drop, list(NOTE.read_bytes()))
    expect(page.locator("#text")).to_have_text(NOTE_TEXT, timeout=READING_MS)
    page.evaluate(drop, list(b"not a picture at all"))
    expect(page.locator("#status")).to_contain_text("cannot be read", timeout=READING_MS)
    expect(page.locator("#text")).to_be_hidden()


def test_forms_of_other_sites_change_nothing(service: Service, admin: NewSecret) -> None:
    with httpx2.Client(base_url=service.url, trust_env=False) as http:
        http.post("/sign-in", data={"client_id": admin.client_id, "client_secret": admin.secret})
        assert http.cookies
        forged = http.post("/dashboard/create", data={"name": "forged", "tier": "free", "csrf": "0" * 64})
        assert (forged.status_code, forged.json()["code"]) == (403, "forbidden")
        assert http.post("/try", files={"file": ("a", b"a")}).status_code == 403
        assert "forged" not in http.get("/dashboard").text


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(service: Service, admin: NewSecret) -> None:
    form = {"client_id": admin.client_id, "client_secret": admin.secret}
    answer = httpx2.post(service.url + "/sign-in", data=form, trust_env=False)
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie


def test_strangers_may_try_where_that_is_allowed(browser: Browser, tmp_path: Path) -> None:
    with running.service(home=tmp_path, trial=True) as open_service:
        page = browser.new_page(base_url=open_service.url)
        page.goto("/")
        page.get_by_label("Picture or PDF").set_input_files(NOTE)
        expect(page.locator("#text")).to_have_text(NOTE_TEXT, timeout=READING_MS)
        page.close()
        answer = httpx2.get(open_service.url + "/v1/usage", trust_env=False)
        assert (answer.json()["tier"], answer.json()["month"]["calls"]) == ("trial", 1)
