"""``engage instance``: whether this database may send, and a person's word that it may."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import click

from engage.cli.context import print_json, runtime, told
from engage.services import instance as service
from engage.services import restored
from engage.services.restored import LaneDue


@click.group()
def instance() -> None:
    """Whether this database may send. A restored copy may not, until a person accepts it."""


@instance.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@told
def show(as_json: bool) -> None:
    """Show whether this database may send, since when, and what is due now.

    Example: engage instance show
    """
    rt = runtime()
    standing, lanes = service.standing(rt), restored.would_leave(rt)
    if as_json:
        print_json({**asdict(standing), "lanes": [{**asdict(x), "leaving": x.leaving} for x in lanes]})
        return
    click.echo("sends" if standing.may_send else f"does NOT send: {standing.why}")
    click.echo(
        f"epoch {standing.epoch}, since {standing.accepted_at:%Y-%m-%d %H:%M:%S} UTC, by {standing.accepted_by}"
    )
    _show(lanes)


@instance.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--hold-due", is_flag=True, help="What is due now does not leave: it waits for staff, message by message."
)
@told
def accept(yes: bool, hold_due: bool) -> None:
    """Say that this database is the one that sends. Shows first what would leave at once, and asks.

    After a restore, what left since the backup was made is due again: --hold-due keeps it back.

    Example: engage instance accept --hold-due
    """
    rt = runtime()
    standing = service.standing(rt)
    if standing.may_send:
        click.echo("this database sends already: there is nothing to accept")
        return
    click.echo(f"This database does not send: {standing.why}.", err=True)
    lanes = restored.would_leave(rt)
    _show(lanes, err=True)
    if not yes:
        question = (
            "Hold these, and send from now on?" if hold_due else "Let these leave, and send from now on?"
        )
        click.confirm(question, abort=True, err=True)
    if hold_due:
        click.echo(f"held {restored.hold_due(rt)} message(s): `engage messages list --status held`")
    click.echo(f"accepted: epoch {service.accept(rt)}")


@instance.command()
@told
def hold() -> None:
    """Let nothing leave until somebody accepts this database again.

    Before workers start on a database that was restored from a disk or to a point in time, and whenever all
    sending must stop at once.

    Example: engage instance hold
    """
    service.hold(runtime())
    click.echo("held: nothing leaves until `engage instance accept`")


def _show(lanes: Sequence[LaneDue], err: bool = False) -> None:
    if not lanes:
        click.echo("nothing is due now", err=err)
    for one in lanes:
        late = f", {one.too_late} too late: they expire" if one.too_late else ""
        click.echo(
            f"  {one.lane:<10} {one.leaving} would leave{late}; due since {one.oldest:%Y-%m-%d %H:%M} UTC",
            err=err,
        )
