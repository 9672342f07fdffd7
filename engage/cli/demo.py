"""``engage demo``: a clinic to look at."""

from __future__ import annotations

import click

from engage.cli.context import fail, runtime, told
from engage.services import demo as service


@click.command()
@click.option(
    "--people", type=click.IntRange(1, 2000), default=40, show_default=True, help="How many sign-ups."
)
@click.option("--seed", default=1, show_default=True, help="Another seed, other people.")
@told
def demo(people: int, seed: int) -> None:
    """Fill a development installation with invented people and 45 days of messages.

    Example: engage demo --people 40
    """
    try:
        filled = service.fill(runtime(), people, seed, lambda day: None)
    except service.NotForProduction as error:
        fail(str(error))
    click.echo(
        f"{filled.signups} sign-ups, {filled.people} of them confirmed, {filled.messages} messages, "
        f"{filled.requests} consultation requests; "
        "see /staff, /dev/mailbox and `engage messages list`"
    )
