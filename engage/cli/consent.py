"""``engage consent``: the consent ledger."""

from __future__ import annotations

import click

from engage.cli.wishes import record


@click.group()
def consent() -> None:
    """The consent ledger. Prints ids, never names or addresses."""


consent.add_command(record)
