"""``engage golive``: the list that ends trial mode."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC

import click

from engage.cli.context import fail, print_json, runtime, told
from engage.domain.go_live import Item
from engage.services import go_live as service
from engage.services.audit import CLI


@click.group()
def golive() -> None:
    """Trial mode: a new production installation sends only to staff until this list is done."""


@golive.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@told
def show(as_json: bool) -> None:
    """Show whether messages go to everybody, what is left to do, and what waits.

    Example: engage golive show
    """
    standing = service.see(runtime())
    if as_json:
        items = [{**asdict(item), "done": item.done} for item in standing.items]
        waiting = [one._asdict() for one in standing.waiting]
        print_json({**asdict(standing), "items": items, "waiting": waiting})
        return
    if standing.live_at is not None:
        click.echo(
            f"live since {standing.live_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC, by {standing.live_by}"
        )
        return
    click.echo(
        "trial mode: only staff get messages"
        if standing.on_trial
        else "development, which always sends; in production this would be the list"
    )
    for item in standing.items:
        _tell(item)
    for one in standing.waiting:
        click.echo(
            f"  {one.purpose}: {one.messages} wait, of use until {one.first:%Y-%m-%d %H:%M} UTC or later"
        )


@golive.command()
@click.argument("item")
@click.option("--undo", is_flag=True, help="Take it back.")
@told
def tick(item: str, undo: bool) -> None:
    """Say that an item of the list is done, where only a person can know.

    Example: engage golive tick backup
    """
    rt = runtime()
    try:
        changed = service.tick(rt, CLI, item, done=not undo)
    except service.NobodyIsAsked:
        asked = [one.slug for one in service.see(rt).items if one.about is not None]
        if not asked:
            fail("It is live: there is nothing to tick.")
        raise click.BadParameter(
            f"the system sees that for itself, or there is no such item; people are asked for: {', '.join(asked)}",
            param_hint="ITEM",
        ) from None
    click.echo(("taken back" if undo else "noted") if changed else "it was so already: nothing was changed")


@golive.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@told
def start(yes: bool) -> None:
    """End trial mode: from now on messages go to everybody. There is no way back.

    Example: engage golive start
    """
    rt = runtime()
    standing = service.see(rt)
    if standing.live_at is not None:
        click.echo("live already: nothing was changed")
        return
    if not standing.left and not yes:
        waiting = sum(one.messages for one in standing.waiting)
        click.confirm(f"{waiting} message(s) wait. Let messages go to everybody?", abort=True, err=True)
    try:
        woken = service.start(rt, CLI)
    except service.NotReady as error:
        for item in error.items:
            _tell(item, err=True)
        fail("Not yet: the list is not done.")
    click.echo(f"live: {woken} message(s) that waited are looked at now")


def _tell(item: Item, err: bool = False) -> None:
    click.echo(f"{'done' if item.done else 'to do':<6} {item.slug:<11} {item.words}", err=err)
    if not item.done:
        click.echo(f"{'':<18} -> {item.cure}", err=err)
