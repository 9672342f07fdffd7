"""``engage db``: the database's schema."""

from __future__ import annotations

import click
from sqlalchemy import Engine

from engage.cli.context import fail, settings, told
from engage.storage import schema
from engage.storage.database import DatabaseUrlError, make_engine


@click.group()
def db() -> None:
    """The database's schema."""


@db.command()
@told
def upgrade() -> None:
    """Bring the database to the schema that this code needs. Twice does no harm.

    Example: engage db upgrade
    """
    try:
        before, after = schema.upgrade(_engine())
    except schema.UpgradeInTheWayError as error:
        fail(str(error))
    click.echo(f"database at revision {after}" + ("" if before == after else f" (was {before or 'empty'})"))


@db.command()
@told
def check() -> None:
    """Say whether the database has the schema that this code needs; exit 1 if not.

    Example: engage db check
    """
    found, wanted = schema.current(_engine()), schema.wanted()
    if found != wanted:
        fail(f"database at revision {found or 'none'}, this code needs {wanted}: run `engage db upgrade`")
    click.echo(f"database at revision {found}")


def _engine() -> Engine:
    try:
        return make_engine(settings().database_url, pool_size=1)
    except DatabaseUrlError as error:
        fail(str(error))
