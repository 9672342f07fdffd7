"""``engage keys``: what other systems may ask the API for."""

from __future__ import annotations

from dataclasses import asdict

import click

from engage.cli.context import fail, print_json, runtime, told
from engage.domain.api_keys import SCOPE_WORDS, SCOPES, Scope
from engage.services import api_keys as service
from engage.services.api_keys import NoSuchKey
from engage.services.audit import CLI

_SCOPES = "What it may do; may be given several times. " + "; ".join(
    f"{scope}: {words}" for scope, words in SCOPE_WORDS.items()
)


@click.group()
def keys() -> None:
    """Keys of other systems for the API at /api/v1."""


@keys.command()
@click.argument("name")
@click.option("--scope", "scopes", type=click.Choice(SCOPES), multiple=True, required=True, help=_SCOPES)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@told
def create(name: str, scopes: tuple[Scope, ...], as_json: bool) -> None:
    """Make a key and print it. It is shown this once: only its hash is kept.

    Example: engage keys create "Practice software" --scope people:write --scope appointments:write
    """
    try:
        made = service.create(runtime(), CLI, name, scopes)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if as_json:
        print_json(asdict(made))
        return
    click.echo(made.key)
    click.echo(
        f"shown once; it may: {', '.join(made.scopes)}. End it with: engage keys revoke {made.prefix}",
        err=True,
    )


@keys.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@told
def list_(as_json: bool) -> None:
    """List the keys, oldest first: prefix, state, last day of use, scopes and name.

    Example: engage keys list
    """
    found = service.listing(runtime())
    if as_json:
        print_json([asdict(one) for one in found])
        return
    for one in found:
        state = "revoked" if one.revoked_at is not None else "works"
        used = str(one.last_used_on or "never used")
        click.echo(f"{one.prefix}  {state:<7}  {used:<10}  {' '.join(one.scopes)}  {one.name}")
    if not found:
        click.echo("no keys yet: engage keys create NAME --scope SCOPE", err=True)


@keys.command()
@click.argument("key", metavar="PREFIX")
@told
def revoke(key: str) -> None:
    """End a key, named by its prefix or id, from its next request on.

    Example: engage keys revoke k7m2q9xw
    """
    try:
        service.revoke(runtime(), CLI, key)
    except NoSuchKey:
        fail("No key that works has that prefix or id; `engage keys list` shows them.")
    click.echo("revoked")
