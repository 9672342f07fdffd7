"""``engage consent record``: what a person said to staff."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

import click

from engage.cli.context import MessageId, fail, runtime, told
from engage.domain.forms import InvalidInput
from engage.domain.messages import CHANNELS, Channel
from engage.services import news_consent
from engage.services import wishes as service
from engage.services.audit import CLI
from engage.services.preferences import mark_of
from engage.services.wishes import Wish

News = Literal["news", "no-news"]
_NOBODY = "There is no such person; `engage messages list` shows ids."


@click.command()
@click.argument("person", type=MessageId())
@click.option("--channel", type=click.Choice(CHANNELS))
@click.option("--stop", "wish", flag_value="stop", help="They want no more of it.")
@click.option("--start", "wish", flag_value="start", help="What they agreed to before may come again.")
@click.option("--news", "wish", flag_value="news", help="They said yes to news by email.")
@click.option("--no-news", "wish", flag_value="no-news", help="They want no more news; all else goes on.")
@click.option("--yes", is_flag=True, help="Does not ask whether the sentence was read.")
@click.option("--source", type=click.Choice(tuple(service.SOURCES)), required=True, help="How they said it.")
@told
def record(person: UUID, channel: Channel | None, wish: Wish | News | None, yes: bool, source: str) -> None:
    """Note what PERSON (an id) said to you about messages. Noting it twice changes nothing.

    A stop holds at once: nothing is sent after it, to nobody who has the number. A start brings back what the person
    had agreed to, and nothing else. For a yes to news the sentence is shown, and you are asked whether you read it to
    them; a letter tells them.

    Example: engage consent record 019ab1c2-... --channel sms --stop --source telephone
    """
    if wish == "news" or wish == "no-news":
        _news(person, channel, wish, yes, source)
        return
    if wish is None or channel is None:
        raise click.UsageError("say --stop or --start, and --channel; or --news or --no-news")
    recorded = service.record(runtime(), CLI, person, channel, wish, source)
    if recorded is None:
        fail(_NOBODY)
    what = "text messages" if channel == "sms" else "email"
    if wish == "stop":
        click.echo(f"no more {what}; {recorded.changed} consents withdrawn")
    else:
        click.echo(f"{recorded.changed} consents to {what} came back")


def _news(person: UUID, channel: Channel | None, wish: News, yes: bool, source: str) -> None:
    if channel is not None:
        raise click.UsageError(
            "leave --channel out: no news is for all, and a yes is to email; to texts they agree on the preference page"
        )
    rt = runtime()
    if wish == "no-news":
        stopped = news_consent.stop(rt, CLI, person, source)
        if stopped is None:
            fail(_NOBODY)
        click.echo("no more news" if stopped else "no news went to them")
        return
    words = news_consent.wording(rt)
    if not yes:
        click.confirm(f"“{words}”\nDid you read them this, and they said yes?", abort=True)
    try:
        recorded = news_consent.agree(rt, CLI, person, source, mark_of(words))
    except InvalidInput as error:
        fail(error.errors["wish"])
    if recorded is None:
        fail(_NOBODY)
    click.echo(
        "news by email: noted, a letter tells the person" if recorded else "they had agreed to it already"
    )
