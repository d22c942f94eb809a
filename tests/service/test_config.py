from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from tests.pictures import ROOT
from unscrawl.exceptions import InvalidOption
from unscrawl.service.config import ServiceConfig, load_config, variable
from unscrawl.service.tiers import BUILT_IN, FREE, Tier

DOCUMENT = (ROOT / "docs" / "service.md").read_text(encoding="utf-8")


def test_flag_counts_over_environment_and_that_over_file(tmp_path: Path) -> None:
    file = tmp_path / "service.toml"
    file.write_text('port = 1\nhost = "file"\nworkers = 3\ncallback_hosts = ["a.example"]\n')
    config = load_config({"port": 3, "host": None}, {"UNSCRAWL_PORT": "2", "UNSCRAWL_HOST": "environment"}, file)
    assert (config.port, config.host, config.workers) == (3, "environment", 3)
    assert config.callback_hosts == ("a.example",)
    assert load_config({}, {"UNSCRAWL_CONFIG": str(file)}).port == 1


def test_environment_gives_every_kind_of_value() -> None:
    given = {
        "UNSCRAWL_TRIAL": "yes",
        "UNSCRAWL_SYNC_SECONDS": "1.5",
        "UNSCRAWL_CALLBACK_HOSTS": "a.example, b.example",
        "UNSCRAWL_HOME": "/data",
        "UNSCRAWL_DATABASE": "postgresql://u:p@h/n",
    }
    config = load_config({}, given)
    assert (config.trial, config.sync_seconds, config.home) == (True, 1.5, Path("/data"))
    assert config.callback_hosts == ("a.example", "b.example")
    assert (config.database_url, config.distributed) == ("postgresql+psycopg://u:p@h/n", True)


@pytest.mark.parametrize(
    "text",
    [
        "prot = 1",
        'port = "one"',
        "port = 70000",
        "port = true",
        "workers = -1",
        "host = 5",
        'database = "mysql://x"',
        "retention_hours = 0",
        "not toml",
        "[tiers.free]\ncalls = 1",
        "[tiers.free]\nmax_pages = 0",
        '[tiers.free]\nrequests_per_minute = "many"',
        "tiers.free = 5",
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "service.toml"
    file.write_text(text)
    with pytest.raises(InvalidOption):
        load_config({}, {}, file)


@pytest.mark.parametrize(("name", "value"), [("UNSCRAWL_PORT", "x"), ("UNSCRAWL_TRIAL", "maybe")])
def test_variables_that_make_no_sense_are_named(name: str, value: str) -> None:
    with pytest.raises(InvalidOption, match=name):
        load_config({}, {name: value})


def test_tiers_of_a_file_change_and_join_the_built_in(tmp_path: Path) -> None:
    file = tmp_path / "service.toml"
    file.write_text("[tiers.free]\ncalls_per_month = 0\npages_per_day = 7\n[tiers.big]\nmax_pages = 5000\n")
    tiers = load_config({}, {}, file).tiers
    assert (tiers["free"].calls_per_month, tiers["free"].pages_per_day) == (None, 7)
    assert tiers["free"].max_pages == FREE.max_pages
    assert tiers["big"].max_pages == 5000 and tiers["big"].calls_per_month is None
    assert BUILT_IN["free"].calls_per_month == 150


def rows() -> list[list[str]]:
    lines = [line for line in DOCUMENT.splitlines() if line.startswith("|")]
    return [[cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in lines]


def test_every_setting_is_documented_with_its_default() -> None:
    documented = {row[0]: row[1:3] for row in rows() if len(row) == 4 and row[1].startswith("UNSCRAWL_")}
    words = {"home": "~/.local/share/unscrawl", "database": "SQLite in home", "workers": "one a processor",
             "trial": "off", "callback_hosts": "none"}  # fmt: skip
    expected = {}
    for field in fields(ServiceConfig):
        if "file_only" not in field.metadata:
            default = field.default
            shown = f"{default:g}" if isinstance(default, int | float) else str(default)
            expected[field.name] = [variable(field.name), words.get(field.name, shown)]
    assert documented == expected


def test_every_tier_is_documented_with_its_limits() -> None:
    head = next(row for row in rows() if row[1:] == ["free", "standard", "trial"])
    documented = {row[0]: row[1:] for row in rows() if len(row) == len(head) and not row[0].startswith("--")}
    for field in fields(Tier):
        if field.name != "name":
            values = [getattr(BUILT_IN[name], field.name) for name in head[1:]]
            assert documented[field.name] == ["" if value is None else f"{value:g}" for value in values]


def test_every_route_is_documented() -> None:
    import tempfile

    from unscrawl.service.app import create_app

    with tempfile.TemporaryDirectory() as home:
        app = create_app(ServiceConfig(home=Path(home)))
        app.state.service.database.close()
        for path in app.openapi()["paths"]:
            shown = re.sub(r"\{.*?\}", "ID", path)
            assert shown in DOCUMENT, path
