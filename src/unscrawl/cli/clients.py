"""``unscrawl clients``: who may use the service."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from unscrawl.cli.service_flags import config_from_flags, open_database, service_flags
from unscrawl.exceptions import InvalidOption

if TYPE_CHECKING:
    from unscrawl.service.config import ServiceConfig
    from unscrawl.service.credentials import Credentials, NewSecret

__all__ = ["command"]

_HELP = {"help_option_names": ["-h", "--help"]}
_where = service_flags(("home", "database"))
_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("clients", context_settings=_HELP)
def command() -> None:
    """Make, list, rotate and revoke the credentials of the service's clients.

    They take effect at once, also while the service runs.
    """


@command.command("create", context_settings=_HELP)
@click.argument("name")
@click.option("--tier", default="free", show_default=True, metavar="TIER", help="How much it may use.")
@click.option("--admin", is_flag=True, help="It may sign in to the dashboard, and see and change all clients.")
@_as_json
@_where
def create(name: str, tier: str, admin: bool, as_json: bool, config_file: Path | None, **flags: Any) -> None:
    """Make a client, and print its id and its secret: the only time that the secret is to be seen."""
    config, credentials = _open(flags, config_file)
    if tier not in config.tiers:
        raise InvalidOption(f"There is no tier {tier!r}.", remedy=f"Tiers are {', '.join(config.tiers)}.")
    _show(credentials.create(name, tier, admin=admin), as_json)


@command.command("list", context_settings=_HELP)
@_as_json
@_where
def list_clients(as_json: bool, config_file: Path | None, **flags: Any) -> None:
    """List all clients with what they have used this month."""
    from dataclasses import asdict

    from unscrawl.service.quotas import this_month

    _, credentials = _open(flags, config_file)
    found = credentials.list(this_month())
    if as_json:
        click.echo(json.dumps([asdict(each) for each in found], ensure_ascii=False, indent=2))
        return
    click.echo(f"{'NAME':<24} {'CLIENT ID':<36} {'TIER':<10} {'CALLS':>7} {'PAGES':>7}  STATE")
    for each in found:
        state = "live" if each.revoked is None else f"revoked {datetime.fromtimestamp(each.revoked, UTC):%Y-%m-%d}"
        if each.admin:
            state += ", administrator"
        click.echo(
            f"{each.name:<24} {each.client_id:<36} {each.tier:<10} {each.calls_this_month:>7} "
            f"{each.pages_this_month:>7}  {state}"
        )


@command.command("rotate", context_settings=_HELP)
@click.argument("client")
@_as_json
@_where
def rotate(client: str, as_json: bool, config_file: Path | None, **flags: Any) -> None:
    """Give CLIENT (its name or id) a new secret; the one before works for 24 hours more."""
    _, credentials = _open(flags, config_file)
    _show(credentials.rotate(client), as_json)


@command.command("revoke", context_settings=_HELP)
@click.argument("client")
@_where
def revoke(client: str, config_file: Path | None, **flags: Any) -> None:
    """End all secrets and tokens of CLIENT (its name or id), now and for good."""
    _, credentials = _open(flags, config_file)
    credentials.revoke(client)
    click.echo(f"{client} is revoked.")


def _open(flags: dict[str, Any], config_file: Path | None) -> tuple[ServiceConfig, Credentials]:
    config = config_from_flags(flags, config_file)

    from unscrawl.service.credentials import Credentials

    return config, Credentials(open_database(config))


def _show(made: NewSecret, as_json: bool) -> None:
    entries = {"client_id": made.client_id, "client_secret": made.secret, "webhook_key": made.webhook_key}
    if as_json:
        click.echo(json.dumps(entries, indent=2))
        return
    for name, value in entries.items():
        click.echo(f"{name:<14} {value}")
    click.echo("The secret is not shown again.", err=True)
