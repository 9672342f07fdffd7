"""``engage consent record``: what a person said to staff."""

from __future__ import annotations

from uuid import UUID

import click

from engage.cli.context import MessageId, fail, runtime, told
from engage.domain.messages import CHANNELS, Channel
from engage.services import wishes as service
from engage.services.audit import CLI
from engage.services.wishes import Wish


@click.command()
@click.argument("person", type=MessageId())
@click.option("--channel", type=click.Choice(CHANNELS), required=True)
@click.option("--stop", "wish", flag_value="stop", help="They want no more of it.")
@click.option("--start", "wish", flag_value="start", help="What they agreed to before may come again.")
@click.option("--source", type=click.Choice(tuple(service.SOURCES)), required=True, help="How they said it.")
@told
def record(person: UUID, channel: Channel, wish: Wish | None, source: str) -> None:
    """Note what PERSON (an id) said to you about messages. Noting it twice changes nothing.

    A stop holds at once: nothing is sent after it, to nobody who has the number. A start brings back what the person
    had agreed to, and nothing else.

    Example: engage consent record 019ab1c2-... --channel sms --stop --source telephone
    """
    if wish is None:
        raise click.UsageError("say --stop or --start")
    recorded = service.record(runtime(), CLI, person, channel, wish, source)
    if recorded is None:
        fail("There is no such person; `engage messages list` shows ids.")
    what = "text messages" if channel == "sms" else "email"
    if wish == "stop":
        click.echo(f"no more {what}; {recorded.changed} consents withdrawn")
    else:
        click.echo(f"{recorded.changed} consents to {what} came back")
