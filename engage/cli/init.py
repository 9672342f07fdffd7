"""``engage init``: what a new installation needs."""

from __future__ import annotations

import os

import click

from engage.cli.context import told
from engage.keys import development_keys, fresh
from engage.runtime import build
from engage.settings import load
from engage.storage import schema


@click.command()
@click.option("--print-keys", is_flag=True, help="Only print fresh keys, as lines for an environment file.")
@told
def init(print_keys: bool) -> None:
    """Get a new installation ready: keys, clinic's file, templates, database. Twice does no harm.

    Example: engage init --print-keys > production.env
    """
    if print_keys:
        for name, value in fresh().items():
            click.echo(f"{name}={value}")
        return
    settings = load(os.environ)
    if settings.development:
        development_keys(settings.data_dir)
        click.echo(f"keys: {settings.data_dir}/keys.json", err=True)
    if not settings.database_url:
        from engage.cli.context import settings as running_settings

        settings = running_settings()
    runtime = build(settings)
    click.echo(f"clinic: {runtime.clinic.name}", err=True)
    click.echo(f"courses: {', '.join(runtime.library.courses)}", err=True)
    _, revision = schema.upgrade(runtime.engine)
    click.echo(f"database: revision {revision}", err=True)
    click.echo("ready")
