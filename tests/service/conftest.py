from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import pytest
from PIL import Image

from tests.pictures import printed
from tests.service import postgres, running
from unscrawl.service.database import Database
from unscrawl.service.jobs import JobStore
from unscrawl.service.quotas import Quotas
from unscrawl.service.tiers import BUILT_IN, Tier

BACKENDS = ["sqlite", "postgresql"]


@pytest.fixture(scope="session")
def cluster() -> Iterator[postgres.Cluster]:
    programs = postgres.find_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed")
    with postgres.cluster(programs) as made:
        yield made


@pytest.fixture(scope="session")
def new_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """Makes an empty database of a backend; gives its URL, as the configuration takes it."""

    def make(backend: str) -> str:
        if backend == "sqlite":
            return f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'service.db'}"
        cluster: postgres.Cluster = request.getfixturevalue("cluster")
        return cluster.new_database()

    return make


@pytest.fixture(params=BACKENDS)
def database_url(request: pytest.FixtureRequest, new_database: Callable[[str], str]) -> str:
    return new_database(request.param)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url.replace("postgresql://", "postgresql+psycopg://"))
    made.migrate()
    yield made
    made.close()


TEST_TIERS = {
    **BUILT_IN,
    "tight": Tier(name="tight", requests_per_minute=5, concurrent_jobs=2, calls_per_month=10, pages_per_day=3),
}


@pytest.fixture
def quotas(database: Database) -> Quotas:
    return Quotas(database, TEST_TIERS)


@pytest.fixture
def store(database: Database, quotas: Quotas) -> JobStore:
    return JobStore(database, quotas, queue_limit=20)


@pytest.fixture(scope="session", params=BACKENDS)
def served(
    request: pytest.FixtureRequest, new_database: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[running.Service]:
    """One running service for all tests that do not change how it runs; each makes clients of its own."""
    home = tmp_path_factory.mktemp("home")
    with running.service(
        home=home, database=new_database(request.param), tiers=TEST_TIERS, sync_seconds=120
    ) as service:
        yield service


def png(*lines: str) -> bytes:
    """A picture of printed lines."""
    file = io.BytesIO()
    Image.fromarray(printed(lines)).save(file, "PNG")
    return file.getvalue()
