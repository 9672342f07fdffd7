"""``engage dev run``: what ``make run`` starts."""

from __future__ import annotations

import click

from engage.dev import supervisor


@click.group()
def dev() -> None:
    """Development on this machine, with embedded servers."""


@dev.command()
def run() -> None:
    """Start PostgreSQL, Valkey, web, worker and beat; Ctrl-C stops them and keeps the data.

    Example: engage dev run
    """
    raise SystemExit(supervisor.run())
