"""``engage clock``: the movable clock of development."""

from __future__ import annotations

import os
from datetime import datetime, timedelta

import click
from kombu.exceptions import KombuError

from engage.cli.context import Distance, Moment, fail, print_json, runtime, told
from engage.services import clock as service
from engage.services.clock import NotMovable, Stuck
from engage.tasks import BULK, CARE, UPKEEP, make_celery


@click.group()
def clock() -> None:
    """Move time, in development: see a course or a reminder arrive without waiting."""


@clock.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@told
def show(as_json: bool) -> None:
    """Show the movable clock and the real one.

    Example: engage clock show
    """
    reading = service.show(runtime())
    if as_json:
        print_json({"now": reading.now, "real": reading.real, "ahead_seconds": reading.ahead.total_seconds()})
    else:
        click.echo(f"now   {reading.now:%Y-%m-%d %H:%M:%S} UTC")
        click.echo(f"real  {reading.real:%Y-%m-%d %H:%M:%S} UTC")


@clock.command("set")
@click.argument("moment", type=Moment())
@told
def set_(moment: datetime) -> None:
    """Jump to MOMENT, without stopping at what falls due on the way.

    Example: engage clock set 2026-12-01T14:00:00Z
    """
    rt = runtime()
    try:
        service.set_to(rt, moment)
    except NotMovable as error:
        fail(str(error))
    click.echo(f"now {rt.now():%Y-%m-%d %H:%M:%S} UTC")


@clock.command(context_settings={"ignore_unknown_options": True})
@click.argument("distance", type=Distance())
@click.option(
    "--patience", default=service.PATIENCE_SECONDS, help="Seconds to wait for due work that does not move."
)
@told
def advance(distance: timedelta, patience: float) -> None:
    """Move ahead by DISTANCE, stopping wherever something falls due until it has been done.

    Example: engage clock advance 3d
    """
    rt = runtime()
    celery = make_celery(rt.settings.redis_url or os.environ.get("REDIS_URL", ""), lambda: rt)

    def wake() -> None:
        for task in (CARE, BULK, UPKEEP):
            try:
                celery.send_task(task, expires=2)
            except (OSError, KombuError):
                return  # Beat says the same once a second.

    def told_of(moment: datetime) -> None:
        click.echo(f"{moment:%Y-%m-%d %H:%M} UTC", err=True)

    try:
        now = service.advance(rt, distance, wake, told_of, patience)
    except (NotMovable, Stuck, ValueError) as error:
        fail(str(error))
    click.echo(f"now {now:%Y-%m-%d %H:%M:%S} UTC")


@clock.command()
@told
def reset() -> None:
    """Go back to real time.

    Example: engage clock reset
    """
    rt = runtime()
    try:
        service.reset(rt)
    except NotMovable as error:
        fail(str(error))
    click.echo(f"now {rt.now():%Y-%m-%d %H:%M:%S} UTC")
