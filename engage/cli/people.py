"""``engage people``: upkeep of what people are found by."""

from __future__ import annotations

import click

from engage.cli.context import runtime, told
from engage.services import find


@click.group()
def people() -> None:
    """People: how staff find them. Prints counts, never names or addresses."""


@people.command()
@told
def reindex() -> None:
    """Make the search index again, from what is kept of each person now.

    Needed after ENGAGE_INDEX_KEY was changed, or for people kept by a version without the index.
    Running it twice changes nothing.

    Example: engage people reindex
    """
    count = find.reindex(runtime())
    click.echo(f"{count} {'person' if count == 1 else 'people'} indexed")
